"""Whether what makes a backup set still does: its newest backup against how often one is due. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sparkdr_tui.plan.backup_sets import BackupSet


@dataclass(frozen=True, slots=True)
class Stopped:
    """No new backup came when one was due."""

    last: datetime
    every: timedelta

    @property
    def due(self) -> datetime:
        """When the one that did not come was due."""
        return self.last + self.every


def slack(every: timedelta) -> timedelta:
    """How late a backup may be before its job counts as stopped: jobs wait for each other, and take their time."""
    return min(max(every / 2, timedelta(minutes=30)), timedelta(hours=6))


def stopped(declared: BackupSet, last: datetime | None, now: datetime) -> Stopped | None:
    """Whether a set's job has stopped, by the time of its newest backup; None also where there never was one.

    Nobody misses an optional set: it has no job that could stop.
    """
    if last is None or declared.optional or now - last <= declared.every + slack(declared.every):
        return None
    return Stopped(last, declared.every)
