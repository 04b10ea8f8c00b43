"""The history at work: every key of it, what an observer has of it, and that a run that lives is never lost to it."""

from __future__ import annotations

from pathlib import Path

from textual.pilot import Pilot

from screens.dialogs.base import LineInput
from screens.history import HistoryScreen, OperatorHistoryScreen
from screens.past_run import PastRunScreen
from screens.report_page import OperatorReportScreen, ReportScreen
from sparkdr_tui.record.runs import next_run
from tests.engine.storied import kept, opening
from tests.screens.pasts import CALM, past
from tests.screens.stage import (
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
    until,
)

SIZE = (120, 36)


def app_on(folder: Path, *, observing: bool = False):  # type: ignore[no-untyped-def]
    hands = Hands()
    helm = None if observing else Recorder(folder, sample_plan(), hands)
    return cockpit(folder, Readings(swept(hands.at)), hands, helm)


async def history(pilot: Pilot[int]) -> HistoryScreen:
    """Past the offer of the unfinished run, into the history."""
    if not situation(pilot).observing:
        await until(pilot, lambda: len(pilot.app.screen_stack) > 1)
        await pilot.press("escape")
    await pilot.press("h")
    await until(pilot, shown(pilot, "INC-0005", "met", "Time by step"))
    screen = pilot.app.screen
    assert isinstance(screen, HistoryScreen)
    return screen


async def test_the_history_is_opened_read_and_left_by_keys(tmp_path: Path) -> None:
    app = app_on(past(tmp_path))
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        screen = await history(pilot)
        assert isinstance(screen, OperatorHistoryScreen)
        assert screen.runs.cursor == "INC-0004" and "7 runs" in screen_text(pilot)
        await until(pilot, shown(pilot, "interrupted: nobody drives it", "3 backups not shown"))
        await pilot.press("j")
        await until(pilot, shown(pilot, "─ INC-0003 ─", "7 Drop the damaged database · skipped", "┊▓"))
        await pilot.press("t")
        await until(pilot, shown(pilot, "10 runs", "BAK-0002"))
        await pilot.press("slash", *"q4", "enter")
        await until(pilot, shown(pilot, "/q4", "1 run ", "─ DRL-0001 ─"))
        await pilot.press("escape")
        await until(pilot, shown(pilot, "10 runs"))
        await pilot.press("slash", *"zz")
        await until(pilot, shown(pilot, "No run has “zz” in it."))
        await pilot.press("escape", "escape")
        await until(pilot, lambda: len(app.screen_stack) == 1)


async def test_a_whole_run_is_opened_as_the_past_and_the_cockpit_stays_as_it_was(tmp_path: Path) -> None:
    app = app_on(past(tmp_path))
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await history(pilot)
        await pilot.press("j", "enter")
        await until(pilot, shown(pilot, "PAST", "INC-0003", "esc back to the history", "✔ 1 Stop what writes"))
        assert isinstance(app.screen, PastRunScreen) and situation(pilot).run is None
        await pilot.press("k", "l")
        await until(pilot, lambda: app.screen.has_class("-whole-log"))
        await pilot.press("escape")
        await until(pilot, lambda: not app.screen.has_class("-whole-log"))
        await pilot.press("p")
        await until(pilot, shown(pilot, "Report of INC-0003", "joon@desk took over from mina@macbook"))
        await pilot.press("slash", *"no space", "enter")
        await until(pilot, shown(pilot, "/no space · 3 lines"))
        await pilot.press("escape", "escape", "escape")
        await until(pilot, lambda: isinstance(app.screen, HistoryScreen))


async def test_a_run_that_was_left_is_shown_in_the_cockpit_where_it_can_be_taken_up(tmp_path: Path) -> None:
    app = app_on(past(tmp_path))
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await history(pilot)
        await pilot.press("o")
        await until(pilot, shown(pilot, "INC-0004", "interrupted: nobody drives it", "R resume"))
        assert len(app.screen_stack) == 1


