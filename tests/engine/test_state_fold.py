"""The fold tells of any journal what happened: the life of steps, the clocks, whose time it was."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sparkdr_tui.plan.model import State
from sparkdr_tui.record import events as e
from sparkdr_tui.record.fold import fold, fold_all
from sparkdr_tui.record.state import Phase, RunState
from tests.engine.recorded import START, Told, after, ended, journals, opened, outline, seen, started, told


@given(journals())
def test_any_journal_folds_and_always_to_the_same_state(records: list[e.Record]) -> None:
    state = fold_all(records)
    assert state == fold_all(records)
    assert state == fold_all([e.RECORD.validate_json(e.RECORD.dump_json(record)) for record in records])
    assert state is not None and state.n == records[-1].n


@given(journals(), st.integers(-100, 10_000))
def test_no_clock_runs_backwards_and_no_time_is_counted_twice(records: list[e.Record], later: int) -> None:
    state: RunState | None = None
    before = (0.0, 0.0)
    for record in records:
        state = fold(state, record)
        assert state.machine >= before[0] and state.person >= before[1]
        before = (state.machine, state.person)
        assert state.machine + state.person <= (state.at - state.opened_at).total_seconds() + 1e-6
    assert state is not None
    now = after(later)
    machine, person = state.split(now)
    assert machine + person <= (state.moment(now) - state.opened_at).total_seconds() + 1e-6
    for clock in state.clocks.values():
        assert clock.elapsed(now) >= 0
        assert not clock.restored or clock.healthy_at is not None
    assert all((step.took(now) or 0.0) >= 0 for step in state.steps.values())


@given(journals())
def test_a_step_waits_exactly_as_long_as_what_it_needs(records: list[e.Record]) -> None:
    state = fold_all(records)
    assert state is not None
    for step in state.steps.values():
        settled = all(state.steps[need].phase.settled for need in step.outline.needs)
        assert step.phase not in (Phase.READY, Phase.ASKED) or settled
        assert step.phase is not Phase.PENDING or not settled


def test_a_journal_begins_with_the_opening_of_a_run() -> None:
    with pytest.raises(ValueError, match=r"run\.opened"):
        fold(None, e.Record(n=1, at=START, by="x", event=e.PaceSet(pace="none"), prev=""))
    assert fold_all([]) is None


# -- the life of a step ----------------------------------------------------------------------------------


def test_a_step_is_ready_when_all_it_needs_is_settled() -> None:
    first = opened(outline("a"), outline("b"), outline("c", "a", "b"))
    state = told(started("a"), ended("a"), first=first)
    assert state.steps["c"].phase is Phase.PENDING
    state = told(started("a"), ended("a"), e.StepSkipped(step="b", reason="not here"), first=first)
    assert state.steps["c"].phase is Phase.READY and state.steps["c"].flagged


def test_skipping_an_optional_step_flags_nothing_and_is_no_exception() -> None:
    first = opened(outline("a", optional=True), outline("b", "a"))
    state = told(e.StepSkipped(step="a", reason=""), first=first)
    assert not state.steps["b"].flagged and state.exceptions == ()
    assert told(e.StepSkipped(step="b", reason=""), first=first).exceptions == ("b",)


def test_a_retried_step_begins_anew_and_forgets_that_it_was_marked_or_undone() -> None:
    events: list[Told] = [
        started("stop"),
        ended("stop", "failed"),
        e.StepMarked(step="stop", reason="by hand"),
        e.UndoStarted(step="stop", log="logs/stop.undo.1.log"),
        e.UndoFinished(step="stop", ok=True),
    ]
    undone = told(*events).steps["stop"]
    assert (undone.phase, undone.undone, undone.marked, undone.finished_at) == (
        Phase.CANCELLED,
        True,
        False,
        after(5),
    )
    again = told(*events, e.StepRetried(step="stop"), started("stop", 2), ended("stop", attempt=2))
    step = again.steps["stop"]
    assert (step.phase, step.attempt, step.undone, step.marked, step.reason) == (Phase.DONE, 2, False, False, "")
    assert again.exceptions == ()
    assert again.steps["copy"].phase is Phase.READY


def test_undoing_a_step_takes_readiness_from_what_needs_it() -> None:
    state = told(started("stop"), ended("stop"), e.StepAsked(step="copy"), e.UndoStarted(step="stop", log="x"))
    assert state.steps["copy"].phase is Phase.PENDING


def test_another_input_makes_the_steps_that_used_it_run_again() -> None:
    events: list[Told] = [started("stop"), ended("stop"), e.StepSkipped(step="copy", reason="no room")]
    chosen = e.InputChosen(name="PG_BACKUP", value="/other", reset=("stop", "copy"))
    state = told(*events, chosen)
    assert [state.steps[name].phase for name in ("stop", "copy", "restore")] == [
        Phase.READY,
        Phase.PENDING,
        Phase.PENDING,
    ]
    assert state.steps["copy"].reason == ""
    assert told(e.InputMissing(name="PG_BACKUP", why="no folder"), chosen).missing == {}


def test_what_was_under_way_when_the_cockpit_went_away_is_unknown_and_its_time_ends_with_the_last_record() -> None:
    state = told((10, started("stop")), (40, e.NoteAdded(text="x")), (4000, e.RunReopened(interrupted=("stop",))))
    step = state.steps["stop"]
    assert (step.phase, step.machine) == (Phase.UNKNOWN, 30.0)
    assert (state.machine, state.person) == (40.0, 3960.0)
    state = told((10, started("stop")), (40, e.RunReopened(interrupted=("stop",))), (41, ended("stop", "unknown")))
    assert (state.steps["stop"].phase, state.steps["stop"].machine) == (Phase.UNKNOWN, 0.0)


def test_time_goes_to_the_machine_while_one_works_and_else_to_the_person() -> None:
    state = told(
        (10, e.StepAsked(step="stop")),
        (30, started("stop")),
        (70, ended("stop", "failed")),
        (80, e.StepSkipped(step="stop", reason="x")),
    )
    assert (state.machine, state.person) == (50.0, 30.0)
    closed = told((10, e.StepAsked(step="stop")), (30, e.RunClosed(outcome="aborted")))
    assert closed.split(after(9999)) == (10.0, 20.0)
    assert closed.moment(after(9999)) == after(30)


# -- the clocks ------------------------------------------------------------------------------------------


def test_a_clock_runs_from_the_incident_to_health() -> None:
    first = opened(incident_at=START - timedelta(minutes=5))
    state = told((1, seen("postgresql", State.DAMAGED)), (60, seen("postgresql", State.UP)), first=first)
    clock = state.clocks["postgresql"]
    assert clock.restored and clock.elapsed(after(9999)) == 360
    assert clock.left(after(9999)) == 1440


def test_a_clock_runs_on_when_health_does_not_last() -> None:
    events: list[Told] = [
        (1, seen("backend", State.REFUSED)),
        (60, seen("backend", State.UP)),
        (70, seen("backend", State.REFUSED)),
    ]
    clock = told(*events).clocks["backend"]
    assert not clock.restored and clock.elapsed(after(100)) == 100
    again = told(*events, (80, seen("backend", State.SLOW))).clocks["backend"]
    assert again.restored and again.elapsed(after(100)) == 80


def test_the_clock_of_a_service_that_went_down_later_starts_with_its_outage() -> None:
    events: list[Told] = [
        (1, seen("backend", State.UP)),
        (60, seen("backend", State.REFUSED)),
        (90, seen("backend", State.UP)),
    ]
    assert told(*events).clocks["backend"].elapsed(after(500)) == 30
    moved = e.IncidentMoved(incident_at=START - timedelta(hours=1))
    clocks = told(*events, moved).clocks
    assert clocks["backend"].elapsed(after(500)) == 30
    assert clocks["postgresql"].elapsed(after(500)) == 4100


def test_a_clock_never_seen_down_stops_when_the_work_is_done() -> None:
    first = opened(outline("a"), outline("b", optional=True))
    events: list[Told] = [seen("backend", State.UP), started("a")]
    assert not told(*events, first=first).clocks["backend"].restored
    done = told(*events, ended("a"), first=first)
    assert done.clocks["backend"].restored and not done.clocks["postgresql"].restored
    assert not told(*events, ended("a"), e.StepRetried(step="a"), first=first).clocks["backend"].restored


def test_not_knowing_neither_starts_nor_stops_a_clock() -> None:
    events: list[Told] = [
        (1, seen("backend", State.REFUSED)),
        (60, seen("backend", State.UP)),
        (70, seen("backend", State.UNKNOWN)),
    ]
    clock = told(*events).clocks["backend"]
    assert clock.restored and clock.state is State.UNKNOWN and clock.elapsed(after(100)) == 60
    never = told((1, seen("backend", State.UNKNOWN)), (5, seen("backend", State.UP))).clocks["backend"]
    assert not never.seen_down and not never.restored


def test_a_service_without_an_objective_has_a_clock_that_promises_nothing() -> None:
    clock = told(first=opened(rto=None)).clocks["backend"]
    assert clock.left(after(10)) is None and clock.elapsed(after(10)) == 10
