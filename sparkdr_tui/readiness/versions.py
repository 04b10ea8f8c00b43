"""The versions that programs tell, as numbers, and whether a client fits its server. Pure functions."""

from __future__ import annotations

import re

_NUMBERS = re.compile(r"(?:^|[\s=(v])(\d+(?:\.\d+)*)")


def version(said: str) -> tuple[int, ...]:
    """The first version in what a program says: `psql (PostgreSQL) 15.10 (Homebrew)`, `Redis server v=7.2.4 sha=…`."""
    found = _NUMBERS.search(said)
    return tuple(int(each) for each in found[1].split(".")[:4]) if found else ()


def shown(numbers: tuple[int, ...]) -> str:
    """As people write it."""
    return ".".join(map(str, numbers))
