"""Whether there is what a run restores from, and room for it: backups, disks, databases. Pure: judges what was seen."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from sparkdr_tui.backups.catalog import Backup, newest_usable
from sparkdr_tui.backups.offsite import Second
from sparkdr_tui.backups.retention import due
from sparkdr_tui.figures import size, span
from sparkdr_tui.language import _
from sparkdr_tui.plan.runbook import Danger
from sparkdr_tui.readiness.asking import Disk
from sparkdr_tui.readiness.judging_room import UNPACKED, beside, by_mount
from sparkdr_tui.record.events import BackupFact
from sparkdr_tui.record.losses import loses, lost
from sparkdr_tui.recover.opening import backup_fact, backup_for, backup_named
from sparkdr_tui.recover.rehearsal.findings import Finding, Rehearsed, Seen, SetSeen
from sparkdr_tui.recover.rehearsal.looking import made_by


def backups(
    run: Rehearsed, seen: Seen, requested: Mapping[str, str]
) -> Iterator[tuple[str, Finding, BackupFact | None]]:
    """The backup that each input would pick: its age, what it loses, whether it can be used at all."""
    for name, each in run.inputs.items():
        if each.pick is None:
            continue
        step = next((step.id for step in run.opened.steps if name in step.uses), None)
        listed, value = seen.sets[each.pick], requested.get(name)
        found = backup_named(listed.backups, value) if value is not None else backup_for(each, listed.backups)
        if found is None:
            yield name, _no_backup(run, each.pick, listed, value, step), None
        else:
            fact = backup_fact(run.plan, found, run.opened.incident_at)
            yield name, _backup(run, name, found, fact, step), fact


def copies(run: Rehearsed, seen: Seen) -> Iterator[Finding]:
    """What is in second places, for the steps that copy there or fetch from there."""
    for name, planned in run.steps.items():
        s3 = planned.step.s3
        if s3 is not None and s3.offsite is not None:
            yield _copy(run, name, s3.offsite, seen.copies.get(s3.offsite), fetching=s3.direction == "restore")


def _copy(run: Rehearsed, step: str, set_id: str, second: Second | None, *, fetching: bool) -> Finding:
    if second is None:
        text = _("{set} names no second place (copy_to in plan.yaml)").format(set=set_id)
        return Finding("stop" if fetching else "warn", set_id, text, step=step)
    if not second.known:
        return Finding("unknown", set_id, second.problem, step=step)
    if second.copy is None:
        return Finding("stop" if fetching else "ok", set_id, f"{second.where}: {second.problem}", step=step)
    age = _("{age} old").format(age=span((run.now - second.copy.taken_at).total_seconds()))
    parts = [second.copy.name, *([size(second.copy.size)] if second.copy.size is not None else []), age]
    return Finding("ok", set_id, " · ".join([*parts, second.where]), step=step)


def expired(run: Rehearsed, seen: Seen, requested: Mapping[str, str]) -> Iterator[Finding]:
    """What would be deleted of each set whose expired backups the run deletes, as of now."""
    for name, each in run.inputs.items():
        if each.expired is None or requested.get(name) == "":
            continue
        step = next((step.id for step in run.opened.steps if name in step.uses), None)
        listed = seen.sets[each.expired]
        if listed.problem:
            yield _no_backup(run, each.expired, listed, None, step)
            continue
        goes = due(listed.fates)
        stay = len(listed.fates) - len(goes)
        text = _("{count} past their keep would be deleted ({size}), {stay} stay")
        freed = size(sum(fate.size for fate in goes))
        yield Finding("ok", each.expired, text.format(count=len(goes), size=freed, stay=stay), step=step)


def _no_backup(run: Rehearsed, set_id: str, listed: SetSeen, value: str | None, step: str | None) -> Finding:
    fetching = run.fetched_before(step, set_id) if step is not None and value is None else None
    if fetching is not None:
        text = _("There is none yet; step {step} fetches it from the second place.")
        return Finding("unknown", set_id, text.format(step=run.number(fetching)), step=step)
    if listed.problem:
        hands = run.hands_before(step) if step is not None else None
        if hands is not None:
            text = _("{why} Step {step}, which hands do, comes before.")
            return Finding(
                "unknown", set_id, text.format(why=listed.problem, step=run.number(hands)), listed.hint, step
            )
        return Finding("stop", set_id, listed.problem, listed.hint, step)
    if value is not None:
        return Finding("stop", set_id, _("There is no backup {name} of this set.").format(name=value), step=step)
    text = _("there is no backup")
    if listed.backups:
        text = _("none of its backups can be used: damaged or half-written")
    return Finding("stop", set_id, text, step=step)


def _backup(run: Rehearsed, name: str, found: Backup, fact: BackupFact, step: str | None) -> Finding:
    incident = run.opened.incident_at
    later, seconds = found.taken_at > incident, lost(found.taken_at, incident)
    age = _("{age} old").format(age=span((run.now - found.taken_at).total_seconds()))
    puts_back = any(each.danger is not Danger.SAFE for each in run.opened.steps)
    parts = [found.name, size(found.size), age, *([loses(seconds, later, fact.rpo)] if puts_back else [])]
    if not found.usable:
        text = " · ".join([*parts, _("damaged or half-written")])
        return Finding("stop" if puts_back else "warn", name, text, step=step)
    if not puts_back:
        return Finding("ok", name, " · ".join(parts), step=step)
    doubtful = found.complete is None and not found.intact
    parts += [_("nobody recorded that it is complete")] if doubtful else []
    late = fact.rpo is not None and seconds > fact.rpo
    return Finding("warn" if late or later or doubtful else "ok", name, " · ".join(parts), step=step)


def disks(run: Rehearsed, seen: Seen, picked: Mapping[str, BackupFact]) -> Iterator[Finding]:
    """How much is free where a node's folders are, against what the run would put there."""
    for node, said in seen.nodes.items():
        if said.problem:
            continue
        on_node = [each for each in picked.values() if run.plan.backup_sets[each.set].on == node]
        packed = sum(each.size for each in on_node)
        targets = _targets(run, seen, node)
        for mount, there in by_mount(said.disks).items():
            least = packed if any(disk.name in ("HOME", "USERPROFILE") for disk in there) else 0
            made = sum(need for name, need in targets.items() if any(disk.name in name for disk in there))
            yield _disk(node, mount, there, least, made)


