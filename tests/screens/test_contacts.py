"""Whom to call: three keys to anybody, where the run is on its path, and what an operator writes down there."""

from __future__ import annotations

import shutil
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from screens.app import CockpitApp
from screens.calling import CallingScreen
from screens.contacts import ContactsScreen
from screens.situation import Situation, Suggested
from screens.widgets.path import hint, path_lines
from screens.widgets.people import people_lines
from screens.widgets.scenario_strip import beside, cells, numbered
from sparkdr_tui import language
from sparkdr_tui.plan.load import builtin, load
from sparkdr_tui.plan.runbook import Plan
from sparkdr_tui.record import decisions as d
from sparkdr_tui.record import events as e
from sparkdr_tui.record.fold import fold_all
from sparkdr_tui.record.journal import JournalReader
from tests.screens.stage import (
    DAMAGED,
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
    take_up,
    until,
)

SIZE = (120, 36)


@cache
def builtin_plan() -> Plan:
    return load(builtin())


def called(plan: Plan, who: str, result: e.CallResult, note: str = "") -> e.ContactTried:
    contact = {**plan.contacts.team, **plan.contacts.external}[who]
    return e.ContactTried(contact=who, role=contact.role, name=contact.name, result=result, stage="owner", note=note)


def told(story: Story) -> Situation:
    """What a screen is shown of a story, at the time of its clock."""
    run = fold_all(JournalReader(story.folder).poll())
    return Situation(sample_plan(), story.hands.at, run=run, folder=story.folder)


def drawn(story: Story, width: int = 60) -> str:
    return "\n".join(each.text for each in path_lines(told(story), "database", width))


# -- drawing -----------------------------------------------------------------------------------------


def test_every_number_is_a_scenario_and_the_gravest_get_what_the_plan_left() -> None:
    plan = builtin_plan()
    keys = numbered(plan)
    assert sorted(keys.values()) == list(range(1, 10))
    assert all(keys[name] == each.number for name, each in plan.scenarios.items() if each.number)
    assert {name for name, key in keys.items() if key in (7, 8)} == {"blackout", "site-loss"}


@pytest.mark.parametrize("width", [58, 78, 118, 198])
@pytest.mark.parametrize("lang", ["en", "ko"])
def test_the_strip_fits_into_its_lines(width: int, lang: Any) -> None:
    language.use(lang)
    plan = builtin_plan()
    for shown_now in ("network", "postgresql-down", "database+redis"):
        found = cells(plan, shown_now, width, 4)
        assert {each.scenario for each in found if each.shown} == set(shown_now.split("+"))
        assert max(each.row for each in found) < 4
        places = [(each.row, x) for each in found for x in range(each.start, each.start + 4)]
        assert len(places) == len(set(places)), "no two share a place"


def test_stepping_through_the_scenarios_comes_round() -> None:
    plan = builtin_plan()
    seen, name = [], "network"
    for _step in plan.scenarios:
        name = beside(plan, name, 1)
        seen.append(name)
    assert sorted(seen) == sorted(plan.scenarios) and seen[-1] == "network"
    assert beside(plan, beside(plan, "network", 1), -1) == "network"


def test_a_path_says_where_it_would_begin_and_where_one_is() -> None:
    hands = Hands()
    idle = Situation(sample_plan(), hands.at)
    text = "\n".join(each.text for each in path_lines(idle, "network", 60))
    assert "▶ Report to the lead" in text and "it would begin here" in text and "not recovered after 5m" in text
    suggested = replace(idle, suggestions=(Suggested("network", "nothing answers"),))
    assert "you are here" in "\n".join(each.text for each in path_lines(suggested, "network", 60))


def test_a_path_shows_what_was_passed_when_and_why_and_who_was_reached(tmp_path: Path) -> None:
    plan, hands = sample_plan(), Hands()
    story = Story(tmp_path, plan, hands).observe(DAMAGED)
    story.write(called(plan, "dba", "calling"), seconds=20).write(called(plan, "dba", "not reached"), seconds=20)
    assert "✖ DBA · not filled in" in drawn(story) and "not reached 03:04" in drawn(story)
    assert "▸ Backend owner" in drawn(story) and "▶ The owner handles it directly" in drawn(story)
    story.write(called(plan, "backend", "calling"), seconds=5)
    hands.move(seconds=40)
    assert "… Backend owner · 이서연 010-5555-0103" in drawn(story) and "calling 0:40" in drawn(story)
    story.write(called(plan, "backend", "reached", "on the way"))
    assert "✔ Backend owner" in drawn(story) and "reached 03:05" in drawn(story)
    hands.move(minutes=6)
    text = drawn(story)
    assert "● The owner handles it directly" in text and "03:10 not recovered in time" in text
    assert "▶ Report to the lead" in text and "since 03:10" in text and "▸ Disaster recovery lead" in text
    people = "\n".join(each.text for each in people_lines(told(story), "database", "backend", 76))
    assert "✔ Backend owner" in people and "reached 03:05 · jiyoung · on the way" in people
    assert "▸ Disaster recovery lead" in people


