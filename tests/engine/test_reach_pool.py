"""The nodes of a plan: which are here, whose connection is shared, where secrets come from."""

from __future__ import annotations

import asyncio
import socket
from pathlib import Path

import pytest

from sparkdr_tui.errors import SparkdrError
from sparkdr_tui.plan.model import Node
from sparkdr_tui.plan.runbook import Plan
from sparkdr_tui.reach import credentials
from sparkdr_tui.reach.local import LocalShell
from sparkdr_tui.reach.pool import Reach, is_here
from sparkdr_tui.reach.shell import ConnectionLost, Script, Unreachable
from tests.engine.small_plan import NODE, small_plan
from tests.engine.ssh_node import SshNode, ssh_node


def over_ssh(folder: Path, server: SshNode) -> Plan:
    """A plan whose node is `server`, which keeps its known_hosts and its key in the plan's folder."""
    return small_plan(folder, {"macmini": {"ssh": {"user": "woosun", "port": server.port, "key": "user_key"}}})


@pytest.mark.parametrize("hostnames", [["elsewhere", "MacMini.local"], ["macmini"], "MACMINI"])
def test_a_node_with_the_name_of_this_machine_is_here(monkeypatch: pytest.MonkeyPatch, hostnames: object) -> None:
    monkeypatch.setattr(socket, "gethostname", lambda: "macmini.local")
    assert is_here(Node.model_validate({**NODE, "ssh": {"user": "x"}, "hostnames": hostnames}))


def test_a_node_of_another_name_is_not_here_and_one_without_ssh_is() -> None:
    assert not is_here(Node.model_validate({**NODE, "ssh": {"user": "x"}, "hostnames": "elsewhere"}))
    assert is_here(Node.model_validate(NODE))


async def test_a_node_that_is_here_needs_no_ssh(tmp_path: Path) -> None:
    reach = Reach(small_plan(tmp_path, {"macmini": {}}))
    assert isinstance(await reach.shell("macmini"), LocalShell)
    await reach.close()


async def test_a_windows_node_that_is_here_says_that_it_cannot_be_used(tmp_path: Path) -> None:
    reach = Reach(small_plan(tmp_path, {"macmini": {"os": "windows"}}))
    with pytest.raises(SparkdrError, match="Windows"):
        await reach.shell("macmini")


async def test_whoever_asks_for_a_node_shares_its_connection(tmp_path: Path) -> None:
    async with ssh_node(tmp_path) as server:
        reach = Reach(over_ssh(tmp_path, server))
        shells = await asyncio.gather(*(reach.shell("macmini") for _ in range(5)))
        assert all(shell is shells[0] for shell in shells)
        assert len(server.connections) == 1
        await reach.close()


async def test_a_lost_connection_is_opened_again_when_next_asked_for(tmp_path: Path) -> None:
    async with ssh_node(tmp_path) as server:
        reach = Reach(over_ssh(tmp_path, server))
        first = await reach.shell("macmini")
        process = await first.start(Script("sleep 60"))
        server.cut()
        with pytest.raises(ConnectionLost):
            await process.wait()
        again = await reach.shell("macmini")
        assert again is not first
        assert (await again.run(Script("echo back"), timeout=10)).text == "back\n"
        await reach.close()


async def test_a_failed_attempt_is_not_remembered(tmp_path: Path) -> None:
    async with ssh_node(tmp_path) as server:
        reach = Reach(over_ssh(tmp_path, server))
        server.known_hosts.unlink()
        with pytest.raises(Unreachable):
            await reach.shell("macmini")
        server.trust()
        assert (await (await reach.shell("macmini")).run(Script("echo in"), timeout=10)).status == 0
        await reach.close()


async def test_one_who_stops_waiting_does_not_end_the_attempt_for_the_others(tmp_path: Path) -> None:
    async with ssh_node(tmp_path) as server:
        reach = Reach(over_ssh(tmp_path, server))
        impatient = asyncio.create_task(reach.shell("macmini"))
        patient = asyncio.create_task(reach.shell("macmini"))
        await asyncio.sleep(0)
        impatient.cancel()
        assert (await (await patient).run(Script("echo in"), timeout=10)).status == 0
        await reach.close()


async def test_an_observer_reaches_no_node_and_never_reads_a_key(tmp_path: Path) -> None:
    async with ssh_node(tmp_path) as server:
        reach = Reach(over_ssh(tmp_path, server), credentials=False)
        with pytest.raises(SparkdrError, match="observers"):
            await reach.shell("macmini")
        assert not server.connections


SECRETS: dict[str, dict[str, str]] = {
    "FROM_ENV": {"env": "SPARKDR_TEST_SECRET"},
    "FROM_FILE": {"file": "secrets/one"},
    "NOWHERE": {"file": "no"},
}


@pytest.fixture
def plan(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Plan:
    monkeypatch.setenv("SPARKDR_TEST_SECRET", "a longer secret")
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets" / "one").write_text("short 값\n")
    nodes: dict[str, dict[str, object]] = {
        "macmini": {"env": {"PATH": "/opt/homebrew/bin", "DIR": "~/x"}, "secrets": ["FROM_ENV"]},
        "desktop": {"secrets": ["NOWHERE"]},
    }
    return small_plan(tmp_path, nodes, secrets=SECRETS)


def test_a_secret_comes_from_the_environment_or_from_a_file(plan: Plan) -> None:
    assert credentials.secret(plan, "FROM_ENV") == "a longer secret"
    assert credentials.secret(plan, "FROM_FILE") == "short 값"


def test_a_missing_secret_says_where_it_was_looked_for(plan: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SPARKDR_TEST_SECRET", "")
    with pytest.raises(SparkdrError, match="FROM_ENV is not there") as failure:
        credentials.secret(plan, "FROM_ENV")
    assert "SPARKDR_TEST_SECRET" in failure.value.hint
    with pytest.raises(SparkdrError, match="NOWHERE is not there") as failure:
        credentials.secret(plan, "NOWHERE")
    assert str(plan.folder / "no") in failure.value.hint
    with pytest.raises(SparkdrError, match="no secret OTHER"):
        credentials.secret(plan, "OTHER")


def test_a_nodes_environment_is_what_the_plan_says_and_its_secrets(plan: Plan) -> None:
    expected = {"PATH": "/opt/homebrew/bin", "DIR": "~/x", "FROM_ENV": "a longer secret"}
    assert credentials.node_env(plan, "macmini") == expected
    with pytest.raises(SparkdrError, match="NOWHERE"):
        credentials.node_env(plan, "desktop")


def test_known_secrets_are_the_values_that_are_there_longest_first(plan: Plan) -> None:
    assert credentials.known_secrets(plan) == ("a longer secret", "short 값")
