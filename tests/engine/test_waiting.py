"""`run --wait`: a job that finds somebody at work waits, says for whom, and never comes into a recovery."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from sparkdr_tui.plan.load import load
from sparkdr_tui.record.lock import OperatorLock
from sparkdr_tui.record.runs import runs, unfinished
from sparkdr_tui.record.turn import in_the_way, jobs_of
from tests.engine.command_line import Said, at_terminal, environment, process
from tests.engine.local_runs import PASSWORD, PLAN

SECRETS = {"TEST_DB_PASSWORD": PASSWORD, "COLUMNS": "200"}
BOOKS = {
    "mend": "id: mend\ntitle: Mend it\nsteps: [{id: one, title: First, on: here, shell: 'echo mended'}]\n",
    "dump": "id: dump\ntitle: Dump\nsteps: [{id: one, title: Dump it, on: here, shell: 'echo dumped'}]\n",
    "hourly": "id: hourly\ntitle: Hourly\nsteps: [{id: dump, title: Dump, include: dump}]\n",
}
SCHEDULES = "schedules: {hourly: {runbook: hourly, on: here, minute: 5, log: ~/backup.log}}\nstate: ../state\n"


@pytest.fixture
def plan(tmp_path: Path) -> Path:
    """A plan of this machine with a recovery and a job."""
    folder = tmp_path / "plan"
    folder.mkdir()
    (folder / "plan.yaml").write_text(PLAN.format(folder=tmp_path, port=1) + SCHEDULES, encoding="utf-8")
    for name, text in BOOKS.items():
        (folder / f"{name}.yaml").write_text(text, encoding="utf-8")
    return folder


def run(plan: Path, *arguments: str) -> Said:
    return process("--plan", plan, "run", *arguments, "--yes", env=SECRETS)


@contextmanager
def waiting(plan: Path, runbook: str) -> Iterator[subprocess.Popen[str]]:
    """A run that waits, up to the moment when it has said so."""
    command = [sys.executable, "-m", "sparkdr_tui", "--plan", str(plan), "run", runbook, "--yes", "--wait", "2m"]
    with subprocess.Popen(
        command, env=environment(SECRETS), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as it:
        try:
            yield it
        finally:
            it.kill()


def leave_unfinished(plan: Path, runbook: str) -> None:
    """Open a run and go away."""
    with at_terminal("--plan", plan, "run", runbook, env=SECRETS) as at:
        at.expect("? 1 ")
        at.process.terminate()
        at.expect("stays unfinished")
        at.end()


def test_a_job_waits_until_the_operator_lets_go_and_says_for_whom(plan: Path) -> None:
    lock = OperatorLock.acquire(plan.parent / "state", "mina")
    lock.drives("INC-0007")
    with waiting(plan, "hourly") as it:
        assert it.stderr is not None and it.stdout is not None
        assert it.stderr.readline().startswith("== 20")
        said = it.stderr.readline()
        assert "INC-0007 is driven by mina" in said and "Waiting for up to 2m." in said
        lock.release()
        assert "way is clear" in it.stderr.readline()
        assert "completed" in it.stdout.read()
        assert it.wait(60) == 0


def test_two_that_waited_for_the_same_thing_both_have_their_turn(plan: Path) -> None:
    lock = OperatorLock.acquire(plan.parent / "state", "mina")
    with waiting(plan, "hourly") as one, waiting(plan, "hourly") as other:
        for it in (one, other):
            assert it.stderr is not None
            while "Waiting" not in it.stderr.readline():
                assert it.poll() is None
        lock.release()
        for it in (one, other):
            _out, err = it.communicate(timeout=60)
            assert it.returncode == 0, err
    assert [each.outcome for each in runs(plan.parent / "state")] == ["completed", "completed"]


def test_a_job_gives_up_with_3_and_leaves_no_run(plan: Path) -> None:
    lock = OperatorLock.acquire(plan.parent / "state", "mina")
    said = run(plan, "hourly", "--wait", "1s")
    assert said.status == 3
    assert "driven by mina" in said.err and "Gave up after 1s." in said.err
    assert not runs(plan.parent / "state")
    lock.release()


def test_no_backup_comes_into_a_recovery_that_nobody_drives_at_the_moment(plan: Path) -> None:
    leave_unfinished(plan, "mend")
    said = run(plan, "hourly", "--wait", "0s")
    assert said.status == 3
    assert "INC-0001 (mend, since 20" in said.err and "is unfinished" in said.err
    assert "sparkdr-tui resume INC-0001" in said.err
    assert [each.runbook for each in runs(plan.parent / "state")] == ["mend"]
    assert process("--plan", plan, "resume", "--yes", env=SECRETS).status == 0
    assert run(plan, "hourly", "--wait", "0s").status == 0


def test_a_recovery_waits_for_nobody_who_has_gone(plan: Path) -> None:
    leave_unfinished(plan, "mend")
    assert run(plan, "mend", "--wait", "0s").status == 0


def test_a_job_that_was_interrupted_holds_up_no_other(plan: Path) -> None:
    leave_unfinished(plan, "hourly")
    said = run(plan, "hourly", "--wait", "0s")
    assert said.status == 0, said


def test_jobs_are_what_is_scheduled_and_what_that_includes(plan: Path) -> None:
    loaded = load(plan)
    assert jobs_of(loaded) == {"hourly", "dump"}
    assert in_the_way(loaded, plan.parent / "state", "dump", "incident") is None


def test_a_job_of_a_lab_waits_for_the_labs_operator_wherever_its_journals_are_kept(plan: Path, tmp_path: Path) -> None:
    loaded = replace(load(plan), lab=True, state=tmp_path / "lab")
    lock = OperatorLock.acquire(tmp_path / "lab", "mina")
    found = in_the_way(loaded, tmp_path / "elsewhere", "hourly", "routine")
    assert found is not None and "mina" in found.message
    lock.release()
    assert in_the_way(loaded, tmp_path / "elsewhere", "hourly", "routine") is None


def test_a_journal_that_ends_with_its_closing_is_finished_at_a_glance(plan: Path) -> None:
    assert run(plan, "hourly").status == 0
    state = plan.parent / "state"
    assert not unfinished(state)
    (folder,) = (each.folder for each in runs(state))
    journal = folder / "journal.jsonl"
    whole = journal.read_bytes()
    journal.write_bytes(whole.rstrip(b"\n"))  # its last line is torn: it does not count
    assert [each.folder for each in unfinished(state)] == [folder]
    journal.write_bytes(whole)
    assert not unfinished(state)


@pytest.mark.parametrize("text", ["soon", "5", "-1m", ""])
def test_a_wait_without_a_unit_is_refused(text: str, plan: Path) -> None:
    said = run(plan, "hourly", f"--wait={text}")
    assert said.status == 2
    assert "Write 90s, 30m or 1h 30m." in said.err
