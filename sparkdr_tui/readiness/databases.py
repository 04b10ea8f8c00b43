"""What a PostgreSQL server says of itself when it is asked over its own protocol. Asks, and changes nothing."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any

from sparkdr_tui.errors import SparkdrError
from sparkdr_tui.plan.runbook import Plan
from sparkdr_tui.reach.credentials import secret
from sparkdr_tui.reach.endpoint import find
from sparkdr_tui.reach.pool import Reach
from sparkdr_tui.reach.shell import Script
from sparkdr_tui.readiness.asking import DF
from sparkdr_tui.text import one_line, sanitize
from sparkdr_tui.watch.finding import Place
from sparkdr_tui.watch.postgres import conversation

PATIENCE = 15.0
"""Seconds that a server, and then its node, gets to answer."""


@dataclass(frozen=True, slots=True)
class DatabaseSeen:
    """How big a database is and how much is free where its server keeps its data, in bytes; None: not known."""

    size: int | None = None
    free: int | None = None
    place: str = ""
    version: str = ""
    """Of the server."""


async def ask_database(plan: Plan, service_id: str, reach: Reach) -> DatabaseSeen:
    """Ask a server, as far as it tells us; what it does not tell is not known."""
    import psycopg

    probe = plan.services[service_id].probe.postgres
    assert probe is not None  # only PostgreSQL is asked

    async def talk(connection: Any) -> DatabaseSeen:
        async def one(query: str) -> str:
            try:
                row = await (await connection.execute(query)).fetchone()
            except psycopg.Error:
                return ""  # where it keeps its data it tells only those who may know
            return one_line(str(row[0])) if row else ""

        size = await one("SELECT pg_database_size(current_database())")
        return DatabaseSeen(
            size=int(size) if size.isdecimal() else None,
            place=await one("SELECT current_setting('data_directory')"),
            version=await one("SHOW server_version"),
        )

    end = asyncio.get_running_loop().time() + PATIENCE
    try:
        password = secret(plan, probe.password) if probe.password else None
        place = await find(plan, service_id, reach, PATIENCE)
        found = await conversation(probe, Place(place.host, place.port, end), password, talk)
    except (SparkdrError, OSError, psycopg.Error):  # a TimeoutError is an OSError
        return DatabaseSeen()
    if not found.place or plan.nodes[plan.services[service_id].on].os == "windows":
        return found
    return DatabaseSeen(found.size, await _free(plan, service_id, found.place, reach), found.place, found.version)


async def _free(plan: Plan, service_id: str, place: str, reach: Reach) -> int | None:
    """How much is free where a folder of the server's node is."""
    script = Script('df -Pk "$PLACE" | tail -n 1', {"PLACE": place})
    try:
        async with asyncio.timeout(PATIENCE):
            said = await (await reach.shell(plan.services[service_id].on)).run(script, PATIENCE)
    except (TimeoutError, SparkdrError):
        return None
    found = DF.search(sanitize(said.text))
    return int(found[3]) * 1024 if found else None
