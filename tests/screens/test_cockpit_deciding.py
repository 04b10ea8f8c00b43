"""Every key that decides: what the operator is asked, the decision that goes in, and that nothing goes in unasked."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from screens.dialogs.start_run import StartRunDialog
from sparkdr_tui.errors import HeldError, SparkdrError
from sparkdr_tui.record import decisions as d
from sparkdr_tui.record import events as e
from tests.screens.stage import (
    DAMAGED,
    HINT,
    NOON,
    Hands,
    HereReach,
    Readings,
    Recorder,
    Story,
    cockpit,
    operator,
    plan_with_backups,
    sample_plan,
    screen_text,
    shown,
    situation,
    swept,
    take_up,
    until,
)

STEP_5 = ("stop-clients", "safety-copy", "restore", "verify")


@dataclass
class Scene:
    """An operator's cockpit over a run that a test tells."""

    pilot: Pilot[Any]
    helm: Recorder
    story: Story
    hands: Hands

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)
        await self.pilot.pause()

    async def says(self, *texts: str) -> None:
        await until(self.pilot, shown(self.pilot, *texts))

    async def decided(self, *decisions: d.Decision) -> None:
        await until(self.pilot, lambda: len(self.helm.decisions) >= len(decisions))
        assert self.helm.decisions == list(decisions)

    @property
    def asks(self) -> bool:
        """A dialog is open."""
        return len(self.pilot.app.screen_stack) > 1


@asynccontextmanager
async def scene(
    folder: Path, tell: Callable[[Story], object], size: tuple[int, int] = (120, 36)
) -> AsyncIterator[Scene]:
    hands = Hands()
    plan = plan_with_backups(folder / "backups", 47, 107)
    state = folder / "state"
    story = Story(state, plan, hands)
    tell(story)
    helm = Recorder(state, plan, hands)
    app = cockpit(state, Readings(swept(hands.at, DAMAGED), HereReach()), hands, helm, plan=plan)
    async with app.run_test(size=size, notifications=True) as pilot:
        await take_up(pilot)
        await until(pilot, lambda: not len(pilot.app.screen_stack) > 1)
        yield Scene(pilot, helm, story, hands)


def asked(step: str, *before: str, phrase: str | None = None, facts: tuple[str, ...] = ()) -> Callable[[Story], object]:
    return lambda story: story.choose().do(*before).ask(step, phrase, facts)


def failed(story: Story) -> None:
    story.choose().do("stop-clients", "safety-copy").ask("restore")
    story.start("restore", "truncated").close()
    story.finish("restore", 9, "failed", detail="the backup was refused", tail=("truncated",), hints=(HINT,))


# -- running steps -----------------------------------------------------------------------------------


async def test_enter_runs_a_safe_step_without_more_ado(tmp_path: Path) -> None:
    async with scene(tmp_path, asked("safety-copy", "stop-clients")) as s:
        await s.press("enter")
        await s.decided(d.Confirm("safety-copy"))


async def test_a_step_that_disrupts_is_run_after_one_more_key(tmp_path: Path) -> None:
    async with scene(tmp_path, asked("stop-clients")) as s:
        await s.press("enter")
        await s.says("Run this step?", "disrupts", "E1: the clients are stopped")
        await s.press("enter")
        assert s.asks and not s.helm.decisions
        await s.press("n")
        assert not s.asks
        await s.press("enter", "y")
        await s.decided(d.Confirm("stop-clients"))


async def test_what_destroys_is_run_only_when_its_name_was_typed_exactly(tmp_path: Path) -> None:
    facts = ("sparklio_v4: 14 tables, 1,204 MB [b]", "users 0 (backup: 200)")
    async with scene(tmp_path, asked("swap", *STEP_5, phrase="sparklio_v4", facts=facts)) as s:
        await s.press("enter")
        await s.says("This destroys", "│ sparklio_v4: 14 tables, 1,204 MB [b]", "restoring it loses 35m · RPO 1h")
        await s.press("enter", *"Sparklio_v4", "enter")
        assert s.asks and not s.helm.decisions
        await s.says("it does not match yet")
        await s.press("ctrl+u", *"sparklio_v4")
        await s.says("it matches", "⏎ go on")
        await s.press("enter")
        await s.decided(d.Confirm("swap", "sparklio_v4"))


