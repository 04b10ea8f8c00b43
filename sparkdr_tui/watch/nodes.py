"""One look at a node: its SSH port and what it says first, and the folders that must be there."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from string import Template

from sparkdr_tui.errors import SparkdrError
from sparkdr_tui.plan.model import Node, State
from sparkdr_tui.plan.runbook import Plan
from sparkdr_tui.reach.endpoint import Address, fact, first_accepting
from sparkdr_tui.reach.pool import Reach, is_here
from sparkdr_tui.reach.shell import Script, Unreachable
from sparkdr_tui.text import one_line
from sparkdr_tui.watch.finding import UP, Finding, Place, damaged, is_missing, unknown
from sparkdr_tui.watch.topology import Reading
from sparkdr_tui.watch.wire import connected

TIMEOUT = 5.0
"""Seconds that a node gets to answer."""

_POSIX = 'for name in ${!FOLDER_*}; do [ -d "${!name}" ] || echo "missing $name"; done'
_WINDOWS = (
    "Get-ChildItem env:FOLDER_* | Where-Object { -not (Test-Path -PathType Container $_.Value) } | "
    'ForEach-Object { "missing $($_.Name)" }'
)


async def probe_node(plan: Plan, node_id: str, reach: Reach) -> Reading:
    """Look at a node once, within `TIMEOUT` seconds."""
    node = plan.nodes[node_id]
    loop = asyncio.get_running_loop()
    end = loop.time() + TIMEOUT
    since = loop.time()
    if not is_here(node):
        assert node.ssh is not None  # a node without SSH is here
        try:
            address = await first_accepting(node.address, node.ssh.port, TIMEOUT)
        except OSError as failure:
            state = State.REFUSED if isinstance(failure, ConnectionRefusedError) else State.UNREACHABLE
            return _reading(state, fact(failure, node.ssh.port))
        since = address.since
        broken = await _greeted(address, end)
        if broken:
            return _reading(State.UNREACHABLE, broken)
    latency = loop.time() - since
    finding = await _folders(node, node_id, reach, end) if node.folders and (reach.credentials or is_here(node)) else UP
    return _reading(finding.state, finding.detail, latency)


async def probe_mains(plan: Plan, _name: str, _reach: Reach) -> Reading:
    """Look whether the site has power: whether what the plan names for that accepts connections."""
    assert plan.mains is not None  # only then is it looked at
    loop = asyncio.get_running_loop()
    try:
        address = await first_accepting(plan.mains.address, plan.mains.port, TIMEOUT)
    except OSError as failure:
        state = State.REFUSED if isinstance(failure, ConnectionRefusedError) else State.UNREACHABLE
        return _reading(state, fact(failure, plan.mains.port))
    return _reading(State.UP, "", loop.time() - address.since)


async def _greeted(address: Address, end: float) -> str:
    """What is wrong with what the SSH server says first; empty when it is right."""
    try:
        async with connected(Place(address.host, address.port, end)) as (reader, _writer):
            greeting = await reader.readuntil(b"\n")
    except TimeoutError:
        return "accepts connections but does not answer"
    except (OSError, asyncio.LimitOverrunError):
        return "hangs up before it says anything"
    return "" if greeting.startswith(b"SSH-") else "something else than SSH answers"


async def _folders(node: Node, node_id: str, reach: Reach, end: float) -> Finding:
    """Whether the folders that must be there are."""
    folders = {f"FOLDER_{at}": Template(each).safe_substitute(node.env) for at, each in enumerate(node.folders)}
    asking = asyncio.create_task(_missing(node, node_id, reach, folders))
    asking.add_done_callback(lambda done: done.cancelled() or done.exception())
    await asyncio.wait({asking}, timeout=end - asyncio.get_running_loop().time())
    if not asking.done():
        asking.cancel()  # ending the script may take longer than we have
        return Finding(State.UNREACHABLE, "accepts connections but does not answer")
    try:
        missing = asking.result()
    except Unreachable as failure:
        return unknown(f"cannot be looked into: {failure.reason}")
    except SparkdrError as failure:
        return unknown(f"cannot be looked into: {failure.message}")
    return damaged(is_missing("folder", missing)) if missing else UP


async def _missing(node: Node, node_id: str, reach: Reach, folders: dict[str, str]) -> list[str]:
    shell = await reach.shell(node_id)
    text = _WINDOWS if node.os == "windows" else _POSIX
    result = await shell.run(Script(text, folders), timeout=2 * TIMEOUT)
    names = [line.removeprefix("missing ") for line in result.text.splitlines() if line.startswith("missing ")]
    return [folders[name] for name in names if name in folders]


def _reading(state: State, detail: str = "", latency: float | None = None) -> Reading:
    return Reading(state, datetime.now(UTC), latency if state.healthy else None, one_line(detail))
