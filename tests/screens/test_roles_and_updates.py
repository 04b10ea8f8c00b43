"""Who has which role, handing the run over, and the status update to paste."""

from __future__ import annotations

import shlex
import stat
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from screens.dialogs.roles import RolesDialog, WhoDialog, fitting
from screens.situation import Situation
from screens.update import FOLDER, UpdateScreen, WritingUpdateScreen, file_name, text_lines, text_of
from sparkdr_tui.plan.load import builtin
from sparkdr_tui.plan.model import State
from sparkdr_tui.record import decisions as d
from sparkdr_tui.record import events as e
from sparkdr_tui.record import home
from sparkdr_tui.record.home import resuming, state_of
from sparkdr_tui.record.quiet_update import quiet_update
from sparkdr_tui.record.runs import summary_of
from sparkdr_tui.watch.topology import Topology
from tests.screens.stage import (
    DAMAGED,
    NOON,
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
    take_up,
    until,
)

SIZE = (120, 36)


def running(tmp_path: Path, *, observing: bool = False) -> tuple[Any, Recorder, Story]:
    hands, plan = Hands(), sample_plan()
    helm = Recorder(tmp_path, plan, hands)
    story = Story(tmp_path, plan, hands).observe(DAMAGED).ask("stop-clients")
    app = cockpit(tmp_path, Readings(swept(hands.at, DAMAGED)), hands, None if observing else helm)
    return app, helm, story


# -- roles -------------------------------------------------------------------------------------------


async def test_a_role_is_given_to_somebody_of_the_plan_or_to_whoever_is_typed(tmp_path: Path) -> None:
    app, helm, story = running(tmp_path)
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await take_up(pilot)
        await pilot.press("H")
        await until(pilot, shown(pilot, "in command  nobody yet", "operating   jiyoung", "writing     nobody yet"))
        await pilot.press("enter")
        await until(pilot, shown(pilot, "Who has this role from here on?", "Kim Jiyoung"))
        await pilot.press(*"lead", "enter")
        await until(pilot, lambda: isinstance(app.screen, RolesDialog))
        assert helm.decisions == [d.GiveRole("command", "Kim Jiyoung", "lead")]
        story.write(e.RoleGiven(role="command", holder="Kim Jiyoung", contact="lead"))
        await until(pilot, shown(pilot, "in command  Kim Jiyoung  010-5555-0101"))
        await pilot.press("j", "j", "enter")
        await until(pilot, lambda: isinstance(app.screen, WhoDialog))
        await pilot.press(*"Min", "enter")
        await until(pilot, lambda: isinstance(app.screen, RolesDialog))
        assert helm.decisions[1:] == [d.GiveRole("write", "Min", None)]
        await pilot.press("escape", "c")
        await until(pilot, shown(pilot, "in command: Kim Jiyoung · operating: jiyoung"))


async def test_handing_over_says_what_the_next_operator_types_and_lets_go(tmp_path: Path) -> None:
    app, helm, story = running(tmp_path)
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await take_up(pilot)
        await pilot.press("H", "j", "enter")
        await until(pilot, lambda: isinstance(app.screen, WhoDialog))
        await pilot.press(*"admin", "enter")
        await until(
            pilot,
            shown(pilot, "Hand over the run", "until 박민수 takes it up", "On this machine", "sparkdr-tui --plan"),
        )
        await pilot.press(*"step 1", "enter")
        await until(pilot, lambda: helm.decisions == [d.HandOver("박민수", "step 1")])
        helm.driving = None
        story.write(e.NoteAdded(text="step 1"), e.RoleGiven(role="operate", holder="박민수", before="jiyoung"))
        await until(pilot, shown(pilot, "Handed over", "The run waits for 박민수", "y copy"))
        await pilot.press("y")
        await until(pilot, lambda: app.clipboard == home.cockpit(app.plan, story.folder))
        await pilot.press("enter")
        await until(pilot, lambda: len(app.screen_stack) == 1)
        assert "H" not in app.screen.active_bindings and "s skip" not in screen_text(pilot).splitlines()[-1]
        assert "R" in app.screen.active_bindings, "it can be taken up again"
        story.leave()
        await pilot.press("R")
        await until(pilot, shown(pilot, "An unfinished run", "It was handed over to 박민수.", "“step 1”"))


def test_only_a_run_that_was_let_go_says_for_whom(tmp_path: Path) -> None:
    story = Story(tmp_path, sample_plan(), Hands()).ask("stop-clients")
    story.write(e.NoteAdded(text="a note of before"), e.RoleGiven(role="write", holder="Min"))
    assert (found := summary_of(story.folder)) and (found.handed, found.word) == ("", "")
    story.write(e.RoleGiven(role="operate", holder="Min"))
    assert (found := summary_of(story.folder)) and (found.handed, found.word) == ("Min", "")
    story.write(e.NoteAdded(text="swap is next"), e.RoleGiven(role="operate", holder="Bo"))
    assert (found := summary_of(story.folder)) and (found.handed, found.word) == ("Bo", "swap is next")
    story.write(e.RunReopened(interrupted=()))
    assert (found := summary_of(story.folder)) and (found.handed, found.word) == ("", "")