def test_the_hint_counts_down_and_ends_with_the_incident(tmp_path: Path) -> None:
    plan, hands = sample_plan(), Hands()
    story = Story(tmp_path, plan, hands).observe(DAMAGED)
    assert hint(told(story)).text == "call DBA · 5:00"
    hands.move(minutes=4, seconds=10)
    assert hint(told(story)).text == "call DBA · 0:50" and hint(told(story)).pieces[0].name == "warn"
    story.write(called(plan, "dba", "calling"))
    assert hint(told(story)).text == "calling DBA · 0:50"
    story.write(called(plan, "dba", "reached"))
    story.write(called(plan, "backend", "reached"))
    assert hint(told(story)).text == "escalates in 5:00"
    story.write(e.RunClosed(outcome="aborted", reason="enough"))
    assert hint(told(story)).text == ""


def test_a_plan_that_names_nobody_says_what_to_do() -> None:
    plan = sample_plan()
    empty = plan.contacts.model_copy(update={"team": {}, "external": {}, "escalation": ()})
    bare = Situation(replace(plan, contacts=empty, scenarios={}), Hands().at)
    assert "contacts.yaml" in "\n".join(each.text for each in people_lines(bare, "", "", 60))
    assert "no escalation path" in "\n".join(each.text for each in path_lines(bare, "", 60))


# -- the screen --------------------------------------------------------------------------------------


def opened(tmp_path: Path, **more: Any) -> tuple[CockpitApp, Recorder]:
    """The app without a run."""
    hands, plan = Hands(), more.pop("plan", None) or sample_plan()
    helm = Recorder(tmp_path, plan, hands)
    observing = more.pop("observing", False)
    return cockpit(tmp_path, Readings(swept(hands.at, DAMAGED)), hands, None if observing else helm, plan=plan), helm


def running(tmp_path: Path, **more: Any) -> tuple[CockpitApp, Recorder, Story]:
    """The app and a run."""
    app, helm = opened(tmp_path, **more)
    return app, helm, Story(tmp_path, sample_plan(), helm.hands).observe(DAMAGED)


def screen(pilot: Pilot[Any]) -> ContactsScreen:
    found = pilot.app.screen
    assert isinstance(found, ContactsScreen)
    return found


async def test_three_keys_find_whom_to_call_for_a_network_failure(tmp_path: Path) -> None:
    app, _helm = opened(tmp_path, observing=True)
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await until(pilot, shown(pilot, "Scenarios"))
        await pilot.press("c", "6")
        await until(pilot, shown(pilot, "Needed first: The whole network down", "Kim Jiyoung", "010-5555-0101"))
        assert screen(pilot).people.cursor == "lead"
        await pilot.press("n")
        await until(pilot, shown(pilot, "Needed first: Mac mini (backend) down"))
        await pilot.press("left")
        await until(pilot, shown(pilot, "Needed first: The whole network down"))
        await pilot.press("p")
        await until(pilot, shown(pilot, "Needed first: PostgreSQL corrupted"))
        await pilot.press("right", "9")  # 9 is nobody's here
        await until(pilot, shown(pilot, "Needed first: The whole network down"))
        await pilot.click(offset=(4, 0))
        await until(pilot, shown(pilot, "Needed first: Mac mini (backend) down"))
        await pilot.press("escape")
        await until(pilot, lambda: len(app.screen_stack) == 1)


async def test_without_a_run_nothing_can_be_recorded_and_the_screen_says_when_it_can(tmp_path: Path) -> None:
    app, helm = opened(tmp_path)
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await pilot.press("c")
        await until(pilot, shown(pilot, "No run: calls are recorded once one is started.", "E edit"))
        assert "⏎ call" not in screen_text(pilot) and "reached" not in screen_text(pilot)
        await pilot.press("enter", "r", "x", "e")
        assert helm.decisions == [] and len(app.screen_stack) == 2


async def test_an_operator_writes_down_calls_and_the_cursor_goes_on_to_whom_is_next(tmp_path: Path) -> None:
    app, helm, story = running(tmp_path)
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await take_up(pilot)
        await pilot.press("c")
        await until(pilot, shown(pilot, "▸ call DBA", "escalates in 5:00 → Report to the lead", "⏎ call", "operating:"))
        await pilot.press("enter", "x")
        assert helm.decisions == [d.TryContact("dba", "calling"), d.TryContact("dba", "not reached")]
        story.write(called(sample_plan(), "dba", "calling"), called(sample_plan(), "dba", "not reached"))
        await until(pilot, lambda: screen(pilot).people.cursor == "backend")
        await until(pilot, shown(pilot, "▸ call Backend owner  이서연 010-5555-0103", "not reached 03:04"))
        await pilot.press("enter")
        assert helm.decisions[2:] == [d.TryContact("backend", "calling", name="이서연")]
        story.write(called(sample_plan(), "backend", "calling"))
        await until(pilot, shown(pilot, "… calling Backend owner"))
        assert "⏎ call" not in screen_text(pilot), "they are being called already"
        await pilot.press("r")
        assert helm.decisions[3:] == [d.TryContact("backend", "reached", name="이서연")]
        await pilot.press("e")
        await until(pilot, shown(pilot, "Escalate now", "Disaster recovery lead · Kim Jiyoung 010-5555-0101"))
        await pilot.press(*"now", "enter")
        assert helm.decisions[4:] == [d.Escalate("now")]


