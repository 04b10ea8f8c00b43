"""The `s3` action with `offsite`: the newest complete backup of a set goes to its second place, or comes back.

A copy is the backup with what lies beside it; its manifest goes last and makes it complete. Bytes are hashed on their
way and again where they arrived; what is there already and right is left alone, so that a retry goes on where an
interrupted copy stopped. Nothing is ever deleted in the second place.
"""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sparkdr_tui.backups.catalog import Backup, list_backups
from sparkdr_tui.backups.facts import verification
from sparkdr_tui.backups.offsite import MANIFEST, Copy, bucket_of, folder_on, list_copies
from sparkdr_tui.errors import SparkdrError
from sparkdr_tui.figures import size as size_of
from sparkdr_tui.language import _
from sparkdr_tui.plan.backup_sets import CopyTo, CopyToFolder
from sparkdr_tui.plan.runbook import S3, Plan
from sparkdr_tui.reach.bucket import BucketFiles, connect
from sparkdr_tui.reach.files import Store
from sparkdr_tui.reach.pool import Reach
from sparkdr_tui.recover.objects import read_manifest, side_by_side
from sparkdr_tui.text import one_line

if TYPE_CHECKING:
    from sparkdr_tui.recover.actions import Attempt

VERIFIED = ".verified"
BESIDE = (".sha256", VERIFIED)
"""What lies beside a backup, apart from its manifest."""
_SMALL = 256 << 20
"""Bytes of a manifest that are held in memory: a million objects."""


@dataclass(frozen=True, slots=True)
class Spot:
    """A folder with backups of a set, here or in the second place."""

    files: Store
    folder: str

    def path(self, name: str) -> str:
        """Where something of a backup is."""
        return f"{self.folder}/{name}" if self.folder else name


@dataclass(frozen=True, slots=True)
class Item:
    """A file of a backup; `sha256` is empty where nobody recorded it."""

    path: str
    size: int
    sha256: str


async def perform(attempt: Attempt, s3: S3) -> None:
    """Copy one set's newest backup one way; raises `SparkdrError` with the first thing that is wrong."""
    plan, set_id = attempt.plan, s3.offsite
    assert set_id is not None  # others are for `objects.py`
    declared = plan.backup_sets[set_id]
    place = declared.copy_to
    if place is None and s3.direction == "backup":
        attempt.say(_("{set} names no second place (copy_to in plan.yaml): nothing was copied.").format(set=set_id))
        return
    if place is None:
        raise SparkdrError(
            _("{set} names no second place: there is nothing to fetch it from.").format(set=set_id),
            _("Name one in plan.yaml (copy_to)."),
        )
    shell = await attempt.reach.shell(declared.on)
    there, folder = await _second(plan, place, attempt.reach), declared.name.endswith("/")
    if s3.direction == "backup":
        newest = _newest(attempt, set_id, await list_backups(plan, set_id, shell))
        here = Spot(await shell.files(), newest.path.removesuffix(f"/{newest.name}"))
        await _Transfer(attempt, here, there, newest.name, newest.size, folder, fetching=False).run()
    else:
        copy = await _fetched(attempt, there, [c for c in await list_copies(plan, set_id, attempt.reach) if c.complete])
        if copy is None:
            raise SparkdrError(
                _("There is no complete copy of {set} in {place}.").format(set=set_id, place=place.where)
            )
        here = Spot(await shell.files(), folder_on(plan, declared.on, declared.dir))
        await _Transfer(attempt, there, here, copy.name, copy.size or 0, folder, fetching=True).run()


async def _second(plan: Plan, place: CopyTo, reach: Reach) -> Spot:
    if isinstance(place, CopyToFolder):
        return Spot(await (await reach.shell(place.node)).files(), folder_on(plan, place.node, place.dir))
    bucket = bucket_of(plan, place)
    keys = bucket.access_key, bucket.secret_key
    client = connect(f"{bucket.host}:{bucket.port}", *keys, tls=bucket.tls, region=bucket.region)
    return Spot(BucketFiles(client, bucket.name), place.prefix)


def _newest(attempt: Attempt, set_id: str, backups: tuple[Backup, ...]) -> Backup:
    """The newest backup whose manifest makes it complete and against which no verification speaks."""
    for backup in backups:
        if backup.complete and backup.usable:
            return backup
        text = _("{name} is not known to be complete, or did not pass its verification: it is not copied.")
        attempt.say(text.format(name=backup.name))
    raise SparkdrError(_("There is no complete backup of {set} to copy.").format(set=set_id))


async def _fetched(attempt: Attempt, there: Spot, copies: Sequence[Copy]) -> Copy | None:
    """The newest complete copy that did not fail its verification; where all of them did, the newest."""
    names = await there.files.names(there.folder) or {}
    for copy in copies:
        beside = copy.name + VERIFIED
        text = (await _small(there, beside)).decode(errors="replace") if beside in names else ""
        if not verification(text).failed:
            return copy
        attempt.say(_("The copy {name} did not pass its verification.").format(name=copy.name))
    return copies[0] if copies else None


