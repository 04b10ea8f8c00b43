"""How grave what was looked at is, from the best to the worst. No behaviour beside that order."""

from __future__ import annotations

from typing import Literal

Level = Literal["ok", "unknown", "warn", "stop"]
"""In order; cannot be known now; would be better otherwise; in the way."""
GRAVITY: tuple[Level, ...] = ("ok", "unknown", "warn", "stop")


def gravest(first: Level, second: Level) -> Level:
    """The worse one of two."""
    return max(first, second, key=GRAVITY.index)
