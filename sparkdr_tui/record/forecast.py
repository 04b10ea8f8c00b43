"""When a run will have brought its services back, by what earlier runs took, else by what the plan expects.

A service is taken to be back when the last step that waits for it or checks it is done; without such a step, when every
step that is not optional is. Time that people take is not foreseen; it shows as the forecast moving with the clock.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from graphlib import CycleError, TopologicalSorter
from statistics import median, quantiles

from sparkdr_tui.plan.model import Text
from sparkdr_tui.record.events import StepOutline
from sparkdr_tui.record.state import Clock, RunState, StepState

SPREAD = 1.5
"""P90 over P50 where too few runs tell."""
_FEW = 3


class Verdict(StrEnum):
    """What becomes of an objective. `UNKNOWN` is no good news: nothing was promised, or a step's time is not known."""

    ON_PACE = "on pace"
    AT_RISK = "at risk"
    WILL_BREACH = "will breach"
    BREACHED = "breached"
    MET = "met"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class ClockForecast:
    """The clock of a service at a moment, and when it is likely to stop."""

    service: str
    title: Text
    rto: float | None
    elapsed: float
    left: float | None
    """Seconds until the objective is missed (negative: missed); None without an objective."""
    verdict: Verdict
    restored: bool
    breach_at: datetime | None
    """When the objective is missed, or was, unless the clock stopped before."""
    p50: datetime | None = None
    p90: datetime | None = None


