"""Looking at PostgreSQL: log in, look for the tables, read from each, and what amcheck last found. Changes nothing."""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import TYPE_CHECKING, Any, TypeVar

from sparkdr_tui.plan.model import PostgresProbe
from sparkdr_tui.text import one_line
from sparkdr_tui.watch.finding import UP, Finding, Place, damaged, denied, is_missing, refused, unknown
from sparkdr_tui.watch.wire import Nonsense, connected

if TYPE_CHECKING:
    import psycopg

T = TypeVar("T")
Connection = Any
"""A psycopg.AsyncConnection; the module is imported by the first look."""

_SSL_REQUEST = bytes.fromhex("0000000804d2162f")
# What PostgreSQL says when it turns somebody away has no code that libpq would tell; macOS may have it speak Korean.
_REFUSALS: tuple[tuple[re.Pattern[str], Callable[[str], Finding]], ...] = (
    (re.compile(r"database system is|데이터베이스 시스템"), refused),  # starting up, shutting down, recovering
    (re.compile(r"too many (clients|connections)|remaining connection slots|접속자"), refused),
    (re.compile(r"password|authentication|pg_hba\.conf|role .* is not permitted to log in|비밀번호|인증"), denied),
)
_MISSING_DATABASE = re.compile(r'database "(.*?)" does not exist|"(.*?)" (?:이름의 )?데이터베이스')
_SAID = re.compile(r".* failed: (.*)", re.DOTALL)
_OWN_WORDS = re.compile(r"server closed|connection re|could not|timeout|ssl|no route|operation", re.IGNORECASE)
"""Begin what libpq itself says, and not the server: the connection broke."""
_NONSENSE = re.compile(r"received invalid response|expected authentication", re.IGNORECASE)
_TABLES = """
SELECT wanted, to_regclass(wanted)::text, to_regclass(wanted) IS NOT NULL
       AND has_table_privilege(to_regclass(wanted), 'SELECT')
FROM unnest(%s::text[]) AS wanted
"""


async def look(probe: PostgresProbe, place: Place, password: str | None) -> tuple[Finding, int]:
    """What is there, and the database's oid (0 where it could not be asked)."""
    import psycopg

    async def talk(connection: Connection) -> tuple[Finding, int]:
        found = await connection.execute("SELECT oid::int8 FROM pg_database WHERE datname = current_database()")
        oid: int = (await found.fetchone())[0]
        return await _tables(connection, probe), oid

    try:
        return await conversation(probe, place, password, talk)
    except psycopg.OperationalError as failure:
        if failure.sqlstate is None and (said := _SAID.match(str(failure))):
            return _not_let_in(said[1], probe), 0
        return verdict(failure), 0
    except psycopg.Error as failure:
        return verdict(failure), 0


async def greet(place: Place) -> Finding:
    """What can be known without the password: whether it answers the question for TLS that comes before a login."""
    async with connected(place) as (reader, writer):
        writer.write(_SSL_REQUEST)
        if await reader.readexactly(1) not in (b"S", b"N"):
            raise Nonsense("does not speak PostgreSQL")
        return unknown("answers; not looked into without credentials")


async def conversation(
    probe: PostgresProbe, place: Place, password: str | None, talk: Callable[[Connection], Awaitable[T]]
) -> T:
    """Log in, talk, hang up; raises `TimeoutError` at the deadline, whatever the server does, and errors of psycopg.

    psycopg waits for a server to confirm when a query is cancelled, and one that has stopped never does. So nothing is
    cancelled here: at the deadline, or when nobody waits any more, the line is cut.
    """
    line: list[Connection] = []

    async def whole() -> T:
        async with _logged_in(probe, place, password, line) as connection:
            return await talk(connection)

    task = asyncio.ensure_future(whole())
    try:
        await asyncio.wait({task}, timeout=place.left)
        in_time = task.done()
    finally:
        if not task.done():
            _hang_up(task, line)
    if in_time:
        return task.result()
    await asyncio.wait({task}, timeout=0.5)
    raise TimeoutError


def verdict(failure: psycopg.Error) -> Finding:
    """What an error in the middle of a query says about the server."""
    state, said = failure.sqlstate or "", one_line(str(failure))
    if state.startswith(("57P", "53300")):
        return refused(said)
    if not state:
        raise ConnectionResetError("closed the connection without a whole answer")
    return damaged(said)


@contextlib.asynccontextmanager
async def _logged_in(
    probe: PostgresProbe, place: Place, password: str | None, line: list[Connection]
) -> AsyncIterator[Connection]:
    import psycopg

    connection = await psycopg.AsyncConnection.connect(
        host=place.host,
        port=place.port,
        user=probe.user,
        password=password,
        dbname=probe.database,
        application_name="sparkdr-tui",
        gssencmode="disable",
        connect_timeout=max(2, round(place.left) + 1),
        autocommit=True,
    )
    line.append(connection)
    try:
        yield connection
    finally:
        await connection.close()


def _hang_up(task: asyncio.Future[Any], line: list[Connection]) -> None:
    """Cut the line, so that whoever waits for the server gets an end instead."""
    task.add_done_callback(lambda done: done.cancelled() or done.exception())
    if not line:
        task.cancel()  # still logging in: that can be cancelled
        return
    with contextlib.suppress(OSError):
        twin = socket.socket(fileno=os.dup(line[0].pgconn.socket))
        twin.shutdown(socket.SHUT_RDWR)
        twin.close()


async def _tables(connection: Connection, probe: PostgresProbe) -> Finding:
    """Missing tables, else the first of the others that cannot be read."""
    import psycopg
    from psycopg import sql

    found = await (await connection.execute(_TABLES, [list(probe.tables)])).fetchall()
    missing = [wanted for wanted, table, _readable in found if table is None]
    if missing:
        return damaged(is_missing("table", missing))
    for wanted, table, readable in found:
        if not readable:
            continue
        try:
            await connection.execute(sql.SQL("SELECT 1 FROM {} LIMIT 1").format(sql.SQL(table)))  # quoted by the server
        except psycopg.Error as failure:
            if (failure.sqlstate or "57").startswith("57"):
                raise  # the server or the connection went away
            return damaged(f"table {wanted} cannot be read: {first_line(failure)}")
    return UP


def _not_let_in(said: str, probe: PostgresProbe) -> Finding:
    """What it means that no login came about."""
    if _NONSENSE.match(said):
        raise Nonsense("does not speak PostgreSQL")
    if _OWN_WORDS.match(said):
        raise ConnectionResetError("closed the connection without a whole answer")
    said = said.partition(":")[2].strip() or said  # the severity, in the server's language
    if missing := _MISSING_DATABASE.search(said):
        return damaged(f"database {missing[1] or missing[2]} is missing")
    for pattern, finding in _REFUSALS:
        if pattern.search(said):
            return finding(f"does not let {probe.user} in: {said}" if finding is denied else said)
    return damaged(said)


def first_line(failure: BaseException) -> str:
    """What an error of PostgreSQL says, without its context."""
    return one_line(str(failure).partition("\n")[0]) or type(failure).__name__
