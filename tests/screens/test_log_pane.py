"""The log: follows and lets read, finds, wraps, stays quick however long the file is, and draws only text."""

from __future__ import annotations

import threading
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from rich.cells import cell_len
from textual import events
from textual.pilot import Pilot

from screens.log_watch import LogWatch
from screens.widgets.log_pane import LogPane
from sparkdr_tui.record import decisions as d
from sparkdr_tui.record.logfile import LogFile
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
        await until(pilot, lambda: "1 of 2" in rule(pilot))
        await pilot.press("n")
        await until(pilot, lambda: "line 201" in rows(pane) and "2 of 2" in rule(pilot))
        await pilot.press("N")
        await until(pilot, lambda: "line 51" in rows(pane) and "1 of 2" in rule(pilot))
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
    lines[399] = "복원 실패"
    async with log_of(tmp_path, *lines) as (pilot, pane, _writer):
        await pilot.press("e")
        await until(pilot, lambda: lines[99] in rows(pane))
        await pilot.press("e")
        await until(pilot, lambda: lines[399] in rows(pane))
        await pilot.press("e")
        await until(pilot, lambda: lines[99] in rows(pane) and "from the top" in rule(pilot))


async def test_a_log_without_errors_says_so(tmp_path: Path) -> None:
    async with log_of(tmp_path, *numbered(50)) as (pilot, _pane, _writer):
        await pilot.press("e")
        await until(pilot, lambda: "no error found" in rule(pilot))


async def test_long_lines_are_moved_sideways_or_wrapped(tmp_path: Path) -> None:
    long = "복원 " * 60 + "END"
    async with log_of(tmp_path, *numbered(40), long) as (pilot, pane, _writer):
        assert "END" not in rows(pane)[-1]
        for _press in range(15):
            pane.action_right()
        await pilot.press("right")
        assert rows(pane)[-1].endswith("END")
        for _press in range(15):
            pane.action_left()
        await pilot.press("left", "w")
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


async def test_every_row_of_a_wrapped_line_can_be_read(tmp_path: Path) -> None:
    text = "".join(f"{number:04}" for number in range(700))
    async with log_of(tmp_path, "first", text, size=(80, 24)) as (pilot, pane, _writer):
        await pilot.press("w")
        seen = list(reversed(rows(pane)))
        assert seen[0].endswith("0699") and "first" not in seen
        while seen[-1] != "first":
            before = rows(pane)
            pane.action_line_up()
            assert rows(pane)[1:] == before[:-1]
            seen.append(rows(pane)[0])
        assert "".join(reversed(seen)) == f"first{text}"
        await pilot.press("pagedown")
        assert rows(pane)[0] == seen[-pane.size.height - 1]
        await pilot.press("slash", *"03330334", "enter")
        await until(pilot, lambda: "0333" in rows(pane)[0])


