"""When the next backup of a set is due: as scheduled, in the node's own time, else by how often one is promised.

Pure; reaches nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sparkdr_tui.backups.facts import Backup
from sparkdr_tui.plan.includes import doers
from sparkdr_tui.plan.runbook import Plan
from sparkdr_tui.plan.schedules import Schedule

_STAMP = "YYYYmmdd_HHMMSS"


@dataclass(frozen=True, slots=True)
class Due:
    """When the next one is due; `schedule` is what will make it, None where nothing does by itself."""

    at: datetime
    schedule: Schedule | None = None


def next_due(plan: Plan, set_id: str, backups: Iterable[Backup], now: datetime) -> Due | None:
    """When the next backup of a set is due; None where nobody knows, or nobody waits for one."""
    declared, found = plan.backup_sets[set_id], schedules_of(plan, set_id)
    newest = max(backups, key=lambda each: each.taken_at, default=None)
    if declared.optional:
        return None
    if found:
        offset = node_offset(plan, newest) if newest else None
        here = now.astimezone().utcoffset() or timedelta(0)
        away = here if offset is None else offset
        local = (now.astimezone(UTC) + away).replace(tzinfo=None)
        turns = [(next_turn(each, local), each) for each in found]
        at, schedule = min(turns, key=lambda turn: turn[0])
        return Due((at - away).replace(tzinfo=UTC), schedule)
    return Due(newest.taken_at + declared.every) if newest is not None else None


def schedules_of(plan: Plan, set_id: str) -> tuple[Schedule, ...]:
    """What of the plan's schedules makes backups of a set."""
    maker = plan.backup_sets[set_id].made_by
    if maker is None:
        return ()
    wanted = doers(plan, [maker])
    return tuple(each for each in plan.schedules.values() if wanted <= doers(plan, [each.runbook]))


def node_offset(plan: Plan, backup: Backup) -> timedelta | None:
    """How far the node's own time was from UTC when a backup was named by it."""
    begin, _stamp, _end = plan.backup_sets[backup.set].name.partition("{stamp}")
    try:
        named = datetime.strptime(backup.name[len(begin) : len(begin) + len(_STAMP)], "%Y%m%d_%H%M%S")
    except ValueError:
        return None
    return named - backup.stamped_at.astimezone(UTC).replace(tzinfo=None) if backup.stamped_at else None


def next_turn(schedule: Schedule, now: datetime) -> datetime:
    """When a schedule comes next, both in the node's own time."""
    hour, minute = schedule.clock
    if hour is None:
        at = now.replace(minute=minute, second=0, microsecond=0)
        return at if at > now else at + timedelta(hours=1)
    at = now.replace(hour=hour, minute=minute, second=0, microsecond=0)
    at = at if at > now else at + timedelta(days=1)
    while schedule.monthly is not None and not (at.weekday() == 0 and at.day <= 7):
        at += timedelta(days=1)
    return at
