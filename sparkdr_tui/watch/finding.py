"""What a look at a service needs to know, and what it finds. No network."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from sparkdr_tui.plan.model import State
from sparkdr_tui.text import one_line


@dataclass(frozen=True, slots=True)
class Place:
    """Where to ask, and until when (the loop's clock)."""

    host: str
    port: int
    end: float

    @property
    def left(self) -> float:
        """Seconds until the deadline."""
        return max(0.0, self.end - asyncio.get_running_loop().time())


@dataclass(frozen=True, slots=True)
class Finding:
    """A state, and the fact that makes it so: one short English line."""

    state: State
    detail: str = ""
    denied: bool = False
    """It turned our credentials away."""


UP = Finding(State.UP)


def damaged(detail: str) -> Finding:
    """It answers, but wrong."""
    return Finding(State.DAMAGED, one_line(detail))


def refused(detail: str) -> Finding:
    """It takes nobody now."""
    return Finding(State.REFUSED, one_line(detail))


def unknown(detail: str) -> Finding:
    """It answers, and whether it works cannot be told."""
    return Finding(State.UNKNOWN, one_line(detail))


def denied(detail: str) -> Finding:
    """It answers, and does not accept our credentials."""
    return Finding(State.UNKNOWN, one_line(detail), denied=True)


def is_missing(what: str, names: list[str]) -> str:
    """`table users is missing`, `buckets a, b are missing`."""
    return f"{what} {names[0]} is missing" if len(names) == 1 else f"{what}s {', '.join(names)} are missing"
