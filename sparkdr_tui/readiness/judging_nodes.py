"""Whether each node can be worked on: reached, known, with what runbooks need. Pure: judges what was seen."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from sparkdr_tui.figures import latency, span
from sparkdr_tui.language import _, ngettext
from sparkdr_tui.plan.model import State
from sparkdr_tui.plan.runbook import Plan
from sparkdr_tui.reach.pool import is_here
from sparkdr_tui.reach.shell import CHANGED_KEY, UNKNOWN_KEY
from sparkdr_tui.readiness import needed
from sparkdr_tui.readiness.asking import NodeSeen
from sparkdr_tui.readiness.doors import Door
from sparkdr_tui.readiness.findings import Check, Finding
from sparkdr_tui.readiness.levels import Level
from sparkdr_tui.readiness.seen import There
from sparkdr_tui.readiness.uses import Course
from sparkdr_tui.readiness.versions import shown, version
from sparkdr_tui.watch import details

KEY_REASONS = (CHANGED_KEY, UNKNOWN_KEY)
NOTABLE_SKEW, SIGNATURES_FAIL = 5.0, 900.0
"""Seconds that a clock may be off, and beyond which S3 refuses what was signed by it."""


def reached(plan: Plan, there: There) -> Iterator[Finding]:
    """Whether each node lets us in, at which of its addresses, and whether it is who it was."""
    for name, said in there.nodes.items():
        found = there.doors.get(name, ())
        if not said.problem:
            yield from _in(plan, name, found, there)
            continue
        check: Check = "host-key" if said.reason in KEY_REASONS else "reach"
        todo = said.hint or _(
            "Is it switched on, and on the network? sparkdr-tui status says which runbook answers it."
        )
        yield Finding("stop", check, name, said.problem, todo, name)
        if any(service.on == name for service in plan.services.values()):
            text = _("commands, disks, clock, services and backups on it were not looked at")
            yield Finding("unknown", "reach", name, text, node=name)


def _in(plan: Plan, name: str, found: tuple[Door, ...], there: There) -> Iterator[Finding]:
    if is_here(plan.nodes[name]):
        yield Finding("ok", "reach", name, _("is this machine"), node=name)
    for door in found:
        if door.seconds is not None:
            text = _("lets us in at {address} ({time})").format(address=door.address, time=latency(door.seconds))
            yield Finding("ok", "reach", name, text, node=name)
            yield Finding("ok", "host-key", name, _("its host key is the known one"), node=name)
        else:
            check: Check = "host-key" if door.reason in KEY_REASONS else "reach"
            text = _("another of its addresses lets us in, but {problem}").format(problem=door.problem.rstrip("."))
            yield Finding("warn", check, name, text, door.hint, name)
    reading = there.topology.nodes.get(name)
    if reading is not None and reading.state is State.DAMAGED:
        yield Finding(
            "warn", "reach", name, _("reached, but {detail}").format(detail=details.said(reading.detail)), node=name
        )


def commands(runs: Mapping[str, Course], there: There) -> Iterator[Finding]:
    """Whether the commands of the runbooks are there."""
    for name, said in there.nodes.items():
        if said.problem:
            continue
        count = len(set(said.there) - said.stubs)
        if count:
            text = ngettext("{count} command is there", "{count} commands are there", count).format(count=count)
            yield Finding("ok", "tools", name, text, node=name)
        for tool in sorted(said.missing | said.stubs):
            yield from _lacking(runs, name, tool, stub=tool in said.stubs)


def _lacking(runs: Mapping[str, Course], node: str, tool: str, *, stub: bool) -> Iterator[Finding]:
    """A command that is not there, unless every script that uses it copes."""
    found = needed.lacking(runs, node, tool)
    if found.state == "ok" or (found.state == "unknown" and not stub):
        return
    text = _("{tool} only offers to install itself") if stub else _("{tool} is not there")
    books = needed.some(found.runbooks)
    reason = _("{reason}; needed by {runbooks}").format(reason=text.format(tool=tool), runbooks=books)
    todo = _("Install it on {node}, or add its folder to PATH in plan.yaml.").format(node=node)
    yield Finding(found.state, "tools", node, f"{reason}: {found.why}" if found.why else reason, todo, node)


def versions(plan: Plan, there: There) -> Iterator[Finding]:
    """The versions of what is there, and whether PostgreSQL's programs fit its server."""
    for name, said in there.nodes.items():
        if said.problem:
            continue
        told = [f"{tool} {shown(found)}" for tool, each in said.versions.items() if (found := version(each))]
        if told:
            yield Finding("ok", "versions", name, ", ".join(told), node=name)
        for service_id, service in plan.services.items():
            if service.on == name and service.probe.postgres is not None:
                yield from _fits(name, service_id, said, there)


