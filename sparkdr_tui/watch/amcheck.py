"""What amcheck finds in a database: slower than a probe may be, so it runs beside the probes and is remembered."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

from sparkdr_tui.plan.model import PostgresProbe, State
from sparkdr_tui.reach.pool import Reach
from sparkdr_tui.watch.finding import UP, Finding, Place, damaged
from sparkdr_tui.watch.postgres import conversation, first_line

LONGEST = 600.0
"""Seconds that one check may take."""
FRESH = 60.0
"""Seconds that a good finding is remembered; at least twenty times what it took to make."""
FRESH_BAD = 10.0
"""Seconds that any other finding is remembered, so that a repair is soon seen."""

_SCHEMA = "SELECT n.nspname FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace WHERE extname = 'amcheck'"
_TABLES = """
SELECT c.oid::int8, c.oid::regclass::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind = 'r' AND c.relpersistence = 'p' AND n.nspname !~ '^(pg_|information_schema$)' ORDER BY 2
"""
_INDEXES = """
SELECT i.indexrelid::int8, i.indexrelid::regclass::text FROM pg_index i
JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_am a ON a.oid = c.relam
WHERE a.amname = 'btree' AND i.indisvalid AND i.indisready AND i.indrelid = ANY(%s::int8[]::oid[]) ORDER BY 2
"""
_HEAP = "SELECT msg || ' (block ' || blkno || ')' FROM {}.verify_heapam(relation => {}, on_error_stop => true) LIMIT 1"
_BTREE = "SELECT NULL FROM {}.bt_index_check(index => {})"
_PASSED_OVER = ("42P01", "42704", "55P03")
"""Dropped in the meantime, or locked by somebody who works on it."""


@dataclass(slots=True)
class _Check:
    oid: int
    task: asyncio.Task[Finding]
    before: Finding | None
    """What was found before, told until this check is done."""
    began: float
    ended: float = 0.0

    def stale(self, now: float) -> bool:
        if not self.task.done():
            return False
        if self.task.cancelled() or self.task.exception() or self.task.result() != UP:
            return now - self.ended > FRESH_BAD
        return now - self.ended > max(FRESH, 20 * (self.ended - self.began))


_checks: WeakKeyDictionary[Reach, dict[str, _Check]] = WeakKeyDictionary()


async def look(
    reach: Reach, service_id: str, oid: int, probe: PostgresProbe, place: Place, password: str | None
) -> Finding:
    """The last finding for this very database; a first check is waited for as long as the probe has time."""
    checks = _checks.setdefault(reach, {})
    check = checks.get(service_id)
    now = asyncio.get_running_loop().time()
    if check is None or check.oid != oid or check.stale(now):
        before = None if check is None or check.oid != oid else _found(check)
        if check is not None:
            check.task.cancel()
        later = Place(place.host, place.port, now + LONGEST)
        check = checks[service_id] = _start(oid, before, lambda: conversation(probe, later, password, _everything))
    if check.before != UP:
        await asyncio.wait({check.task}, timeout=place.left * 0.9)
    return _found(check) or Finding(State.UP, "amcheck is still looking")


def _start(oid: int, before: Finding | None, work: Callable[[], Awaitable[Finding]]) -> _Check:
    async def run() -> Finding:
        return await work()

    loop = asyncio.get_running_loop()
    check = _Check(oid, asyncio.create_task(run()), before, loop.time())

    def over(task: asyncio.Task[Finding]) -> None:
        check.ended = loop.time()
        if not task.cancelled():
            task.exception()  # looked at when the finding is asked for

    check.task.add_done_callback(over)
    return check


def _found(check: _Check) -> Finding | None:
    if not check.task.done() or check.task.cancelled():
        return check.before
    failure = check.task.exception()
    if failure is None:
        return check.task.result()
    return Finding(State.UP, f"amcheck could not finish: {first_line(failure)}")


async def _everything(connection: Any) -> Finding:
    """Every ordinary table, then every B-tree index; the first thing that is wrong."""
    await connection.execute(f"SET statement_timeout = {round(LONGEST * 1000)}")
    await connection.execute("SET lock_timeout = '1s'")
    schema = await (await connection.execute(_SCHEMA)).fetchone()
    if schema is None:
        return Finding(State.UP, "amcheck is not installed in the database")
    tables = await (await connection.execute(_TABLES)).fetchall()
    indexes = await (await connection.execute(_INDEXES, [[oid for oid, _name in tables]])).fetchall()
    for kind, relations, query in (
        ("table", tables, _HEAP),
        ("index", indexes, _BTREE),
    ):
        for oid, name in relations:
            finding = await _one(connection, query, schema[0], oid, f"{kind} {name}")
            if finding is not None:
                return finding
    return UP


async def _one(connection: Any, query: str, schema: str, oid: int, name: str) -> Finding | None:
    import psycopg
    from psycopg import sql

    try:
        row = await (
            await connection.execute(sql.SQL(query).format(sql.Identifier(schema), sql.Literal(oid)))
        ).fetchone()
    except psycopg.Error as failure:
        state = failure.sqlstate or ""
        if state in _PASSED_OVER:
            return None
        if state == "42501":
            return Finding(State.UP, f"amcheck may not be used: {first_line(failure)}")
        if not state or state.startswith("57"):
            raise
        return damaged(f"{name}: {first_line(failure)}")
    return damaged(f"{name}: {row[0]}") if row and row[0] else None
