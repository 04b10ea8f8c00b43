"""A run as lengths of time: what each step spent on what, and whether a machine or a person was waited for. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import pairwise

from sparkdr_tui.record import events as e
from sparkdr_tui.record.fold import fold
from sparkdr_tui.record.state import Phase, RunState


class Doing(StrEnum):
    """What a step spends its time on."""

    ASKED = "asked"
    WORKING = "working"
    VERIFYING = "verifying"
    UNDOING = "undoing"
    STUCK = "stuck"

    @property
    def waits(self) -> bool:
        """For a person."""
        return self in (Doing.ASKED, Doing.STUCK)


@dataclass(frozen=True, slots=True)
class Bar:
    """A step doing one thing from one moment to another."""

    step: str
    doing: Doing
    start: datetime
    end: datetime
    attempt: int

    def within(self, start: datetime, end: datetime) -> float:
        """Seconds of it between two moments."""
        return max(0.0, (min(self.end, end) - max(self.start, start)).total_seconds())


@dataclass(frozen=True, slots=True)
class Turn:
    """A step coming to a phase that it does not leave by itself."""

    step: str
    at: datetime
    phase: Phase
    marked: bool = False
    undone: bool = False


@dataclass(frozen=True, slots=True)
class Share:
    """A stretch of the run in which a machine worked, or else only a person was waited for."""

    start: datetime
    end: datetime
    machine: bool

    def within(self, start: datetime, end: datetime) -> float:
        """Seconds of it between two moments."""
        return max(0.0, (min(self.end, end) - max(self.start, start)).total_seconds())


@dataclass(frozen=True, slots=True)
class Course:
    """How the time of a run went."""

    bars: tuple[Bar, ...]
    turns: tuple[Turn, ...]
    shares: tuple[Share, ...]

    def spent(self, step: str, *, waiting: bool) -> float:
        """Seconds that a step waited for a person, or else that a machine worked on it."""
        return sum(
            (each.end - each.start).total_seconds()
            for each in self.bars
            if each.step == step and each.doing.waits is waiting
        )


_DOING = {
    Phase.ASKED: Doing.ASKED,
    Phase.RUNNING: Doing.WORKING,
    Phase.VERIFYING: Doing.VERIFYING,
    Phase.UNDOING: Doing.UNDOING,
    Phase.FAILED: Doing.STUCK,
    Phase.TIMED_OUT: Doing.STUCK,
    Phase.CANCELLED: Doing.STUCK,
    Phase.UNKNOWN: Doing.STUCK,
}
_TURNS = (Phase.DONE, Phase.SKIPPED, Phase.FAILED, Phase.TIMED_OUT, Phase.CANCELLED, Phase.UNKNOWN)


def course(records: Sequence[e.Record], now: datetime) -> Course:
    """The course of a run up to its end, or up to `now`."""
    states = list(_states(records))
    if not states:
        return Course((), (), ())
    end = until(states[-1], now)
    return Course(tuple(_bars(states, end)), tuple(_turns(states)), tuple(_shares(states, end)))


def until(state: RunState, now: datetime) -> datetime:
    """Up to when there is something to tell: the end of the run, or now. Its clocks may stand still for longer."""
    return state.closed_at or max(now, state.at)


def _states(records: Iterable[e.Record]) -> Iterator[RunState]:
    state: RunState | None = None
    for record in records:
        state = fold(state, record)
        yield state


def _bars(states: Sequence[RunState], end: datetime) -> Iterator[Bar]:
    """One step after the other, each from its first bar to its last."""
    for name in states[0].steps:
        since, before = states[0].at, states[0].steps[name]
        for state in states[1:]:
            step = state.steps[name]
            if (step.phase, step.attempt) == (before.phase, before.attempt) and state.live:
                continue
            if (doing := _DOING.get(before.phase)) and state.at > since:
                yield Bar(name, doing, since, state.at, before.attempt)
            since, before = state.at, step
        if states[-1].live and (doing := _DOING.get(before.phase)) and end > since:
            yield Bar(name, doing, since, end, before.attempt)


def _turns(states: Sequence[RunState]) -> Iterator[Turn]:
    for before, state in pairwise(states):
        for name, step in state.steps.items():
            was = before.steps[name]
            if step.phase in _TURNS and (step.phase, step.attempt) != (was.phase, was.attempt):
                yield Turn(name, state.at, step.phase, step.marked, step.undone)


def _shares(states: Sequence[RunState], end: datetime) -> Iterator[Share]:
    for before, state in pairwise(states):
        if state.at > before.at and (state.machine, state.person) != (before.machine, before.person):
            yield Share(before.at, state.at, state.machine > before.machine)
    last = states[-1]
    if end > last.at:
        yield Share(last.at, end, last.split(end)[0] > last.machine)
