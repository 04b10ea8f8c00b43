"""Second places: what a plan may say of them, what is seen in them, and copies there and back on real folders."""

from __future__ import annotations

import asyncio
import hashlib
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from sparkdr_tui.backups.catalog import AgeBand
from sparkdr_tui.backups.offsite import Second, Standing, copy_band, copy_rpo, list_copies, second_of, standing
from sparkdr_tui.commands.copies import document, told
from sparkdr_tui.errors import SparkdrError
from sparkdr_tui.plan.check import static_warnings
from sparkdr_tui.plan.load import load
from sparkdr_tui.reach.pool import Reach
from sparkdr_tui.record.decisions import Retry, RunRequest
from sparkdr_tui.record.events import StepProgressed
from sparkdr_tui.record.journal import read
from sparkdr_tui.record.state import Phase
from sparkdr_tui.recover.rehearsal.rehearse import rehearse
from sparkdr_tui.watch import s3
from tests.engine.local_runs import Bench, bench
from tests.engine.plans import change, complaints, sample_plan_folder

TAKEN = datetime(2026, 11, 23, 3, tzinfo=UTC)
PLAN = """
name: Two places
nodes:
  here:
    {{ title: Here, role: everything, criticality: high, address: 127.0.0.1, os: linux, env: {{ FOLDER: "{folder}" }} }}
  there:
    {{ title: There, role: keeps, criticality: low, address: 127.0.0.1, os: linux, env: {{ SAFE: "{folder}/safe" }} }}
services:
  web: {{ title: Web, on: here, port: {port}, probe: {{ tcp: {{ timeout: 1s }} }}, rto: 10m, rpo: 1h }}
backup_sets:
  notes:
    {{ title: Notes, on: here, dir: $FOLDER/backups, name: "notes_{{stamp}}.sql.gz", every: 1h, keep: 7d,
      services: [web], copy_to: {{ node: there, dir: "$SAFE/it's; $(touch hacked)", rpo: 1d }} }}
  pictures:
    {{ title: Pictures, on: here, dir: $FOLDER/backups, name: "pictures_{{stamp}}/", every: 1d, keep: 30d, rpo: 1d,
      copy_to: {{ node: there, dir: "$SAFE/it's; $(touch hacked)" }} }}
  cloud:
    {{ title: Cloud, on: here, dir: $FOLDER/backups, name: "cloud_{{stamp}}", every: 1d, keep: 30d,
      copy_to: {{ url: "http://127.0.0.1:{port}", bucket: b, access_key: A, secret_key: S }} }}
  homely: {{ title: Homely, on: here, dir: $FOLDER/backups, name: "homely_{{stamp}}", every: 1d, keep: 30d }}
secrets: {{ A: {{ env: TEST_DB_PASSWORD }}, S: {{ env: TEST_DB_PASSWORD }} }}
"""
RUNBOOK = """
id: mend
title: There and back
inputs: {{ NOTES: {{ pick: notes }} }}
steps:
  - {{ id: copy, title: Copy, s3: {{ offsite: {set}, direction: {direction} }} }}
  - id: use
    title: Use
    on: here
    shell: 'printf "uses %s\\n" "$NOTES"'
"""
DESTROYING = """
  - id: replace
    title: Replace
    on: here
    danger: destroys
    confirm: { type: notes, show: 'echo "puts $NOTES in place"' }
    shell: 'true'
"""
SAFE = "safe/it's; $(touch hacked)"


def put_file(folder: Path, name: str, content: bytes, taken: datetime = TAKEN) -> Path:
    """A complete backup of one file."""
    folder.mkdir(parents=True, exist_ok=True)
    digest = hashlib.sha256(content).hexdigest()
    (folder / name).write_bytes(content)
    (folder / f"{name}.sha256").write_text(f"{digest}  {name}\n")
    (folder / f"{name}.verified").write_text("at 2026-11-23T04:00:00Z\nresult ok\n")
    manifest = f"manifest 1\nsize {len(content)}\nsha256 {digest}\nsnapshot {taken:%Y-%m-%dT%H:%M:%SZ}\n"
    (folder / f"{name}.manifest").write_text(manifest)
    return folder / name


def put_folder(folder: Path, name: str, files: dict[str, bytes]) -> Path:
    """A complete backup of a folder, by a mirror's manifest."""
    lines = ["manifest 1", "snapshot 2026-11-23T03:00:00Z", f"objects {len(files)}"]
    lines.append(f"size {sum(map(len, files.values()))}")
    for key, content in files.items():
        path = folder / name / key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        lines.append(f"object {hashlib.sha256(content).hexdigest()} {len(content)} {key}")
    (folder / f"{name}.manifest").write_text("\n".join(lines) + "\n")
    return folder / name


