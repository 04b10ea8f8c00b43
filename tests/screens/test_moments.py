"""When an incident began is typed as people say it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from screens.moments import moment, refuses

NOW = datetime(2026, 11, 23, 3, 4, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("typed", "minutes"), [("12", 12), ("12m", 12), ("1h", 60), ("1h 30m", 90), ("1h30", 90), ("0", 0), (" 5M ", 5)]
)
def test_a_length_of_time_is_so_long_ago(typed: str, minutes: int) -> None:
    assert moment(typed, NOW) == NOW - timedelta(minutes=minutes)


def test_a_time_of_day_is_today_and_yesterday_where_today_is_still_to_come() -> None:
    assert moment("02:52", NOW) == datetime(2026, 11, 23, 2, 52, tzinfo=UTC)
    assert moment("23:10", NOW) == datetime(2026, 11, 22, 23, 10, tzinfo=UTC)


@pytest.mark.parametrize("typed", ["", "soon", "25:00", "12:61", "-5", "1d", "m"])
def test_what_names_no_time_is_refused_with_an_example(typed: str) -> None:
    assert moment(typed, NOW) is None
    assert "12m" in refuses(typed, NOW)
