"""All probes once, side by side; one that goes wrong is an unknown reading, and holds nobody up."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime
from importlib import import_module
from typing import Literal

from sparkdr_tui.plan.model import PostgresProbe, State
from sparkdr_tui.plan.runbook import Plan
from sparkdr_tui.reach.pool import Reach
from sparkdr_tui.text import one_line
from sparkdr_tui.watch.nodes import probe_mains
from sparkdr_tui.watch.probes import probe_node, probe_service
from sparkdr_tui.watch.topology import Reading, Topology

AT_ONCE = 32
"""Probes that run side by side."""

Kind = Literal["node", "service", "mains"]


async def sweep(plan: Plan, reach: Reach) -> Topology:
    """Look at every node and every service once."""
    found: dict[tuple[Kind, str], Reading] = {}
    async for kind, name, reading in readings(plan, reach):
        found[kind, name] = reading
    return Topology(
        nodes={name: found["node", name] for name in plan.nodes},
        services={name: found["service", name] for name in plan.services},
        at=datetime.now(UTC),
        mains=found.get(("mains", "mains")),
    )


async def readings(plan: Plan, reach: Reach) -> AsyncIterator[tuple[Kind, str, Reading]]:
    """Every reading of one sweep, as it comes."""
    await _import_clients(plan, reach)
    places = asyncio.Semaphore(AT_ONCE)

    async def one(
        kind: Kind, name: str, probe: Callable[[Plan, str, Reach], Awaitable[Reading]]
    ) -> tuple[Kind, str, Reading]:
        async with places:
            try:
                return kind, name, await probe(plan, name, reach)
            except Exception as failure:  # noqa: BLE001 - one bad probe must not cost the others
                return kind, name, _failed(failure)

    tasks = [
        *(asyncio.create_task(one("node", name, probe_node)) for name in plan.nodes),
        *(asyncio.create_task(one("service", name, probe_service)) for name in plan.services),
        *(asyncio.create_task(one("mains", "mains", probe_mains)) for _ in (plan.mains,) if _ is not None),
    ]
    try:
        for task in asyncio.as_completed(tasks):
            yield await task
    finally:
        for task in tasks:
            task.cancel()


async def _import_clients(plan: Plan, reach: Reach) -> None:
    """Import what the probes will need, before and not while they measure how fast things answer."""
    probes = [service.probe.kind for service in plan.services.values()]
    by_ssh = any(probe.via == "ssh" for probe in probes) or any(node.folders for node in plan.nodes.values())
    names = ["psycopg"] if any(isinstance(probe, PostgresProbe) for probe in probes) else []
    names += ["sparkdr_tui.reach.ssh"] if by_ssh else []
    if reach.credentials and (missing := [name for name in names if name not in sys.modules]):
        await asyncio.to_thread(lambda: [import_module(name) for name in missing])


def _failed(failure: Exception) -> Reading:
    return Reading(State.UNKNOWN, datetime.now(UTC), None, one_line(f"the probe failed: {failure!r}"))
