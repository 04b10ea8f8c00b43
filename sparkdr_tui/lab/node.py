"""A node's SSH server and shells: real bash in the node's own folder, with an environment as bare as OpenSSH's."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import logging
import os
import pty
import signal
import struct
import termios
from collections.abc import Callable, Mapping
from typing import Any

import asyncssh

from sparkdr_tui.lab.layout import Inventory, LabNode
from sparkdr_tui.lab.processes import MARK, NODE_MARK

log = logging.getLogger(__name__)

_CHUNK = 1 << 16
_SHELL = "/bin/bash"
Spawn = Callable[..., Any]
_LOCAL = {"localhost", "127.0.0.1", "::1", ""}


def environment(inventory: Inventory, node: str) -> dict[str, str]:
    """What a command finds that comes over SSH: no Homebrew in PATH, as on a real Mac (E32)."""
    layout, it = inventory.layout, inventory.nodes[node]
    return {
        "HOME": it.home,
        "USER": it.user,
        "LOGNAME": it.user,
        "SHELL": _SHELL,
        "LANG": "C.UTF-8",
        "TMPDIR": str(layout.temporary),
        "PATH": f"{it.home}/bin:{layout.system}",
        MARK: inventory.id,
        NODE_MARK: node,
        "SPARKDR_LAB_DIR": inventory.folder,
        "SPARKDR_LAB_DOOR": f"127.0.0.1:{inventory.door}",
        "SPARKDR_LAB_TOKEN": it.token,
    }


class NodeServer:
    """The SSH server of one node; it can lose its power and get it back."""

    def __init__(self, inventory: Inventory, node: str, spawn: Spawn, authorized: str) -> None:
        self.node: LabNode = inventory.nodes[node]
        self.inventory = inventory
        self.spawn = spawn
        self._authorized = authorized
        self._acceptor: asyncssh.SSHAcceptor | None = None
        self.connections: set[asyncssh.SSHServerConnection] = set()

    @property
    def powered(self) -> bool:
        """Whether it takes connections."""
        return self._acceptor is not None

    async def start(self) -> None:
        """Take connections behind the switch."""
        if self._acceptor is not None:
            return
        self._acceptor = await asyncssh.listen(
            "127.0.0.1",
            self.node.ssh_inner,
            reuse_address=True,
            server_factory=lambda: _Login(self),
            server_host_keys=[str(self.inventory.layout.keys / self.node.id)],
            authorized_client_keys=asyncssh.import_authorized_keys(self._authorized),
            process_factory=self._serve,
            sftp_factory=lambda channel: _Files(channel, self.node.home),
            encoding=None,
            password_auth=False,
            kbdint_auth=False,
            gss_host=None,
            login_timeout=60,
            line_editor=False,
            server_version="OpenSSH_9.8_lab",
        )

    def stop(self) -> None:
        """Take none, and drop those there are."""
        if self._acceptor is not None:
            self._acceptor.close()
            self._acceptor = None
        for connection in list(self.connections):
            connection.abort()
        self.connections.clear()

    def local_port(self, port: int) -> int:
        """Where on 127.0.0.1 a port of this node's own loopback is: the plan's ports are translated."""
        for service in self.inventory.on(self.node.id).values():
            if port in (service.plan_port, service.port):
                return service.inner
        return port

    async def _serve(self, process: asyncssh.SSHServerProcess[bytes]) -> None:
        """One `exec` or `shell` request."""
        try:
            if process.term_type:
                await self._with_terminal(process)
            else:
                await self._with_pipes(process)
        except (OSError, asyncssh.Error) as error:
            log.info("%s: a shell lost its client: %s", self.node.id, error)
            with contextlib.suppress(OSError, asyncssh.Error):
                process.exit(255)

    def _command(self, process: asyncssh.SSHServerProcess[bytes]) -> list[str]:
        return [_SHELL, "-c", process.command] if process.command is not None else [_SHELL, "-l"]

    def _environment(self, process: asyncssh.SSHServerProcess[bytes]) -> dict[str, str]:
        sent = {name: value for name, value in _text(process.env).items() if name == "LANG" or name.startswith("LC_")}
        return environment(self.inventory, self.node.id) | sent

    async def _with_pipes(self, process: asyncssh.SSHServerProcess[bytes]) -> None:
        pipe = asyncio.subprocess.PIPE
        child = await self.spawn(
            *self._command(process),
            stdin=pipe,
            stdout=pipe,
            stderr=pipe,
            cwd=self.node.home,
            env=self._environment(process),
            start_new_session=True,
            limit=4 * _CHUNK,
        )
        feeding = asyncio.create_task(_feed(process, child))
        try:
            await asyncio.gather(_drain(child.stdout, process.stdout), _drain(child.stderr, process.stderr))
            status = await child.wait()
        finally:
            feeding.cancel()
        _say_status(process, status)

    async def _with_terminal(self, process: asyncssh.SSHServerProcess[bytes]) -> None:
        master, slave = pty.openpty()
        _resize(master, *process.term_size)

        def take_terminal() -> None:
            fcntl.ioctl(0, termios.TIOCSCTTY, 0)

        try:
            child = await self.spawn(
                *self._command(process),
                stdin=slave,
                stdout=slave,
                stderr=slave,
                cwd=self.node.home,
                env=self._environment(process) | {"TERM": process.term_type or "xterm"},
                start_new_session=True,
                preexec_fn=take_terminal,
            )
        finally:
            os.close(slave)
        feeding = asyncio.create_task(_feed_terminal(process, child, master))
        try:
            await _drain_terminal(master, process)
            status = await child.wait()
        finally:
            feeding.cancel()
            os.close(master)
            _signal(child, signal.SIGHUP)
        _say_status(process, status)


class _Login(asyncssh.SSHServer):
    """Who may come in, and what may be forwarded."""

    def __init__(self, owner: NodeServer) -> None:
        self._owner = owner
        self._connection: asyncssh.SSHServerConnection | None = None

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        self._connection = conn
        self._owner.connections.add(conn)

    def connection_lost(self, exc: Exception | None) -> None:
        if self._connection:
            self._owner.connections.discard(self._connection)

    def begin_auth(self, username: str) -> bool:
        return True

    def connection_requested(self, dest_host: str, dest_port: int, orig_host: str, orig_port: int) -> Any:
        """Only this node's own loopback."""
        own = dest_host in _LOCAL or dest_host == self._owner.node.address
        if not own or self._connection is None:
            raise asyncssh.ChannelOpenError(asyncssh.OPEN_ADMINISTRATIVELY_PROHIBITED, "only to this node's loopback")
        return self._connection.forward_connection("127.0.0.1", self._owner.local_port(dest_port))


