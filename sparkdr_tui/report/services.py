"""Each service of a run against its RTO: met or missed, and what took the time. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sparkdr_tui.record.state import Clock, RunState
from sparkdr_tui.report.spans import Course

_TELLING = 1.0
"""Seconds; a step that took less is not named as a reason."""
_NAMED = 2


@dataclass(frozen=True, slots=True)
class Took:
    """A step's part of a stretch of time."""

    step: str
    seconds: float


@dataclass(frozen=True, slots=True)
class ServiceTime:
    """A service's way back: how long it took, against what was promised, and where the time went."""

    clock: Clock
    end: datetime
    """When the clock stopped, or the moment of the report."""
    elapsed: float
    left: float | None
    """Seconds that were left of the RTO (negative: missed by so much); None without one."""
    before: float
    """Seconds of it before the run was opened."""
    machine: float
    """Seconds of it in which machines worked."""
    person: float
    """Seconds of it in which only a person was waited for."""
    work: tuple[Took, ...]
    """The steps that took most of it."""
    waits: tuple[Took, ...]
    """The steps at which people were waited for longest."""

    @property
    def kept(self) -> bool | None:
        """Whether the RTO was met; None without one, or while nobody can say."""
        if self.left is None:
            return None
        return False if self.left < 0 else True if self.clock.restored else None


def service_times(state: RunState, course: Course, now: datetime) -> tuple[ServiceTime, ...]:
    """Every service of the run that has a clock."""
    return tuple(_service_time(clock, state, course, state.moment(now)) for clock in state.clocks.values())


def _service_time(clock: Clock, state: RunState, course: Course, now: datetime) -> ServiceTime:
    end = clock.healthy_at if clock.restored and clock.healthy_at else now
    start = clock.since
    machine = sum(each.within(start, end) for each in course.shares if each.machine)
    person = sum(each.within(start, end) for each in course.shares if not each.machine)
    return ServiceTime(
        clock=clock,
        end=end,
        elapsed=clock.elapsed(now),
        left=clock.left(now),
        before=max(0.0, (min(state.opened_at, end) - start).total_seconds()),
        machine=machine,
        person=person,
        work=_most(course, start, end, waiting=False),
        waits=_most(course, start, end, waiting=True),
    )


def _most(course: Course, start: datetime, end: datetime, *, waiting: bool) -> tuple[Took, ...]:
    """The steps that took most between two moments, the longest first."""
    spent: dict[str, float] = {}
    for bar in course.bars:
        if bar.doing.waits is waiting:
            spent[bar.step] = spent.get(bar.step, 0.0) + bar.within(start, end)
    found = [Took(step, seconds) for step, seconds in spent.items() if seconds >= _TELLING]
    return tuple(sorted(found, key=lambda each: -each.seconds)[:_NAMED])
