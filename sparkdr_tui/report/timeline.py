"""A run as a list of moments: what each record of its journal means to a person. Pure; prints nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from sparkdr_tui.figures import clock, size, span, time_of_day
from sparkdr_tui.language import _, current
from sparkdr_tui.plan.model import State
from sparkdr_tui.record import events as e
from sparkdr_tui.record.escalation import advanced
from sparkdr_tui.record.fold import fold
from sparkdr_tui.record.losses import loss, losses
from sparkdr_tui.record.state import Cause, Move, Phase, RunState, StepState
from sparkdr_tui.report.marks import Mark, of_outcome, of_phase, of_state
from sparkdr_tui.report.outcome import backup_line
from sparkdr_tui.report.people_moments import UP, moved, moves, of_people
from sparkdr_tui.watch import details

_FACT = Mark("·", "default", "")
_WARNING = Mark("▲", "yellow", "")
NAMED = 8
"""Names of what is past its keep that a line of the timeline has room for."""


@dataclass(frozen=True, slots=True)
class Moment:
    """One line of the timeline; `more` belongs under it, `log` is a path relative to the run's folder."""

    at: datetime
    mark: Mark
    text: str
    more: tuple[str, ...] = ()
    log: str | None = None


def timeline(records: Iterable[e.Record]) -> Iterator[Moment]:
    """The moments of a run."""
    state: RunState | None = None
    for record in records:
        before, state = state, fold(state, record)
        yield from moments_of(record, before, state)


def moments_of(record: e.Record, before: RunState | None, after: RunState) -> Iterator[Moment]:
    """What a record means, and how the escalation path moved up on the way to it and because of it."""
    up = list(moves(before, after))
    yield from (_up(move, after) for move in up if move.why is Cause.TIME)
    if found := moment_of(record, before, after):
        yield found
    yield from (_up(move, after) for move in up if move.why is not Cause.TIME)


def moves_since(state: RunState, now: datetime) -> Iterator[Moment]:
    """How the path of a run has moved up since its last record."""
    later = advanced(state, now) if state.live else state
    yield from (_up(move, later) for move in moves(state, later))


def _up(move: Move, run: RunState) -> Moment:
    return Moment(move.at, UP, moved(run, move))


def moment_of(record: e.Record, before: RunState | None, after: RunState) -> Moment | None:
    """What a record means, between the states before and after it; None where it is no news."""
    event = record.event
    step: str | None = getattr(event, "step", None)
    if step is not None and step not in after.steps:
        return None  # only a journal that was tampered with speaks of such a step; `runs verify` says so
    if isinstance(event, e.StepFinished):
        return _finished(event, record.at, after)
    found = (
        _of_run(event, after) or _of_step(event, after) or of_people(event, after) or _of_world(event, before, after)
    )
    return None if found is None else Moment(record.at, *found)


Line = tuple[Mark, str] | tuple[Mark, str, tuple[str, ...]]


def _of_run(event: object, run: RunState) -> Line | None:
    """What happened to the run as a whole."""
    match event:
        case e.RunOpened():
            return _opened(event, run)
        case e.RunReopened():
            return _FACT, _("taken up again by {name}").format(name=run.operator)
        case e.OperatorChanged():
            text = _("{name} drives it from here on, before: {before}")
            return _WARNING, text.format(name=event.operator, before=event.before)
        case e.IncidentMoved():
            text = _("the incident began at {time}").format(time=time_of_day(event.incident_at))
            return _FACT, text, tuple(backup_line(each) for each in losses(run))
        case e.InputChosen():
            return _chosen(event, run)
        case e.InputMissing():
            return _WARNING, f"{event.name}: {event.why}"
        case e.NoteAdded():
            return _FACT, _("note: {text}").format(text=event.text)
        case e.DecisionRefused():
            return _WARNING, _("not possible: {why}").format(why=event.why)
        case e.RunClosed():
            mark = of_outcome(event.outcome)
            return mark, f"{run.run} {mark.word}", (event.reason,) if event.reason else ()
    return None


