"""The escalation path: where it begins, what moves it up, whom to call next, and that it never goes down."""

from __future__ import annotations

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sparkdr_tui.plan.drills import BEFORE
from sparkdr_tui.plan.load import builtin, load
from sparkdr_tui.plan.model import State
from sparkdr_tui.record import events as e
from sparkdr_tui.record.escalation import Standing, path_of, standing
from sparkdr_tui.record.fold import fold, fold_all
from sparkdr_tui.record.state import Cause, RunState
from tests.engine.recorded import (
    PATH,
    SAID,
    SERVICES,
    Told,
    after,
    called,
    ended,
    journals,
    opened,
    outline,
    recorded,
    seen,
    stage,
    started,
    told,
)


def at(seconds: float, *events: Told, first: e.RunOpened | None = None) -> Standing:
    """Where the path is so many seconds after a run was opened."""
    found = standing(told(*events, first=first or opened(path=PATH, level=1)), after(seconds))
    assert found is not None
    return found


def came(found: Standing) -> list[tuple[str, float, Cause]]:
    """The way up: stage, second, cause."""
    return [(PATH[move.stage].id, (move.at - after(0)).total_seconds(), move.why) for move in found.moves]


UP: tuple[Told, ...] = tuple((1, seen(name, State.REFUSED)) for name in SERVICES)
BACK: tuple[Told, ...] = tuple((100, seen(name, State.UP)) for name in SERVICES)


# -- where it begins -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("level", "begins", "why"),
    [
        (1, "owner", Cause.LEVEL),
        (2, "owner", Cause.LEVEL),
        (3, "lead", Cause.LEVEL),
        (4, "lead", Cause.LEVEL),
        (None, "owner", Cause.START),
        (9, "owner", Cause.START),
    ],
)
def test_the_path_begins_at_the_stage_of_the_level(level: int | None, begins: str, why: Cause) -> None:
    found = at(0, first=opened(path=PATH, level=level))
    assert (found.stage.id, found.why, found.entered_at) == (begins, why, after(0))


def test_a_run_without_a_path_stands_nowhere() -> None:
    assert standing(told(called("dba")), after(5)) is None


def test_a_journal_of_before_there_were_paths_still_folds() -> None:
    line = e.RECORD.dump_python(recorded(first=opened(level=1))[0], mode="json")
    for key in ("path", "contacts", "impact"):
        del line["event"][key]
    state = fold(None, e.RECORD.validate_python(line, strict=False))
    assert state.level == 1 and standing(state, after(900)) is None


def test_the_owners_of_the_built_in_path_are_the_contacts_of_the_scenario() -> None:
    plan = load(builtin())
    path = path_of(plan, "database+network")
    assert path[0].who == ("dba", "backend", "network", "sysadmin")
    assert [each.id for each in path] == ["owner", "lead", "team", "external"]
    assert path[0].escalate_after == 300 and path[3].escalate_after is None
    assert path_of(plan, None)[0].who == ()


# -- what moves it up ------------------------------------------------------------------------------------


def test_time_alone_moves_it_up_stage_by_stage_and_it_ends_at_the_last() -> None:
    found = at(100_000)
    assert came(found) == [
        ("owner", 0, Cause.LEVEL),
        ("lead", 300, Cause.TIME),
        ("team", 600, Cause.TIME),
        ("external", 1500, Cause.TIME),
    ]
    assert found.next is None and found.deadline is None


@pytest.mark.parametrize(("seconds", "stage_id", "left"), [(299, "owner", 1), (300, "lead", 300), (599, "lead", 1)])
def test_the_deadline_is_the_moment_at_which_it_moves(seconds: float, stage_id: str, left: float) -> None:
    found = at(seconds)
    assert found.stage.id == stage_id and found.left(after(seconds)) == left


def test_reaching_somebody_of_the_stage_gives_them_the_whole_time() -> None:
    found = at(399, (100, called("backend", "reached")))
    assert found.stage.id == "owner" and found.deadline == after(400)
    assert at(400, (100, called("backend", "reached"))).stage.id == "lead"


def test_reaching_somebody_of_another_stage_gives_no_time() -> None:
    assert at(300, (100, called("isp", "reached"))).stage.id == "lead"