@dataclass(slots=True)
class _Transfer:
    """One backup on its way from one spot to another."""

    attempt: Attempt
    source: Spot
    target: Spot
    name: str
    size: int
    folder: bool
    """It is a folder of files."""
    fetching: bool
    """It comes back: then what is there is hashed, whatever its manifest says."""
    here: frozenset[str] = frozenset()
    there: frozenset[str] = frozenset()
    """What lay in the two folders when this began."""
    done: float = 0.0
    kept: int = 0
    moved: int = 0

    async def run(self) -> None:
        """Copy what is not there, the manifest last."""
        named = await self.target.files.names(self.target.folder) or {}
        self.here = frozenset(await self.source.files.names(self.source.folder) or ())
        self.there = frozenset(named)
        manifest = await self._beside_source(MANIFEST)
        if manifest is None:
            raise SparkdrError(_("{name} has lost its manifest.").format(name=self.name))
        items = await self._items(manifest.decode(errors="replace"))
        there = await self._below() if self.folder else named
        total = sum(item.size for item in items)
        whole = not self.fetching and await self._beside_target(MANIFEST) == manifest
        if (known := await self._beside_source(VERIFIED)) is not None and b"result failed" in known:
            await self._put(VERIFIED, known)  # first: who looks meanwhile must not take it for sound
        if whole and all(there.get(item.path) == item.size for item in items):
            self.kept = len(items)
            self.attempt.progress(total, total)
        else:

            async def one(item: Item) -> None:
                await self._copy(item, there.get(item.path))
                self.done += item.size
                self.attempt.progress(self.done, total)

            await side_by_side(items, one, lambda _done, _total: None)
        for ending in BESIDE:
            if (content := await self._beside_source(ending)) is not None:
                await self._put(ending, content)
        await self._put(MANIFEST, manifest)
        said = _("{name}: {count} files, {size}; {moved} copied, {kept} were there")
        values = {"count": len(items), "size": size_of(total), "moved": self.moved, "kept": self.kept}
        self.attempt.say(said.format(name=self.name, **values))

    async def _items(self, manifest: str) -> list[Item]:
        """The files of the backup, by its manifest; raises `SparkdrError` where the source does not hold them all."""
        facts = dict(line.partition(" ")[::2] for line in reversed(manifest.splitlines()))
        if not self.folder:
            return [Item(self.name, self.size, facts.get("sha256", "").strip())]
        found = await self.source.files.walk(self.source.path(self.name)) or {}
        if "objects" in facts:
            items = [Item(each.key, each.size, each.sha256) for each in read_manifest(manifest)]
        else:
            items = [Item(key, size, "") for key, size in sorted(found.items())]
        for item in items:
            if any(part in ("", ".", "..") for part in item.path.split("/")):
                raise SparkdrError(_("{key} has no place in a folder.").format(key=one_line(item.path)))
            if found.get(item.path) != item.size:
                text = _("{key} should have {size} bytes in the backup; it has {found}.")
                values = {"size": item.size, "found": found.get(item.path, _("none"))}
                raise SparkdrError(text.format(key=one_line(item.path), **values))
        if sum(item.size for item in items) != self.size:
            raise SparkdrError(_("{name} is not whole: its files have another size.").format(name=self.name))
        return [Item(f"{self.name}/{item.path}", item.size, item.sha256) for item in items]

    async def _below(self) -> dict[str, int | None]:
        """What of the backup's folder is in the target, by path."""
        found = await self.target.files.walk(self.target.path(self.name)) or {}
        return {f"{self.name}/{path}": size for path, size in found.items()}

    async def _copy(self, item: Item, there: int | None) -> None:
        source, target = self.source.path(item.path), self.target.path(item.path)
        if there == item.size:
            wanted = item.sha256 or await _digest(self.source.files, source)
            if await _digest(self.target.files, target) == wanted:
                self.kept += 1
                return
        digest = hashlib.sha256()

        async def checked() -> AsyncIterator[bytes]:
            count = 0
            async for chunk in self.source.files.read(source):
                digest.update(chunk)
                count += len(chunk)
                yield chunk
            if count != item.size or (item.sha256 and digest.hexdigest() != item.sha256):
                raise SparkdrError(
                    _("{key} is not what was backed up: its hash differs.").format(key=one_line(item.path))
                )

        await self.target.files.write(target, checked())
        if await _digest(self.target.files, target) != digest.hexdigest():
            raise SparkdrError(_("{key} did not arrive whole.").format(key=one_line(item.path)))
        self.moved += 1

    async def _beside_source(self, ending: str) -> bytes | None:
        name = self.name + ending
        return await _small(self.source, name) if name in self.here else None

    async def _beside_target(self, ending: str) -> bytes | None:
        name = self.name + ending
        return await _small(self.target, name) if name in self.there else None

    async def _put(self, ending: str, content: bytes) -> None:
        """Write what lies beside the backup, unless it is there as it is."""
        if await self._beside_target(ending) != content:
            await self.target.files.write(self.target.path(self.name + ending), _one(content))


async def _small(spot: Spot, name: str) -> bytes:
    found = bytearray()
    async for chunk in spot.files.read(spot.path(name)):
        found += chunk
        if len(found) > _SMALL:
            raise SparkdrError(_("{name} is larger than any manifest.").format(name=one_line(name)))
    return bytes(found)


async def _digest(files: Store, path: str) -> str:
    digest = hashlib.sha256()
    async for chunk in files.read(path):
        digest.update(chunk)
    return digest.hexdigest()


async def _one(content: bytes) -> AsyncIterator[bytes]:
    yield content