def still(made: Bench) -> None:
    """Wait until nothing is being listed any more."""
    made.until(lambda state: not state.live or "NOTES" in {*state.inputs, *state.missing})


@contextmanager
def copying(tmp_path: Path, set_id: str, direction: str) -> Iterator[Bench]:
    """A run that copies one set one way, opened."""
    with bench(tmp_path, RUNBOOK.format(set=set_id, direction=direction), plan=PLAN) as made:
        made.open()
        yield made
        still(made)


def copied(tmp_path: Path, set_id: str, direction: str) -> str:
    """What the copying step of a run said, which has to end well."""
    with copying(tmp_path, set_id, direction) as made:
        made.until_phase("copy", Phase.DONE, Phase.FAILED)
        assert made.phases()["copy"] is Phase.DONE, made.state.steps["copy"].detail
        made.until_phase("use", Phase.DONE, Phase.FAILED)
        return made.log("copy")


def second(tmp_path: Path, set_id: str, credentials: bool = True) -> Second:
    with bench(tmp_path, RUNBOOK.format(set=set_id, direction="backup"), plan=PLAN) as made:

        async def look() -> Second | None:
            return await second_of(made.plan, set_id, Reach(made.plan, credentials=credentials))

        found = asyncio.run(look())
    assert found is not None
    return found


# -- what a plan may say -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("says", "wrong"),
    [
        ("{ url: 'https://x/y', bucket: b, access_key: MINIO_USER, secret_key: MINIO_USER }", "without a path"),
        ("{ url: 'https://x', bucket: b, access_key: NOBODY, secret_key: MINIO_USER }", "unknown secret 'NOBODY'"),
        ("{ url: 'https://x', bucket: b, access_key: MINIO_USER }", "secret_key: the key is missing"),
        ("{ url: 'https://x', bucket: b, prefix: a/../b, access_key: MINIO_USER, secret_key: MINIO_USER }", "no .."),
        ("{ node: macmini, dir: /x }", "a copy there is lost with them"),
        ("{ node: elsewhere, dir: /x }", "unknown node 'elsewhere'"),
        ("{ node: desktop, dir: $NOWHERE }", "unknown variable '$NOWHERE'"),
        ("{ node: desktop, url: 'https://x' }", "url: unknown key"),
    ],
)
def test_a_second_place_that_cannot_be_one_is_refused_with_its_line(tmp_path: Path, says: str, wrong: str) -> None:
    folder = sample_plan_folder(tmp_path)
    change(
        folder, "plan.yaml", "    made_by: backup-postgres\n", f"    made_by: backup-postgres\n    copy_to: {says}\n"
    )
    said = complaints(folder)
    assert any(wrong in line and "copy_to" in line for line in said), said


@pytest.mark.parametrize(
    ("action", "wrong"),
    [
        ("{ offsite: postgress, direction: backup }", "unknown backup set 'postgress'"),
        ("{ offsite: postgres }", "offsite and direction"),
        ("{ service: minio, offsite: postgres, direction: backup }", "names a service"),
        ("{ make_buckets: [a] }", "names a service"),
    ],
)
def test_an_s3_step_is_for_a_service_or_for_a_backup_set(tmp_path: Path, action: str, wrong: str) -> None:
    folder = sample_plan_folder(tmp_path)
    (folder / "odd.yaml").write_text(f"id: odd\ntitle: Odd\nsteps:\n  - {{ id: a, title: A, s3: {action} }}\n")
    assert any(wrong in line for line in complaints(folder)), complaints(folder)


def test_the_readiness_check_names_what_has_no_second_place_and_what_is_still_a_placeholder(tmp_path: Path) -> None:
    folder = sample_plan_folder(tmp_path)

    def said() -> dict[str, str]:
        return {each.subject: each.reason.en for each in static_warnings(load(folder))}

    assert "E24" in said()["backup_sets"]
    where = '{ url: "https://[YOUR_OFFSITE]", bucket: b, access_key: MINIO_USER, secret_key: MINIO_PASSWORD }'
    change(
        folder, "plan.yaml", "    made_by: backup-postgres\n", f"    made_by: backup-postgres\n    copy_to: {where}\n"
    )
    change(folder, "plan.yaml", "backup_sets:\n", 'backup_sets:\n  "bare":\n    {title: B, on: macmini, dir: /b, '
           'name: "b_{stamp}", every: 1h, keep: 1d, rpo: 1h}\n')  # fmt: skip
    assert "backup_sets" not in said()
    assert "E24" in said()["bare"]
    assert "[YOUR_OFFSITE]" in said()["postgres.copy_to.url"]


