"""The drills: where each stands, what belongs to it; only an operator holds one, after being told what it does."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from textual.pilot import Pilot

from screens.dialogs.base import LineInput
from screens.drills.lines import about, calendar
from screens.drills.operator import OperatorDrillsScreen
from screens.drills.screen import DrillsScreen
from sparkdr_tui import language
from sparkdr_tui.plan.drills import Drill, DrillWhen
from sparkdr_tui.plan.model import Text
from sparkdr_tui.plan.runbook import Plan
from sparkdr_tui.record.drills import DrillStatus, drill_statuses
from tests.engine.storied import kept, opening
from tests.screens.pasts import CALM
from tests.screens.stage import (
    Hands,
    Readings,
    Recorder,
    Story,
    cockpit,
    sample_plan,
    screen_text,
    shown,
    situation,
    swept,
    until,
)

SIZE = (120, 36)
TODAY = date(2026, 11, 23)


def with_drills(*, lab: bool = False) -> Plan:
    """The sample plan with a drill of each kind."""
    lists = {
        "before": (Text(en="The date was announced", ko="훈련 일정 공지"),),
        "after": (Text(en="What went wrong was written down", ko="문제점 기록"),),
    }
    drills = {
        "q3": Drill(
            title=Text(en="Q3: database damage", ko="Q3: 데이터베이스 손상"), when=DrillWhen(quarter=3),
            scenario="database", runbook="database", fault=("postgres-corrupt",), **lists,
        ),
        "q4": Drill(
            title=Text(en="Q4: switch on", ko="Q4: 전원 켜기"), when=DrillWhen(quarter=4), scenario="desktop",
            runbook="switch-on", **lists,
        ),
        "monthly": Drill(
            title=Text(en="Monthly backup test", ko="월간 백업 테스트"), when=DrillWhen(monthly="first monday"),
            runbook="switch-on", announce=timedelta(days=20),
        ),
    }  # fmt: skip
    return replace(sample_plan(), drills=drills, lab=lab, hands=("true",) if lab else ())


def held(state: Path) -> Path:
    """The drill of the month was held on its day."""
    first = opening(mode="drill", drill="monthly", runbook="switch-on", plan="Sparklio V4")
    kept(state, CALM, days=-21, first=first)
    return state


def statuses(state: Path, plan: Plan | None = None) -> tuple[DrillStatus, ...]:
    return drill_statuses(plan or with_drills(), state, datetime(2026, 11, 23, 3, tzinfo=UTC), UTC)


def app_on(folder: Path, plan: Plan, *, observing: bool = False):  # type: ignore[no-untyped-def]
    hands = Hands()
    helm = None if observing else Recorder(folder, plan, hands)
    return cockpit(folder, Readings(swept(hands.at, None, plan)), hands, helm, plan=plan), helm


def files(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*"))


async def drills(pilot: Pilot[int]) -> DrillsScreen:
    await pilot.press("d")
    await until(pilot, shown(pilot, "Q3: database damage", "last held"))
    assert isinstance(pilot.app.screen, DrillsScreen)
    return pilot.app.screen


# -- drawing -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", ["en", "ko"])
@pytest.mark.parametrize("width", [56, 76, 96])
@pytest.mark.parametrize("compact", [True, False])
def test_the_calendar_fits_every_width(tmp_path: Path, width: int, lang: str, compact: bool) -> None:
    language.use(lang)  # type: ignore[arg-type]
    found = statuses(held(tmp_path))
    lines = calendar(found, TODAY, width, "q4", compact=compact)
    lines += [each for status in found for each in about(with_drills(lab=True), status, width)]
    assert all(each.cells <= width for each in lines)


def test_the_calendar_says_what_is_overdue_what_is_due_and_when_the_next_one_is(tmp_path: Path) -> None:
    said = "\n".join(each.text.rstrip() for each in calendar(statuses(held(tmp_path)), TODAY, 80, "q3"))
    assert "✖ Q3: database damage" in said and "2026-07-01 – 09-30 · overdue for 54d" in said
    assert "▲ Q4: switch on" in said and "2026-10-01 – 12-31 · 38d left" in said
    assert "2026-12-07 · begins in 14d: to be announced now" in said
    assert "last held: 2026-11-02 · DRL-0001 · completed · RTO met" in said


def test_a_drill_is_told_with_its_goal_its_lists_and_who_takes_part(tmp_path: Path) -> None:
    plan = with_drills()
    said = "\n".join(each.text for each in about(plan, statuses(tmp_path)[0], 100))
    assert "Recover from “PostgreSQL corrupted” within 30m." in said
    assert "[ ] The date was announced" in said and "[ ] What went wrong was written down" in said
    assert "People are told 7d before it is held." in said
    assert all(plan.contacts.team[name].role.en in said for name in plan.scenarios["database"].contacts)
    assert "is broken for it" not in said  # nothing is broken on anybody's own nodes
    assert "Tables of the database are lost" in "\n".join(
        each.text for each in about(with_drills(lab=True), statuses(tmp_path)[0], 100)
    )


# -- keys ----------------------------------------------------------------------------------------------


async def test_a_drill_is_held_in_a_lab_after_it_was_said_what_breaks(tmp_path: Path) -> None:
    app, helm = app_on(held(tmp_path), with_drills(lab=True))
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        screen = await drills(pilot)
        assert screen.drills.cursor == "q3"  # the most urgent one
        await pilot.press("enter")
        await until(pilot, shown(pilot, "held in the lab", "Tables of the database are lost", "every step"))
        await pilot.press("right", "enter")
        await until(pilot, lambda: len(app.screen_stack) == 1 and situation(pilot).run is not None)
    assert helm is not None
    (request,) = helm.requests
    assert (request.runbook, request.mode, request.drill, request.pace) == ("database", "drill", "q3", "danger")


async def test_on_the_plans_own_nodes_the_name_of_the_plan_is_asked_for(tmp_path: Path) -> None:
    plan = with_drills()
    app, helm = app_on(tmp_path, plan)
    assert helm is not None
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await drills(pilot)
        await pilot.press("enter")
        await until(pilot, shown(pilot, "held on the plan's own nodes", "▲ destroys: Swap the databases", "In a lab"))
        await pilot.press("enter")
        await until(pilot, shown(pilot, "This drill is held on real nodes", f"type {plan.name}"))
        await pilot.press("enter", "escape")
        await until(pilot, lambda: app.screen is app.screen_stack[1])
        assert not helm.requests
        await pilot.press("enter", "enter")
        await until(pilot, shown(pilot, "real nodes"))
        app.screen.query_one(LineInput).value = plan.name
        await pilot.press("enter")
        await until(pilot, lambda: bool(helm.requests))
    assert helm.requests[0].drill == "q3"


async def test_no_drill_is_begun_while_a_run_lives(tmp_path: Path) -> None:
    plan = with_drills()
    app, helm = app_on(tmp_path, plan)
    story = Story(tmp_path, plan, Hands()).ask("stop-clients")
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await until(pilot, lambda: len(app.screen_stack) > 1)
        await pilot.press("w")
        await until(pilot, lambda: situation(pilot).folder == story.folder)
        await drills(pilot)
        assert "RTO 30:00" in screen_text(pilot) and "hold it" not in screen_text(pilot)
        await pilot.press("enter")
        assert len(app.screen_stack) == 2
    assert helm is not None and not helm.requests


async def test_the_calendar_is_written_to_a_file(tmp_path: Path) -> None:
    app, _helm = app_on(tmp_path, with_drills())
    target = tmp_path / "to.ics"
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await drills(pilot)
        await pilot.press("w")
        await until(pilot, shown(pilot, "Write the calendar of drills", "drills.ics"))
        app.screen.query_one(LineInput).value = str(target)
        await pilot.press("enter")
        await until(pilot, target.exists)
        await until(pilot, shown(pilot, "Written:"))
    assert target.read_bytes().count(b"BEGIN:VEVENT") == 3


async def test_an_observer_sees_the_drills_and_has_no_key_that_holds_one(tmp_path: Path) -> None:
    app, _helm = app_on(held(tmp_path), with_drills(), observing=True)
    before = files(tmp_path)
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        screen = await drills(pilot)
        assert not isinstance(screen, OperatorDrillsScreen) and "hold it" not in screen_text(pilot)
        await pilot.press("j", "enter", "space", *"wsxA")
        assert len(app.screen_stack) == 2
        await pilot.press("y")
        await until(pilot, shown(pilot, "Copied: the announcement"))
        assert app.clipboard.startswith("[")
        await pilot.press("escape")
        await until(pilot, lambda: len(app.screen_stack) == 1)
    assert files(tmp_path) == before


def test_what_holds_a_drill_is_on_the_operators_class_alone() -> None:
    for name in ("action_start_drill", "action_write_calendar"):
        assert hasattr(OperatorDrillsScreen, name) and not hasattr(DrillsScreen, name)


async def test_a_plan_without_drills_says_where_to_write_them(tmp_path: Path) -> None:
    app, _helm = app_on(tmp_path, sample_plan())
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("d")
        await until(pilot, shown(pilot, "The plan has no drills.", "drills.yaml"))
        assert "hold it" not in screen_text(pilot)


async def test_runs_that_nobody_may_read_are_told_and_the_calendar_stays_open(tmp_path: Path) -> None:
    app, _helm = app_on(tmp_path, with_drills())
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        (tmp_path / "runs").symlink_to(tmp_path / "runs")
        await pilot.press("d")
        await until(pilot, shown(pilot, "cannot be read"))
        (tmp_path / "runs").unlink()
        assert isinstance(app.screen, DrillsScreen)
        app.screen._look()
        await until(pilot, shown(pilot, "Monthly backup test"))