async def test_a_manual_step_is_done_when_every_item_is_ticked(tmp_path: Path) -> None:
    async with scene(tmp_path, asked("ask-users", *STEP_5, "swap")) as s:
        await s.press("enter")
        await s.says("Post in the status channel.", "[ ] Said since when", "0 of 2 ticked")
        await s.press("space")
        await s.decided(d.Tick("ask-users", 0, True))
        s.story.write(e.ItemTicked(step="ask-users", item=0, ticked=True))
        await s.says("[✔] Said since when", "1 of 2 ticked")
        await s.press("enter")
        assert s.asks
        await s.press("j", "space")
        s.story.write(e.ItemTicked(step="ask-users", item=1, ticked=True))
        await s.says("2 of 2 ticked", "⏎ go on")
        await s.press("enter")
        await until(s.pilot, lambda: s.helm.decisions[-1] == d.Confirm("ask-users"))


async def test_enter_does_nothing_on_a_step_that_does_not_wait(tmp_path: Path) -> None:
    async with scene(tmp_path, asked("safety-copy", "stop-clients")) as s:
        await s.press("j", "enter", "2", "enter", "1", "enter")
        assert not s.asks and not s.helm.decisions


# -- other decisions on a step -----------------------------------------------------------------------


@pytest.mark.parametrize(("key", "decision"), [("s", d.Skip), ("m", d.MarkDone)])
async def test_skipping_and_marking_done_need_a_reason(
    tmp_path: Path, key: str, decision: type[d.Skip | d.MarkDone]
) -> None:
    async with scene(tmp_path, asked("safety-copy", "stop-clients")) as s:
        await s.press(key, "enter")
        await s.says("A reason is needed")
        await s.press(*"disk is full", "enter")
        await s.decided(decision("safety-copy", "disk is full"))


async def test_escape_leaves_a_dialog_and_decides_nothing(tmp_path: Path) -> None:
    async with scene(tmp_path, asked("safety-copy", "stop-clients")) as s:
        for key in ("s", "m", "n", "A", "i"):
            await s.press(key)
            assert s.asks, key
            await s.press("escape")
            assert not s.asks, key
        assert not s.helm.decisions


async def test_a_running_step_is_cancelled_after_one_more_key(tmp_path: Path) -> None:
    def running(story: Story) -> None:
        story.do("stop-clients").ask("safety-copy").start("safety-copy").close()

    async with scene(tmp_path, running) as s:
        assert "s skip" not in screen_text(s.pilot).splitlines()[-1]
        await s.press("ctrl+c")
        assert not s.helm.decisions
        await s.press("x")
        await s.says("Cancel this step?")
        await s.press("y")
        await s.decided(d.Cancel("safety-copy"))


async def test_retrying_a_step_that_uses_a_backup_offers_another_backup_first(tmp_path: Path) -> None:
    async with scene(tmp_path, failed) as s:
        await s.press("r")
        await s.says("Choose a backup", "the backup was refused", "postgres_20261123_021700.sql.gz", "loses 1h 35m")
        await s.press("j", "enter")
        older = f"{tmp_path}/backups/postgres_20261123_011700.sql.gz"
        await s.decided(d.Choose("PG_BACKUP", older), d.Retry("restore"))


async def test_retrying_another_step_retries_at_once(tmp_path: Path) -> None:
    def copy_failed(story: Story) -> None:
        story.do("stop-clients").ask("safety-copy").start("safety-copy").close()
        story.finish("safety-copy", 3, "timed out")

    async with scene(tmp_path, copy_failed) as s:
        await s.press("r")
        await s.decided(d.Retry("safety-copy"))


async def test_a_step_is_undone_after_one_more_key(tmp_path: Path) -> None:
    async with scene(tmp_path, failed) as s:
        await s.press("u")
        await s.says("Undo this step?")
        await s.press("y")
        await s.decided(d.Undo("restore"))


# -- decisions on the run ----------------------------------------------------------------------------


async def test_the_pace_changes_by_one_key_and_back(tmp_path: Path) -> None:
    async with scene(tmp_path, asked("stop-clients")) as s:
        await s.press("a")
        await s.decided(d.SetPace("danger"))
        s.story.write(e.PaceSet(pace="danger"))
        await until(s.pilot, lambda: (run := situation(s.pilot).run) is not None and run.pace == "danger")
        await s.says("asks before danger")
        await s.press("a")
        await s.decided(d.SetPace("danger"), d.SetPace("each"))


async def test_another_backup_can_be_chosen_before_anything_failed(tmp_path: Path) -> None:
    async with scene(tmp_path, asked("stop-clients")) as s:
        await s.press("B")
        await s.says("Choose a backup", "postgres_20261123_011700.sql.gz")
        await s.press("j", "enter")
        await s.decided(d.Choose("PG_BACKUP", f"{tmp_path}/backups/postgres_20261123_011700.sql.gz"))


