"""Everyday work: backups and their verification, counted apart from incidents, in nobody's way, cleaned up after."""

from __future__ import annotations

import asyncio
import os
import textwrap
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from sparkdr_tui.backups.catalog import promised, rpo_of
from sparkdr_tui.commands.situation import current_run
from sparkdr_tui.errors import HeldError, SparkdrError
from sparkdr_tui.plan.load import builtin, load
from sparkdr_tui.reach.local import LocalShell
from sparkdr_tui.reach.shell import Script
from sparkdr_tui.record.decisions import Abort, AddNote, Cancel, Retry, RunRequest
from sparkdr_tui.record.lock import OperatorLock
from sparkdr_tui.record.losses import losses
from sparkdr_tui.record.runs import runs, unfinished
from sparkdr_tui.record.state import Phase
from sparkdr_tui.recover.comparing import draw, established
from sparkdr_tui.recover.engine import Engine
from sparkdr_tui.recover.objects import Entry, manifest_text, read_manifest
from tests.engine.command_line import Said, process, sparkdr
from tests.engine.local_runs import PASSWORD, PLAN, Sweeps, bench
from tests.engine.test_engine_runs import backup

SECRETS = {"TEST_DB_PASSWORD": PASSWORD, "COLUMNS": "200"}
EVERYDAY = """
id: mend
title: Look at the newest
routine: true
inputs: { BACKUP: { pick: notes, newest: any } }
steps:
  - { id: look, title: Look, on: here, shell: 'basename "$BACKUP"; until [ -e "$FOLDER/go" ]; do sleep 0.05; done' }
"""
SCRATCH = """
id: mend
title: Try it out
steps:
  - { id: make, title: Make scratch, on: here, shell: 'touch "$FOLDER/scratch"' }
  - { id: try, title: Try, on: here, shell: 'echo "WRONG: half of it"; test -e "$FOLDER/well"' }
  - id: clear
    title: Clear up
    on: here
    always: true
    shell: |
      rm "$FOLDER/scratch"
      echo "begun $BEGUN_STEPS undone $UNDONE_STEPS failed $FAILED_STEPS" >"$FOLDER/told"
      printf '%s\\n' "$FAILED_TAIL" >>"$FOLDER/told"
  - { id: after, title: Go on, on: here, shell: 'true' }
"""
INTERRUPTED = """
id: mend
title: Clear up slowly
steps:
  - { id: make, title: Make scratch, on: here, shell: 'touch "$FOLDER/scratch"' }
  - id: clear
    title: Clear up
    on: here
    always: true
    shell: 'until [ -e "$FOLDER/go" ]; do sleep 0.05; done; rm -f "$FOLDER/scratch"'
"""
LONG_LAST = """
id: mend
title: Copies at the end
steps:
  - { id: try, title: Try, on: here, shell: 'false' }
  - { id: first, title: First copy, on: here, needs: [try], always: true, shell: 'sleep 600' }
  - { id: second, title: Second copy, on: here, needs: [try], always: true, shell: 'true' }
"""
SIDE_BY_SIDE = """
id: backup-daily
title: Everything
routine: true
steps:
  - { id: bad, title: Bad, needs: [], on: here, shell: 'false' }
  - { id: also-bad, title: Also bad, needs: [], on: here, shell: 'false' }
  - { id: slow, title: Slow, needs: [], on: here, shell: 'sleep 0.5; touch "$FOLDER/made"' }
  - { id: after-slow, title: After it, needs: [slow], on: here, shell: 'touch "$FOLDER/made-too"' }
  - { id: after-bad, title: Never, needs: [bad], on: here, shell: 'touch "$FOLDER/never"' }
"""


def daily(tmp_path: Path, *arguments: str) -> Said:
    """A command on a plan of this machine whose daily backup is made of parts, two of which fail."""
    folder = tmp_path / "plan"
    if not folder.exists():
        folder.mkdir()
        text = PLAN.format(folder=tmp_path, port=1).replace("keep: 7d", "keep: 7d\n    made_by: backup-daily")
        (folder / "plan.yaml").write_text(text + "state: ../state\n", encoding="utf-8")
        (folder / "backup-daily.yaml").write_text(textwrap.dedent(SIDE_BY_SIDE), encoding="utf-8")
    return process("--plan", folder, *arguments, env=SECRETS)