# -- what is seen --------------------------------------------------------------------------------------


def test_a_copy_without_its_manifest_is_unfinished_and_the_one_before_it_counts(tmp_path: Path) -> None:
    safe = tmp_path / SAFE
    put_file(safe, "notes_20261123_030000.sql.gz", b"whole")
    put_file(safe, "notes_20261124_030000.sql.gz", b"cut off")
    (safe / "notes_20261124_030000.sql.gz.manifest").unlink()
    put_file(safe, "notes_20261122_030000.sql.gz", b"truncated since", TAKEN - timedelta(days=1)).write_bytes(b"t")
    for foreign in ("notes_20261125_030000.sql.gz.part", "notes_2026.sql.gz", "other_20261125_030000.sql.gz", "a\nb"):
        (safe / foreign).write_bytes(b"x")
    (safe / "notes_20261126_030000.sql.gz").mkdir()
    found = second(tmp_path, "notes")
    assert found.copy is not None
    assert (found.copy.name, found.copy.taken_at, found.copy.size) == ("notes_20261123_030000.sql.gz", TAKEN, 5)
    assert found.unfinished and not found.problem

    with bench(tmp_path, RUNBOOK.format(set="notes", direction="backup"), plan=PLAN) as made:
        copies = asyncio.run(list_copies(made.plan, "notes", Reach(made.plan)))
        assert [(each.name[6:14], each.complete) for each in copies] == [
            ("20261124", False), ("20261123", True), ("20261122", False),
        ]  # fmt: skip
    assert not list(tmp_path.rglob("hacked*"))


def test_a_place_nobody_can_look_at_is_unknown_and_an_empty_one_has_no_copy(tmp_path: Path) -> None:
    empty, refused, observed = (
        second(tmp_path, "notes"),
        second(tmp_path, "cloud"),
        second(tmp_path, "cloud", credentials=False),
    )
    assert (empty.known, empty.problem) == (True, "no copy yet")
    assert (refused.known, refused.copy) == (False, None)
    assert "127.0.0.1:1 cannot be reached" in refused.problem
    assert observed.problem == "not looked into: observers load no credentials"
    with bench(tmp_path, RUNBOOK.format(set="notes", direction="backup"), plan=PLAN) as made:
        seconds = {"notes": empty, "cloud": refused}
        assert [standing(made.plan, name, each, TAKEN) for name, each in seconds.items()] == [
            Standing.NONE, Standing.UNKNOWN,
        ]  # fmt: skip
        lines = [line.plain for line in told(made.plan, seconds, TAKEN)]
        assert lines[0] == "✖ off-site copies · notes: no copy yet"
        assert lines[1].startswith("? off-site copies · cloud: 127.0.0.1:1 cannot be reached")
        assert document(made.plan, "homely", None, TAKEN) is None


def test_the_age_of_a_copy_is_judged_by_the_promise_of_its_place_hour_by_hour(tmp_path: Path) -> None:
    put_file(tmp_path / SAFE, "notes_20261123_030000.sql.gz", b"whole")
    found = second(tmp_path, "notes")
    with bench(tmp_path, RUNBOOK.format(set="notes", direction="backup"), plan=PLAN) as made:
        rpo = copy_rpo(made.plan, "notes")
        assert rpo == timedelta(days=1)
        assert copy_rpo(made.plan, "cloud") is None
        for hour in range(120):
            now = TAKEN + timedelta(hours=hour)
            band = copy_band(found.copy, rpo, now)
            days = next((days for days in (1, 2, 4) if hour <= 24 * days), 0)
            assert band == {1: AgeBand.WITHIN, 2: AgeBand.TWICE, 4: AgeBand.FOURFOLD, 0: AgeBand.BEYOND}[days]
            assert standing(made.plan, "notes", found, now) == (Standing.KEPT if hour <= 24 else Standing.LATE)


def test_a_request_that_lists_is_signed_as_amazon_signs_its_own_example() -> None:
    at = datetime(2013, 5, 24, tzinfo=UTC)
    keys = "AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
    wanted = s3.target("/", {"prefix": "J", "max-keys": "2"})
    headers = s3.signed("examplebucket.s3.amazonaws.com", *keys, "us-east-1", at, wanted)
    assert headers["Authorization"].endswith("34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7")


# -- there and back ------------------------------------------------------------------------------------


