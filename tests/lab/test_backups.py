"""Backups made, verified, damaged and interrupted, by the runbooks of the plan, against the lab's real servers."""

from __future__ import annotations

import asyncio
import hashlib
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from sparkdr_tui.plan.load import load
from sparkdr_tui.reach.files import unfinished
from tests.engine.command_line import Said, process
from tests.lab.recovering import LONG, recovering
from tests.lab.world import World, until

DOCUMENT = r"""
export DATE=$STAMP
pg_dump -U sparklio_user sparklio_v4 | gzip > "$BACKUP_DIR/postgres_$DATE.sql.gz"
redis-cli -p "$REDIS_PORT" SAVE
cp "$(redis-cli -p "$REDIS_PORT" CONFIG GET dir | tail -n 1)/dump.rdb" "$BACKUP_DIR/redis_$DATE.rdb"
tar -czf "$BACKUP_DIR/config_$DATE.tar.gz" \
    ~/sparklio_ai_marketing_studio/.env \
    ~/sparklio_ai_marketing_studio/backend/.env \
    ~/sparklio_ai_marketing_studio/frontend/.env.local \
    ~/sparklio_ai_marketing_studio/monitoring/prometheus.yml
cd ~/sparklio_ai_marketing_studio
git log --all --pretty=format:"%H %an %ae %ai %s" > "$BACKUP_DIR/git_log_$DATE.txt"
cp -R ~/minio/data/sparklio-assets "$BACKUP_DIR/minio_assets_$DATE" # for want of mc
"""
"""What backup_daily.sh does, word for word but for the place of Redis' file and the tool that copies objects."""
KINDS = {
    "PG_BACKUP": "postgres_{}.sql.gz",
    "REDIS_BACKUP": "redis_{}.rdb",
    "CONFIG_BACKUP": "config_{}.tar.gz",
    "MINIO_ASSETS_BACKUP": "minio_assets_{}",
    "MINIO_BRAND_BACKUP": "minio_brand_{}",
    "MINIO_WORKFLOWS_BACKUP": "minio_workflows_{}",
    "GIT_LOG_BACKUP": "git_log_{}.txt",
}
"""The name of a backup of each set, by the input that picks it."""
OTHER = "20990101_000000"


@pytest.fixture
def drive(lab: World) -> Iterator[Path]:
    """The backup folder; what a test puts there is gone after it, and nothing else."""
    folder = Path(load(lab.plan).nodes["macmini"].env["BACKUP_DIR"])
    before = set(folder.iterdir())
    yield folder
    for each in set(folder.iterdir()) - before:
        if each.is_dir() and not each.is_symlink():
            shutil.rmtree(each)
        else:
            each.unlink()


def sparkdr(lab: World, *arguments: str) -> Said:
    return process("--plan", lab.plan, *arguments, timeout=LONG)


def facts(path: Path) -> dict[str, str]:
    """The lines of a manifest, or of a result."""
    return dict(line.partition(" ")[::2] for line in path.read_text(encoding="utf-8").splitlines())


def verified(path: Path) -> dict[str, str]:
    return facts(Path(f"{path}.verified"))


def newest(drive: Path, name: str) -> Path:
    """The newest backup of a set."""
    stamp = "[0-9]" * 8 + "_" + "[0-9]" * 6
    return max(each for each in drive.glob(name.format(stamp)) if OTHER not in each.name)


def another(drive: Path, name: str) -> Path:
    """A copy of the newest backup of a set, with its manifest."""
    good, copy = newest(drive, name), drive / name.format(OTHER)
    if good.is_dir():
        shutil.copytree(good, copy)
    else:
        shutil.copy(good, copy)
    shutil.copy(f"{good}.manifest", f"{copy}.manifest")
    return copy


