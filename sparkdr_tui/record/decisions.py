"""What an operator may decide, and the one door that decisions go in by. Screens know this, and no engine."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Protocol

from sparkdr_tui.record.events import CallResult, Mode, Pace, Role


@dataclass(frozen=True, slots=True)
class Confirm:
    """Yes, run it; `phrase` is what was typed where the step destroys. A manual step: it is done."""

    step: str
    phrase: str = ""


@dataclass(frozen=True, slots=True)
class Skip:
    """Leave it out."""

    step: str
    reason: str


@dataclass(frozen=True, slots=True)
class Retry:
    """Run it again after it failed, timed out, was cancelled, was skipped or became unknown."""

    step: str


@dataclass(frozen=True, slots=True)
class MarkDone:
    """It was done by other means."""

    step: str
    reason: str


@dataclass(frozen=True, slots=True)
class Cancel:
    """End it while it runs."""

    step: str


@dataclass(frozen=True, slots=True)
class Undo:
    """Run its undo."""

    step: str


@dataclass(frozen=True, slots=True)
class Choose:
    """Give an input a value; a backup is named by its path on the node."""

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class Tick:
    """Tick or untick an item of a manual step."""

    step: str
    item: int
    ticked: bool = True


@dataclass(frozen=True, slots=True)
class SetPace:
    """Which steps wait for the operator."""

    pace: Pace


@dataclass(frozen=True, slots=True)
class SetIncident:
    """When the incident really started."""

    at: datetime


@dataclass(frozen=True, slots=True)
class AddNote:
    """Write something down."""

    text: str
    step: str | None = None


@dataclass(frozen=True, slots=True)
class Abort:
    """End the run where it stands."""

    reason: str


@dataclass(frozen=True, slots=True)
class TryContact:
    """Somebody is being called, was reached, or was not; recorded as `contact.tried`.

    `name` is who that is as the screen knows it; empty: as the plan says that the run was opened or resumed with.
    """

    contact: str
    result: CallResult
    note: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True)
class GiveRole:
    """Somebody commands, operates or writes from here on; recorded as `role.given`, and changes no hold on the run."""

    role: Role
    holder: str
    contact: str | None = None


@dataclass(frozen=True, slots=True)
class Escalate:
    """Move the escalation path up by one stage."""

    reason: str = ""


@dataclass(frozen=True, slots=True)
class HandOver:
    """Let go of the run for `holder` to take up; refused while a machine works on a step.

    What was handed over is recorded (`role.given`, and a note where there is something to say); then this engine drives
    it no more: `Helm.driving` is None, the lock is free, and `holder` takes the run up like any unfinished one.
    """

    holder: str
    note: str = ""


PeopleDecision = TryContact | GiveRole | Escalate | HandOver
StepDecision = Confirm | Skip | Retry | MarkDone | Cancel | Undo | Tick
Decision = StepDecision | PeopleDecision | Choose | SetPace | SetIncident | AddNote | Abort


@dataclass(frozen=True, slots=True)
class RunRequest:
    """What to run, and how. Several runbooks as one, and the scenarios they answer, are joined: `database+redis`."""

    runbook: str
    mode: Mode = "incident"
    pace: Pace = "each"
    scenario: str | None = None
    level: int | None = None
    incident_at: datetime | None = None
    inputs: dict[str, str] = field(default_factory=dict)
    drill: str | None = None
    """The drill of the calendar that this is; its runbook is `runbook`."""


class Helm(Protocol):
    """The operator's hand on the engine; safe to call from any thread, never waits for a node."""

    @property
    def driving(self) -> Path | None:
        """The folder of the run that is driven here; None before one, after its end, and after it was let go of."""
        ...

    def open(self, request: RunRequest) -> Path:
        """Open a run; its folder, once its first event is on disk. Raises `SparkdrError`, `HeldError`."""
        ...

    def reopen(self, folder: Path, *, take_over: bool = False) -> None:
        """Take up an unfinished run; raises `SparkdrError`, `HeldError`."""
        ...

    def submit(self, decision: Decision) -> None:
        """Hand in a decision; what became of it is in the journal."""
        ...
