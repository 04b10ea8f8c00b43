"""How a person gets a shell on a node: a command line, as a list, with the plan's address, user, key and known hosts.

Starts nothing, and trusts no host that the engine would not trust.
"""

from __future__ import annotations

import os
import shlex
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from sparkdr_tui.errors import SparkdrError
from sparkdr_tui.language import _, current
from sparkdr_tui.plan.model import Node
from sparkdr_tui.plan.runbook import Plan
from sparkdr_tui.reach import ssh
from sparkdr_tui.reach.endpoint import fact, first_accepting
from sparkdr_tui.reach.pool import is_here, target
from sparkdr_tui.reach.shell import Script, Unreachable, posix_text

TIMEOUT = 10.0
"""Seconds to find the address that answers."""
FAILED = 255
"""What ssh itself ends with when it could not log in or lost the connection."""


@dataclass(frozen=True, slots=True)
class Login:
    """What to start for a shell on a node."""

    node: str
    """Its title."""
    where: str
    """`user@address`; empty for this machine."""
    argv: tuple[str, ...]
    env: Mapping[str, str]


async def login(plan: Plan, node_id: str) -> Login:
    """A shell on a node, at its first address that answers; raises `SparkdrError`."""
    node = plan.nodes[node_id]
    title = node.title.within(current())
    if is_here(node):
        return Login(title, "", (os.environ.get("SHELL") or "/bin/sh",), os.environ | _expanded(node.env))
    if shutil.which("ssh") is None:
        raise SparkdrError(_("There is no ssh program on this machine."), _("Install the OpenSSH client."))
    it = target(plan, node)
    try:
        address = (await first_accepting(it.addresses, it.port, TIMEOUT)).host
    except OSError as failure:
        said = _("{node} cannot be reached: {reason}.")
        raise Unreachable(said.format(node=title, reason=fact(failure, it.port))) from failure
    return Login(title, f"{it.user}@{address}", ssh_command(it, address, _remote(node)), os.environ)


def ssh_command(it: ssh.Target, address: str, remote: str) -> tuple[str, ...]:
    """ssh as `reach.ssh` logs in: no configuration of the user's, strict host keys, the plan's key and nothing else."""
    options = {
        "StrictHostKeyChecking": "yes",
        "UserKnownHostsFile": _path(it.known_hosts),
        "GlobalKnownHostsFile": "/dev/null",
        "UpdateHostKeys": "no",
        "PreferredAuthentications": "publickey",
        "ConnectTimeout": f"{TIMEOUT:.0f}",
        "ServerAliveInterval": str(ssh.KEEPALIVE),
        "ServerAliveCountMax": str(ssh.KEEPALIVES),
    }
    if it.key is not None:
        options |= {"IdentityFile": _path(it.key), "IdentitiesOnly": "yes", "IdentityAgent": "none"}
    settings = [word for name, value in options.items() for word in ("-o", f"{name}={value}")]
    named = ("-p", str(it.port), "-l", it.user, "--", address)
    return ("ssh", "-F", "none", *settings, *(("-t",) if remote else ()), *named, *((remote,) if remote else ()))


def _remote(node: Node) -> str:
    """What the node's login shell is told: a shell that finds what the steps find. No secret is among it."""
    if node.os == "windows":
        return ""
    # A login shell of Debian or macOS makes a PATH of its own: the plan's, where it has one, is the one that counts.
    shell = 'exec "${SHELL:-/bin/sh}" ' + ("-i" if "PATH" in node.env else "-l")
    return shlex.join(["exec", "sh", "-c", posix_text(Script(shell, node.env))])


def _expanded(env: Mapping[str, str]) -> dict[str, str]:
    home = str(Path.home())
    return {name: home + value[1:] if value == "~" or value.startswith("~/") else value for name, value in env.items()}


def _path(path: Path) -> str:
    """A path as ssh reads it in an option: blanks in quotes, no `%` and no `${` of its own."""
    text = str(path)
    if '"' in text or "${" in text or not text.isprintable():
        raise SparkdrError(_("ssh cannot be told the path {path}.").format(path=ascii(text)))
    return '"' + text.replace("%", "%%") + '"'
