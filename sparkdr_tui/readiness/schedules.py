"""Whether what a plan schedules is installed on its nodes: read off them, never written."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from sparkdr_tui.backups.schedule.installed import Kind, Standing, Wishes, kind_of, survey
from sparkdr_tui.errors import SparkdrError
from sparkdr_tui.language import _
from sparkdr_tui.plan.runbook import Plan
from sparkdr_tui.reach.pool import Reach, is_here
from sparkdr_tui.reach.shell import Unreachable

PATIENCE = 30.0
"""Seconds that a node gets to show its crontab and its agents."""


@dataclass(frozen=True, slots=True)
class ScheduleSeen:
    """How the jobs of a node stand, by name, or why that is not known; `wrong`: the problem is that none can run."""

    kind: Kind = "cron"
    jobs: Mapping[str, Standing] = field(default_factory=dict)
    problem: str = ""
    hint: str = ""
    wrong: bool = False


async def look_at_schedule(plan: Plan, node_id: str, reach: Reach) -> ScheduleSeen:
    """Look at the schedule of a node."""
    own: str | None = None
    if is_here(plan.nodes[node_id]) or plan.lab:  # the nodes of a lab are this machine too
        own = str(Path(sys.executable).with_name("sparkdr-tui"))
    try:
        async with asyncio.timeout(PATIENCE):
            seen = await survey(plan, node_id, await reach.shell(node_id), Wishes(own=own))
            kind = kind_of(plan.nodes[node_id], plan.name, seen.found)
            if kind == "cron" and seen.found.crontab is None:
                return ScheduleSeen(problem=_("its crontab cannot be read: {why}").format(why=seen.found.refused))
            return ScheduleSeen(kind, seen.standing(plan.name, kind))
    except TimeoutError:
        return ScheduleSeen(problem=_("it did not answer within {seconds:.0f} s").format(seconds=PATIENCE))
    except Unreachable as problem:
        return ScheduleSeen(problem=problem.message, hint=problem.hint)
    except SparkdrError as problem:
        return ScheduleSeen(problem=problem.message, hint=problem.hint, wrong=True)