def _targets(run: Rehearsed, seen: Seen, node: str) -> dict[str, int]:
    """What the run would write as backups, by the folder as the plan names it; like the newest of each set."""
    found: dict[str, int] = {}
    for name in made_by(run):
        declared = run.plan.backup_sets[name]
        newest = newest_usable(seen.sets[name].backups)
        if declared.on == node and newest is not None:
            found[declared.dir] = found.get(declared.dir, 0) + newest.size
    return found


def _disk(node: str, mount: str, there: list[Disk], least: int, made: int) -> Finding:
    free = there[0].free
    names = ", ".join(disk.name for disk in there)
    reason = _("{free} free on {mount} ({names})").format(free=size(free), mount=mount, names=names)
    if free < least + made:
        needed = _("at least {needed} are needed").format(needed=size(least + made))
        return Finding("stop", node, f"{reason}; {needed}", _("Make room there first."))
    if free < least * UNPACKED + made:
        text = _("the backups have {packed} packed, and may need {times} times as much")
        return Finding("warn", node, f"{reason}; {text.format(packed=size(least), times=UNPACKED)}")
    return Finding("ok", node, reason)


def databases(run: Rehearsed, seen: Seen) -> Iterator[Finding]:
    """Whether there is room to restore beside the database that is there."""
    for service, found in seen.databases.items():
        said = seen.nodes.get(run.plan.services[service].on)
        state, reason = beside(found, said.disks if said is not None else ())
        yield Finding(state, service, reason, _("Make room there first.") if state == "stop" else "")
