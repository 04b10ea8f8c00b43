"""What the watch sees in the lab, from real servers; each fault by itself is in test_recoveries.py."""

from __future__ import annotations

import asyncio
import os
import queue
import signal
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import psycopg
import pytest

from sparkdr_tui.plan.load import load
from sparkdr_tui.plan.model import Probe, State
from sparkdr_tui.plan.runbook import Plan
from sparkdr_tui.reach.endpoint import endpoint
from sparkdr_tui.reach.pool import Reach
from sparkdr_tui.watch import amcheck, postgres
from sparkdr_tui.watch.diagnosis import diagnose
from sparkdr_tui.watch.finding import Place
from sparkdr_tui.watch.lookout import Lookout
from sparkdr_tui.watch.probes import probe_service
from sparkdr_tui.watch.sweep import sweep
from sparkdr_tui.watch.topology import Reading, Topology
from tests.lab.world import World

UP, SLOW, REFUSED, UNREACHABLE, DAMAGED, UNKNOWN = (
    State.UP,
    State.SLOW,
    State.REFUSED,
    State.UNREACHABLE,
    State.DAMAGED,
    State.UNKNOWN,
)


def changed(plan: Plan, service: str, **says: Any) -> Plan:
    """The plan, with its probe of `service` changed."""
    before = plan.services[service]
    kind = before.probe.kind.model_copy(update=says)
    [name] = before.probe.model_fields_set
    after = before.model_copy(update={"probe": Probe(**{name: kind})})
    return replace(plan, services={**plan.services, service: after})


@pytest.fixture
def plan(lab: World) -> Plan:
    """The lab's plan, with probes that give up sooner, so that the tests are quicker."""
    plan = load(lab.plan)
    for service in plan.services:
        plan = changed(plan, service, timeout=timedelta(seconds=4))
    return plan


@pytest.fixture
async def reach(plan: Plan) -> AsyncIterator[Reach]:
    reach = Reach(plan)
    yield reach
    await reach.close()


def broken(topology: Topology) -> dict[str, State]:
    """What is not up, nodes and services."""
    return {
        name: reading.state
        for name, reading in {**topology.nodes, **topology.services}.items()
        if not reading.state.healthy
    }


async def test_a_healthy_lab_is_all_up_and_nothing_is_suggested(plan: Plan, reach: Reach) -> None:
    topology = await sweep(plan, reach)
    assert broken(topology) == {}
    assert all(reading.latency is not None for reading in topology.services.values())
    assert diagnose(plan, topology).level is None
    assert diagnose(plan, topology).suggestions == ()


async def test_several_faults_come_in_the_order_of_the_critical_path(lab: World, plan: Plan, reach: Reach) -> None:
    for fault in ("frontend-down", "minio-lost", "ollama-down", "postgres-corrupt"):
        lab.break_(fault)
    diagnosis = diagnose(plan, await sweep(plan, reach))
    causes = [each.scenario for each in diagnosis.suggestions if each.scenario != "backend-down"]
    assert causes == ["database", "ollama-down", "frontend-down", "minio"]
    assert diagnosis.level == 1


async def test_the_detail_names_what_is_wrong(lab: World, plan: Plan, reach: Reach) -> None:
    lab.break_("postgres-corrupt")
    lab.break_("minio-lost")
    topology = await sweep(plan, reach)
    assert "missing" in topology.services["postgresql"].detail
    assert topology.services["minio"].detail.startswith("buckets sparklio-assets,")
    assert topology.services["backend"].detail.startswith("/health answers 503: ")


# -- PostgreSQL


async def look(reach: Reach, plan: Plan | None = None) -> Reading:
    return await probe_service(plan or reach.plan, "postgresql", reach)


@contextmanager
def stopped(lab: World) -> Iterator[None]:
    """PostgreSQL as a stopped process: it accepts connections, because the kernel does, and never answers."""
    data = lab.home("macmini") / "homebrew" / "var" / "postgresql@15"
    pid = int((data / "postmaster.pid").read_text().splitlines()[0])
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


@pytest.mark.parametrize("credentials", [True, False], ids=["operator", "observer"])
@pytest.mark.parametrize("via", ["direct", "ssh"])
async def test_a_stopped_postgresql_is_found_within_the_deadline(
    lab: World, plan: Plan, via: str, credentials: bool
) -> None:
    plan = changed(plan, "postgresql", via=via, timeout=timedelta(seconds=1.5))
    reach = Reach(plan, credentials=credentials)
    await look(reach)
    with stopped(lab):
        began = time.monotonic()
        reading = await look(reach)
        assert time.monotonic() - began < 2.5
    if credentials or via == "direct":
        assert (reading.state, reading.detail) == (UNREACHABLE, "accepts connections but does not answer")
    else:
        assert reading.state is UNKNOWN
    await reach.close()


async def test_an_observer_sees_that_postgresql_answers_and_no_more(plan: Plan) -> None:
    reach = Reach(changed(plan, "postgresql", via="direct"), credentials=False)
    reading = await look(reach)
    assert (reading.state, reading.detail) == (UNKNOWN, "answers; not looked into without credentials")
    assert reading.latency is not None


