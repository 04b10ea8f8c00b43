"""The log: follows and lets read, finds, wraps, stays quick however long the file is, and draws only text."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from rich.cells import cell_len
from textual import events
from textual.pilot import Pilot

from screens.widgets.log_pane import LogPane
from sparkdr_tui.record.logs import LogWriter
from tests.screens.stage import (
    Hands,
    Readings,
    Recorder,
    Story,
    cockpit,
    operator,
    pane_text,
    sample_plan,
    screen_text,
    shown,
    swept,
    take_up,
    until,
)


@asynccontextmanager
async def log_of(
    folder: Path, *lines: str, size: tuple[int, int] = (120, 36)
) -> AsyncIterator[tuple[Pilot[Any], LogPane, LogWriter]]:
    """The cockpit with the focus in the log of a running step."""
    hands, plan = Hands(), sample_plan()
    story = Story(folder, plan, hands)
    story.ask("stop-clients")
    writer = story.start("stop-clients", *lines)
    app = cockpit(folder, Readings(swept(hands.at)), hands, Recorder(folder, plan, hands))
    async with app.run_test(size=size, notifications=True) as pilot:
        await take_up(pilot)
        pane = operator(pilot).recovery.log_pane
        await until(pilot, lambda: pane.virtual_size.height >= len(lines))
        pane.focus()
        await pilot.pause()
        yield pilot, pane, writer
        writer.close()


def rows(pane: LogPane) -> list[str]:
    """What the pane shows, without the times."""
    return [pane.render_line(y).text[9:].rstrip() for y in range(pane.size.height)]


def rule(pilot: Pilot[Any]) -> str:
    return pane_text(operator(pilot).recovery.rule)


def numbered(count: int) -> list[str]:
    return [f"line {number}" for number in range(1, count + 1)]


async def test_what_is_new_is_followed_until_somebody_reads(tmp_path: Path) -> None:
    async with log_of(tmp_path, *numbered(100)) as (pilot, pane, writer):
        assert rows(pane)[-1] == "line 100" and "following" in rule(pilot)
        writer.write(b"line 101\n")
        await until(pilot, lambda: rows(pane)[-1] == "line 101")
        await pilot.press("k")
        writer.write(b"line 102\nline 103\n")
        await until(pilot, lambda: "103 lines" in rule(pilot))
        assert rows(pane)[-1] == "line 100" and "following" not in rule(pilot)
        await pilot.press("G")
        await until(pilot, lambda: rows(pane)[-1] == "line 103" and "following" in rule(pilot))
        await pilot.press("g")
        assert rows(pane)[0] == "line 1"
        await pilot.press("f")
        assert rows(pane)[-1] == "line 103"


async def test_the_wheel_reads_too(tmp_path: Path) -> None:
    async with log_of(tmp_path, *numbered(100)) as (pilot, pane, writer):
        await pilot._post_mouse_events([events.MouseScrollUp], "#log", offset=(5, 2))
        await until(pilot, lambda: not pane.following)
        writer.write(b"more\n")
        await until(pilot, lambda: "101 lines" in rule(pilot))
        assert rows(pane)[-1] != "more"


async def test_a_search_finds_goes_on_and_comes_round(tmp_path: Path) -> None:
    lines = numbered(300)
    lines[49] = lines[199] = "a Needle [here]"
    async with log_of(tmp_path, *lines) as (pilot, pane, _writer):
        await pilot.press("slash", *"needle [", "enter")
        await until(pilot, lambda: "from the top" in rule(pilot))
        assert "a Needle [here]" in rows(pane) and "line 51" in rows(pane)
        await pilot.press("n")
        await until(pilot, lambda: "line 201" in rows(pane))
        await pilot.press("N")
        await until(pilot, lambda: "line 51" in rows(pane))
        await pilot.press("slash", "ctrl+u", *"nowhere", "enter")
        await until(pilot, lambda: "not found" in rule(pilot))


async def test_n_writes_a_note_where_nothing_is_searched_for(tmp_path: Path) -> None:
    async with log_of(tmp_path, *numbered(3)) as (pilot, _pane, _writer):
        await pilot.press("n")
        await until(pilot, shown(pilot, "Write a note"))


async def test_escape_leaves_the_search_line(tmp_path: Path) -> None:
    async with log_of(tmp_path, *numbered(3)) as (pilot, pane, _writer):
        await pilot.press("slash", "x", "escape")
        assert pane.has_focus and pane.needle == ""


async def test_the_first_error_is_one_key_away(tmp_path: Path) -> None:
    lines = numbered(500)
    lines[99] = 'psql:restore.sql:100: ERROR:  relation "users" does not exist'
    async with log_of(tmp_path, *lines) as (pilot, pane, _writer):
        await pilot.press("e")
        await until(pilot, lambda: lines[99] in rows(pane))


async def test_long_lines_are_moved_sideways_or_wrapped(tmp_path: Path) -> None:
    long = "복원 " * 60 + "END"
    async with log_of(tmp_path, *numbered(40), long) as (pilot, pane, _writer):
        assert "END" not in rows(pane)[-1]
        await pilot.press(*["right"] * 16)
        assert rows(pane)[-1].endswith("END")
        await pilot.press(*["left"] * 16, "w")
        assert rows(pane)[-1].endswith("END")
        assert "".join(rows(pane)[-5:]).count("복원") == 60
        await pilot.press("k")
        await pilot.pause()
        assert "line 40" in rows(pane)


async def test_nothing_a_node_prints_is_taken_for_more_than_text(tmp_path: Path) -> None:
    hostile = [
        "[bold red]x[/bold]",
        "[/var/log] [ERROR]",
        "\\x1b]52;c;x",
        "\x1b[2Jgone",
        "a\u202eb",
        "[@click=app.quit]y[/]",
    ]
    async with log_of(tmp_path, *hostile) as (pilot, pane, _writer):
        drawn = [row for row in rows(pane) if row]
        assert (
            drawn[0] == "[bold red]x[/bold]"
            and drawn[1] == "[/var/log] [ERROR]"
            and drawn[-1] == "[@click=app.quit]y[/]"
        )
        assert all(row.isprintable() for row in drawn)
        assert "\x1b" not in screen_text(pilot)


@pytest.mark.parametrize("size", [(120, 36), (80, 24), (60, 16)])
async def test_korean_lines_keep_the_frame_straight(tmp_path: Path, size: tuple[int, int]) -> None:
    async with log_of(tmp_path, *["테이블 복원 중: " * 20] * 30, size=size) as (pilot, _pane, _writer):
        for wrapped in ("w", "w"):
            for line in screen_text(pilot).splitlines():
                assert cell_len(line) == size[0]
            await pilot.press(wrapped)


async def test_a_flood_of_lines_leaves_every_key_answering(tmp_path: Path) -> None:
    async with log_of(tmp_path, "begin") as (pilot, pane, writer):
        chunk = b"".join(b"COPY %d rows of public.workflows\n" % number for number in range(10_000))
        times: list[float] = []
        for _round in range(30):
            writer.write(chunk)
            before = time.perf_counter()
            await pilot.press("j")
            times.append(time.perf_counter() - before)
        await until(pilot, lambda: "300,001 lines" in rule(pilot))
        await pilot.press("G")
        assert rows(pane)[-1] == "COPY 9999 rows of public.workflows"
        assert sorted(times)[len(times) // 2] < 0.5, times


async def test_the_log_fills_the_screen_and_gives_it_back(tmp_path: Path) -> None:
    async with log_of(tmp_path, *numbered(100)) as (pilot, pane, _writer):
        await pilot.press("l")
        await until(pilot, lambda: pane.size.height > 30)
        assert "Topology" not in screen_text(pilot) and rows(pane)[-1] == "line 100"
        await pilot.press("l")
        await until(pilot, shown(pilot, "1 Topology"))


async def test_another_step_has_another_log(tmp_path: Path) -> None:
    hands, plan = Hands(), sample_plan()
    story = Story(tmp_path, plan, hands).do("stop-clients", "safety-copy").ask("restore")
    app = cockpit(tmp_path, Readings(swept(hands.at)), hands, Recorder(tmp_path, plan, hands))
    async with app.run_test(size=(120, 36)) as pilot:
        await take_up(pilot)
        await until(pilot, shown(pilot, "log 2", "safety-copy says hello"))
        await pilot.press("k", "k")
        await until(pilot, shown(pilot, "log 1", "stop-clients says hello"))
        story.start("restore", "restore says hello").close()
        await pilot.press("j", "j")
        await until(pilot, shown(pilot, "log 3", "restore says hello"))