async def test_while_a_run_lives_its_bar_stays_in_sight_and_the_past_does_not_take_its_place(tmp_path: Path) -> None:
    hands = Hands()
    kept(tmp_path, CALM, days=-3)
    _run, folder = next_run(tmp_path, "incident")
    folder.rmdir()
    story = Story(tmp_path, sample_plan(), hands, "INC-0042").ask("stop-clients")
    app = cockpit(tmp_path, Readings(swept(hands.at)), hands, None)
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await until(pilot, shown(pilot, "INC-0042", "? 1 Stop what writes"))
        await pilot.press("h")
        await until(pilot, shown(pilot, "INC-0001", "RTO 30:00", "under way"))
        await pilot.press("j", "enter")
        await until(pilot, shown(pilot, "PAST", "RTO 30:00", "✔ 1 Stop what writes"))
        story.start("stop-clients").close()
        assert situation(pilot).folder == story.folder
        await pilot.press("escape", "k", "enter")
        await until(pilot, shown(pilot, "▶ 1 Stop what writes"))
        assert len(app.screen_stack) == 1


async def test_the_report_is_written_beside_the_run_and_never_over_what_it_recorded(tmp_path: Path) -> None:
    app = app_on(past(tmp_path))
    folder = tmp_path / "runs" / "INC-0003"
    journal = (folder / "journal.jsonl").read_bytes()
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await history(pilot)
        await pilot.press("j", "w")
        await until(pilot, shown(pilot, "Write the report as an HTML file", "report.html"))
        field = app.screen.query_one(LineInput)
        field.value = str(tmp_path / "nowhere" / "report.html")
        await pilot.press("enter")
        await until(pilot, shown(pilot, "There is no folder"))
        field.value = "journal.jsonl"
        await pilot.press("enter")
        await until(pilot, shown(pilot, "nothing was"))
        await pilot.press("w", "enter")
        await until(pilot, shown(pilot, "The report of INC-0003 is in"))
        assert isinstance(app.screen, OperatorReportScreen)
    assert (folder / "journal.jsonl").read_bytes() == journal
    assert "no space left on device" in (folder / "report.html").read_text()


async def test_an_observer_reads_everything_and_no_key_writes(tmp_path: Path) -> None:
    state = past(tmp_path)
    before = {path: path.read_bytes() for path in state.rglob("*.*") if path.is_file()}
    app = app_on(state, observing=True)
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await until(pilot, shown(pilot, "INC-0004"))
        screen = await history(pilot)
        assert not isinstance(screen, OperatorHistoryScreen)
        await pilot.press("j")
        await until(pilot, shown(pilot, "─ INC-0003 ─"))
        assert "write report" not in screen_text(pilot)
        await pilot.press(*"wWsrxA")
        await pilot.press("g", "j", "p")
        await until(pilot, shown(pilot, "Report of INC-0003", "Objectives"))
        assert isinstance(app.screen, ReportScreen) and not isinstance(app.screen, OperatorReportScreen)
        await pilot.press(*"wWx")
    assert {path: path.read_bytes() for path in before} == before
    assert not list(state.rglob("report.html"))


def test_what_writes_is_on_the_operators_classes_alone() -> None:
    for eyes, hands in ((HistoryScreen, OperatorHistoryScreen), (ReportScreen, OperatorReportScreen)):
        assert hasattr(hands, "action_write_report") and not hasattr(eyes, "action_write_report")


async def test_an_empty_history_says_what_to_do(tmp_path: Path) -> None:
    app = app_on(tmp_path)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("h")
        await until(pilot, shown(pilot, "There is no run yet.", "enter on a scenario starts one"))
        assert "report" not in screen_text(pilot)
        kept(tmp_path, CALM, first=opening())
        assert isinstance(app.screen, HistoryScreen)
        app.screen._looks.look()
        await until(pilot, shown(pilot, "INC-0001", "completed"))