# -- what they count as --------------------------------------------------------------------------------


def test_everyday_work_is_no_incident_whoever_starts_it_and_stands_before_none(tmp_path: Path) -> None:
    backup(tmp_path, "20260101_020000", b"old")
    (tmp_path / "state").mkdir()
    with bench(tmp_path, EVERYDAY) as b:
        folder = b.open(RunRequest("mend", pace="none"))
        b.until_phase("look", Phase.RUNNING)
        assert (folder.name, b.state.opened.mode, b.state.clocks) == ("BAK-0001", "routine", {})
        assert losses(b.state) == ()  # it puts nothing back
        assert [run.id for run in runs(b.state_folder)] == ["BAK-0001"]
        assert unfinished(b.state_folder) == ()
        busy = current_run(b.state_folder)
        assert busy is not None and busy.run == "BAK-0001"
        (tmp_path / "go").touch()
        assert b.engine.wait(20)
        assert b.state.outcome == "completed" and current_run(b.state_folder) is None
        drill = b.open(RunRequest("mend", mode="drill", pace="none"))
        assert drill.name == "DRL-0001"
        assert b.engine.wait(20)


def test_a_recovery_never_waits_for_a_backup_but_a_backup_for_a_recovery(tmp_path: Path) -> None:
    backup(tmp_path, "20260101_020000", b"old")
    with bench(tmp_path, EVERYDAY) as b:
        b.open(RunRequest("mend", pace="none"))
        b.until_phase("look", Phase.RUNNING)
        with (
            Engine(b.plan, b.state_folder, "another", Sweeps()) as other,
            pytest.raises(HeldError, match="BAK-0001 is driven by tester"),
        ):
            other.open(RunRequest("mend"))
        operator = OperatorLock.acquire(b.state_folder, "mina")
        operator.drives("INC-0001")
        (tmp_path / "go").touch()
        assert b.engine.wait(20)
        with pytest.raises(HeldError, match="INC-0001 is driven by mina"):
            b.open(RunRequest("mend"))
        operator.release()


def test_a_verification_takes_the_newest_even_when_it_is_known_to_be_damaged(tmp_path: Path) -> None:
    backup(tmp_path, "20260101_020000", b"old")
    newest = backup(tmp_path, "20260102_020000", b"new")
    newest.with_name(newest.name + ".verified").write_text("at 2026-01-02T03:00:00Z\nresult failed\nintact no\n")
    (tmp_path / "go").touch()
    with bench(tmp_path, EVERYDAY) as b:
        b.open(RunRequest("mend", pace="none"))
        assert b.engine.wait(20)
        assert b.log("look") == newest.name + "\n"


def test_a_set_that_only_stands_beside_another_promises_nothing_and_its_loss_is_told() -> None:
    plan = load(builtin())
    assert rpo_of(plan, "postgres") == promised(plan, "postgres-fast") == timedelta(hours=1)
    assert rpo_of(plan, "postgres-fast") is None


# -- what is done whatever happens -----------------------------------------------------------------------


@pytest.mark.parametrize("well", [True, False])
def test_scratch_is_cleared_whether_the_try_ends_well_or_not(tmp_path: Path, well: bool) -> None:
    if well:
        (tmp_path / "well").touch()
    with bench(tmp_path, SCRATCH) as b:
        b.open()
        if well:
            assert b.engine.wait(20)
            assert (tmp_path / "told").read_text() == "begun make try undone  failed \n\n"
        else:
            b.until_phase("try", Phase.FAILED)
            assert (tmp_path / "scratch").exists()  # while somebody may still look at it, and retry
            b.engine.submit(Abort("enough"))
            assert b.engine.wait(20)
            assert (tmp_path / "told").read_text() == "begun make try undone try failed try\nWRONG: half of it\n"
            assert b.state.steps["after"].attempt == 0
        assert b.phases()["clear"] is Phase.DONE
        assert b.state.outcome == ("completed" if well else "aborted")
        assert not (tmp_path / "scratch").exists()


