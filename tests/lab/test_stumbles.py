"""Recoveries that stumble in the middle: the step says why, nothing is lost, and a retry goes on once it is mended."""

from __future__ import annotations

import socket
from contextlib import closing
from pathlib import Path

from sparkdr_tui.lab import servers
from sparkdr_tui.lab.layout import Layout, read_inner
from sparkdr_tui.plan.load import load
from tests.lab.recovering import recovering
from tests.lab.world import World


def backups(lab: World, pattern: str) -> list[Path]:
    """The backups of a set, the newest first."""
    return sorted(Path(load(lab.plan).nodes["macmini"].env["BACKUP_DIR"]).glob(pattern), reverse=True)


def inner(lab: World, service: str) -> int:
    """The port that the service itself listens on."""
    inventory = read_inner(Layout(lab.folder))
    assert inventory is not None
    return inventory.services[service].inner


def redis_folder(lab: World) -> Path:
    """Where Redis keeps its data."""
    inventory = read_inner(Layout(lab.folder))
    assert inventory is not None
    return servers.redis_data(inventory)


def test_a_full_disk_stops_redis_recovery_half_way_and_a_retry_completes_it(lab: World) -> None:
    keys = lab.redis().dbsize()
    lab.break_("redis-lost")
    full = redis_folder(lab) / "dump.rdb.new"
    full.symlink_to("/dev/full")  # every write to it says that there is no space left
    with recovering(lab, "redis") as run:
        step = run.stumbles()
        assert step.outline.id == "replace"
        assert "No space left on device" in run.log(step)
        assert lab.knock(lab.address("redis")) == "refused"
        full.unlink()
        run.retry()
        run.completes()
    assert lab.redis().dbsize() == keys


def test_a_port_that_something_else_took_is_named_and_a_retry_starts_the_backend(lab: World) -> None:
    lab.break_("backend-down")
    somebody = socket.create_server(("127.0.0.1", inner(lab, "backend")))
    with closing(somebody), recovering(lab, "backend-restart") as run:
        step = run.stumbles()
        assert "is held by something that is not the backend" in run.log(step)
        assert step.hints
        somebody.close()
        run.retry()
        run.completes()
    assert lab.get("backend", "/health")[0] == 200


def test_a_wrong_password_is_called_that_and_the_right_one_is_taken_without_a_new_run(lab: World) -> None:
    rows = lab.rows()
    secret = lab.plan / "secrets" / "PGPASSWORD"
    right = secret.read_text()
    lab.break_("postgres-corrupt")
    secret.write_text("not-the-password")
    try:
        with recovering(lab, "database") as run:
            step = run.stumbles()
            assert step.outline.id == "restore.server.role"
            assert "password authentication failed" in run.log(step)
            assert any("password" in hint.en for hint in step.hints)
            secret.write_text(right)
            run.retry()
            run.completes()
    finally:
        secret.write_text(right)
    assert lab.rows() == rows
