"""Where a run stands on its escalation path (에스컬레이션 절차), and whom to call next. Pure.

The path begins at the stage whose levels contain the run's level. It moves up by itself: when nobody has recovered
within the stage's time since it was entered or one of its people was last reached; at the second failed attempt; when
everybody of the stage was called and nobody reached; when the level rises. The operator may move it up by hand. It
never moves down, and it stands still while everything is back, before a drill begins, and after the end.

The fold keeps `Position` up to date, record by record; `standing` tells what it is at a moment, so that every viewer
comes to the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sparkdr_tui.language import _
from sparkdr_tui.plan.graph import scenarios
from sparkdr_tui.plan.model import OWNER
from sparkdr_tui.plan.runbook import Plan
from sparkdr_tui.record import events as e
from sparkdr_tui.record.state import Cause, Move, Position, RunState

FAILURES = 2
"""So many failed attempts in a stage move the path up."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Where the path is at a moment."""

    stage: e.StageOutline
    number: int
    """Of the stage in the path, from 0."""
    entered_at: datetime
    why: Cause
    next: e.StageOutline | None
    """None at the last stage."""
    call: str | None
    """The contact to call next, or who is being called; None when nobody is (left) to be called, or it stands still."""
    calling: bool
    """Somebody said that `call` is being called right now."""
    deadline: datetime | None
    """When the path moves up by itself, if nothing else happens; None at the last stage, and while it stands still."""
    recovered: bool
    """Everything is back: go on watching."""
    results: Mapping[str, e.CallResult]
    """What is known of the people of the stage: who was reached in this run, and who was tried since it was entered."""
    moves: tuple[Move, ...]
    """How it came here: the first is where it began."""

    def left(self, now: datetime) -> float | None:
        """Seconds until the path moves up by itself."""
        return None if self.deadline is None else max(0.0, (self.deadline - now).total_seconds())


def standing(state: RunState, now: datetime) -> Standing | None:
    """Where the path of a run is at `now` (a closed run: where it was at its end); None where it has no path."""
    at = advanced(state, max(now, state.at)).position
    if at is None:
        return None
    path, still = state.opened.path, _still(state)
    stage = path[at.stage]
    call = None if still else _call(state, at)
    results = _results(state, at)
    return Standing(
        stage=stage,
        number=at.stage,
        entered_at=at.moves[-1].at,
        why=at.moves[-1].why,
        next=path[at.stage + 1] if at.stage + 1 < len(path) else None,
        call=call,
        calling=call is not None and results.get(call) == "calling",
        deadline=None if still else _deadline(path, at),
        recovered=recovered(state),
        results=results,
        moves=at.moves,
    )


def why(cause: Cause) -> str:
    """Why the path came to a stage, as a sentence goes on."""
    match cause:
        case Cause.START:
            return _("where the path begins")
        case Cause.LEVEL:
            return _("by its level")
        case Cause.FAILURES:
            return _("two attempts failed")
        case Cause.TIME:
            return _("not recovered in time")
        case Cause.NOBODY:
            return _("nobody was reached")
        case Cause.HAND:
            return _("moved up by hand")


def recovered(state: RunState) -> bool:
    """Whether everything that the run is about is back; where no service is known, whether the work is done."""
    if not state.clocks:
        return state.work_done
    return all(clock.restored for clock in state.clocks.values())


def path_of(plan: Plan, scenario: str | None) -> tuple[e.StageOutline, ...]:
    """The plan's escalation path, as it is for a scenario (or several): its owners are whom those need first."""
    owners = [name for each in scenarios(plan, scenario) for name in each.contacts]
    return tuple(
        e.StageOutline(
            id=stage.id,
            title=stage.title,
            levels=stage.levels,
            who=tuple(dict.fromkeys(name for each in stage.who for name in (owners if each == OWNER else [each]))),
            escalate_after=stage.escalate_after.total_seconds() if stage.escalate_after else None,
        )
        for stage in plan.contacts.escalation
    )


# -- for the fold ---------------------------------------------------------------------------------------


def first_position(opened: e.RunOpened, at: datetime) -> Position | None:
    """Where the path begins."""
    if not opened.path:
        return None
    stage = start(opened.path, opened.level)
    return Position(stage or 0, at, (Move(stage or 0, at, Cause.START if stage is None else Cause.LEVEL),))