def test_a_run_that_is_aborted_before_anything_began_has_nothing_to_clear(tmp_path: Path) -> None:
    with bench(tmp_path, SCRATCH) as b:
        b.open(RunRequest("mend", pace="each"))
        b.until_phase("make", Phase.ASKED)
        b.engine.submit(Abort("no"))
        assert b.engine.wait(20)
        assert b.phases()["clear"] is Phase.PENDING
        assert not (tmp_path / "told").exists()


def test_clearing_up_that_a_crash_interrupted_is_done_when_the_run_is_taken_up_and_aborted(tmp_path: Path) -> None:
    with bench(tmp_path, INTERRUPTED) as b:
        b.open()
        b.until_phase("clear", Phase.RUNNING)
        folder = b.run
    assert folder is not None
    (tmp_path / "go").touch()
    with bench(tmp_path, INTERRUPTED) as b:
        b.engine.reopen(folder)
        b.run = folder
        b.until_phase("clear", Phase.UNKNOWN)
        b.engine.submit(Abort("enough"))
        assert b.engine.wait(20)
        clear = b.state.steps["clear"]
        assert (clear.phase, clear.attempt, b.state.outcome) == (Phase.DONE, 2, "aborted")
        assert not (tmp_path / "scratch").exists()


@pytest.mark.parametrize("decision", [Abort("now"), Cancel("first")])
def test_what_an_aborted_run_still_does_can_be_ended_so_that_a_recovery_may_begin(
    tmp_path: Path, decision: Abort | Cancel
) -> None:
    with bench(tmp_path, LONG_LAST) as b:
        b.open()
        b.until_phase("try", Phase.FAILED)
        b.engine.submit(Abort("enough"))
        b.until_phase("first", Phase.RUNNING)
        b.engine.submit(Retry("try"))  # comes too late
        b.engine.submit(AddNote("the database is more urgent"))
        b.engine.submit(decision)
        assert b.engine.wait(20)
        again = isinstance(decision, Abort)
        wanted = (Phase.CANCELLED, Phase.PENDING if again else Phase.DONE)
        assert (b.phases()["first"], b.phases()["second"]) == wanted
        assert (b.state.outcome, b.state.outcome_reason) == ("aborted", "enough")
        assert [text for _at, _by, text in b.state.notes] == ["the database is more urgent"]


# -- the command line ------------------------------------------------------------------------------------


def test_one_part_that_fails_keeps_no_other_part_from_being_made(tmp_path: Path) -> None:
    said = daily(tmp_path, "backup", "run", "--yes")
    assert said.status == 1
    assert (tmp_path / "made").exists() and (tmp_path / "made-too").exists()
    assert not (tmp_path / "never").exists()
    assert "BAK-0001 aborted" in said.out
    told = next(line for line in said.out.splitlines() if "Step bad ended as: failed" in line)
    assert "Step also-bad ended as: failed" in told


@pytest.mark.parametrize(
    ("arguments", "about"),
    [
        (["run", "nosuch", "--yes"], "backup set nosuch"),
        (["run", "notes", "--hourly", "--yes"], "one of them"),
        (["run"], "no terminal"),
        (["run", "--json"], "--json needs --yes"),
        (["verify", "nosuch", "--yes"], "backup set nosuch"),
        (["verify", "notes", "--yes"], "verified_by"),
        (["verify", "--yes"], "verified_by"),
        (["verify", "--backup", "x", "--yes"], "--backup needs the backup set"),
    ],
)
def test_what_cannot_be_meant_is_refused_before_anything_runs(tmp_path: Path, arguments: list[str], about: str) -> None:
    said = daily(tmp_path, "backup", *arguments)
    assert said.status == 2
    assert about in said.err
    assert not (tmp_path / "state" / "runs").exists()


