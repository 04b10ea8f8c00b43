"""The site is gone with the Mac mini and every backup in it: what was copied to the second place brings it all back."""

from __future__ import annotations

import hashlib
import io
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from minio import Minio
from ruamel.yaml import YAML

from sparkdr_tui.lab.offsite import BUCKET, PREFIX
from sparkdr_tui.plan.load import load
from sparkdr_tui.reach import bucket
from sparkdr_tui.reach.files import PART as PART_OF_A_FILE
from sparkdr_tui.recover.rules import users
from tests.engine.command_line import sparkdr
from tests.lab.everything import difference, everything
from tests.lab.recovering import recovering
from tests.lab.world import World

LARGE = "redis_20990101_000000.rdb"
"""A backup that needs more than one part, and is the newest for ever."""

SMALLEST = 5 << 20
"""The smallest part that S3 takes."""


def second_place(lab: World) -> Minio:
    it = lab.card["offsite"]
    return Minio(urlsplit(it["url"]).netloc, it["access_key"], it["secret_key"], secure=False, region="us-east-1")


def copies(lab: World, begin: str = "") -> list[str]:
    """The names of what is in the second place."""
    found = second_place(lab).list_objects(BUCKET, prefix=f"{PREFIX}/{begin}", recursive=True)
    return sorted(str(each.object_name).removeprefix(f"{PREFIX}/") for each in found)


def put(lab: World, name: str, content: bytes) -> None:
    second_place(lab).put_object(BUCKET, f"{PREFIX}/{name}", io.BytesIO(content), len(content))


def drive(lab: World) -> Path:
    return Path(load(lab.plan).nodes["macmini"].env["BACKUP_DIR"])


@pytest.fixture
def large(lab: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A complete backup on the drive that is larger than one part; gone from both places afterwards."""
    monkeypatch.setattr(bucket, "PART", SMALLEST)
    path, content = drive(lab) / LARGE, bytes(SMALLEST) + b"and more"
    path.write_bytes(content)
    digest = hashlib.sha256(content).hexdigest()
    Path(f"{path}.manifest").write_text(
        f"manifest 1\nsize {len(content)}\nsha256 {digest}\nsnapshot 2099-01-01T00:00:00Z\nkeys 0\n"
    )
    yield path
    for each in path.parent.glob(f"{LARGE}*"):
        each.unlink()
    for name in copies(lab, LARGE):
        second_place(lab).remove_object(BUCKET, f"{PREFIX}/{name}")


def test_every_set_that_promises_something_has_a_complete_copy_from_the_start(lab: World) -> None:
    said = sparkdr("--plan", lab.plan, "status", "--json").document["backups"]
    copied = {name: each["copy"] for name, each in said.items() if each["copy"]}
    assert set(copied) == {"postgres", "redis", "config", "minio-assets", "minio-brand", "minio-workflows"}
    for copy in copied.values():
        assert (copy["band"], copy["standing"], copy["problem"]) == ("within", "kept", None)
        assert f"{copy['newest']}.manifest" in copies(lab, copy["newest"])


def test_an_altered_backup_is_not_copied_and_a_large_one_arrives_in_parts(lab: World, large: Path) -> None:
    whole = large.read_bytes()
    large.write_bytes(whole[:-1] + b"!")
    with recovering(lab, "backup-offsite") as run:
        step = run.stumbles()
        assert step.outline.id == "redis"
        assert f"{LARGE} is not what was backed up: its hash differs" in step.detail
        assert copies(lab, LARGE) == []
        large.write_bytes(whole)
        run.retry()
        run.completes()
        assert "1 copied, 0 were there" in run.log(run.state.steps["redis"])
        assert "0 copied, 15 were there" in run.log(run.state.steps["minio-assets"])
    assert copies(lab, LARGE) == [LARGE, f"{LARGE}.manifest"]


def test_a_folder_on_another_node_is_a_second_place_too(lab: World, tmp_path: Path) -> None:
    shutil.copytree(lab.plan, tmp_path / "plan")
    file = tmp_path / "plan" / "plan.yaml"
    raw = YAML().load(file)
    for name in ("config", "minio-brand"):
        raw["backup_sets"][name]["copy_to"] = {"node": "laptop", "dir": "second place; $(x)"}
    with file.open("w", encoding="utf-8") as target:
        YAML().dump(raw, target)
    there = lab.home("laptop") / "second place; $(x)"
    try:
        with recovering(lab, "backup-offsite", tmp_path / "plan") as run:
            run.completes()
        (archive,) = there.glob("config_*.tar.gz")
        assert archive.read_bytes() == (drive(lab) / archive.name).read_bytes()
        assert stat.S_IMODE(archive.stat().st_mode) == 0o600
        said = sparkdr("--plan", tmp_path / "plan", "status", "--json").document["backups"]
        assert said["config"]["copy"]["newest"] == archive.name
        assert said["minio-brand"]["copy"]["band"] == "within"

        (drive(lab) / f"{archive.name}.manifest").unlink()
        (drive(lab) / archive.name).unlink()
        with recovering(lab, "site-loss", tmp_path / "plan", pace="each") as run:
            for step in iter(run.waits, None):
                if step.outline.id.startswith("macmini."):
                    break
                run.confirm(step)
            assert "1 copied, 0 were there" in run.log(run.state.steps["fetch-config"])
            assert "0 copied, 7 were there" in run.log(run.state.steps["fetch-minio-brand"])
        assert archive.read_bytes() == (drive(lab) / archive.name).read_bytes()
    finally:
        shutil.rmtree(there)


def test_after_the_loss_of_the_site_everything_comes_back_from_the_second_place(lab: World) -> None:
    with recovering(lab, "backup-daily") as run:
        run.completes()
    before = everything(lab)
    newest = max(name for name in copies(lab, "postgres_") if name.endswith(".sql.gz"))
    obstacle = max(name for name in copies(lab, "minio_assets_") if name.endswith("asset-007.png"))
    answer = second_place(lab).get_object(BUCKET, f"{PREFIX}/{newest}")
    good = answer.read()
    answer.close()
    lab.break_("site-lost")
    assert not drive(lab).exists()
    put(lab, newest, bytes(len(good)))
    (drive(lab) / obstacle).mkdir(parents=True)
    try:
        with recovering(lab, "site-loss") as run:
            step = run.stumbles()
            state = run.state
            stuck = {name: each.detail for name, each in state.steps.items() if each.phase.stuck}
            assert set(stuck) == {"fetch-postgres", "fetch-minio-assets"}, (step.outline.id, stuck)
            assert f"{newest} is not what was backed up" in stuck["fetch-postgres"]
            assert not list(drive(lab).glob("postgres_*"))
            assert "There is no usable backup of postgres" in state.missing["PG_BACKUP"]
            assert state.inputs["REDIS_BACKUP"].backup is not None
            assert any("macmini." in each.outline.id for each in users(state, "PG_BACKUP"))

            put(lab, newest, good)
            (drive(lab) / obstacle).rmdir()
            assets = drive(lab) / obstacle.partition("/")[0]
            there = len([each for each in assets.rglob("*") if each.is_file() and each.suffix != PART_OF_A_FILE])
            run.retry()
            state = run.completes()
            assert f"{15 - there} copied, {there} were there" in run.log(state.steps["fetch-minio-assets"])
    finally:
        put(lab, newest, good)
    chosen = state.inputs["PG_BACKUP"].backup
    assert chosen is not None and Path(chosen.path).name == newest
    assert not difference(before, everything(lab))
