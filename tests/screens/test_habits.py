"""Habits of the terminal: resizing at any moment, moving, the mouse, nothing that blinks, a palette that has it all."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from rich.cells import cell_len
from textual.command import CommandList
from textual.pilot import Pilot
from textual.widgets import Input

from screens import contexts, keys
from screens.operator import OperatorScreen
from screens.widgets.lines import LinesPane
from sparkdr_tui import language
from sparkdr_tui.plan.model import Language
from tests.screens.stage import (
    DAMAGED,
    HINT,
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
    swept,
    take_up,
    until,
)

SIZES = ((59, 15), (60, 16))
MORE = ((200, 60), (30, 8), (80, 24))
SCREENS = [name for name in keys.KEYS if name.startswith("screen.")]


@asynccontextmanager
async def failed(folder: Path, size: tuple[int, int] = (120, 36)) -> AsyncIterator[tuple[Pilot[Any], Recorder]]:
    """The operator's cockpit over a run whose third step failed."""
    hands = Hands()
    plan = plan_with_backups(folder / "backups", 47)
    story = Story(folder / "state", plan, hands).observe(DAMAGED).choose().do("stop-clients", "safety-copy")
    story.ask("restore").start("restore", *("COPY 40000 " * 20 for _line in range(60))).close()
    story.finish("restore", 12, "failed", detail="The script ended with exit status 1.", hints=(HINT,))
    helm = Recorder(folder / "state", plan, hands)
    app = cockpit(folder / "state", Readings(swept(hands.at, DAMAGED), HereReach()), hands, helm, plan=plan)
    async with app.run_test(size=size, notifications=True) as pilot:
        await take_up(pilot)
        await until(pilot, lambda: len(app.screen_stack) == 1)
        yield pilot, helm


def too_wide(pilot: Pilot[Any]) -> list[str]:
    """Lines that would be cut off without a sign that they are."""
    return [
        line.text
        for pane in pilot.app.screen.query(LinesPane)
        if pane.size.width and pane.is_on_screen
        for line in pane.lines
        if cell_len(line.text.rstrip()) > pane.width
    ]


@pytest.mark.parametrize(("lang", "sizes"), [("ko", SIZES)])
async def test_the_terminal_may_be_resized_at_any_moment_on_every_screen_and_dialog(
    tmp_path: Path, lang: Language, sizes: tuple[tuple[int, int], ...]
) -> None:
    language.use(lang)
    async with failed(tmp_path, (80, 24)) as (pilot, helm):
        opened = [
            keys.KEYS[name].key.split(",")[0] for name in SCREENS if name in contexts.contexts()["OperatorScreen"]
        ]
        for key in ("", "question_mark", "ctrl+p", "s", "r", "l", *opened):
            if key:
                await pilot.press(key)
            had = pilot.app.screen.focused
            for width, height in (*(MORE if not key else ()), *sizes):
                if tuple(pilot.app.size) != (width, height):
                    await pilot.resize_terminal(width, height)
                await until(pilot, lambda size=(width, height): tuple(pilot.app.size) == size)  # type: ignore[misc]
                text = screen_text(pilot)
                assert ("60×16" in text) is (width < 60 or height < 16), (key, width, height, text)
                assert all(cell_len(row) == width for row in text.splitlines()), (key, width, height)
                assert too_wide(pilot) == [], (key, width, height)
            await until(pilot, lambda had=had: pilot.app.screen.focused is had)  # type: ignore[misc]
            for _each in range(3):
                if len(pilot.app.screen_stack) > 1 or operator(pilot).has_class("-whole-log"):
                    await pilot.press("escape")
        assert len(pilot.app.screen_stack) == 1 and not helm.decisions


async def test_every_action_is_in_the_palette_screens_first(tmp_path: Path) -> None:
    async with failed(tmp_path, (120, 50)) as (pilot, _helm):
        await pilot.press("ctrl+p")
        await until(pilot, shown(pilot, "Choose a theme"))
        text = screen_text(pilot)
        bindings = operator(pilot).active_bindings.values()
        offered = [each.binding for each in bindings if each.enabled and each.binding.id in keys.KEYS]
        acting = [each for each in offered if keys.group(each) != keys.MOVING]
        for each in acting:
            if each.id not in ("app.commands", "app.interrupt"):
                assert keys.tooltip(each)[:24] in text, each.id
        assert text.index("Go to contacts") < text.index("Skip the step") < text.index("Choose a theme")