async def test_a_flood_of_lines_costs_what_is_visible(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A million lines: the app's loop reads no more of the file than the pane shows, a few times a second."""
    read: list[int] = []
    lines = LogFile.lines

    def counted(self: LogFile, first: int, end: int) -> list[str]:
        found = lines(self, first, end)
        read.append(len(found))
        return found

    monkeypatch.setattr(LogFile, "lines", counted)
    async with log_of(tmp_path, "begin") as (pilot, pane, writer):
        drawn: list[int] = []
        take_news = pane.take_news

        def drawing() -> None:
            drawn.append(1)
            take_news()

        def flooding() -> None:
            for _at in range(100):
                writer.write(chunk)

        monkeypatch.setattr(pane, "take_news", drawing)
        chunk = b"".join(b"COPY %d rows of public.workflows\n" % number for number in range(10_000))
        flood = threading.Thread(target=flooding)
        read.clear()
        began = time.monotonic()
        flood.start()
        await until(pilot, lambda: "1,000,001 lines" in rule(pilot))
        took = time.monotonic() - began
        flood.join()
        assert rows(pane)[-1] == "COPY 9999 rows of public.workflows"
        assert max(read) <= pane.size.height
        assert len(drawn) <= took / LogWatch.EVERY + 2
        assert len(read) <= 3 * (len(drawn) + 3)


async def test_the_end_of_a_huge_log_is_there_before_its_lines_are_counted(tmp_path: Path) -> None:
    path = tmp_path / "huge.log"
    with path.open("wb") as file:
        file.write(b"the first line\n")
        file.truncate(1_000_000_000)  # a gigabyte with a hole in it: no line ends there
        file.seek(0, 2)
        file.write(b"\n" + b"".join(b"line %d\n" % number for number in range(200_000)))
    async with log_of(tmp_path, "begin") as (pilot, pane, _writer):
        told: list[str] = []
        look_back = LogFile.look_back

        def slowly(self: LogFile, cancelled: Callable[[], bool] = lambda: False) -> None:
            told.append(rows(pane)[-1] if pane.count else "")
            if "line 199999" in told:
                look_back(self, cancelled)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(LogFile, "look_back", slowly)
            patch.setattr(operator(pilot).recovery, "show_log", lambda: None)
            pane.open(path)
            await until(pilot, lambda: pane.count > 0 and rows(pane)[-1] == "line 199999")
            await pilot.press("k", "k")
            kept = rows(pane)
            await until(pilot, lambda: pane.file is not None and pane.file.whole and pane.count == 200_002, 30)
            assert rows(pane) == kept and not pane.following
            await pilot.press("g")
            await until(pilot, lambda: rows(pane)[0] == "the first line")
            await pilot.press("G")
            await until(pilot, lambda: rows(pane)[-1] == "line 199999")


async def test_going_to_the_top_waits_for_the_top_to_be_known(tmp_path: Path) -> None:
    path = tmp_path / "big.log"
    path.write_bytes(b"".join(b"line %d\n" % number for number in range(400_000)))
    held = threading.Event()
    look_back = LogFile.look_back

    def when_let(self: LogFile, cancelled: Callable[[], bool] = lambda: False) -> None:
        if held.wait(0.1):
            look_back(self, cancelled)

    async with log_of(tmp_path, "begin") as (pilot, pane, _writer):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(LogFile, "look_back", when_let)
            patch.setattr(operator(pilot).recovery, "show_log", lambda: None)
            pane.open(path)
            await until(pilot, lambda: "counting lines, 0 %" in pane.describe() and pane.count > 0)
            await pilot.press("g")
            assert rows(pane)[0] != "line 0"
            held.set()
            await until(pilot, lambda: rows(pane)[0] == "line 0" and pane.count == 400_000)


async def test_what_is_visible_is_copied_and_kept_in_a_file(tmp_path: Path) -> None:
    async with log_of(tmp_path, *numbered(300), "\x1b[31mred " + "x" * 300) as (pilot, pane, _writer):
        await pilot.press("y")
        shown_lines = pane.size.height
        await until(pilot, shown(pilot, f"Copied: {shown_lines} lines of the log"))
        lines = (tmp_path / "copied.txt").read_text().splitlines()
        assert lines == [*numbered(300)[-shown_lines + 1 :], "red " + "x" * 300]
        assert pilot.app.clipboard == "\n".join(lines)
        await pilot.press("Y")
        await until(pilot, shown(pilot, "Copied: 200 lines of the log"))
        assert (tmp_path / "copied.txt").read_text().splitlines()[0] == "line 102"


async def test_the_attempts_of_a_step_are_walked(tmp_path: Path) -> None:
    hands, plan = Hands(), sample_plan()
    story = Story(tmp_path, plan, hands).ask("stop-clients")
    for attempt in (1, 2, 3):
        story.start("stop-clients", f"this is attempt {attempt}", attempt=attempt).close()
        story.finish("stop-clients", ending="failed", attempt=attempt)
    app = cockpit(tmp_path, Readings(swept(hands.at)), hands, Recorder(tmp_path, plan, hands))
    async with app.run_test(size=(120, 36)) as pilot:
        await take_up(pilot)
        await until(pilot, shown(pilot, "attempt 3 of 3", "this is attempt 3"))
        await pilot.press("left_square_bracket", "left_square_bracket", "left_square_bracket")
        await until(pilot, shown(pilot, "attempt 1 of 3", "this is attempt 1"))
        await pilot.press("right_square_bracket")
        await until(pilot, shown(pilot, "attempt 2 of 3", "this is attempt 2"))
        story.start("stop-clients", "this is attempt 4", attempt=4).close()
        await until(pilot, shown(pilot, "attempt 2 of 4", "this is attempt 2"))
        await pilot.press("right_square_bracket", "right_square_bracket")
        await until(pilot, shown(pilot, "attempt 4 of 4", "this is attempt 4"))
        story.finish("stop-clients", ending="failed", attempt=4)
        story.start("stop-clients", "this is attempt 5", attempt=5).close()
        await until(pilot, shown(pilot, "attempt 5 of 5", "this is attempt 5"))


async def test_the_log_fills_the_screen_and_gives_it_back(tmp_path: Path) -> None:
    async with log_of(tmp_path, *numbered(100)) as (pilot, pane, _writer):
        await pilot.press("l")
        await until(pilot, lambda: pane.size.height > 30)
        assert "Topology" not in screen_text(pilot) and rows(pane)[-1] == "line 100"
        await pilot.press("l")
        await until(pilot, shown(pilot, "1 Topology"))


@pytest.mark.parametrize("size", [(120, 36), (80, 24)])
async def test_where_the_log_is_alone_the_clock_stays_and_enter_runs_no_step_that_nobody_sees(
    tmp_path: Path, size: tuple[int, int]
) -> None:
    hands, plan = Hands(), sample_plan()
    Story(tmp_path, plan, hands).do("stop-clients").ask("safety-copy")
    helm = Recorder(tmp_path, plan, hands)
    app = cockpit(tmp_path, Readings(swept(hands.at)), hands, helm)
    async with app.run_test(size=size) as pilot:
        await take_up(pilot)
        await until(pilot, shown(pilot, "⏎ run   s skip"))
        await pilot.press("l")
        await until(pilot, lambda: "⏎ run" not in screen_text(pilot))
        text = screen_text(pilot)
        assert "INC-0042" in text and "left · " in text and "Scenarios" not in text
        await pilot.press("enter")
        await pilot.pause()
        assert not helm.decisions
        await pilot.press("l", "enter")
        await until(pilot, lambda: helm.decisions == [d.Confirm("safety-copy", "")])


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
