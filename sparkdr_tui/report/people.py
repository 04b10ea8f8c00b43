"""Who decided what in a run, from the names beside its records. The engine's own records are nobody's. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sparkdr_tui.record import events as e

ENGINE = "engine"
"""What records are signed with that no person caused."""


class Deed(StrEnum):
    """A kind of thing that a person does in a run."""

    OPENED = "opened"
    RESUMED = "resumed"
    TOOK_OVER = "took over"
    CONFIRMED = "confirmed"
    SKIPPED = "skipped"
    MARKED = "marked"
    RETRIED = "retried"
    CHOSE = "chose"
    TICKED = "ticked"
    MOVED = "moved"
    NOTED = "noted"
    CALLED = "called"
    GAVE = "gave a role"
    ESCALATED = "escalated"
    REFUSED = "refused"
    ABORTED = "aborted"


@dataclass(frozen=True, slots=True)
class Act:
    """A person did something; `about` is a step's id, an input's name or the operator before."""

    by: str
    at: datetime
    deed: Deed
    about: str = ""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who acted in a run."""

    name: str
    acts: tuple[Act, ...]

    @property
    def first(self) -> datetime:
        """When they first acted."""
        return self.acts[0].at

    @property
    def last(self) -> datetime:
        """When they last acted."""
        return self.acts[-1].at

    def did(self, deed: Deed) -> tuple[Act, ...]:
        """What they did of one kind."""
        return tuple(act for act in self.acts if act.deed is deed)


@dataclass(frozen=True, slots=True)
class Decided:
    """A step left out, marked done or undone: by whom, and why."""

    step: str
    deed: Deed
    at: datetime
    by: str
    reason: str


@dataclass(frozen=True, slots=True)
class Tick:
    """An item of a checklist as it was in the end; `by` is None where it was not ticked."""

    item: int
    ticked: bool
    by: str | None
    at: datetime | None


def people(records: Sequence[e.Record]) -> tuple[Person, ...]:
    """Everybody who acted, in the order in which they came."""
    found: dict[str, list[Act]] = {}
    for act in _acts(records):
        found.setdefault(act.by, []).append(act)
    return tuple(Person(name, tuple(acts)) for name, acts in found.items())


def decided(records: Sequence[e.Record]) -> tuple[Decided, ...]:
    """Every step that was skipped or marked done, also where that was taken back later."""
    found = []
    for record in records:
        match record.event:
            case e.StepSkipped(step=step, reason=reason):
                found.append(Decided(step, Deed.SKIPPED, record.at, record.by, reason))
            case e.StepMarked(step=step, reason=reason):
                found.append(Decided(step, Deed.MARKED, record.at, record.by, reason))
    return tuple(found)


def ticks(records: Sequence[e.Record], step: e.StepOutline) -> tuple[Tick, ...]:
    """The items of a step's checklist, each with its last tick."""
    last: dict[int, e.Record] = {}
    for record in records:
        if isinstance(record.event, e.ItemTicked) and record.event.step == step.id:
            last[record.event.item] = record
    return tuple(_tick(item, last.get(item)) for item in range(len(step.checklist)))


def _tick(item: int, record: e.Record | None) -> Tick:
    if record is None or not isinstance(record.event, e.ItemTicked) or not record.event.ticked:
        return Tick(item, False, None, None)
    return Tick(item, True, record.by, record.at)


def _acts(records: Sequence[e.Record]) -> Iterator[Act]:
    for record in records:
        if record.by != ENGINE and (found := _act(record.event)):
            yield Act(record.by, record.at, *found)


def _act(event: object) -> tuple[Deed, str] | None:
    match event:
        case e.RunOpened():
            return Deed.OPENED, ""
        case e.RunReopened():
            return Deed.RESUMED, ""
        case e.OperatorChanged(before=before):
            return Deed.TOOK_OVER, before
        case e.StepConfirmed(step=step):
            return Deed.CONFIRMED, step
        case e.StepSkipped(step=step):
            return Deed.SKIPPED, step
        case e.StepMarked(step=step):
            return Deed.MARKED, step
        case e.StepRetried(step=step):
            return Deed.RETRIED, step
        case e.InputChosen(name=name):
            return Deed.CHOSE, name
        case e.ItemTicked(step=step):
            return Deed.TICKED, step
        case e.IncidentMoved():
            return Deed.MOVED, ""
        case e.NoteAdded():
            return Deed.NOTED, ""
        case e.ContactTried(contact=contact, result="reached" | "not reached"):
            return Deed.CALLED, contact
        case e.RoleGiven(holder=holder):
            return Deed.GAVE, holder
        case e.Escalated(stage=stage):
            return Deed.ESCALATED, stage
        case e.DecisionRefused(decision=decision):
            return Deed.REFUSED, decision
        case e.RunClosed(outcome="aborted"):
            return Deed.ABORTED, ""
    return None
