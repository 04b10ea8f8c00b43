"""The part of the `s3` action that verifies a backup folder: by its manifest, and through a scratch bucket.

Only what was found out about the backup is recorded beside it; a store that is down says nothing about it.
"""

from __future__ import annotations

import asyncio
import hashlib
import random
import secrets
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from string import Template
from typing import TYPE_CHECKING

from sparkdr_tui.errors import SparkdrError
from sparkdr_tui.language import _
from sparkdr_tui.plan.runbook import S3
from sparkdr_tui.reach.bucket import call
from sparkdr_tui.reach.files import Files
from sparkdr_tui.recover.objects import IN_MEMORY, Entry, digest_of, open_store, read_manifest, side_by_side
from sparkdr_tui.text import one_line

if TYPE_CHECKING:
    from minio import Minio

    from sparkdr_tui.recover.actions import Attempt


class Refused(SparkdrError):
    """The backup is not what it should be; `facts` are the lines that are recorded about it."""

    def __init__(self, message: str, *facts: str) -> None:
        super().__init__(message)
        self.facts = facts


async def perform(attempt: Attempt, s3: S3) -> None:
    """Compare every folder that the action names; raises `SparkdrError` with the first thing that is wrong."""
    if not s3.compare:
        return
    assert s3.service is not None
    node = attempt.planned.step.on or attempt.plan.services[s3.service].on
    files = await (await attempt.reach.shell(node)).files()
    client = await open_store(attempt.plan, s3.service, attempt.reach)
    for each in s3.compare:
        folder = Template(each.folder).safe_substitute(attempt.env).rstrip("/")
        await _Comparison(attempt, client, files, folder).run(each.sample)


@dataclass(slots=True)
class _Comparison:
    """One backup under verification."""

    attempt: Attempt
    client: Minio
    files: Files
    folder: str

    async def run(self, sample: int) -> None:
        """Verify the folder and record the result."""
        found = await self.files.walk(self.folder)
        if found is None:
            raise SparkdrError(_("There is no folder {folder} on the node.").format(folder=self.folder))
        try:
            entries = await self._listed(found)
            drawn = draw(entries, sample, self.attempt.env["RUN_ID"])
            await self._read(drawn)
        except Refused as refused:
            await self._record("result failed", *refused.facts, f"detail {refused.message}")
            raise SparkdrError(f"REFUSED: {refused.message}") from refused
        told = _("{count} objects by name and size, {sample} of them by hash and through a bucket")
        detail = told.format(count=len(entries), sample=len(drawn))
        await self._record("result ok", *established(entries, drawn), "restored yes", f"detail {detail}")
        self.attempt.say(f"{self.folder}: {detail}")

    async def _listed(self, found: dict[str, int]) -> list[Entry]:
        """The objects of the manifest, all of them there with their sizes."""
        try:
            text = b"".join([chunk async for chunk in self.files.read(f"{self.folder}.manifest")]).decode()
        except SparkdrError:
            if not found:
                raise Refused(_("it is empty and has no manifest: it was never finished"), "intact no") from None
            self.attempt.say(_("There is no manifest; the files are counted, but nobody recorded their hashes."))
            return [Entry(key, size, "") for key, size in sorted(found.items())]
        except UnicodeDecodeError:
            raise Refused(_("its manifest is no text"), "intact no") from None
        try:
            entries = read_manifest(text)
        except SparkdrError as problem:
            raise Refused(problem.message, "intact no") from problem
        for entry in entries:
            if found.get(entry.key) != entry.size:
                told = _("{key} should have {size} bytes in the backup; it has {found}.")
                has = found.get(entry.key, _("none"))
                raise Refused(told.format(key=one_line(entry.key), size=entry.size, found=has), "intact no")
        return entries

    async def _read(self, drawn: Sequence[Entry]) -> None:
        """Read the objects back through a scratch bucket; what is refused ends no upload half-way."""
        refused: list[Refused] = []
        async with self._scratch() as bucket:

            async def through(entry: Entry) -> None:
                try:
                    await self._through(bucket, entry)
                except Refused as why:
                    refused.append(why)

            await side_by_side(drawn, through, self.attempt.progress)
        if refused:
            raise refused[0]

    @asynccontextmanager
    async def _scratch(self) -> AsyncIterator[str]:
        """A bucket of our own, gone afterwards with everything in it."""
        run = "".join(each for each in self.attempt.env["RUN_ID"].lower() if each.isalnum())
        bucket = f"sparkdr-scratch-{run}-{secrets.token_hex(4)}"
        await call(self.client.make_bucket, bucket)
        try:
            yield bucket
        finally:
            await self._clear(bucket)

    async def _clear(self, bucket: str) -> None:
        """Remove the scratch bucket; uploads that were broken off may still arrive for a while."""
        for patience in (0.2, 0.5, 1.0, 2.0, 4.0):
            try:
                await call(_remove, self.client, bucket)
                return
            except SparkdrError as problem:
                self.attempt.say(problem.message)
                await asyncio.sleep(patience)
        await call(_remove, self.client, bucket)

    async def _through(self, bucket: str, entry: Entry) -> None:
        """Hash an object, put it into the scratch bucket, and hash what comes back."""
        with tempfile.SpooledTemporaryFile(IN_MEMORY) as held:
            digest = hashlib.sha256()
            async for chunk in self.files.read(f"{self.folder}/{entry.key}"):
                digest.update(chunk)
                held.write(chunk)
            wanted = digest.hexdigest()
            if entry.sha256 and wanted != entry.sha256:
                text = _("{key} is not what was backed up: its hash differs.")
                raise Refused(text.format(key=one_line(entry.key)), "intact no")
            held.seek(0)
            await call(self.client.put_object, bucket, entry.key, held, entry.size)
        if await call(digest_of, self.client, bucket, entry.key) != wanted:
            raise SparkdrError(_("{key} did not arrive whole in {bucket}.").format(key=entry.key, bucket=bucket))

    async def _record(self, *lines: str) -> None:
        """Write the result beside the backup."""
        head = f"at {datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}\nrun {self.attempt.env['RUN_ID']}\n"
        text = head + "".join(f"{one_line(line, 500)}\n" for line in lines)

        async def content() -> AsyncIterator[bytes]:
            yield text.encode()

        await self.files.write(f"{self.folder}.verified", content())


def established(entries: Sequence[Entry], drawn: Sequence[Entry]) -> tuple[str, ...]:
    """What may be said of the hashes: a sample proves nothing of the objects that were not drawn."""
    return ("intact yes",) if len(drawn) == len(entries) and all(each.sha256 for each in entries) else ()


def draw(entries: Sequence[Entry], count: int, seed: str) -> list[Entry]:
    """Objects drawn by lot, and the largest one; the same ones whenever the same run draws."""
    largest = max(entries, key=lambda entry: entry.size, default=None)
    drawn = random.Random(seed).sample(list(entries), min(count, len(entries)))
    return drawn if largest is None or largest in drawn else [*drawn, largest]


def _remove(client: Minio, bucket: str) -> None:
    if not client.bucket_exists(bucket):
        return
    for each in client.list_objects(bucket, recursive=True):
        client.remove_object(bucket, str(each.object_name))
    client.remove_bucket(bucket)
