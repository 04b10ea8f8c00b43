"""The `s3` action: make buckets, and mirror objects between a bucket and a folder of a node, by a manifest.

A mirror is resumable: what is already there with the right hash is left alone. While it is copied, a backup's folder is
hidden; it is complete only once its manifest, written last, is beside it. A restore counts and hashes every object
against that.
"""

from __future__ import annotations

import asyncio
import hashlib
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from string import Template
from typing import IO, TYPE_CHECKING, TypeVar
from urllib.parse import quote, unquote

from sparkdr_tui import __version__
from sparkdr_tui.errors import SparkdrError
from sparkdr_tui.language import _
from sparkdr_tui.plan.runbook import S3, Plan, S3Mirror
from sparkdr_tui.reach.bucket import SIDE_BY_SIDE, call, connect
from sparkdr_tui.reach.credentials import secret
from sparkdr_tui.reach.files import CHUNK, Files
from sparkdr_tui.reach.pool import Reach
from sparkdr_tui.text import one_line
from sparkdr_tui.watch.probes import endpoint

if TYPE_CHECKING:
    from minio import Minio

    from sparkdr_tui.recover.actions import Attempt

T = TypeVar("T")
IN_MEMORY = 4 * 1024 * 1024
"""Bytes of an object that are held in memory; more go to a temporary file."""


@dataclass(frozen=True, slots=True)
class Entry:
    """An object as a manifest knows it; `sha256` is empty where nobody recorded it."""

    key: str
    size: int
    sha256: str


async def perform(attempt: Attempt, s3: S3) -> None:
    """Make the buckets, then mirror; raises `SparkdrError` with the first thing that is wrong."""
    assert s3.service is not None  # offsite is for `copies.py`
    client = await open_store(attempt.plan, s3.service, attempt.reach)
    for bucket in s3.make_buckets:
        made = await call(_make_bucket, client, bucket)
        attempt.say(f"{bucket}: " + (_("made") if made else _("is there")))
    node = attempt.planned.step.on or attempt.plan.services[s3.service].on
    files = await (await attempt.reach.shell(node)).files() if s3.mirror else None
    for mirror in s3.mirror:
        assert files is not None  # there is a mirror
        folder = Template(mirror.folder).safe_substitute(attempt.env).rstrip("/")
        await _Mirror(attempt, client, files, mirror.bucket, folder).run(mirror)


async def open_store(plan: Plan, service: str, reach: Reach) -> Minio:
    """The client of an S3 service, with the plan's credentials."""
    probe = plan.services[service].probe.s3
    assert probe is not None  # the loader refuses s3 on anything else
    host, port = await endpoint(plan, service, reach)
    keys = secret(plan, probe.access_key), secret(plan, probe.secret_key)
    return connect(f"{host}:{port}", *keys, tls=probe.tls, region=probe.region)


def _make_bucket(client: Minio, bucket: str) -> bool:
    if client.bucket_exists(bucket):
        return False
    client.make_bucket(bucket)
    return True


