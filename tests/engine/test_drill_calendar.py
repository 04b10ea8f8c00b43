"""Which drill is due when: in the operator's days, across changes of the clocks, by the runs there are."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sparkdr_tui.plan.drills import Drill, DrillWhen
from sparkdr_tui.plan.load import builtin, load
from sparkdr_tui.plan.model import State
from sparkdr_tui.plan.runbook import Plan
from sparkdr_tui.record import events as e
from sparkdr_tui.record.drills import DrillStatus, Standing, day_of, drill_statuses, standing, turns
from sparkdr_tui.record.journal import Journal
from tests.engine.recorded import SAID, ended, opened, outline, seen, started

SEOUL, NEW_YORK, AUCKLAND = (ZoneInfo(name) for name in ("Asia/Seoul", "America/New_York", "Pacific/Auckland"))
WEEK = timedelta(days=7)
days = st.dates(date(1999, 1, 1), date(2101, 12, 31))
zones = st.sampled_from((SEOUL, NEW_YORK, AUCKLAND, UTC))


def quarterly(quarter: int) -> Drill:
    return Drill(title=SAID, when=DrillWhen(quarter=quarter), runbook="database")


MONTHLY = Drill(title=SAID, when=DrillWhen(monthly="first monday"), runbook="database", announce=timedelta(days=1))
drills = st.sampled_from((*(quarterly(number) for number in (1, 2, 3, 4)), MONTHLY))


def is_turns_first_day(drill: Drill, day: date) -> bool:
    """By the letter of the plan, without any reckoning."""
    if drill.when.quarter is not None:
        return day.day == 1 and day.month == {1: 1, 2: 4, 3: 7, 4: 10}[drill.when.quarter]
    return day.day <= 7 and day.strftime("%a") == "Mon"


# -- turns ---------------------------------------------------------------------------------------------


@given(drills, days)
def test_between_two_turns_that_follow_each_other_there_is_no_other(drill: Drill, today: date) -> None:
    last, following = turns(drill, today)
    assert last.opens <= today < following.opens
    between = [last.opens + timedelta(days=n) for n in range((following.opens - last.opens).days + 1)]
    assert [day for day in between if is_turns_first_day(drill, day)] == [last.opens, following.opens]


@given(drills, days)
def test_a_turn_is_a_whole_quarter_or_one_monday_and_announced_in_time(drill: Drill, today: date) -> None:
    for turn in turns(drill, today):
        assert turn.announce == turn.opens - drill.announce
        if drill.when.monthly:
            assert turn.closes == turn.opens
        else:
            after = turn.closes + timedelta(days=1)
            assert (after.day, after.month % 3) == (1, 1)
            assert 90 <= (after - turn.opens).days <= 92


@pytest.mark.parametrize(
    ("today", "opens"),
    [
        (date(2026, 6, 1), date(2026, 6, 1)),  # a month that begins on a Monday
        (date(2026, 5, 31), date(2026, 5, 4)),
        (date(2027, 1, 3), date(2026, 12, 7)),  # a year that began, and whose first Monday has not come yet
        (date(2027, 1, 4), date(2027, 1, 4)),
        (date(2024, 2, 29), date(2024, 2, 5)),
    ],
)
def test_the_first_monday(today: date, opens: date) -> None:
    assert turns(MONTHLY, today)[0].opens == opens


# -- standing ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("today", "held", "stands", "opens"),
    [
        (date(2026, 12, 31), [], Standing.DUE, date(2026, 10, 1)),
        (date(2027, 1, 1), [], Standing.OVERDUE, date(2026, 10, 1)),
        (date(2026, 11, 25), [date(2026, 9, 30)], Standing.DUE, date(2026, 10, 1)),
        (date(2026, 11, 25), [date(2026, 10, 1)], Standing.DONE, date(2027, 10, 1)),
        (date(2027, 2, 1), [date(2027, 1, 15)], Standing.DONE, date(2027, 10, 1)),  # late, and made up for
        (date(2027, 9, 23), [date(2026, 12, 31)], Standing.DONE, date(2027, 10, 1)),
        (date(2027, 9, 24), [date(2026, 12, 31)], Standing.ANNOUNCE, date(2027, 10, 1)),
        (date(2027, 9, 24), [], Standing.OVERDUE, date(2026, 10, 1)),
        (date(2027, 10, 1), [date(2026, 12, 31)], Standing.DUE, date(2027, 10, 1)),
    ],
)
def test_a_quarters_drill(today: date, held: list[date], stands: Standing, opens: date) -> None:
    found, turn = standing(quarterly(4), held, today)
    assert (found, turn.opens) == (stands, opens)


@pytest.mark.parametrize(
    ("today", "held", "stands"),
    [
        (date(2026, 11, 2), [], Standing.DUE),
        (date(2026, 11, 3), [], Standing.OVERDUE),
        (date(2026, 11, 4), [date(2026, 11, 4)], Standing.DONE),
        (date(2026, 12, 6), [date(2026, 11, 4)], Standing.ANNOUNCE),
        (date(2026, 12, 7), [date(2026, 11, 4)], Standing.DUE),
    ],
)
def test_the_monthly_drill(today: date, held: list[date], stands: Standing) -> None:
    assert standing(MONTHLY, held, today)[0] is stands


@given(drills, days, st.lists(st.integers(0, 800), max_size=4))
def test_a_drill_is_done_exactly_if_it_was_held_since_its_last_turn_began(
    drill: Drill, today: date, ago: list[int]
) -> None:
    held = [today - timedelta(days=each) for each in ago]
    first = next(
        day for n in range(400) if is_turns_first_day(drill, day := today - timedelta(days=n))
    )  # the last first day
    stands, turn = standing(drill, held, today)
    assert (stands in (Standing.DONE, Standing.ANNOUNCE)) == any(day >= first for day in held)
    assert turn.opens > today if stands in (Standing.DONE, Standing.ANNOUNCE) else turn.opens == first
    assert (stands is Standing.OVERDUE) == (turn.closes < today)


# -- days ----------------------------------------------------------------------------------------------


@given(st.datetimes(datetime(1999, 1, 1), datetime(2101, 1, 1)), zones)
def test_a_day_is_the_one_on_the_operators_wall(at: datetime, zone: ZoneInfo) -> None:
    moment = at.replace(tzinfo=UTC)
    midnight = datetime.combine(day_of(moment, zone), datetime.min.time(), zone)
    assert midnight.astimezone(UTC) <= moment
    assert day_of(moment + timedelta(hours=26), zone) > day_of(moment, zone)


@pytest.mark.parametrize(
    ("at", "zone", "day"),
    [
        ("2026-12-31T15:00:00+00:00", SEOUL, date(2027, 1, 1)),
        ("2026-12-31T14:59:59+00:00", SEOUL, date(2026, 12, 31)),
        ("2026-11-02T04:30:00+00:00", NEW_YORK, date(2026, 11, 1)),  # the evening after the clocks went back
        ("2026-11-02T05:00:00+00:00", NEW_YORK, date(2026, 11, 2)),
        ("2026-03-09T03:59:00+00:00", NEW_YORK, date(2026, 3, 8)),  # the evening after they went forward
        ("2026-10-04T10:59:00+00:00", AUCKLAND, date(2026, 10, 4)),  # summer time there
        ("2026-10-04T11:00:00+00:00", AUCKLAND, date(2026, 10, 5)),
        ("2026-04-05T12:00:00+00:00", AUCKLAND, date(2026, 4, 6)),
    ],
)
def test_days_begin_at_midnight_there_also_when_the_clocks_change(at: str, zone: ZoneInfo, day: date) -> None:
    assert day_of(datetime.fromisoformat(at), zone) == day


# -- by the runs there are -------------------------------------------------------------------------------


@cache
def plan() -> Plan:
    return load(builtin())


def made(
    state_folder: Path, run: str, at: str, *events: e.Event, drill: str | None = "q4-network", **more: str
) -> None:
    """Keep a journal of a run that was opened at `at`."""
    times = iter(datetime.fromisoformat(at) + timedelta(seconds=second) for second in range(1000))
    journal = Journal.create(state_folder / "runs" / run, "mina", lambda: next(times))
    begun = opened(outline("work"), incident_at=datetime.fromisoformat(at), services=["postgresql"])
    journal.append(begun.model_copy(update={"run": run, "mode": "drill", "drill": drill, **more}))
    for event in events:
        journal.append(event)
    journal.close()


def closed(outcome: e.Outcome) -> e.RunClosed:
    return e.RunClosed(outcome=outcome)


def status(state_folder: Path, at: str, zone: ZoneInfo = SEOUL, drill: str = "q4-network") -> DrillStatus:
    found = drill_statuses(plan(), state_folder, datetime.fromisoformat(at), zone)
    assert [each.id for each in found] == list(plan().drills)
    return next(each for each in found if each.id == drill)


def test_a_drill_that_was_aborted_or_goes_on_does_not_count(tmp_path: Path) -> None:
    made(tmp_path, "DRL-0001", "2026-10-05T01:00:00+00:00", closed("aborted"))
    made(tmp_path, "DRL-0002", "2026-10-06T01:00:00+00:00", started("work"))
    found = status(tmp_path, "2026-11-25T00:00:00+00:00")
    assert (found.standing, found.last, found.running) == (Standing.DUE, None, "DRL-0002")


def test_a_drill_with_exceptions_counts_and_says_so(tmp_path: Path) -> None:
    made(tmp_path, "DRL-0001", "2026-10-05T01:00:00+00:00", closed("completed with exceptions"))
    found = status(tmp_path, "2026-11-25T00:00:00+00:00")
    assert found.standing is Standing.DONE
    assert found.last is not None and found.last.outcome == "completed with exceptions"


def test_an_incident_and_a_run_without_a_drill_count_for_none(tmp_path: Path) -> None:
    made(tmp_path, "INC-0001", "2026-10-05T01:00:00+00:00", closed("completed"), mode="incident")
    made(tmp_path, "DRL-0001", "2026-10-05T01:00:00+00:00", closed("completed"), drill=None)
    assert status(tmp_path, "2026-11-25T00:00:00+00:00").standing is Standing.DUE


def test_the_day_on_which_a_drill_was_opened_is_that_of_the_operator(tmp_path: Path) -> None:
    made(tmp_path, "DRL-0001", "2026-09-30T20:00:00+00:00", closed("completed"))  # October in Seoul, not in New York
    assert status(tmp_path, "2026-11-25T00:00:00+00:00", SEOUL).standing is Standing.DONE
    assert status(tmp_path, "2026-11-25T00:00:00+00:00", NEW_YORK).standing is Standing.DUE


def test_whether_the_rto_was_met_is_read_off_the_run(tmp_path: Path) -> None:
    late = (started("work"), ended("work"), seen("postgresql", State.DAMAGED), closed("completed with exceptions"))
    made(tmp_path, "DRL-0001", "2026-10-05T01:00:00+00:00", *late)
    first = status(tmp_path, "2026-11-25T00:00:00+00:00").last
    well = (seen("postgresql", State.DAMAGED), started("work"), ended("work"), seen("postgresql", State.UP))
    made(tmp_path, "DRL-0002", "2026-10-06T01:00:00+00:00", *well, closed("completed"))
    second = status(tmp_path, "2026-11-25T00:00:00+00:00").last
    assert first is not None and second is not None
    assert (first.run, first.rto_met) == ("DRL-0001", False)
    assert (second.run, second.rto_met) == ("DRL-0002", True)


def test_the_most_urgent_comes_first(tmp_path: Path) -> None:
    made(tmp_path, "DRL-0001", "2026-07-05T01:00:00+00:00", closed("completed"), drill="q3-database")
    made(tmp_path, "DRL-0002", "2026-11-02T01:00:00+00:00", closed("completed"), drill="monthly-backup-test")
    found = drill_statuses(plan(), tmp_path, datetime(2026, 12, 6, tzinfo=UTC), SEOUL)
    assert [(each.id, each.standing.value) for each in sorted(found, key=lambda each: each.urgency)] == [
        ("q1-macmini", "overdue"),
        ("q2-desktop", "overdue"),
        ("q4-network", "due"),
        ("monthly-backup-test", "announce"),
        ("q3-database", "done"),
    ]
