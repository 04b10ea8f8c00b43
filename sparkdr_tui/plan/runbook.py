"""What a runbook says, and what a whole plan is. The graph of the steps is in `graph.py`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, ConfigDict, Field, model_validator

from sparkdr_tui.plan.backup_sets import BackupSet
from sparkdr_tui.plan.drills import Drill
from sparkdr_tui.plan.model import (
    Contacts,
    Duration,
    EnvName,
    Frozen,
    Mains,
    Name,
    Node,
    Scenario,
    Secret,
    Service,
    State,
    States,
    Text,
    Whole,
    or_string,
)
from sparkdr_tui.plan.notify import Notify
from sparkdr_tui.plan.schedules import Schedule

ActionKind = Literal["shell", "sql", "redis", "s3", "http", "wait", "manual", "include"]


class Danger(StrEnum):
    """What a step may do to what works: nothing, interrupt it, or lose data."""

    SAFE = "safe"
    DISRUPTS = "disrupts"
    DESTROYS = "destroys"


# -- actions -----------------------------------------------------------------------------------------


def _posix_only(value: Any) -> Any:
    return {"posix": value} if isinstance(value, str) else value


class Shell(Frozen):
    """A script that a person could paste into a terminal; a plain string is the POSIX variant."""

    model_config = ConfigDict(json_schema_extra=or_string)

    posix: str | None = None
    powershell: str | None = None

    @model_validator(mode="after")
    def _some(self) -> Shell:
        if not (self.posix or self.powershell):
            raise ValueError("a shell action needs a script: posix, powershell or both")
        return self


ShellField = Annotated[Shell, BeforeValidator(_posix_only)]


class Sql(Frozen):
    """A query against a PostgreSQL service; `equals` compares the first column of the first row, as text."""

    service: Name
    query: str
    database: str | None = None
    equals: str | None = None


class Redis(Frozen):
    """A command to a Redis service, word by word; `equals` compares the answer, as text."""

    service: Name
    command: tuple[str, ...] = Field(min_length=1)
    equals: str | None = None


class S3Mirror(Frozen):
    """Copy a folder of a node into a bucket, or a bucket into a folder, by its manifest."""

    bucket: str
    folder: str
    direction: Literal["restore", "backup"] = "restore"


class S3Compare(Frozen):
    """Verify a backup folder: every name and size by its manifest, a sample by hash and through a scratch bucket.

    The result is recorded beside the folder, as `FOLDER.verified`.
    """

    folder: str
    sample: Whole = 50
    """Objects drawn by lot; the largest one is always among those that are compared."""


class S3(Frozen):
    """Make buckets, mirror objects of an S3 service, compare what was backed up with what a store gives back.

    Or, with `offsite`, copy the backups of a set to its second place or back: what its `copy_to` says, a bucket or a
    folder of another node.
    """

    service: Name | None = None
    make_buckets: tuple[str, ...] = ()
    mirror: tuple[S3Mirror, ...] = ()
    compare: tuple[S3Compare, ...] = ()
    offsite: Name | None = None
    """A backup set."""
    direction: Literal["restore", "backup"] | None = None
    """Of `offsite`: the newest complete backup to the second place, or the newest complete copy back."""

    @model_validator(mode="after")
    def _one_use(self) -> S3:
        if (self.service is None) == (self.offsite is None):
            raise ValueError("an s3 action names a service (with make_buckets or mirror) or a backup set (offsite)")
        if (self.offsite is None) != (self.direction is None):
            raise ValueError("offsite and direction (backup or restore) go together")
        if self.offsite is not None and (self.make_buckets or self.mirror or self.compare):
            raise ValueError("make_buckets, mirror and compare are for a service, not for offsite")
        return self

    @property
    def folders(self) -> tuple[str, ...]:
        """The folders of the node that it reads or writes, as the plan names them."""
        return (*(each.folder for each in self.mirror), *(each.folder for each in self.compare))


class Http(Frozen):
    """A request to a service; any of `status` is success."""

    service: Name
    path: str = "/"
    method: Literal["GET", "POST", "PUT", "DELETE", "HEAD"] = "GET"
    status: tuple[Whole, ...] = (200,)
    body: str | None = None


class Wait(Frozen):
    """Wait until a service is in one of these states; the step's timeout is the deadline."""

    service: Name
    is_: States = Field((State.UP, State.SLOW), alias="is")


class Manual(Frozen):
    """What hands do: `checklist` items are ticked one by one; in the lab, `hands` is what the lab does instead."""

    say: Text
    checklist: tuple[Text, ...] = ()
    hands: str | None = None


class Verify(Frozen):
    """The check that decides whether a step succeeded: a service's state, a query, or a script on the step's node."""

    service: Name | None = None
    is_: States | None = Field(None, alias="is")
    sql: Sql | None = None
    shell: ShellField | None = None

    @model_validator(mode="after")
    def _one_check(self) -> Verify:
        if sum(x is not None for x in (self.service, self.sql, self.shell)) != 1:
            raise ValueError("a verify has exactly one check: service (with is), sql or shell")
        return self

    @property
    def states(self) -> tuple[State, ...]:
        """The states that a service check accepts; healthy ones unless told otherwise."""
        return self.is_ or (State.UP, State.SLOW)


def _or_text(schema: dict[str, Any]) -> None:
    """Let a text stand for the whole in the JSON Schema."""
    or_string(schema)
    schema["anyOf"].insert(1, schema["anyOf"][1]["properties"]["say"])