@dataclass(slots=True)
class _Mirror:
    """One mirror under way."""

    attempt: Attempt
    client: Minio
    files: Files
    bucket: str
    folder: str
    there: frozenset[str] = frozenset()
    """Keys that were where they shall be when the mirror began."""
    kept: int = 0
    moved: int = 0

    async def run(self, mirror: S3Mirror) -> None:
        """Restore the folder into the bucket, or back the bucket up into the folder."""
        began = datetime.now(UTC)
        if mirror.direction == "restore":
            entries = await self._recorded()
            self.there = frozenset(each.key for each in await call(_objects, self.client, self.bucket))
            await side_by_side(entries, self._restore, self.attempt.progress)
        else:
            entries = await self._copy_all(began)
        said = _("{bucket}: {count} objects, {size} bytes; {moved} copied, {kept} were there")
        self.attempt.say(
            said.format(
                bucket=self.bucket,
                count=len(entries),
                size=sum(entry.size for entry in entries),
                moved=self.moved,
                kept=self.kept,
            )
        )

    async def _copy_all(self, began: datetime) -> list[Entry]:
        """Copy every object into a hidden folder; only once it is whole does it get its name, and then its manifest."""
        entries = await call(_objects, self.client, self.bucket)
        named, self.folder = self.folder, hidden(self.folder)
        if await self.files.walk(named) is not None:  # an earlier attempt ended before its manifest was written
            self.folder = named
        self.there = frozenset(await self.files.walk(self.folder) or ())
        await self.files.make_folder(self.folder)  # also where the bucket is empty
        done: list[Entry] = []

        async def back_up(entry: Entry) -> None:
            if (copied := await self._back_up(entry.key)) is not None:
                done.append(copied)

        await side_by_side(entries, back_up, self.attempt.progress)
        if self.folder != named:
            await self.files.rename(self.folder, named)
            self.folder = named
        done.sort(key=lambda entry: entry.key)
        await self.files.write(f"{named}.manifest", _one(manifest_text(done, began, self.attempt.env["RUN_ID"])))
        return done

    async def _recorded(self) -> list[Entry]:
        """What the folder should hold by its manifest; without one (the document's own script), what it holds."""
        found = await self.files.walk(self.folder)
        if found is None:
            raise SparkdrError(_("There is no folder {folder} on the node.").format(folder=self.folder))
        try:
            text = b"".join([chunk async for chunk in self.files.read(f"{self.folder}.manifest")]).decode()
        except SparkdrError:
            self.attempt.say(_("There is no manifest; the files are counted, but nobody recorded their hashes."))
            return [Entry(key, size, "") for key, size in sorted(found.items())]
        entries = read_manifest(text)
        for entry in entries:
            if found.get(entry.key) != entry.size:
                raise SparkdrError(
                    _("{key} should have {size} bytes in the backup; it has {found}.").format(
                        key=one_line(entry.key), size=entry.size, found=found.get(entry.key, _("none"))
                    )
                )
        return entries

    async def _restore(self, entry: Entry) -> None:
        if entry.sha256 and entry.key in self.there and await self._stored(entry.key) == entry.sha256:
            self.kept += 1
            return
        with tempfile.SpooledTemporaryFile(IN_MEMORY) as held:
            digest = hashlib.sha256()
            async for chunk in self.files.read(f"{self.folder}/{entry.key}"):
                digest.update(chunk)
                held.write(chunk)
            if entry.sha256 and digest.hexdigest() != entry.sha256:
                raise SparkdrError(_("{key} is not what was backed up: its hash differs.").format(key=entry.key))
            held.seek(0)
            await call(self.client.put_object, self.bucket, entry.key, held, entry.size)
        if await self._stored(entry.key) != digest.hexdigest():
            raise SparkdrError(_("{key} did not arrive whole in {bucket}.").format(key=entry.key, bucket=self.bucket))
        self.moved += 1

    async def _stored(self, key: str) -> str | None:
        """The hash of what the bucket gives back under a key."""
        digest: str | None = await call(digest_of, self.client, self.bucket, key)
        return digest

    async def _back_up(self, key: str) -> Entry | None:
        """Copy an object as it is at this moment; None when it is gone by now."""
        if any(part in ("", ".", "..") for part in key.split("/")):
            raise SparkdrError(_("The object {key} has no place in a folder.").format(key=one_line(key)))
        path = f"{self.folder}/{key}"
        if key in self.there:
            held = await self._held(key, path)
            if held is not None and await self._stored(key) == held.sha256:
                self.kept += 1
                return held
        with tempfile.SpooledTemporaryFile(IN_MEMORY) as content:
            digest = await call(_fetch, self.client, self.bucket, key, content)
            if digest is None:
                self.attempt.say(_("{key} went away before it was copied.").format(key=one_line(key)))
                return None
            copied = Entry(key, content.tell(), digest)
            content.seek(0)
            await self.files.write(path, _chunks(content))
        if await self._held(key, path) != copied:
            raise SparkdrError(_("{key} did not arrive whole in the backup.").format(key=one_line(key)))
        self.moved += 1
        return copied

    async def _held(self, key: str, path: str) -> Entry | None:
        """The object as the folder holds it; None where it cannot be read."""
        digest, size = hashlib.sha256(), 0
        try:
            async for chunk in self.files.read(path):
                digest.update(chunk)
                size += len(chunk)
        except SparkdrError:
            return None
        return Entry(key, size, digest.hexdigest())