async def test_the_last_minute_is_amber(tmp_path: Path) -> None:
    app, helm, story = running(tmp_path)
    story.write(called(sample_plan(), "dba", "not reached"), seconds=50)
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await take_up(pilot)
        await pilot.press("c")
        await until(pilot, shown(pilot, "escalates in 4:10"))
        assert not screen(pilot).query_one("#call").has_class("-soon")
        helm.hands.move(minutes=3, seconds=20)
        await until(pilot, shown(pilot, "escalates in 0:50"))
        assert screen(pilot).query_one("#call").has_class("-soon")
        helm.hands.move(seconds=51)
        await until(
            pilot, shown(pilot, "▶ Report to the lead", "not recovered in time", "▸ call Disaster recovery lead")
        )


async def test_an_observer_sees_the_calls_and_has_only_copying(tmp_path: Path) -> None:
    app, _helm, story = running(tmp_path, observing=True)
    story.write(called(sample_plan(), "dba", "not reached"), seconds=50)
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await until(pilot, lambda: situation(pilot).run is not None)
        await until(pilot, shown(pilot, "call Backend owner · 4:10"))
        await pilot.press("c")
        await until(pilot, shown(pilot, "▸ call Backend owner", "escalates in 4:10", "✖ DBA"))
        assert not isinstance(app.screen, CallingScreen)
        for key in ("enter", "r", "x", "e", "E", "H"):
            await pilot.press(key)
            assert len(app.screen_stack) == 2
        for word in ("⏎ call", "r was reached", "E edit"):
            assert word not in screen_text(pilot)
        await pilot.press("j", "y")
        await until(pilot, shown(pilot, "Copied: 이서연 010-5555-0103 backend@sparklio.example"))


def test_the_observers_contacts_have_no_action_that_records() -> None:
    mine = {name for name in dir(CallingScreen) if name.startswith("action_")} - set(dir(ContactsScreen))
    assert mine == {"action_call", "action_reached", "action_not_reached", "action_escalate", "action_edit"}


# -- who people are ----------------------------------------------------------------------------------


def own_plan(tmp_path: Path) -> Plan:
    folder = tmp_path / "plan"
    shutil.copytree(Path(__file__).parent / "sample", folder)
    return load(folder)


async def test_a_contact_is_filled_in_saved_to_the_plan_and_shown_at_once(tmp_path: Path) -> None:
    plan = own_plan(tmp_path)
    app, _helm = opened(tmp_path / "state", plan=plan)
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await pilot.press("c")
        await until(pilot, shown(pilot, "E edit"))
        await pilot.press("E")
        await until(pilot, shown(pilot, "Edit a contact", "DBA  dba", "⏎ save"))
        await pilot.press(*"Lee #1", "tab", *"010-7", "enter")
        await until(pilot, shown(pilot, "Saved in", "Lee #1", "010-7"))
        assert len(app.screen_stack) == 2
    again = load(plan.folder)
    assert (again.contacts.team["dba"].name, again.contacts.team["dba"].phone) == ("Lee #1", "010-7")


async def test_what_will_not_do_is_said_in_the_dialog_and_nothing_is_written(tmp_path: Path) -> None:
    plan = own_plan(tmp_path)
    app, _helm = opened(tmp_path / "state", plan=plan)
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await pilot.press("c")
        await until(pilot, shown(pilot, "E edit"))
        await pilot.press("E")
        await until(pilot, shown(pilot, "Edit a contact"))
        (plan.folder / "contacts.yaml").open("a").write("# another hand\n")
        theirs = (plan.folder / "contacts.yaml").read_bytes()
        await pilot.press("x", "enter")
        await until(pilot, shown(pilot, "was changed meanwhile"))
        await pilot.press("escape")
        await until(pilot, lambda: len(app.screen_stack) == 2)
    assert (plan.folder / "contacts.yaml").read_bytes() == theirs


async def test_the_built_in_plan_says_what_to_do_instead(tmp_path: Path) -> None:
    app, _helm = opened(tmp_path, plan=replace(sample_plan(), folder=builtin()))
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await pilot.press("c")
        await until(pilot, shown(pilot, "E edit"))
        await pilot.press("E")
        await until(pilot, shown(pilot, "Contacts cannot be changed here", "sparkdr-tui plan init DIR"))
        await pilot.press("enter")
        await until(pilot, lambda: len(app.screen_stack) == 2)
