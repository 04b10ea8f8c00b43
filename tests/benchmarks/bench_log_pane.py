"""How soon a gigabyte of log is on the screen and how soon keys answer in a flood, against reading it and `Log`.

Prints ratios and judges nothing: the machine is never a reason to fail.
"""

from __future__ import annotations

import asyncio
import threading
import time
from pathlib import Path

from textual.app import App, ComposeResult
from textual.widgets import Log

from screens.widgets.log_pane import LogPane
from sparkdr_tui.record.logs import LogWriter
from tests.benchmarks.bench_streams import LINES, read_through, say, taken
from tests.screens.stage import Hands, Readings, Recorder, Story, cockpit, operator, sample_plan, swept, take_up, until

GIGABYTE = 1_000_000_000
LINE = LINES["plain"]


class Peer(App[None]):
    """Textual's own log widget."""

    def compose(self) -> ComposeResult:
        yield Log()


def filled(path: Path, size: int) -> None:
    with path.open("wb") as file:
        for _at in range(size // 1_000_000):
            file.write(LINE * (1_000_000 // len(LINE)))


def flooded(writer: LogWriter) -> None:
    for _at in range(100):
        writer.write(LINE * 10_000)


def story_of(folder: Path) -> tuple[Hands, LogWriter]:
    hands = Hands()
    story = Story(folder, sample_plan(), hands)
    return hands, story.ask("stop-clients").start("stop-clients", "begin")


async def test_a_gigabyte_is_opened(tmp_path: Path) -> None:
    path = tmp_path / "gigabyte.log"
    filled(path, GIGABYTE)
    hands, _writer = story_of(tmp_path)
    app = cockpit(tmp_path, Readings(swept(hands.at)), hands, Recorder(tmp_path, sample_plan(), hands))
    async with app.run_test(size=(120, 36)) as pilot:
        await take_up(pilot)
        recovery = operator(pilot).recovery
        recovery.show_log = lambda: None  # type: ignore[method-assign]
        pane: LogPane = recovery.log_pane
        began = time.perf_counter()
        pane.open(path)
        while not pane.count:
            await pilot.pause(0.001)
        seen, keys = time.perf_counter() - began, [0.0]
        pane.focus()
        while pane.file is not None and not pane.file.whole:
            keys.append(await pressed(pane))
        known = time.perf_counter() - began
        say(f"a gigabyte: its end is visible after {seen * 1000:.0f} ms, every line is known after {known:.2f} s")
        say(f"  until then a key took {max(keys) * 1000:.0f} ms at most")
    read = taken(lambda: read_through(path))
    say(f"  {seen / read:.3f} × reading it all: the end; {known / read:.1f} ×: every line")
    peer = Peer()
    async with peer.run_test(size=(120, 36)):
        some = (LINE * (20_000_000 // len(LINE))).decode()
        whole = taken(lambda: peer.query_one(Log).write(some)) * GIGABYTE / 20_000_000
    say(f"  {seen / whole:.5f} × Textual's Log (which would hold it all: {whole:.0f} s by what 20 MB take)")


async def test_a_flood_of_a_million_lines(tmp_path: Path) -> None:
    hands, writer = story_of(tmp_path)
    app = cockpit(tmp_path, Readings(swept(hands.at)), hands, Recorder(tmp_path, sample_plan(), hands))
    async with app.run_test(size=(120, 36)) as pilot:
        await take_up(pilot)
        pane = operator(pilot).recovery.log_pane
        pane.focus()
        quiet = sorted([await pressed(pane) for _at in range(20)])
        flood = threading.Thread(target=flooded, args=[writer])
        began = time.perf_counter()
        flood.start()
        keys = []
        while flood.is_alive() or pane.count < 1_000_001:
            keys.append(await pressed(pane))
        took = time.perf_counter() - began
        await until(pilot, lambda: pane.count == 1_000_001)
    keys.sort()
    usual, worst = keys[len(keys) // 2], keys[-1]
    say(f"a million lines in {took:.2f} s: a key took {usual * 1000:.0f} ms, {worst * 1000:.0f} at most")
    say(f"  {usual / quiet[len(quiet) // 2]:.1f} × a key at rest")


async def pressed(pane: LogPane) -> float:
    """Seconds until a key has had its effect and that is drawn; a pilot would wait for an idle process."""
    drawn = asyncio.Event()
    began = time.perf_counter()
    pane.app.simulate_key("w")
    pane.call_later(pane.call_after_refresh, drawn.set)
    await drawn.wait()
    return time.perf_counter() - began