class _Files(asyncssh.SFTPServer):
    """SFTP that starts in the node's home."""

    def __init__(self, channel: asyncssh.SSHServerChannel[bytes], home: str) -> None:
        super().__init__(channel)
        self._home = home.encode()

    def map_path(self, path: bytes) -> bytes:
        return os.path.join(self._home, path)  # noqa: PTH118 - bytes, as SFTP has them

    def realpath(self, path: bytes) -> bytes:
        return os.path.realpath(self.map_path(path))


def _text(env: Mapping[Any, Any]) -> dict[str, str]:
    """What the client sent, as text."""
    return {_decoded(name): _decoded(value) for name, value in env.items()}


def _decoded(value: Any) -> str:
    return value.decode(errors="replace") if isinstance(value, bytes) else str(value)


async def _drain(source: asyncio.StreamReader, target: asyncssh.SSHWriter[bytes]) -> None:
    """Carry output to the client; when the client is gone, the reader closes and the script gets SIGPIPE."""
    while chunk := await source.read(_CHUNK):
        target.write(chunk)
        await target.drain()


async def _feed(process: asyncssh.SSHServerProcess[bytes], child: asyncio.subprocess.Process) -> None:
    """Carry input and signals to the script."""
    stdin = child.stdin
    assert stdin is not None
    while True:
        try:
            chunk = await process.stdin.read(_CHUNK)
            if not chunk:
                stdin.close()
                return
            stdin.write(chunk)
            await stdin.drain()
        except (BrokenPipeError, ConnectionResetError):
            return
        except asyncssh.SignalReceived as sent:
            _signal(child, getattr(signal, f"SIG{sent.signal}", signal.SIGTERM))
        except (asyncssh.TerminalSizeChanged, asyncssh.BreakReceived):
            continue


async def _feed_terminal(
    process: asyncssh.SSHServerProcess[bytes], child: asyncio.subprocess.Process, master: int
) -> None:
    while True:
        try:
            chunk = await process.stdin.read(_CHUNK)
            if not chunk:
                return
            os.write(master, chunk)
        except asyncssh.TerminalSizeChanged as size:
            _resize(master, size.width, size.height, size.pixwidth, size.pixheight)
        except asyncssh.SignalReceived as sent:
            _signal(child, getattr(signal, f"SIG{sent.signal}", signal.SIGTERM))
        except asyncssh.BreakReceived:
            continue
        except OSError:
            return


async def _drain_terminal(master: int, process: asyncssh.SSHServerProcess[bytes]) -> None:
    """Read the terminal until its last program is gone (Linux then says EIO) or the client is."""
    loop = asyncio.get_running_loop()
    os.set_blocking(master, False)
    something = asyncio.Event()
    leaving = asyncio.create_task(process.wait_closed())
    leaving.add_done_callback(lambda _: something.set())
    loop.add_reader(master, something.set)
    try:
        while not leaving.done():
            await something.wait()
            something.clear()
            try:
                chunk = os.read(master, _CHUNK)
            except BlockingIOError:
                continue
            except OSError:
                return
            if not chunk:
                return
            process.stdout.write(chunk)
            await process.stdout.drain()
    finally:
        loop.remove_reader(master)
        leaving.cancel()


def _resize(terminal: int, width: int, height: int, pixels_wide: int = 0, pixels_high: int = 0) -> None:
    with contextlib.suppress(OSError):
        fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", height, width, pixels_wide, pixels_high))


def _signal(child: asyncio.subprocess.Process, sign: int) -> None:
    """To the whole process group, as OpenSSH does."""
    if child.returncode is None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(child.pid, sign)


def _say_status(process: asyncssh.SSHServerProcess[bytes], status: int) -> None:
    if status >= 0:
        process.exit(status)
        return
    name = signal.Signals(-status).name.removeprefix("SIG")
    process.exit_with_signal(name)
