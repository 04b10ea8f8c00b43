"""A node over SSH: one connection, strict about host keys, on which scripts, forwards and their endings travel."""

from __future__ import annotations

import asyncio
import re
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import asyncssh

from sparkdr_tui.language import _
from sparkdr_tui.reach import bash, powershell
from sparkdr_tui.reach.channel import Channel, SshProcess
from sparkdr_tui.reach.dialect import Dialect
from sparkdr_tui.reach.files import Files, SftpFiles
from sparkdr_tui.reach.following import run_to_end
from sparkdr_tui.reach.shell import CHANGED_KEY, UNKNOWN_KEY, Process, Result, Script, Unreachable
from sparkdr_tui.text import one_line

DEADLINE = 10.0
"""Seconds to reach a node, over all its addresses."""
KEEPALIVE, KEEPALIVES = 5, 3
"""A connection that leaves so many keepalives, so many seconds apart, unanswered is lost."""
WINDOW = 16 * 1024 * 1024

_PAUSES = (0.2, 0.5, 1.0)
"""Seconds between attempts to log in at a server that hangs up."""
_REFUSED = re.compile(r"refused|errno (111|61|10061)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Target:
    """How to log in to a node."""

    name: str
    addresses: tuple[str, ...]
    port: int
    user: str
    known_hosts: Path
    key: Path | None = None
    windows: bool = False


async def connect(target: Target, deadline: float = DEADLINE) -> SshShell:
    """Log in to a node; its addresses are tried in order, each with its share of `deadline` seconds.

    Raises `Unreachable`, whose hint says what to do.
    """
    loop = asyncio.get_running_loop()
    end = loop.time() + deadline
    failures: list[Unreachable] = []
    for at, address in enumerate(target.addresses):
        share = max(0.5, (end - loop.time()) / (len(target.addresses) - at))
        try:
            return SshShell(target, await _log_in(target, address, share))
        except Unreachable as failure:
            failures.append(failure)
    raise _summed_up(failures)


async def _log_in(target: Target, address: str, share: float) -> asyncssh.SSHClientConnection:
    """Log in at one address; a busy server that hangs up on newcomers (MaxStartups) is asked again."""
    loop = asyncio.get_running_loop()
    end = loop.time() + share
    for pause in _PAUSES:
        try:
            return await _Login(target, address).connect(end - loop.time())
        except _HungUp:
            if loop.time() + pause >= end:
                raise
            await asyncio.sleep(pause)
    return await _Login(target, address).connect(end - loop.time())


class SshShell:
    """A node, logged in to; lives as long as its connection."""

    def __init__(self, target: Target, connection: asyncssh.SSHClientConnection) -> None:
        self._target = target
        self._connection = connection
        self._dialect: Dialect = powershell if target.windows else bash
        self._forwards: dict[tuple[str, int], asyncssh.SSHListener] = {}
        self._forwarding = asyncio.Lock()
        self._sftp: asyncssh.SFTPClient | None = None

    @property
    def closed(self) -> bool:
        """Whether the connection is gone."""
        return self._connection.is_closed()

    async def start(self, script: Script) -> Process:
        """Start a script in a process group of its own; it is sent only once the node says that it is ready."""
        marker = secrets.token_hex(8)
        text = self._dialect.stdin(script, marker)
        channel: Channel | None = None
        try:
            async with asyncio.timeout(DEADLINE):
                _chan, session = await self._connection.create_session(
                    Channel, self._dialect.command(marker), encoding=None, window=WINDOW
                )
                channel = cast(Channel, session)
                group = await channel.announced(marker)
        except TimeoutError:
            if channel is not None:
                channel.close()
            raise self._unable(_("it did not say that it was ready")) from None
        except (asyncssh.Error, OSError) as error:
            raise self._unable(str(error)) from error
        if group is None:
            said = one_line(channel.said().decode(errors="replace"))
            channel.close()
            raise self._unable(said or _("the connection ended"))
        channel.feed(text)
        return SshProcess(self, self._dialect, channel, group)

    async def run(self, script: Script, timeout: float, limit: int = 1 << 20) -> Result:
        """Run a short script to its end; raises `SparkdrError` after `timeout` seconds, having ended it."""
        return await run_to_end(await self.start(script), timeout, limit)

    async def forward(self, host: str, port: int) -> tuple[str, int]:
        """A port of 127.0.0.1 that reaches `host:port` as seen from the node, for as long as the connection lives."""
        async with self._forwarding:
            listener = self._forwards.get((host, port))
            if listener is None:
                try:
                    listener = await self._connection.forward_local_port("127.0.0.1", 0, host, port)
                except (asyncssh.Error, OSError) as error:
                    raise self._unable(str(error)) from error
                self._forwards[host, port] = listener
            return "127.0.0.1", listener.get_port()

    async def dial(self, host: str, port: int) -> None:
        """Connect to `host:port` as seen from the node, and hang up; raises `OSError`."""
        try:
            _reading, writer = await self._connection.open_connection(host, port, encoding=None)
        except asyncssh.ChannelOpenError as error:
            reason = one_line(error.reason)
            if _REFUSED.search(reason):
                raise ConnectionRefusedError(reason) from error
            raise OSError(_not_connected(error, reason)) from error
        except asyncssh.Error as error:
            raise OSError(one_line(str(error))) from error
        writer.close()

    async def files(self) -> Files:
        """The node's files, over SFTP."""
        try:
            if self._sftp is None:  # names that are no UTF-8 too: one of them must not hide the others
                self._sftp = await self._connection.start_sftp_client(path_errors="surrogateescape")
        except (asyncssh.Error, OSError) as error:
            raise self._unable(str(error)) from error
        return SftpFiles(self._sftp)

    async def close(self) -> None:
        """Close the connection and every forward on it."""
        self._connection.close()
        try:
            async with asyncio.timeout(2.0):
                await self._connection.wait_closed()
        except TimeoutError:
            self._connection.abort()

    def _unable(self, reason: str) -> Unreachable:
        return Unreachable(
            _("{node} does not run a script: {reason}.").format(node=self._target.name, reason=one_line(reason))
        )


class _HungUp(Unreachable):
    """The server closed the connection before it let us in or turned us away."""


class _Login(asyncssh.SSHClient):
    """One attempt to log in at one address; remembers the host key it was shown."""

    def __init__(self, target: Target, address: str) -> None:
        self._target = target
        self._address = address
        self._shown: asyncssh.SSHKey | None = None

    async def connect(self, timeout: float) -> asyncssh.SSHClientConnection:
        """Log in within `timeout` seconds; raises `Unreachable`."""
        target, place = self._target, {"node": self._target.name, "address": self._address}
        known = self._known_hosts()
        try:
            async with asyncio.timeout(timeout):
                return await asyncssh.connect(
                    self._address,
                    target.port,
                    client_factory=lambda: self,
                    config=None,
                    known_hosts=known,
                    username=target.user,
                    password=None,
                    preferred_auth="publickey",
                    keepalive_interval=KEEPALIVE,
                    keepalive_count_max=KEEPALIVES,
                    **self._keys(),
                )
        except TimeoutError:
            said = _("{node} ({address}) did not answer within {seconds:.0f} s.")
            raise Unreachable(said.format(seconds=timeout, **place), reason="no answer") from None
        except (asyncssh.HostKeyNotVerifiable, asyncssh.KeyExchangeFailed) as error:
            raise self._untrusted(known, str(error)) from error
        except asyncssh.PermissionDenied as error:
            raise self._not_let_in() from error
        except ConnectionRefusedError as error:
            said = _("{node} ({address}) refuses connections to its SSH port {port}.")
            raise Unreachable(said.format(port=target.port, **place), reason="refuses connections") from error
        except (asyncssh.ConnectionLost, ConnectionResetError) as error:
            said = _("{node} ({address}) hung up during the login.")
            raise _HungUp(said.format(**place), reason="hangs up during the login") from error
        except (asyncssh.Error, OSError) as error:
            reason = one_line(getattr(error, "strerror", None) or str(error)).rstrip(".")
            said = _("{node} ({address}) cannot be reached: {reason}.")
            raise Unreachable(said.format(reason=reason, **place), reason=reason) from error

    def validate_host_public_key(self, host: str, addr: str, port: int, key: asyncssh.SSHKey) -> bool:
        """Trust no key that known_hosts does not list, but remember it for the message."""
        self._shown = key
        return False

    def _known_hosts(self) -> asyncssh.SSHKnownHosts:
        path = self._target.known_hosts
        try:
            return asyncssh.read_known_hosts(str(path))
        except FileNotFoundError:
            return asyncssh.SSHKnownHosts()
        except (OSError, ValueError) as error:
            raise Unreachable(
                _("{path} cannot be read: {reason}.").format(path=path, reason=one_line(str(error)))
            ) from error

    def _keys(self) -> dict[str, object]:
        """The plan's key and nothing else; without one, the agent and the user's default keys."""
        path = self._target.key
        if path is None:
            return {}
        try:
            return {"client_keys": [asyncssh.read_private_key(path)], "agent_path": None}
        except (OSError, asyncssh.KeyImportError, asyncssh.KeyEncryptionError) as error:
            reason = one_line(getattr(error, "strerror", None) or str(error))
            if "passphrase" in reason.lower():
                hint = _("Add it to the SSH agent (ssh-add {path}) and leave `key:` out of the plan.").format(path=path)
                raise Unreachable(_("The key {path} has a passphrase.").format(path=path), hint) from error
            raise Unreachable(
                _("The key {path} cannot be used: {reason}.").format(path=path, reason=reason),
                _("The plan names it for {node} under `ssh: key:`.").format(node=self._target.name),
            ) from error

    def _untrusted(self, known: asyncssh.SSHKnownHosts, reason: str) -> Unreachable:
        target = self._target
        trusted = known.match(self._address, "", None if target.port == 22 else target.port)[0]
        if self._shown is None and not trusted:
            said = _("{node} ({address}) and this program found no common way to talk: {reason}.")
            said = said.format(node=target.name, address=self._address, reason=one_line(reason))
            return Unreachable(said, reason="no common way to talk")
        scan = f"ssh-keyscan -p {target.port} {self._address} >> {target.known_hosts}"
        shown = self._shown.get_fingerprint() if self._shown else _("of another type")
        if trusted:
            entry = self._address if target.port == 22 else f"[{self._address}]:{target.port}"
            forget = f"ssh-keygen -f {target.known_hosts} -R '{entry}'"
            return Unreachable(
                _("{node} ({address}) shows another host key than the one that is known.").format(
                    node=target.name, address=self._address
                ),
                _(
                    "Its key is {shown}. If the machine was really replaced or installed anew, compare the "
                    "fingerprint on the machine itself, then: {forget} && {scan}"
                ).format(shown=shown, forget=forget, scan=scan),
                reason=CHANGED_KEY,
            )
        return Unreachable(
            _("The host key of {node} ({address}) is not known.").format(node=target.name, address=self._address),
            _("Its key is {shown}. Compare the fingerprint on the machine itself, then: {scan}").format(
                shown=shown, scan=scan
            ),
            reason=UNKNOWN_KEY,
        )

    def _not_let_in(self) -> Unreachable:
        target = self._target
        tried = (
            _("Tried the key {path}.").format(path=target.key)
            if target.key
            else _("Tried the SSH agent and the keys in ~/.ssh.")
        )
        which = f"-i {target.key} " if target.key else ""
        command = f"ssh-copy-id {which}-p {target.port} {target.user}@{self._address}"
        copying = _("With a password there, {command} makes it let you in.").format(command=command)
        return Unreachable(
            _("{node} ({address}) does not let {user} in.").format(
                node=target.name, address=self._address, user=target.user
            ),
            tried if target.windows else f"{tried} {copying}",
            reason=f"does not let {target.user} in",
        )


def _summed_up(failures: list[Unreachable]) -> Unreachable:
    """One failure for several addresses: the one somebody can act on first, the others after it."""
    if len(failures) == 1:
        return failures[0]
    first = next((failure for failure in failures if failure.hint), failures[0])
    others = [failure.message for failure in failures if failure is not first]
    return Unreachable(first.message, "\n".join(filter(None, [first.hint, *others])), first.reason)


def _not_connected(error: asyncssh.ChannelOpenError, reason: str) -> str:
    if error.code == asyncssh.OPEN_ADMINISTRATIVELY_PROHIBITED:
        return "the node's SSH server allows no forwarding"
    return reason or "no connection"
