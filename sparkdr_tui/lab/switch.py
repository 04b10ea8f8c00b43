"""The switch between the nodes and the world: every port of a node that outsiders see is a relay here.

A relay can pass, refuse (as a machine does where no server listens) or swallow (as a dead network does).
"""

from __future__ import annotations

import asyncio
import errno
import logging
import socket
import sys
from collections.abc import Iterable
from enum import StrEnum

from sparkdr_tui.errors import SparkdrError
from sparkdr_tui.lab import ports
from sparkdr_tui.lab.relay import RESET_ON_CLOSE, Half, Relay, drop

log = logging.getLogger(__name__)

_LOOK = 0.1
"""Seconds between two looks at which servers listen."""


class Taken(SparkdrError):
    """Somebody else has a port of the lab."""


class Mode(StrEnum):
    """What happens to what comes along: it passes (or is refused, where no server listens), or it vanishes."""

    PASS = "pass"
    SWALLOW = "swallow"


def claimed(host: str, port: int) -> socket.socket:
    """A socket that owns an address without listening; raises `OSError` where somebody has it."""
    made = socket.socket()
    made.setblocking(False)
    try:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.bind((host, port))
        made.listen(1)
        return silenced(made, host, port)
    except OSError:
        made.close()
        raise


def silenced(listener: socket.socket, host: str, port: int) -> socket.socket:
    """The same address, not listening any more: Linux can stop listening, elsewhere a new socket takes the place."""
    if sys.platform.startswith("linux"):
        listener.shutdown(socket.SHUT_RDWR)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 0)
        return listener
    listener.close()
    made = socket.socket()
    made.setblocking(False)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    made.bind((host, port))
    return made


class Port:
    """One port of a node, as outsiders see it."""

    def __init__(self, node: str, name: str, host: str, port: int, inner: int) -> None:
        self.node, self.name, self.host, self.port, self.inner = node, name, host, port, inner
        self.mode = Mode.PASS
        self.relays: list[Relay] = []
        self._socket: socket.socket | None = None
        self._listening = False
        self._fillers: list[socket.socket] = []
        self._accepting: asyncio.Task[None] | None = None
        self._joining: set[asyncio.Task[None]] = set()

    @property
    def open(self) -> bool:
        """Whether connections are taken now."""
        return self._accepting is not None

    def claim(self) -> None:
        """Take the port for the life of the lab, listening or not; raises `OSError` where somebody has it."""
        self._socket = claimed(self.host, self.port)

    def settle(self, up: bool) -> None:
        """Be what mode and server together say; `up`: the server behind listens."""
        if self.mode is Mode.SWALLOW:
            if not self._fillers:
                self._hush()
                self._swallow()
        elif up and not self.open:
            self._hush()
            self._accepting = asyncio.create_task(self._accept(self._listen(128)))
        elif not up and (self.open or self._fillers):
            self._hush()

    def set_mode(self, mode: Mode) -> None:
        """Change what happens to new and to established connections."""
        if mode is self.mode:
            return
        self.mode = mode
        self.relays = [each for each in self.relays if not each.over]
        for relay in self.relays:
            relay.freeze(mode is Mode.SWALLOW)

    def cut(self) -> None:
        """The machine behind lost its power: its own ends go, outsiders see nothing until it is back."""
        for relay in self.relays:
            relay.freeze(True)
            inner = relay.ends[1].transport
            if inner:
                drop(inner)

    def close(self) -> None:
        """Take no more connections, drop those there are and give the port back."""
        self._hush()
        if self._socket:
            self._socket.close()
        for relay in self.relays:
            relay.reset()

    def _listen(self, backlog: int) -> socket.socket:
        """Connections that were here before keep the port in use: only with SO_REUSEADDR may it be listened on."""
        assert self._socket is not None
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._socket.listen(backlog)
        self._listening = True
        return self._socket

    def _hush(self) -> None:
        """Refuse, and keep the port."""
        if self._accepting:
            self._accepting.cancel()
            self._accepting = None
        for filler in self._fillers:
            filler.close()
        self._fillers = []
        if self._socket and self._listening:  # one that does not listen would remember the shutdown
            self._socket = silenced(self._socket, self.host, self.port)
            self._listening = False

    def _swallow(self) -> None:
        """Fill the queue of a listener that accepts nobody: the kernel then drops every further knock in silence."""
        self._listen(0)
        for _ in range(300):
            filler = socket.socket()
            filler.settimeout(0.01)
            self._fillers.append(filler)
            if filler.connect_ex((self.host, self.port)) != 0:
                break

    async def _accept(self, listener: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        while True:
            try:
                outer, _ = await loop.sock_accept(listener)
            except OSError as error:
                if error.errno in (errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM, errno.ECONNABORTED):
                    await asyncio.sleep(0.05)
                    continue
                return
            task = asyncio.create_task(self._relay(outer))
            self._joining.add(task)
            task.add_done_callback(self._joining.discard)

    async def _relay(self, outer: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        outer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            _, inner_end = await loop.create_connection(Half, "127.0.0.1", self.inner)
        except OSError:
            outer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_ON_CLOSE)
            outer.close()
            self.settle(up=False)
            return
        _, outer_end = await loop.connect_accepted_socket(Half, outer)
        relay = Relay(outer_end, inner_end)
        self.relays = [*(each for each in self.relays if not each.over), relay]
        if self.mode is Mode.SWALLOW:
            relay.freeze(True)


class Switch:
    """All ports of all nodes."""

    def __init__(self, listeners: Iterable[Port]) -> None:
        self.ports = tuple(listeners)
        self._watching: asyncio.Task[None] | None = None

    def claim(self) -> None:
        """Take all ports; raises `Taken` where somebody else has one."""
        for port in self.ports:
            try:
                port.claim()
            except OSError as error:
                raise Taken(f"{port.host}:{port.port} is taken ({error.strerror}).") from error

    def start(self) -> None:
        """Open every port whose server listens, and keep looking."""
        self.refresh()
        self._watching = asyncio.create_task(self._watch())

    def refresh(self) -> None:
        """Look now which servers listen."""
        up = ports.listening()
        for port in self.ports:
            if up is not None:
                port.settle(port.inner in up or ports.connects(port.inner))
            elif not port.open:
                port.settle(ports.connects(port.inner))

    def set_mode(self, mode: Mode, nodes: Iterable[str] | None = None) -> None:
        """Let everything (of these nodes) pass or vanish."""
        wanted = None if nodes is None else set(nodes)
        for port in self.ports:
            if wanted is None or port.node in wanted:
                port.set_mode(mode)
        self.refresh()

    def cut(self, node: str) -> None:
        """The node lost its power: it answers nothing, and what it was saying stops in the middle."""
        for port in self.ports:
            if port.node == node:
                port.cut()
        self.set_mode(Mode.SWALLOW, [node])

    def swallows(self, node: str) -> bool:
        """Whether packets to this node vanish."""
        return any(port.node == node and port.mode is Mode.SWALLOW for port in self.ports)

    async def close(self) -> None:
        """Close every port."""
        if self._watching:
            self._watching.cancel()
        for port in self.ports:
            port.close()

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(_LOOK)
            self.refresh()