# -- manifests ---------------------------------------------------------------------------------------


def hidden(folder: str) -> str:
    """The name of a folder while it is being copied: nobody takes it for a backup."""
    above, slash, name = folder.rpartition("/")
    return f"{above}{slash}.{name}.part"


def manifest_text(entries: Sequence[Entry], began: datetime, run: str) -> bytes:
    """The manifest of a mirror; its sha256 is that of the lines about the objects."""
    from minio import __version__ as client

    objects = "".join(f"object {entry.sha256} {entry.size} {quote(entry.key)}\n" for entry in entries)
    head = [
        "manifest 1",
        f"size {sum(entry.size for entry in entries)}",
        f"sha256 {hashlib.sha256(objects.encode()).hexdigest()}",
        f"snapshot {began:%Y-%m-%dT%H:%M:%SZ}",
        f"objects {len(entries)}",
        f"tool sparkdr-tui {__version__}",
        f"tool minio-py {client}",
        f"run {run}",
    ]
    return ("\n".join(head) + "\n" + objects).encode()


def read_manifest(text: str) -> list[Entry]:
    """The objects of a mirror's manifest; raises `SparkdrError` when it is cut off, changed or not one.

    Older manifests have no sha256 of their own.
    """
    lines = text.splitlines()
    entries, promised = [], -1
    for line in lines:
        words = line.split(" ")
        if words[0] == "objects" and len(words) == 2 and words[1].isdigit():
            promised = int(words[1])
        elif words[0] == "object" and len(words) == 4 and words[2].isdigit():
            entries.append(Entry(unquote(words[3]), int(words[2]), words[1]))
    listed = "".join(f"{line}\n" for line in lines if line.startswith("object "))
    recorded = next((line.partition(" ")[2] for line in lines if line.startswith("sha256 ")), None)
    if recorded is not None and recorded != hashlib.sha256(listed.encode()).hexdigest():
        raise SparkdrError(_("The manifest of the backup was changed or cut off: its hash differs."))
    if promised != len(entries):
        raise SparkdrError(_("The manifest of the backup is damaged: it lists {n} objects.").format(n=len(entries)))
    return entries


# -- the client, in threads --------------------------------------------------------------------------


def _objects(client: Minio, bucket: str) -> list[Entry]:
    found = client.list_objects(bucket, recursive=True)
    return [Entry(each.object_name or "", each.size or 0, "") for each in found if not each.is_dir]


def digest_of(client: Minio, bucket: str, key: str) -> str | None:
    """The sha256 of an object as the store gives it back; None when it is not there."""
    return _fetch(client, bucket, key, None)


def _fetch(client: Minio, bucket: str, key: str, into: IO[bytes] | None) -> str | None:
    """Write an object into a file, where there is one; its sha256, None when it is not there."""
    from minio.error import S3Error

    digest = hashlib.sha256()
    try:
        answer = client.get_object(bucket, key)
    except S3Error as problem:
        if problem.code in ("NoSuchKey", "NoSuchBucket"):
            return None
        raise
    try:
        for chunk in answer.stream(CHUNK):
            digest.update(chunk)
            if into is not None:
                into.write(chunk)
    finally:
        answer.close()
        answer.release_conn()
    return digest.hexdigest()


async def side_by_side(
    entries: Iterable[T], work: Callable[[T], Awaitable[None]], progress: Callable[[float, float], None]
) -> None:
    """Work on the objects, several at once; the first failure ends the others."""
    waiting = list(entries)
    total, done = len(waiting), 0
    places = asyncio.Semaphore(SIDE_BY_SIDE)

    async def one(entry: T) -> None:
        nonlocal done
        async with places:
            await work(entry)
        done += 1
        progress(done, total)

    try:
        async with asyncio.TaskGroup() as group:
            for entry in waiting:
                group.create_task(one(entry))
    except* SparkdrError as problems:
        raise problems.exceptions[0] from None


async def _one(data: bytes) -> AsyncIterator[bytes]:
    yield data


async def _chunks(file: IO[bytes]) -> AsyncIterator[bytes]:
    while chunk := file.read(CHUNK):
        yield chunk
