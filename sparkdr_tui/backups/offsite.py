"""Which copies of a backup set are in its second place (`copy_to`), whether they are whole, and how old they are.

Looks only. A copy is complete when its manifest, which is copied last, is beside it.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from string import Template
from typing import Protocol

from sparkdr_tui.backups.catalog import SKEW, AgeBand, rpo_of
from sparkdr_tui.backups.facts import facts_in, moment
from sparkdr_tui.errors import SparkdrError
from sparkdr_tui.language import _
from sparkdr_tui.plan.backup_sets import BackupSet, CopyToBucket, CopyToFolder
from sparkdr_tui.plan.runbook import Plan
from sparkdr_tui.reach.credentials import secret
from sparkdr_tui.reach.files import Store
from sparkdr_tui.reach.pool import Reach
from sparkdr_tui.watch import bucket as buckets

MANIFEST = ".manifest"
_HEAD = 65536
"""Bytes of a manifest that are read to judge a copy: its facts come first."""
_AT_ONCE = 8
_PATIENCE = 15.0
"""Seconds that a second place gets to show what it has."""
_PLACEHOLDER = re.compile(r"\[[A-Z][A-Z0-9_]+\]")


@dataclass(frozen=True, slots=True)
class Copy:
    """A copy of a backup in the second place of its set."""

    set: str
    name: str
    """The name of the backup, without the `/` of a folder."""
    taken_at: datetime
    """Start of the snapshot, as the manifest says; without one, the stamp of the name, taken as UTC."""
    size: int | None
    """Bytes; None for a folder whose manifest does not say."""
    complete: bool
    facts: Mapping[str, str] = field(default_factory=dict)
    """The first lines of its manifest: `sha256`, `run`, …"""


@dataclass(frozen=True, slots=True)
class Second:
    """What is known of a set's second place now: its newest complete copy, or why there is none to be seen."""

    where: str
    copy: Copy | None = None
    unfinished: bool = False
    """The newest thing there is a copy that was never finished."""
    problem: str = ""
    known: bool = True
    """False: nobody could look (no credentials, no connection); then nothing is said of what is there."""


class _Place(Protocol):
    """A second place, to be looked at."""

    async def names(self, begin: str) -> Mapping[str, int | None]:
        """What lies directly in it: at least what begins with `begin`."""
        ...

    async def text(self, name: str) -> str | None:
        """The beginning of a file in it."""
        ...


class Standing(StrEnum):
    """Whether a second place keeps what it promises; `UNKNOWN` where nobody could look, or nothing was promised."""

    KEPT = "kept"
    LATE = "late"
    NONE = "none"
    UNKNOWN = "unknown"


async def second_places(plan: Plan, reach: Reach, sets: Iterable[str] | None = None) -> dict[str, Second]:
    """The second place of every set (of these sets) that names one, looked at side by side. Raises nothing."""
    wanted = dict.fromkeys(plan.backup_sets if sets is None else sets)
    named = [name for name in wanted if plan.backup_sets[name].copy_to is not None]
    found = await asyncio.gather(*(second_of(plan, name, reach) for name in named))
    return {name: each for name, each in zip(named, found, strict=True) if each is not None}


def standing(plan: Plan, set_id: str, second: Second, now: datetime) -> Standing:
    """Whether the newest complete copy of a set is as young as was promised."""
    if not second.known:
        return Standing.UNKNOWN
    if second.copy is None:
        return Standing.NONE
    band = copy_band(second.copy, copy_rpo(plan, set_id), now)
    kept = {AgeBand.WITHIN: Standing.KEPT, AgeBand.UNKNOWN: Standing.UNKNOWN}
    return kept.get(band, Standing.LATE)


async def list_copies(plan: Plan, set_id: str, reach: Reach) -> tuple[Copy, ...]:
    """Every copy of a set, newest first; raises `SparkdrError` where its second place cannot be looked at."""
    place = await _place(plan, set_id, reach)
    names = await place.names(_begin(plan.backup_sets[set_id]))
    turns = asyncio.Semaphore(_AT_ONCE)

    async def one(name: str) -> Copy:
        async with turns:
            return await _copy(plan, set_id, place, names, name)

    found = await asyncio.gather(*(one(name) for name in _of_set(plan.backup_sets[set_id], names)))
    return tuple(sorted(found, key=lambda each: (each.taken_at, each.name), reverse=True))


async def second_of(plan: Plan, set_id: str, reach: Reach) -> Second | None:
    """The second place of a set with its newest complete copy; None where the set names none. Raises nothing."""
    declared = plan.backup_sets[set_id].copy_to
    if declared is None:
        return None
    try:
        async with asyncio.timeout(_PATIENCE):
            copy, unfinished = await _newest(plan, set_id, await _place(plan, set_id, reach))
    except TimeoutError:
        return Second(declared.where, problem=_("{place} does not answer.").format(place=declared.where), known=False)
    except SparkdrError as problem:
        return Second(declared.where, problem=problem.message, known=False)
    said = _("only unfinished copies") if unfinished else _("no copy yet")
    return Second(declared.where, copy, unfinished, "" if copy else said)


async def _newest(plan: Plan, set_id: str, place: _Place) -> tuple[Copy | None, bool]:
    """The newest complete copy, and whether an unfinished one is newer."""
    names = await place.names(_begin(plan.backup_sets[set_id]))
    unfinished = False
    for name in reversed(_of_set(plan.backup_sets[set_id], names)):
        copy = await _copy(plan, set_id, place, names, name)
        if copy.complete:
            return copy, unfinished
        unfinished = True
    return None, unfinished


