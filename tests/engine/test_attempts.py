"""What the journals of everyday work tell of a backup set, and that only the newest of them are read."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from sparkdr_tui.plan.load import builtin, load
from sparkdr_tui.plan.runbook import Plan
from sparkdr_tui.record import events as e
from sparkdr_tui.record import runs
from sparkdr_tui.record.attempts import attempts
from sparkdr_tui.record.decisions import RunRequest
from sparkdr_tui.record.journal import Journal
from sparkdr_tui.record.routine import last_completed
from sparkdr_tui.recover.opening import opening

NOW = datetime(2026, 11, 23, 3, 4, tzinfo=UTC)


@pytest.fixture(scope="module")
def plan() -> Plan:
    return load(builtin())


def ran(plan: Plan, state: Path, run: str, runbook: str, outcome: e.Outcome = "completed") -> None:
    at = NOW + timedelta(hours=int(run[-2:]))
    journal = Journal.create(state / "runs" / run, "jiyoung", lambda: at)
    journal.append(opening(plan, RunRequest(runbook, mode="routine", pace="none"), run, at))
    journal.append(e.RunClosed(outcome=outcome))
    journal.close()


def test_a_run_of_everything_counts_for_every_set_it_makes(plan: Plan, tmp_path: Path) -> None:
    ran(plan, tmp_path, "BAK-0001", "backup-hourly", "completed with exceptions")
    ran(plan, tmp_path, "BAK-0002", "backup-redis")
    ran(plan, tmp_path, "BAK-0003", "redis-verify", "aborted")
    found = attempts(plan, tmp_path)
    made = [found[name].made for name in ("postgres", "redis", "config")]
    assert [run.id if run else None for run in made] == ["BAK-0001", "BAK-0002", None]
    verified = found["redis"].verified
    assert verified is not None and verified.outcome == "aborted" and found["postgres"].verified is None


def test_a_run_that_only_shares_parts_with_an_optional_sets_runbook_is_no_attempt_at_that_set(
    plan: Plan, tmp_path: Path
) -> None:
    ran(plan, tmp_path, "BAK-0001", "backup-daily")
    ran(plan, tmp_path, "BAK-0002", "postgresql-verify")
    fast = attempts(plan, tmp_path)["postgres-fast"]
    assert fast.made is None and fast.verified is None
    ran(plan, tmp_path, "BAK-0003", "backup-postgres-fast")
    ran(plan, tmp_path, "BAK-0004", "backup-verify")
    found = attempts(plan, tmp_path)
    assert found["postgres-fast"].made is not None and found["postgres-fast"].verified is None
    verified = found["postgres"].verified
    assert verified is not None and verified.id == "BAK-0004"


def test_the_newest_journals_tell_and_one_that_cannot_be_read_is_passed_over(plan: Plan, tmp_path: Path) -> None:
    for number in range(1, 6):
        ran(plan, tmp_path, f"BAK-{number:04}", "backup-daily")
    for run in ("BAK-0001", "BAK-0002", "BAK-0003"):
        (tmp_path / "runs" / run / "journal.jsonl").write_text("whoever reads this stumbles")
    newest = runs.newest_first(tmp_path, "routine")
    assert [next(newest).id, next(newest).id] == ["BAK-0005", "BAK-0004"]
    assert attempts(plan, tmp_path)["redis"].made is not None


def test_the_last_time_that_it_went_well_says_how_long_it_takes(plan: Plan, tmp_path: Path) -> None:
    ran(plan, tmp_path, "BAK-0001", "backup-redis")
    ran(plan, tmp_path, "BAK-0002", "backup-redis", "aborted")
    ran(plan, tmp_path, "BAK-0003", "backup-daily")
    last = last_completed(tuple(runs.newest_first(tmp_path, "routine")), "backup-redis")
    assert last is not None and last.id == "BAK-0001"
