"""A shell on a node: ssh is told what the engine does itself, as a list, and nothing of the plan becomes an option."""

from __future__ import annotations

import asyncio
import shutil
import socket
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from sparkdr_tui.errors import SparkdrError
from sparkdr_tui.plan.runbook import Plan
from sparkdr_tui.reach.interactive import Login, login, ssh_command
from sparkdr_tui.reach.shell import Unreachable
from tests.engine.small_plan import small_plan
from tests.engine.ssh_node import SshNode, ssh_node

HOSTILE = "-oProxyCommand=touch pwned"


def plan_of(node: SshNode, **says: Any) -> Plan:
    """A plan in the node's folder, whose known_hosts and key are that node's."""
    ssh = {"user": "woosun", "port": node.port, "key": "user_key"}
    return small_plan(node.folder, {"macmini": {"ssh": ssh, **says}})


async def started(way: Login, *, home: Path | None = None) -> tuple[int, str]:
    """Start it with nobody at the terminal: the shell reads nothing, and ends."""
    process = await asyncio.create_subprocess_exec(
        *way.argv,
        env={**way.env, **({"HOME": str(home)} if home else {})},
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _none = await asyncio.wait_for(process.communicate(), 20)
    assert process.returncode is not None
    return process.returncode, said.decode()


async def test_the_shell_finds_what_the_steps_find(tmp_path: Path) -> None:
    async with ssh_node(tmp_path / "a plan, 100% %h") as node:
        shell = tmp_path / "shell"
        shell.write_text("#!/bin/sh\nenv\n")
        shell.chmod(0o755)
        env = {"BACKUP_DIR": '/Volumes/it\'s "$HOME"; touch pwned', "PROJECT": "~/project", "SHELL": str(shell)}
        way = await login(plan_of(node, env=env), "macmini")
        assert (way.node, way.where) == ("Mac mini", "woosun@127.0.0.1")
        status, said = await started(way)
        assert 'BACKUP_DIR=/Volumes/it\'s "$HOME"; touch pwned\n' in said, said
        assert f"PROJECT={Path.home()}/project\n" in said
        assert status != 255 and not list(Path.cwd().glob("pwned")) and not (Path.home() / "pwned").exists()


async def test_a_host_that_the_plan_does_not_know_is_not_talked_to(tmp_path: Path) -> None:
    async with ssh_node(tmp_path / "node") as node:
        way = await login(plan_of(node), "macmini")
        (tmp_path / ".ssh").mkdir()
        node.known_hosts.rename(tmp_path / ".ssh" / "known_hosts")
        (tmp_path / ".ssh" / "config").write_text("Host *\n  StrictHostKeyChecking no\n")
        status, said = await started(way, home=tmp_path)
        assert status == 255 and "Host key verification failed" in said
        assert node.commands == []


async def test_the_first_address_that_answers_is_taken(tmp_path: Path) -> None:
    async with ssh_node(tmp_path) as node:
        way = await login(plan_of(node, address=["127.0.0.9", "127.0.0.1"]), "macmini")
        assert way.where == "woosun@127.0.0.1" and way.argv[-2] == "127.0.0.1"


async def test_a_node_that_does_not_answer_opens_nothing(tmp_path: Path) -> None:
    async with ssh_node(tmp_path) as node:
        plan = plan_of(node, address="127.0.0.9")
        with pytest.raises(Unreachable, match=f"Mac mini cannot be reached: port {node.port} refuses connections"):
            await login(plan, "macmini")


@pytest.mark.parametrize("changed", [{"user": HOSTILE}, {"addresses": (HOSTILE,)}])
async def test_a_name_that_looks_like_an_option_is_none(
    tmp_path: Path, changed: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    async with ssh_node(tmp_path) as node:
        it = replace(node.target(), **changed)
        await started(Login("Mac mini", "", ssh_command(it, it.addresses[0], "true"), {}))
        assert not (tmp_path / "pwned").exists()


async def test_a_windows_node_gets_its_own_shell(tmp_path: Path) -> None:
    async with ssh_node(tmp_path) as node:
        way = await login(plan_of(node, os="windows", env={"A": "b"}), "macmini")
        assert way.argv[-2:] == ("--", "127.0.0.1") and "-t" not in way.argv


async def test_this_machine_needs_no_ssh(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHELL", "/usr/bin/env")
    monkeypatch.setattr(shutil, "which", lambda _name: None)
    plan = small_plan(tmp_path, {"here": {"hostnames": [socket.gethostname()], "env": {"A": "~/b", "C": "d ~/e"}}})
    way = await login(plan, "here")
    assert way.where == ""
    _status, said = await started(way)
    assert f"A={Path.home()}/b\n" in said and "C=d ~/e\n" in said


async def test_without_an_ssh_program_that_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with ssh_node(tmp_path) as node:
        monkeypatch.setattr(shutil, "which", lambda _name: None)
        with pytest.raises(SparkdrError, match="no ssh program"):
            await login(plan_of(node), "macmini")