def start(path: tuple[e.StageOutline, ...], level: int | None) -> int | None:
    """The stage that a level begins at; None where no stage says so."""
    return next((number for number, stage in enumerate(path) if level in stage.levels), None)


def advanced(state: RunState, until: datetime) -> RunState:
    """The state once time has gone on to `until` and nothing has happened."""
    position = state.position
    if position is None or _still(state):
        return state
    while (deadline := _deadline(state.opened.path, position)) is not None and deadline <= until:
        position = _moved(position, position.stage + 1, deadline, Cause.TIME)
    return replace(state, position=position)


def followed(before: RunState, after: RunState, event: object) -> RunState:
    """The state once the path has followed what an event made of it; `before` had advanced to the same moment."""
    position = after.position
    if position is None:
        return after
    if after.begun and not before.begun:
        position = Position(position.stage, after.at, (replace(position.moves[0], at=after.at),))
    elif _still(before) and not _still(after):  # what was back is gone again
        position = replace(position, since=after.at, failures=0)
    return replace(after, position=_after(after, position, event))


def _after(state: RunState, position: Position, event: object) -> Position:
    path, at = state.opened.path, state.at
    match event:
        case e.Escalated(stage=name):
            wanted = next((number for number, stage in enumerate(path) if stage.id == name), 0)
            return _moved(position, wanted, at, Cause.HAND)
        case e.LevelRaised(level=level) if not _still(state):
            return _moved(position, start(path, level) or 0, at, Cause.LEVEL)
        case e.ContactTried(contact=contact, result="reached") if contact in path[position.stage].who:
            return replace(position, since=at)
    if position.stage + 1 >= len(path) or _still(state):
        return position
    if isinstance(event, e.StepFinished) and event.ending in ("failed", "timed out"):
        position = replace(position, failures=position.failures + 1)
        if position.failures >= FAILURES:
            return _moved(position, position.stage + 1, at, Cause.FAILURES)
    if isinstance(event, e.ContactTried) and _nobody(state, position):
        return _moved(position, position.stage + 1, at, Cause.NOBODY)
    return position


def _moved(position: Position, stage: int, at: datetime, why: Cause) -> Position:
    """A position further up; never further down."""
    if stage <= position.stage:
        return position
    return Position(stage, at, (*position.moves, Move(stage, at, why)))


# -- inside --------------------------------------------------------------------------------------------


def _still(state: RunState) -> bool:
    """Whether the path does not move by itself."""
    return not state.live or not state.begun or recovered(state)


def _deadline(path: tuple[e.StageOutline, ...], position: Position) -> datetime | None:
    after = path[position.stage].escalate_after
    if after is None or position.stage + 1 >= len(path):
        return None
    return position.since + timedelta(seconds=after)


def _results(state: RunState, position: Position) -> dict[str, e.CallResult]:
    """Of the people of the stage, the last word: a call that failed before the stage was entered counts no more."""
    who, entered = state.opened.path[position.stage].who, position.moves[-1].at
    found: dict[str, e.CallResult] = {}
    for each in state.tried:
        if each.call.contact not in who:
            continue
        if each.call.result == "reached" or each.at >= entered:
            found[each.call.contact] = each.call.result
        else:
            found.pop(each.call.contact, None)
    return found


def _call(state: RunState, position: Position) -> str | None:
    """Who is being called; else the first whom nobody has called; else, where nobody was reached, the first again."""
    who, results = state.opened.path[position.stage].who, _results(state, position)
    if (calling := next((each for each in who if results.get(each) == "calling"), None)) is not None:
        return calling
    if (untried := next((each for each in who if each not in results), None)) is not None:
        return untried
    if "reached" in results.values():
        return None
    return next(iter(_longest_ago(state, who)), None)


def _longest_ago(state: RunState, who: tuple[str, ...]) -> Iterator[str]:
    """People, whom nobody has called for longest first: nobody is called twice in a row where others are left."""
    last = {each.call.contact: number for number, each in enumerate(state.tried)}
    yield from sorted(who, key=lambda each: last.get(each, -1))


def _nobody(state: RunState, position: Position) -> bool:
    """Whether everybody of the stage was called and nobody reached."""
    who, results = state.opened.path[position.stage].who, _results(state, position)
    return bool(who) and all(results.get(each) == "not reached" for each in who)