def test_a_verified_by_that_names_no_runbook_is_an_error_of_the_plan(tmp_path: Path) -> None:
    folder = tmp_path / "plan"
    folder.mkdir()
    text = PLAN.format(folder=tmp_path, port=1).replace("keep: 7d", "keep: 7d\n    verified_by: mind")
    (folder / "plan.yaml").write_text(text, encoding="utf-8")
    (folder / "mend.yaml").write_text(textwrap.dedent(SCRATCH), encoding="utf-8")
    said = sparkdr("--plan", folder, "plan", "show")
    assert said.status == 2
    assert "backup_sets.notes.verified_by: unknown runbook 'mind'; did you mean 'mend'?" in said.err


# -- manifests of objects ----------------------------------------------------------------------------------


def test_a_manifest_of_objects_that_was_cut_off_or_changed_is_found_and_an_older_one_is_read() -> None:
    entries = [Entry(f"a/{number} ü.png", number, "0" * 64) for number in range(3)]
    text = manifest_text(entries, datetime(2026, 1, 2, tzinfo=UTC), "BAK-0001").decode()
    assert read_manifest(text) == entries
    assert "tool sparkdr-tui " in text and "\nrun BAK-0001\n" in text and "\nobjects 3\n" in text
    for wrong in (text.replace("a/2", "a/3"), text.removesuffix(text.splitlines()[-1] + "\n")):
        with pytest.raises(SparkdrError):
            read_manifest(wrong)
    older = "\n".join(line for line in text.splitlines() if not line.startswith(("sha256", "tool", "run")))
    assert read_manifest(older) == entries
    with pytest.raises(SparkdrError):
        read_manifest(older.rpartition("\n")[0])


def test_a_sample_holds_the_largest_object_and_is_the_same_for_the_same_run() -> None:
    entries = [Entry(str(number), number, "") for number in range(1000)]
    drawn = draw(entries, 50, "BAK-0001")
    assert entries[-1] in drawn and 50 <= len(drawn) <= 51
    assert drawn == draw(entries, 50, "BAK-0001") != draw(entries, 50, "BAK-0002")
    assert draw(entries[:3], 50, "x") != [] and draw([], 50, "x") == []


@pytest.mark.parametrize(("undone", "intact"), [("pg.copy.load", True), ("pg.check-backup.file pg.copy.load", False)])
def test_a_hash_that_nobody_compared_is_recorded_as_none(tmp_path: Path, undone: str, intact: bool) -> None:
    record = next(step for step in load(builtin()).runbooks["postgresql-verify"].steps if step.id == "record")
    assert record.shell and record.shell.posix
    backup = tmp_path / "it's; $(touch hacked).sql.gz"
    Path(f"{backup}.manifest").write_text("manifest 1\nsha256 00\n")
    env = {
        "PATH": os.environ["PATH"], "PG_BACKUP": str(backup), "PG_DATABASE": "none", "RUN_STAMP": "x", "RUN_ID": "B",
        "UNDONE_STEPS": undone, "FAILED_STEPS": "pg.copy.load", "FAILED_TAIL": "ERROR: half of it", "BEGUN_STEPS": "",
    }  # fmt: skip
    result = asyncio.run(LocalShell().run(Script(record.shell.posix, env), 20))
    assert result.status == 0, result.text
    found = Path(f"{backup}.verified").read_text().splitlines()
    assert "restored no" in found and ("intact yes" in found) is intact
    assert not list(tmp_path.rglob("hacked"))


def test_a_sample_says_nothing_of_the_hashes_of_what_was_not_drawn() -> None:
    entries = [Entry(str(number), number, "0" * 64) for number in range(5)]
    assert established(entries, draw(entries, 5, "BAK-0001")) == ("intact yes",)
    assert established(entries, draw(entries, 2, "BAK-0001")) == ()
    bare = [Entry("a", 1, "")]
    assert established(bare, bare) == ()
