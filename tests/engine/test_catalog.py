"""What is listed of a backup set on a real folder, through a real shell, whatever lies beside it."""

from __future__ import annotations

import asyncio
import dataclasses
import json
import os
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from sparkdr_tui.backups.catalog import (
    AgeBand,
    Backup,
    Catalog,
    age_band,
    changes,
    list_backups,
    newest_usable,
    read_catalog,
    rpo_of,
)
from sparkdr_tui.backups.listing import read_listing
from sparkdr_tui.errors import SparkdrError
from sparkdr_tui.plan.load import load
from sparkdr_tui.plan.runbook import Plan
from sparkdr_tui.reach.local import LocalShell

PLAN = """
name: Here
nodes:
  here:
    title: Here
    role: everything
    criticality: high
    address: 127.0.0.1
    os: linux
    env: {{ BACKUP_DIR: {folder}, BACKUP_MOUNT: {mount}, NOWHERE: "", PATH: {path} }}
services:
  db: {{ title: DB, on: here, port: 1, probe: {{ tcp: {{}} }}, rpo: 1h }}
backup_sets:
  postgres:
    {{ title: PostgreSQL, on: here, dir: $BACKUP_DIR, name: "postgres_{{stamp}}.sql.gz", every: 1h, keep: 7d,
      services: [db], rpo: 2h }}
  minio: {{ title: MinIO, on: here, dir: "${{BACKUP_DIR}}/", name: "minio_assets_{{stamp}}/", every: 1d, keep: 30d }}
  lost: {{ title: Lost, on: here, dir: $NOWHERE/x, name: "x_{{stamp}}", every: 1d, keep: 30d }}
  drive:
    {{ title: Drive, on: here, dir: $BACKUP_DIR, name: "postgres_{{stamp}}.sql.gz", every: 1h, keep: 7d,
      must_be_mounted: true }}
"""
MANIFEST = """manifest 1
size {size}
sha256 {sha}
snapshot 2026-11-23T03:00:00Z
rows public.users 200
rows public.odd name 7
rows public.broken many
tool pg_dump (PostgreSQL) 15.4
"""


def plan_for(tmp_path: Path, folder: Path, mounts: str = "") -> Plan:
    """A plan whose set lives in `folder`, on a node where `mount` prints `mounts`."""
    tools = tmp_path / "tools"
    tools.mkdir()
    (tools / "mount").write_text(f"#!/bin/sh\ncat <<'END'\n{mounts}\nEND\n")
    (tools / "mount").chmod(0o755)
    plan = tmp_path / "plan"
    plan.mkdir()
    values = {"folder": folder, "mount": folder.parent, "path": f"{tools}:/usr/bin:/bin"}
    text = PLAN.format(**{name: json.dumps(str(value)) for name, value in values.items()})
    (plan / "plan.yaml").write_text(text, encoding="utf-8")
    return load(plan)


def put(folder: Path, name: str, content: bytes = b"data", manifest_size: int | None = None) -> Path:
    path = folder / name
    path.write_bytes(content)
    if manifest_size is not None:
        (folder / f"{name}.manifest").write_text(MANIFEST.format(size=manifest_size, sha="0" * 64))
    return path


def catalogued(plan: Plan, set_id: str = "postgres") -> Catalog:
    return asyncio.run(read_catalog(plan, set_id, LocalShell()))


def listed(plan: Plan, set_id: str = "postgres") -> tuple[Backup, ...]:
    return asyncio.run(list_backups(plan, set_id, LocalShell()))


def test_only_whole_names_of_the_set_are_listed_newest_first(tmp_path: Path) -> None:
    folder = tmp_path / "back ups $(touch hacked) 'x\" 한국"
    folder.mkdir()
    put(folder, "postgres_20261122_020000.sql.gz")
    put(folder, "postgres_20261123_020000.sql.gz")
    for foreign in [
        "postgres_20261123_030000.sql.gz.part",
        ".postgres_20261123_030000.sql.gz.tmp",
        "postgres_20261323_030000.sql.gz",
        "postgres_2026.sql.gz",
        "postgres_20261123_030000.sql.gz\n",
        "postgres_20261123_040000.sql.gz; $(touch hacked)",
        "redis_20261123_030000.rdb",
        "postgres_20261122_020000.sql.gz.sha256",
        "a name\nwith a newline and 'quotes\"",
    ]:
        put(folder, foreign)
    (folder / "postgres_20261123_050000.sql.gz").mkdir()
    found = listed(plan_for(tmp_path, folder))
    assert [backup.name for backup in found] == ["postgres_20261123_020000.sql.gz", "postgres_20261122_020000.sql.gz"]
    assert Path(found[0].path).read_bytes() == b"data"
    assert not list(tmp_path.rglob("hacked*"))


