"""A node for tests: an SSH server in this process that runs real shells, on a port of 127.0.0.1."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import subprocess
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
    user_key.write_public_key(node.folder / "authorized_keys")
    return host_key


def _spawn(command: list[str]) -> subprocess.Popen[bytes]:
    """With pipes of its own: asyncio's `wait` waits for the pipes too, which a daemon may hold open."""
    pipe = subprocess.PIPE
    return subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, start_new_session=True)


@contextlib.asynccontextmanager
async def ssh_node(folder: Path, address: str = "127.0.0.1") -> AsyncIterator[SshNode]:
    """An SSH server whose host key is known and whose user key is `folder/user_key`."""
    node = SshNode(folder)
    host_key = _keys(node)

    async def process(channel: asyncssh.SSHServerProcess[bytes]) -> None:
        assert channel.command is not None
        node.commands.append(channel.command)
        child = _spawn([*node.login_shell, channel.command])
        try:
            await channel.redirect(stdin=child.stdin, stdout=child.stdout, stderr=child.stderr, send_eof=False)
            status = await asyncio.to_thread(child.wait)
            with contextlib.suppress(TimeoutError):  # a daemon may hold the output open
                async with asyncio.timeout(1):
                    await channel.stdout.drain()
            channel.exit(status if status >= 0 else 128 - status)
        finally:
            await channel.wait_closed()

    node.acceptor = await asyncssh.listen(
        address,
        0,
        server_factory=lambda: _Server(node),
        server_host_keys=[host_key],
        authorized_client_keys=str(folder / "authorized_keys"),
        process_factory=process,
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
