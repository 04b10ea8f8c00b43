"""One look at one service or node: never raises, never takes longer than its deadline, changes nothing."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import assert_never

from sparkdr_tui.errors import SparkdrError
from sparkdr_tui.plan.model import (
    HttpProbe,
    PostgresProbe,
    RedisProbe,
    S3Probe,
    Service,
    State,
    TcpProbe,
)
from sparkdr_tui.plan.runbook import Plan
from sparkdr_tui.reach.credentials import secret
from sparkdr_tui.reach.endpoint import endpoint, fact, find
from sparkdr_tui.reach.pool import Reach
from sparkdr_tui.reach.shell import Unreachable
from sparkdr_tui.text import one_line
from sparkdr_tui.watch import amcheck, http, postgres, redis, s3
from sparkdr_tui.watch.finding import UP, Finding, Place, refused, unknown
from sparkdr_tui.watch.nodes import probe_node
from sparkdr_tui.watch.situation import THE_WAY
from sparkdr_tui.watch.topology import Reading
from sparkdr_tui.watch.wire import Nonsense

__all__ = ["endpoint", "probe_node", "probe_service"]

SILENT = "accepts connections but does not answer"


@dataclass(slots=True)
class _Look:
    """What looking at one service needs, and when it had answered (the loop's clock)."""

    plan: Plan
    service_id: str
    reach: Reach
    answered: float = 0.0

    @property
    def service(self) -> Service:
        return self.plan.services[self.service_id]


async def probe_service(plan: Plan, service_id: str, reach: Reach) -> Reading:
    """Look at a service once, within its probe's timeout."""
    look = _Look(plan, service_id, reach)
    service = look.service
    loop = asyncio.get_running_loop()
    end = loop.time() + service.probe.kind.timeout.total_seconds()
    if service.probe.kind.via == "ssh" and not reach.credentials:
        return await _from_outside(look)
    try:
        address = await find(plan, service_id, reach, end - loop.time())
    except Unreachable as failure:
        return _reading(State.UNREACHABLE, f"{THE_WAY}{service.on}: {failure.reason}")
    except SparkdrError as failure:
        return _reading(State.UNREACHABLE, f"{THE_WAY}{service.on}: {failure.message}")
    except OSError as failure:
        state = State.REFUSED if isinstance(failure, ConnectionRefusedError) else State.UNREACHABLE
        return _reading(state, fact(failure, service.port))
    finding = await _ask(look, Place(address.host, address.port, end))
    if finding.state in (State.UNREACHABLE, State.REFUSED):
        return _reading(finding.state, finding.detail)
    reading = _timed(service, finding, (look.answered or loop.time()) - address.since)
    return replace(reading, denied=True) if finding.denied else reading


async def _from_outside(look: _Look) -> Reading:
    """For a service behind a node's SSH, without credentials: only whether the node is there at all."""
    node = await probe_node(look.plan, look.service.on, look.reach)
    if node.state in (State.REFUSED, State.UNREACHABLE):
        return _reading(State.UNREACHABLE, f"{THE_WAY}{look.service.on}: {node.detail}")
    return _reading(State.UNKNOWN, "looked at through the node's SSH only, which takes credentials")


async def _ask(look: _Look, place: Place) -> Finding:
    """The finding of the probe's kind; what goes wrong on the way is a finding too."""
    try:
        return await _by_kind(look, place)
    except TimeoutError:
        return Finding(State.UNREACHABLE, SILENT)
    except Nonsense as failure:
        return Finding(State.DAMAGED, one_line(str(failure)))
    except ConnectionRefusedError as failure:
        return refused(fact(failure, look.service.port))
    except OSError as failure:  # connections that break, TLS that fails
        return refused(f"hangs up: {fact(failure, look.service.port)}")


async def _by_kind(look: _Look, place: Place) -> Finding:
    probe = look.service.probe.kind
    match probe:
        case TcpProbe():
            return UP
        case HttpProbe():
            return await http.look(probe, place)
        case RedisProbe() | PostgresProbe() | S3Probe():
            try:
                secrets = _secrets(look)
            except SparkdrError as failure:
                return await _greet(probe, place, failure.message)
            return (
                await _with_credentials(look, probe, place, secrets)
                if secrets is not None
                else await _greet(probe, place)
            )
        case _:
            assert_never(probe)


def _secrets(look: _Look) -> tuple[str, ...] | None:
    """The values that the probe needs; None without credentials. Raises `SparkdrError` where one is missing."""
    probe = look.service.probe.kind
    if isinstance(probe, S3Probe):
        names: tuple[str, ...] = (probe.access_key, probe.secret_key)
    else:
        name = getattr(probe, "password", None)
        names = (name,) if name else ()
    if not look.reach.credentials and (names or isinstance(probe, PostgresProbe)):
        return None
    return tuple(secret(look.plan, name) for name in names)


async def _with_credentials(
    look: _Look, probe: RedisProbe | PostgresProbe | S3Probe, place: Place, secrets: tuple[str, ...]
) -> Finding:
    if isinstance(probe, S3Probe):
        return await s3.look(probe, place, *secrets)
    password = secrets[0] if secrets else None
    if isinstance(probe, RedisProbe):
        return await redis.look(probe, place, password)
    finding, oid = await postgres.look(probe, place, password)
    look.answered = asyncio.get_running_loop().time()
    if finding == UP and probe.amcheck:
        return await amcheck.look(look.reach, look.service_id, oid, probe, place, password)
    return finding


async def _greet(probe: RedisProbe | PostgresProbe | S3Probe, place: Place, why: str = "") -> Finding:
    """What can be known without credentials."""
    if isinstance(probe, RedisProbe):
        finding = await redis.greet(place)
    elif isinstance(probe, PostgresProbe):
        finding = await postgres.greet(place)
    else:
        finding = await s3.greet(probe, place)
    return unknown(why) if why and finding.state is State.UNKNOWN else finding


def _timed(service: Service, finding: Finding, latency: float) -> Reading:
    slow = service.slow.total_seconds() if service.slow else None
    if finding.state is State.UP and slow is not None and latency > slow:
        return _reading(State.SLOW, finding.detail or f"answers in {latency:.1f} s", latency)
    return _reading(finding.state, finding.detail, latency)


def _reading(state: State, detail: str = "", latency: float | None = None) -> Reading:
    return Reading(state, datetime.now(UTC), latency, one_line(detail))