async def test_an_input_without_a_backup_is_said_where_it_is_needed_and_can_be_given_one(tmp_path: Path) -> None:
    def missing(story: Story) -> None:
        story.write(e.InputMissing(name="PG_BACKUP", why="The drive is not mounted."))
        story.do("stop-clients", "safety-copy").ask("restore")

    async with scene(tmp_path, missing) as s:
        await s.says("? 3 Restore", "! The drive is not mounted.")
        await s.press("B")
        await s.says("Choose a backup", "The drive is not mounted.", "postgres_20261123_021700.sql.gz")
        await s.press("enter")
        await s.decided(d.Choose("PG_BACKUP", f"{tmp_path}/backups/postgres_20261123_021700.sql.gz"))


async def test_a_note_belongs_to_the_step_under_the_cursor(tmp_path: Path) -> None:
    async with scene(tmp_path, asked("stop-clients")) as s:
        await s.press("n", *"called the DBA", "enter")
        await s.decided(d.AddNote("called the DBA", "stop-clients"))


async def test_the_start_of_the_incident_is_set_back(tmp_path: Path) -> None:
    async with scene(tmp_path, asked("stop-clients")) as s:
        await s.press("i", *"soon", "enter")
        await s.says("Write how long ago")
        await s.press("ctrl+u", *"02:30", "enter")
        await s.decided(d.SetIncident(NOON.replace(hour=2, minute=30)))


async def test_a_run_is_aborted_with_a_reason(tmp_path: Path) -> None:
    async with scene(tmp_path, asked("stop-clients")) as s:
        await s.press("A")
        await s.says("Abort the run")
        await s.press(*"wrong scenario", "enter")
        await s.decided(d.Abort("wrong scenario"))


async def test_a_decision_that_was_refused_says_why(tmp_path: Path) -> None:
    async with scene(tmp_path, asked("stop-clients")) as s:
        s.story.write(e.DecisionRefused(decision="Retry", why="Step [stop] is asked.", step="stop-clients"))
        await s.says("Step [stop] is asked.")


async def test_leaving_while_a_run_lives_is_asked_first(tmp_path: Path) -> None:
    async with scene(tmp_path, asked("stop-clients")) as s:
        await s.press("q")
        await s.says("Leave while the run lives?", "press enter on the run", "INC-0042")
        await s.press("escape", "ctrl+q")
        await s.says("Leave while the run lives?")
        await s.press("y")
        await until(s.pilot, lambda: not s.pilot.app.is_running)


# -- starting ----------------------------------------------------------------------------------------


@asynccontextmanager
async def idle(folder: Path, size: tuple[int, int] = (120, 36)) -> AsyncIterator[tuple[Pilot[Any], Recorder]]:
    hands = Hands()
    plan = plan_with_backups(folder / "backups", 47, 107)
    helm = Recorder(folder / "state", plan, hands)
    readings = Readings(swept(hands.at, DAMAGED), HereReach())
    app = cockpit(folder / "state", readings, hands, helm, plan=plan)
    async with app.run_test(size=size, notifications=True) as pilot:
        await until(pilot, lambda: operator(pilot).scenarios.cursor == "database")
        yield pilot, helm


async def test_a_run_starts_with_what_was_chosen(tmp_path: Path) -> None:
    async with idle(tmp_path) as (pilot, helm):
        await pilot.press("enter")
        await until(pilot, shown(pilot, "Start a run", "PostgreSQL recovery", "Nothing runs before you say so"))
        await pilot.press("j", "right")  # a drill
        await pilot.press("j", "1", "2")  # began twelve minutes ago
        await until(pilot, shown(pilot, "12m ago, at 02:52:00"))
        await pilot.press("j", "right")  # asks before dangerous steps only
        await pilot.press("j", "right")
        await until(pilot, shown(pilot, "Choose a backup", "postgres_20261123_011700.sql.gz"))
        await pilot.press("j", "enter")
        await until(pilot, lambda: isinstance(pilot.app.screen, StartRunDialog))
        await pilot.press("enter")
        await until(pilot, lambda: bool(helm.requests))
        older = f"{tmp_path}/backups/postgres_20261123_011700.sql.gz"
        assert helm.requests == [
            d.RunRequest(
                "database", "drill", "danger", "database", 1, NOON - timedelta(minutes=12), {"PG_BACKUP": older}
            )
        ]


