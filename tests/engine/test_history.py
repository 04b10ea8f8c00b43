"""What earlier runs teach a forecast: the same plan, attempts that ended well, steps that are the same."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from sparkdr_tui.record import events as e
from sparkdr_tui.record.forecast import estimate
from sparkdr_tui.record.history import history
from sparkdr_tui.record.journal import Journal, next_run
from tests.engine.recorded import START, opened, outline, started

NOW = opened()


class Past:
    """Runs kept in a state folder, one after the other."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.now = START

    def run(
        self,
        *attempts: tuple[str, e.Ending, float],
        mode: e.Mode = "drill",
        close: bool = True,
        script: str | None = None,
        **changes: object,
    ) -> Path:
        """Keep a run of these attempts (step, ending, seconds)."""
        run, folder = next_run(self.folder, mode)
        journal = Journal.create(folder, "mina", lambda: self.now)
        journal.append(opened().model_copy(update={"run": run, "mode": mode, **changes}))
        for step, ending, took in attempts:
            journal.append(started(step).model_copy(update={"script_sha256": script}))
            self.now += timedelta(seconds=took)
            journal.append(e.StepFinished(step=step, attempt=1, ending=ending))
        if close:
            journal.append(e.RunClosed(outcome="completed"))
        journal.close()
        self.now += timedelta(hours=1)
        return folder


@pytest.fixture
def past(tmp_path: Path) -> Past:
    return Past(tmp_path)


def test_attempts_that_ended_well_tell_what_a_step_takes_newest_first(past: Past) -> None:
    past.run(("stop", "failed", 500), ("stop", "done", 10), ("copy", "cancelled", 9))
    past.run(("stop", "done", 20), close=False)
    past.run(("stop", "done", 99), runbook="redis")
    (past.folder / "runs" / "DRL-0009").mkdir()
    assert history(past.folder, NOW) == {"stop": [20.0, 10.0]}
    assert history(past.folder / "nowhere", NOW) == {}


def test_drills_tell_like_incidents(past: Past) -> None:
    past.run(("stop", "done", 10), mode="drill")
    past.run(("stop", "done", 20), mode="incident")
    assert history(past.folder, NOW) == {"stop": [20.0, 10.0]}


def test_another_plan_in_the_same_folder_tells_nothing(past: Past) -> None:
    past.run(("stop", "done", 10), plan="Elsewhere")
    assert history(past.folder, NOW) == {}


@pytest.mark.parametrize("changes", [{"mode": "lab"}, {"mode": "lab", "lab": True}, {"mode": "drill", "lab": True}])
def test_a_lab_tells_nothing_about_the_plan_whose_name_it_has(past: Past, changes: dict[str, object]) -> None:
    past.run(("stop", "done", 1), **changes)  # type: ignore[arg-type]
    assert history(past.folder, NOW) == {}
    assert history(past.folder, NOW.model_copy(update={"lab": True})) == {"stop": [1.0]}


def test_a_step_that_changed_is_known_by_what_its_newest_script_took(past: Past) -> None:
    past.run(("stop", "done", 10), ("copy", "done", 5), script="slow")
    past.run(("stop", "done", 2), script="quick")
    assert history(past.folder, NOW) == {"stop": [2.0], "copy": [5.0]}


def test_a_step_that_went_to_another_node_begins_anew(past: Past) -> None:
    past.run(("stop", "done", 10))
    moved = opened(outline("stop").model_copy(update={"on": "laptop"}))
    assert history(past.folder, moved) == {}


def test_of_a_run_that_is_over_only_what_was_before_it_counts(past: Past) -> None:
    past.run(("stop", "done", 10))
    second = past.now
    past.run(("stop", "done", 20))
    assert history(past.folder, NOW, second) == {"stop": [10.0]}


def test_a_damaged_journal_is_passed_over(past: Past) -> None:
    past.run(("stop", "done", 10))
    folder = past.run(("stop", "done", 20))
    lines = (folder / "journal.jsonl").read_bytes().split(b"\n")
    (folder / "journal.jsonl").write_bytes(b"\n".join([lines[0], b"{}", *lines[1:]]))
    assert history(past.folder, NOW) == {"stop": [10.0]}


def test_half_and_nine_tenths_of_earlier_attempts_else_what_the_plan_expects() -> None:
    step = outline("stop", expect=60)
    many = estimate(step, [10.0, 20.0, 30.0, 40.0, 50.0])
    assert many is not None and (many.p50, many.p90, many.runs) == (30, 46, 5)
    one = estimate(step, [10.0])
    assert one is not None and (one.p50, one.p90, one.runs) == (10, 15, 1)
    planned = estimate(step, [])
    assert planned is not None and (planned.p50, planned.p90, planned.runs) == (60, 90, 0)
    assert estimate(outline("stop"), []) is None
