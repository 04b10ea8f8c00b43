"""A bucket behind S3, used like the files of a node: list, read and write it as bytes, in chunks. Knows no plan.

The client is synchronous: it works in threads, and what it raises becomes one line.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
from collections.abc import AsyncIterator, Callable
from typing import TYPE_CHECKING, Any, BinaryIO, cast

from sparkdr_tui.errors import SparkdrError
from sparkdr_tui.language import _
from sparkdr_tui.reach.files import CHUNK
from sparkdr_tui.text import one_line, sanitize

if TYPE_CHECKING:
    from minio import Minio

SIDE_BY_SIDE = 8
"""Connections of one client."""
_TRY_AGAIN = (500, 502, 503, 504)
"""What stores answer when they are busy; whoever asks again is served."""
PART = 32 * 1024 * 1024
"""An object that is larger goes in parts of this size (10,000 at most), each held in memory once."""


def connect(place: str, access_key: str, secret_key: str, *, tls: bool, region: str) -> Minio:
    """A client of the S3 server at `place` (host, or host:port); connects with the first call."""
    import urllib3
    from minio import Minio

    return Minio(
        place,
        access_key=access_key,
        secret_key=secret_key,
        secure=tls,
        region=region,
        http_client=urllib3.PoolManager(
            timeout=urllib3.Timeout(connect=10, read=60),
            maxsize=SIDE_BY_SIDE,
            retries=urllib3.Retry(2, backoff_factor=0.5, status_forcelist=_TRY_AGAIN, raise_on_status=False),
        ),
    )


async def call(function: Callable[..., Any], *args: Any, **options: Any) -> Any:
    """Call the client in a thread; what it raises becomes one line."""
    from minio.error import MinioException
    from urllib3.exceptions import HTTPError

    try:
        return await asyncio.to_thread(function, *args, **options)
    except (MinioException, HTTPError, OSError, ValueError) as problem:
        why = one_line(sanitize(str(problem) or type(problem).__name__))
        raise SparkdrError(_("The store failed: {why}").format(why=why)) from problem


class BucketFiles:
    """The objects of one bucket, as `reach.files.Store`: a key is a path, what ends before a `/` is a folder."""

    def __init__(self, client: Minio, bucket: str) -> None:
        self._client, self._bucket = client, bucket

    async def walk(self, folder: str) -> dict[str, int] | None:
        """Every object below `folder`."""
        begin = _begin(folder)
        found = await call(self._list, begin, True)
        return {key.removeprefix(begin): size for key, size in found.items() if size is not None} or None

    async def names(self, folder: str) -> dict[str, int | None] | None:
        """What lies directly in `folder`."""
        begin = _begin(folder)
        found = await call(self._list, begin, False)
        return {key.removeprefix(begin).rstrip("/"): size for key, size in found.items()} or None

    async def read(self, path: str) -> AsyncIterator[bytes]:
        """The bytes of an object."""
        answer = await call(self._client.get_object, self._bucket, path)
        try:
            while chunk := await call(answer.read, CHUNK):
                yield chunk
        finally:
            answer.close()
            answer.release_conn()

    async def write(self, path: str, chunks: AsyncIterator[bytes]) -> None:
        """Put an object; where `chunks` end in an error there is none under its name."""
        feed = _Feed(chunks)
        try:
            await call(
                self._client.put_object,
                *(self._bucket, path, cast(BinaryIO, feed), -1),
                part_size=PART,
                num_parallel_uploads=1,
            )
        finally:
            feed.close()

    def _list(self, begin: str, below: bool) -> dict[str, int | None]:
        found = self._client.list_objects(self._bucket, prefix=begin, recursive=below)
        return {
            str(each.object_name): None if each.is_dir else each.size or 0
            for each in found
            if each.object_name and each.object_name != begin
        }


class _Feed:
    """What the client reads from in its thread: chunks that come on the loop that made this."""

    def __init__(self, chunks: AsyncIterator[bytes]) -> None:
        self._chunks = chunks
        self._loop = asyncio.get_running_loop()
        self._held = bytearray()
        self._over = self._closed = False
        self._waiting: concurrent.futures.Future[bytes] | None = None

    def read(self, amount: int) -> bytes:
        """So many bytes, fewer only at the end; raises what the chunks raise."""
        while len(self._held) < amount and not self._over:
            self._waiting = asyncio.run_coroutine_threadsafe(self._next(), self._loop)
            if self._closed:
                self._waiting.cancel()
                raise OSError("nobody waits for this any more")
            chunk = self._waiting.result()
            self._held += chunk
            self._over = not chunk
        found = bytes(self._held[:amount])
        del self._held[:amount]
        return found

    def close(self) -> None:
        """Let a thread that still reads end with an error, and with it what it was about to write."""
        self._closed = True
        if self._waiting is not None:
            self._waiting.cancel()

    async def _next(self) -> bytes:
        async for chunk in self._chunks:
            if chunk:
                return chunk
        return b""


def _begin(folder: str) -> str:
    return f"{folder.rstrip('/')}/" if folder.strip("/") else ""
