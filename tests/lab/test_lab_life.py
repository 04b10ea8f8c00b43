"""How a lab begins and ends: what it says of itself, what it refuses, that it leaves nothing behind."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from sparkdr_tui.errors import SparkdrError, UsageError
from sparkdr_tui.lab import cluster, processes
from sparkdr_tui.plan.load import builtin, load
from tests.lab.world import World, until

_NO_FILES = ("/dev/null", "/dev/zero", "/dev/tty", "/dev/pts", "/memfd:", "/proc")


def test_a_lab_is_ready_when_start_returns(lab: World) -> None:
    assert all(lab.knock(lab.address(service)) == "open" for service in lab.card["services"])
    assert all(lab.knock(lab.ssh_address(node)) == "open" for node in lab.card["nodes"])
    assert lab.get("backend", "/health")[0] == 200


def test_the_card_says_where_everything_is_and_how_to_get_in(lab: World) -> None:
    assert set(lab.card) == {"pid", "nodes", "services", "offsite"}
    assert set(lab.card["offsite"]) == {"url", "access_key", "secret_key", "folder"}
    assert all(set(node) == {"address", "ssh_port", "home"} for node in lab.card["nodes"].values())
    assert set(lab.card["services"]["postgresql"]) == {"host", "port", "user", "password", "database"}
    assert set(lab.card["services"]["minio"]) == {"host", "port", "access_key", "secret_key", "url"}
    assert set(lab.card["services"]["redis"]) == {"host", "port"}
    assert set(lab.card["services"]["backend"]) == {"host", "port", "url"}


def test_every_address_is_on_loopback(lab: World) -> None:
    addresses = [node["address"] for node in lab.card["nodes"].values()]
    addresses += [service["host"] for service in lab.card["services"].values()]
    assert all(address.startswith("127.") for address in addresses)


def test_what_holds_passwords_and_keys_is_for_its_owner_alone(lab: World) -> None:
    private = [lab.folder / "lab.json", lab.folder / "inner.json", lab.plan / "keys" / "operator"]
    private += (lab.plan / "secrets").iterdir()
    assert all(stat.S_IMODE(path.stat().st_mode) == 0o600 for path in private)


def test_the_labs_plan_is_the_built_in_plan_with_another_inventory(lab: World) -> None:
    files = {path.relative_to(builtin()) for path in builtin().rglob("*") if path.is_file()}
    changed = {path for path in files if (builtin() / path).read_bytes() != (lab.plan / path).read_bytes()}
    assert changed == {Path("plan.yaml")}
    plan, original = load(lab.plan), load(builtin())
    assert plan.lab
    assert plan.state == lab.folder / "state"
    assert set(plan.services) == set(original.services)
    assert {name: set(node.env) for name, node in plan.nodes.items()} == {
        name: set(node.env) for name, node in original.nodes.items()
    }


def test_there_are_two_backups_that_differ_and_the_newer_one_is_what_is_there(lab: World) -> None:
    folder = Path(load(lab.plan).nodes["macmini"].env["BACKUP_DIR"])
    manifests = sorted(folder.glob("postgres_*.sql.gz.manifest"))
    older, newer = (_rows_recorded(path) for path in manifests[:2])
    assert older["workflows"] >= 20_000
    assert newer["workflows"] > older["workflows"]
    assert newer == lab.rows()


def _rows_recorded(manifest: Path) -> dict[str, int]:
    lines = (line.split() for line in manifest.read_text().splitlines())
    return {words[1].removeprefix("public."): int(words[2]) for words in lines if words[0] == "rows"}


def test_the_runs_that_made_the_backups_are_not_in_the_operators_history(lab: World) -> None:
    assert not list((lab.folder / "state").glob("runs/LAB-*")) or lab.folder.joinpath("seed").exists()
    assert list((lab.folder / "seed").glob("runs/*/journal.jsonl"))


def test_status_says_what_runs(lab: World) -> None:
    found = cluster.status(lab.folder)
    assert found.running
    assert found.pid == lab.card["pid"]
    assert found.services is not None
    assert all(service["listening"] for service in found.services.values())


def test_a_second_start_in_the_same_folder_is_refused(lab: World) -> None:
    with pytest.raises(SparkdrError, match="already runs"):
        cluster.start(lab.folder)


def test_a_folder_with_something_in_it_is_refused_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(UsageError, match="not empty"):
        cluster.start(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_a_folder_without_a_lab_cannot_be_stopped_or_broken(tmp_path: Path) -> None:
    for attempt in (cluster.stop, cluster.status, cluster.mend, lambda f: cluster.break_fault(f, "redis-down")):
        with pytest.raises(UsageError, match="no lab"):
            attempt(tmp_path)


def test_an_unknown_fault_is_refused_with_the_names_of_those_there_are(lab: World) -> None:
    with pytest.raises(UsageError, match="postgres-corrupt"):
        cluster.break_fault(lab.folder, "meteorite")


def test_two_labs_run_side_by_side_and_neither_feels_the_others_faults(
    lab: World, new_lab: Callable[[str], World]
) -> None:
    other = new_lab("other")
    assert not {lab.address(s) for s in lab.card["services"]} & {other.address(s) for s in other.card["services"]}
    other.break_("blackout")
    assert lab.get("backend", "/health")[0] == 200
    cluster.stop(other.folder)
    assert lab.get("backend", "/health")[0] == 200


def test_stopping_leaves_no_process_no_listener_and_no_file_outside(new_lab: Callable[[str], World]) -> None:
    lab = new_lab("lab")
    addresses = [lab.address(service) for service in lab.card["services"]]
    mine, seen = lab.id, {(pid, processes.birth(pid)) for pid in lab.processes()}
    assert len(seen) > 8
    assert not [path for pid, _ in seen for path in _written_by(pid) if not path.startswith(str(lab.folder))]
    cluster.stop(lab.folder)
    assert not processes.marked(mine)
    assert not [pid for pid, born in seen if processes.alive(pid) and processes.birth(pid) == born]
    assert all(lab.knock(address) == "refused" for address in addresses)


def _written_by(pid: int) -> list[str]:
    """Files that a process has open for writing, devices apart."""
    found = []
    for descriptor in Path(f"/proc/{pid}/fd").iterdir():
        with contextlib.suppress(OSError):
            path = str(descriptor.readlink())
            flags = Path(f"/proc/{pid}/fdinfo/{descriptor.name}").read_text().split("flags:")[1].split()[0]
            if int(flags, 8) & os.O_ACCMODE and path.startswith("/") and not path.startswith(_NO_FILES):
                found.append(path)
    return found


def test_a_lab_whose_supervisor_was_killed_can_still_be_stopped(new_lab: Callable[[str], World]) -> None:
    lab = new_lab("lab")
    os.kill(lab.card["pid"], signal.SIGKILL)
    until(lambda: not cluster.status(lab.folder).running)
    assert lab.processes()
    cluster.stop(lab.folder)
    assert not lab.processes()


def test_a_lab_whose_supervisor_hangs_can_still_be_stopped(new_lab: Callable[[str], World]) -> None:
    lab = new_lab("lab")
    os.kill(lab.card["pid"], signal.SIGSTOP)
    cluster.stop(lab.folder)
    assert not lab.processes()


def test_a_lab_in_the_foreground_ends_with_its_block_and_takes_its_folder_along() -> None:
    with cluster.Lab() as lab:
        info = lab.info
        assert info is not None
        world = World(info.folder)
        assert world.knock(world.address("redis")) == "open"
        assert info.folder in cluster.in_front()  # which is how `lab break` finds it from a second terminal
        mine = world.id
    assert not processes.marked(mine)
    assert not info.folder.exists()
    assert info.folder not in cluster.in_front()


def test_a_lab_in_a_deep_folder_goes_round_ports_that_are_taken_and_ends_when_its_folder_goes(
    new_lab: Callable[[str], World],
) -> None:
    with socket.socket() as taken:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        ours = True
        try:
            taken.bind(("127.168.0.101", 3000))
            taken.listen()
        except OSError:
            ours = False  # another lab has it already, until it ends
        lab = new_lab("/".join(["깊은 폴더 & it's", "x" * 100, "y" * 60, "lab"]))
        assert not ours or lab.address("frontend") != ("127.168.0.101", 3000)
        assert lab.get("frontend", "/")[0] == 200
    assert lab.get("backend", "/health")[0] == 200
    assert lab.rows()["workflows"] == 24600
    mine = lab.id
    shutil.rmtree(lab.folder)
    until(lambda: not processes.marked(mine), seconds=30)


def test_a_lab_in_the_foreground_ends_when_whoever_started_it_is_killed(tmp_path: Path) -> None:
    script = (
        "import sys, time; from pathlib import Path; from sparkdr_tui.lab.cluster import Lab\n"
        "lab = Lab(Path(sys.argv[1])); lab.start(); print('ready', flush=True); time.sleep(600)"
    )
    folder = tmp_path / "lab"
    owner = subprocess.Popen([sys.executable, "-c", script, str(folder)], stdout=subprocess.PIPE, text=True)
    assert owner.stdout is not None
    assert owner.stdout.readline() == "ready\n"
    mine = World(folder).id
    owner.kill()
    owner.communicate()
    until(lambda: not processes.marked(mine), seconds=30)