def copy_rpo(plan: Plan, set_id: str) -> timedelta | None:
    """How old the newest copy of a set may be: its place's own RPO, else the set's."""
    place = plan.backup_sets[set_id].copy_to
    return place.rpo if place is not None and place.rpo is not None else rpo_of(plan, set_id)


def copy_band(copy: Copy | None, rpo: timedelta | None, now: datetime) -> AgeBand:
    """How old a copy is at `now`, in RPOs."""
    if copy is None or rpo is None:
        return AgeBand.UNKNOWN
    age = now - copy.taken_at
    if age < -SKEW:
        return AgeBand.UNKNOWN
    bands = ((1, AgeBand.WITHIN), (2, AgeBand.TWICE), (4, AgeBand.FOURFOLD))
    return next((band for times, band in bands if age <= times * rpo), AgeBand.BEYOND)


def folder_on(plan: Plan, node: str, folder: str) -> str:
    """A folder of the plan as the node's files know it: variables filled in, a relative one begun at the home."""
    path = Template(folder).safe_substitute(plan.nodes[node].env).rstrip("/")
    return path if path.startswith(("/", "~")) else f"~/{path}"


def bucket_of(plan: Plan, place: CopyToBucket) -> buckets.Bucket:
    """The bucket of a second place with its keys; raises `SparkdrError` where one is missing."""
    if found := next((m for m in map(_PLACEHOLDER.search, (place.url, place.bucket, place.prefix)) if m), None):
        raise SparkdrError(
            _("The second place still has its placeholder {placeholder}.").format(placeholder=found[0]),
            _("Write the real value to copy_to in plan.yaml."),
        )
    scheme, _slashes, authority = place.url.partition("://")
    host, _colon, port = authority.partition(":")
    tls = scheme == "https"
    number = int(port) if port.isdecimal() else 443 if tls else 80
    keys = secret(plan, place.access_key), secret(plan, place.secret_key)
    return buckets.Bucket(host, number, tls, place.bucket, place.region, *keys)


# -- the two kinds of place ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Bucket:
    bucket: buckets.Bucket
    prefix: str

    async def names(self, begin: str) -> Mapping[str, int | None]:
        return await buckets.names(self.bucket, self.prefix, begin)

    async def text(self, name: str) -> str | None:
        return await buckets.text(self.bucket, f"{self.prefix}/{name}".lstrip("/"), _HEAD)


@dataclass(frozen=True, slots=True)
class _Folder:
    files: Store
    folder: str

    async def names(self, begin: str) -> Mapping[str, int | None]:
        return await self.files.names(self.folder) or {}

    async def text(self, name: str) -> str | None:
        found = b""
        async for chunk in self.files.read(f"{self.folder}/{name}"):
            found += chunk
            if len(found) >= _HEAD:
                break
        return found[:_HEAD].decode(errors="replace")


async def _place(plan: Plan, set_id: str, reach: Reach) -> _Place:
    place = plan.backup_sets[set_id].copy_to
    if place is None:
        raise SparkdrError(_("{set} names no second place.").format(set=set_id), _("Name one in plan.yaml (copy_to)."))
    if isinstance(place, CopyToFolder):
        files = await (await reach.shell(place.node)).files()
        return _Folder(files, folder_on(plan, place.node, place.dir))
    if not reach.credentials:
        raise SparkdrError(_("not looked into: observers load no credentials"))
    return _Bucket(bucket_of(plan, place), place.prefix)


# -- what lies there -----------------------------------------------------------------------------------


def _begin(declared: BackupSet) -> str:
    return declared.name.partition("{stamp}")[0]


def _of_set(declared: BackupSet, names: Mapping[str, int | None]) -> Sequence[str]:
    """The names that are copies of the set's backups, oldest first."""
    begin, _stamp, end = declared.name.partition("{stamp}")
    pattern = re.compile(rf"{re.escape(begin)}(\d{{8}}_\d{{6}}){re.escape(end.rstrip('/'))}")
    stamps = {
        name: match[1]
        for name, size in names.items()
        if (size is None) == end.endswith("/") and (match := pattern.fullmatch(name)) and _stamp_of(match[1])
    }
    return sorted(stamps, key=stamps.__getitem__)


async def _copy(plan: Plan, set_id: str, place: _Place, names: Mapping[str, int | None], name: str) -> Copy:
    manifest = await place.text(name + MANIFEST) if name + MANIFEST in names else None
    facts = facts_in(manifest or "")
    said = int(facts["size"]) if facts.get("size", "").isdecimal() else None
    size = names[name] if names[name] is not None else said
    stamp = name.removeprefix(_begin(plan.backup_sets[set_id]))[: len("YYYYmmdd_HHMMSS")]
    return Copy(
        set=set_id,
        name=name,
        taken_at=moment(facts.get("snapshot", "")) or _stamp_of(stamp) or datetime.fromtimestamp(0, UTC),
        size=size,
        complete="manifest" in facts and said is not None and said == size,
        facts=facts,
    )


def _stamp_of(text: str) -> datetime | None:
    try:
        return datetime.strptime(text, "%Y%m%d_%H%M%S").replace(tzinfo=UTC)
    except ValueError:
        return None
