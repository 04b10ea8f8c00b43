"""What happened, on the command line: runs are listed, shown and verified from their journals alone."""

from __future__ import annotations

import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from sparkdr_tui.record import events as e
from sparkdr_tui.record.journal import Journal
from tests.engine.command_line import environment, sparkdr
from tests.engine.plans import sample_plan_folder
from tests.engine.recorded import START, ended, opened, started


@pytest.fixture
def plan(tmp_path: Path) -> Path:
    """A plan with a finished run and a later one that is not."""
    folder = sample_plan_folder(tmp_path)
    record(
        tmp_path / "state",
        "INC-0001",
        started("stop"),
        ended("stop"),
        e.StepSkipped(step="copy", reason="no room [on] the disk"),
        e.RunClosed(outcome="completed with exceptions"),
    )
    record(tmp_path / "state", "INC-0002", started("stop"), later=3600)
    return folder


def record(state_folder: Path, run: str, *events: e.Event, later: float = 0) -> Path:
    """Keep a journal of these events, a second apart."""
    times = iter(START + timedelta(seconds=later + second) for second in range(1000))
    folder = state_folder / "runs" / run
    journal = Journal.create(folder, "mina", lambda: next(times))
    mode = "routine" if run.startswith("BAK") else "incident"
    for event in (opened().model_copy(update={"run": run, "mode": mode}), *events):
        journal.append(event)
    journal.close()
    return folder


def test_runs_are_listed_newest_first(plan: Path) -> None:
    for command in (["runs"], ["runs", "list"]):
        said = sparkdr("--plan", plan, *command)
        assert said.status == 0
        assert said.out.index("INC-0002") < said.out.index("INC-0001")
        assert "completed with exceptions" in said.out and "interrupted: nobody drives it" in said.out


def test_backups_that_went_well_do_not_hide_the_incidents_among_them(tmp_path: Path, plan: Path) -> None:
    for number in range(1, 10):
        outcome = e.RunClosed(outcome="aborted" if number == 1 else "completed")
        record(tmp_path / "state", f"BAK-{number:04}", outcome, later=number * 3600)
    said = sparkdr("--plan", plan, "runs").out
    assert [number for number in range(1, 10) if f"BAK-{number:04}" in said] == [1, 5, 6, 7, 8, 9]
    assert "INC-0001" in said and "3 older backup runs" in said
    assert len(sparkdr("--plan", plan, "runs", "list", "--json").document) == 11
    only = sparkdr("--plan", plan, "runs", "list", "--mode", "routine").out
    assert only.count("BAK-") == 9 and "INC-" not in only
    assert sparkdr("--plan", plan, "runs", "show", "--json").document["id"] == "INC-0002"  # no backup stands before it


def test_the_list_as_a_document(plan: Path) -> None:
    newest, oldest = sparkdr("--plan", plan, "runs", "list", "--json").document
    assert (newest["id"], newest["live"], newest["outcome"]) == ("INC-0002", True, None)
    assert (newest["interrupted"], oldest["interrupted"]) == (True, False)
    assert (oldest["id"], oldest["live"], oldest["operator"]) == ("INC-0001", False, "mina")


def test_a_plan_without_runs_says_so(tmp_path: Path) -> None:
    plan = sample_plan_folder(tmp_path)
    assert sparkdr("--plan", plan, "runs").status == 0
    assert sparkdr("--plan", plan, "runs", "list", "--json").document == []
    assert sparkdr("--plan", plan, "runs", "verify").status == 0
    assert sparkdr("--plan", plan, "runs", "show").status == 2


def test_a_run_is_shown_with_what_was_skipped_and_why(plan: Path) -> None:
    said = sparkdr("--plan", plan, "runs", "show", "inc-0001")
    assert said.status == 0
    assert "no room [on] the disk" in said.out
    assert "INC-0001 completed with exceptions" in said.out


def test_the_newest_run_is_shown_where_none_is_named(plan: Path) -> None:
    assert sparkdr("--plan", plan, "runs", "show", "--json").document["id"] == "INC-0002"


def test_a_run_as_a_document_has_its_steps(plan: Path) -> None:
    document = sparkdr("--plan", plan, "runs", "show", "INC-0001", "--json").document
    assert document["outcome"] == "completed with exceptions"
    assert document["exceptions"] == ["copy"]
    stop, copy, *_rest = document["steps"]
    assert (stop["phase"], stop["took_s"]) == ("done", 1.0)
    assert (copy["phase"], copy["reason"]) == ("skipped", "no room [on] the disk")


def test_a_run_that_is_not_there_is_refused_with_those_that_are(plan: Path) -> None:
    said = sparkdr("--plan", plan, "runs", "show", "INC-0009")
    assert said.status == 2
    assert "INC-0001" in said.err


def test_journals_as_they_were_written_are_intact(plan: Path) -> None:
    said = sparkdr("--plan", plan, "runs", "verify")
    assert said.status == 0
    assert said.out.count("✔") == 2


def test_a_changed_journal_is_found(plan: Path, tmp_path: Path) -> None:
    journal = tmp_path / "state" / "runs" / "INC-0001" / "journal.jsonl"
    journal.write_text(journal.read_text(encoding="utf-8").replace("no room", "no time"), encoding="utf-8")
    said = sparkdr("--plan", plan, "runs", "verify", "--json")
    assert said.status == 1
    first, second = said.document
    assert (first["id"], first["ok"], first["broken_at"]) == ("INC-0001", False, 5)
    assert second["ok"] is True
    assert sparkdr("--plan", plan, "runs", "verify", "INC-0002").status == 0


def test_a_journal_without_an_opening_is_not_passed_over(plan: Path, tmp_path: Path) -> None:
    (tmp_path / "state" / "runs" / "INC-0003").mkdir()
    said = sparkdr("--plan", plan, "runs", "verify")
    assert said.status == 1
    assert "✖ INC-0003" in said.out


def test_the_state_folder_can_be_named(plan: Path, tmp_path: Path) -> None:
    assert sparkdr("--plan", plan, "--state", tmp_path / "elsewhere", "runs", "list", "--json").document == []


@pytest.mark.parametrize(
    "command", [["status", "--json"], ["runs", "show"], ["runs", "verify"], ["contacts"], ["report"]]
)
def test_commands_that_look_never_import_what_acts(command: list[str], plan: Path) -> None:
    program = (
        "import sys, sparkdr_tui.cli as cli\n"
        f"cli.run(['--plan', {str(plan)!r}, *{command!r}])\n"
        "print(*(name for name in sys.modules if name.startswith('sparkdr_tui.recover')), file=sys.stderr)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, env=environment(), timeout=60, check=True
    )
    assert not done.stderr.strip()
    assert done.stdout