def test_the_manifest_makes_a_backup_complete_and_says_when_and_what(tmp_path: Path) -> None:
    put(tmp_path, "postgres_20261123_050000.sql.gz", b"12345", manifest_size=5)
    put(tmp_path, "postgres_20261123_040000.sql.gz", b"123", manifest_size=5)
    put(tmp_path, "postgres_20261123_020000.sql.gz", b"12345")
    put(tmp_path, "postgres_20261123_010000.sql.gz", b"")
    put(tmp_path, "postgres_20261123_000000.sql.gz", b"12345")
    (tmp_path / "postgres_20261123_000000.sql.gz.manifest").write_bytes(b"\n\0\n")
    found = {backup.name[9:24]: backup for backup in listed(plan_for(tmp_path, tmp_path))}
    complete = {name: backup.complete for name, backup in found.items()}
    assert complete == {
        "20261123_050000": True,
        "20261123_040000": False,
        "20261123_020000": None,
        "20261123_010000": False,
        "20261123_000000": False,
    }
    whole = found["20261123_050000"]
    assert (whole.size, whole.rows) == (5, {"public.users": 200, "public.odd name": 7})
    assert whole.taken_at == datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
    local = datetime(2026, 11, 23, 2, 0).astimezone()
    assert found["20261123_020000"].taken_at == local


VERIFIED = "at 2026-11-23T05:00:00Z\nrun LAB-0001\n"


@pytest.mark.parametrize(
    ("said", "intact", "restored", "usable"),
    [
        ("result ok\n", True, True, True),
        ("result ok\nintact yes\nrestored yes\n", True, True, True),
        ("result ok\nintact yes\n", True, None, True),
        ("result failed\nintact no\ndetail the hash differs\n", False, None, False),
        ("result failed\nintact yes\nrestored no\n", True, False, False),
        ("result failed\nintact yes\n", True, None, False),
        ("result bad\n", False, False, False),
        ("result ok\nintact no\n", False, None, False),
        ("result ok\nintact maybe\nrestored certainly\n", None, None, True),
        ("intact yes\nrestored yes\n", None, None, True),
        ("\0\n", None, None, True),
    ],
)
def test_only_what_a_verification_established_is_known(
    tmp_path: Path, said: str, intact: bool | None, restored: bool | None, usable: bool
) -> None:
    path = put(tmp_path, "postgres_20261123_010000.sql.gz", b"12345", manifest_size=5)
    Path(f"{path}.verified").write_text(VERIFIED + said)
    (found,) = listed(plan_for(tmp_path, tmp_path))
    assert (found.exists, found.intact, found.complete, found.restored) == (True, intact, True, restored)
    assert found.usable is usable
    if "result" in said:
        assert (found.verified_at, found.verified_by) == (datetime(2026, 11, 23, 5, 0, tzinfo=UTC), "LAB-0001")
    assert found.detail == ("the hash differs" if "differs" in said else "")


def test_a_backup_of_the_documents_own_script_is_usable_and_nothing_more_is_claimed(tmp_path: Path) -> None:
    put(tmp_path, "postgres_20261123_010000.sql.gz", b"12345")
    (found,) = listed(plan_for(tmp_path, tmp_path))
    assert (found.exists, found.intact, found.complete, found.restored) == (True, None, None, None)
    assert found.usable and not found.known_good


def test_a_manifest_without_its_backup_is_a_backup_that_is_gone(tmp_path: Path) -> None:
    put(tmp_path, "postgres_20261123_010000.sql.gz", b"12345", manifest_size=5).unlink()
    plan = plan_for(tmp_path, tmp_path)
    (gone,) = catalogued(plan).backups
    assert (gone.exists, gone.usable, gone.size) == (False, False, 5)
    assert listed(plan) == ()


