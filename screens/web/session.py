"""One browser's cockpit: a process that shows, fed through pipes by textual-serve. It ends with the browser's tab."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import shlex
import signal
from asyncio.subprocess import PIPE, Process
from collections.abc import Sequence

from aiohttp import web
from textual_serve.app_service import AppService
from textual_serve.download_manager import DownloadManager

FAREWELL = 3.0
"""Seconds that a cockpit gets to end by itself."""
_KEPT = ("PATH", "HOME", "USER", "LOGNAME", "LANG", "LANGUAGE", "TZ", "TMPDIR", "NO_COLOR", "VIRTUAL_ENV", "SYSTEMROOT")
_MADE = (
    "COLUMNS", "ROWS", "TEXTUAL_DRIVER", "TEXTUAL_FPS", "TEXTUAL_COLOR_SYSTEM", "TERM_PROGRAM", "TERM_PROGRAM_VERSION",
)  # fmt: skip
"""What textual-serve sets."""
_KEPT_FAMILIES = ("LC_", "PYTHON", "SPARKDR_", "XDG_", "LD_LIBRARY", "DYLD_")
_TYPED = 4096
"""Letters that are taken at once; a paste is cut."""
_SIZE = ((20, 400), (5, 200))
"""Columns and rows, at least and at most."""


class Session(AppService):
    """Runs `command` as it stands, through no shell; of what it sends only what is drawn reaches the browser."""

    def __init__(self, command: Sequence[str], websocket: web.WebSocketResponse) -> None:
        super().__init__(
            shlex.join(command),
            write_bytes=websocket.send_bytes,
            write_str=websocket.send_str,
            close=self._close,
            download_manager=DownloadManager(),
        )
        self._command, self._websocket = tuple(command), websocket
        self._ending: asyncio.Task[None] | None = None

    @property
    def process(self) -> Process | None:
        """The cockpit."""
        return self._process

    async def heard(self, text: str) -> None:
        """What the browser says: keys, its size, whether somebody looks."""
        try:
            kind, said = (*json.loads(text), None)[:2]
        except (ValueError, TypeError, RecursionError):
            return
        match kind, said:
            case "stdin", str():
                await self.send_bytes(said[:_TYPED].encode(errors="replace"))
            case "resize", {"width": int(width), "height": int(height)}:
                await self.set_terminal_size(*size(width, height))
            case "ping", str():
                await self._websocket.send_str(json.dumps(["pong", said[:32]]))
            case "blur", _:
                await self.blur()
            case "focus", _:
                await self.focus()

    async def run(self) -> None:
        """Hand on what is drawn; a cockpit that has ended leaves nobody in front of a picture that stands still."""
        try:
            await super().run()
        finally:
            await self._close()

    async def stop(self) -> None:
        """End the cockpit, in good order if it can; whoever asks for that waits for its end."""
        if self._ending is None:
            self._ending = asyncio.create_task(self._end())
        await asyncio.shield(self._ending)

    async def _end(self) -> None:
        process, task = self._process, self._task
        if process is None or process.stdin is None:
            return
        with contextlib.suppress(OSError, RuntimeError):
            process.stdin.write(self.encode_packet(b"M", b'{"type": "quit"}'))
            process.stdin.close()
        if task is not None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        try:
            await asyncio.wait_for(process.communicate(), FAREWELL)  # what it still says is for nobody
        except TimeoutError:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            await process.communicate()

    async def on_meta(self, data: bytes) -> None:
        """It ends. Links to open and files to deliver are what an observer's cockpit does not have."""
        if json.loads(data).get("type") == "exit":
            await self._close()

    async def on_packed(self, payload: bytes) -> None:
        """Pieces of files: nobody asked for one."""

    def _build_environment(self, width: int = 80, height: int = 24) -> dict[str, str]:
        """What a cockpit needs; whatever else is in ours, credentials among it, stays here."""
        found = super()._build_environment(*size(width, height))
        return {n: v for n, v in found.items() if n in (*_MADE, *_KEPT) or n.startswith(_KEPT_FAMILIES)}

    async def _open_app_process(self, width: int = 80, height: int = 24) -> Process:
        process = await asyncio.create_subprocess_exec(
            *self._command,
            stdin=PIPE, stdout=PIPE, stderr=PIPE,
            env=self._build_environment(width, height),
            start_new_session=True,  # ctrl+c in our terminal is ours, and it can be ended with all it started
        )  # fmt: skip
        assert process.stdin is not None
        self._process, self._stdin = process, process.stdin
        return process

    async def _close(self) -> None:
        with contextlib.suppress(ConnectionError, RuntimeError):
            await self._websocket.close()


def size(width: int, height: int) -> tuple[int, int]:
    """A size that a terminal could have."""
    (narrow, wide), (low, high) = _SIZE
    return max(narrow, min(wide, width)), max(low, min(high, height))
