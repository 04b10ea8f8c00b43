"""Whether there is room: to restore the newest backups, to make the next ones, beside each database. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sparkdr_tui.figures import size
from sparkdr_tui.language import _, ngettext
from sparkdr_tui.plan.runbook import Plan
from sparkdr_tui.readiness.asking import Disk
from sparkdr_tui.readiness.databases import DatabaseSeen
from sparkdr_tui.readiness.findings import Finding
from sparkdr_tui.readiness.levels import Level
from sparkdr_tui.readiness.needed import picked, variable_of
from sparkdr_tui.readiness.seen import There

UNPACKED = 8
"""How many times its size a compressed backup may have when it is unpacked."""
ROUNDS = 3
"""So many more backups of every set should fit."""
_HOMES = ("HOME", "USERPROFILE")


def disks(plan: Plan, there: There) -> Iterator[Finding]:
    """How much is free where a node's folders are, against what a recovery and the next backups put there."""
    restored = picked(plan)
    newest = {name: look.newest.size for name, look in there.sets.items() if look.newest is not None}
    for node, said in there.nodes.items():
        on_node = {name: each for name, each in newest.items() if plan.backup_sets[name].on == node}
        packed = sum(each for name, each in on_node.items() if name in restored)
        for mount, on_it in by_mount(said.disks).items():
            variables = {disk.name for disk in on_it}
            made = sum(each for name, each in on_node.items() if variable_of(name) in variables)
            least = packed if any(disk.name in _HOMES for disk in on_it) else 0
            yield _disk(node, mount, on_it[0].free, least, made)


def by_mount(found: tuple[Disk, ...]) -> dict[str, list[Disk]]:
    """The folders of a node that share a disk."""
    mounts: dict[str, list[Disk]] = {}
    for disk in found:
        mounts.setdefault(disk.mount, []).append(disk)
    return mounts


def _disk(node: str, mount: str, free: int, least: int, made: int) -> Finding:
    reason = _("{free} free on {mount}").format(free=size(free), mount=mount)
    todo = _("Make room there first.")
    if free < least:
        text = _("{reason}: the newest backups, {packed} packed, could not be restored")
        return Finding("stop", "disk", node, text.format(reason=reason, packed=size(least)), todo, node)
    if free < made:
        text = _("{reason}: the next backups, like the newest ones {made}, do not fit")
        return Finding("warn", "disk", node, text.format(reason=reason, made=size(made)), todo, node)
    if free < least * UNPACKED:
        text = _("{reason}: the newest backups have {packed} packed, and may need {times} times as much")
        values = {"reason": reason, "packed": size(least), "times": UNPACKED}
        return Finding("warn", "disk", node, text.format(**values), todo, node)
    if made and free < ROUNDS * made:
        one, many = (
            "{reason}: room for {count} more backup of every set",
            "{reason}: room for {count} more of every set",
        )
        text = ngettext(one, many, free // made)
        return Finding("warn", "disk", node, text.format(reason=reason, count=free // made), todo, node)
    return Finding("ok", "disk", node, reason, node=node)


def databases(plan: Plan, there: There) -> Iterator[Finding]:
    """Whether there is room to restore beside each database that is there."""
    for service, found in there.databases.items():
        node = plan.services[service].on
        if not there.nodes[node].problem:
            state, reason = beside(found, there.nodes[node].disks)
            todo = _("Make room there first.") if state in ("stop", "warn") else ""
            yield Finding(state, "disk", service, reason, todo, node)


def beside(found: DatabaseSeen, disks: Sequence[Disk]) -> tuple[Level, str]:
    """Whether a second one of its size fits beside a database, and how that is known."""
    if found.size is None:
        return "unknown", _("its server does not say how big the database is: room cannot be compared")
    free, where = found.free, found.place
    if free is None:
        # A server tells only its superuser where it keeps its data; most keep it on the disk of the home.
        home = next((disk for disk in disks if disk.name == "HOME"), None)
        if home is None:
            text = _("the database has {size}; how much is free beside it is not known")
            return "unknown", text.format(size=size(found.size))
        free, where = home.free, _("{mount}, taken to be the database's disk").format(mount=home.mount)
    text = _("the database has {size}; {free} are free on {where}")
    reason = text.format(size=size(found.size), free=size(free), where=where)
    return "stop" if free < found.size else "warn" if free < 2 * found.size else "ok", reason
