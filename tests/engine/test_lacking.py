"""What somebody who begins is told is missing, with what to do about it: against a real SSH server and real files."""

from __future__ import annotations

import stat
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import asyncssh
import pytest

from sparkdr_tui.plan.load import builtin, load
from sparkdr_tui.plan.runbook import Plan
from sparkdr_tui.reach.pool import Reach
from sparkdr_tui.readiness.lacking import Lacking, lacking
from tests.engine.small_plan import small_plan
from tests.engine.ssh_node import SshNode, ssh_node

NOW = datetime(2026, 11, 23, 3, 4, tzinfo=UTC)


def plan_of(node: SshNode, **says: Any) -> Plan:
    ssh = {"user": "woosun", "port": node.port, **says}
    return small_plan(node.folder, {"macmini": {"ssh": ssh}})


async def looked(plan: Plan, state: Path) -> Lacking:
    reach = Reach(plan)
    try:
        return await lacking(plan, state, NOW, reach)
    finally:
        await reach.close()


async def test_where_everything_is_there_nothing_is_missing(tmp_path: Path) -> None:
    async with ssh_node(tmp_path) as node:
        assert await looked(plan_of(node, key="user_key"), tmp_path / "state") == Lacking((), first_time=True)


async def test_a_host_key_that_is_not_known_says_how_to_come_to_know_it(tmp_path: Path) -> None:
    async with ssh_node(tmp_path) as node:
        node.known_hosts.unlink()
        (found,) = (await looked(plan_of(node, key="user_key"), tmp_path / "state")).findings
        assert "host key of Mac mini (127.0.0.1) is not known" in found.reason
        assert f"ssh-keyscan -p {node.port} 127.0.0.1 >> {node.known_hosts}" in found.todo


async def test_a_key_that_opens_nothing_says_ssh_copy_id(tmp_path: Path) -> None:
    async with ssh_node(tmp_path) as node:
        asyncssh.generate_private_key("ssh-ed25519").write_private_key(tmp_path / "other")
        (found,) = (await looked(plan_of(node, key="other"), tmp_path / "state")).findings
        assert "does not let woosun in" in found.reason
        assert f"ssh-copy-id -i {tmp_path / 'other'} -p {node.port} woosun@127.0.0.1" in found.todo


async def test_a_key_that_is_not_there_or_is_none_is_named(tmp_path: Path) -> None:
    async with ssh_node(tmp_path) as node:
        (gone,) = (await looked(plan_of(node, key="gone"), tmp_path / "state")).findings
        assert str(tmp_path / "gone") in gone.reason
        (tmp_path / "junk").write_text("no key")
        (junk,) = (await looked(plan_of(node, key="junk"), tmp_path / "state")).findings
        assert f"The key {tmp_path / 'junk'} cannot be used" in junk.reason and junk.todo


async def test_a_node_that_does_not_answer_is_left_to_the_topology(tmp_path: Path) -> None:
    async with ssh_node(tmp_path) as node:
        plan = plan_of(node, key="user_key")
    assert (await looked(plan, tmp_path / "state")).findings == ()


async def test_secrets_are_named_with_the_variables_that_hold_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    secrets = load(builtin()).secrets
    for each in secrets.values():
        monkeypatch.delenv(each.env or "", raising=False)
    plan = small_plan(tmp_path, {}, secrets={name: each.model_dump() for name, each in secrets.items()})
    (found,) = (await looked(plan, tmp_path / "state")).findings
    assert "PGPASSWORD" in found.reason and "SPARKLIO_DB_PASSWORD" in found.todo
    for each in secrets.values():
        monkeypatch.setenv(each.env or "", "x")
    assert (await looked(plan, tmp_path / "state")).findings == ()


async def test_a_place_where_no_run_can_be_kept_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    (found,) = (await looked(small_plan(tmp_path, {}), tmp_path / "file" / "state")).findings
    assert "cannot be written" in found.reason and "--state" in found.todo


async def test_it_is_the_first_time_until_something_was_run(tmp_path: Path) -> None:
    plan = small_plan(tmp_path, {})
    assert (await looked(plan, tmp_path / "state")).first_time
    run = tmp_path / "state" / "runs" / "INC-0001"
    run.mkdir(parents=True)
    (run / "journal.jsonl").write_text("")
    assert not (await looked(plan, tmp_path / "state")).first_time
    assert stat.S_ISDIR((tmp_path / "state").stat().st_mode)
