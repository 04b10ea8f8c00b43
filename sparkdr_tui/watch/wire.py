"""Bytes to and from a service until a deadline: connections that are always closed, and one HTTP request.

A deadline that passes raises `TimeoutError`; a connection closed in the middle raises `ConnectionError`.
"""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass

from sparkdr_tui.watch.finding import Place

_HEAD = 64 * 1024


@dataclass(frozen=True, slots=True)
class Answer:
    """What an HTTP server answered; names of headers are small, the body is at most what was asked for."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Nonsense(ConnectionError):
    """What came is not in the protocol's language."""


@contextlib.asynccontextmanager
async def connected(
    place: Place, tls: ssl.SSLContext | None = None
) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """A connection that lives until the block or the deadline ends."""
    async with asyncio.timeout_at(place.end):
        reader, writer = await asyncio.open_connection(place.host, place.port, ssl=tls, limit=_HEAD)
        try:
            yield reader, writer
        except asyncio.IncompleteReadError as failure:
            raise ConnectionResetError("closed the connection without a whole answer") from failure
        finally:
            writer.transport.abort()


async def get(
    place: Place, target: str, headers: Mapping[str, str], limit: int, tls: ssl.SSLContext | None = None
) -> Answer:
    """GET `target`; keeps at most `limit` bytes of the body."""
    lines = [f"GET {target} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items()), "Connection: close"]
    async with connected(place, tls) as (reader, writer):
        writer.write("\r\n".join([*lines, "", ""]).encode())
        status, found = await _head(reader)
        return Answer(status, found, await _body(reader, found, limit))


async def _head(reader: asyncio.StreamReader) -> tuple[int, dict[str, str]]:
    try:
        first, *rest = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    except asyncio.LimitOverrunError as failure:
        raise Nonsense("does not speak HTTP") from failure
    except asyncio.IncompleteReadError as failure:
        if failure.partial:
            raise Nonsense("does not speak HTTP") from failure
        raise
    version, _space, status = first.partition(" ")
    if not version.startswith("HTTP/") or not status[:3].isdigit():
        raise Nonsense("does not speak HTTP")
    pairs = (line.partition(":") for line in rest if ":" in line)
    return int(status[:3]), {name.strip().lower(): value.strip() for name, _colon, value in pairs}


async def _body(reader: asyncio.StreamReader, headers: Mapping[str, str], limit: int) -> bytes:
    length = headers.get("content-length", "")
    if length.isdigit():
        return await reader.readexactly(min(int(length), limit))
    if "chunked" in headers.get("transfer-encoding", "").lower():
        return await _chunks(reader, limit)
    body = b""
    while len(body) < limit and (piece := await reader.read(limit - len(body))):
        body += piece
    return body


async def _chunks(reader: asyncio.StreamReader, limit: int) -> bytes:
    body = b""
    while len(body) < limit:
        try:
            size = int((await reader.readuntil(b"\r\n")).split(b";")[0], 16)
        except (ValueError, asyncio.LimitOverrunError) as failure:
            raise Nonsense("does not speak HTTP") from failure
        if not size:
            break
        body += await reader.readexactly(min(size, limit))
        if size > limit:
            break
        await reader.readexactly(2)
    return body[:limit]