@pytest.mark.parametrize(
    ("says", "state", "detail"),
    [
        ({"database": "nowhere"}, DAMAGED, "database nowhere is missing"),
        ({"tables": ("users", "nothing")}, DAMAGED, "table nothing is missing"),
        ({"tables": ("users", "no", "none")}, DAMAGED, "tables no, none are missing"),
        ({"user": "nobody"}, UNKNOWN, "does not let nobody in: "),
    ],
)
async def test_what_postgresql_lacks_is_named(
    plan: Plan, reach: Reach, says: dict[str, Any], state: State, detail: str
) -> None:
    reading = await look(reach, changed(plan, "postgresql", **says))
    assert reading.state is state
    assert reading.detail.startswith(detail)


async def talk_for_long(connection: Any) -> None:
    await connection.execute("SELECT pg_sleep(60)")


async def in_conversation(reach: Reach, seconds: float) -> None:
    host, port = await endpoint(reach.plan, "postgresql", reach)
    probe = reach.plan.services["postgresql"].probe.postgres
    assert probe is not None
    place = Place(host, port, asyncio.get_running_loop().time() + seconds)
    await postgres.conversation(probe, place, (reach.plan.folder / "secrets/PGPASSWORD").read_text(), talk_for_long)


async def test_a_query_that_never_ends_is_left_at_the_deadline(lab: World, reach: Reach) -> None:
    began = time.monotonic()
    with pytest.raises(TimeoutError):
        await in_conversation(reach, 1.0)
    assert time.monotonic() - began < 4


async def test_who_stops_waiting_for_a_query_is_free_at_once_even_when_the_server_has_stopped(
    lab: World, reach: Reach
) -> None:
    talking = asyncio.create_task(in_conversation(reach, 60.0))
    await asyncio.sleep(0)
    while not [one for one in sessions(lab) if "pg_sleep" in one[1]]:
        await asyncio.wait({talking}, timeout=0.05)
    [(pid, _query)] = [one for one in sessions(lab) if "pg_sleep" in one[1]]
    os.kill(pid, signal.SIGSTOP)
    try:
        began = time.monotonic()
        talking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await talking
        assert time.monotonic() - began < 2
    finally:
        os.kill(pid, signal.SIGCONT)
        with lab.database() as connection:
            connection.execute("SELECT pg_terminate_backend(%s)", [pid])


def sessions(lab: World) -> list[tuple[int, str]]:
    with lab.database() as connection:
        return connection.execute(
            "SELECT pid, query FROM pg_stat_activity WHERE application_name = 'sparkdr-tui'"
        ).fetchall()


async def test_looking_leaves_no_session_behind(lab: World, reach: Reach) -> None:
    for _ in range(3):
        assert (await look(reach)).state is UP
    for _ in range(100):
        if not sessions(lab):
            return
        await asyncio.sleep(0.05)
    assert sessions(lab) == []


async def test_amcheck_runs_once_and_its_finding_is_remembered(reach: Reach) -> None:
    assert (await look(reach)).state is UP
    first = amcheck._checks[reach]["postgresql"]
    assert first.task.done()
    assert (await look(reach)).state is UP
    assert amcheck._checks[reach]["postgresql"] is first


async def test_a_new_database_of_the_same_name_is_checked_anew(lab: World, plan: Plan, reach: Reach) -> None:
    plan = changed(plan, "postgresql", database="another", tables=())
    with lab.database() as connection:
        connection.execute("CREATE DATABASE another")
        reading = await look(reach, plan)
        assert (reading.state, reading.detail) == (UP, "amcheck is not installed in the database")
        connection.execute("DROP DATABASE another WITH (FORCE)")
        connection.execute("CREATE DATABASE another")
        with psycopg.connect(conninfo(connection), autocommit=True) as inside:
            inside.execute("CREATE EXTENSION amcheck; CREATE TABLE t (id int PRIMARY KEY); INSERT INTO t VALUES (1)")
        reading = await look(reach, plan)
        assert (reading.state, reading.detail) == (UP, "")
        connection.execute("DROP DATABASE another WITH (FORCE)")


def conninfo(connection: psycopg.Connection[Any]) -> str:
    info = connection.info
    return f"host={info.host} port={info.port} user={info.user} password={info.password} dbname=another"


async def test_damage_found_by_amcheck_is_seen_to_be_repaired(
    lab: World, plan: Plan, reach: Reach, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(amcheck, "FRESH_BAD", 0.0)
    lab.break_("postgres-corrupt-pages")
    assert (await look(reach)).state is DAMAGED
    lab.mend()
    reading = await look(reach)
    assert (reading.state, reading.detail) == (UP, "")


# -- the lookout


def test_the_lookout_sees_a_fault_and_its_end(lab: World) -> None:
    told: queue.Queue[Topology] = queue.Queue()
    lookout = Lookout(load(lab.plan), every=0.2)
    lookout.subscribe(told.put)
    lookout.start()
    try:
        wait_for(told, UP)
        lab.break_("redis-down")
        wait_for(told, REFUSED)
        lab.mend()
        wait_for(told, UP)
    finally:
        lookout.stop()


def wait_for(told: queue.Queue[Topology], state: State) -> None:
    while True:
        reading = told.get(timeout=15).services.get("redis")
        if reading is not None and reading.state is state:
            return