def test_the_newest_complete_backup_goes_there_with_what_lies_beside_it_and_comes_back(tmp_path: Path) -> None:
    backups, safe = tmp_path / "backups", tmp_path / SAFE
    put_file(backups, "notes_20261122_030000.sql.gz", b"older")
    newest = put_file(backups, "notes_20261123_030000.sql.gz", b"newest" * 100_000)
    (backups / "notes_20261124_030000.sql.gz").write_bytes(b"half written")
    said = copied(tmp_path, "notes", "backup")
    assert "notes_20261124_030000.sql.gz is not known to be complete" in said
    assert "1 copied, 0 were there" in said
    names = {f"{newest.name}{ending}" for ending in ("", ".sha256", ".verified", ".manifest")}
    assert {each.name for each in safe.iterdir()} == names
    assert all((safe / name).read_bytes() == (backups / name).read_bytes() for name in names)
    assert all((safe / name).stat().st_mode & 0o077 == 0 for name in names)
    assert "0 copied, 1 were there" in copied(tmp_path, "notes", "backup")

    shutil.rmtree(backups)
    with copying(tmp_path, "notes", "restore") as made:
        assert made.until(lambda state: not state.live).outcome == "completed"
        assert made.log("use").startswith(f"uses {newest}")
        assert "NOTES" not in made.state.missing
    assert {each.name for each in backups.iterdir()} == names
    assert newest.read_bytes() == (safe / newest.name).read_bytes()


def test_what_destroys_is_shown_the_backup_that_was_fetched_meanwhile(tmp_path: Path) -> None:
    newest = put_file(tmp_path / SAFE, "notes_20261123_030000.sql.gz", b"newest")
    runbook = RUNBOOK.format(set="notes", direction="restore") + DESTROYING
    with bench(tmp_path, runbook, plan=PLAN) as made:
        made.open(RunRequest("mend", pace="danger"))
        state = made.until_phase("replace", Phase.ASKED)
        assert state.steps["replace"].facts == (f"puts {tmp_path}/backups/{newest.name} in place",)
        assert state.inputs["NOTES"].backup is not None
        assert not state.missing


def test_a_copy_that_was_interrupted_goes_on_where_it_stopped(tmp_path: Path) -> None:
    backups, safe = tmp_path / "backups", tmp_path / SAFE
    files = {f"a/{n} & 한글.png": bytes([n]) * 1000 for n in range(12)}
    kept = put_folder(backups, "pictures_20261123_030000", {key.replace(" ", "_"): files[key] for key in files})
    obstacle = safe / kept.name / "a" / "7_&_한글.png"
    obstacle.mkdir(parents=True)
    with copying(tmp_path, "pictures", "backup") as made:
        made.until_phase("copy", Phase.FAILED)
        assert second(tmp_path / "look", "notes").problem == "no copy yet"
        assert not (safe / f"{kept.name}.manifest").exists()
        there = len([each for each in safe.rglob("*.png") if each.is_file()])
        obstacle.rmdir()
        made.engine.submit(Retry("copy"))
        made.until_phase("copy", Phase.DONE)
        assert f"{12 - there} copied, {there} were there" in made.log("copy")
        assert made.run is not None
        progress = [r.event for r in read(made.run) if isinstance(r.event, StepProgressed)]
        assert (progress[-1].done, progress[-1].total) == (12_000, 12_000)
        made.until_phase("use", Phase.DONE, Phase.FAILED)
    assert {each.name for each in (safe / kept.name / "a").iterdir()} == {each.name for each in (kept / "a").iterdir()}


REFUSED = "at 2026-11-23T04:00:00Z\nresult failed\nintact yes\nrestored no\n"


def test_a_backup_that_did_not_restore_is_not_copied_and_counts_for_no_promise(tmp_path: Path) -> None:
    backups, safe = tmp_path / "backups", tmp_path / SAFE
    good = put_file(backups, "notes_20261122_030000.sql.gz", b"good")
    bad = put_file(backups, "notes_20261123_030000.sql.gz", b"bad")
    (backups / f"{bad.name}.verified").write_text(REFUSED)
    assert f"{bad.name} is not known to be complete, or did not pass" in copied(tmp_path, "notes", "backup")
    assert (safe / good.name).exists() and not (safe / bad.name).exists()


def test_after_a_fire_the_newest_copy_that_did_not_fail_its_verification_comes_back(tmp_path: Path) -> None:
    backups, safe = tmp_path / "backups", tmp_path / SAFE
    good = put_file(safe, "notes_20261122_030000.sql.gz", b"good")
    bad = put_file(safe, "notes_20261123_030000.sql.gz", b"bad")
    (safe / f"{bad.name}.verified").write_text(REFUSED)
    assert f"The copy {bad.name} did not pass its verification" in copied(tmp_path, "notes", "restore")
    assert (backups / good.name).exists() and not (backups / bad.name).exists()
    shutil.rmtree(backups)
    (safe / f"{good.name}.verified").write_text(REFUSED)
    with copying(tmp_path, "notes", "restore") as made:  # better than nothing, and known to be no good
        made.until_phase("copy", Phase.DONE)
        assert (backups / bad.name).exists()
        still(made)
        assert "NOTES" in made.state.missing