def test_the_second_attempt_that_fails_moves_it_up() -> None:
    once = at(40, (10, started("stop")), (20, ended("stop", "failed")))
    assert once.stage.id == "owner"
    twice = at(60, (20, ended("stop", "failed")), (30, started("stop", 2)), (50, ended("stop", "timed out", 2)))
    assert came(twice)[-1] == ("lead", 50, Cause.FAILURES)


@pytest.mark.parametrize("ending", ["done", "cancelled", "unknown"])
def test_what_did_not_fail_moves_nothing(ending: e.Ending) -> None:
    assert at(60, (20, ended("stop", ending)), (50, ended("stop", ending, 2))).stage.id == "owner"


def test_failures_are_counted_anew_in_every_stage() -> None:
    events = [(float(20 + n), ended("stop", "failed", n)) for n in range(1, 4)]
    assert at(30, *events).stage.id == "lead"
    assert at(30, *events, (25.0, ended("stop", "failed", 4))).stage.id == "team"


def test_when_nobody_of_the_stage_was_reached_it_moves_up() -> None:
    assert at(30, (10, called("dba")), (20, called("dba"))).stage.id == "owner"
    assert came(at(30, (10, called("dba")), (20, called("backend"))))[-1] == ("lead", 20, Cause.NOBODY)
    assert at(30, (10, called("dba", "reached")), (20, called("backend"))).stage.id == "owner"
    assert at(30, (10, called("dba")), (20, called("backend", "calling"))).stage.id == "owner"


def test_a_stage_without_people_waits_for_its_time() -> None:
    first = opened(level=1, path=(stage("owner", levels=(1,), minutes=5), stage("lead", "lead")))
    assert at(20, (10, called("lead")), first=first).stage.id == "owner"
    assert at(20, first=first).call is None


def test_a_higher_level_moves_it_to_where_that_level_begins() -> None:
    raised = e.LevelRaised(level=3, reason=SAID)
    assert came(at(30, (20, raised)))[-1] == ("lead", 20, Cause.LEVEL)
    assert told((20, raised), first=opened(path=PATH, level=1)).level == 3
    within = e.LevelRaised(level=2, reason=SAID)
    assert at(30, (20, within)).stage.id == "owner"
    assert told((20, raised), (30, within), first=opened(path=PATH, level=1)).level == 3


def test_the_operator_moves_it_up_by_hand_and_nobody_moves_it_down() -> None:
    up = at(30, (20, e.Escalated(stage="team", reason="all is black")))
    assert came(up)[-1] == ("team", 20, Cause.HAND)
    assert at(30, (20, e.Escalated(stage="team")), (25, e.Escalated(stage="lead"))).stage.id == "team"
    assert at(30, (20, e.Escalated(stage="no such stage"))).stage.id == "owner"


def test_it_stands_still_once_everything_is_back_and_goes_on_where_it_stood_when_it_breaks_again() -> None:
    back = at(100_000, *UP, *BACK)
    assert back.recovered and back.stage.id == "owner" and back.deadline is None and back.call is None
    again: tuple[Told, ...] = (*UP, *BACK, (1000, seen("backend", State.REFUSED)))
    assert at(1299, *again).stage.id == "owner" and at(1299, *again).deadline == after(1300)
    assert at(1300, *again).stage.id == "lead"


def test_one_service_that_is_back_is_not_everything() -> None:
    assert not at(200, *UP, BACK[0]).recovered
    assert at(300, *UP, BACK[0]).stage.id == "lead"


def test_where_no_service_is_known_it_stands_still_once_the_work_is_done() -> None:
    first = opened(outline("a"), services=(), path=PATH, level=1)
    assert at(1000, (10, ended("a")), first=first).recovered
    assert not at(200, first=first).recovered


def test_after_the_end_it_stays_where_it_was() -> None:
    found = at(100_000, (400, e.RunClosed(outcome="aborted")))
    assert found.stage.id == "lead" and found.deadline is None and found.call is None


