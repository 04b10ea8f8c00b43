"""What of a backup set is past its keep, and what stays whatever its age (E15). Pure: deletes nothing.

The floor: the newest complete, the newest verified and the newest usable backup of a set never go, nor does one that an
unfinished run uses. Where two clocks disagree about which is the newest, both stay.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sparkdr_tui.backups.catalog import Catalog, newest_usable
from sparkdr_tui.backups.facts import Backup

UNFINISHED = timedelta(days=1)
"""What has no manifest may still be being made: before this age it stays, however short the keep is."""
MOST_BYTES = 48 << 10
"""Names handed to one run at most: they travel as one environment variable (Linux allows 128 KiB, all of them 256)."""


class Why(StrEnum):
    """The reason of a fate."""

    PINNED = "pinned"
    NEWEST_COMPLETE = "newest complete"
    NEWEST_VERIFIED = "newest verified"
    LAST_USABLE = "last usable"
    YOUNG = "young"
    EXPIRED = "expired"
    GONE = "gone"
    """Only its manifest is left."""
    LEFTOVER = "leftover"
    """A piece of an interrupted backup."""


STAYS = frozenset({Why.PINNED, Why.NEWEST_COMPLETE, Why.NEWEST_VERIFIED, Why.LAST_USABLE, Why.YOUNG})


@dataclass(frozen=True, slots=True)
class Fate:
    """What becomes of something in a set's folder, and why."""

    name: str
    at: datetime
    """From when on its age counts."""
    why: Why
    size: int = 0
    pinned_by: str = ""
    """The unfinished run that uses it."""

    @property
    def stays(self) -> bool:
        """It is not deleted."""
        return self.why in STAYS


def fates(catalog: Catalog, keep: timedelta, now: datetime, pinned: Mapping[str, str]) -> tuple[Fate, ...]:
    """What becomes of everything in a set, newest first; `pinned`: the run that uses a backup, by its name."""
    floor = _floor([each for each in catalog.backups if each.exists])
    found = [_fate(each, floor, keep, now, pinned) for each in catalog.backups]
    for left in catalog.leftovers:
        old = now - left.at > max(keep, UNFINISHED)
        found.append(Fate(left.name, left.at, Why.LEFTOVER if old else Why.YOUNG))
    return tuple(sorted(found, key=lambda fate: (fate.at, fate.name), reverse=True))


def due(found: Iterable[Fate]) -> tuple[Fate, ...]:
    """What goes, oldest first."""
    return tuple(sorted((each for each in found if not each.stays), key=lambda fate: (fate.at, fate.name)))


def batch(found: Sequence[Fate], most: int = MOST_BYTES) -> tuple[Fate, ...]:
    """As many of them, from the first on, as one run can be told of."""
    taken: list[Fate] = []
    room = most
    for each in found:
        room -= len(each.name.encode(errors="surrogateescape")) + 1
        if room < 0:
            break
        taken.append(each)
    return tuple(taken)


def _fate(backup: Backup, floor: Mapping[str, Why], keep: timedelta, now: datetime, pinned: Mapping[str, str]) -> Fate:
    at = _counts_from(backup)
    if backup.name in pinned:
        return Fate(backup.name, at, Why.PINNED, backup.size, pinned[backup.name])
    if now - at <= (keep if backup.complete is not None else max(keep, UNFINISHED)):
        why = Why.YOUNG
    elif backup.name in floor:
        why = floor[backup.name]
    else:
        why = Why.EXPIRED if backup.exists else Why.GONE
    return Fate(backup.name, at, why, backup.size if backup.exists else 0)


def _floor(there: Sequence[Backup]) -> Mapping[str, Why]:
    """The backups that stay whatever their age, by name; the first reason counts."""
    found: dict[str, Why] = {}
    kinds: Sequence[tuple[Why, Callable[[Backup], bool]]] = (
        (Why.NEWEST_COMPLETE, lambda b: b.usable and b.complete is True),
        (Why.NEWEST_VERIFIED, lambda b: b.usable and b.restored is True),
        (Why.NEWEST_VERIFIED, lambda b: b.usable and b.intact is True),
        # One that a verification refused may yet hold what nothing else does.
        (Why.NEWEST_COMPLETE, lambda b: b.complete is True),
    )
    for why, holds in kinds:
        for newest in _newest([each for each in there if holds(each)]):
            found.setdefault(newest.name, why)
    last = newest_usable(there)
    if last is not None:
        found.setdefault(last.name, Why.LAST_USABLE)
    return found


def _newest(backups: Sequence[Backup]) -> Iterator[Backup]:
    """The newest by the time of the snapshot, and by the stamp of the name."""
    if backups:
        yield max(backups, key=lambda b: (b.taken_at, b.name))
        yield max(backups, key=lambda b: (b.stamped_at or b.taken_at, b.name))


def _counts_from(backup: Backup) -> datetime:
    """The later of both times: a manifest alone makes no backup old."""
    return max(backup.taken_at, backup.stamped_at or backup.taken_at)
