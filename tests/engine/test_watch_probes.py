"""Probes against real sockets that answer well, badly, late or not at all."""

from __future__ import annotations

import asyncio
import signal
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from minio.credentials.credentials import Credentials
from minio.signer import sign_v4_s3

from sparkdr_tui.plan.model import Mains, State
from sparkdr_tui.reach.endpoint import endpoint
from sparkdr_tui.reach.pool import Reach
from sparkdr_tui.reach.shell import Unreachable
from sparkdr_tui.watch import s3
from sparkdr_tui.watch.probes import probe_node, probe_service
from sparkdr_tui.watch.sweep import sweep
from sparkdr_tui.watch.topology import Reading
from tests.engine.small_plan import small_plan
from tests.engine.ssh_node import SshNode, ssh_node

Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
SECRETS = {"PASSWORD": {"env": "SPARKDR_TEST_PASSWORD"}, "KEY": {"env": "SPARKDR_TEST_KEY"}}


@asynccontextmanager
async def serving(talk: Talk, address: str = "127.0.0.1") -> AsyncIterator[int]:
    async def closing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await talk(reader, writer)
        finally:
            writer.close()

    server = await asyncio.start_server(closing, address, 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()


def saying(answer: bytes) -> Talk:
    """Waits for the first bytes, then says `answer` and hangs up."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1000)
        writer.write(answer)
        await writer.drain()

    return talk


async def silent(_reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
    await asyncio.sleep(60)


async def look(folder: Path, port: int, probe: dict[str, Any], credentials: bool = True, **service: Any) -> Reading:
    """One look at a service on 127.0.0.1 through a probe with a timeout of a second."""
    [(kind, says)] = probe.items()
    node = {"address": service.pop("address", "127.0.0.1"), "ssh": {"user": "x"}}
    services = {"it": {"on": "macmini", "port": port, "probe": {kind: {"timeout": "1s", **says}}, **service}}
    reach = Reach(small_plan(folder, {"macmini": node}, services, secrets=SECRETS), credentials=credentials)
    return await probe_service(reach.plan, "it", reach)


def closed_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


@pytest.fixture
def silent_port() -> Iterator[int]:
    """A port that swallows connections, as a dead network does: its queue is full."""
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen(0)
        fillers = []
        for _ in range(4):
            filler = socket.socket()
            filler.setblocking(False)
            filler.connect_ex(server.getsockname())
            fillers.append(filler)
        yield server.getsockname()[1]
        for filler in fillers:
            filler.close()


POSTGRES = {"database": "d", "user": "u", "password": "PASSWORD"}
S3 = {"access_key": "KEY", "secret_key": "PASSWORD", "buckets": ["a"]}
KINDS: list[dict[str, Any]] = [{"tcp": {}}, {"http": {}}, {"postgres": POSTGRES}, {"redis": {}}, {"s3": S3}]


@pytest.fixture(autouse=True)
def _secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SPARKDR_TEST_PASSWORD", "hunter2")
    monkeypatch.setenv("SPARKDR_TEST_KEY", "key")


@pytest.mark.parametrize("probe", KINDS, ids=lambda probe: next(iter(probe)))
async def test_a_closed_port_is_refused(tmp_path: Path, probe: dict[str, Any]) -> None:
    port = closed_port()
    reading = await look(tmp_path, port, probe)
    assert (reading.state, reading.detail) == (State.REFUSED, f"port {port} refuses connections")
    assert reading.latency is None


@pytest.mark.parametrize("probe", KINDS, ids=lambda probe: next(iter(probe)))
async def test_a_port_that_swallows_connections_is_unreachable_within_the_deadline(
    tmp_path: Path, silent_port: int, probe: dict[str, Any]
) -> None:
    began = time.monotonic()
    reading = await look(tmp_path, silent_port, probe)
    assert (reading.state, reading.detail) == (State.UNREACHABLE, "no answer")
    assert time.monotonic() - began < 15


@pytest.mark.parametrize("probe", KINDS[1:], ids=lambda probe: next(iter(probe)))
@pytest.mark.parametrize("credentials", [True, False], ids=["operator", "observer"])
async def test_a_server_that_accepts_and_says_nothing_is_unreachable_within_the_deadline(
    tmp_path: Path, probe: dict[str, Any], credentials: bool
) -> None:
    async with serving(silent) as port:
        began = time.monotonic()
        reading = await look(tmp_path, port, probe, credentials)
        assert (reading.state, reading.detail) == (State.UNREACHABLE, "accepts connections but does not answer")
        assert time.monotonic() - began < 15


@pytest.mark.parametrize("probe", KINDS[1:], ids=lambda probe: next(iter(probe)))
async def test_a_server_that_hangs_up_is_refused(tmp_path: Path, probe: dict[str, Any]) -> None:
    async with serving(saying(b"")) as port:
        reading = await look(tmp_path, port, probe)
        assert (reading.state, reading.detail[:9]) == (State.REFUSED, "hangs up:")


@pytest.mark.parametrize("probe", KINDS[1:], ids=lambda probe: next(iter(probe)))
async def test_another_program_on_the_port_is_damage(tmp_path: Path, probe: dict[str, Any]) -> None:
    async with serving(saying(b"220 smtp.example ESMTP\x1b[31m\r\n\r\n")) as port:
        reading = await look(tmp_path, port, probe)
        assert reading.state is State.DAMAGED
        assert reading.detail.startswith("does not speak")


async def test_tcp_is_up_when_the_port_accepts(tmp_path: Path) -> None:
    async with serving(silent) as port:
        reading = await look(tmp_path, port, {"tcp": {}})
        assert (reading.state, reading.detail) == (State.UP, "")
        assert reading.latency is not None and reading.latency < 0.5


@pytest.mark.parametrize(
    ("answer", "state", "detail"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", State.UP, ""),
        (b"HTTP/1.0 200 OK\r\n\r\nuntil the end", State.UP, ""),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n", State.UP, ""),
        (
            b'HTTP/1.1 503 No\r\nContent-Length: 40\r\n\r\n{"status":"bad","postgresql":"refused"}\n',
            State.DAMAGED,
            '/health answers 503: {"status":"bad","postgresql":"refused"}',
        ),
        (
            b"HTTP/1.1 500 No\r\nTransfer-Encoding: chunked\r\n\r\n6;x=y\r\n\x1b[2Jno\r\n1\r\n!\r\n0\r\n\r\n",
            State.DAMAGED,
            "/health answers 500: no!",
        ),
        (b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\n\r\n", State.DAMAGED, "/health answers 302"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nok", State.REFUSED, "hangs up: closed the connection"),
    ],
)
async def test_http_goes_by_the_status_and_tells_what_was_said(
    tmp_path: Path, answer: bytes, state: State, detail: str
) -> None:
    async with serving(saying(answer)) as port:
        reading = await look(tmp_path, port, {"http": {"path": "/health"}})
        assert reading.state is state
        assert reading.detail.startswith(detail)


async def test_an_answer_later_than_the_plan_allows_is_slow(tmp_path: Path) -> None:
    async def late(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1000)
        await asyncio.sleep(0.3)
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")

    async with serving(late) as port:
        reading = await look(tmp_path, port, {"http": {}}, slow="200ms")
        assert (reading.state, reading.detail) == (State.SLOW, "answers in 0.3 s")
        assert reading.latency is not None and 0.3 <= reading.latency < 0.9
        assert (await look(tmp_path, port, {"http": {}})).state is State.UP


def redis_server(*answers: bytes) -> Talk:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for answer in answers:
            await reader.read(1000)
            writer.write(answer)
        await reader.read(1000)

    return talk


PONG = b"+PONG\r\n"
KEYSPACE = b"# Keyspace\r\ndb0:keys=3,expires=0\r\ndb5:keys=4,expires=1\r\n"


@pytest.mark.parametrize(
    ("probe", "answers", "state", "detail"),
    [
        ({}, [PONG], State.UP, ""),
        ({"password": "PASSWORD"}, [b"+OK\r\n", PONG], State.UP, ""),
        ({"password": "PASSWORD"}, [b"-ERR Client sent AUTH, but no password is set\r\n", PONG], State.UP, ""),
        ({"password": "PASSWORD"}, [b"-WRONGPASS no\r\n"], State.UNKNOWN, "does not accept the password"),
        ({"password": "PASSWORD"}, [b"-ERR invalid password\r\n"], State.UNKNOWN, "does not accept the password"),
        ({}, [b"-NOAUTH Authentication required.\r\n"], State.UNKNOWN, "asks for a password"),
        ({}, [b"-LOADING Redis is loading\r\n"], State.UNKNOWN, "is still loading its data"),
        ({}, [b"-ERR max number of clients reached\r\n"], State.REFUSED, "too many clients are connected"),
        ({}, [b"-MISCONF disk\r\n"], State.DAMAGED, "PING answers MISCONF disk"),
        ({"min_keys": 7}, [PONG, b"$%d\r\n%s\r\n" % (len(KEYSPACE), KEYSPACE)], State.UP, ""),
        (
            {"min_keys": 8},
            [PONG, b"$%d\r\n%s\r\n" % (len(KEYSPACE), KEYSPACE)],
            State.DAMAGED,
            "holds 7 keys, at least 8 expected",
        ),
        ({"min_keys": 1}, [PONG, b"$0\r\n\r\n"], State.DAMAGED, "holds 0 keys, at least 1 expected"),
    ],
)
async def test_redis_goes_by_what_it_says(
    tmp_path: Path, probe: dict[str, Any], answers: list[bytes], state: State, detail: str
) -> None:
    async with serving(redis_server(*answers)) as port:
        reading = await look(tmp_path, port, {"redis": probe})
        assert (reading.state, reading.detail) == (state, detail)


def turning_away(severity: str, message: str) -> Talk:
    """PostgreSQL as it turns a client away."""
    fields = b"".join(part.encode() + b"\0" for part in (f"S{severity}", "VFATAL", f"M{message}")) + b"\0"

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(8)
        writer.write(b"N")
        await reader.read(1000)
        writer.write(b"E" + (len(fields) + 4).to_bytes(4, "big") + fields)

    return talk


@pytest.mark.parametrize(
    ("severity", "message", "state", "detail"),
    [
        ("FATAL", 'database "d" does not exist', State.DAMAGED, "database d is missing"),
        ("치명적오류", '"d" 데이터베이스 없음', State.DAMAGED, "database d is missing"),
        ("FATAL", "the database system is starting up", State.REFUSED, "the database system is starting up"),
        ("FATAL", "sorry, too many clients already", State.REFUSED, "sorry, too many clients already"),
        (
            "FATAL",
            'password authentication failed for user "u"',
            State.UNKNOWN,
            'does not let u in: password authentication failed for user "u"',
        ),
        (
            "FATAL",
            'could not open file "global/pg_filenode.map": No such file or directory',
            State.DAMAGED,
            'could not open file "global/pg_filenode.map": No such file or directory',
        ),
    ],
)
async def test_postgresql_that_turns_us_away_is_known_by_what_it_says(
    tmp_path: Path, severity: str, message: str, state: State, detail: str
) -> None:
    async with serving(turning_away(severity, message)) as port:
        reading = await look(tmp_path, port, {"postgres": POSTGRES})
        assert (reading.state, reading.detail) == (state, detail)


BUCKETS = b"<ListAllMyBucketsResult><Buckets><Bucket><Name>a</Name></Bucket></Buckets></ListAllMyBucketsResult>"


@pytest.mark.parametrize(
    ("status", "body", "buckets", "state", "detail"),
    [
        (200, BUCKETS, ["a"], State.UP, ""),
        (200, BUCKETS, ["a", "b"], State.DAMAGED, "bucket b is missing"),
        (200, BUCKETS, ["b", "c"], State.DAMAGED, "buckets b, c are missing"),
        (200, b"<html>", ["a"], State.DAMAGED, "listing the buckets answers no list of buckets"),
        (200, b"<!DOCTYPE x><x/>", ["a"], State.DAMAGED, "listing the buckets answers no list of buckets"),
        (
            403,
            b"<Error><Code>InvalidAccessKeyId</Code></Error>",
            ["a"],
            State.UNKNOWN,
            "does not accept the access key (InvalidAccessKeyId)",
        ),
        (503, b"busy", ["a"], State.DAMAGED, "listing the buckets answers 503 (busy)"),
    ],
)
async def test_s3_goes_by_the_buckets_it_lists(
    tmp_path: Path, status: int, body: bytes, buckets: list[str], state: State, detail: str
) -> None:
    answer = b"HTTP/1.1 %d X\r\nContent-Length: %d\r\n\r\n%s" % (status, len(body), body)
    async with serving(saying(answer)) as port:
        reading = await look(tmp_path, port, {"s3": {**S3, "buckets": buckets}})
        assert (reading.state, reading.detail) == (state, detail)


def test_the_signature_is_the_one_the_minio_client_makes() -> None:
    at = datetime(2026, 11, 23, 3, 0, 1, tzinfo=UTC)
    empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    headers: Any = {"Host": "127.0.0.1:9000", "x-amz-content-sha256": empty, "x-amz-date": "20261123T030001Z"}
    theirs = sign_v4_s3(
        method="GET",
        url=urlsplit("http://127.0.0.1:9000/"),
        region="us-east-1",
        headers=headers,
        credentials=Credentials("key", "secret"),
        content_sha256=empty,
        date=at,
    )
    ours = s3.signed("127.0.0.1:9000", "key", "secret", "us-east-1", at)
    assert ours["Authorization"] == theirs["Authorization"]


async def test_an_observer_says_unknown_where_it_takes_credentials_to_know(tmp_path: Path) -> None:
    answers = "answers; not looked into without credentials"
    async with serving(saying(b"N")) as port:
        reading = await look(tmp_path, port, {"postgres": POSTGRES}, credentials=False)
        assert (reading.state, reading.detail) == (State.UNKNOWN, answers)
    async with serving(saying(b"-NOAUTH x\r\n")) as port:
        reading = await look(tmp_path, port, {"redis": {"password": "PASSWORD"}}, credentials=False)
        assert (reading.state, reading.detail) == (State.UNKNOWN, "asks for a password")
    async with serving(saying(b"HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n")) as port:
        reading = await look(tmp_path, port, {"s3": S3}, credentials=False)
        assert (reading.state, reading.detail) == (State.UNKNOWN, answers)


async def test_an_observer_knows_all_about_services_that_take_no_credentials(tmp_path: Path) -> None:
    async with serving(redis_server(PONG)) as port:
        assert (await look(tmp_path, port, {"redis": {}}, credentials=False)).state is State.UP
    async with serving(saying(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")) as port:
        assert (await look(tmp_path, port, {"http": {}}, credentials=False)).state is State.UP


async def test_a_missing_secret_is_said_and_the_port_is_looked_at_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SPARKDR_TEST_PASSWORD")
    async with serving(saying(b"N")) as port:
        reading = await look(tmp_path, port, {"postgres": POSTGRES})
        assert (reading.state, reading.detail) == (State.UNKNOWN, "The secret PASSWORD is not there.")
    assert (await look(tmp_path, closed_port(), {"postgres": POSTGRES})).state is State.REFUSED


async def test_the_addresses_of_a_node_are_tried_in_order(tmp_path: Path) -> None:
    async with serving(silent, "127.0.0.3") as port:
        for addresses in (["127.0.0.2", "127.0.0.3"], ["127.0.0.3", "127.0.0.2"]):
            assert (await look(tmp_path, port, {"tcp": {}}, address=addresses)).state is State.UP


# -- through SSH


@asynccontextmanager
async def behind_ssh(folder: Path, port: int, credentials: bool = True) -> AsyncIterator[tuple[SshNode, Reach]]:
    async with ssh_node(folder) as server:
        node = {"ssh": {"user": "x", "port": server.port, "key": "user_key"}}
        probe = {"redis": {"via": "ssh", "timeout": "2s"}}
        plan = small_plan(folder, {"macmini": node}, {"it": {"on": "macmini", "port": port, "probe": probe}})
        reach = Reach(plan, credentials=credentials)
        yield server, reach
        await reach.close()


async def test_a_service_is_reached_through_the_nodes_ssh(tmp_path: Path) -> None:
    async with serving(redis_server(PONG)) as port, behind_ssh(tmp_path, port) as (server, reach):
        for _ in range(3):
            assert (await probe_service(reach.plan, "it", reach)).state is State.UP
        assert len(server.connections) == 1
        host, forwarded = await endpoint(reach.plan, "it", reach)
        assert (host, forwarded) != ("127.0.0.1", port)


async def test_a_port_that_refuses_behind_ssh_is_refused_and_not_unreachable(tmp_path: Path) -> None:
    port = closed_port()
    async with behind_ssh(tmp_path, port) as (_server, reach):
        reading = await probe_service(reach.plan, "it", reach)
        assert (reading.state, reading.detail) == (State.REFUSED, f"port {port} refuses connections")
        with pytest.raises(Unreachable, match="refuses connections"):
            await endpoint(reach.plan, "it", reach)


async def test_a_service_behind_an_ssh_that_does_not_let_us_in_is_unreachable_and_says_why(tmp_path: Path) -> None:
    async with serving(redis_server(PONG)) as port, behind_ssh(tmp_path, port) as (server, reach):
        server.known_hosts.write_text("")
        reading = await probe_service(reach.plan, "it", reach)
        assert (reading.state, reading.detail) == (State.UNREACHABLE, "SSH of macmini: its host key is not known")


async def test_an_observer_does_not_go_through_ssh(tmp_path: Path) -> None:
    async with serving(redis_server(PONG)) as port, behind_ssh(tmp_path, port, credentials=False) as (server, reach):
        reading = await probe_service(reach.plan, "it", reach)
        assert reading.state is State.UNKNOWN
        assert all(not each.get_extra_info("username") for each in server.connections)
        assert server.acceptor is not None
        server.acceptor.close()
        reading = await probe_service(reach.plan, "it", reach)
        assert reading.state is State.UNREACHABLE


# -- nodes


async def look_at_node(folder: Path, credentials: bool = True, **says: Any) -> Reading:
    reach = Reach(small_plan(folder, {"macmini": says}), credentials=credentials)
    try:
        return await probe_node(reach.plan, "macmini", reach)
    finally:
        await reach.close()


async def test_a_node_is_up_when_ssh_greets(tmp_path: Path) -> None:
    async with ssh_node(tmp_path) as server:
        reading = await look_at_node(tmp_path, ssh={"user": "x", "port": server.port})
        assert reading.state is State.UP
        assert reading.latency is not None


async def test_a_node_that_is_here_is_up(tmp_path: Path) -> None:
    assert (await look_at_node(tmp_path)).state is State.UP


async def test_a_node_that_refuses_swallows_or_speaks_nonsense(
    tmp_path: Path, silent_port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sparkdr_tui.watch.nodes.TIMEOUT", 0.5)
    refused = await look_at_node(tmp_path, ssh={"user": "x", "port": closed_port()})
    assert refused.state is State.REFUSED
    swallowed = await look_at_node(tmp_path, ssh={"user": "x", "port": silent_port})
    assert (swallowed.state, swallowed.detail) == (State.UNREACHABLE, "no answer")
    async with serving(silent) as port:
        reading = await look_at_node(tmp_path, ssh={"user": "x", "port": port})
        assert (reading.state, reading.detail) == (State.UNREACHABLE, "accepts connections but does not answer")

    async def other(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 smtp\r\n")

    async with serving(other) as port:
        reading = await look_at_node(tmp_path, ssh={"user": "x", "port": port})
        assert (reading.state, reading.detail) == (State.UNREACHABLE, "something else than SSH answers")


async def test_a_node_without_a_folder_that_must_be_there_is_damaged(tmp_path: Path) -> None:
    async with ssh_node(tmp_path) as server:
        says: dict[str, Any] = {
            "ssh": {"user": "x", "port": server.port, "key": "user_key"},
            "env": {"PROJECT_DIR": str(tmp_path / "it's here")},
            "folders": ["$PROJECT_DIR", "$PROJECT_DIR/backend", "~"],
        }
        reading = await look_at_node(tmp_path, **says)
        assert reading.state is State.DAMAGED
        assert reading.detail == f"folders {tmp_path}/it's here, {tmp_path}/it's here/backend are missing"
        (tmp_path / "it's here" / "backend").mkdir(parents=True)
        assert (await look_at_node(tmp_path, **says)).state is State.UP
        server.known_hosts.write_text("")
        reading = await look_at_node(tmp_path, **says)
        assert (reading.state, reading.detail) == (State.UNKNOWN, "cannot be looked into: its host key is not known")
        assert (await look_at_node(tmp_path, credentials=False, **says)).state is State.UP


# -- the sweep


def stopped_server() -> subprocess.Popen[bytes]:
    """A web server in a process of its own; its first line of output is its port."""
    program = (
        "import http.server as s; h = s.HTTPServer(('127.0.0.1', 0), s.SimpleHTTPRequestHandler);"
        "print(h.server_port, flush=True); h.serve_forever()"
    )
    return subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)


async def test_a_stopped_process_holds_nobody_up(tmp_path: Path) -> None:
    server = stopped_server()
    try:
        assert server.stdout is not None
        port = int(await asyncio.to_thread(server.stdout.readline))
        server.send_signal(signal.SIGSTOP)
        probe = {"http": {"timeout": "1s"}}
        services = {f"s{at}": {"on": "macmini", "port": port, "probe": probe} for at in range(12)}
        async with serving(redis_server(PONG)) as other:
            services["well"] = {"on": "macmini", "port": other, "probe": {"redis": {}}}
            reach = Reach(small_plan(tmp_path, {"macmini": {}}, services))
            began = time.monotonic()
            topology = await sweep(reach.plan, reach)
            assert time.monotonic() - began < 9  # one after the other they would take twelve
        assert topology.services["well"].state is State.UP
        assert {each.state for name, each in topology.services.items() if name != "well"} == {State.UNREACHABLE}
        assert list(topology.services) == list(services)
    finally:
        server.kill()
        server.wait()


async def test_the_mains_are_looked_at_where_the_plan_names_them(tmp_path: Path) -> None:
    plan = small_plan(tmp_path, {"macmini": {}})
    assert (await sweep(plan, Reach(plan))).mains is None
    async with serving(silent) as port:
        with_mains = replace(plan, mains=Mains(address=("127.0.0.1",), port=port))
        found = await sweep(with_mains, Reach(with_mains))
        assert found.mains is not None and found.mains.state is State.UP
    found = await sweep(with_mains, Reach(with_mains))
    assert found.mains is not None and found.mains.state is State.REFUSED


async def test_a_probe_that_goes_wrong_is_an_unknown_reading_and_costs_nobody_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_args: object) -> Any:
        raise KeyError("a bug")

    monkeypatch.setattr("sparkdr_tui.watch.http.look", broken)
    async with serving(silent) as port:
        services = {
            "bad": {"on": "macmini", "port": port, "probe": {"http": {}}},
            "good": {"on": "macmini", "port": port, "probe": {"tcp": {}}},
        }
        reach = Reach(small_plan(tmp_path, {"macmini": {}}, services))
        topology = await sweep(reach.plan, reach)
        assert topology.services["bad"].state is State.UNKNOWN
        assert "a bug" in topology.services["bad"].detail
        assert topology.services["good"].state is State.UP
        assert topology.at is not None