@dataclass(frozen=True, slots=True)
class Forecast:
    """What is left of a run: seconds of machine time on the critical path, and what that means for each clock."""

    at: datetime
    p50: float
    p90: float
    known: bool
    """Every step that is left has an estimate; else `p50` and `p90` are at least so much."""
    overdue: tuple[str, ...]
    """Steps that run for longer than their P90."""
    clocks: tuple[ClockForecast, ...]
    urgent: ClockForecast | None
    """The running clock with the least time left; when none runs, the one that came closest; None without clocks."""
    earlier: int = 0
    """Earlier runs that speak for it: the fewest of any step that is left; 0 where the plan alone does."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """How long a step takes: half of the time no longer than `p50`, nine times of ten no longer than `p90`."""

    p50: float
    p90: float
    runs: int = 0
    """Earlier attempts that say so; 0: what the plan expects, and half again."""


@dataclass(frozen=True, slots=True)
class _Finish:
    """When something is over; not `known`: no sooner than that."""

    p50: float
    p90: float
    known: bool


_NOTHING = Estimate(0.0, 0.0)


def forecast(state: RunState, now: datetime, history: Mapping[str, Sequence[float]]) -> Forecast:
    """What is left of `state` at `now`; `history` has seconds by step id (see `history.py`)."""
    now, waited = state.moment(now), timedelta(0) if state.begun else now - state.moment(now)
    left: dict[str, Estimate] = {}
    unknown: set[str] = set()
    overdue: list[str] = []
    for name, step in state.steps.items():
        whole = _NOTHING if step.phase.settled else estimate(step.outline, history.get(name, ()))
        if whole is None:
            unknown.add(name)
        left[name] = _NOTHING if whole is None else _remaining(step, whole, now)
        if whole is not None and step.phase.busy and (_running(step, now) or 0.0) > whole.p90:
            overdue.append(name)
    required = _needed(state.steps, (name for name, step in state.steps.items() if not step.outline.optional))
    ends = _ends(state.steps, left, required)
    finish = _last(ends, required, unknown)
    clocks = tuple(
        _later(_clock(each, state, now, _last(ends, _bringing(state.steps, required, each.service), unknown)), waited)
        for each in state.clocks.values()
    )
    earlier = min((len(history.get(name, ())) for name in required if not state.steps[name].phase.settled), default=0)
    return Forecast(now, finish.p50, finish.p90, finish.known, tuple(overdue), clocks, _most_urgent(clocks), earlier)


# -- one step ------------------------------------------------------------------------------------------


def estimate(outline: StepOutline, took: Sequence[float]) -> Estimate | None:
    """How long a step takes as a whole; None when nobody said and nobody knows."""
    if took:
        middle = median(took)
        few = len(took) < _FEW
        late = max(*took, SPREAD * middle) if few else quantiles(took, n=10, method="inclusive")[-1]
        return Estimate(middle, max(middle, late), len(took))
    expect = outline.expect
    return None if expect is None else Estimate(expect, SPREAD * expect)


def _remaining(step: StepState, whole: Estimate, now: datetime) -> Estimate:
    """What is left of a step; one that is late already may well become as late again."""
    done = _running(step, now) or 0.0
    return Estimate(max(0.0, whole.p50 - done), abs(whole.p90 - done))


def _running(step: StepState, now: datetime) -> float | None:
    """Seconds that the attempt under way has taken."""
    if not step.phase.busy or step.started_at is None:
        return None
    return max(0.0, (now - step.started_at).total_seconds())


# -- the graph -----------------------------------------------------------------------------------------


def _needed(steps: Mapping[str, StepState], names: Iterable[str]) -> set[str]:
    """Steps, and all that must be over before them."""
    found: set[str] = set()
    queue = list(names)
    while queue:
        name = queue.pop()
        if name not in found and name in steps:
            found.add(name)
            queue += steps[name].outline.needs
    return found


def _bringing(steps: Mapping[str, StepState], required: set[str], service: str) -> set[str]:
    """The steps that have to be over for a service to be healthy: all of them where none (that is left) says so."""
    proving = [name for name in required if service in steps[name].outline.proves]
    if all(steps[name].phase.settled for name in proving):
        return required
    return _needed(steps, proving)


def _ends(
    steps: Mapping[str, StepState], left: Mapping[str, Estimate], required: set[str]
) -> dict[str, Estimate] | None:
    """When each required step is over, along the longest way to it; None for a graph that is none."""
    ends: dict[str, Estimate] = {}
    try:
        order = list(TopologicalSorter({name: steps[name].outline.needs for name in required}).static_order())
    except CycleError:
        return None
    for name in order:
        if name not in steps:
            continue
        before = [ends[need] for need in steps[name].outline.needs if need in ends]
        ends[name] = Estimate(
            left[name].p50 + max((each.p50 for each in before), default=0.0),
            left[name].p90 + max((each.p90 for each in before), default=0.0),
        )
    return ends


def _last(ends: Mapping[str, Estimate] | None, steps: set[str], unknown: set[str]) -> _Finish:
    """When the last of `steps` is over."""
    if ends is None:
        return _Finish(0.0, 0.0, known=False)
    found = [ends[name] for name in steps]
    return _Finish(
        max((each.p50 for each in found), default=0.0),
        max((each.p90 for each in found), default=0.0),
        known=not unknown & steps,
    )


# -- the clocks ----------------------------------------------------------------------------------------


def _clock(clock: Clock, state: RunState, now: datetime, finish: _Finish) -> ClockForecast:
    running = state.live and not clock.restored
    p50 = now + timedelta(seconds=finish.p50) if running and finish.known else None
    p90 = now + timedelta(seconds=finish.p90) if running and finish.known else None
    breach_at = None if clock.rto is None else clock.since + timedelta(seconds=clock.rto)
    return ClockForecast(
        service=clock.service,
        title=clock.title,
        rto=clock.rto,
        elapsed=clock.elapsed(now),
        left=clock.left(now),
        verdict=_verdict(clock, state, now, finish),
        restored=clock.restored,
        breach_at=breach_at,
        p50=p50,
        p90=p90,
    )


def _later(clock: ClockForecast, waited: timedelta) -> ClockForecast:
    """The same, as much later as a drill that has not begun has been waited for."""
    p50, p90, breach_at = (at + waited if at is not None else None for at in (clock.p50, clock.p90, clock.breach_at))
    return replace(clock, p50=p50, p90=p90, breach_at=breach_at)


def _verdict(clock: Clock, state: RunState, now: datetime, finish: _Finish) -> Verdict:
    left = clock.left(now)
    if left is None:
        return Verdict.UNKNOWN
    if left < 0:
        return Verdict.BREACHED
    if clock.restored:
        return Verdict.MET
    if not state.live or state.work_done:
        return Verdict.UNKNOWN  # nothing is left to be done that could bring it back
    if finish.p50 > left:
        return Verdict.WILL_BREACH
    if finish.p90 > left:
        return Verdict.AT_RISK
    return Verdict.ON_PACE if finish.known else Verdict.UNKNOWN


def _most_urgent(clocks: Sequence[ClockForecast]) -> ClockForecast | None:
    running = [each for each in clocks if not each.restored]
    among = running or list(clocks)
    promised = [each for each in among if each.left is not None]
    return min(promised, key=lambda each: each.left or 0.0) if promised else next(iter(among), None)
