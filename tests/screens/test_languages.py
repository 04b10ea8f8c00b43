"""Two languages: one key switches, everything on the screen follows, nothing else changes."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any, cast

import pytest
from textual.pilot import Pilot

from screens import keys
from screens.app import CockpitApp
from sparkdr_tui import language
from tests.screens.stage import (
    DAMAGED,
    NOON,
    Hands,
    HereReach,
    Readings,
    Recorder,
    Story,
    cockpit,
    operator,
    plan_with_backups,
    screen_text,
    shown,
    situation,
    swept,
    take_up,
    until,
)


def app(folder: Path, story: bool = False) -> tuple[Any, Recorder]:
    hands = Hands()
    plan = plan_with_backups(folder / "backups", 47, 107)
    if story:
        told = Story(folder / "state", plan, hands).observe(DAMAGED).choose().do("stop-clients", "safety-copy")
        told.ask("restore").start("restore", "gzip: unexpected end of file").close()
        told.finish("restore", 12, "failed", tail=("gzip: unexpected end of file",))
    if (folder / "state").exists():
        hands.at = NOON + timedelta(minutes=1)
    helm = Recorder(folder / "state", plan, hands)
    return cockpit(folder / "state", Readings(swept(hands.at, DAMAGED), HereReach()), hands, helm, plan=plan), helm


async def test_one_key_switches_all_that_a_cockpit_says_and_back(tmp_path: Path) -> None:
    opened, helm = app(tmp_path)
    async with opened.run_test(size=(120, 36), notifications=True) as pilot:
        await until(pilot, shown(pilot, "Topology", "Suggested: PostgreSQL is damaged", "47m"))
        await pilot.press("j")
        before, cursor = screen_text(pilot), operator(pilot).scenarios.cursor
        await pilot.press("L")
        await until(pilot, shown(pilot, "1 토폴로지", "2 시나리오", "3 복구", "PostgreSQL: 손상", "연락망"))
        for english in ("Topology", "Scenarios", "Recovery", "suggested", "swept", "contacts", "critical", "no run"):
            assert english not in screen_text(pilot), english
        assert operator(pilot).scenarios.cursor == cursor and operator(pilot).focused is operator(pilot).scenarios
        await pilot.press("L")
        await until(pilot, lambda: screen_text(pilot) == before)
        assert not helm.decisions


async def test_the_language_switches_over_a_run_and_leaves_the_run_alone(tmp_path: Path) -> None:
    opened, helm = app(tmp_path, story=True)
    async with opened.run_test(size=(120, 36), notifications=True) as pilot:
        await take_up(pilot)
        await until(pilot, shown(pilot, "✖ 3 Restore beside", "r retry", "log 3"))
        await pilot.press("k")
        run, cursor = situation(pilot).run, operator(pilot).recovery.steps.cursor
        await pilot.press("L")
        await until(pilot, shown(pilot, "3 복구", "로그 2", "재시도"))
        assert "Recovery" not in screen_text(pilot) and "retry" not in screen_text(pilot)
        assert situation(pilot).run == run and operator(pilot).recovery.steps.cursor == cursor
        assert not helm.decisions


@pytest.mark.parametrize(
    ("keys", "english", "said_in_korean"),
    [
        (("c",), ("Contacts", "Escalation", "Team"), ("비상 연락망", "에스컬레이션")),
        (("question_mark",), ("Keys", "The run", "Skip the step"), ("키", "실행", "사유를 적고")),
        (("enter",), ("Start a run", "Asks before", "⏎ start"), ("실행 시작",)),
    ],
)
async def test_an_open_screen_or_dialog_switches_in_its_place(
    tmp_path: Path, keys: tuple[str, ...], english: tuple[str, ...], said_in_korean: tuple[str, ...]
) -> None:
    opened, _helm = app(tmp_path)
    async with opened.run_test(size=(120, 36), notifications=True) as pilot:
        await until(pilot, lambda: operator(pilot).scenarios.cursor == "database")
        await pilot.press(*keys)
        await until(pilot, shown(pilot, *english))
        depth = len(pilot.app.screen_stack)
        await pilot.press("L")
        await until(pilot, shown(pilot, *said_in_korean))
        assert not [each for each in english if each in screen_text(pilot)]
        assert len(pilot.app.screen_stack) == depth
        await pilot.press("escape", "L")
        await until(pilot, shown(pilot, "Topology", "Scenarios"))


async def test_a_question_is_asked_anew_and_what_is_typed_stays(tmp_path: Path) -> None:
    opened, helm = app(tmp_path, story=True)
    async with opened.run_test(size=(120, 36), notifications=True) as pilot:
        await take_up(pilot)
        await pilot.press("s", "enter")
        await until(pilot, shown(pilot, "Skip this step", "A reason is needed", "What needs it will be flagged."))
        await pilot.press("L", "a")  # a person types here: the key is a letter, the palette has the action
        await pilot.press("ctrl+p", *"language")
        await until(pilot, shown(pilot, "Switch the language"))
        await pilot.press("enter")
        await until(pilot, shown(pilot, "La", "건너뛰기"))
        assert "Skip this step" not in screen_text(pilot) and "A reason is needed" not in screen_text(pilot)
        assert not helm.decisions


OPENED = [key.key for name, key in keys.KEYS.items() if name.startswith("screen.") and key.key not in "UKb"]
"""What is written for others (U) has a language of its own; what is asked of nodes (K, b) comes in its own time."""


async def _says(pilot: Pilot[Any], *press: str) -> str:
    """What is on the screen once nothing changes any more."""
    await pilot.press(*press)
    before, now = "", screen_text(pilot)
    while before != now:
        await pilot.pause(0.15)
        before, now = now, screen_text(pilot)
    return now


async def test_every_screen_says_the_same_whether_korean_was_spoken_before_it_opened_or_after(tmp_path: Path) -> None:
    said: dict[str, dict[str, str]] = {"before": {}, "after": {}}
    for when in ("before", "after"):
        language.use("ko" if when == "before" else "en")
        opened, _helm = app(tmp_path, story=when == "before")
        async with opened.run_test(size=(120, 36)) as pilot:
            await take_up(pilot)
            for key in ("", *OPENED, "question_mark", "s"):
                await _says(pilot, *([key] if key else []))
                if when == "after":
                    cast("CockpitApp", pilot.app).speak("ko")
                said[when][key] = await _says(pilot)
                if when == "after":
                    cast("CockpitApp", pilot.app).speak("en")
                while len(pilot.app.screen_stack) > 1:
                    await pilot.press("escape")
                    await pilot.pause()
    for key, text in said["before"].items():
        assert said["after"][key] == text, key
