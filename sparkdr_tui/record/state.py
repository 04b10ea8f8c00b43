"""The state of a run as of some record: steps, clocks, the run. `fold.py` makes it; nobody else changes it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from sparkdr_tui.plan.drills import AFTER, BEFORE
from sparkdr_tui.plan.model import State, Text
from sparkdr_tui.record import events as e


class Phase(StrEnum):
    """Where a step is in its life."""

    PENDING = "pending"
    READY = "ready"
    ASKED = "asked"
    RUNNING = "running"
    VERIFYING = "verifying"
    UNDOING = "undoing"
    DONE = "done"
    FAILED = "failed"
    TIMED_OUT = "timed out"
    CANCELLED = "cancelled"
    SKIPPED = "skipped"
    UNKNOWN = "unknown"

    @property
    def settled(self) -> bool:
        """What needs the step may go ahead."""
        return self in (Phase.DONE, Phase.SKIPPED)

    @property
    def stuck(self) -> bool:
        """It did not end well and waits for the operator."""
        return self in (Phase.FAILED, Phase.TIMED_OUT, Phase.CANCELLED, Phase.UNKNOWN)

    @property
    def busy(self) -> bool:
        """A machine works on it."""
        return self in (Phase.RUNNING, Phase.VERIFYING, Phase.UNDOING)


@dataclass(frozen=True, slots=True)
class StepState:
    """One step of a run; `machine` is the seconds its attempts took so far, without the running one."""

    outline: e.StepOutline
    phase: Phase = Phase.PENDING
    attempt: int = 0
    asked_at: datetime | None = None
    started_at: datetime | None = None
    finished_at: datetime | None = None
    machine: float = 0.0
    exit_status: int | None = None
    detail: str = ""
    tail: tuple[str, ...] = ()
    hints: tuple[Text, ...] = ()
    reason: str = ""
    marked: bool = False
    flagged: bool = False
    """Something it needs was skipped."""
    phrase: str | None = None
    facts: tuple[str, ...] = ()
    progress: tuple[float, float] | None = None
    ticked: frozenset[int] = frozenset()
    logs: tuple[str, ...] = ()
    gone: bool | None = None
    undone: bool = False

    def took(self, now: datetime) -> float | None:
        """Seconds of machine time so far; None when it never ran."""
        if self.phase.busy and self.started_at:
            return self.machine + max(0.0, (now - self.started_at).total_seconds())
        return self.machine if self.attempt else None


@dataclass(frozen=True, slots=True)
class Clock:
    """The RTO clock of a service: from the start of the incident (or of its outage, if later) to its health."""

    service: str
    title: Text
    rto: float | None
    rpo: float | None
    since: datetime
    state: State = State.UNKNOWN
    seen_down: bool = False
    healthy_at: datetime | None = None
    """Last change to healthy; None while it is not. In a drill, where it never went down: the end of the work."""
    restored: bool = False
    """Healthy after having been seen down, or after the run's work was done."""
    outage_at: datetime | None = None
    """When it went down, where it was seen healthy before."""

    def elapsed(self, now: datetime) -> float:
        """Seconds on the clock."""
        end = self.healthy_at if self.restored and self.healthy_at else now
        return max(0.0, (end - self.since).total_seconds())

    def left(self, now: datetime) -> float | None:
        """Seconds until the objective is missed (negative: missed); None without an objective."""
        return None if self.rto is None else self.rto - self.elapsed(now)


@dataclass(frozen=True, slots=True)
class Tried:
    """A call, and when and by whom it was written down."""

    at: datetime
    by: str
    call: e.ContactTried


class Cause(StrEnum):
    """Why the escalation path came to a stage."""

    START = "start"
    """It begins there: no stage is for the run's level, or nobody said which it is."""
    LEVEL = "level"
    FAILURES = "failures"
    TIME = "time"
    NOBODY = "nobody reached"
    HAND = "by hand"


@dataclass(frozen=True, slots=True)
class Move:
    """The escalation path came to a stage (its number in the path, from 0)."""

    stage: int
    at: datetime
    why: Cause


@dataclass(frozen=True, slots=True)
class Position:
    """Where the escalation path was at the last record; `escalation.py` makes it and says what it means at a moment."""

    stage: int
    since: datetime
    """What the stage's time counts from: when it was entered, or one of its people was last reached."""
    moves: tuple[Move, ...]
    failures: int = 0
    """Failed attempts since it was entered."""


@dataclass(frozen=True, slots=True)
class RunState:
    """A run as of its last record. Steps keep the order of the runbook."""

    run: str
    opened: e.RunOpened
    operator: str
    opened_at: datetime
    incident_at: datetime
    pace: e.Pace
    n: int
    at: datetime
    """Time of the last record."""
    steps: Mapping[str, StepState]
    clocks: Mapping[str, Clock]
    services: Mapping[str, e.ServiceObserved] = field(default_factory=dict)
    nodes: Mapping[str, e.NodeObserved] = field(default_factory=dict)
    inputs: Mapping[str, e.InputChosen] = field(default_factory=dict)
    missing: Mapping[str, str] = field(default_factory=dict)
    """Inputs without a value, and why."""
    notes: tuple[tuple[datetime, str, str], ...] = ()
    refused: e.DecisionRefused | None = None
    machine: float = 0.0
    """Seconds in which a machine worked."""
    person: float = 0.0
    """Seconds in which only a person was waited for."""
    level: int | None = None
    """How grave it is, as known now."""
    tried: tuple[Tried, ...] = ()
    """Every call, in order."""
    roles: Mapping[e.Role, e.RoleGiven] = field(default_factory=dict)
    """Who has which role; whoever drives the run operates."""
    position: Position | None = None
    """On the escalation path, as of the last record; ask `escalation.standing` what is so now."""
    outcome: e.Outcome | None = None
    outcome_reason: str = ""
    closed_at: datetime | None = None

    @property
    def live(self) -> bool:
        """Not closed yet."""
        return self.outcome is None

    def moment(self, now: datetime) -> datetime:
        """The time that clocks of this run show at `now`: it stands still until a drill begins, and after the end."""
        if not self.begun:
            return self.incident_at
        return self.closed_at or max(now, self.at)

    @property
    def begun(self) -> bool:
        """Whether the list before a drill is behind us, and with it what the drill is about has happened."""
        before = self.steps.get(BEFORE) if self.opened.drill is not None else None
        return before is None or before.phase.settled

    def split(self, now: datetime) -> tuple[float, float]:
        """Machine and person seconds up to `now` (a closed run: up to its end).

        The time since the last record is the machine's if one works, else the person's who is waited for.
        """
        if not self.live:
            return self.machine, self.person
        passed = max(0.0, (now - self.at).total_seconds())
        if any(s.phase.busy for s in self.steps.values()):
            return self.machine + passed, self.person
        if any(s.phase is Phase.ASKED or s.phase.stuck for s in self.steps.values()):
            return self.machine, self.person + passed
        return self.machine + passed, self.person

    @property
    def work_done(self) -> bool:
        """Every step that is not optional is settled, but for the list after a drill, which brings nothing back."""
        return all(s.phase.settled or s.outline.optional or s.outline.id == AFTER for s in self.steps.values())

    @property
    def exceptions(self) -> tuple[str, ...]:
        """Steps that keep the run from being a plain success: skipped (unless optional) or marked done."""
        return tuple(
            s.outline.id
            for s in self.steps.values()
            if s.marked or (s.phase is Phase.SKIPPED and not s.outline.optional)
        )