def no_scratch_is_left(lab: World) -> None:
    assert not [name for name in databases(lab) if "_restore_" in name]
    assert not [bucket.name for bucket in lab.s3().list_buckets() if "scratch" in bucket.name]
    assert not list((lab.folder / "tmp").glob("**/sparkdr.*"))
    said = [Path(f"/proc/{pid}/cmdline").read_bytes() for pid in lab.processes() if Path(f"/proc/{pid}").exists()]
    assert not [line for line in said if b"scratch.sock" in line]


def test_the_daily_backup_is_complete_and_every_part_of_it_restores(lab: World, drive: Path) -> None:
    before = {each.name for each in drive.iterdir()}
    said = sparkdr(lab, "backup", "run", "--yes", "--json")
    assert said.status == 0, said
    run = said.documents[-1]
    assert (run["mode"], run["outcome"]) == ("routine", "completed")
    assert [step["id"] for step in run["steps"]].count("drive.mounted") == 1
    assert not [each for each in drive.iterdir() if each.name not in before and each.name.endswith(".part")]
    for name in KINDS.values():
        made = newest(drive, name)
        assert made.name not in before
        known = facts(Path(f"{made}.manifest"))
        assert known["run"] == run["id"] and known["snapshot"] and len(known["tool"].split()) == 2
        if made.is_file():
            content = made.read_bytes()
            assert (known["size"], known["sha256"]) == (str(len(content)), hashlib.sha256(content).hexdigest())
            assert made.name.startswith("git_log") or made.stat().st_mode & 0o077 == 0, made.name
    rows = [line.split()[1:] for line in manifest(drive, "PG_BACKUP") if line.startswith("rows ")]
    assert {table.removeprefix("public."): int(count) for table, count in rows} == lab.rows()
    assert f"keys {lab.redis().dbsize()}" in manifest(drive, "REDIS_BACKUP")
    assert f"objects {len(lab.objects()['sparklio-workflows'])}" in manifest(drive, "MINIO_WORKFLOWS_BACKUP")

    with left_behind(lab, "BAK-0001") as killed, left_behind(lab, "INC-0001") as kept:
        said = sparkdr(lab, "backup", "verify", "--yes")
        assert (killed in databases(lab), kept in databases(lab)) == (False, True)
    assert said.status == 0, said
    for name in KINDS.values():
        found = verified(newest(drive, name))
        assert (found["result"], found["intact"], found["restored"]) == ("ok", "yes", "yes"), name
        assert f"{found['run']} completed" in said.out
    no_scratch_is_left(lab)


@contextmanager
def left_behind(lab: World, run: str) -> Iterator[str]:
    """A database that a run which was killed long ago restored beside the real one."""
    name = f"sparklio_v4_restore_202001{'01' if run.startswith('BAK') else '02'}_030405"
    with lab.database() as connection:
        connection.autocommit = True
        connection.execute(f"CREATE DATABASE {name}".encode())
        said = f"restored by run {run}, stamp {name[-15:]}, from postgres.sql.gz"
        connection.execute(f"COMMENT ON DATABASE {name} IS '{said}'".encode())
        yield name
        connection.execute(f"DROP DATABASE IF EXISTS {name}".encode())


def databases(lab: World) -> set[str]:
    with lab.database() as connection:
        return {name for (name,) in connection.execute("SELECT datname FROM pg_database").fetchall()}


def manifest(drive: Path, kind: str) -> list[str]:
    return Path(f"{newest(drive, KINDS[kind])}.manifest").read_text(encoding="utf-8").splitlines()


