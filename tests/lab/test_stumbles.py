"""Recoveries that stumble in the middle: the step says why, nothing is lost, and a retry goes on once it is mended."""

from __future__ import annotations

import shutil
import socket
import stat
import tarfile
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


def test_an_archive_without_the_file_is_refused_and_the_one_before_it_is_taken(lab: World) -> None:
    good, *_older = backups(lab, "config_*.tar.gz")
    bad = good.with_name("config_20990101_000000.tar.gz")
    project = lab.home("macmini") / "sparklio_ai_marketing_studio"
    with tarfile.open(bad, "w:gz") as archive:
        archive.add(project / ".env")
    settings = project / "backend" / ".env"
    content = settings.read_bytes()
    settings.unlink()
    try:
        with recovering(lab, "config-restore", CONFIG_BACKUP=bad) as run:
            step = run.stumbles()
            assert "the archive has no backend/.env" in run.log(step)
            assert not settings.exists()
            run.choose("CONFIG_BACKUP", good)
            run.completes()
    finally:
        bad.unlink()
    assert settings.read_bytes() == content
    assert stat.S_IMODE(settings.stat().st_mode) == 0o600


def test_a_truncated_redis_backup_is_refused_while_redis_still_runs(lab: World) -> None:
    good, *_older = backups(lab, "redis_*.rdb")
    bad = good.with_name("redis_20990101_000000.rdb")
    bad.write_bytes(good.read_bytes()[: good.stat().st_size // 2])
    lab.redis().delete("queue:generate")
    try:
        with recovering(lab, "redis", REDIS_BACKUP=bad) as run:
            step = run.stumbles()
            assert step.outline.id == "check-backup"
            assert "REFUSED" in run.log(step)
            assert lab.redis().ping()
            run.choose("REDIS_BACKUP", good)
            run.completes()
    finally:
        bad.unlink()
    assert lab.redis().llen("queue:generate") == 60


def test_a_backup_of_objects_that_was_changed_is_refused_and_the_one_before_it_is_taken(lab: World) -> None:
    good, *_older = (each for each in backups(lab, "minio_assets_*") if each.is_dir())
    bad = good.with_name("minio_assets_20990101_000000")
    shutil.copytree(good, bad)
    shutil.copy(f"{good}.manifest", f"{bad}.manifest")
    changed = min(bad.rglob("*.png"))
    changed.write_bytes(bytes(changed.stat().st_size))
    objects = lab.objects()
    lab.break_("minio-lost")
    try:
        with recovering(lab, "minio", MINIO_ASSETS_BACKUP=bad) as run:
            step = run.stumbles()
            assert f"{changed.name} is not what was backed up" in step.detail
            assert str(changed.relative_to(bad)) not in lab.objects()["sparklio-assets"]
            run.choose("MINIO_ASSETS_BACKUP", good)
            run.completes()
    finally:
        shutil.rmtree(bad)
        Path(f"{bad}.manifest").unlink()
    assert lab.objects() == objects


def _workflows(backup: Path) -> int:
    """Rows of a table that grows, as its manifest has them."""
    return int(Path(f"{backup}.manifest").read_text().split("public.workflows ")[1].split()[0])


def test_an_operator_may_take_the_older_backup_and_is_told_what_that_loses(lab: World) -> None:
    newer, *rest = backups(lab, "postgres_*.sql.gz")
    older = next(each for each in rest if _workflows(each) < _workflows(newer))  # another test may have made equal ones
    recorded = dict(line.split()[1:] for line in Path(f"{older}.manifest").read_text().splitlines() if "rows " in line)
    lab.break_("postgres-corrupt")
    with recovering(lab, "database", PG_BACKUP=older) as run:
        state = run.completes()
    assert {f"public.{table}": str(rows) for table, rows in lab.rows().items()} == recorded
    assert lab.rows()["workflows"] < _workflows(newer)
    chosen = state.inputs["PG_BACKUP"]
    assert chosen.backup is not None
    assert Path(chosen.backup.path) == older
    assert chosen.backup.loses is not None and chosen.backup.rpo == 3600
