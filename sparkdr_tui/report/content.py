"""What a report says of a run, computed once from its journal: every rendering shows this and nothing else. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sparkdr_tui.language import current
from sparkdr_tui.record import events as e
from sparkdr_tui.record.escalation import standing
from sparkdr_tui.record.fold import fold, fold_all
from sparkdr_tui.record.forecast import Estimate, estimate
from sparkdr_tui.record.journal import Verification
from sparkdr_tui.record.losses import Loss, losses
from sparkdr_tui.record.state import Move, RunState, StepState
from sparkdr_tui.report.people import ENGINE, Decided, Person, Tick, decided, people, ticks
from sparkdr_tui.report.people_moments import UP
from sparkdr_tui.report.services import ServiceTime, service_times
from sparkdr_tui.report.spans import Course, course, until
from sparkdr_tui.report.timeline import Moment, moments_of, moves_since
from sparkdr_tui.report.trend import PastRun, past_run


@dataclass(frozen=True, slots=True)
class StepLine:
    """A step of the run: what was planned, what earlier runs took, what this one took."""

    number: int
    step: StepState
    likely: Estimate | None
    took: float | None
    """Seconds that machines worked on it, all attempts together."""
    waited: float
    """Seconds that it waited for a person."""


@dataclass(frozen=True, slots=True)
class Failure:
    """An attempt, or an undo, that did not end well."""

    step: str
    at: datetime
    attempt: int
    ending: str
    exit_status: int | None
    detail: str
    tail: tuple[str, ...]
    hints: tuple[str, ...]
    log: str | None
    """Relative to the run's folder."""
    again: bool
    """Somebody tried once more."""


@dataclass(frozen=True, slots=True)
class Undone:
    """An undo, and how it ended; `ok` None: nobody knows."""

    step: str
    at: datetime
    by: str
    ok: bool | None
    detail: str
    log: str


@dataclass(frozen=True, slots=True)
class Chosen:
    """A value that an input had, from then on; `by` None: the engine took the newest that is usable."""

    at: datetime
    by: str
    event: e.InputChosen


@dataclass(frozen=True, slots=True)
class Checklist:
    """A step's items, with who ticked them."""

    step: str
    ticks: tuple[Tick, ...]


@dataclass(frozen=True, slots=True)
class Note:
    """Something that somebody wrote down."""

    at: datetime
    by: str
    text: str
    step: str | None


@dataclass(frozen=True, slots=True)
class Call:
    """Somebody was called; `by` wrote it down."""

    at: datetime
    by: str
    event: e.ContactTried


@dataclass(frozen=True, slots=True)
class Given:
    """Somebody got a role."""

    at: datetime
    by: str
    event: e.RoleGiven


@dataclass(frozen=True, slots=True)
class Line:
    """A moment of the timeline, and who caused it."""

    moment: Moment
    by: str


@dataclass(frozen=True, slots=True)
class Content:
    """A report."""

    state: RunState
    at: datetime
    """The moment it tells of: the end of the run, or now."""
    machine: float
    person: float
    course: Course
    services: tuple[ServiceTime, ...]
    losses: tuple[Loss, ...]
    steps: Mapping[str, StepLine]
    first: tuple[e.ServiceObserved, ...]
    """What was not healthy when it was first looked at."""
    failures: tuple[Failure, ...]
    decided: tuple[Decided, ...]
    undone: tuple[Undone, ...]
    people: tuple[Person, ...]
    chosen: tuple[Chosen, ...]
    checklists: tuple[Checklist, ...]
    notes: tuple[Note, ...]
    calls: tuple[Call, ...]
    given: tuple[Given, ...]
    moves: tuple[Move, ...]
    """How the escalation path moved up, from where it began."""
    timeline: tuple[Line, ...]
    earlier: tuple[PastRun, ...]
    """Former runs, oldest first."""
    this: PastRun
    journal: Verification


