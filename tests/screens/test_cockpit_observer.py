"""Observers see what the operator sees, and have no key, no palette entry and no class that could decide."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from screens.cockpit import CockpitScreen
from screens.operator import OperatorScreen
from sparkdr_tui.plan.model import State
from sparkdr_tui.record import events as e
from sparkdr_tui.watch.topology import Reading, Topology
from tests.screens.stage import (
    DAMAGED,
    NOON,
    Hands,
    Readings,
    Story,
    cockpit,
    pane_text,
    sample_plan,
    screen_text,
    shown,
    swept,
    until,
)

SIZE = (120, 36)


async def test_an_observer_sees_a_run_begin_go_on_and_end(tmp_path: Path) -> None:
    hands = Hands()
    app = cockpit(tmp_path, Readings(swept(hands.at, DAMAGED)), hands, None)
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await until(pilot, shown(pilot, "◉ observer", "no run"))
        story = Story(tmp_path, sample_plan(), hands).observe(DAMAGED).ask("stop-clients")
        await until(pilot, shown(pilot, "INC-0042", "? 1 Stop what writes", "asks", "person 0:0"))
        story.start("stop-clients", "COPY 40000").close()
        await until(pilot, shown(pilot, "▶ 1 Stop what writes", "COPY 40000"))
        story.finish("stop-clients").write(e.RunClosed(outcome="aborted", reason="enough"))
        await until(pilot, shown(pilot, "aborted", "✔ 1 Stop what writes"))
        Story(tmp_path, sample_plan(), hands, "BAK-0001", mode="routine").start("stop-clients")  # a backup is no news
        Story(tmp_path, sample_plan(), hands, "INC-0043").ask("stop-clients")
        await until(pilot, shown(pilot, "INC-0043", "? 1 Stop what writes"))


async def test_an_observers_palette_and_footer_offer_nothing_that_decides(tmp_path: Path) -> None:
    hands = Hands()
    Story(tmp_path, sample_plan(), hands).observe(DAMAGED).do("stop-clients").ask("safety-copy")
    app = cockpit(tmp_path, Readings(swept(hands.at, DAMAGED)), hands, None)
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await until(pilot, shown(pilot, "? 2 Keep a copy"))
        text = screen_text(pilot)
        assert "⏎ run" not in text and "s skip" not in text
        await pilot.press("ctrl+p")
        await until(pilot, shown(pilot, "Every key of this screen"))
        for deciding in ("Skip", "Start a run", "undo", "note", "End the"):
            assert deciding not in screen_text(pilot)
        await pilot.press("escape", "q")
        await until(pilot, lambda: not app.is_running)


def test_the_observers_screen_has_no_action_that_decides() -> None:
    hands = {name for name in dir(OperatorScreen) if name.startswith("action_")} - set(dir(CockpitScreen))
    assert {"action_confirm", "action_skip", "action_start_run", "action_abort"} <= hands
    assert not hands & set(dir(CockpitScreen))


async def test_where_an_observer_cannot_look_the_run_tells(tmp_path: Path) -> None:
    """Without credentials the observer's own probes know little."""
    hands = Hands()
    own = Topology(
        services={"postgresql": Reading(State.UNKNOWN, NOON), "redis": Reading(State.UP, NOON, 0.001)}, at=NOON
    )
    Story(tmp_path, sample_plan(), hands).observe({"postgresql": State.DAMAGED, "redis": State.REFUSED})
    app = cockpit(tmp_path, Readings(own), hands, None)
    async with app.run_test(size=SIZE) as pilot:
        topology = app.screen.query_one("#topology-lines")
        await until(pilot, lambda: "▲ 5432  PostgreSQL" in pane_text(topology))
        assert "● 6379  Redis" in pane_text(topology)


async def test_a_run_that_its_operator_left_is_said_to_be_driven_by_nobody(tmp_path: Path) -> None:
    hands = Hands()
    story = Story(tmp_path, sample_plan(), hands).ask("stop-clients")
    story.start("stop-clients", "COPY 40000").close()
    app = cockpit(tmp_path, Readings(swept(hands.at)), hands, None)
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, shown(pilot, "▶ 1 Stop what writes"))
        assert "nobody drives it" not in screen_text(pilot)
        story.leave()
        hands.move(hours=9)
        await until(pilot, shown(pilot, "interrupted: nobody drives it", "◌ 1 Stop what writes"))
        assert "9:00:0" not in screen_text(pilot)  # nobody's time passes


async def test_a_damaged_journal_is_said_and_what_could_be_read_stays(tmp_path: Path) -> None:
    hands = Hands()
    story = Story(tmp_path, sample_plan(), hands).ask("stop-clients")
    app = cockpit(tmp_path, Readings(swept(hands.at)), hands, None)
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await until(pilot, shown(pilot, "? 1 Stop what writes"))
        with (story.folder / "journal.jsonl").open("ab") as file:
            file.write(b"not a record\n")
        await until(pilot, shown(pilot, "is damaged"))
        assert "? 1 Stop what writes" in screen_text(pilot)


def test_the_face_never_imports_what_acts() -> None:
    program = "import sys, screens.app; print([m for m in sys.modules if m.startswith('sparkdr_tui.recover')])"
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "[]"


def test_opening_the_face_imports_no_client_of_a_server() -> None:
    clients = "asyncssh psycopg redis minio httpx"
    program = f"import sys, screens.app; print([m for m in '{clients}'.split() if m in sys.modules])"
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "[]"
