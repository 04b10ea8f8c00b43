"""Looking at Redis: AUTH and PING by hand (its language is lines of text), and how many keys it holds."""

from __future__ import annotations

import asyncio
import re

from sparkdr_tui.plan.model import RedisProbe
from sparkdr_tui.watch.finding import UP, Finding, Place, damaged, denied, refused, unknown
from sparkdr_tui.watch.wire import Nonsense, connected

_KEYS = re.compile(rb"^db\d+:keys=(\d+)", re.MULTILINE)
_REFUSALS = {
    "LOADING": unknown("is still loading its data"),
    "NOAUTH": denied("asks for a password"),
    "WRONGPASS": denied("does not accept the password"),
    "DENIED": unknown("takes no clients from outside (protected mode)"),
    "MASTERDOWN": damaged("has lost its master"),
}


async def look(probe: RedisProbe, place: Place, password: str | None) -> Finding:
    """Whether it answers PING, and holds as many keys as it should."""
    async with connected(place) as (reader, writer):
        if password is not None:
            answer = await _ask(reader, writer, b"AUTH", password.encode())
            if answer.startswith(b"-") and b"no password" not in answer:
                return _refusal(answer)
        answer = await _ask(reader, writer, b"PING")
        if answer != b"+PONG":
            return _refusal(answer)
        if not probe.min_keys:
            return UP
        answer = await _ask(reader, writer, b"INFO", b"keyspace")
        if answer.startswith(b"-"):
            return _refusal(answer)
        keys = sum(int(count) for count in _KEYS.findall(answer))
        return UP if keys >= probe.min_keys else damaged(f"holds {keys} keys, at least {probe.min_keys} expected")


async def greet(place: Place) -> Finding:
    """What can be known without the password: whether anything answers."""
    async with connected(place) as (reader, writer):
        answer = await _ask(reader, writer, b"PING")
        finding = UP if answer == b"+PONG" else _refusal(answer)
        return unknown("answers; not looked into without credentials") if finding == UP else finding


async def _ask(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *words: bytes) -> bytes:
    """A simple string or error as it came, a bulk string as its bytes."""
    writer.write(b"*%d\r\n" % len(words) + b"".join(b"$%d\r\n%s\r\n" % (len(word), word) for word in words))
    try:
        line = (await reader.readuntil(b"\r\n"))[:-2]
    except asyncio.LimitOverrunError as failure:
        raise Nonsense("does not speak Redis") from failure
    if line.startswith(b"$") and line[1:].isdigit():
        return (await reader.readexactly(int(line[1:]) + 2))[:-2]
    if line[:1] not in (b"+", b"-"):
        raise Nonsense("does not speak Redis")
    return line


def _refusal(answer: bytes) -> Finding:
    said = answer.decode(errors="replace").removeprefix("-")
    code = said.partition(" ")[0]
    if "max number of clients" in said:
        return refused("too many clients are connected")
    if "invalid password" in said:  # before Redis 6
        return _REFUSALS["WRONGPASS"]
    return _REFUSALS.get(code) or damaged(f"PING answers {said}")
