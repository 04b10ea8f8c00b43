"""The facts of a run, one class each, and the line of the journal that holds one. No behaviour.

Times are aware UTC; lengths of time are seconds; a `step` is a step's id in the run's graph. Texts from outside
(details, output, reasons) are sanitised before they get here.
"""

from __future__ import annotations

from typing import Annotated, Literal, get_args

from pydantic import AwareDatetime, ConfigDict, Field, TypeAdapter, field_validator

from sparkdr_tui.plan.model import Frozen, State, Text
from sparkdr_tui.plan.runbook import ActionKind, Danger
from sparkdr_tui.record import people_events as people

CallResult = people.CallResult
Role = people.Role
StageOutline = people.StageOutline
ContactTried = people.ContactTried
RoleGiven = people.RoleGiven
Escalated = people.Escalated
LevelRaised = people.LevelRaised
Notified = people.Notified

Mode = Literal["incident", "drill", "lab", "routine"]
"""`routine` is everyday work: backups and their verification."""
Pace = Literal["each", "danger", "none"]
"""What waits for the operator: every step, only steps that disrupt or destroy, nothing (`--yes`)."""
Ending = Literal["done", "failed", "timed out", "cancelled", "unknown"]
Outcome = Literal["completed", "completed with exceptions", "aborted"]


class StepOutline(Frozen):
    """A step as everybody who follows the run needs to know it, so that the journal explains itself."""

    id: str
    title: Text
    action: ActionKind
    why: Text | None = None
    note: Text | None = None
    source: str = ""
    on: str | None = None
    danger: Danger = Danger.SAFE
    optional: bool = False
    needs: tuple[str, ...] = ()
    expect: float | None = None
    timeout: float | None = None
    can_undo: bool = False
    verifies: bool = False
    checklist: tuple[Text, ...] = ()
    say: Text | None = None
    uses: tuple[str, ...] = ()
    """Inputs of the run that its script reads."""
    proves: tuple[str, ...] = ()
    """Services that are healthy when it is done: it waits for them, or checks them."""


class Objective(Frozen):
    """What was promised for a service that this run restores; None: nothing was promised."""

    service: str
    title: Text
    rto: float | None = None
    rpo: float | None = None


class BackupFact(Frozen):
    """The backup that an input chose: what it is, how old, what restoring it loses."""

    set: str
    path: str
    taken_at: AwareDatetime
    size: int
    complete: bool | None
    verified_at: AwareDatetime | None = None
    services: tuple[str, ...] = ()
    """Whose data it holds."""
    loses: float | None = None
    """Seconds from its snapshot to the incident, as known when it was chosen; `losses.py` knows what is so now."""
    rpo: float | None = None


class ExpiredFact(Frozen):
    """What of a backup set is past its keep, when an input names it: the value holds the names, one a line."""

    set: str
    count: int
    size: int
    """Bytes of the backups among them."""
    left: int = 0
    """How many more are due, and wait for another run."""
    looked: bool = True
    """False: the operator left the set alone, and nobody looked."""


class RunOpened(Frozen):
    """The first event of every journal."""

    type: Literal["run.opened"] = "run.opened"
    run: str
    runbook: str
    title: Text
    mode: Mode
    plan: str
    plan_digest: str
    program: str
    scenario: str | None = None
    """What it answers; several ids joined by `+`, like those of `runbook`."""
    level: int | None = None
    incident_at: AwareDatetime
    pace: Pace
    lab: bool = False
    """Its plan is that of a lab: what it took says nothing about the plan's own nodes."""
    stamp: str
    """RUN_STAMP of its scripts: YYYYmmdd_HHMMSS."""
    steps: tuple[StepOutline, ...]
    objectives: tuple[Objective, ...] = ()
    services: dict[str, Text] = {}
    """Titles of the plan's services, for whoever follows without the plan."""
    nodes: dict[str, Text] = {}
    contents: dict[str, str] = {}
    """sha256 (hex) of what each runbook contained that the run goes through, by id; empty in older journals."""
    drill: str | None = None
    """The drill of the plan's calendar that this is; its lists are the first and the last step."""
    answers: tuple[Text, ...] = ()
    """Titles of the scenarios; empty in older journals."""
    impact: tuple[Text, ...] = ()
    """What the scenarios mean for those who use the plan's services; empty in older journals."""
    path: tuple[StageOutline, ...] = ()
    """The escalation path; empty for everyday work, where the plan has none, and in older journals."""
    contacts: dict[str, Text] = {}
    """What everybody is that could be called, by id; empty in older journals."""


class RunReopened(Frozen):
    """An unfinished run was taken up again; steps that were under way are now unknown."""

    type: Literal["run.reopened"] = "run.reopened"
    interrupted: tuple[str, ...] = ()


class OperatorChanged(Frozen):
    """Somebody else drives the run from here on."""

    type: Literal["operator.changed"] = "operator.changed"
    operator: str
    before: str
    forced: bool = False


class IncidentMoved(Frozen):
    """The operator says that the incident started at another time."""

    type: Literal["incident.moved"] = "incident.moved"
    incident_at: AwareDatetime


class PaceSet(Frozen):
    """From here on other steps wait for the operator."""

    type: Literal["pace.set"] = "pace.set"
    pace: Pace


