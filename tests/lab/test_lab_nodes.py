"""A node over SSH: real shells in the node's own folder, as bare as OpenSSH's."""

from __future__ import annotations

import asyncio
import hashlib
from pathlib import Path

import asyncssh
import psycopg
import pytest

from sparkdr_tui.lab import cluster
from tests.lab.world import World, until


async def test_a_command_runs_in_the_nodes_home_with_a_bare_environment(lab: World) -> None:
    async with lab.ssh("macmini") as node:
        said = await node.run("pwd; echo $HOME; command -v psql || echo no psql; env | cut -d= -f1", check=True)
    home = str(lab.home("macmini"))
    lines = said.stdout.splitlines()
    assert lines[:3] == [home, home, "no psql"]  # as on a Mac: Homebrew is not in the PATH of a command over SSH
    assert not {"SSH_AUTH_SOCK", "PYTHONPATH", "VIRTUAL_ENV"} & set(lines)


async def test_exit_status_signal_and_both_streams_come_back(lab: World) -> None:
    async with lab.ssh("laptop") as node:
        said = await node.run("echo out; echo err >&2; exit 7")
        killed = await node.run("kill -KILL $$")
    assert (said.stdout, said.stderr, said.exit_status) == ("out\n", "err\n", 7)
    assert killed.exit_signal is not None
    assert killed.exit_signal[0] == "KILL"


async def test_bytes_pass_unchanged_both_ways(lab: World) -> None:
    sent = bytes(range(256)) * 20_000
    async with lab.ssh("desktop", encoding=None) as node:
        said = await node.run("cat", input=sent, encoding=None)
        many = await node.run("head -c 30000000 /dev/zero | tr '\\0' x", encoding=None)
    assert said.stdout == sent
    assert hashlib.sha256(many.stdout).digest() == hashlib.sha256(b"x" * 30_000_000).digest()


async def test_no_environment_is_taken_but_the_language(lab: World) -> None:
    async with lab.ssh("macmini") as node:
        said = await node.run("echo [$LC_MESSAGES] [$PGPASSWORD]", env={"LC_MESSAGES": "C", "PGPASSWORD": "stolen"})
    assert said.stdout == "[C] []\n"


async def test_a_command_has_a_session_of_its_own(lab: World) -> None:
    async with lab.ssh("macmini") as node:
        said = await node.run("ps -o pgid= -p $$; echo $$")
    group, shell = said.stdout.split()
    assert group == shell


async def test_what_a_script_leaves_behind_goes_on_without_the_connection(lab: World) -> None:
    mark = lab.home("laptop") / "left-behind"
    async with lab.ssh("laptop") as node:
        await node.run("nohup sh -c 'sleep 0.3; echo done > left-behind' >/dev/null 2>&1 </dev/null &", check=True)
    for _ in range(200):
        if mark.exists():
            break
        await asyncio.sleep(0.02)
    assert mark.read_text() == "done\n"
    mark.unlink()


async def test_a_terminal_is_a_terminal(lab: World) -> None:
    async with lab.ssh("macmini") as node:
        said = await node.run("tty >/dev/null && stty size", term_type="xterm", term_size=(100, 30))
    assert said.stdout.strip() == "30 100"


async def test_an_interactive_shell_answers_and_ends(lab: World) -> None:
    async with lab.ssh("macmini") as node:
        shell = await node.create_process(term_type="xterm")
        shell.stdin.write("echo $((40+2)); exit 3\n")
        output = await shell.stdout.read()
        await shell.wait_closed()
    assert "42" in output
    assert shell.exit_status == 3


async def test_files_arrive_by_sftp_in_the_home(lab: World, tmp_path: Path) -> None:
    (tmp_path / "보고서.txt").write_text("안녕")
    async with lab.ssh("macmini") as node, node.start_sftp_client() as files:
        await files.put(str(tmp_path / "보고서.txt"), "보고서.txt")
    arrived = lab.home("macmini") / "보고서.txt"
    assert arrived.read_text() == "안녕"
    arrived.unlink()


async def test_a_forwarded_port_is_the_nodes_own_loopback(lab: World) -> None:
    it = lab.card["services"]["postgresql"]
    async with lab.ssh("macmini") as node:
        tunnel = await node.forward_local_port("127.0.0.1", 0, "localhost", 5432)
        connecting = psycopg.AsyncConnection.connect(
            host="127.0.0.1", port=tunnel.get_port(), user=it["user"], password=it["password"], dbname=it["database"]
        )
        async with await connecting as connection:
            cursor = await connection.execute("SELECT count(*) FROM workflows")
            assert await cursor.fetchone() == (24600,)


async def test_nothing_is_forwarded_beyond_the_node(lab: World) -> None:
    async with lab.ssh("macmini") as node:
        with pytest.raises(asyncssh.ChannelOpenError):
            await node.open_connection("192.0.2.1", 80)


async def test_a_stranger_is_not_let_in(lab: World) -> None:
    stranger = asyncssh.generate_private_key("ssh-ed25519")
    with pytest.raises(asyncssh.PermissionDenied):
        async with lab.ssh("macmini", client_keys=[stranger], agent_path=None):
            pass


async def test_brew_starts_and_stops_the_real_server(lab: World) -> None:
    env = f'export PATH="{lab.home("macmini")}/homebrew/bin:$PATH"; '
    async with lab.ssh("macmini") as node:
        await node.run(env + "brew services stop redis", check=True)
        assert lab.knock(lab.address("redis")) == "refused"
        await node.run(env + "brew services start redis", check=True)
    assert lab.redis().ping()


async def test_hands_switch_a_node_on_again(lab: World) -> None:
    lab.break_("desktop-off")
    cluster.hands(lab.folder, "power-on desktop")
    async with lab.ssh("desktop") as node:
        assert (await node.run("echo back")).stdout == "back\n"
    assert lab.knock(lab.address("ollama")) == "refused"  # the machine is up, nobody has started its services


def test_connections_that_ended_leave_nothing_open_in_the_lab(lab: World) -> None:
    descriptors = Path(f"/proc/{lab.card['pid']}/fd")
    lab.get("backend", "/health")
    before = len(list(descriptors.iterdir()))
    for _ in range(20):
        lab.get("backend", "/health")
    until(lambda: len(list(descriptors.iterdir())) <= before + 4)
