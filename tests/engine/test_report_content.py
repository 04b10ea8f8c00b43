"""What a report says of a run: objectives with reasons, who did what, what went wrong; from the journal alone."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sparkdr_tui.plan.model import State
from sparkdr_tui.record import events as e
from sparkdr_tui.record.journal import Verification
from sparkdr_tui.report.blocks import Cell, Facts, Section
from sparkdr_tui.report.content import Content, content
from sparkdr_tui.report.parts import sections
from sparkdr_tui.report.people import Deed
from sparkdr_tui.report.spans import Doing
from tests.engine.recorded import START, after, journals
from tests.engine.storied import opening, records, seen, started, story

INTACT = Verification(True, 38, head="0" * 64)


def told(found: list[e.Record] | None = None, seconds: float = 100_000) -> Content:
    return content(found or records(), after(seconds), {"stop": [10.0, 20.0, 30.0]}, (), INTACT)


@pytest.fixture(scope="module")
def report() -> Content:
    return told()


def test_a_missed_rto_is_missed_by_how_much_and_says_where_the_time_went(report: Content) -> None:
    backend = {each.clock.service: each for each in report.services}["backend"]
    assert (backend.kept, backend.elapsed, backend.left) == (False, 993, -93)
    assert (backend.before, backend.machine, backend.person) == (120, 593, 280)
    assert [(each.step, each.seconds) for each in backend.work] == [("restore", 370), ("start", 81)]
    assert [(each.step, each.seconds) for each in backend.waits] == [("restore", 174), ("look", 59)]


def test_the_parts_of_a_service_s_time_are_the_whole_of_it(report: Content) -> None:
    for each in report.services:
        assert each.before + each.machine + each.person == pytest.approx(each.elapsed)


def test_a_met_rto_is_met(report: Content) -> None:
    postgresql = {each.clock.service: each for each in report.services}["postgresql"]
    assert (postgresql.kept, postgresql.elapsed) == (True, 850)


def test_what_was_restored_is_held_against_the_rpo(report: Content) -> None:
    (loss,) = report.losses
    assert (loss.restored, loss.seconds, loss.met) == (True, 3480, True)


def test_a_step_has_its_planned_time_that_of_earlier_runs_and_its_own(report: Content) -> None:
    stop = report.steps["stop"]
    assert stop.likely is not None
    assert (stop.step.outline.expect, stop.likely.p50, stop.likely.runs, stop.took, stop.waited) == (30, 20, 3, 32, 17)
    restore = report.steps["restore"]
    assert (restore.step.attempt, restore.took, restore.waited) == (2, 370, 174)


def test_a_failure_keeps_its_last_lines_and_its_log_and_says_that_it_was_tried_again(report: Content) -> None:
    (failure,) = report.failures
    assert (failure.step, failure.attempt, failure.exit_status) == ("restore", 1, 3)
    assert failure.tail[-1].startswith("<script>")
    assert (failure.log, failure.again) == ("logs/restore.1.log", True)


def test_everybody_who_acted_is_named_with_what_they_did_and_the_engine_is_nobody(report: Content) -> None:
    mina, joon = report.people
    assert (mina.name, joon.name) == ("mina@macbook", "joon@desk")
    assert [act.about for act in mina.did(Deed.CONFIRMED)] == ["stop", "restore"]
    assert [act.about for act in joon.did(Deed.TOOK_OVER)] == ["mina@macbook"]
    assert [act.about for act in joon.did(Deed.RETRIED)] == ["restore", "swap"]


def test_what_was_left_out_or_marked_has_a_reason_and_somebody_who_said_so(report: Content) -> None:
    assert [(each.step, each.deed, each.by, each.reason) for each in report.decided] == [
        ("look", Deed.MARKED, "joon@desk", "no screen here; Mina looked from home"),
        ("drop", Deed.SKIPPED, "joon@desk", "kept until tomorrow"),
    ]
    (undone,) = report.undone
    assert (undone.step, undone.ok, undone.by, undone.log) == ("swap", True, "joon@desk", "logs/swap.undo.1.log")


def test_a_checklist_has_every_item_with_who_ticked_it_and_when(report: Content) -> None:
    (checklist,) = report.checklists
    assert checklist.step == "look"
    assert [(tick.ticked, tick.by, tick.at) for tick in checklist.ticks] == [
        (True, "joon@desk", after(760)),
        (False, None, None),
    ]


def test_an_item_that_was_unticked_again_is_not_ticked() -> None:
    found = story()
    untick = (765.0, "joon@desk", e.ItemTicked(step="look", item=0, ticked=False))
    (checklist,) = told(records(told=sorted([*found, untick], key=lambda each: each[0]))).checklists
    assert not any(tick.ticked for tick in checklist.ticks)


def test_a_step_that_starts_is_put_down_to_who_said_yes(report: Content) -> None:
    starts = [
        line.by for line in report.timeline if line.moment.text.startswith("1 Stop") and "▶" in line.moment.mark.glyph
    ]
    assert starts == ["mina@macbook"]


def test_what_was_not_in_order_at_first_is_told_and_what_the_run_stopped_itself_is_not() -> None:
    found = [*story()[:2], story()[5], (21.0, "engine", seen("minio", State.REFUSED))]
    assert [each.service for each in told(records(told=found)).first] == ["postgresql", "backend"]


def test_waiting_for_a_person_and_working_are_told_apart(report: Content) -> None:
    bars = [(bar.doing, (bar.end - bar.start).total_seconds()) for bar in report.course.bars if bar.step == "restore"]
    assert bars == [(Doing.ASKED, 74), (Doing.WORKING, 160), (Doing.STUCK, 100), (Doing.WORKING, 210)]


def test_a_run_under_way_is_told_up_to_now() -> None:
    report = told(records(told=story()[:13]), 200)
    assert report.state.live and report.at == after(200)
    assert report.course.bars[-1].end == after(200)
    said = " ".join(cell.text for section in sections(report) for cell in _facts(section))
    assert "under way: 3 Restore" in said and "Not over yet" in said


def test_a_closed_run_is_told_the_same_whenever_one_asks() -> None:
    assert told(seconds=2_000) == told(seconds=900_000)


def test_clocks_that_start_after_the_run_was_opened_are_said_to() -> None:
    moved = (10.0, "engine", e.IncidentMoved(incident_at=after(10)))
    report = told(records(opening(incident_at=START), [moved, *(each for each in story() if each[0] > 10)]))
    said = [cell.text for section in sections(report) for cell in _facts(section)]
    assert "Opened" in " ".join(said) and any("count from" in each for each in said)
    backend = {each.clock.service: each for each in report.services}["backend"]
    assert (backend.before, backend.elapsed) == (0, 863)


def test_a_run_without_a_promise_or_a_step_has_a_report() -> None:
    bare = opening(objectives=(), steps=(), scenario=None, level=None)
    report = told(records(bare, [(1.0, "mina", e.RunClosed(outcome="aborted", reason="a mistake"))]))
    assert [section.name for section in sections(report)] == ["summary", "people", "timeline", "evidence"]


def test_steps_that_a_forged_journal_makes_up_are_left_out() -> None:
    report = told(
        records(told=[(1.0, "engine", started("of-nobody")), (2.0, "x", e.StepSkipped(step="no", reason=""))])
    )
    assert not report.decided and not report.failures


def _facts(section: Section) -> list[Cell]:
    facts = [block for block in section.blocks if isinstance(block, Facts)]
    return [cell for block in facts for _name, cells in block.pairs for cell in cells]


@given(journals(), st.integers(-100, 10_000))
def test_any_journal_has_a_report(found: list[e.Record], seconds: int) -> None:
    report = content(found, after(seconds), {}, (), INTACT)
    assert sections(report)
    for bar in report.course.bars:
        assert START - timedelta(hours=3) <= bar.start < bar.end
    machine = sum((each.end - each.start).total_seconds() for each in report.course.shares if each.machine)
    person = sum((each.end - each.start).total_seconds() for each in report.course.shares if not each.machine)
    assert machine == pytest.approx(report.machine) and person == pytest.approx(report.person)
