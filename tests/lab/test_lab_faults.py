"""Each fault as anybody outside feels it, and that mending takes it back."""

from __future__ import annotations

import os
import shutil
import signal
from typing import Any

import psycopg
import pytest

from sparkdr_tui.lab import cluster
from sparkdr_tui.lab.faults import FAULTS
from sparkdr_tui.lab.layout import Layout, read_inner
from sparkdr_tui.lab.processes import alive, listeners
from tests.lab.world import World, until

HTTP = {"backend": "/health", "minio-console": "/", "ollama": "/api/tags", "comfyui": "/", "frontend": "/"}


def everything(lab: World) -> dict[str, Any]:
    """All that a fault may take away."""
    return {
        "rows": lab.rows(),
        "keys": lab.redis().dbsize(),
        "objects": lab.objects(),
        "http": {service: lab.get(service, path)[0] for service, path in HTTP.items()},
        "assets": lab.get("backend", "/api/v1/assets/health")[0],
        "router": lab.get("backend", "/api/v1/router/health")[0],
        "ssh": {node: lab.knock(lab.ssh_address(node)) for node in lab.card["nodes"]},
    }


@pytest.mark.parametrize("fault", FAULTS)
def test_mending_brings_everything_back(lab: World, fault: str) -> None:
    before = everything(lab)
    lab.break_(fault)
    assert cluster.status(lab.folder).faults == (fault,)
    lab.mend()
    assert everything(lab) == before
    assert cluster.status(lab.folder).faults == ()


@pytest.mark.parametrize(
    ("fault", "service"),
    [
        ("backend-down", "backend"),
        ("postgres-down", "postgresql"),
        ("redis-down", "redis"),
        ("minio-down", "minio"),
        ("ollama-down", "ollama"),
        ("comfyui-down", "comfyui"),
        ("frontend-down", "frontend"),
    ],
)
def test_a_service_that_is_down_refuses(lab: World, fault: str, service: str) -> None:
    lab.break_(fault)
    assert lab.knock(lab.address(service)) == "refused"


@pytest.mark.parametrize("fault", ["postgres-down", "redis-down"])
def test_the_backend_feels_what_it_depends_on(lab: World, fault: str) -> None:
    lab.break_(fault)
    assert lab.get("backend", "/health")[0] == 503


def test_corruption_loses_tables_while_the_server_answers(lab: World) -> None:
    lab.break_("postgres-corrupt")
    assert "users" in lab.rows()
    assert not {"workflows", "agents"} & set(lab.rows())


def test_corrupt_pages_are_found_by_amcheck_in_the_table_and_in_its_index(lab: World) -> None:
    lab.break_("postgres-corrupt-pages")
    with lab.database() as connection:
        assert connection.execute("SELECT count(*) FROM users").fetchone() == (201,)
        found = connection.execute(
            "SELECT count(*) FROM verify_heapam('workflows',"
            " endblock => (pg_relation_size('workflows') / current_setting('block_size')::int / 2 - 1))"
        ).fetchone()
        assert found is not None
        assert found[0] > 0
        with pytest.raises(psycopg.errors.DataCorrupted):
            connection.execute("SELECT count(md5(title)) FROM workflows")
        with pytest.raises((psycopg.errors.DataCorrupted, psycopg.errors.IndexCorrupted)):
            connection.execute("SELECT bt_index_check('workflows_by_user')")


def test_lost_redis_answers_with_nothing_in_it(lab: World) -> None:
    lab.break_("redis-lost")
    assert lab.redis().dbsize() == 0


def test_lost_minio_has_no_bucket(lab: World) -> None:
    lab.break_("minio-lost")
    assert lab.objects() == {}


@pytest.mark.parametrize(
    ("fault", "node"), [("desktop-off", "desktop"), ("macmini-off", "macmini"), ("laptop-off", "laptop")]
)
def test_a_node_without_power_answers_nothing_and_runs_nothing(lab: World, fault: str, node: str) -> None:
    inventory = read_inner(Layout(lab.folder))
    assert inventory is not None
    inner = {service.inner for service in inventory.on(node).values()}
    running = {pid for port, pid in listeners(lab.id).items() if port in inner}
    assert running
    lab.break_(fault)
    assert lab.knock(lab.ssh_address(node)) == "silence"
    assert {lab.knock(lab.address(name)) for name in inventory.on(node)} == {"silence"}
    assert not [pid for pid in running if alive(pid)]
    others = [name for name, service in inventory.services.items() if service.node != node]
    assert {lab.knock(lab.address(name)) for name in others} == {"open"}