def test_what_is_damaged_is_found_recorded_and_leaves_no_scratch(lab: World, drive: Path) -> None:
    bad = {kind: another(drive, name) for kind, name in KINDS.items()}
    lies = Path(f"{bad['PG_BACKUP']}.manifest")  # the dump itself is whole: only restoring it tells
    lies.write_text(lies.read_text().replace("rows public.users ", "rows public.users 1"))
    content = bytearray(bad["REDIS_BACKUP"].read_bytes())
    content[len(content) // 2] ^= 1
    bad["REDIS_BACKUP"].write_bytes(content)  # as long as before
    whole = bad["CONFIG_BACKUP"].read_bytes()
    bad["CONFIG_BACKUP"].write_bytes(whole[: len(whole) // 2])
    Path(f"{bad['CONFIG_BACKUP']}.manifest").unlink()  # half-written by the document's script
    largest = max(bad["MINIO_ASSETS_BACKUP"].rglob("*.png"), key=lambda each: each.stat().st_size)
    largest.write_bytes(bytes(largest.stat().st_size))
    min(bad["MINIO_BRAND_BACKUP"].rglob("*.svg")).unlink()
    cut = Path(f"{bad['MINIO_WORKFLOWS_BACKUP']}.manifest")
    cut.write_text(cut.read_text().rpartition("object ")[0])
    bad["GIT_LOG_BACKUP"].write_text("nothing\n")

    chosen = [word for kind, path in bad.items() for word in ("--input", f"{kind}={path.name}")]
    said = sparkdr(lab, "run", "backup-verify", "--yes", *chosen)
    assert said.status == 1, said
    found = {kind: verified(path) for kind, path in bad.items()}
    assert {each["result"] for each in found.values()} == {"failed"}
    assert {kind: (each.get("intact"), each.get("restored")) for kind, each in found.items()} == {
        "PG_BACKUP": ("yes", "no"),
        "REDIS_BACKUP": ("no", None),
        "CONFIG_BACKUP": (None, "no"),
        "MINIO_ASSETS_BACKUP": ("no", None),
        "MINIO_BRAND_BACKUP": ("no", None),
        "MINIO_WORKFLOWS_BACKUP": ("no", None),
        "GIT_LOG_BACKUP": ("no", None),
    }
    assert "rows differ" in found["PG_BACKUP"]["detail"]
    assert largest.name in found["MINIO_ASSETS_BACKUP"]["detail"]
    no_scratch_is_left(lab)

    dump = bad["PG_BACKUP"].read_bytes()
    bad["PG_BACKUP"].write_bytes(dump[: len(dump) // 2])
    said = sparkdr(lab, "backup", "verify", "postgres", "--backup", bad["PG_BACKUP"].name, "--yes")
    assert said.status == 1, said
    found["PG_BACKUP"] = verified(bad["PG_BACKUP"])
    assert (found["PG_BACKUP"]["intact"], found["PG_BACKUP"].get("restored")) == ("no", None)
    assert "its manifest says" in found["PG_BACKUP"]["detail"]
    no_scratch_is_left(lab)


def test_a_drive_that_is_full_leaves_no_pretender_and_what_still_has_room_is_made(lab: World, drive: Path) -> None:
    before = set(drive.iterdir())
    full = []
    for second in range(120):  # whatever is written under these names within two minutes finds no space left
        stamp = time.strftime("%Y%m%d_%H%M%S", time.localtime(time.time() + second))
        halfway = Path(unfinished(f"{drive}/.minio_brand_{stamp}.part/brand-1/logo.svg"))
        halfway.parent.mkdir(parents=True)
        names = (KINDS[kind].format(stamp) for kind in ("PG_BACKUP", "REDIS_BACKUP", "CONFIG_BACKUP", "GIT_LOG_BACKUP"))
        for each in (halfway, *(drive / f".{name}.part" for name in names)):
            each.symlink_to("/dev/full")
            full.append(each)
    said = sparkdr(lab, "backup", "run", "--yes")
    for each in full:
        each.unlink(missing_ok=True)
        if each.parent != drive and each.parent.parent.exists():
            shutil.rmtree(each.parent.parent)
    assert said.status == 1, said
    for step in ("postgres.dump", "redis.snapshot", "config.archive", "minio.brand", "git-log.log"):
        assert f"Step {step} ended as: failed" in said.out, step
    assert "No space left on device" in said.out and "The backup drive is full" in said.out
    made = {each.name.partition("_20")[0] for each in set(drive.iterdir()) - before}
    assert made == {"minio_assets", "minio_workflows"}


def test_a_backup_that_is_broken_off_leaves_nothing_behind(lab: World, drive: Path) -> None:
    before = set(drive.iterdir())
    with lab.database() as somebody, somebody.transaction():
        somebody.execute("LOCK TABLE users IN ACCESS EXCLUSIVE MODE")  # the dump waits for it
        with recovering(lab, "backup-postgres") as run:
            until(lambda: any(each.name.endswith(".rows.part") for each in set(drive.iterdir()) - before), 30)
            run.close()
            assert run.state.outcome == "aborted" and run.state.steps["postgres.dump"].gone
    assert set(drive.iterdir()) == before


def test_a_backup_that_the_documents_own_script_made_is_verified_without_a_manifest(lab: World, drive: Path) -> None:
    plan = load(lab.plan)
    env = {
        **plan.nodes["macmini"].env,
        "PGPASSWORD": (lab.plan / "secrets" / "PGPASSWORD").read_text(),
        "STAMP": OTHER,
    }

    async def by_hand() -> None:
        async with lab.ssh("macmini") as connection:
            exports = "".join(f"export {name}='{value}'\n" for name, value in env.items())
            await connection.run("bash", input=exports.replace("'~/", "~/'") + "set -e\n" + DOCUMENT, check=True)

    asyncio.run(by_hand())
    mine = {kind: drive / name.format(OTHER) for kind, name in KINDS.items() if (drive / name.format(OTHER)).exists()}
    assert len(mine) == 5
    chosen = [word for kind, path in mine.items() for word in ("--input", f"{kind}={path}")]
    said = sparkdr(lab, "run", "backup-verify", "--yes", *chosen)
    assert said.status == 0, said
    for kind, path in mine.items():
        found = verified(path)
        assert (found["result"], found["restored"]) == ("ok", "yes"), kind
        assert "intact" not in found, kind  # nobody recorded a hash
    no_scratch_is_left(lab)

    # What holds nothing was not restored, and a manifest without a hash has proved none.
    mine["PG_BACKUP"].with_name(mine["PG_BACKUP"].name + ".manifest").write_text("manifest 1\n")
    shutil.rmtree(mine["MINIO_ASSETS_BACKUP"])
    mine["MINIO_ASSETS_BACKUP"].mkdir()
    said = sparkdr(lab, "run", "backup-verify", "--yes", *chosen)
    assert said.status == 1, said
    empty, dump = verified(mine["MINIO_ASSETS_BACKUP"]), verified(mine["PG_BACKUP"])
    assert empty["result"] == "failed" and "it is empty and has no manifest" in empty["detail"]
    assert empty["intact"] == "no" and "restored" not in empty
    assert (dump["result"], dump["restored"]) == ("ok", "yes") and "intact" not in dump
    no_scratch_is_left(lab)


def test_a_fast_backup_is_restored_with_equal_rows_and_one_with_a_changed_file_is_refused(
    lab: World, drive: Path
) -> None:
    said = sparkdr(lab, "backup", "run", "postgres-fast", "--yes")
    assert said.status == 0, said
    rows = lab.rows()
    folder = newest(drive, "postgres_fast_{}")
    lab.break_("postgres-corrupt")
    with recovering(lab, "database-fast") as run:
        assert Path(run.completes().inputs["PG_BACKUP"].value) == folder
    assert lab.rows() == rows
    content = max(folder.iterdir(), key=lambda each: each.stat().st_size)
    content.write_bytes(content.read_bytes()[:-1] + b"?")
    with recovering(lab, "database-fast", PG_BACKUP=folder) as run:
        assert f"REFUSED: {content.name}: FAILED" in run.log(run.stumbles())
    assert lab.rows() == rows
