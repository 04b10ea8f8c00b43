"""What a rehearsal finds, and the plain data it judges by: the scripts of the run, and what was seen of the world."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sparkdr_tui.backups.catalog import Backup
from sparkdr_tui.backups.offsite import Second
from sparkdr_tui.backups.retention import Fate
from sparkdr_tui.plan.graph import PlannedStep
from sparkdr_tui.plan.runbook import Input, Plan, Shell
from sparkdr_tui.readiness.asking import NodeSeen
from sparkdr_tui.readiness.databases import DatabaseSeen
from sparkdr_tui.readiness.levels import Level
from sparkdr_tui.readiness.uses import Course
from sparkdr_tui.record.events import RunOpened
from sparkdr_tui.record.lock import Holder
from sparkdr_tui.watch.topology import Topology


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at. `step` is the first step that it concerns; None: the run as a whole."""

    state: Level
    subject: str
    reason: str
    todo: str = ""
    step: str | None = None


@dataclass(frozen=True, slots=True)
class SetSeen:
    """The backups of a set, newest first, or why they could not be listed."""

    backups: tuple[Backup, ...] = ()
    problem: str = ""
    hint: str = ""
    fates: tuple[Fate, ...] = ()
    """What pruning would do with everything in its folder."""


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
    copies: Mapping[str, Second] = field(default_factory=dict)
    """What is in second places, by backup set."""


@dataclass(frozen=True, slots=True)
class Rehearsed(Course):
    """The run as it would be: everything that can be known without looking at the world."""

    plan: Plan
    opened: RunOpened
    variants_missing: tuple[tuple[PlannedStep, Shell], ...]
    inputs: Mapping[str, Input]
    restored: tuple[str, ...]
    unattended: bool
    state_folder: str
    now: datetime

    def fetched_before(self, step: str, set_id: str) -> str | None:
        """The step before this one that fetches backups of a set from its second place."""
        before = self.before(step)
        fetching = ("restore", set_id)
        steps = ((name, each.step.s3) for name, each in self.steps.items() if name in before)
        return next((name for name, s3 in steps if s3 and (s3.direction, s3.offsite) == fetching), None)

    def hands_before(self, step: str) -> str | None:
        """The first step before this one that hands do."""
        before = self.before(step)
        return next((name for name, each in self.steps.items() if name in before and each.step.manual), None)