def _of_step(event: object, run: RunState) -> Line | None:
    """What happened to a step, other than its end."""
    match event:
        case e.StepAsked():
            return of_phase(Phase.ASKED), _("{step} waits for the operator").format(step=_name(run, event.step))
        case e.StepStarted():
            again = " · " + _("attempt {number}").format(number=event.attempt) if event.attempt > 1 else ""
            return of_phase(Phase.RUNNING), _name(run, event.step) + again
        case e.StepSkipped():
            return of_phase(Phase.SKIPPED), _("{step} skipped: {reason}").format(
                step=_name(run, event.step), reason=event.reason
            )
        case e.StepMarked():
            return of_phase(Phase.DONE), _("{step} marked done: {reason}").format(
                step=_name(run, event.step), reason=event.reason
            )
        case e.UndoStarted():
            return of_phase(Phase.UNDOING), _("{step} is undone").format(step=_name(run, event.step))
        case e.UndoFinished():
            phase = Phase.DONE if event.ok else Phase.FAILED
            text = _("{step}: undone") if event.ok else _("{step}: could not be undone")
            return of_phase(phase), text.format(step=_name(run, event.step)), (event.detail,) if event.detail else ()
        case e.ItemTicked() if event.ticked:
            items = run.steps[event.step].outline.checklist[event.item : event.item + 1]
            item = "".join(each.within(current()) for each in items)
            return of_phase(Phase.DONE), f"{_name(run, event.step)}: {item}"
    return None


def _of_world(event: object, before: RunState | None, after: RunState) -> Line | None:
    """A service or node that changed; those that were well when the run began are no news."""
    match event:
        case e.ServiceObserved(service=name):
            known = before is not None and name in before.services
            title = after.opened.services.get(name)
        case e.NodeObserved(node=name):
            known = before is not None and name in before.nodes
            title = after.opened.nodes.get(name)
        case _:
            return None
    if not known and (event.state.healthy or event.state is State.UNKNOWN):
        return None
    mark = of_state(event.state)
    detail = f": {details.said(event.detail)}" if event.detail and not event.state.healthy else ""
    return mark, f"{title.within(current()) if title else name} {mark.word}{detail}"


def _opened(event: e.RunOpened, run: RunState) -> Line:
    parts = [event.run, event.title.within(current())]
    parts += [_("level {level}").format(level=event.level)] if event.level else []
    parts += [run.operator]
    promised = [
        f"{each.title.within(current())}: RTO {span(each.rto)}" + (f", RPO {span(each.rpo)}" if each.rpo else "")
        for each in event.objectives
        if each.rto
    ]
    return of_outcome(None), " · ".join(parts), tuple(promised)


def _chosen(event: e.InputChosen, run: RunState) -> Line:
    found = loss(run, event.name)
    if event.expired is not None:
        return _expired(event, event.expired)
    if found is None:
        return _FACT, f"{event.name} = {event.value}"
    return (_WARNING if found.later or found.met is False else _FACT), backup_line(found)


def _expired(event: e.InputChosen, fact: e.ExpiredFact) -> Line:
    """What is past its keep: how much, its names as far as they have room, and what waits for another run."""
    if not fact.looked:
        return _FACT, _("{set}: left alone").format(set=fact.set)
    if not fact.count:
        return _FACT, _("{set}: nothing is past its keep").format(set=fact.set)
    text = _("{set}: {count} past their keep, {size}").format(set=fact.set, count=fact.count, size=size(fact.size))
    names = event.value.splitlines()
    more = [f"  {name}" for name in names[:NAMED]]
    more += [_("… and {count} more").format(count=len(names) - NAMED)] if len(names) > NAMED else []
    more += [_("{count} more are due and wait for another run").format(count=fact.left)] if fact.left else []
    return _FACT, text, tuple(more)


def _finished(event: e.StepFinished, at: datetime, run: RunState) -> Moment:
    """How an attempt ended; where it did not end well, what it said and what to try."""
    step = run.steps[event.step]
    well = event.ending == "done"
    parts = [_name(run, event.step), _took(step)]
    parts += [] if well else [_(event.ending)]
    parts += [_("exit status {status}").format(status=event.exit_status)] if event.exit_status else []
    parts += [_("something of it is still running")] if event.gone is False else []
    more = [] if well or not event.detail else [event.detail]
    more += [f"│ {line}" for line in event.tail]
    more += ["→ " + hint.within(current()) for hint in event.hints]
    log = None if well or not step.logs else step.logs[-1]
    return Moment(at, of_phase(step.phase), " · ".join(parts), tuple(more), log)


def _took(step: StepState) -> str:
    if step.started_at is None or step.finished_at is None:
        return ""
    took = clock((step.finished_at - step.started_at).total_seconds())
    return f"{took} / {clock(step.outline.expect)}" if step.outline.expect else took


def _name(run: RunState, step: str) -> str:
    """A step as the list of steps has it."""
    outline = run.steps[step].outline
    node = run.opened.nodes.get(outline.on) if outline.on else None
    where = f" · {node.within(current())}" if node else ""
    return f"{list(run.steps).index(step) + 1} {outline.title.within(current())}{where}"
