"""Sets whose job has stopped, and what the runs of this state folder know of it. Changes no run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sparkdr_tui.backups.punctual import Stopped, stopped
from sparkdr_tui.plan.graph import apart
from sparkdr_tui.plan.includes import doers
from sparkdr_tui.plan.runbook import Plan
from sparkdr_tui.record.runs import RunSummary, runs


@dataclass(frozen=True, slots=True)
class Late:
    """A set whose job has stopped, and the newest run that was to make a backup since the last one, if there is one."""

    stopped: Stopped
    attempt: RunSummary | None


def late(plan: Plan, newest: Mapping[str, datetime | None], state_folder: Path, now: datetime) -> dict[str, Late]:
    """The sets whose job has stopped, by the time of the newest backup of each."""
    found = {name: it for name, last in newest.items() if (it := stopped(plan.backup_sets[name], last, now))}
    known = runs(state_folder) if found else ()  # reads every journal: only where there is something to explain
    return {
        name: Late(it, last_attempt(plan, [run for run in known if run.opened_at > it.last], name))
        for name, it in found.items()
    }


def last_attempt(plan: Plan, runs: Sequence[RunSummary], set_id: str) -> RunSummary | None:
    """The newest of `runs` (newest first) that was to make a backup of the set."""
    maker = plan.backup_sets[set_id].made_by
    if maker is None:
        return None
    wanted = doers(plan, [maker])
    return next((run for run in runs if wanted <= doers(plan, apart(run.runbook))), None)