class InputChosen(Frozen):
    """An input has a value; steps in `reset` used the former one and run again."""

    type: Literal["input.chosen"] = "input.chosen"
    name: str
    value: str
    backup: BackupFact | None = None
    expired: ExpiredFact | None = None
    reset: tuple[str, ...] = ()


class InputMissing(Frozen):
    """An input has no value yet, and why."""

    type: Literal["input.missing"] = "input.missing"
    name: str
    why: str


class StepAsked(Frozen):
    """The step waits for the operator, who sees `facts` and, to destroy, types `phrase`."""

    type: Literal["step.asked"] = "step.asked"
    step: str
    phrase: str | None = None
    facts: tuple[str, ...] = ()


class StepConfirmed(Frozen):
    """The operator said yes."""

    type: Literal["step.confirmed"] = "step.confirmed"
    step: str


class StepStarted(Frozen):
    """On disk before the command leaves; `log` is a path relative to the run's folder."""

    type: Literal["step.started"] = "step.started"
    step: str
    attempt: int
    log: str | None = None
    script_sha256: str | None = None


class StepProgressed(Frozen):
    """How far a countable step is; at most one a second."""

    type: Literal["step.progressed"] = "step.progressed"
    step: str
    done: float
    total: float


class StepVerifying(Frozen):
    """The action ended well; its check runs."""

    type: Literal["step.verifying"] = "step.verifying"
    step: str


class StepFinished(Frozen):
    """How an attempt ended, in one line, with what to try where it did not end well."""

    type: Literal["step.finished"] = "step.finished"
    step: str
    attempt: int
    ending: Ending
    exit_status: int | None = None
    detail: str = ""
    tail: tuple[str, ...] = ()
    """The last lines of the log, when it did not end well."""
    hints: tuple[Text, ...] = ()
    log_bytes: int | None = None
    log_sha256: str | None = None
    gone: bool | None = None
    """After a cancel or timeout: whether nothing of it is left on the node."""


class StepSkipped(Frozen):
    """The operator left it out."""

    type: Literal["step.skipped"] = "step.skipped"
    step: str
    reason: str


class StepMarked(Frozen):
    """The operator says that it is done, by other means."""

    type: Literal["step.marked"] = "step.marked"
    step: str
    reason: str


class StepRetried(Frozen):
    """The operator wants another attempt; the step is ready again."""

    type: Literal["step.retried"] = "step.retried"
    step: str


class UndoStarted(Frozen):
    """The step's undo is about to run."""

    type: Literal["undo.started"] = "undo.started"
    step: str
    log: str


class UndoFinished(Frozen):
    """How the undo ended; after success the step waits for a retry, a skip or a mark."""

    type: Literal["undo.finished"] = "undo.finished"
    step: str
    ok: bool
    detail: str = ""


class ItemTicked(Frozen):
    """An item of a manual step's checklist, by position from 0."""

    type: Literal["item.ticked"] = "item.ticked"
    step: str
    item: int
    ticked: bool


class ServiceObserved(Frozen):
    """A service's state at the start, and whenever it changes during the run."""

    type: Literal["service.observed"] = "service.observed"
    service: str
    state: State
    latency: float | None = None
    detail: str = ""


class NodeObserved(Frozen):
    """A node's state at the start, and whenever it changes during the run."""

    type: Literal["node.observed"] = "node.observed"
    node: str
    state: State
    latency: float | None = None
    detail: str = ""


class NoteAdded(Frozen):
    """Somebody wrote something down."""

    type: Literal["note.added"] = "note.added"
    text: str
    step: str | None = None


class DecisionRefused(Frozen):
    """A decision that could not be carried out, and why."""

    type: Literal["decision.refused"] = "decision.refused"
    decision: str
    why: str
    step: str | None = None


class RunClosed(Frozen):
    """The last event."""

    type: Literal["run.closed"] = "run.closed"
    outcome: Outcome
    reason: str = ""


Event = Annotated[
    RunOpened
    | RunReopened
    | OperatorChanged
    | IncidentMoved
    | PaceSet
    | InputChosen
    | InputMissing
    | StepAsked
    | StepConfirmed
    | StepStarted
    | StepProgressed
    | StepVerifying
    | StepFinished
    | StepSkipped
    | StepMarked
    | StepRetried
    | UndoStarted
    | UndoFinished
    | ItemTicked
    | ServiceObserved
    | NodeObserved
    | NoteAdded
    | ContactTried
    | RoleGiven
    | Escalated
    | LevelRaised
    | Notified
    | DecisionRefused
    | RunClosed,
    Field(discriminator="type"),
]


KNOWN_TYPES = frozenset(str(kind.model_fields["type"].default) for kind in get_args(get_args(Event)[0]))


class UnknownEvent(Frozen):
    """An event that a newer program wrote: kept for its place in the journal, changes nothing but the time."""

    model_config = ConfigDict(extra="ignore")

    type: str

    @field_validator("type")
    @classmethod
    def _really_unknown(cls, value: str) -> str:
        if value in KNOWN_TYPES:
            raise ValueError(f"this is no valid {value}")
        return value


class Record(Frozen):
    """One line of the journal; `prev` is the sha256 (hex) of the line before, empty for the first."""

    n: int
    at: AwareDatetime
    by: str
    event: Annotated[Event | UnknownEvent, Field(union_mode="left_to_right")]
    prev: str


RECORD: TypeAdapter[Record] = TypeAdapter(Record)
