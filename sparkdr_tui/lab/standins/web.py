"""A tiny HTTP/1.1 server for the stand-ins: one request per connection, nothing but the standard library."""

from __future__ import annotations

import asyncio
import contextlib
import json
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import Any

_READ_DEADLINE = 10.0
_BODY_LIMIT = 1 << 20
_REASONS = {
    200: "OK", 400: "Bad Request", 403: "Forbidden", 404: "Not Found", 405: "Method Not Allowed",
    500: "Internal Server Error", 503: "Service Unavailable",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Request:
    """What a client asked for; `path` is without the query."""

    client: str
    method: str
    path: str
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Answer:
    """What it gets; a body that comes bit by bit is sent bit by bit."""

    status: int
    body: bytes | AsyncIterator[bytes]
    kind: str = "application/json"

    @property
    def reason(self) -> str:
        """The words beside the status."""
        return _REASONS.get(self.status, "Unknown")


Handler = Callable[[Request], Awaitable[Answer]]
Logged = Callable[[Request, Answer], None]


def json_answer(value: Any, status: int = 200) -> Answer:
    """A JSON document."""
    return Answer(status, json.dumps(value, ensure_ascii=False).encode())


def not_found() -> Answer:
    """What FastAPI says for a path it does not know."""
    return json_answer({"detail": "Not Found"}, 404)


async def serve(host: str, port: int, handle: Handler, logged: Logged, ready: Callable[[], None]) -> None:
    """Listen, call `ready`, and answer until SIGTERM or SIGINT; raises OSError when the port cannot be had."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(_READ_DEADLINE):
                request = await _read(reader, writer)
            if request is not None:
                answer = await handle(request)
                logged(request, answer)
                await _write(writer, request, answer)
        except (OSError, EOFError, ValueError, TimeoutError, asyncio.LimitOverrunError):
            pass  # the client went away or speaks no HTTP: nothing to answer
        finally:
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()

    server = await asyncio.start_server(connected, host, port)
    ready()
    await stop.wait()
    server.close()


async def _read(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> Request | None:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    first, *lines = head.split("\r\n")
    method, target, *_ = first.split(" ")
    headers = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    length = int(headers.get("content-length") or 0)
    if not 0 <= length <= _BODY_LIMIT:
        return None
    body = await reader.readexactly(length) if length else b""
    address = writer.get_extra_info("peername") or ("-", 0)
    return Request(f"{address[0]}:{address[1]}", method, target.partition("?")[0], body)


async def _write(writer: asyncio.StreamWriter, request: Request, answer: Answer) -> None:
    body = answer.body
    head = f"HTTP/1.1 {answer.status} {answer.reason}\r\ncontent-type: {answer.kind}\r\nconnection: close\r\n"
    if isinstance(body, bytes):
        writer.write(f"{head}content-length: {len(body)}\r\n\r\n".encode())
        writer.write(b"" if request.method == "HEAD" else body)
    else:
        writer.write(f"{head}\r\n".encode())
        async for part in body:
            writer.write(part)
            await writer.drain()
    await writer.drain()