async def test_another_runbook_can_be_chosen_where_several_answer(tmp_path: Path) -> None:
    async with idle(tmp_path) as (pilot, helm):
        await pilot.press("enter", "right")
        await until(pilot, shown(pilot, "Switch everything on", "← → 2/2"))
        await pilot.press("enter")
        await until(pilot, lambda: bool(helm.requests))
        assert helm.requests[0].runbook == "switch-on"


async def test_scenarios_that_are_marked_are_answered_as_one(tmp_path: Path) -> None:
    async with idle(tmp_path) as (pilot, helm):
        await pilot.press("space", "j", "space")
        await until(pilot, shown(pilot, "✔ 4 PostgreSQL corrupted", "✔ 1 Mac mini"))
        await pilot.press("enter")
        await until(pilot, shown(pilot, "Start a run", "PostgreSQL corrupted", "Mac mini (backend) down"))
        await pilot.press("enter")
        await until(pilot, lambda: bool(helm.requests))
        request = helm.requests[0]
        assert request.scenario == "database+macmini" and request.level == 2
        assert set(request.runbook.split("+")) == {"database", "switch-on"}
        assert not operator(pilot).scenarios._marked


async def test_a_run_that_was_opened_takes_the_eye_and_the_keys(tmp_path: Path) -> None:
    async with idle(tmp_path) as (pilot, helm):
        await pilot.press("enter", "enter")
        await until(pilot, shown(pilot, "INC-0042", "○ 1 Stop what writes"))
        assert helm.story is not None
        helm.story.ask("stop-clients")
        await until(pilot, shown(pilot, "? 1 Stop what writes", "⏎ run"))
        await pilot.press("enter", "y")
        await until(pilot, lambda: helm.decisions == [d.Confirm("stop-clients")])


async def test_a_run_that_cannot_be_opened_says_why_and_what_to_do(tmp_path: Path) -> None:
    async with idle(tmp_path) as (pilot, helm):
        helm.refuses = SparkdrError("The disk is [full].", "Make room.")
        await pilot.press("enter", "enter")
        await until(pilot, shown(pilot, "The disk is [full].", "Make room."))


# -- taking up ---------------------------------------------------------------------------------------


@asynccontextmanager
async def left_behind(folder: Path) -> AsyncIterator[tuple[Pilot[Any], Recorder, Story]]:
    hands, plan = Hands(), sample_plan()
    story = Story(folder, plan, hands)
    story.ask("stop-clients")
    helm = Recorder(folder, plan, hands)
    app = cockpit(folder, Readings(swept(hands.at, DAMAGED)), hands, helm)
    async with app.run_test(size=(120, 36), notifications=True) as pilot:
        await until(pilot, shown(pilot, "An unfinished run", "INC-0042", "jiyoung"))
        yield pilot, helm, story


async def test_an_unfinished_run_is_taken_up(tmp_path: Path) -> None:
    async with left_behind(tmp_path) as (pilot, helm, story):
        await pilot.press("enter")
        await until(pilot, lambda: helm.reopened == [(story.folder, False)])
        await until(pilot, shown(pilot, "⏎ run"))


async def test_an_unfinished_run_can_be_left_and_taken_up_later(tmp_path: Path) -> None:
    async with left_behind(tmp_path) as (pilot, helm, story):
        await pilot.press("escape")
        await until(pilot, shown(pilot, "no run", "R resume"))
        assert not helm.reopened
        await pilot.press("R")
        await until(pilot, shown(pilot, "An unfinished run"))
        await pilot.press("enter")
        await until(pilot, lambda: helm.reopened == [(story.folder, False)])


async def test_who_only_watches_decides_nothing(tmp_path: Path) -> None:
    async with left_behind(tmp_path) as (pilot, helm, _story):
        await pilot.press("w")
        await until(pilot, shown(pilot, "? 1 Stop what writes"))
        await pilot.press("enter", "s", "x", "m", "a", "n", "A")
        await pilot.pause()
        assert not helm.decisions and not helm.reopened
        assert len(pilot.app.screen_stack) == 1


async def test_a_run_that_somebody_else_drives_is_taken_over_only_on_purpose(tmp_path: Path) -> None:
    async with left_behind(tmp_path) as (pilot, helm, story):
        helm.refuses = HeldError("Run INC-0042 is driven by minsu on macmini.", "Watch it.")
        await pilot.press("enter")
        await until(pilot, shown(pilot, "Take over?", "driven by minsu"))
        await pilot.press("y")
        await until(pilot, lambda: helm.reopened == [(story.folder, False), (story.folder, True)])
        await until(pilot, shown(pilot, "⏎ run"))
