"""An observer who cannot see what goes on is told so, for as long as that is so; what was seen stays on the screen."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from sparkdr_tui.record import events as e
from tests.screens.stage import DAMAGED, Hands, Readings, Story, cockpit, sample_plan, shown, situation, swept, until

SIZE = (120, 36)


async def test_a_journal_that_goes_away_under_an_observer_is_said_until_it_is_back(tmp_path: Path) -> None:
    hands, away = Hands(), tmp_path / "away"
    story = Story(tmp_path, sample_plan(), hands).ask("stop-clients")
    app = cockpit(tmp_path, Readings(swept(hands.at, DAMAGED)), hands, None)
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await until(pilot, shown(pilot, "INC-0042", "? 1 Stop what writes", "RTO"))
        story.folder.rename(away)
        await until(pilot, shown(pilot, "▲ runs cannot be seen: Journal gone", "? 1 Stop what writes"))
        away.rename(story.folder)
        story.start("stop-clients").close()
        await until(pilot, lambda: not situation(pilot).blind)
        await until(pilot, shown(pilot, "▶ 1 Stop what writes", "RTO"))
        shutil.rmtree(story.folder)
        await until(pilot, shown(pilot, "▲ runs cannot be seen: Journal gone"))
        Story(tmp_path, sample_plan(), hands, "INC-0043").ask("stop-clients")
        await until(pilot, shown(pilot, "INC-0043", "? 1 Stop what writes", "RTO"))


async def test_a_journal_that_is_cut_short_under_an_observer_does_not_take_back_what_was_seen(tmp_path: Path) -> None:
    hands = Hands()
    story = Story(tmp_path, sample_plan(), hands).do("stop-clients").ask("safety-copy")
    app = cockpit(tmp_path, Readings(swept(hands.at, DAMAGED)), hands, None)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, shown(pilot, "? 2 Keep a copy"))
        whole = story.journal.path.read_bytes()
        os.truncate(story.journal.path, whole.rindex(b"\n", 0, -1) + 1)
        await until(pilot, shown(pilot, "▲ runs cannot be seen: Journal cut short", "? 2 Keep a copy"))
        for _look in range(5):  # the shorter journal is a whole one, and still not what was seen
            await pilot.pause(0.2)
            assert situation(pilot).blind
        story.journal.path.write_bytes(whole)
        story.write(e.NoteAdded(text="back"))
        await until(pilot, lambda: not situation(pilot).blind)


async def test_a_state_folder_that_is_not_there_yet_is_waited_for_and_not_made(tmp_path: Path) -> None:
    hands, state = Hands(), tmp_path / "not" / "yet"
    app = cockpit(state, Readings(swept(hands.at)), hands, None)
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, shown(pilot, "◉ observer", "no run"))
        await pilot.pause(0.8)
        assert not state.parent.exists()
        Story(state, sample_plan(), hands).ask("stop-clients")
        await until(pilot, shown(pilot, "INC-0042", "? 1 Stop what writes"))
