"""What every way to a node offers: run a script there, get bytes back, end it. Knows no plan and no run."""

from __future__ import annotations

import shlex
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from sparkdr_tui.errors import SparkdrError
from sparkdr_tui.reach.files import Files

CHANGED_KEY = "shows another host key than the one that is known"
UNKNOWN_KEY = "its host key is not known"
"""Reasons of an `Unreachable` that is about who the node is."""


class Unreachable(SparkdrError):
    """The node cannot be reached or does not let us in; nothing was started.

    Args:
        reason: the bare fact, short and in English, for readings and records.
    """

    def __init__(self, message: str, hint: str = "", reason: str = "") -> None:
        super().__init__(message, hint)
        self.reason = reason or message


class ConnectionLost(SparkdrError):
    """The connection went away while a script ran: whether it still runs is not known."""


@dataclass(frozen=True, slots=True)
class Script:
    """A script as its author wrote it, and the environment it finds; values are never pasted into the text."""

    text: str
    env: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Result:
    """What a short script said: exit status, and stdout and stderr together (bytes, at most `Shell.run`'s limit)."""

    status: int
    output: bytes

    @property
    def text(self) -> str:
        """The output as text, undecodable bytes replaced; not yet sanitised."""
        return self.output.decode(errors="replace")


class Process(Protocol):
    """A script that was started on a node."""

    def chunks(self) -> AsyncIterator[bytes]:
        """Its stdout and stderr, together, as they come; raises `ConnectionLost`."""
        ...

    async def wait(self) -> int:
        """Its exit status (128 + n when signal n ended it); raises `ConnectionLost`."""
        ...

    async def cancel(self, grace: float = 5.0) -> bool:
        """End its whole process group, first kindly, after `grace` seconds for good; True when nothing is left."""
        ...


class Shell(Protocol):
    """One node, reached."""

    async def start(self, script: Script) -> Process:
        """Start a script in a process group of its own."""
        ...

    async def run(self, script: Script, timeout: float, limit: int = 1 << 20) -> Result:
        """Run a short script to its end; raises `SparkdrError` after `timeout` seconds, having ended it."""
        ...

    async def forward(self, host: str, port: int) -> tuple[str, int]:
        """An address on this machine that reaches `host:port` as seen from the node."""
        ...

    async def dial(self, host: str, port: int) -> None:
        """Connect to `host:port` as seen from the node and hang up; raises `ConnectionRefusedError` or `OSError`."""
        ...

    async def files(self) -> Files:
        """The node's files."""
        ...

    async def close(self) -> None:
        """Let go of the node."""
        ...


def posix_text(script: Script) -> str:
    """The script as bash reads it: its environment exported first, then the author's text, untouched.

    A value that begins with `~/` means the node's home, which only the node knows.
    """
    lines = [f"export {name}={_quoted(value)}" for name, value in script.env.items()]
    return "\n".join([*lines, script.text])


def _quoted(value: str) -> str:
    if value == "~" or value.startswith("~/"):
        return f'"$HOME"{shlex.quote(value[1:])}' if value[1:] else '"$HOME"'
    return shlex.quote(value)
