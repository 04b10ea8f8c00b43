"""A relayed connection of the switch: two ends, which can flow, be held still, or be dropped as by a power cut."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
from typing import cast

RESET_ON_CLOSE = struct.pack("ii", 1, 0)
"""For SO_LINGER: closing sends a reset."""


class Half(asyncio.Protocol):
    """One end of a relayed connection; what comes in goes out of its `peer`."""

    def __init__(self) -> None:
        self.transport: asyncio.Transport | None = None
        self.peer: Half | None = None
        self.frozen = False
        self._full = False
        self._ended = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport; nothing is read before the other end is there."""
        self.transport = cast(asyncio.Transport, transport)
        self.transport.pause_reading()

    def data_received(self, data: bytes) -> None:
        """Pass it on."""
        if self.peer and self.peer.transport:
            self.peer.transport.write(data)

    def eof_received(self) -> bool:
        """Pass the end on; the other direction stays open until it has ended, too."""
        self._ended = True
        if self.peer and self.peer.transport and self.peer.transport.can_write_eof():
            self.peer.transport.write_eof()
        if self.peer and self.peer._ended:
            self.peer.close()
            self.close()
        return True

    def close(self) -> None:
        """Close once what is still to be written has been."""
        if self.transport:
            self.transport.close()

    def pause_writing(self) -> None:
        """This end cannot take more: stop reading from the other."""
        self._full = True
        if self.peer:
            self.peer.settle()

    def resume_writing(self) -> None:
        """This end takes more again."""
        self._full = False
        if self.peer:
            self.peer.settle()

    def connection_lost(self, exc: Exception | None) -> None:
        """Close the other end too."""
        if self.peer and self.peer.transport and not self.frozen:
            self.peer.transport.close()

    def settle(self) -> None:
        """Read or not, as everything together says."""
        if self.transport is None or self.transport.is_closing():
            return
        if self.frozen or self.peer is None or self.peer._full:
            self.transport.pause_reading()
        else:
            self.transport.resume_reading()


class Relay:
    """Two ends, joined."""

    def __init__(self, outer: Half, inner: Half) -> None:
        self.ends = (outer, inner)
        outer.peer, inner.peer = inner, outer
        outer.settle()
        inner.settle()

    @property
    def over(self) -> bool:
        """Nothing will ever pass here again."""
        return all(end.transport is None or end.transport.is_closing() for end in self.ends)

    def freeze(self, still: bool) -> None:
        """Hold everything back, or let it flow again."""
        for end in self.ends:
            end.frozen = still
            end.settle()
        if not still and any(end.transport and end.transport.is_closing() for end in self.ends):
            self.reset()

    def reset(self) -> None:
        """Drop both ends as a machine that restarted does."""
        for end in self.ends:
            if end.transport:
                drop(end.transport)


def drop(transport: asyncio.Transport) -> None:
    """Close with a reset."""
    raw = transport.get_extra_info("socket")
    if raw is not None:
        with contextlib.suppress(OSError):
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_ON_CLOSE)
    transport.abort()
