"""A set whose job has stopped: hour by hour, and what the runs know of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from sparkdr_tui.backups.punctual import stopped
from sparkdr_tui.plan.load import builtin, load
from sparkdr_tui.plan.model import Text
from sparkdr_tui.record.late import last_attempt
from sparkdr_tui.record.runs import RunSummary
from tests.engine import local_runs
from tests.engine.command_line import process

PLAN = load(builtin())
LAST = datetime(2026, 11, 25, 2, 5, tzinfo=UTC)


@pytest.mark.parametrize(("set_id", "late"), [("postgres", 91), ("redis", 91), ("config", 30 * 60 + 1)])
def test_a_set_is_late_once_its_next_backup_and_some_patience_are_over(set_id: str, late: int) -> None:
    declared = PLAN.backup_sets[set_id]
    minutes = [at for at in range(0, 3 * 24 * 60) if stopped(declared, LAST, LAST + timedelta(minutes=at))]
    assert minutes == list(range(late, 3 * 24 * 60))


def test_what_is_said_of_it_is_when_it_was_last_made_and_when_the_next_one_was_due() -> None:
    found = stopped(PLAN.backup_sets["postgres"], LAST, LAST + timedelta(days=3))
    assert found is not None
    assert (found.last, found.due) == (LAST, LAST + timedelta(hours=1))


def test_nobody_misses_a_set_that_is_optional() -> None:
    assert PLAN.backup_sets["postgres-fast"].optional
    assert stopped(PLAN.backup_sets["postgres-fast"], LAST, LAST + timedelta(days=300)) is None


def test_a_set_that_never_had_a_backup_has_not_stopped() -> None:
    assert stopped(PLAN.backup_sets["postgres"], None, LAST) is None


MAKER = """
id: dump
title: Dump
steps:
  - id: one
    title: Dump it
    on: here
    shell: |
      test ! -e "$FOLDER/broken"
      echo new >"$FOLDER/backups/notes_$(date +%Y%m%d_%H%M%S).sql.gz"
"""


def test_status_shows_a_set_whose_job_has_stopped_and_the_run_that_failed(tmp_path: Path) -> None:
    folder = tmp_path / "plan"
    folder.mkdir()
    (tmp_path / "backups").mkdir()
    old = tmp_path / "backups" / "notes_20260101_000000.sql.gz"
    old.write_bytes(b"rows")
    text = local_runs.PLAN.format(folder=tmp_path, port=1).replace("keep: 7d", "keep: 7d\n    made_by: dump")
    (folder / "plan.yaml").write_text(text + "state: ../state\n", encoding="utf-8")
    (folder / "dump.yaml").write_text(MAKER, encoding="utf-8")
    env = {"TEST_DB_PASSWORD": local_runs.PASSWORD, "COLUMNS": "200"}

    def stopped_now() -> Any:
        return process("--plan", folder, "status", "--json", env=env).document["backups"]["notes"]["stopped"]

    found = stopped_now()
    assert (found["every_s"], found["run"]) == (3600, None) and found["last"].startswith(("2025-12-31", "2026-01-01"))

    (tmp_path / "broken").touch()
    assert process("--plan", folder, "run", "dump", "--yes", env=env).status == 1
    run = stopped_now()["run"]
    said = process("--plan", folder, "status", env=env).out
    assert "notes: its job has stopped: last made " in said and ", due every 1h." in said
    assert f"{run} aborted  →  sparkdr-tui runs show {run}" in said

    (tmp_path / "broken").unlink()
    assert process("--plan", folder, "run", "dump", "--yes", env=env).status == 0
    assert stopped_now() is None


def ran(runbook: str, number: int) -> RunSummary:
    title = Text(en=runbook, ko=runbook)
    return RunSummary(f"INC-{number:04}", Path("/"), runbook, title, "incident", LAST, "me", LAST, "aborted")


@pytest.mark.parametrize(
    ("set_id", "by"),
    [("postgres", "INC-0004"), ("redis", "INC-0003"), ("config", "INC-0002"), ("git-log", "INC-0002")],
)
def test_the_last_attempt_at_a_set_is_the_newest_run_that_does_what_makes_it(set_id: str, by: str) -> None:
    newest_first = [
        *(ran("database", 5), ran("backup-postgres", 4), ran("backup-hourly", 3)),
        *(ran("backup-daily", 2), ran("backup-git-log+backup-config", 1)),
    ]
    found = last_attempt(PLAN, newest_first, set_id)
    assert found is not None and found.id == by
    assert last_attempt(PLAN, newest_first[:1], set_id) is None
