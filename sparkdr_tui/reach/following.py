"""What the ways to a node share in following a process: until when to read, and running a short script to its end."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

from sparkdr_tui.errors import SparkdrError
from sparkdr_tui.language import _
from sparkdr_tui.reach.shell import Process, Result

CHUNK = 64 * 1024
QUIET = 1.0
"""After a script's end its output is read until it has been quiet so long: a daemon it started may hold it open."""
PATIENCE = 5.0
"""Seconds to wait until a script that took too long is ended."""
LINGER = 10.0
"""After a script's end its output is read no longer than this, however much comes."""


async def until_over(read: Callable[[], Awaitable[bytes]], ended: Awaitable[int | None]) -> AsyncIterator[bytes]:
    """What `read` gives until it gives nothing, or until the script has ended and its output went quiet."""
    end: asyncio.Future[int | None] = asyncio.ensure_future(ended)
    reading: asyncio.Future[bytes] | None = None
    deadline: float | None = None
    loop = asyncio.get_running_loop()
    try:
        while True:
            reading = reading or asyncio.ensure_future(read())
            if deadline is None:
                waited: set[asyncio.Future[bytes] | asyncio.Future[int | None]] = {reading, end}
                await asyncio.wait(waited, return_when=asyncio.FIRST_COMPLETED)
                deadline = loop.time() + LINGER if end.done() else None
            else:
                await asyncio.wait({reading}, timeout=min(QUIET, deadline - loop.time()))
                if not reading.done() or loop.time() > deadline:
                    return
            if reading.done():
                chunk, reading = reading.result(), None
                if not chunk:
                    return
                yield chunk
    finally:
        end.cancel()
        if reading is not None:
            reading.cancel()


async def run_to_end(process: Process, timeout: float, limit: int) -> Result:
    """The exit status and the first `limit` bytes; ends the process after `timeout` seconds, or when nobody waits."""
    kept = bytearray()
    try:
        async with asyncio.timeout(timeout):
            async for chunk in process.chunks():
                kept += chunk[: limit - len(kept)]
            return Result(await process.wait(), bytes(kept))
    except TimeoutError:
        hint = "" if await _ended(process, PATIENCE) else _("Something of it may still run there.")
        raise SparkdrError(_("The script did not end within {seconds:g} s.").format(seconds=timeout), hint) from None
    except asyncio.CancelledError:
        await _ended(process, PATIENCE / 2)
        raise


async def _ended(process: Process, patience: float) -> bool:
    """End a process; but a connection that is dead, and not yet known to be, holds nobody up longer than this."""
    ending = asyncio.ensure_future(process.cancel(1.0))
    ending.add_done_callback(lambda done: done.cancelled() or done.exception())
    await asyncio.wait({ending}, timeout=patience)
    return ending.done() and ending.result()
