"""Every address of a node, tried by itself: a second way in is worth something only if it opens. Logs in and out."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace

from sparkdr_tui.plan.runbook import Plan
from sparkdr_tui.reach.pool import Reach, is_here, target
from sparkdr_tui.reach.shell import Unreachable


@dataclass(frozen=True, slots=True)
class Door:
    """One address: how long a login took, in seconds, or why there was none."""

    address: str
    seconds: float | None = None
    problem: str = ""
    hint: str = ""
    reason: str = ""
    """The bare fact of the problem, in English."""


async def doors(plan: Plan, node_id: str, reach: Reach) -> tuple[Door, ...]:
    """Log in at each address of a node, side by side; none for this machine, which needs no door."""
    node = plan.nodes[node_id]
    if is_here(node):
        return ()
    return tuple(await asyncio.gather(*(_door(plan, node_id, address, reach) for address in node.address)))


async def _door(plan: Plan, node_id: str, address: str, reach: Reach) -> Door:
    from sparkdr_tui.reach import ssh

    loop = asyncio.get_running_loop()
    began = loop.time()
    node = plan.nodes[node_id]
    try:
        if len(node.address) == 1:  # the same login that its scripts use
            await reach.shell(node_id)
        else:
            shell = await ssh.connect(replace(target(plan, node), addresses=(address,)))
            seconds = loop.time() - began
            await shell.close()
            return Door(address, seconds)
    except Unreachable as problem:
        return Door(address, None, problem.message, problem.hint, problem.reason)
    return Door(address, loop.time() - began)
