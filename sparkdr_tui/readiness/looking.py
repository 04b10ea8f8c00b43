"""Everything that a readiness check looks at, side by side: each look has its own deadline and holds nobody up."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from sparkdr_tui.backups.looking import look_at
from sparkdr_tui.backups.offsite import second_places
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

T = TypeVar("T")

PATIENCE = 30.0
"""Seconds that the nodes get to list the backups of a set."""


async def look(plan: Plan, state_folder: Path, runs: Mapping[str, Course], now: datetime) -> Seen:
    """Look at this machine and at every node."""
    reach = Reach(plan)
    try:
        here, there = await asyncio.gather(
            asyncio.to_thread(look_here, plan, state_folder, now), _there(plan, runs, reach)
        )
    finally:
        await reach.close()
    return Seen(now, here, there)


async def _there(plan: Plan, runs: Mapping[str, Course], reach: Reach) -> There:
    async def node(name: str) -> NodeSeen:
        return await ask(plan, name, EVERYTHING, needed.tools(runs, name), reach, needed.places(plan, name))

    databases = (name for name, service in plan.services.items() if service.probe.postgres is not None)
    nodes = asyncio.gather(
        _each(plan.nodes, lambda name: doors(plan, name, reach)),
        _each(plan.nodes, node),
        _each(nodes_with_jobs(plan), lambda name: look_at_schedule(plan, name, reach)),
    )
    services = asyncio.gather(sweep(plan, reach), _each(databases, lambda name: ask_database(plan, name, reach)))
    backups = asyncio.gather(
        _each(plan.backup_sets, lambda name: look_at(plan, name, reach, PATIENCE)), second_places(plan, reach)
    )
    opened, said, installed = await nodes
    topology, measured = await services
    listed, seconds = await backups
    return There(
        doors=opened,
        nodes=said,
        schedules=installed,
        topology=topology,
        databases=measured,
        sets=listed,
        seconds=seconds,
    )


async def _each(names: Iterable[str], one: Callable[[str], Awaitable[T]]) -> dict[str, T]:
    """One look for each name, side by side."""
    wanted = list(names)
    return dict(zip(wanted, await asyncio.gather(*map(one, wanted)), strict=True))