def test_a_blackout_is_all_of_them(lab: World) -> None:
    lab.break_("blackout")
    assert {lab.knock(lab.ssh_address(node)) for node in lab.card["nodes"]} == {"silence"}


def test_a_blank_mac_lets_us_in_and_has_nothing(lab: World) -> None:
    lab.break_("macmini-blank")
    assert lab.knock(lab.ssh_address("macmini")) == "open"
    assert {lab.knock(lab.address(name)) for name in ("backend", "postgresql", "redis", "minio")} == {"refused"}
    assert not (lab.home("macmini") / "homebrew").exists()
    assert not (lab.home("macmini") / "sparklio_ai_marketing_studio").exists()
    assert lab.get("ollama", "/api/tags")[0] == 200


async def test_a_dead_network_swallows_what_comes_and_holds_what_was_connected(lab: World) -> None:
    async with lab.ssh("macmini") as connection:
        counting = await connection.create_process("while :; do echo tick; read -t 0.05; done")
        assert await counting.stdout.readline() == "tick\n"
        lab.break_("network-down")
        assert {lab.knock(lab.address(service)) for service in ("backend", "ollama", "frontend")} == {"silence"}
        assert lab.knock(lab.ssh_address("laptop")) == "silence"
        lab.mend()
        assert await counting.stdout.readline() == "tick\n"
        counting.terminate()


def test_a_dead_network_parts_the_nodes_too(lab: World) -> None:
    inventory = read_inner(Layout(lab.folder))
    assert inventory is not None
    env = (lab.home("macmini") / "sparklio_ai_marketing_studio" / "backend" / ".env").read_text()
    assert f"OLLAMA_URL={lab.card['services']['ollama']['url']}" in env
    assert str(inventory.services["ollama"].inner) not in env


def test_two_faults_at_once_are_mended_together(lab: World) -> None:
    before = everything(lab)
    lab.break_("postgres-corrupt")
    lab.break_("minio-lost")
    lab.break_("macmini-blank")
    lab.mend()
    assert everything(lab) == before


def test_mending_also_replaces_what_no_fault_took(lab: World) -> None:
    before = everything(lab)
    lab.redis().flushall()
    lab.s3().remove_object("sparklio-assets", "생성 이미지/달빛커피 봄 캠페인.png")
    shutil.rmtree(lab.home("macmini") / "homebrew" / "var" / "postgresql@15")
    shutil.rmtree(lab.home("laptop") / "sparklio_ai_marketing_studio")
    lab.mend()
    assert everything(lab) == before


def test_power_alone_does_not_bring_back_the_network(lab: World) -> None:
    lab.break_("network-down")
    lab.break_("desktop-off")
    cluster.hands(lab.folder, "power-on desktop")
    assert lab.knock(lab.ssh_address("desktop")) == "silence"
    cluster.hands(lab.folder, "network-up")
    assert lab.knock(lab.ssh_address("desktop")) == "open"


def test_the_network_alone_does_not_bring_back_the_power(lab: World) -> None:
    lab.break_("desktop-off")
    cluster.hands(lab.folder, "network-up")
    assert lab.knock(lab.ssh_address("desktop")) == "silence"
    assert lab.knock(lab.ssh_address("laptop")) == "open"


def test_a_server_that_hangs_is_woken(lab: World) -> None:
    inventory = read_inner(Layout(lab.folder))
    assert inventory is not None
    pid = listeners(lab.id)[inventory.services["redis"].inner]
    os.kill(pid, signal.SIGSTOP)
    assert lab.knock(lab.address("redis")) == "open"
    lab.mend()
    assert lab.redis().ping()


def test_a_service_that_is_started_again_by_hand_is_open_again(lab: World) -> None:
    lab.break_("redis-down")
    lab.mend()
    until(lambda: lab.knock(lab.address("redis")) == "open")
