"""What is listed of a backup set on a real folder, through a real shell, whatever lies beside it."""

from __future__ import annotations

import asyncio
import json
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from sparkdr_tui.backups.catalog import AgeBand, Backup, age_band, list_backups, newest_usable, rpo_of
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


def test_a_verification_is_read_with_its_result(tmp_path: Path) -> None:
    for hour, said in ((1, "at 2026-11-23T05:00:00Z\nrun LAB-0001\nresult ok\n"), (2, "result bad\n"), (3, "\n")):
        path = put(tmp_path, f"postgres_20261123_0{hour}0000.sql.gz", b"12345", manifest_size=5)
        Path(f"{path}.verified").write_text(said)
    three, two, one = sorted(listed(plan_for(tmp_path, tmp_path)), key=lambda each: each.name, reverse=True)
    assert (one.intact, one.verified_at) == (True, datetime(2026, 11, 23, 5, 0, tzinfo=UTC))
    assert (two.intact, two.usable) == (False, False)
    assert (three.intact, three.verified_at) == (None, None)


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


def test_an_unreadable_manifest_does_not_hide_its_backup(tmp_path: Path) -> None:
    path = put(tmp_path, "postgres_20261122_020000.sql.gz", manifest_size=4)
    manifest = Path(f"{path}.manifest")
    manifest.unlink()
    manifest.mkdir()
    assert len(listed(plan_for(tmp_path, tmp_path))) == 1


def test_ten_thousand_backups_are_listed(tmp_path: Path) -> None:
    start = time.mktime((2026, 1, 1, 0, 0, 0, 0, 0, -1))
    for at in range(10_000):
        stamp = time.strftime("%Y%m%d_%H%M%S", time.localtime(start + at * 7200))
        (tmp_path / f"postgres_{stamp}.sql.gz").write_bytes(b"x")
    found = listed(plan_for(tmp_path, tmp_path))
    assert len(found) >= 9_990  # one or two stamps are the same hour of a clock that was set back
    assert found == tuple(sorted(found, key=lambda backup: backup.taken_at, reverse=True))


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
