"""The files of a plan folder beside its runbooks, each as a whole. Reads none of them (`load.py`)."""

from __future__ import annotations

from sparkdr_tui.plan.backup_sets import BackupSet
from sparkdr_tui.plan.drills import Drill
from sparkdr_tui.plan.model import EnvName, Frozen, Mains, Name, Node, Scenario, Secret, Service
from sparkdr_tui.plan.notify import Notify
from sparkdr_tui.plan.schedules import Schedule


class PlanFile(Frozen):
    """plan.yaml."""

    name: str
    version: str = ""
    lab: bool = False
    """The nodes are the lab's: runs are in mode `lab`."""
    hands: tuple[str, ...] = ()
    """Lab only: the command that does what hands do; a manual step's `hands` is added as its last word."""
    state: str | None = None
    """Folder of the journals (relative to the plan folder); platform default without it."""
    nodes: dict[Name, Node]
    services: dict[Name, Service]
    critical_path: tuple[Name, ...] = ()
    backup_sets: dict[Name, BackupSet] = {}
    schedules: dict[Name, Schedule] = {}
    secrets: dict[EnvName, Secret] = {}
    notify: tuple[Notify, ...] = ()
    """Who is told of runs, through Apprise (`pip install "sparkdr-tui[notify]"`)."""
    mains: Mains | None = None


class ScenariosFile(Frozen):
    """scenarios.yaml."""

    scenarios: dict[Name, Scenario]


class DrillsFile(Frozen):
    """drills.yaml."""

    drills: dict[Name, Drill]
