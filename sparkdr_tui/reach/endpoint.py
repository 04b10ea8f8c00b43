"""Where a service can be talked to from this machine: at one of its node's addresses, or through the node's SSH."""

from __future__ import annotations

import asyncio
import errno
from dataclasses import dataclass

from sparkdr_tui.language import _, current
from sparkdr_tui.plan.runbook import Plan
from sparkdr_tui.reach.pool import Reach
from sparkdr_tui.reach.shell import Unreachable

ON_THE_NODE = "localhost"
"""What a service that is reached through SSH is called on its node."""
WAY = 5.0
"""Seconds to reach that node, however long the service itself may take: a node that is off holds nobody up longer."""


@dataclass(frozen=True, slots=True)
class Address:
    """An address that accepted a connection just now, and when asking there began (the loop's clock)."""

    host: str
    port: int
    since: float


async def find(plan: Plan, service_id: str, reach: Reach, timeout: float) -> Address:
    """Where a service accepts connections.

    Raises `ConnectionRefusedError`, `TimeoutError`, another `OSError`, or `SparkdrError` where the way leads through
    SSH and the node cannot be reached.
    """
    service = plan.services[service_id]
    loop = asyncio.get_running_loop()
    if service.probe.kind.via == "direct":
        return await first_accepting(plan.nodes[service.on].address, service.port, timeout)
    end = loop.time() + timeout
    try:
        async with asyncio.timeout_at(min(end, loop.time() + WAY)):
            shell = await reach.shell(service.on)
    except TimeoutError:
        node = plan.nodes[service.on].title.within(current())
        raise Unreachable(_("{node} does not answer.").format(node=node), reason="no answer") from None
    async with asyncio.timeout_at(end):
        since = loop.time()
        await shell.dial(ON_THE_NODE, service.port)
        host, port = await shell.forward(ON_THE_NODE, service.port)
        return Address(host, port, since)


async def first_accepting(addresses: tuple[str, ...], port: int, timeout: float) -> Address:
    """The first address, tried in order, that accepts connections; each gets its share of what is left of `timeout`.

    Raises what the last one answered, but says refused when any of them refused: then the machine is there.
    """
    loop = asyncio.get_running_loop()
    end = loop.time() + timeout
    failures: list[OSError] = []
    for at, address in enumerate(addresses):
        since = loop.time()
        try:
            async with asyncio.timeout(max(0.0, end - since) / (len(addresses) - at)):
                _reader, writer = await asyncio.open_connection(address, port)
        except OSError as failure:  # a TimeoutError is one
            failures.append(failure)
            continue
        writer.close()
        return Address(address, port, since)
    raise next((each for each in failures if isinstance(each, ConnectionRefusedError)), failures[-1])


async def endpoint(plan: Plan, service_id: str, reach: Reach, timeout: float = 10.0) -> tuple[str, int]:
    """An address on which a service accepts connections, for a client; raises `Unreachable`."""
    service = plan.services[service_id]
    try:
        place = await find(plan, service_id, reach, timeout)
    except OSError as failure:
        raise Unreachable(
            _("{service} cannot be reached: {reason}.").format(
                service=service.title.within(current()), reason=fact(failure, service.port)
            )
        ) from failure
    return place.host, place.port


def fact(failure: OSError, port: int) -> str:
    """Why a connection failed, short and in English."""
    if isinstance(failure, ConnectionRefusedError):
        return f"port {port} refuses connections"
    if isinstance(failure, TimeoutError) or failure.errno == errno.ETIMEDOUT:
        return "no answer"
    return (failure.strerror or str(failure) or type(failure).__name__).rstrip(".")
