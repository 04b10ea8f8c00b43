"""When the next backup of a set is due: by its schedule in the node's own time, else by how often one is promised."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from sparkdr_tui.backups.due import next_due, next_turn
from sparkdr_tui.backups.facts import Backup
from sparkdr_tui.plan.load import builtin, load
from sparkdr_tui.plan.runbook import Plan
from sparkdr_tui.plan.schedules import Schedule

NOW = datetime(2026, 11, 23, 3, 4, tzinfo=UTC)
SEOUL = timedelta(hours=9)


@pytest.fixture(scope="module")
def plan() -> Plan:
    return load(builtin())


def named(plan: Plan, set_id: str, at: datetime, offset: timedelta) -> Backup:
    """A backup that its node named by its own time."""
    name = plan.backup_sets[set_id].name.replace("{stamp}", f"{at + offset:%Y%m%d_%H%M%S}")
    return Backup(set_id, f"/b/{name}", name, at, 1, True, stamped_at=at)


def test_what_is_made_every_hour_is_due_at_its_minute(plan: Plan) -> None:
    due = next_due(plan, "postgres", [named(plan, "postgres", NOW - timedelta(hours=1), SEOUL)], NOW)
    assert due is not None and due.at == datetime(2026, 11, 23, 3, 5, tzinfo=UTC)
    assert due.schedule is plan.schedules["hourly"]


def test_what_is_made_every_day_is_due_by_the_clock_of_its_node(plan: Plan) -> None:
    last = named(plan, "config", NOW - timedelta(hours=10), SEOUL)
    due = next_due(plan, "config", [last], NOW)
    assert due is not None and due.at == datetime(2026, 11, 23, 17, 0, tzinfo=UTC)  # 02:00 in Seoul


def test_without_a_schedule_it_is_due_as_often_as_was_promised(plan: Plan) -> None:
    plan = replace(plan, schedules={})
    last = named(plan, "postgres", NOW - timedelta(minutes=47), SEOUL)
    due = next_due(plan, "postgres", [last], NOW)
    assert due is not None and due.schedule is None and due.at == NOW + timedelta(minutes=13)


def test_nobody_waits_for_an_optional_set_that_nothing_makes_by_itself(plan: Plan) -> None:
    last = named(plan, "postgres-fast", NOW - timedelta(days=3), SEOUL)
    assert next_due(plan, "postgres-fast", [last], NOW) is None


def test_a_monthly_schedule_comes_on_the_first_monday() -> None:
    monthly = Schedule(runbook="x", on="macmini", at="04:00", monthly="first monday", log="l")
    assert next_turn(monthly, datetime(2026, 11, 2, 3, 0)) == datetime(2026, 11, 2, 4, 0)
    assert next_turn(monthly, datetime(2026, 11, 2, 5, 0)) == datetime(2026, 12, 7, 4, 0)
