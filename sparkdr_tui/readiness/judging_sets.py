"""Whether there is what to restore from: drives, backups, their age against the RPO, their verification. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from sparkdr_tui.backups.catalog import AgeBand, Backup, age_band, rpo_of
from sparkdr_tui.backups.looking import SetLook
from sparkdr_tui.figures import size, span
from sparkdr_tui.language import _
from sparkdr_tui.plan.runbook import Plan
from sparkdr_tui.readiness.asking import NodeSeen
from sparkdr_tui.readiness.findings import Finding
from sparkdr_tui.readiness.levels import Level
from sparkdr_tui.readiness.macos import holding, mounts
from sparkdr_tui.readiness.needed import picked, places, some, variable_of
from sparkdr_tui.readiness.seen import Seen, There

STALE = timedelta(days=31)
"""A verification that is older says little about the backups of today."""
FUTURE = timedelta(minutes=5)


def drives(plan: Plan, there: There) -> Iterator[Finding]:
    """Whether the drives are there that backups must lie on, and can be written."""
    for node, said in there.nodes.items():
        looks = [
            look
            for name, look in there.sets.items()
            if plan.backup_sets[name].on == node and plan.backup_sets[name].must_be_mounted
        ]
        if said.problem or not looks:
            continue
        gone: dict[str, list[str]] = {}
        for look in looks:
            if look.unmounted:
                gone.setdefault(look.problem, []).append(look.set)
        for problem, on_it in gone.items():
            todo = _("Connect it and look again; backups of {set} are on it.").format(set=", ".join(on_it))
            yield Finding("stop", "mount", node, problem, todo, node)
        if not gone and any(not look.problem for look in looks):
            yield Finding("ok", "mount", node, _("its backup drive is mounted"), node=node)
            yield from _writable(plan, node, said)


def _writable(plan: Plan, node: str, said: NodeSeen) -> Iterator[Finding]:
    table = mounts(said.said.get("mount", ()))
    for name in (name for name, each in plan.backup_sets.items() if each.on == node):
        variable = variable_of(name)
        mount = holding(table, places(plan, node)[variable])
        if mount is not None and mount.read_only:
            text = _("{mount} is mounted read-only: no backup can be made there").format(mount=mount.path)
            todo = _("Look at the drive (on a Mac: Disk Utility, First Aid), and connect it again.")
            yield Finding("warn", "mount", name, text, todo, node)
        elif "w" not in said.may.get(variable, "w"):
            text = _("its folder cannot be written by the user that logs in")
            yield Finding("warn", "mount", name, text, _("Look at its owner and its mode."), node)


def sets(plan: Plan, seen: Seen, there: There) -> Iterator[Finding]:
    """Whether each set has a backup that can be restored, and how old it is."""
    needed = picked(plan)
    for name, look in there.sets.items():
        node = plan.backup_sets[name].on
        if there.nodes[node].problem or look.unmounted:
            continue
        optional = plan.backup_sets[name].optional
        level: Level = "stop" if name in needed and not optional else "warn"
        newest = look.newest
        if optional and not look.problem and not look.catalog.backups:
            yield Finding("ok", "backups", name, _("there is none, and it is optional"), node=node)
            continue
        if newest is None:
            books = some(needed.get(name, ()))
            reason = look.trouble.rstrip(".")
            if books:
                reason = _("{reason}; needed by {runbooks}").format(reason=reason, runbooks=books)
            todo = look.hint or _("Make one: sparkdr-tui backup run {set}").format(set=name)
            yield Finding(level, "backups", name, reason, todo, node)
            continue
        yield from _newest(name, node, look, newest)
        yield _age(plan, name, node, newest, seen.at)


def _newest(name: str, node: str, look: SetLook, newest: Backup) -> Iterator[Finding]:
    """Whether the newest that is there is the one that can be used, and is known to be whole."""
    latest = max(look.catalog.backups, key=lambda each: (each.taken_at, each.name))
    todo = _("Look at it: sparkdr-tui backup list {set}").format(set=name)
    if latest.taken_at > newest.taken_at:
        text = _("the newest, {latest}, {trouble}; {name} is the newest that can be used")
        reason = text.format(latest=latest.name, trouble=_trouble(latest), name=newest.name)
        yield Finding("warn", "backups", name, reason, todo, node)
    elif not newest.known_good:
        text = _("nobody recorded that {name} is complete").format(name=newest.name)
        yield Finding("unknown", "backups", name, text, _("Verify it: sparkdr-tui backup verify"), node)
    else:
        reason = f"{newest.name}, {size(newest.size)}"
        yield Finding("ok", "backups", name, reason, node=node)


def _trouble(backup: Backup) -> str:
    if not backup.exists:
        return _("is gone")
    if backup.complete is False:
        return _("is not complete")
    if backup.usable:
        return _("is not known to be complete")
    return _("did not pass its verification")


def _age(plan: Plan, name: str, node: str, newest: Backup, now: datetime) -> Finding:
    """The age of the newest usable backup, in RPOs."""
    rpo = rpo_of(plan, name)
    age = span((now - newest.taken_at).total_seconds())
    if newest.taken_at - now > FUTURE:
        text = _("its newest backup is {time} ahead of this machine's clock: its age is not known")
        time = span((newest.taken_at - now).total_seconds())
        return Finding("unknown", "rpo", name, text.format(time=time), node=node)
    if rpo is None:
        return Finding("ok", "rpo", name, _("{age} old; it has no RPO").format(age=age), node=node)
    texts = {
        AgeBand.WITHIN: _("{age} old, RPO {rpo}"),
        AgeBand.TWICE: _("{age} old: older than its RPO, {rpo}"),
        AgeBand.FOURFOLD: _("{age} old: more than twice its RPO, {rpo}"),
        AgeBand.BEYOND: _("{age} old: more than four times its RPO, {rpo}"),
    }
    band = age_band(newest, rpo, now)
    reason = texts.get(band, texts[AgeBand.BEYOND]).format(age=age, rpo=span(rpo.total_seconds()))
    if band is AgeBand.WITHIN:
        return Finding("ok", "rpo", name, reason, node=node)
    return Finding("warn", "rpo", name, reason, _make(name), node)


def _make(name: str) -> str:
    return _("Make one: sparkdr-tui backup run {set}").format(set=name)


def verified(plan: Plan, seen: Seen, there: There) -> Iterator[Finding]:
    """When a backup of each set was last restored and queried."""
    todo = _("sparkdr-tui backup verify restores one beside what runs, and looks at it.")
    for name, look in there.sets.items():
        node = plan.backup_sets[name].on
        if there.nodes[node].problem or look.problem or look.newest is None:
            continue
        known = [each for each in look.catalog.backups if each.verified_at is not None]
        if not known:
            yield Finding("warn", "verified", name, _("no backup of it was ever verified"), todo, node)
            continue
        last = max(known, key=lambda each: each.verified_at or each.taken_at)
        assert last.verified_at is not None
        yield _verification(name, node, last, seen.at - last.verified_at, todo)


def _verification(name: str, node: str, last: Backup, ago: timedelta, todo: str) -> Finding:
    values = {"name": last.name, "age": span(ago.total_seconds()), "detail": last.detail}
    if last.failed:
        text = _("the last verification, {age} ago, of {name}, failed")
        reason = text.format(**values) + (f": {last.detail}" if last.detail else "")
        return Finding("warn", "verified", name, reason, todo, node)
    if ago > STALE:
        return Finding("warn", "verified", name, _("last verified {age} ago").format(**values), todo, node)
    if last.restored:
        return Finding("ok", "verified", name, _("restored and queried {age} ago").format(**values), node=node)
    text = _("its hash was compared {age} ago; nobody restored it to see")
    return Finding("unknown", "verified", name, text.format(**values), todo, node)
