"""A node for tests: an SSH server in this process that runs real shells, on a port of 127.0.0.1."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path

import asyncssh

from sparkdr_tui.reach.ssh import Target


@dataclass
class SshNode:
    """The server, and what a client needs to know about it."""

    folder: Path
    port: int = 0
    commands: list[str] = field(default_factory=list)
    connections: list[asyncssh.SSHServerConnection] = field(default_factory=list)
    acceptor: asyncssh.SSHAcceptor | None = None
    login_shell: tuple[str, ...] = ("/bin/sh", "-c")

    @property
    def known_hosts(self) -> Path:
        return self.folder / "known_hosts"

    @property
    def key(self) -> Path:
        return self.folder / "user_key"

    def target(self, *addresses: str) -> Target:
        return Target("Mac mini", addresses or ("127.0.0.1",), self.port, "woosun", self.known_hosts, self.key)

    def trust(self, address: str = "127.0.0.1") -> None:
        public = (self.folder / "host_key.pub").read_text().strip()
        with self.known_hosts.open("a") as file:
            file.write(f"[{address}]:{self.port} {public}\n")

    def cut(self) -> None:
        """Drop every connection without a word."""
        for connection in self.connections:
            connection.abort()


class _Server(asyncssh.SSHServer):
    def __init__(self, node: SshNode) -> None:
        self._node = node

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        self._node.connections.append(conn)

    def begin_auth(self, username: str) -> bool:
        return True

    def connection_requested(self, dest_host: str, dest_port: int, orig_host: str, orig_port: int) -> bool:
        return True


def _keys(node: SshNode) -> asyncssh.SSHKey:
    node.folder.mkdir(parents=True, exist_ok=True)
    host_key = asyncssh.generate_private_key("ssh-ed25519")
    host_key.write_public_key(node.folder / "host_key.pub")
    user_key = asyncssh.generate_private_key("ssh-ed25519")
    user_key.write_private_key(node.key)
    node.key.chmod(0o600)  # ssh itself uses no other
    user_key.write_public_key(node.folder / "authorized_keys")
    return host_key


async def _serve(node: SshNode, channel: asyncssh.SSHServerProcess[bytes]) -> None:
    """Run a command in a session of its own, and say how it ended even while a daemon holds its output open."""
    assert channel.command is not None
    node.commands.append(channel.command)
    (out, out_end), (err, err_end) = os.pipe(), os.pipe()
    child = await asyncio.create_subprocess_exec(
        *node.login_shell, channel.command, stdin=-1, stdout=out_end, stderr=err_end, start_new_session=True
    )
    os.close(out_end)
    os.close(err_end)
    feeding = asyncio.create_task(_feed(channel, child))
    pumping = [asyncio.create_task(_pump(end, to)) for end, to in ((out, channel.stdout), (err, channel.stderr))]
    try:
        status = await child.wait()
        await asyncio.wait(pumping, timeout=1)
        channel.exit(status if status >= 0 else 128 - status)
    finally:
        for task in (feeding, *pumping):
            task.cancel()


async def _feed(channel: asyncssh.SSHServerProcess[bytes], child: asyncio.subprocess.Process) -> None:
    assert child.stdin is not None
    try:
        while piece := await channel.stdin.read(65536):
            child.stdin.write(piece)
            await child.stdin.drain()
    except (OSError, asyncssh.Error):
        pass
    finally:
        child.stdin.close()


async def _pump(end: int, to: asyncssh.SSHWriter[bytes]) -> None:
    reader = asyncio.StreamReader()
    transport, _protocol = await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(end, "rb", 0)
    )
    try:
        while piece := await reader.read(65536):
            to.write(piece)
            await to.drain()
    except (OSError, asyncssh.Error):
        pass
    finally:
        transport.close()


@contextlib.asynccontextmanager
async def ssh_node(folder: Path, address: str = "127.0.0.1") -> AsyncIterator[SshNode]:
    """An SSH server whose host key is known and whose user key is `folder/user_key`."""
    node = SshNode(folder)
    host_key = _keys(node)

    node.acceptor = await asyncssh.listen(
        address,
        0,
        server_factory=lambda: _Server(node),
        server_host_keys=[host_key],
        authorized_client_keys=str(folder / "authorized_keys"),
        sftp_factory=True,
        process_factory=lambda channel: _serve(node, channel),
        encoding=None,
    )
    node.port = node.acceptor.get_port()
    node.trust(address)
    try:
        yield node
    finally:
        for connection in node.connections:
            connection.abort()
        node.acceptor.close()
        await node.acceptor.wait_closed()


async def eventually(condition: Callable[[], bool], within: float = 10.0) -> None:
    """Wait until something is true."""
    for _look in range(round(within / 0.02)):
        if condition():
            return
        await asyncio.sleep(0.02)
    assert condition()


def lives(pid: int) -> bool:
    """Whether a process runs (a zombie does not)."""
    with contextlib.suppress(OSError):
        os.kill(pid, 0)
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    return False


def end(pid: int) -> None:
    """End a process for good."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