def test_what_to_type_names_only_what_differs_from_what_everybody_gets(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    usual = replace(sample_plan(), folder=builtin().resolve(), state=None)
    assert resuming(usual, state_of(usual) / "runs" / "INC-0001") == "sparkdr-tui resume INC-0001"
    assert home.cockpit(usual, state_of(usual) / "runs" / "INC-0001") == "sparkdr-tui"
    own = replace(usual, folder=Path("/srv/my plan"))
    assert shlex.split(resuming(own, tmp_path / "kept" / "runs" / "INC-0001")) == [
        "sparkdr-tui", "--plan", "/srv/my plan", "--state", str(tmp_path / "kept"), "resume", "INC-0001",
    ]  # fmt: skip


def test_people_are_found_by_name_role_and_phone_in_both_languages() -> None:
    now = Situation(sample_plan(), NOON)
    assert list(fitting(now, "이서")) == ["backend"] and list(fitting(now, "총괄")) == ["lead"]
    assert list(fitting(now, "min")) == [] and list(fitting(now, "ADM")) == ["sysadmin"], "words, from their beginning"
    assert list(fitting(now, "0102")) == ["sysadmin"] and list(fitting(now, "nobody at all")) == []


# -- the update --------------------------------------------------------------------------------------


async def test_an_update_is_read_copied_and_written_and_stands_still_until_it_is_renewed(tmp_path: Path) -> None:
    app, _helm, story = running(tmp_path)
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await take_up(pilot)
        await pilot.press("U")
        await until(pilot, shown(pilot, "Status update · English", "[INCIDENT] INC-0042", "Expected back", "w write"))
        before = app.screen.text
        story.start("stop-clients").close()
        await until(pilot, shown(pilot, "the run went on: r says it anew"))
        assert app.screen.text == before
        await pilot.press("r")
        await until(pilot, lambda: "the run went on" not in screen_text(pilot))
        assert app.screen.text == text_of(situation(pilot), "en") != before
        await pilot.press("L", "y")
        await until(pilot, shown(pilot, "Status update · 한국어", "Copied: Status update · 한국어"))
        assert app.clipboard == text_of(situation(pilot), "ko")
        await pilot.press("w")
        await until(pilot, lambda: (tmp_path / FOLDER).exists() and len(list((tmp_path / FOLDER).iterdir())) == 1)
        (path,) = (tmp_path / FOLDER).iterdir()
        await until(pilot, lambda: path.read_text() == text_of(situation(pilot), "ko"))
        assert path.name == file_name(situation(pilot), "ko") and path.name.startswith("INC-0042_")
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


async def test_an_observer_reads_and_copies_and_writes_nothing(tmp_path: Path) -> None:
    app, _helm, _story = running(tmp_path, observing=True)
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await until(pilot, lambda: situation(pilot).run is not None)
        await pilot.press("U")
        await until(pilot, shown(pilot, "[INCIDENT] INC-0042"))
        assert type(app.screen) is UpdateScreen and "w write" not in screen_text(pilot)
        await pilot.press("w", "y")
        await until(pilot, lambda: app.clipboard == text_of(situation(pilot), "en"))
        assert not (tmp_path / FOLDER).exists()


def test_only_the_operators_update_can_be_written() -> None:
    mine = {name for name in dir(WritingUpdateScreen) if name.startswith("action_")} - set(dir(UpdateScreen))
    assert mine == {"action_write"}


def test_without_a_run_an_update_tells_what_the_sweep_saw() -> None:
    plan = sample_plan()
    text = quiet_update(plan, swept(NOON, {"postgresql": State.DAMAGED}), NOON, "en")
    assert text.splitlines()[0] == "[Sparklio V4] no recovery is under way · 03:04 UTC"
    assert "Now: PostgreSQL damaged" in text and "Looks like: PostgreSQL corrupted" in text and "Impact: " in text
    assert "현재 상태: PostgreSQL 손상" in quiet_update(plan, swept(NOON, {"postgresql": State.DAMAGED}), NOON, "ko")
    assert "Now: every service is up" in quiet_update(plan, swept(NOON), NOON, "en")
    assert "Now: not looked at yet" in quiet_update(plan, Topology(), NOON, "en")


@pytest.mark.parametrize("width", [20, 56, 100])
def test_an_update_is_broken_to_the_width_and_loses_no_word(width: int) -> None:
    text = quiet_update(sample_plan(), swept(NOON, DAMAGED), NOON, "ko")
    found = text_lines(text, width)
    assert all(each.cells <= width for each in found)
    assert "".join("".join(each.text for each in found).split()) == "".join(text.split())
