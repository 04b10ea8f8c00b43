"""A script on its SSH channel: bytes in, bytes out with back-pressure, and how it ended."""

from __future__ import annotations

import asyncio
import re
import signal
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

import asyncssh

from sparkdr_tui.errors import SparkdrError
from sparkdr_tui.language import _
from sparkdr_tui.reach.following import CHUNK, until_over
from sparkdr_tui.reach.shell import ConnectionLost

if TYPE_CHECKING:
    from sparkdr_tui.reach.dialect import Dialect
    from sparkdr_tui.reach.ssh import SshShell

_ENOUGH = 4 * 1024 * 1024
"""Bytes kept for a reader that is slow; beyond them the node has to wait."""
_MOST_NOISE = 64 * 1024
"""Bytes that a login may print before the script's own first line."""


class Channel(asyncssh.SSHClientSession[bytes]):
    """The client's end of the channel."""

    def __init__(self) -> None:
        self.status: int | None = None
        self._chan: asyncssh.SSHClientChannel[bytes] | None = None
        self._held = bytearray()
        self._paused = False
        self._over = False
        self._changed = asyncio.Event()
        self._ended = asyncio.Event()

    # -- what asyncssh calls

    def connection_made(self, chan: asyncssh.SSHClientChannel[bytes]) -> None:
        """The channel is open."""
        self._chan = chan

    def data_received(self, data: bytes, datatype: int | None) -> None:
        """Output, stdout and stderr alike in the order they come."""
        self._held += data
        if len(self._held) > _ENOUGH and not self._paused and self._chan is not None:
            self._paused = True
            self._chan.pause_reading()
        self._changed.set()

    def exit_status_received(self, status: int) -> None:
        """The command ended."""
        self.status = status
        self._ended.set()

    def exit_signal_received(self, signal: str, core_dumped: bool, msg: str, lang: str) -> None:
        """A signal ended the command."""
        self.status = 128 + _number(signal)
        self._ended.set()

    def eof_received(self) -> bool:
        """No more output; what we still have to send may go on."""
        self._over = True
        self._changed.set()
        return True

    def connection_lost(self, exc: Exception | None) -> None:
        """The channel is closed, or the connection is gone."""
        self._over = True
        self._changed.set()
        self._ended.set()

    # -- what the process asks

    async def announced(self, marker: str) -> int | None:
        """The id that the command says first; None when it ended without saying it. Noise before it is dropped."""
        line = re.compile(rb"(?:\A|.*\n)" + marker.encode() + rb" (\d+)\r?\n", re.DOTALL)
        while not (found := line.match(self._held)):
            if self._over or len(self._held) > _MOST_NOISE:
                return None
            self._changed.clear()
            await self._changed.wait()
        group, end = int(found[1]), found.end()
        del found, self._held[:end]  # a match holds on to what it was found in
        return group

    def said(self) -> bytes:
        """What is held now."""
        return bytes(self._held[:CHUNK])

    def feed(self, data: bytes) -> None:
        """Send `data` and then the end."""
        if self._chan is not None and not self._chan.is_closing():
            self._chan.write(data)
            self._chan.write_eof()

    async def read(self) -> bytes:
        """The next piece of output; empty at its end."""
        while not self._held and not self._over:
            self._changed.clear()
            await self._changed.wait()
        piece = bytes(self._held[:CHUNK])
        del self._held[:CHUNK]
        if self._paused and len(self._held) < _ENOUGH // 2 and self._chan is not None:
            self._paused = False
            self._chan.resume_reading()
        return piece

    async def ended(self) -> None:
        """Returns once the command has ended or the channel is gone."""
        await self._ended.wait()

    def close(self) -> None:
        """Hang up."""
        if self._chan is not None:
            self._chan.close()


class SshProcess:
    """A script that runs on a node."""

    def __init__(self, shell: SshShell, dialect: Dialect, channel: Channel, group: int) -> None:
        self._shell = shell
        self._dialect = dialect
        self._channel = channel
        self._group = group

    async def chunks(self) -> AsyncIterator[bytes]:
        """Its stdout and stderr, together, as they come; raises `ConnectionLost`."""
        recoder = self._dialect.recoder()
        try:
            async for chunk in until_over(self._channel.read, self._channel.ended()):
                clear = recoder.feed(chunk) if recoder else chunk
                if clear:
                    yield clear
            if recoder and (rest := recoder.close()):
                yield rest
            await self.wait()
        finally:
            self._channel.close()

    async def wait(self) -> int:
        """Its exit status (128 + n when signal n ended it); raises `ConnectionLost`."""
        await self._channel.ended()
        if self._channel.status is None:
            raise ConnectionLost(
                _("The connection was lost while the script ran."),
                _("Whether it still runs on the node is not known."),
            )
        return self._channel.status

    async def cancel(self, grace: float = 5.0) -> bool:
        """End its whole process group and what descends from it; True when nothing is left for certain."""
        try:
            result = await self._shell.run(self._dialect.ending(self._group, grace), timeout=grace + 15.0)
        except SparkdrError:
            return False
        return result.status == 0


def _number(name: str) -> int:
    try:
        return int(signal.Signals[f"SIG{name}"])
    except KeyError:
        return int(signal.SIGTERM)
