"""What a rehearsal finds, and the plain data it judges by: the scripts of the run, and what was seen of the world."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from sparkdr_tui.backups.catalog import Backup
from sparkdr_tui.plan.graph import PlannedStep
from sparkdr_tui.plan.runbook import Input, Plan, Shell
from sparkdr_tui.record.events import RunOpened
from sparkdr_tui.record.lock import Holder
from sparkdr_tui.recover.rehearsal.bash_words import Words
from sparkdr_tui.watch.topology import Topology

Level = Literal["ok", "unknown", "warn", "stop"]
"""In order; cannot be known beforehand; would be better otherwise; would stop the run."""
Role = Literal["show", "run", "check", "undo"]
GRAVITY: tuple[Level, ...] = ("ok", "unknown", "warn", "stop")


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at. `step` is the first step that it concerns; None: the run as a whole."""

    state: Level
    subject: str
    reason: str
    todo: str = ""
    step: str | None = None


@dataclass(frozen=True, slots=True)
class Use:
    """A script of the run, in the variant that its node runs, with what it uses and what it will find."""

    planned: PlannedStep
    role: Role
    node: str
    windows: bool
    text: str
    words: Words
    env: Mapping[str, str]

    @property
    def may_fail(self) -> bool:
        """The run goes on without it."""
        return self.role == "undo" or self.planned.step.optional


@dataclass(frozen=True, slots=True)
class Disk:
    """Where a folder of a node is, and how much is free there, in bytes; `name` is the variable that names it."""

    name: str
    mount: str
    free: int


@dataclass(frozen=True, slots=True)
class NodeSeen:
    """What a node said; `problem`: why it could not be asked."""

    problem: str = ""
    hint: str = ""
    there: Mapping[str, str] = field(default_factory=dict)
    """Commands and where they are."""
    missing: frozenset[str] = frozenset()
    disks: tuple[Disk, ...] = ()


@dataclass(frozen=True, slots=True)
class SetSeen:
    """The backups of a set, newest first, or why they could not be listed."""

    backups: tuple[Backup, ...] = ()
    problem: str = ""
    hint: str = ""


@dataclass(frozen=True, slots=True)
class DatabaseSeen:
    """How big a database is and how much is free where its server keeps its data, in bytes; None: not known."""

    size: int | None = None
    free: int | None = None
    place: str = ""


@dataclass(frozen=True, slots=True)
class Seen:
    """What was seen of the world, all at one time."""

    topology: Topology
    nodes: Mapping[str, NodeSeen]
    sets: Mapping[str, SetSeen]
    databases: Mapping[str, DatabaseSeen]
    holder: Holder | None
    missing_secrets: Mapping[str, tuple[str, str]]
    """Secrets that are not there: what is wrong, and what to do."""


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """The run as it would be: everything that can be known without looking at the world."""

    plan: Plan
    opened: RunOpened
    steps: Mapping[str, PlannedStep]
    uses: tuple[Use, ...]
    variants_missing: tuple[tuple[PlannedStep, Shell], ...]
    inputs: Mapping[str, Input]
    restored: tuple[str, ...]
    unattended: bool
    state_folder: str
    now: datetime

    def number(self, step: str) -> int:
        """A step's number, as the list of steps has it."""
        return list(self.steps).index(step) + 1

    def before(self, step: str) -> frozenset[str]:
        """All steps that must be over before this one."""
        found: set[str] = set()
        ahead = list(self.steps[step].needs)
        while ahead:
            name = ahead.pop()
            if name in self.steps and name not in found:
                found.add(name)
                ahead += self.steps[name].needs
        return frozenset(found)

    def hands_before(self, step: str) -> str | None:
        """The first step before this one that hands do."""
        before = self.before(step)
        return next((name for name, each in self.steps.items() if name in before and each.step.manual), None)


def gravest(first: Level, second: Level) -> Level:
    """The worse one of two."""
    return max(first, second, key=GRAVITY.index)
