"""The catalogue and pruning on a real backup folder of the lab, with everything that can lie in one."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from sparkdr_tui.backups.words import FACTS
from sparkdr_tui.lab import cluster
from sparkdr_tui.plan.load import load
from sparkdr_tui.record import events as e
from tests.engine.command_line import Said, process
from tests.engine.test_retention import record
from tests.lab.recovering import LONG, recovering
from tests.lab.world import World

FOREIGN = [
    "$(touch hacked) 'x\" y.sql.gz",
    "postgres_20200101_000000.sql.gz\nsecond",
    "postgres_mine.sql.gz",
    "._postgres",
]


@pytest.fixture
def drive(lab: World) -> Iterator[Path]:
    """The backup folder, which is after the test what it was before."""
    plan = load(lab.plan)
    folder = Path(plan.nodes["macmini"].env["BACKUP_DIR"])
    aside = folder.with_name("aside")
    shutil.copytree(folder, aside, symlinks=True)
    yield folder
    shutil.rmtree(folder)
    aside.rename(folder)
    assert plan.state is not None
    shutil.rmtree(plan.state / "runs" / "INC-7777", ignore_errors=True)


def sparkdr(lab: World, *arguments: str) -> Said:
    return process("--plan", lab.plan, *arguments, timeout=LONG)


def backups_of(lab: World, name: str) -> dict[str, Any]:
    said = sparkdr(lab, "backup", "list", name, "--json")
    assert said.status == 0, said.err
    return {each["name"]: each for each in said.document["sets"][name]["backups"]}


def newest(folder: Path, begin: str, end: str) -> Path:
    return max(each for each in folder.iterdir() if re.fullmatch(rf"{begin}\d{{8}}_\d{{6}}{re.escape(end)}", each.name))


def aged(path: Path, begin: str, end: str, days: float, manifest: bool = True) -> Path:
    """A copy of a backup as if it had been made that many days ago."""
    at = datetime.now() - timedelta(days=days)
    copy = path.with_name(f"{begin}{at:%Y%m%d_%H%M%S}{end}")
    if path.is_dir():
        shutil.copytree(path, copy)
    else:
        shutil.copy2(path, copy)
    if manifest:
        said = Path(f"{path}.manifest").read_text(encoding="utf-8")
        taken = at.astimezone(UTC).strftime("snapshot %Y-%m-%dT%H:%M:%SZ")
        Path(f"{copy}.manifest").write_text(re.sub(r"(?m)^snapshot .*", taken, said), encoding="utf-8")
        Path(f"{copy}.sha256").touch()
    return copy


def postgres(drive: Path, days: float, manifest: bool = True) -> Path:
    return aged(newest(drive, "postgres_", ".sql.gz"), "postgres_", ".sql.gz", days, manifest)


def test_every_kind_of_bad_backup_is_told_apart_and_a_drive_that_is_away_is_no_empty_folder(
    lab: World, drive: Path
) -> None:
    whole = newest(drive, "postgres_", ".sql.gz")
    truncated, documents_own, gone, refused = (postgres(drive, days) for days in (0.01, 0.02, 0.03, 0.04))
    truncated.write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])
    Path(f"{documents_own}.manifest").unlink()
    gone.unlink()
    Path(f"{refused}.verified").write_text(
        "at 2026-11-25T00:00:00Z\nrun BAK-0042\nresult failed\nintact no\ndetail the hash differs\n", encoding="utf-8"
    )
    (drive / f".{whole.name.replace('_2', '_3')}.part").touch()
    for name in FOREIGN:
        (drive / name).touch()

    found = backups_of(lab, "postgres")
    four = {name: tuple(each[fact] for fact in FACTS) for name, each in found.items()}
    assert four[whole.name][:3:2] == (True, True)
    assert four[truncated.name] == (True, None, False, None)
    assert four[documents_own.name] == (True, None, None, None)
    assert four[gone.name] == (False, None, True, None)
    assert four[refused.name] == (True, False, True, None)
    assert found[refused.name]["verified_by"] == "BAK-0042"
    usable = {name for name, each in found.items() if each["usable"]}
    assert {whole.name, documents_own.name} <= usable
    assert not usable & {truncated.name, gone.name, refused.name, *FOREIGN}
    assert not set(FOREIGN) & set(found)
    assert not list(drive.rglob("hacked"))

    cluster.hands(lab.folder, "unplug-drive")
    try:
        for command in (("list",), ("prune", "--dry-run"), ("prune", "--yes")):
            said = sparkdr(lab, "backup", *command)
            assert said.status == 1, said
            assert "is not mounted" in said.out or "is not a mounted drive" in said.out, said
    finally:
        cluster.hands(lab.folder, "plug-drive")
    assert truncated.exists() and whole.exists()


def test_pruning_takes_what_is_due_and_leaves_what_an_unfinished_run_uses(lab: World, drive: Path) -> None:
    used, due = postgres(drive, 20), [postgres(drive, 9), postgres(drive, 30, manifest=False)]
    assets = newest(drive, "minio_assets_", "")
    month_old, week_old = (aged(assets, "minio_assets_", "", days) for days in (31, 9))
    plan = load(lab.plan)
    assert plan.state is not None
    fact = e.BackupFact(set="postgres", path=str(used), taken_at=datetime.now(UTC), size=1, complete=True)
    record(plan.state, "INC-7777", e.InputChosen(name="PG_BACKUP", value=str(used), backup=fact), at=datetime.now(UTC))
    for name in FOREIGN:
        (drive / name).touch()
    before = set(drive.iterdir())

    ahead = sparkdr(lab, "backup", "prune", "--dry-run", "--json")
    assert ahead.status == 0, ahead
    goes = {each["name"] for found in ahead.document["sets"].values() for each in found["goes"]}
    assert goes == {each.name for each in (*due, month_old)}
    assert set(drive.iterdir()) == before
    assert "INC-7777" in ahead.document["unfinished"]
    said = sparkdr(lab, "backup", "prune", "--yes")
    assert said.status == 1 and "INC-7777" in said.out, said
    assert set(drive.iterdir()) == before  # nothing goes by itself while a recovery may still want it
    with recovering(lab, "backup-prune", pace="danger") as run:
        while (step := run.waits()) is not None:
            run.confirm(step)
        assert run.state.outcome == "completed"
    gone = {path.name for path in before - set(drive.iterdir())}
    sides = {f"{each.name}{side}" for each in (*due, month_old) for side in ("", ".manifest", ".sha256")}
    assert gone == sides - {f"{due[1].name}.manifest", f"{due[1].name}.sha256"}
    assert used.exists() and week_old.is_dir()
    shutil.rmtree(plan.state / "runs" / "INC-7777")


def test_a_daily_backup_that_fails_deletes_nothing_and_one_that_ends_well_prunes(lab: World, drive: Path) -> None:
    old = postgres(drive, 9)
    lab.break_("minio-down")
    said = sparkdr(lab, "backup", "run", "--daily", "--yes")
    assert said.status == 1, said
    assert old.exists()
    lab.mend()
    said = sparkdr(lab, "backup", "run", "--daily", "--yes")
    assert said.status == 0, said
    assert not old.exists()