def test_a_backup_that_was_altered_never_becomes_a_copy(tmp_path: Path) -> None:
    backups, safe = tmp_path / "backups", tmp_path / SAFE
    put_file(backups, "notes_20261123_030000.sql.gz", b"as it was").write_bytes(b"altered!!")
    with copying(tmp_path, "notes", "backup") as made:
        made.until_phase("copy", Phase.FAILED)
        assert "is not what was backed up: its hash differs" in made.state.steps["copy"].detail
    assert not list(safe.glob("*"))


def test_an_altered_copy_is_refused_and_a_good_file_on_the_drive_stays(tmp_path: Path) -> None:
    backups, safe = tmp_path / "backups", tmp_path / SAFE
    put_file(safe, "notes_20261123_030000.sql.gz", b"as it was").write_bytes(b"altered!!")
    put_file(backups, "notes_20261123_030000.sql.gz", b"as it was")
    assert "0 copied, 1 were there" in copied(tmp_path, "notes", "restore")
    shutil.rmtree(backups)
    with copying(tmp_path, "notes", "restore") as made:
        made.until_phase("copy", Phase.FAILED)
        assert "its hash differs" in made.state.steps["copy"].detail
    assert not list(backups.glob("*"))


def test_a_copy_that_names_files_outside_its_folder_is_refused(tmp_path: Path) -> None:
    kept = put_folder(tmp_path / SAFE, "pictures_20261123_030000", {"a": b"1"})
    manifest = Path(f"{kept}.manifest")
    manifest.write_text(manifest.read_text().replace(" 1 a\n", " 1 ../../a\n"))
    with copying(tmp_path, "pictures", "restore") as made:
        made.until_phase("copy", Phase.FAILED)
        assert "../../a has no place in a folder" in made.state.steps["copy"].detail
    assert not (tmp_path / "a").exists()


def test_a_set_without_a_second_place_is_not_copied_and_cannot_be_fetched(tmp_path: Path) -> None:
    assert "homely names no second place" in copied(tmp_path, "homely", "backup")
    with copying(tmp_path, "homely", "restore") as made:
        made.until_phase("copy", Phase.FAILED)
        assert "there is nothing to fetch it from" in made.state.steps["copy"].detail


def test_a_bucket_whose_url_is_still_a_placeholder_is_said_to_be_one(tmp_path: Path) -> None:
    plan = PLAN.replace("http://127.0.0.1:{port}", "https://[YOUR_OFFSITE]")
    with bench(tmp_path, RUNBOOK.format(set="cloud", direction="restore"), plan=plan) as made:
        made.open()
        made.until_phase("copy", Phase.FAILED)
        assert "placeholder [YOUR_OFFSITE]" in made.state.steps["copy"].detail
        still(made)


def test_a_rehearsal_says_what_would_be_fetched_and_that_nothing_can_be(tmp_path: Path) -> None:
    def stops(set_id: str) -> dict[str, str]:
        with bench(tmp_path, RUNBOOK.format(set=set_id, direction="restore"), plan=PLAN) as made:

            async def found() -> dict[str, str]:
                reach, request = Reach(made.plan), RunRequest("mend", pace="none")
                said = await rehearse(made.plan, request, reach, tmp_path / "state", TAKEN + timedelta(hours=1))
                return {f"{each.subject} {each.state}": each.reason for each in said.findings}

            return asyncio.run(found())

    assert "no copy yet" in stops("notes")["notes stop"]
    assert "no second place" in stops("homely")["homely stop"]
    put_file(tmp_path / SAFE, "notes_20261123_030000.sql.gz", b"whole")
    said = stops("notes")
    assert said["notes ok"].startswith("notes_20261123_030000.sql.gz · 5 B · 1h old")
    assert "step 1 fetches it" in said["notes unknown"]


def test_listing_what_names_no_place_is_an_error_for_people(tmp_path: Path) -> None:
    with (
        bench(tmp_path, RUNBOOK.format(set="notes", direction="backup"), plan=PLAN) as made,
        pytest.raises(SparkdrError, match="homely names no second place"),
    ):
        asyncio.run(list_copies(made.plan, "homely", Reach(made.plan)))
