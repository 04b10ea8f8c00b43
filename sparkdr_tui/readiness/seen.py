"""What a readiness check sees of the world, as plain data. What could not be seen is part of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from sparkdr_tui.backups.looking import SetLook
from sparkdr_tui.backups.offsite import Second
from sparkdr_tui.readiness.asking import NodeSeen
from sparkdr_tui.readiness.databases import DatabaseSeen
from sparkdr_tui.readiness.doors import Door
from sparkdr_tui.readiness.schedules import ScheduleSeen
from sparkdr_tui.record.drills import DrillStatus
from sparkdr_tui.watch.topology import Topology


@dataclass(frozen=True, slots=True)
class Passed:
    """The last drill or lab run in which a runbook was completed, and what the runbook contained then."""

    run: str
    at: datetime
    content: str
    """Empty: nobody recorded it."""


@dataclass(frozen=True, slots=True)
class Here:
    """This machine, on which no node needs to be reached."""

    state_folder: Path
    writable: bool
    free: int | None
    """Bytes free where the runs are kept."""
    credentials: bool = True
    """False: secrets and keys were not looked at, since observers load none."""
    missing: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    """Secrets that are not there: what is wrong, and what to do."""
    exposed: tuple[str, ...] = ()
    """Files with secrets or keys that others can read."""
    no_keys: Mapping[str, str] = field(default_factory=dict)
    """Nodes whose SSH key is not there, with its path."""
    strangers: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Nodes with addresses whose host key known_hosts does not have."""
    known_hosts: str = ""
    """Why known_hosts cannot be read."""
    passed: Mapping[str, Passed] = field(default_factory=dict)
    """By runbook."""
    apprise: bool = True
    """Whether what sends notifications is installed."""
    drills: tuple[DrillStatus, ...] = ()
    recovery: tuple[str, str] | None = None
    """A recovery that is unfinished: which one, and what to do about it."""


@dataclass(frozen=True, slots=True)
class There:
    """The nodes and what is on them, all at one time."""

    doors: Mapping[str, tuple[Door, ...]]
    nodes: Mapping[str, NodeSeen]
    topology: Topology
    databases: Mapping[str, DatabaseSeen]
    sets: Mapping[str, SetLook]
    schedules: Mapping[str, ScheduleSeen] = field(default_factory=dict)
    """By node, where something is scheduled."""
    seconds: Mapping[str, Second] = field(default_factory=dict)
    """The second place of each set that names one."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What was seen at `at`; `there` is None where no node was asked."""

    at: datetime
    here: Here
    there: There | None