def test_what_interrupted_backups_left_is_found_by_names_that_only_backups_use(tmp_path: Path) -> None:
    ours = [
        ".postgres_20261123_010000.sql.gz.part",
        ".postgres_20261123_010000.sql.gz.manifest.part",
        "postgres_20261123_010000.sql.gz.sha256",
    ]
    others = [".postgres_mine.sql.gz.part", ".postgres_20261123_010000.sql.gz", ".redis_20261123_010000.rdb.part"]
    for name in [*ours, *others, ".postgres_20261123_010000.sql.gz.a b.part", "a.part"]:
        put(tmp_path, name)
    (tmp_path / ".postgres_20261123_020000.sql.gz.part").symlink_to(tmp_path / "a.part")
    put(tmp_path, "postgres_20261123_030000.sql.gz", b"12345", manifest_size=5)
    put(tmp_path, "postgres_20261123_030000.sql.gz.sha256")
    left = catalogued(plan_for(tmp_path, tmp_path)).leftovers
    assert sorted(each.name for each in left) == sorted(ours)


def test_backups_that_are_folders_are_complete_by_their_manifest(tmp_path: Path) -> None:
    for day in (21, 22):
        (tmp_path / f"minio_assets_202611{day}_020000" / "deep").mkdir(parents=True)
        (tmp_path / f"minio_assets_202611{day}_020000" / "deep" / "object").write_bytes(b"x" * 100)
    (tmp_path / "minio_assets_20261122_020000.manifest").write_text("manifest 1\nsize 100\nobjects 1\n")
    put(tmp_path, "minio_assets_20261123_020000")
    found = listed(plan_for(tmp_path, tmp_path), "minio")
    assert [(b.name, b.size, b.complete) for b in found] == [
        ("minio_assets_20261122_020000", 100, True),
        ("minio_assets_20261121_020000", 100, None),
    ]


@pytest.mark.parametrize(
    ("mounts", "there"),
    [
        ("/dev/disk4s1 on {place} (apfs, local, journaled)", True),
        ("/dev/sdb1 on {place} type ext4 (rw,relatime)", True),
        ("/dev/disk1s1 on / (apfs)\n/dev/disk4s1 on {place}-other (apfs)", False),
        ("/dev/disk1s1 on / (apfs)", False),
        ("", False),
    ],
)
def test_a_set_on_a_drive_is_refused_while_the_drive_is_not_mounted(tmp_path: Path, mounts: str, there: bool) -> None:
    folder = tmp_path / "Backup" / "sparklio"
    folder.mkdir(parents=True)
    put(folder, "postgres_20261122_020000.sql.gz")
    plan = plan_for(tmp_path, folder, mounts.format(place=folder.parent))
    if there:
        assert len(listed(plan, "drive")) == 1
        return
    with pytest.raises(SparkdrError, match="not mounted on here") as problem:
        listed(plan, "drive")
    assert str(folder.parent) in problem.value.message


def test_a_folder_that_is_not_there_is_said_plainly(tmp_path: Path) -> None:
    with pytest.raises(SparkdrError, match=r"cannot be read: .*/nowhere: No such file") as problem:
        listed(plan_for(tmp_path, tmp_path / "nowhere"))
    assert "\n" not in problem.value.message
    with pytest.raises(SparkdrError, match=r"names \$NOWHERE, which here does not have"):
        listed(load(tmp_path / "plan"), "lost")