def content(
    records: Sequence[e.Record],
    now: datetime,
    history: Mapping[str, Sequence[float]],
    earlier: Iterable[PastRun],
    journal: Verification,
) -> Content:
    """The report of a run at `now`; `records` hold its opening at least."""
    state = fold_all(records)
    assert state is not None
    machine, person = state.split(now)
    went = course(records, now)
    return Content(
        state=state,
        at=until(state, now),
        machine=machine,
        person=person,
        course=went,
        services=service_times(state, went, now),
        losses=losses(state),
        steps={each.step.outline.id: each for each in _steps(state, went, history)},
        first=tuple(_ill_at_first(records)),
        failures=tuple(_failures(records, state)),
        decided=tuple(each for each in decided(records) if each.step in state.steps),
        undone=tuple(_undone(records, state)),
        people=people(records),
        chosen=tuple(Chosen(each.at, each.by, each.event) for each in records if isinstance(each.event, e.InputChosen)),
        checklists=tuple(_checklists(records, state)),
        notes=tuple(
            Note(each.at, each.by, each.event.text, each.event.step)
            for each in records
            if isinstance(each.event, e.NoteAdded)
        ),
        calls=tuple(Call(each.at, each.by, each.call) for each in state.tried),
        given=tuple(Given(each.at, each.by, each.event) for each in records if isinstance(each.event, e.RoleGiven)),
        moves=where.moves if (where := standing(state, now)) else (),
        timeline=tuple(_timeline(records, now)),
        earlier=tuple(earlier),
        this=past_run(state, now),
        journal=journal,
    )


def _timeline(records: Sequence[e.Record], now: datetime) -> Iterator[Line]:
    """Every moment, with the person behind it: of a step that starts, whoever said yes to it."""
    state: RunState | None = None
    asked: dict[str, str] = {}
    for record in records:
        before, state = state, fold(state, record)
        by = record.by
        match record.event:
            case e.StepConfirmed(step=step) | e.StepRetried(step=step):
                asked[step] = by
            case e.StepStarted(step=step):
                by = asked.pop(step, by)
        for found in moments_of(record, before, state):
            yield Line(found, ENGINE if found.mark is UP and not isinstance(record.event, e.Escalated) else by)
    if state is not None:
        yield from (Line(found, ENGINE) for found in moves_since(state, now))


def _steps(state: RunState, went: Course, history: Mapping[str, Sequence[float]]) -> Iterator[StepLine]:
    for number, (name, step) in enumerate(state.steps.items(), 1):
        yield StepLine(
            number=number,
            step=step,
            likely=estimate(step.outline, history.get(name, ())),
            took=went.spent(name, waiting=False) if step.attempt else None,
            waited=went.spent(name, waiting=True),
        )


def _ill_at_first(records: Sequence[e.Record]) -> Iterator[e.ServiceObserved]:
    """The first look at each service, where it was bad news and nothing had been done yet."""
    known: set[str] = set()
    for record in records:
        match record.event:
            case e.StepStarted():
                return
            case e.ServiceObserved(service=name) if name not in known:
                known.add(name)
                if not record.event.state.healthy:
                    yield record.event


def _failures(records: Sequence[e.Record], state: RunState) -> Iterator[Failure]:
    logs: dict[tuple[str, int], str] = {}
    for at, record in enumerate(records):
        event = record.event
        if isinstance(event, e.StepStarted) and event.log:
            logs[event.step, event.attempt] = event.log
        if isinstance(event, e.StepFinished) and event.ending != "done" and event.step in state.steps:
            yield Failure(
                step=event.step,
                at=record.at,
                attempt=event.attempt,
                ending=event.ending,
                exit_status=event.exit_status,
                detail=event.detail,
                tail=event.tail,
                hints=tuple(hint.within(current()) for hint in event.hints),
                log=logs.get((event.step, event.attempt)),
                again=any(_starts(later.event, event.step) for later in records[at + 1 :]),
            )


def _starts(event: object, step: str) -> bool:
    return isinstance(event, e.StepStarted) and event.step == step


def _undone(records: Sequence[e.Record], state: RunState) -> Iterator[Undone]:
    """Every undo; nobody but the operator of that moment undoes."""
    under: dict[str, Undone] = {}
    operator = records[0].by
    for record in records:
        match record.event:
            case e.RunReopened():
                operator = record.by
            case e.OperatorChanged(operator=name):
                operator = name
            case e.UndoStarted(step=step, log=log) if step in state.steps:
                under[step] = Undone(step, record.at, operator, None, "", log)
            case e.UndoFinished(step=step, ok=ok, detail=detail) if step in under:
                yield replace(under.pop(step), at=record.at, ok=ok, detail=detail)
    yield from under.values()


def _checklists(records: Sequence[e.Record], state: RunState) -> Iterator[Checklist]:
    """Of the steps that came to be asked, or that somebody ticked."""
    for name, step in state.steps.items():
        found = ticks(records, step.outline)
        if found and (step.attempt or step.asked_at or any(each.ticked for each in found)):
            yield Checklist(name, found)
