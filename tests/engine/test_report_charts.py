"""Where things are in the charts of a report: bars at their times, lines at deadlines, nothing outside."""

from __future__ import annotations

import re
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from sparkdr_tui.record import events as e
from sparkdr_tui.record.journal import Verification
from sparkdr_tui.report import gantt, trend_chart
from sparkdr_tui.report.content import Content, content
from sparkdr_tui.report.making import make
from sparkdr_tui.report.scale import Scale, columns, fitted, round_up
from sparkdr_tui.report.spans import Doing
from sparkdr_tui.report.trend import PastRun
from tests.engine.recorded import START, after, journals, outline
from tests.engine.storied import Said, done, kept, opening, records, started, story

INTACT = Verification(True, 1)


def told(found: list[e.Record] | None = None, seconds: float = 5_000) -> Content:
    return content(found or records(), after(seconds), {}, (), INTACT)


# -- the course of a run -------------------------------------------------------------------------------


def test_a_bar_is_where_its_time_is_and_as_long_as_it_took() -> None:
    (picture,) = gantt.layout(told())
    scale = picture.scale
    assert (scale.start, scale.end) == (after(-120), after(902))
    per_second = (gantt.RIGHT - gantt.LEFT) / 1022
    (stop,) = [box for box in picture.boxes if box.bar.step == "stop" and box.bar.doing is Doing.WORKING]
    assert stop.x == gantt.LEFT + 140 * per_second
    assert abs(stop.width - 32 * per_second) < 1e-6


def test_bars_of_a_step_stand_in_its_row_and_do_not_cover_each_other() -> None:
    (picture,) = gantt.layout(told())
    for at, line in enumerate(picture.rows):
        boxes = [box for box in picture.boxes if box.bar.step == line.step.outline.id]
        top = picture.top + at * gantt.ROW
        assert all(top <= box.y and box.y + box.height <= top + gantt.ROW for box in boxes)
        ends = [(box.x, box.x + box.width) for box in boxes]
        assert all(before[1] <= later[0] + gantt._LEAST for before, later in pairwise(ends))


def test_waiting_for_a_person_is_told_from_working_by_height_and_pattern() -> None:
    (picture,) = gantt.layout(told())
    assert {box.height for box in picture.boxes if box.bar.doing.waits} == {gantt.THIN}
    assert {box.height for box in picture.boxes if not box.bar.doing.waits} == {gantt.BAR}
    drawn = gantt.draw(told())
    filled = set(re.findall(r"url\(#(\w+)-0\)", drawn))
    assert filled == {"asked", "stuck", "verifying", "undoing"}


def test_an_rto_that_the_run_came_to_is_a_line_and_a_later_one_is_said() -> None:
    report = told()
    (picture,) = gantt.layout(report)
    (line,) = [rule for rule in picture.rules if rule.rto]
    assert line.at == after(-120 + 900)
    assert line.x == picture.scale.x(after(780))
    assert [said for said in gantt.elsewhere(report) if "PostgreSQL" in said and "03:28:00" in said]


def test_the_start_of_the_incident_is_a_line_unless_it_was_long_before() -> None:
    (picture,) = gantt.layout(told())
    assert [rule.x for rule in picture.rules if not rule.rto] == [gantt.LEFT]
    report = told(records(opening(incident_at=START - timedelta(days=2))))
    (picture,) = gantt.layout(report)
    assert not [rule for rule in picture.rules if not rule.rto]
    assert any("began before" in said for said in gantt.elsewhere(report))
    assert picture.scale.start == START


def test_many_steps_are_several_pictures_that_each_fit_a_page() -> None:
    steps = tuple(outline(f"s{number}") for number in range(90))
    report = told(records(opening(steps=steps), [(5, "engine", started("s0")), (9, "engine", done("s0"))]), 20)
    pictures = gantt.layout(report)
    assert [len(picture.rows) for picture in pictures] == [30, 30, 30]
    assert len({(picture.scale.start, picture.scale.end) for picture in pictures}) == 1
    assert gantt.draw(report).count("<svg") >= 3