@pytest.mark.parametrize("key", ["page_up", "page_down"])
async def test_a_page_key_before_the_palettes_list_is_laid_out_does_no_harm(tmp_path: Path, key: str) -> None:
    async with failed(tmp_path) as (pilot, _helm):
        await pilot.press("ctrl+p")
        await until(pilot, shown(pilot, "Go to history"))
        listed = pilot.app.screen.query_one(CommandList)
        listed.styles.height = 0  # as it is for a moment whenever it opens
        await until(pilot, lambda: not listed.scrollable_content_region)
        listed.clear_options()
        listed.add_option("one")
        listed.highlighted = 0
        await pilot.app.screen.run_action(f"command_list('{key}')")
        assert listed.highlighted == 0


async def test_a_theme_is_chosen_by_name_and_the_way_to_keep_it_is_told(tmp_path: Path) -> None:
    async with failed(tmp_path) as (pilot, _helm):
        await pilot.press("ctrl+p", *"theme")
        await until(pilot, shown(pilot, "Choose a theme"))
        await pilot.press("enter")
        await until(pilot, shown(pilot, "Which theme?", "sparkdr-light"))
        await pilot.press(*"dr-l")
        await until(pilot, lambda: "catppuccin" not in screen_text(pilot))
        await pilot.press("enter")
        await until(pilot, lambda: pilot.app.theme == "sparkdr-light")
        await until(pilot, shown(pilot, 'theme = "sparkdr-light"'))


async def test_actions_are_found_by_their_english_names_in_korean_too(tmp_path: Path) -> None:
    language.use("ko")
    async with failed(tmp_path) as (pilot, _helm):
        await pilot.press("ctrl+p", *"mark")
        await until(pilot, shown(pilot, "m  사유를 적고"))
        await pilot.press("ctrl+u", *"zz")
        await until(pilot, shown(pilot, "그런 이름은 없습니다."))


async def test_the_wheel_scrolls_and_a_click_lights_a_pane(tmp_path: Path) -> None:
    async with failed(tmp_path, (120, 24)) as (pilot, _helm):
        log = operator(pilot).recovery.log_pane
        await until(pilot, lambda: log.max_scroll_y > 0)
        before = log.scroll_offset.y
        from textual.events import MouseScrollUp

        at = log.region.offset
        await pilot._post_mouse_events([MouseScrollUp], offset=(at.x + 5, at.y + 1), button=0)
        await until(pilot, lambda: log.scroll_offset.y < before)
        await pilot.click("#scenario-lines", offset=(4, 1))
        assert operator(pilot).focused is operator(pilot).scenarios


async def test_nothing_blinks(tmp_path: Path) -> None:
    async with failed(tmp_path) as (pilot, _helm):
        for key in ("s", "n", "ctrl+p", "slash"):
            await pilot.press(key)
            await pilot.pause()
            lines = [each for each in pilot.app.screen.query(Input) if each.display]
            assert lines and not any(each.cursor_blink for each in lines), key
            await pilot.press("escape", "escape" if key == "ctrl+p" else "3")


def test_every_screen_has_a_key_in_the_operators_cockpit() -> None:
    assert set(SCREENS) <= contexts.contexts()[OperatorScreen.__name__]


async def test_the_help_is_searched_and_escape_ends_the_search_before_it_goes_back(tmp_path: Path) -> None:
    async with failed(tmp_path, (80, 24)) as (pilot, _helm):
        await pilot.press("question_mark", "slash", *"marks of", "enter")
        await until(pilot, shown(pilot, "/marks of · 2 lines", "▲ damaged", "⏸ waiting"))
        await pilot.press("escape")
        await until(pilot, lambda: "/marks of" not in screen_text(pilot))
        await pilot.press("escape")
        await until(pilot, lambda: len(pilot.app.screen_stack) == 1)
