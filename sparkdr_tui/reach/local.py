"""This machine as a node: bash as a subprocess in a session, and so a process group, of its own."""

from __future__ import annotations

import asyncio
import os
import secrets
from asyncio.subprocess import Process as Subprocess
from collections.abc import AsyncIterator
from pathlib import Path

from sparkdr_tui.errors import SparkdrError
from sparkdr_tui.language import _
from sparkdr_tui.reach import bash
from sparkdr_tui.reach.files import Files, LocalFiles
from sparkdr_tui.reach.following import CHUNK, run_to_end, until_over
from sparkdr_tui.reach.shell import Process, Result, Script, Unreachable

_INHERITED = ("HOME", "USER", "LOGNAME", "SHELL", "PATH", "LANG", "TZ", "TMPDIR", "SSH_AUTH_SOCK")
_INHERITED_KINDS = ("LC_", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY")


class LocalShell:
    """Runs scripts on this machine, in the user's home, with the environment a login would give them."""

    async def start(self, script: Script) -> Process:
        """Start a script in a process group of its own."""
        marker = secrets.token_hex(8)
        text = bash.stdin(script, marker)
        readable, writable = os.pipe()
        try:
            subprocess = await asyncio.create_subprocess_exec(
                *bash.argv(marker),
                stdin=asyncio.subprocess.PIPE,
                stdout=writable,
                stderr=writable,
                env=_environment(),
                cwd=Path.home(),
                start_new_session=True,
            )
        except OSError as error:
            os.close(readable)
            raise Unreachable(_("No shell can be started here: {reason}.").format(reason=error.strerror)) from error
        finally:
            os.close(writable)
        transport, output = await _open(readable)
        return LocalProcess(subprocess, transport, output, text)

    async def run(self, script: Script, timeout: float, limit: int = 1 << 20) -> Result:
        """Run a short script to its end; raises `SparkdrError` after `timeout` seconds, having ended it."""
        return await run_to_end(await self.start(script), timeout, limit)

    async def forward(self, host: str, port: int) -> tuple[str, int]:
        """The address itself: this machine is the node."""
        return host, port

    async def dial(self, host: str, port: int) -> None:
        """Connect to `host:port` and hang up; raises `OSError`."""
        _reading, writer = await asyncio.open_connection(host, port)
        writer.close()

    async def files(self) -> Files:
        """The files of this machine."""
        return LocalFiles()

    async def close(self) -> None:
        """Nothing is held."""


class LocalProcess:
    """A script that runs on this machine."""

    def __init__(
        self, subprocess: Subprocess, transport: asyncio.ReadTransport, output: asyncio.StreamReader, text: bytes
    ) -> None:
        self._subprocess = subprocess
        self._transport = transport
        self._output = output
        self._feeding = asyncio.create_task(self._feed(text))

    async def chunks(self) -> AsyncIterator[bytes]:
        """Its stdout and stderr, together, as they come."""
        try:
            async for chunk in until_over(lambda: self._output.read(CHUNK), self._subprocess.wait()):
                yield chunk
        finally:
            self._transport.close()

    async def wait(self) -> int:
        """Its exit status (128 + n when signal n ended it)."""
        status = await self._subprocess.wait()
        return status if status >= 0 else 128 - status

    async def cancel(self, grace: float = 5.0) -> bool:
        """End its whole process group and what descends from it; True when nothing is left."""
        group = self._subprocess.pid
        try:
            result = await LocalShell().run(bash.ending(group, grace), timeout=grace + 10.0)
        except SparkdrError:
            return False
        if result.status == 0:
            await self._subprocess.wait()
        return result.status == 0

    async def _feed(self, text: bytes) -> None:
        stdin = self._subprocess.stdin
        assert stdin is not None  # it was asked for
        stdin.write(text)
        try:
            await stdin.drain()
        except ConnectionError:
            return  # it ended before it read everything; its status says so
        finally:
            stdin.close()


async def _open(descriptor: int) -> tuple[asyncio.ReadTransport, asyncio.StreamReader]:
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader(limit=16 * CHUNK)
    pipe = os.fdopen(descriptor, "rb", 0)
    transport, _protocol = await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), pipe)
    return transport, reader


def _environment() -> dict[str, str]:
    return {
        name: value
        for name, value in os.environ.items()
        if name in _INHERITED or name.upper().startswith(_INHERITED_KINDS)
    }
