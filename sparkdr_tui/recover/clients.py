"""The `sql`, `redis` and `http` actions against the real servers, directly or through the node's SSH.

Every answer is sanitised here; every error of a client library leaves as one line for the operator.
"""

from __future__ import annotations

from sparkdr_tui.errors import SparkdrError
from sparkdr_tui.language import _
from sparkdr_tui.plan.runbook import Http, Plan, Redis, Sql
from sparkdr_tui.reach.credentials import secret
from sparkdr_tui.reach.pool import Reach
from sparkdr_tui.text import one_line, sanitize
from sparkdr_tui.watch.probes import endpoint

BODY = 2000
"""Characters of an HTTP answer that the log keeps."""


async def query(plan: Plan, sql: Sql, reach: Reach) -> str:
    """The first column of the first row, as text; empty when there is no row."""
    import psycopg

    probe = plan.services[sql.service].probe.postgres
    assert probe is not None  # the loader refuses sql on anything else
    host, port = await endpoint(plan, sql.service, reach)
    try:
        connection = await psycopg.AsyncConnection.connect(
            host=host,
            port=port,
            user=probe.user,
            password=secret(plan, probe.password) if probe.password else None,
            dbname=sql.database or probe.database,
            connect_timeout=10,
            autocommit=True,
        )
        async with connection:
            cursor = await connection.execute(sql.query.encode())
            row = await cursor.fetchone() if cursor.description else None
    except psycopg.Error as problem:
        raise SparkdrError(_("The query failed: {why}").format(why=_line(problem))) from problem
    return sanitize(str(row[0])) if row else ""


async def command(plan: Plan, redis: Redis, reach: Reach) -> str:
    """What Redis answers, as text."""
    from redis.asyncio import Redis as Client
    from redis.exceptions import RedisError

    probe = plan.services[redis.service].probe.redis
    assert probe is not None  # the loader refuses redis on anything else
    host, port = await endpoint(plan, redis.service, reach)
    password = secret(plan, probe.password) if probe.password else None
    client = Client(host=host, port=port, password=password, socket_connect_timeout=10, decode_responses=True)
    try:
        answer = await client.execute_command(*redis.command)  # type: ignore[no-untyped-call]
        return sanitize(str(answer))
    except (RedisError, OSError) as problem:
        raise SparkdrError(_("The command failed: {why}").format(why=_line(problem))) from problem
    finally:
        await client.aclose()


async def request(plan: Plan, http: Http, reach: Reach) -> tuple[int, str]:
    """Status and beginning of the body."""
    import httpx

    probe = plan.services[http.service].probe.http
    scheme = "https" if probe is not None and probe.tls else "http"
    host, port = await endpoint(plan, http.service, reach)
    try:
        async with httpx.AsyncClient(timeout=httpx.Timeout(30.0), trust_env=False) as client:
            answer = await client.request(http.method, f"{scheme}://{host}:{port}{http.path}", content=http.body)
    except httpx.HTTPError as problem:
        raise SparkdrError(_("The request failed: {why}").format(why=_line(problem))) from problem
    return answer.status_code, sanitize(answer.text[:BODY])


def _line(problem: BaseException) -> str:
    return one_line(sanitize(str(problem) or type(problem).__name__))
