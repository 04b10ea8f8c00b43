"""A minimal PostgreSQL client: log in, run one simple query; every await can be cancelled by a deadline.

psycopg would do, but costs half a second to import and, when cancelled, waits for the server that hangs.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import os
import struct
from urllib.parse import unquote, urlsplit

_PROTOCOL = 196608


class ServerSaid(Exception):
    """The server's own error message."""


class Connection:
    """One session; not for use by two tasks at once."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    async def query(self, sql: str) -> list[list[str | None]]:
        """The rows of a simple query, as text; raises `ServerSaid` after the session is ready again."""
        self._send(b"Q", sql.encode() + b"\0")
        rows: list[list[str | None]] = []
        problem = ""
        while True:
            kind, body = await self._receive()
            if kind == b"D":
                rows.append(_row(body))
            elif kind == b"E":
                problem = _message(body)
            elif kind == b"Z":
                break
        if problem:
            raise ServerSaid(problem)
        return rows

    def close(self) -> None:
        """Say goodbye without waiting for an answer."""
        if not self._writer.is_closing():
            self._send(b"X", b"")
        self._writer.close()

    def _send(self, kind: bytes, body: bytes) -> None:
        self._writer.write(kind + struct.pack("!I", len(body) + 4) + body)

    async def _receive(self) -> tuple[bytes, bytes]:
        head = await self._reader.readexactly(5)
        return head[:1], await self._reader.readexactly(struct.unpack("!I", head[1:])[0] - 4)

    async def _expect(self, code: int) -> bytes:
        """The next authentication message, which must be of kind `code`."""
        kind, body = await self._receive()
        if kind == b"E":
            raise ServerSaid(_message(body))
        found = struct.unpack("!I", body[:4])[0] if kind == b"R" else -1
        if found != code:
            raise ServerSaid(f"unexpected message {kind!r} {found} while logging in")
        return body[4:]

    async def log_in(self, user: str, password: str, database: str) -> None:
        """Start the session: trust, password, md5 and SCRAM-SHA-256."""
        words = ["user", user, "database", database, "application_name", "uvicorn", ""]
        body = struct.pack("!I", _PROTOCOL) + b"".join(word.encode() + b"\0" for word in words)
        self._writer.write(struct.pack("!I", len(body) + 4) + body)
        while True:
            kind, body = await self._receive()
            if kind == b"E":
                raise ServerSaid(_message(body))
            if kind == b"Z":
                return
            if kind == b"R":
                await self._authenticate(struct.unpack("!I", body[:4])[0], body[4:], user, password)

    async def _authenticate(self, code: int, body: bytes, user: str, password: str) -> None:
        if code == 3:
            self._send(b"p", password.encode() + b"\0")
        elif code == 5:
            inner = hashlib.md5(password.encode() + user.encode()).hexdigest()
            self._send(b"p", b"md5" + hashlib.md5(inner.encode() + body).hexdigest().encode() + b"\0")
        elif code == 10:
            await self._scram(password)
        elif code != 0:
            raise ServerSaid(f"authentication method {code} is not supported")

    async def _scram(self, password: str) -> None:
        nonce = base64.b64encode(os.urandom(18)).decode()
        bare = f"n=,r={nonce}"
        first = f"n,,{bare}".encode()
        self._send(b"p", b"SCRAM-SHA-256\0" + struct.pack("!I", len(first)) + first)
        server = (await self._expect(11)).decode()
        words = dict(word.split("=", 1) for word in server.split(","))
        salted = hashlib.pbkdf2_hmac("sha256", password.encode(), base64.b64decode(words["s"]), int(words["i"]))
        without_proof = f"c=biws,r={words['r']}"
        key = _hmac(salted, b"Client Key")
        signature = _hmac(hashlib.sha256(key).digest(), f"{bare},{server},{without_proof}".encode())
        proof = base64.b64encode(bytes(a ^ b for a, b in zip(key, signature, strict=True))).decode()
        self._send(b"p", f"{without_proof},p={proof}".encode())
        await self._expect(12)


async def connect(url: str) -> Connection:
    """A session for a `postgresql://user:password@host:port/database` address (a `+driver` in it is ignored)."""
    parts = urlsplit(url)
    reader, writer = await asyncio.open_connection(parts.hostname or "localhost", parts.port or 5432)
    connection = Connection(reader, writer)
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    try:
        await connection.log_in(user, password, unquote(parts.path.lstrip("/")) or user)
    except BaseException:  # cancelled by a deadline included: the socket must not stay open
        writer.close()
        raise
    return connection


def _hmac(key: bytes, text: bytes) -> bytes:
    return hmac.digest(key, text, "sha256")


def _row(body: bytes) -> list[str | None]:
    values: list[str | None] = []
    at = 2
    for _ in range(struct.unpack("!H", body[:2])[0]):
        (length,) = struct.unpack("!i", body[at : at + 4])
        at += 4
        values.append(None if length < 0 else body[at : at + length].decode(errors="replace"))
        at += max(length, 0)
    return values


def _message(body: bytes) -> str:
    fields = {part[:1]: part[1:].decode(errors="replace") for part in body.split(b"\0") if part}
    return f"{fields.get(b'S', 'ERROR')}: {fields.get(b'M', '')}"
