"""Every kind of action against the real servers, through SSH where the plan says so."""

from __future__ import annotations

import shutil
from pathlib import Path

from sparkdr_tui.plan.load import load
from sparkdr_tui.record import events as e
from sparkdr_tui.record.decisions import RunRequest
from sparkdr_tui.record.fold import fold_all
from sparkdr_tui.record.journal import read
from sparkdr_tui.record.state import Phase, RunState
from sparkdr_tui.recover.engine import Engine
from sparkdr_tui.recover.objects import read_manifest
from tests.engine.local_runs import Sweeps
from tests.lab.world import World, until

EVERY = """
id: every-action
title: Every action
steps:
  - { id: sql, title: Ask, sql: { service: postgresql, query: "SELECT 6 * 7", equals: "42" } }
  - { id: set, title: Set, needs: [], redis: { service: redis, command: [SET, "a key; $(x)", 값], equals: "True" } }
  - { id: get, title: Get, redis: { service: redis, command: [GET, "a key; $(x)"], equals: 값 } }
  - { id: del, title: Delete, redis: { service: redis, command: [DEL, "a key; $(x)"], equals: "1" } }
  - { id: http, title: Knock, needs: [], http: { service: backend, path: /health } }
  - { id: wait, title: Wait, needs: [], timeout: 30s, wait: { service: ollama } }
  - id: back-up
    title: Back up
    needs: []
    on: macmini
    s3:
      service: minio
      mirror: [{ bucket: sparklio-assets, folder: "$BACKUP_DIR/actions_$RUN_STAMP", direction: backup }]
  - id: restore
    title: Restore
    on: macmini
    s3:
      service: minio
      make_buckets: [actions-test]
      mirror: [{ bucket: actions-test, folder: "$BACKUP_DIR/actions_$RUN_STAMP" }]
  - id: empty
    title: Back up nothing
    needs: []
    on: macmini
    s3:
      service: minio
      make_buckets: [actions-empty]
      mirror: [{ bucket: actions-empty, folder: "$BACKUP_DIR/actions_empty_$RUN_STAMP", direction: backup }]
  - id: manual
    title: Look
    manual: { say: Look at it., checklist: [The lamp is on, Nothing smells] }
"""

WRONG = """
id: every-action
title: What cannot work
steps:
  - { id: sql, title: Ask, needs: [], sql: { service: postgresql, query: "SELECT 1", equals: "2" } }
  - { id: nonsense, title: Ask, needs: [], sql: { service: postgresql, query: "SELEKT 1" } }
  - { id: redis, title: Ask, needs: [], redis: { service: redis, command: [NOSUCHCOMMAND] } }
  - { id: http, title: Knock, needs: [], http: { service: backend, path: /nowhere } }
  - id: s3
    title: Restore
    needs: []
    on: macmini
    s3: { service: minio, mirror: [{ bucket: sparklio-assets, folder: "$BACKUP_DIR/not-there" }] }
"""


def run(lab: World, folder: Path, runbook: str) -> tuple[RunState, Path]:
    """The state of a run of `runbook` in the lab, once nothing moves any more, and its folder."""
    shutil.copytree(lab.plan, folder / "plan")
    (folder / "plan" / "every-action.yaml").write_text(runbook, encoding="utf-8")
    with Engine(load(folder / "plan"), folder / "state", "tester", Sweeps()) as engine:
        opened = engine.open(RunRequest("every-action", pace="none"))

        def still() -> bool:
            state = fold_all(read(opened))
            assert state is not None
            return not state.live or all(step.phase.stuck for step in state.steps.values())

        until(still, 60)
        state = fold_all(read(opened))
    assert state is not None
    return state, opened


def test_every_kind_of_action_does_what_it_says(lab: World, tmp_path: Path) -> None:
    objects = lab.objects()["sparklio-assets"]
    try:
        state, folder = run(lab, tmp_path, EVERY)
        assert {name: step.phase for name, step in state.steps.items()} == dict.fromkeys(state.steps, Phase.DONE)
        assert lab.objects()["actions-test"] == objects
        kept = next(lab.folder.glob(f"volumes/macmini/Backup/sparklio_v4/actions_{state.opened.stamp}"))
        manifest = Path(f"{kept}.manifest").read_text(encoding="utf-8")
        assert {entry.key for entry in read_manifest(manifest)} == objects
        nothing = kept.with_name(f"actions_empty_{state.opened.stamp}")
        assert nothing.is_dir() and not list(nothing.iterdir())
        assert read_manifest(Path(f"{nothing}.manifest").read_text(encoding="utf-8")) == []
        assert state.steps["manual"].ticked == {0, 1}
        progress = [
            r.event for r in read(folder) if isinstance(r.event, e.StepProgressed) and r.event.step == "restore"
        ]
        assert (progress[-1].done, progress[-1].total) == (len(objects), len(objects))
    finally:
        for each in lab.folder.glob("volumes/macmini/Backup/sparklio_v4/actions_*"):
            shutil.rmtree(each) if each.is_dir() else each.unlink()
        for key in lab.objects().get("actions-test", ()):
            lab.s3().remove_object("actions-test", key)
        for bucket in {"actions-test", "actions-empty"} & set(lab.objects()):
            lab.s3().remove_bucket(bucket)


def test_what_cannot_work_fails_in_one_line(lab: World, tmp_path: Path) -> None:
    state, _folder = run(lab, tmp_path, WRONG)
    said = {name: step.detail for name, step in state.steps.items()}
    assert all(step.phase is Phase.FAILED for step in state.steps.values())
    assert said["sql"] == "The query answers 1, expected 2."
    assert "syntax error" in said["nonsense"]
    assert "unknown command" in said["redis"]
    assert said["http"] == "/nowhere answers 404."
    assert said["s3"].startswith("There is no folder ")
    assert not any("\n" in each for each in said.values())