def _fits(node: str, service: str, said: NodeSeen, there: There) -> Iterator[Finding]:
    """pg_dump refuses a server that is newer than itself; psql may not understand what one restores."""
    server = version(there.databases[service].version) if service in there.databases else ()
    clients = {tool: found for tool in ("pg_dump", "psql") if (found := version(said.versions.get(tool, "")))}
    old = [tool for tool, client in clients.items() if server and client[0] < server[0]]
    told = ", ".join(f"{tool} {shown(client)}" for tool, client in clients.items())
    if clients and not server:
        text = _("its server does not say its version: whether {tools} fit it is not known")
        yield Finding("unknown", "versions", service, text.format(tools=told), node=node)
    elif old:
        text = _("{tools} are older than the server, {server}")
        if "pg_dump" in old:
            text = _("{tools} are older than the server, {server}: no backup of it can be made")
        reason = text.format(tools=told, server=shown(server))
        todo = _("Put the programs of PostgreSQL {major} first in PATH of {node}.").format(major=server[0], node=node)
        yield Finding("stop" if "pg_dump" in old else "warn", "versions", service, reason, todo, node)
    elif clients:
        text = _("{tools} fit the server, {server}")
        yield Finding("ok", "versions", service, text.format(tools=told, server=shown(server)), node=node)


def clocks(plan: Plan, there: There) -> Iterator[Finding]:
    """Whether the clocks of nodes go with ours: ages of backups, and so the RPO, are reckoned by them."""
    for name, said in there.nodes.items():
        if said.problem or is_here(plan.nodes[name]):
            continue
        off = said.ahead
        if off is None:
            yield Finding("unknown", "clock", name, _("does not say what time it is"), node=name)
            continue
        if abs(off) < NOTABLE_SKEW:
            yield Finding("ok", "clock", name, _("its clock goes with ours"), node=name)
            continue
        signs = any(each.on == name and each.probe.s3 for each in plan.services.values())
        level: Level = "stop" if abs(off) > SIGNATURES_FAIL and signs else "warn"
        text = _("its clock is {time} ahead of ours: ages of backups are wrong by as much")
        if off < 0:
            text = _("its clock is {time} behind ours: ages of backups are wrong by as much")
        reason = text.format(time=span(abs(off)))
        if level == "stop":
            reason += _(", and S3 refuses what we sign")
        todo = _("Let both machines set their clocks by the network (on a Mac: sudo sntp -sS time.apple.com).")
        yield Finding(level, "clock", name, reason, todo, name)


def services(plan: Plan, there: There) -> Iterator[Finding]:
    """How the services are now, and whether those that ask for credentials accept ours."""
    for name, service in plan.services.items():
        reading = there.topology.services.get(name)
        if reading is None or there.nodes[service.on].problem:
            continue
        asks = any(getattr(service.probe.kind, key, None) for key in ("password", "access_key"))
        if reading.denied:
            todo = _("Correct the secret that plan.yaml names for it; sparkdr-tui status looks again.")
            yield Finding("stop", "credentials", name, details.said(reading.detail), todo, service.on)
        elif reading.state.healthy:
            yield Finding("ok", "services", name, _(reading.state.value), node=service.on)
            if asks:
                yield Finding("ok", "credentials", name, _("accepts our credentials"), node=service.on)
        else:
            level: Level = "unknown" if reading.state is State.UNKNOWN else "warn"
            said = _("{state} now").format(state=_(reading.state.value))
            reason = f"{said}: {details.said(reading.detail)}" if reading.detail else said
            todo = _("sparkdr-tui status says which runbook answers it.")
            yield Finding(level, "services", name, reason, todo, service.on)
            if asks:
                text = _("whether it accepts our credentials could not be tried")
                yield Finding("unknown", "credentials", name, text, node=service.on)
