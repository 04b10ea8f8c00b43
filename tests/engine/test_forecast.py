"""The forecast follows the longest way that is left, and is never green about what it does not know."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sparkdr_tui.plan.model import State
from sparkdr_tui.record import events as e
from sparkdr_tui.record.fold import fold_all
from sparkdr_tui.record.forecast import Verdict, forecast
from sparkdr_tui.record.state import RunState
from tests.engine.recorded import START, after, ended, journals, opened, outline, seen, started, told

CHAIN = (outline("a", expect=60), outline("b", "a", expect=120), outline("c", "b", expect=20))


def left(state: RunState, seconds: float, **took: list[float]) -> tuple[float, float]:
    found = forecast(state, after(seconds), took)
    assert found.known
    return found.p50, found.p90


def test_a_chain_takes_the_sum_of_what_is_expected_and_half_again_at_worst() -> None:
    assert left(told(first=opened(*CHAIN)), 0) == (200, 300)


def test_of_branches_side_by_side_the_longest_counts() -> None:
    steps = (outline("a", expect=10), outline("long", "a", expect=100), outline("short", "a", expect=5))
    joined = outline("z", "long", "short", expect=1)
    assert left(told(first=opened(*steps, joined)), 0)[0] == 111
    late = told(started("a"), ended("a"), started("short"), e.NoteAdded(text="x"), first=opened(*steps, joined))
    assert left(late, 4)[0] == 101


def test_steps_may_need_steps_that_stand_below_them() -> None:
    assert left(told(first=opened(outline("z", "a", expect=5), outline("a", expect=10))), 0)[0] == 15


def test_optional_steps_count_only_where_a_required_one_needs_them() -> None:
    free = opened(outline("a", expect=10), outline("drop", "a", expect=500, optional=True))
    assert left(told(first=free), 0)[0] == 10
    needed = opened(outline("a", expect=10, optional=True), outline("b", "a", expect=20))
    assert left(told(first=needed), 0)[0] == 30
    assert left(told(e.StepSkipped(step="a", reason=""), first=needed), 1)[0] == 20


def test_what_a_running_step_has_taken_is_subtracted_and_a_late_one_may_be_as_late_again() -> None:
    state = told((10, started("a")), first=opened(*CHAIN))
    assert left(state, 40) == (30 + 140, 60 + 210)
    assert left(state, 80) == (0 + 140, 20 + 210)
    assert left(state, 160) == (0 + 140, 60 + 210)
    assert forecast(state, after(99), {}).overdue == ()
    assert forecast(state, after(101), {}).overdue == ("a",)


def test_a_failed_step_is_foreseen_to_run_once_more() -> None:
    state = told((10, started("a")), (50, ended("a", "failed")), first=opened(*CHAIN))
    assert left(state, 60)[0] == 200


def test_earlier_runs_know_better_than_the_plan() -> None:
    state = told(first=opened(*CHAIN))
    assert left(state, 0, a=[10.0]) == (150, 15 + 210)
    assert left(state, 0, a=[10.0, 20.0, 30.0, 40.0, 50.0]) == (170, 46 + 210)


def test_a_step_nobody_knows_makes_the_forecast_unknown_but_not_a_breach() -> None:
    state = told(first=opened(outline("a"), outline("b", "a", expect=60), rto=100))
    found = forecast(state, after(0), {})
    assert not found.known and found.urgent is not None
    assert found.urgent.verdict is Verdict.UNKNOWN and found.urgent.p50 is None
    worse = forecast(state, after(50), {}).urgent
    assert worse is not None and worse.verdict is Verdict.WILL_BREACH


@pytest.mark.parametrize(
    ("rto", "now", "verdict"),
    [
        (1000.0, 0, Verdict.ON_PACE),
        (250.0, 0, Verdict.AT_RISK),
        (150.0, 0, Verdict.WILL_BREACH),
        (150.0, 151, Verdict.BREACHED),
        (None, 0, Verdict.UNKNOWN),
        (None, 99999, Verdict.UNKNOWN),
    ],
)
def test_the_verdict_on_an_objective(rto: float | None, now: float, verdict: Verdict) -> None:
    found = forecast(told(first=opened(*CHAIN, rto=rto)), after(now), {}).urgent
    assert found is not None and found.verdict is verdict
    assert found.breach_at == (None if rto is None else START + timedelta(seconds=rto))


def test_the_estimates_are_moments() -> None:
    found = forecast(told(first=opened(*CHAIN)), after(100), {}).urgent
    assert found is not None
    assert (found.service, found.elapsed, found.left) == ("postgresql", 100, 1700)
    assert (found.p50, found.p90) == (after(300), after(400))


def test_a_service_that_is_back_met_its_objective_or_missed_it() -> None:
    down, up = seen("backend", State.REFUSED), seen("backend", State.UP)
    kept = {c.service: c for c in forecast(told((1, down), (50, up)), after(9999), {}).clocks}["backend"]
    assert (kept.verdict, kept.elapsed, kept.p50) == (Verdict.MET, 50, None)
    missed = {c.service: c for c in forecast(told((1, down), (2000, up)), after(9999), {}).clocks}["backend"]
    assert (missed.verdict, missed.left, missed.breach_at) == (Verdict.BREACHED, -200, after(1800))


def test_the_most_urgent_clock_is_a_running_one_with_the_least_left() -> None:
    first = opened(*CHAIN).model_copy(
        update={
            "objectives": tuple(
                e.Objective(service=name, title=opened().title, rto=rto)
                for name, rto in (("frontend", None), ("backend", 900.0), ("postgresql", 600.0))
            )
        }
    )
    urgent = forecast(told(first=first), after(10), {}).urgent
    assert urgent is not None and urgent.service == "postgresql"
    back = told(seen("postgresql", State.DAMAGED), seen("postgresql", State.UP), first=first)
    urgent = forecast(back, after(10), {}).urgent
    assert urgent is not None and urgent.service == "backend"


def test_when_all_is_done_and_a_service_is_not_back_nobody_knows() -> None:
    state = told(started("a"), ended("a"), first=opened(outline("a", expect=5)))
    urgent = forecast(state, after(5), {}).urgent
    assert urgent is not None and urgent.verdict is Verdict.UNKNOWN


def test_a_closed_run_foresees_nothing() -> None:
    state = told((10, e.RunClosed(outcome="aborted")), first=opened(*CHAIN))
    found = forecast(state, after(99999), {})
    assert found.at == after(10)
    assert [(clock.verdict, clock.p50) for clock in found.clocks] == [(Verdict.UNKNOWN, None)] * 2


@given(
    journals(),
    st.integers(-100, 10_000),
    st.dictionaries(st.sampled_from(("stop", "copy")), st.lists(st.floats(0, 1e6))),
)
def test_any_run_can_be_foreseen(records: list[e.Record], seconds: int, took: dict[str, list[float]]) -> None:
    state = fold_all(records)
    assert state is not None
    found = forecast(state, after(seconds), took)
    assert 0 <= found.p50 <= found.p90 + 1e-6
    for clock in found.clocks:
        assert clock.rto is not None or clock.verdict is Verdict.UNKNOWN
        assert clock.verdict is not Verdict.ON_PACE or found.known


# -- each service by itself ------------------------------------------------------------------------------


def proving(*services: str, step: e.StepOutline) -> e.StepOutline:
    return step.model_copy(update={"proves": services})


def verdicts(state: RunState, now: float) -> dict[str, tuple[Verdict, datetime | None]]:
    return {each.service: (each.verdict, each.p50) for each in forecast(state, after(now), {}).clocks}


LONG = (
    proving("postgresql", step=outline("database", expect=100)),
    proving("backend", step=outline("start", "database", expect=50)),
    outline("rest", "start", expect=5000),
)


def test_a_service_is_foreseen_with_the_step_that_proves_it_not_with_the_end_of_the_run() -> None:
    state = told(first=opened(*LONG, rto=1800))
    assert verdicts(state, 0) == {
        "postgresql": (Verdict.ON_PACE, after(100)),
        "backend": (Verdict.ON_PACE, after(150)),
    }
    assert forecast(state, after(0), {}).p50 == 5150


def test_the_last_step_that_proves_a_service_counts() -> None:
    again = proving("postgresql", step=outline("again", "rest", expect=10))
    assert verdicts(told(first=opened(*LONG, again, rto=1800)), 0)["postgresql"] == (Verdict.WILL_BREACH, after(5160))


def test_a_service_that_is_still_down_after_its_step_waits_for_the_rest() -> None:
    state = told(started("database"), (90, ended("database")), first=opened(*LONG, rto=1800))
    assert verdicts(state, 90)["postgresql"][1] == after(90 + 5050)


def test_what_nobody_knows_about_other_steps_does_not_matter_to_a_service() -> None:
    steps = (LONG[0], outline("beside"), LONG[1].model_copy(update={"needs": ("database", "beside")}))
    found = verdicts(told(first=opened(*steps, rto=1800)), 0)
    assert found["postgresql"] == (Verdict.ON_PACE, after(100))
    assert found["backend"] == (Verdict.UNKNOWN, None)