def test_a_folder_that_may_not_be_read_is_said_with_what_to_look_at(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir()
    if os.getuid() == 0:  # root may read everything but what is no folder
        closed.rmdir()
        closed.touch()
    closed.chmod(0)
    with pytest.raises(SparkdrError, match=r"cannot be read: .*/closed: (Permission denied|Not a directory)"):
        listed(plan_for(tmp_path, closed))


def test_an_unreadable_manifest_does_not_hide_its_backup(tmp_path: Path) -> None:
    path = put(tmp_path, "postgres_20261122_020000.sql.gz", manifest_size=4)
    manifest = Path(f"{path}.manifest")
    manifest.unlink()
    manifest.mkdir()
    assert len(listed(plan_for(tmp_path, tmp_path))) == 1


def test_a_folder_of_ten_thousand_files_is_listed(tmp_path: Path) -> None:
    start = time.mktime((2026, 1, 1, 0, 0, 0, 0, 0, -1))
    for at in range(3_334):
        stamp = time.strftime("%Y%m%d_%H%M%S", time.localtime(start + at * 7200))
        (tmp_path / f"postgres_{stamp}.sql.gz").write_bytes(b"12345")
        (tmp_path / f"postgres_{stamp}.sql.gz.manifest").write_text(f"manifest 1\nsize 5\nrun INC-{at}\n")
        (tmp_path / f"$(touch hacked) '{at}\n\".sql.gz").touch()
    plan = plan_for(tmp_path, tmp_path)
    began = time.perf_counter()
    found = listed(plan)
    took = time.perf_counter() - began
    assert len(found) >= 3_330  # one or two stamps are the same hour of a clock that was set back
    assert all(backup.complete and backup.made_by for backup in found)
    assert found == tuple(sorted(found, key=lambda backup: backup.taken_at, reverse=True))
    assert took < 10, f"listing took {took:.1f} s"


def test_a_folder_has_the_size_of_its_manifest_and_what_was_not_counted_is_compared_with_nothing(
    tmp_path: Path,
) -> None:
    plan = plan_for(tmp_path, tmp_path)
    (tmp_path / "minio_assets_20261121_020000").mkdir()
    (tmp_path / "minio_assets_20261121_020000.manifest").write_text("manifest 1\nsize 123456\nobjects 9\n")
    (tmp_path / "minio_assets_20261122_020000" / "a").mkdir(parents=True)
    for at in range(60):
        (tmp_path / "minio_assets_20261122_020000" / "a" / f"{at}").write_bytes(b"x" * 10)
    newer, older = listed(plan, "minio")
    assert (older.size, older.counted, older.complete) == (123456, True, True)
    assert (newer.size, newer.counted, newer.complete) == (600, True, None)
    assert changes([newer, older]) == {newer.path: 600 - 123456}
    hasty = dataclasses.replace(newer, counted=False)
    assert changes([hasty, older]) == {}


def test_an_answer_that_is_cut_off_is_no_answer() -> None:
    whole = b"noise\0sparkdr-listing\0\n\0backup\0n\x001\0there\x002\0\0\0\0\0\n\0folder\0/b\0\n\0end\0\n\0"
    listing = read_listing(whole)
    assert listing is not None and listing.found[0].name == "n"
    assert [read_listing(whole[:cut]) for cut in range(len(whole))] == [None] * len(whole)


# -- choosing ------------------------------------------------------------------------------------------

NOW = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)


def backup(hours: float, complete: bool | None, intact: bool | None = None) -> Backup:
    return Backup("postgres", f"/b/{hours}", str(hours), NOW - timedelta(hours=hours), 5, complete, intact)


def test_the_newest_usable_is_a_known_one_before_an_unknown_one() -> None:
    unknown, complete, verified, bad = backup(1, None), backup(2, True), backup(3, None, True), backup(0.5, False)
    assert newest_usable([unknown, complete, verified, bad]) is complete
    assert newest_usable([unknown, verified, bad]) is verified
    assert newest_usable([bad, unknown]) is unknown
    assert newest_usable([bad, backup(0.1, True, False)]) is None
    assert newest_usable([]) is None


def test_age_is_told_in_rpos_and_never_green_without_one() -> None:
    hour = timedelta(hours=1)
    ages = [age_band(backup(hours, True), hour, NOW) for hours in (0.5, 1, 1.5, 3, 4.5)]
    assert ages == [AgeBand.WITHIN, AgeBand.WITHIN, AgeBand.TWICE, AgeBand.FOURFOLD, AgeBand.BEYOND]
    assert age_band(backup(0.1, True), None, NOW) is AgeBand.UNKNOWN
    assert age_band(None, hour, NOW) is AgeBand.UNKNOWN


def test_the_strictest_promise_is_the_rpo_of_a_set(tmp_path: Path) -> None:
    plan = plan_for(tmp_path, tmp_path)
    assert rpo_of(plan, "postgres") == timedelta(hours=1)
    assert rpo_of(plan, "minio") is None