def test_in_a_drill_the_time_counts_from_its_beginning() -> None:
    first = opened(outline(BEFORE), outline("a", BEFORE), path=PATH, level=1).model_copy(
        update={"mode": "drill", "drill": "q1"}
    )
    waiting = at(5000, first=first)
    assert waiting.stage.id == "owner" and waiting.deadline is None and waiting.call is None
    begun: tuple[Told, ...] = ((4000, ended(BEFORE)),)
    assert at(4299, *begun, first=first).deadline == after(4300)
    assert at(4299, *begun, first=first).entered_at == after(4000)
    assert at(4300, *begun, first=first).stage.id == "lead"


# -- whom to call ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("events", "call"),
    [
        ((), "dba"),
        (((1, called("dba")),), "backend"),
        (((1, called("dba", "reached")),), "backend"),
        (((1, called("backend", "reached")),), "dba"),
        (((1, called("dba", "reached")), (2, called("backend"))), None),
        (((1, called("dba", "reached")), (2, called("dba"))), "backend"),
        (((1, called("lead", "reached")),), "dba"),
    ],
)
def test_those_whom_nobody_has_called_yet_come_first(events: tuple[Told, ...], call: str | None) -> None:
    assert at(10, *events).call == call


def test_who_is_being_called_stays_until_somebody_says_how_it_went() -> None:
    found = at(10, (1, called("dba", "calling")))
    assert found.call == "dba" and found.calling and found.results == {"dba": "calling"}
    assert not at(10, (1, called("dba", "calling")), (2, called("dba"))).calling


def test_who_was_reached_is_not_called_again_by_a_later_stage_and_who_was_not_is() -> None:
    events: tuple[Told, ...] = ((1, called("dba", "reached")), (2, called("sysadmin")), (3, e.Escalated(stage="team")))
    found = at(10, *events)
    assert found.results == {"dba": "reached"} and found.call == "sysadmin"
    assert at(10, *events, (4, called("sysadmin", "reached"))).call == "network"


def test_at_the_last_stage_those_who_did_not_answer_are_called_again_in_turn() -> None:
    up: Told = (1, e.Escalated(stage="external"))
    assert at(10, up, (2, called("isp")), (3, called("apple"))).call == "isp"
    assert at(10, up, (2, called("isp")), (3, called("apple")), (4, called("isp"))).call == "apple"


# -- any journal -----------------------------------------------------------------------------------------


def numbers(records: list[e.Record], now: datetime) -> list[int]:
    state: RunState | None = None
    found = []
    for record in records:
        state = fold(state, record)
        if (where := standing(state, state.at)) is not None:
            found.append(where.number)
    assert state is not None
    if (where := standing(state, now)) is not None:
        found.append(where.number)
    return found


@given(journals(), st.integers(0, 100_000))
def test_the_path_never_goes_down(records: list[e.Record], later: int) -> None:
    found = numbers(records, after(later))
    assert found == sorted(found)


@given(journals(), st.integers(0, 50_000), st.integers(0, 50_000))
def test_more_time_never_lowers_it_and_no_move_is_of_the_future(records: list[e.Record], later: int, more: int) -> None:
    state = fold_all(records)
    assert state is not None
    first, second = standing(state, after(later)), standing(state, after(later + more))
    if first is None or second is None:
        assert not state.opened.path
        return
    assert second.moves[: len(first.moves)] == first.moves
    assert all(move.at <= max(after(later), state.at) for move in first.moves)
    assert first.deadline is None or first.deadline > max(after(later), state.at)
    assert first.call is None or first.call in first.stage.who


@given(journals(), st.data())
def test_it_is_the_same_however_often_somebody_looked(records: list[e.Record], data: st.DataObject) -> None:
    """A note at any moment is a look: time goes on to it, and nothing happens."""
    whole = fold_all(records)
    assert whole is not None
    where = data.draw(st.integers(1, len(records)))
    before = fold_all(records[:where])
    assert before is not None
    ends = records[where].at if where < len(records) else whole.at
    moment = before.at + data.draw(st.floats(0, 1)) * max(ends - before.at, before.at - before.at)
    look = e.Record(n=where, at=moment, by="mina", event=e.NoteAdded(text="look"), prev="")
    looked = fold_all([*records[:where], look, *records[where:]])
    assert looked is not None
    assert standing(looked, after(9000)) == standing(whole, after(9000))
