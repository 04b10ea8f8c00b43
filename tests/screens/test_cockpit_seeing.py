"""What the cockpit shows: topology, suggestions, what a scenario means, a run; at every size."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from rich.cells import cell_len
from textual.pilot import Pilot

from screens.app import CockpitApp
from screens.help import HelpScreen
from sparkdr_tui import language
from sparkdr_tui.plan.model import State
from sparkdr_tui.record import events as e
from sparkdr_tui.watch.topology import Reading, Topology
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
    pane_text,
    plan_with_backups,
    sample_plan,
    screen_text,
    shown,
    swept,
    take_up,
    until,
)

SIZE = (120, 36)


def idle(tmp_path: Path, topology: Topology | None = None, **more: Any) -> tuple[CockpitApp, Readings, Hands]:
    hands = Hands()
    readings = Readings(topology or swept(hands.at), HereReach())
    helm = Recorder(tmp_path, sample_plan(), hands)
    return cockpit(tmp_path, readings, hands, helm, **more), readings, hands


async def test_every_node_and_service_has_its_state_as_glyph_and_word(tmp_path: Path) -> None:
    states = {
        "backend": State.REFUSED, "postgresql": State.DAMAGED, "redis": State.SLOW, "minio": State.UNREACHABLE,
        "ollama": State.UNKNOWN, "desktop": State.UNREACHABLE,
    }  # fmt: skip
    app, _readings, _hands = idle(tmp_path, swept(NOON, states))
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        text = pane_text(operator(pilot).topology)
        for service, glyph, word in (
            ("Backend", "✖", "refused"),
            ("PostgreSQL", "▲", "damaged"),
            ("MinIO ", "◌", "unreachable"),
            ("Ollama", "·", "unknown"),
            ("Frontend", "●", "9ms"),
        ):
            line = next(each for each in text.splitlines() if service in each)
            assert glyph in line and word in line
        assert "◐ 6379  Redis" in text
        assert "Desktop" in text and "◌ unreachable" in next(x for x in text.splitlines() if "Desktop" in x)


async def test_a_sweep_is_shown_when_it_ends_and_its_age_ticks(tmp_path: Path) -> None:
    app, readings, hands = idle(tmp_path)
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        assert "damaged" not in screen_text(pilot)
        readings.sweep(swept(hands.at, DAMAGED))
        await until(pilot, shown(pilot, "▲ 5432  PostgreSQL", "damaged", "level 1 · swept 0s ago"))
        hands.move(seconds=7)
        await until(pilot, shown(pilot, "swept 7s ago"))


async def test_before_the_first_sweep_nothing_is_called_up(tmp_path: Path) -> None:
    app, readings, _hands = idle(tmp_path, Topology())
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        assert "first sweep under way" in screen_text(pilot)
        assert "●" not in pane_text(operator(pilot).topology)
        readings.sweep(Topology(services={"redis": Reading(State.UP, NOON, 0.001)}))
        await until(pilot, shown(pilot, "● 6379  Redis"))


async def test_what_fits_is_suggested_on_top_with_its_reason(tmp_path: Path) -> None:
    app, readings, hands = idle(tmp_path)
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        assert pane_text(operator(pilot).scenarios).splitlines()[0].startswith("▸ 1 Mac mini")
        readings.sweep(swept(hands.at, DAMAGED))
        await until(pilot, shown(pilot, "▸ 4 PostgreSQL corrupted", "suggested:"))
        assert pane_text(operator(pilot).scenarios).splitlines()[0].startswith("▸ 4 PostgreSQL corrupted")
        assert operator(pilot).scenarios.cursor == "database"


async def test_a_suggestion_does_not_take_the_cursor_from_who_has_chosen(tmp_path: Path) -> None:
    app, readings, hands = idle(tmp_path)
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await pilot.press("j")
        assert operator(pilot).scenarios.cursor == "desktop"
        readings.sweep(swept(hands.at, DAMAGED))
        await until(pilot, shown(pilot, "suggested:"))
        assert operator(pilot).scenarios.cursor == "desktop"


async def test_the_meaning_of_a_scenario_names_impact_steps_and_what_its_backup_loses(tmp_path: Path) -> None:
    plan = plan_with_backups(tmp_path / "backups", 47, 107)
    app, readings, hands = idle(tmp_path, plan=plan)
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        readings.sweep(swept(hands.at, DAMAGED))
        await until(
            pilot,
            shown(
                pilot,
                "Level 1 · RTO 30m",
                "Risk of losing the users' data",
                "postgres_20261123_021700.sql.gz",
                "restoring it loses 47m · RPO 1h",
                "complete, not verified",
                "9 steps · about 4:14",
                "Drop the damaged database (optional)",
            ),
        )
        assert "destroys" in screen_text(pilot)


async def test_a_backup_set_that_cannot_be_read_says_why(tmp_path: Path) -> None:
    app, readings, hands = idle(tmp_path)  # /Volumes/Backup is not on this machine
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        readings.sweep(swept(hands.at, DAMAGED))
        await until(pilot, shown(pilot, "▲", "Backup it would use", "postgres"))
        await until(pilot, lambda: "looking" not in screen_text(pilot))


async def test_a_run_is_shown_from_its_journal_with_its_clocks(tmp_path: Path) -> None:
    hands, plan = Hands(), sample_plan()
    helm = Recorder(tmp_path, plan, hands)
    story = Story(tmp_path, plan, hands).observe(DAMAGED).choose().do("stop-clients", "safety-copy").ask("restore")
    app = cockpit(tmp_path, Readings(swept(hands.at, DAMAGED)), hands, helm)
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await take_up(pilot)
        await until(pilot, shown(pilot, "INC-0042 PostgreSQL corrupted · Level 1", "postgresql RTO 30:00", "on pace"))
        await until(pilot, shown(pilot, "✔ 1 Stop what writes", "? 3 Restore beside", "your turn", "2 of 9"))
        story.start("restore", "COPY 40000").close()
        hands.move(seconds=30)
        await until(pilot, shown(pilot, "▶ 3 Restore beside", "0:30 / 2:00", "━━", "03:04:20 COPY 40000"))
        story.finish("restore", 60)
        await until(pilot, shown(pilot, "✔ 3 Restore beside", "3 of 9"))


async def test_the_bar_turns_amber_at_risk_and_red_when_the_rto_is_missed(tmp_path: Path) -> None:
    hands, plan = Hands(), sample_plan()
    helm = Recorder(tmp_path, plan, hands)
    Story(tmp_path, plan, hands, incident_at=hands.at - timedelta(minutes=24)).observe(DAMAGED).ask("stop-clients")
    app = cockpit(tmp_path, Readings(swept(hands.at, DAMAGED)), hands, helm)
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await take_up(pilot)
        bar = operator(pilot).bar
        await until(pilot, lambda: bar.has_class("-risk") and "at risk at 03:10" in pane_text(bar))
        hands.move(minutes=3)
        await until(pilot, lambda: bar.has_class("-breach") and "will breach at 03:10" in pane_text(bar))
        hands.move(minutes=5)
        await until(pilot, lambda: "2:01 over" in pane_text(bar) and "breached at 03:10" in pane_text(bar))


async def test_a_failed_step_opens_under_itself_with_what_to_try(tmp_path: Path) -> None:
    hands, plan = Hands(), sample_plan()
    helm = Recorder(tmp_path, plan, hands)
    story = Story(tmp_path, plan, hands).do("stop-clients", "safety-copy").ask("restore")
    story.start("restore", "gzip: [b]unexpected[/b] end").close()
    hint = plan.runbooks["database"].steps[2].hint[0].say
    story.finish(
        "restore", 9, "failed", detail="the backup was refused", tail=("gzip: [b]unexpected[/b] end",), hints=(hint,)
    )
    app = cockpit(tmp_path, Readings(swept(hands.at)), hands, helm)
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await take_up(pilot)
        await until(
            pilot,
            shown(
                pilot,
                "✖ 3 Restore beside",
                "the backup was refused",
                "│ gzip: [b]unexpected[/b] end",
                "→ The backup is cut off. Choose another one and retry.",
                "r retry   s skip   m mark done   u undo",
            ),
        )
        await pilot.press("space")
        assert "the backup was refused" not in screen_text(pilot)


async def test_the_cursor_follows_what_waits_until_a_person_moves_it(tmp_path: Path) -> None:
    hands, plan = Hands(), sample_plan()
    helm = Recorder(tmp_path, plan, hands)
    story = Story(tmp_path, plan, hands).ask("stop-clients")
    app = cockpit(tmp_path, Readings(swept(hands.at)), hands, helm)
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await take_up(pilot)
        steps = operator(pilot).recovery.steps
        await until(pilot, lambda: steps.cursor == "stop-clients")
        story.start("stop-clients").close()
        story.finish("stop-clients").ask("safety-copy")
        await until(pilot, lambda: steps.cursor == "safety-copy")
        await pilot.press("k")
        assert steps.cursor == "stop-clients"
        story.start("safety-copy").close()
        story.finish("safety-copy").ask("restore")
        await until(pilot, shown(pilot, "? 3 Restore"))
        assert steps.cursor == "stop-clients"
        await pilot.press("j", "j")
        assert steps.cursor == "restore" and steps.following


@pytest.mark.parametrize("keys", [("2", "j"), ("escape",)])
async def test_a_closed_run_says_how_it_ended_and_gives_way_to_the_scenarios(
    tmp_path: Path, keys: tuple[str, ...]
) -> None:
    hands, plan = Hands(), sample_plan()
    helm = Recorder(tmp_path, plan, hands)
    story = Story(tmp_path, plan, hands).observe(DAMAGED).ask("stop-clients")
    story.observe({"postgresql": State.UP, "backend": State.UP})
    story.write(e.RunClosed(outcome="completed with exceptions"), seconds=30)
    app = cockpit(tmp_path, Readings(swept(hands.at)), hands, helm, follow=story.folder)
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await until(pilot, shown(pilot, "completed with exceptions", "RTO met", "esc scenarios"))
        await pilot.press(*keys)
        await until(pilot, shown(pilot, "no run", "Impact"))
        assert "esc scenarios" not in screen_text(pilot)


@pytest.mark.parametrize("size", [(80, 24), SIZE])
async def test_what_breaks_after_a_run_is_over_is_said_although_the_run_is_still_shown(
    tmp_path: Path, size: tuple[int, int]
) -> None:
    hands, plan = Hands(), sample_plan()
    story = Story(tmp_path, plan, hands).observe(DAMAGED).ask("stop-clients")
    story.observe({"postgresql": State.UP, "backend": State.UP})
    story.write(e.RunClosed(outcome="completed"), seconds=30)
    readings = Readings(swept(hands.at))
    app = cockpit(tmp_path, readings, hands, Recorder(tmp_path, plan, hands), follow=story.folder)
    async with app.run_test(size=size) as pilot:
        await until(pilot, shown(pilot, "INC-0042", "completed", "RTO met"))
        readings.sweep(swept(hands.at, DAMAGED))  # of before the run was over
        await until(pilot, shown(pilot, "▲ 5432" if size == SIZE else "RTO met"))
        assert "suggested: PostgreSQL corrupted" not in screen_text(pilot).partition("╭")[0]
        readings.sweep(swept(hands.move(seconds=5), DAMAGED))
        await until(pilot, shown(pilot, "INC-0042", "completed", "suggested: PostgreSQL corrupted"))
        assert all(cell_len(each) <= size[0] for each in screen_text(pilot).splitlines())


@pytest.mark.parametrize("size", [(80, 24), (60, 16), (99, 30)])
async def test_where_only_one_pane_has_room_numbers_and_clicks_switch(tmp_path: Path, size: tuple[int, int]) -> None:
    app, _readings, _hands = idle(tmp_path, swept(NOON, DAMAGED))
    async with app.run_test(size=size) as pilot:
        assert "PostgreSQL corrupted" in screen_text(pilot)
        await pilot.press("1")
        assert "▲ 5432  PostgreSQL" in screen_text(pilot)
        assert "Mac mini (backend) down" not in screen_text(pilot)
        await pilot.press("3")
        assert "Impact" in screen_text(pilot)
        await pilot.click("#tabs", offset=(4, 0))
        await until(pilot, shown(pilot, "▲ 5432  PostgreSQL"))


@pytest.mark.parametrize("lang", ["en", "ko"])
@pytest.mark.parametrize("size", [(200, 60), (120, 36), (80, 24), (60, 16)])
async def test_no_line_is_wider_than_the_screen(tmp_path: Path, size: tuple[int, int], lang: Any) -> None:
    language.use(lang)
    hands, plan = Hands(), sample_plan()
    helm = Recorder(tmp_path, plan, hands)
    Story(tmp_path, plan, hands).observe(DAMAGED).choose().do("stop-clients").ask("safety-copy")
    app = cockpit(tmp_path, Readings(swept(hands.at, DAMAGED)), hands, helm)
    async with app.run_test(size=size) as pilot:
        await take_up(pilot)
        visible = [pane for pane in operator(pilot).panes() if pane.region]
        assert visible
        for pane in visible:
            for line in pane.lines:
                assert line.cells <= max(pane.width, pane.size.width), (pane.id, line.text)


async def test_a_terminal_that_is_too_small_says_so_and_recovers(tmp_path: Path) -> None:
    app, _readings, _hands = idle(tmp_path)
    async with app.run_test(size=(59, 24)) as pilot:
        assert "This terminal is 59×24." in screen_text(pilot)
        assert "Scenarios" not in screen_text(pilot)
        await pilot.resize_terminal(120, 15)
        await until(pilot, shown(pilot, "This terminal is 120×15."))
        await pilot.resize_terminal(120, 36)
        await until(pilot, shown(pilot, "2 Scenarios", "3 Recovery"))


async def test_panes_are_reached_by_tab_and_by_mouse(tmp_path: Path) -> None:
    app, _readings, _hands = idle(tmp_path)
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        assert operator(pilot).focused is operator(pilot).scenarios
        await pilot.press("shift+tab")
        assert operator(pilot).focused is operator(pilot).topology
        await pilot.click("#scenario-lines", offset=(8, 2))
        assert operator(pilot).focused is operator(pilot).scenarios
        assert operator(pilot).scenarios.cursor == "database"


async def test_escape_never_leaves_the_cockpit_and_ctrl_c_ends_nothing(tmp_path: Path) -> None:
    app, _readings, _hands = idle(tmp_path)
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await pilot.press("escape", "escape", "ctrl+c")
        await until(pilot, shown(pilot, "^c ends nothing here"))
        assert app.is_running
        await pilot.press("q")
        await until(pilot, lambda: not app.is_running)


async def pressed(pilot: Pilot[Any], *keys: str) -> str:
    await pilot.press(*keys)
    await pilot.pause()
    return screen_text(pilot)


async def test_help_shows_the_keys_of_the_screen_it_was_opened_from(tmp_path: Path) -> None:
    app, _readings, _hands = idle(tmp_path)
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await pilot.press("question_mark")
        await until(pilot, shown(pilot, "Keys", "Skip the step"))
        assert isinstance(app.screen, HelpScreen)
        text = pane_text(app.screen.page)
        assert "Skip the step, with a reason" in text and "Jump to the first error" in text
        await pilot.press("escape")
        await pilot.press("c")
        text = await pressed(pilot, "question_mark")
        assert "Copy phone and mail" in text and "Skip the step" not in text
        await pilot.press("escape", "escape")
        await until(pilot, shown(pilot, "2 Scenarios"))


async def test_contacts_say_who_is_needed_first_and_where_on_the_path_one_is(tmp_path: Path) -> None:
    app, _readings, _hands = idle(tmp_path, swept(NOON, DAMAGED))
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        text = await pressed(pilot, "c")
        assert "Needed first: PostgreSQL corrupted" in text
        assert "not filled in" in text and "010-5555-0103" in text and "1588-6880" in text
        assert "you are here" in text and "Level 1–2" in text and "not recovered after 5m" in text
        await pilot.press("j", "y")
        await until(pilot, shown(pilot, "Copied: 이서연 010-5555-0103 backend@sparklio.example"))
        assert app.clipboard == "이서연 010-5555-0103 backend@sparklio.example"


async def test_the_palette_has_every_action_that_applies(tmp_path: Path) -> None:
    app, _readings, _hands = idle(tmp_path)
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await pilot.press("ctrl+p")
        await until(pilot, shown(pilot, "Start a run for this scenario", "Whom to call", "Choose a theme"))
        assert "Skip the step" not in screen_text(pilot)
        await pilot.press(*"whom")
        await until(pilot, lambda: "Start a run" not in screen_text(pilot))
        await pilot.press("enter")
        await until(pilot, shown(pilot, "Escalation", "Team"))


async def test_a_click_on_the_footer_presses_the_key(tmp_path: Path) -> None:
    app, _readings, _hands = idle(tmp_path)
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        footer = screen_text(pilot).splitlines()[-1]
        await pilot.click(offset=(footer.index("contacts"), 35))
        await until(pilot, shown(pilot, "Escalation"))


@pytest.mark.parametrize("theme", ["sparkdr-contrast", "textual-light", "nord", "ansi-dark"])
async def test_other_themes_work(tmp_path: Path, theme: str) -> None:
    app, _readings, _hands = idle(tmp_path, swept(NOON, DAMAGED))
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        app.theme = theme
        await until(pilot, shown(pilot, "▲ 5432  PostgreSQL"))


async def test_without_colour_nothing_is_lost(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    app, _readings, _hands = idle(tmp_path, swept(NOON, DAMAGED))
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        assert app.no_color
        await until(pilot, shown(pilot, "▲ 5432  PostgreSQL", "damaged"))
