"""What rclone lacks of MinIO: a console that answers, and noticing at once what somebody deletes from its folder.

rclone remembers folders. A short memory loses what is being written meanwhile, so it keeps its long one and is told to
forget (SIGHUP) when something is gone.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from pathlib import Path
from typing import NoReturn

from sparkdr_tui.lab.standins import web

_PAGE = b"<!DOCTYPE html><html><head><title>MinIO Console</title></head><body>MinIO Console</body></html>"
_EVERY = 0.3
_MOST = 5_000
"""A folder with more in it is not watched any deeper."""
_BEING_WRITTEN = ".partial"


def accompany(server: int, folder: Path, console: str) -> NoReturn:
    """Answer on the console's port and watch the folder for as long as the server, our parent, is there."""
    try:
        asyncio.run(_accompany(server, folder, console))
    finally:
        os._exit(0)


async def _accompany(server: int, folder: Path, console: str) -> None:
    answering = asyncio.ensure_future(_answer(console))
    before: set[str] = set()
    while os.getppid() == server:
        now = await asyncio.to_thread(contents, folder)
        if before - now and os.getppid() == server:
            os.kill(server, signal.SIGHUP)
        before = now
        await asyncio.wait([answering], timeout=_EVERY)
        if answering.done():
            return
    answering.cancel()


async def _answer(console: str) -> None:
    """The page of the console, once the port is free: that of a server just killed may still hold it."""
    host, _, port = console.rpartition(":")

    async def page(request: web.Request) -> web.Answer:
        return web.Answer(200, _PAGE, "text/html")

    while True:
        try:
            return await web.serve(host, int(port), page, lambda *_: None, lambda: None)
        except OSError:
            await asyncio.sleep(0.2)


def contents(folder: Path) -> set[str]:
    """Every path in the folder, apart from files that are just being written."""
    found: set[str] = set()
    waiting = [str(folder)]
    while waiting and len(found) < _MOST:
        with contextlib.suppress(OSError), os.scandir(waiting.pop()) as entries:
            for entry in entries:
                if not entry.name.endswith(_BEING_WRITTEN):
                    found.add(entry.path)
                if entry.is_dir(follow_symlinks=False):
                    waiting.append(entry.path)
    return found if len(found) < _MOST else set()
