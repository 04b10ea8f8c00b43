"""Everything that a readiness check looks at, side by side: each look has its own deadline and holds nobody up."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from sparkdr_tui.backups.looking import look_at
from sparkdr_tui.backups.schedule.jobs import nodes as nodes_with_jobs
from sparkdr_tui.plan.runbook import Plan
from sparkdr_tui.reach.pool import Reach
from sparkdr_tui.readiness import needed
from sparkdr_tui.readiness.asking import NodeSeen, ask
from sparkdr_tui.readiness.databases import ask_database
from sparkdr_tui.readiness.doors import doors
from sparkdr_tui.readiness.here import look_here
from sparkdr_tui.readiness.questions import EVERYTHING
from sparkdr_tui.readiness.schedules import look_at_schedule
from sparkdr_tui.readiness.seen import Seen, There
from sparkdr_tui.readiness.uses import Course
from sparkdr_tui.watch.sweep import sweep

PATIENCE = 30.0
"""Seconds that the nodes get to list the backups of a set."""


async def look(plan: Plan, state_folder: Path, runs: Mapping[str, Course], now: datetime) -> Seen:
    """Look at this machine and at every node."""
    reach = Reach(plan)
    try:
        here, there = await asyncio.gather(asyncio.to_thread(look_here, plan, state_folder), _there(plan, runs, reach))
    finally:
        await reach.close()
    return Seen(now, here, there)


async def _there(plan: Plan, runs: Mapping[str, Course], reach: Reach) -> There:
    nodes, sets = list(plan.nodes), list(plan.backup_sets)
    databases = [name for name, service in plan.services.items() if service.probe.postgres is not None]

    async def node(name: str) -> NodeSeen:
        return await ask(plan, name, EVERYTHING, needed.tools(runs, name), reach, needed.places(plan, name))

    scheduled = nodes_with_jobs(plan)
    topology, opened, said, listed, measured, installed = await asyncio.gather(
        sweep(plan, reach),
        asyncio.gather(*(doors(plan, name, reach) for name in nodes)),
        asyncio.gather(*(node(name) for name in nodes)),
        asyncio.gather(*(look_at(plan, name, reach, PATIENCE) for name in sets)),
        asyncio.gather(*(ask_database(plan, name, reach) for name in databases)),
        asyncio.gather(*(look_at_schedule(plan, name, reach) for name in scheduled)),
    )
    return There(
        topology=topology,
        doors=dict(zip(nodes, opened, strict=True)),
        nodes=dict(zip(nodes, said, strict=True)),
        sets=dict(zip(sets, listed, strict=True)),
        databases=dict(zip(databases, measured, strict=True)),
        schedules=dict(zip(scheduled, installed, strict=True)),
    )
