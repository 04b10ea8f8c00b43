"""A run that somebody else opens later is offered to an idle cockpit, once, and never in the middle of something."""

from __future__ import annotations

from pathlib import Path

from screens.dialogs.resume import OfferDialog
from tests.screens.stage import (
    Hands,
    Readings,
    Recorder,
    Story,
    cockpit,
    driven_by,
    operator,
    sample_plan,
    screen_text,
    shown,
    situation,
    swept,
    until,
)

SIZE = (120, 36)


def app_on(folder: Path):  # type: ignore[no-untyped-def]
    hands = Hands()
    helm = Recorder(folder, sample_plan(), hands)
    app = cockpit(folder, Readings(swept(hands.at)), hands, helm)
    return app, helm, hands


def opened_elsewhere(folder: Path, hands: Hands, run: str = "INC-0042") -> Story:
    story = Story(folder, sample_plan(), hands, run).ask("stop-clients")
    driven_by(folder, "minho@desk", run)
    return story


async def test_an_idle_cockpit_is_offered_the_run_and_watches_it_marked_with_who_drives_it(tmp_path: Path) -> None:
    app, helm, hands = app_on(tmp_path)
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await until(pilot, shown(pilot, "no run"))
        opened_elsewhere(tmp_path, hands)
        operator(pilot)._look_for_runs()
        await until(pilot, shown(pilot, "Somebody opened a run", "INC-0042", "driven by minho@desk"))
        await pilot.press("enter")
        await until(pilot, shown(pilot, "◉ driven by minho@desk", "? 1 Stop what writes"))
        text = screen_text(pilot)
        assert "R resume" in text and "⏎ run" not in text  # it watches
        assert not helm.reopened and not helm.decisions


async def test_an_offer_that_was_refused_is_not_made_again_and_a_key_still_finds_the_run(tmp_path: Path) -> None:
    app, _helm, hands = app_on(tmp_path)
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await until(pilot, shown(pilot, "no run"))
        opened_elsewhere(tmp_path, hands)
        operator(pilot)._look_for_runs()
        await until(pilot, shown(pilot, "Somebody opened a run"))
        await pilot.press("escape")
        await until(pilot, lambda: len(app.screen_stack) == 1)
        operator(pilot)._look_for_runs()
        await until(pilot, lambda: not any(each.group == "looking for runs" for each in app.workers))
        assert len(app.screen_stack) == 1 and situation(pilot).run is None
        await pilot.press("R")
        await until(pilot, shown(pilot, "An unfinished run", "driven by minho@desk", "taking it over"))


async def test_nobody_is_interrupted_the_offer_waits_for_the_cockpit_to_be_in_front(tmp_path: Path) -> None:
    app, _helm, hands = app_on(tmp_path)
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await until(pilot, shown(pilot, "no run"))
        await pilot.press("c")
        await until(pilot, lambda: len(app.screen_stack) == 2)
        opened_elsewhere(tmp_path, hands)
        operator(pilot)._look_for_runs()
        await until(pilot, lambda: not any(each.group == "looking for runs" for each in app.workers))
        assert not isinstance(app.screen, OfferDialog)
        await pilot.press("escape")
        await until(pilot, shown(pilot, "Somebody opened a run"))


async def test_a_run_of_our_own_and_one_that_nobody_drives_are_not_offered(tmp_path: Path) -> None:
    app, _helm, hands = app_on(tmp_path)
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await until(pilot, shown(pilot, "no run"))
        Story(tmp_path, sample_plan(), hands).ask("stop-clients").leave()
        Story(tmp_path, sample_plan(), hands, "INC-0043").ask("stop-clients")  # held by this process
        operator(pilot)._look_for_runs()
        await until(pilot, shown(pilot, "R resume"))
        await until(pilot, lambda: not any(each.group == "looking for runs" for each in app.workers))
        assert len(app.screen_stack) == 1