class Hint(Frozen):
    """What to try; `on` is a regular expression over the last lines of the log, without it the hint always applies."""

    model_config = ConfigDict(json_schema_extra=_or_text)

    on: str | None = None
    say: Text

    @model_validator(mode="before")
    @classmethod
    def _plain_text(cls, value: Any) -> Any:
        plain = isinstance(value, str) or (isinstance(value, dict) and bool(value.keys() & {"en", "ko"}))
        return {"say": value} if plain else value


class Confirm(Frozen):
    """What a destroying step asks for: `type` is what the operator types (`$NAME` comes from the step's environment).

    `show` is a read-only script on the step's node whose output is put before the operator first.
    """

    type: str
    show: ShellField | None = None


def _as_tuple(value: Any) -> Any:
    return value if isinstance(value, list | tuple) or value is None else [value]


class Step(Frozen):
    """One action of a runbook, with what a person needs to judge it."""

    id: Name
    title: Text
    why: Text | None = None
    on: Name | None = None
    danger: Danger = Danger.SAFE
    optional: bool = False
    """The run is complete without it: skipping it is no exception."""
    always: bool = False
    """It clears up or records: when the run is aborted after what it needs has begun, it runs all the same.

    Its scripts find BEGUN_STEPS, UNDONE_STEPS, FAILED_STEPS (ids) and FAILED_TAIL (the last lines of what the first
    of those said), of the steps before it.
    """
    needs: tuple[Name, ...] | None = None
    """Steps that come first; without it, the step before."""
    shell: ShellField | None = None
    sql: Sql | None = None
    redis: Redis | None = None
    s3: S3 | None = None
    http: Http | None = None
    wait: Wait | None = None
    manual: Manual | None = None
    include: Name | None = None
    """Another runbook, whose steps take this one's place."""
    env: dict[EnvName, str] = {}
    confirm: Confirm | None = None
    expect: Duration | None = None
    timeout: Duration | None = None
    verify: Annotated[
        tuple[Verify, ...], BeforeValidator(_as_tuple, json_schema_input_type=Verify | tuple[Verify, ...])
    ] = ()
    undo: ShellField | None = None
    hint: Annotated[tuple[Hint, ...], BeforeValidator(_as_tuple, json_schema_input_type=Hint | tuple[Hint, ...])] = ()
    source: str = ""
    """Section of the plan document this comes from."""
    note: Text | None = None
    """Where and why it departs from the document (the row of the errata)."""

    @model_validator(mode="after")
    def _one_action(self) -> Step:
        given = [kind for kind in _KINDS if getattr(self, kind) is not None]
        if len(given) != 1:
            has = " and ".join(given) or "none"
            raise ValueError(f"step {self.id!r} needs exactly one action of {', '.join(_KINDS)}; it has {has}")
        if self.on is None and self._runs_scripts:
            raise ValueError(f"step {self.id!r} runs a script: say on which node (on: …)")
        if self.danger is Danger.DESTROYS and self.confirm is None and not self.include:
            raise ValueError(f"step {self.id!r} destroys: say what the operator must type (confirm: {{type: …}})")
        return self

    @property
    def _runs_scripts(self) -> bool:
        shown = self.confirm is not None and self.confirm.show is not None
        return bool(self.shell or self.undo or shown or any(check.shell for check in self.verify))

    @property
    def kind(self) -> ActionKind:
        """Which action it is."""
        return next(kind for kind in _KINDS if getattr(self, kind) is not None)


_KINDS: tuple[ActionKind, ...] = ("shell", "sql", "redis", "s3", "http", "wait", "manual", "include")


class Input(Frozen):
    """A value of a run: a backup of a set (`pick`), what of it is past its `keep` (`expired`), or a text (`default`).

    What `expired` gives a script is names in the set's folder, one a line, oldest first; nothing where none is due.
    """

    pick: Name | None = None
    newest: Literal["usable", "any"] = "usable"
    """Which one is taken unless the operator chooses: one that nothing speaks against, or (to find out) any."""
    expired: Name | None = None
    title: Text | None = None
    default: str | None = None

    @model_validator(mode="after")
    def _one(self) -> Input:
        if sum(each is not None for each in (self.pick, self.expired, self.default)) != 1:
            message = "picks a backup (pick: SET), names what is past its keep (expired: SET) or has a default"
            raise ValueError(f"an input either {message} (default: TEXT)")
        return self


class Runbook(Frozen):
    """One file of a procedure.

    Its scripts find in their environment: the node's env and secrets, the inputs, the step's env, and RUN_ID,
    RUN_STAMP (YYYYmmdd_HHMMSS), STEP and ATTEMPT.
    """

    id: Name
    title: Text
    summary: Text | None = None
    routine: bool = False
    """Everyday work (a backup, its verification): its runs are no incidents, and hold up nobody who answers one."""
    restores: tuple[Name, ...] = ()
    inputs: dict[EnvName, Input] = {}
    steps: tuple[Step, ...] = Field(min_length=1)
    source: str = ""


# -- the whole plan ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything a plan folder says, checked: every name in it is known."""

    folder: Path
    digest: str
    """sha256 over the files, hex."""
    name: str
    version: str
    lab: bool
    state: Path | None
    hands: tuple[str, ...]
    nodes: Mapping[str, Node]
    services: Mapping[str, Service]
    critical_path: tuple[str, ...]
    backup_sets: Mapping[str, BackupSet]
    secrets: Mapping[str, Secret]
    scenarios: Mapping[str, Scenario]
    contacts: Contacts
    drills: Mapping[str, Drill]
    runbooks: Mapping[str, Runbook]
    mains: Mains | None = None
    schedules: Mapping[str, Schedule] = field(default_factory=dict)
    notify: tuple[Notify, ...] = ()