def test_a_run_that_ended_at_once_still_has_a_chart() -> None:
    told_at_once: list[Said] = [(0, "engine", started("stop")), (0, "engine", done("stop"))]
    report = told(records(opening(incident_at=START), [*told_at_once, (0, "m", e.RunClosed(outcome="aborted"))]))
    (picture,) = gantt.layout(report)
    assert picture.scale.end > picture.scale.start
    assert gantt.draw(report)


def test_long_titles_are_cut_to_their_column_and_wide_letters_count_twice() -> None:
    assert fitted("short", 10) == "short"
    assert fitted("데이터베이스 복구", 9) == "데이터베…"
    assert columns(fitted("데이터베이스 복구", 9)) <= 9


@given(st.floats(0.5, 4e6))
def test_the_axis_has_round_times_and_not_too_many(seconds: float) -> None:
    scale = Scale(START, START + timedelta(seconds=seconds), 0, 100)
    marks = list(scale.marks())
    assert len(marks) <= 9
    assert all(scale.holds(moment) for moment, _label in marks)


@given(journals(), st.integers(-100, 10_000))
def test_nothing_of_any_run_is_drawn_outside_the_chart(found: list[e.Record], seconds: int) -> None:
    for picture in gantt.layout(told(found, seconds)):
        for box in picture.boxes:
            assert gantt.LEFT <= box.x <= gantt.RIGHT
            assert box.x + box.width <= gantt.RIGHT + gantt._LEAST
            assert picture.top <= box.y <= picture.height
        assert all(gantt.LEFT <= rule.x <= gantt.RIGHT for rule in picture.rules)


# -- the runs of a runbook -----------------------------------------------------------------------------


def past(elapsed: float, rto: float | None = 1800, outcome: e.Outcome | None = "completed") -> PastRun:
    return PastRun("INC-0001", "incident", START, outcome, elapsed, None, elapsed, rto, restored=True)


def test_a_longer_run_is_a_higher_column_and_its_rto_a_line() -> None:
    (short, long), most = trend_chart.layout((past(600), past(1700)))
    assert most == 2400
    assert short.y > long.y > trend_chart.TOP
    assert long.rto_y is not None and trend_chart.TOP < long.rto_y < long.y
    assert trend_chart.LEFT < short.x < long.x < trend_chart.RIGHT


def test_an_rto_far_above_every_run_is_said_and_does_not_flatten_them() -> None:
    (one,), most = trend_chart.layout((past(4, rto=1800),))
    assert most == 4 and one.rto_y is None
    assert "30m" in trend_chart.draw((past(4, rto=1800),))


def test_each_outcome_has_a_shape_of_its_own() -> None:
    outcomes: tuple[e.Outcome | None, ...] = ("completed", "completed with exceptions", "aborted", None)
    drawn = trend_chart.draw(tuple(past(60, outcome=each) for each in outcomes))
    for shape in ("completed", "marked", "failed", "unfinished"):
        assert drawn.count(f'class="{shape}"') == 2  # in the chart and in its legend


def test_the_trend_is_of_the_same_runbook_on_the_same_plan_before_this_run_oldest_first(tmp_path: Path) -> None:
    kept(tmp_path, days=-40, stretch=2)
    kept(tmp_path, days=-30, first=opening(mode="drill"))
    kept(tmp_path, days=-20, first=opening(plan="Elsewhere"))
    kept(tmp_path, days=-20, first=opening(runbook="redis"))
    kept(tmp_path, days=-20, first=opening(mode="lab"))
    folder = kept(tmp_path)
    kept(tmp_path, days=1)
    found = make(folder, tmp_path, after(10_000)).content
    assert [(each.run, each.kept) for each in found.earlier] == [("INC-0001", False), ("DRL-0001", False)]
    assert (found.this.elapsed, found.this.rto) == (993, 900)


def test_of_several_clocks_the_one_that_came_closest_stands_for_the_run(tmp_path: Path) -> None:
    unpromised = [each for each in story() if not isinstance(each[2], e.RunClosed)]
    this = make(kept(tmp_path, unpromised), tmp_path, after(1000)).content.this
    assert this.service is not None and this.service.en == "Backend"


@given(st.floats(0.1, 1e7), st.integers(1, 6))
def test_an_axis_ends_above_what_it_shows_and_its_parts_are_round(value: float, parts: int) -> None:
    end = round_up(value, parts)
    assert end >= value and (end / parts) % 1 == 0
