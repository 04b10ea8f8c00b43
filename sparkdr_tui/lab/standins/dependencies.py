"""How the backend asks what it depends on: one question each over a plain socket; only PostgreSQL's pool is kept."""

from __future__ import annotations

import asyncio
import datetime
import hashlib
import hmac
import json
import re
from typing import Any
from urllib.parse import unquote, urlsplit

from sparkdr_tui.lab.standins import postgres_wire


class Unhealthy(Exception):
    """The dependency answered, and it is not what the backend needs."""


class Pool:
    """One pooled PostgreSQL session, held open between requests as an application's pool would, reopened when lost."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._held: postgres_wire.Connection | None = None
        self._lock = asyncio.Lock()

    async def query(self, sql: str) -> list[list[str | None]]:
        """The rows of a query; a session that was ended meanwhile is replaced once."""
        async with self._lock:
            held, self._held = self._held, None
            if held is not None:
                try:
                    return await self._on(held, sql)
                except (OSError, EOFError):
                    pass  # ended by the server or an administrator since the last request
                except postgres_wire.ServerSaid as said:
                    if not str(said).startswith("FATAL"):
                        raise
            return await self._on(await postgres_wire.connect(self._url), sql)

    async def _on(self, connection: postgres_wire.Connection, sql: str) -> list[list[str | None]]:
        try:
            rows = await connection.query(sql)
        except postgres_wire.ServerSaid as said:
            if str(said).startswith("FATAL"):
                connection.close()
            else:
                self._held = connection
            raise
        except BaseException:  # cancelled in the middle of an answer: this session cannot be used again
            connection.close()
            raise
        self._held = connection
        return rows

    def close(self) -> None:
        """Let go of the session."""
        if self._held is not None:
            self._held.close()
            self._held = None


async def redis_ping(url: str) -> None:
    """PING answers PONG."""
    parts = urlsplit(url)
    reader, writer = await asyncio.open_connection(parts.hostname or "localhost", parts.port or 6379)
    try:
        for command in ([["AUTH", unquote(parts.password)]] if parts.password else []) + [["PING"]]:
            words = "".join(f"${len(word.encode())}\r\n{word}\r\n" for word in command)
            writer.write(f"*{len(command)}\r\n{words}".encode())
            line = (await reader.readline()).decode(errors="replace").strip()
            if line not in ("+OK", "+PONG"):
                raise Unhealthy(line.lstrip("-") or "connection closed by server")
    finally:
        writer.close()


async def s3_buckets(url: str, access_key: str, secret_key: str) -> list[str]:
    """The names of the buckets, asked for with a signed request."""
    parts = urlsplit(url)
    when = datetime.datetime.now(datetime.UTC).strftime("%Y%m%dT%H%M%SZ")
    headers = signed(parts.netloc, access_key, secret_key, when)
    status, body = await http_get(url, "/", headers)
    text = body.decode(errors="replace")
    if status != 200:
        code = "".join(re.findall("<Code>(.*?)</Code>", text))
        raise Unhealthy(f"S3 operation failed; status: {status} {code}".rstrip())
    return re.findall(r"<Bucket>.*?<Name>(.*?)</Name>", text, re.DOTALL)


def signed(host: str, access_key: str, secret_key: str, when: str) -> dict[str, str]:
    """The headers of a `GET /` that AWS signature version 4 asks for."""
    empty = hashlib.sha256(b"").hexdigest()
    scope = f"{when[:8]}/us-east-1/s3/aws4_request"
    names = "host;x-amz-content-sha256;x-amz-date"
    canonical = f"GET\n/\n\nhost:{host}\nx-amz-content-sha256:{empty}\nx-amz-date:{when}\n\n{names}\n{empty}"
    to_sign = f"AWS4-HMAC-SHA256\n{when}\n{scope}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    key = f"AWS4{secret_key}".encode()
    for word in scope.split("/"):
        key = hmac.digest(key, word.encode(), "sha256")
    signature = hmac.digest(key, to_sign.encode(), "sha256").hex()
    return {
        "x-amz-content-sha256": empty,
        "x-amz-date": when,
        "authorization": f"AWS4-HMAC-SHA256 Credential={access_key}/{scope}, "
        f"SignedHeaders={names}, Signature={signature}",
    }


async def ollama_models(url: str) -> list[str]:
    """The names of the models that Ollama has."""
    status, body = await http_get(url, "/api/tags")
    if status != 200:
        raise Unhealthy(f"/api/tags answered {status}")
    document: Any = json.loads(body)
    return [str(model["name"]) for model in document["models"]]


async def http_get(url: str, path: str, headers: dict[str, str] | None = None) -> tuple[int, bytes]:
    """Status and body of a plain GET."""
    parts = urlsplit(url)
    reader, writer = await asyncio.open_connection(parts.hostname or "localhost", parts.port or 80)
    try:
        lines = {"host": parts.netloc, "connection": "close", "accept": "*/*"} | (headers or {})
        writer.write(_request(path, lines))
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        body = await reader.read()
        chunked = "transfer-encoding: chunked" in head.lower()
        return int(head.split(" ", 2)[1]), _unchunked(body) if chunked else body
    finally:
        writer.close()


def _request(path: str, headers: dict[str, str]) -> bytes:
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"GET {path} HTTP/1.1\r\n{lines}\r\n".encode()


def _unchunked(body: bytes) -> bytes:
    whole = b""
    while body:
        size, _, rest = body.partition(b"\r\n")
        length = int(size.split(b";")[0] or b"0", 16)
        if not length:
            break
        whole, body = whole + rest[:length], rest[length + 2 :]
    return whole
