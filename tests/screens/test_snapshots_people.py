"""What contacts, escalation, roles, handing over and the status update look like; see `test_snapshots.py`."""

from __future__ import annotations

import socket
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from textual.app import App
from textual.pilot import Pilot

from sparkdr_tui import language
from sparkdr_tui.plan.load import builtin, load
from sparkdr_tui.plan.model import Language
from sparkdr_tui.record import events as e
from sparkdr_tui.record.home import state_of
from tests.screens.stage import (
    DAMAGED,
    Hands,
    Readings,
    Recorder,
    Story,
    cockpit,
    sample_plan,
    shown,
    situation,
    swept,
    take_up,
    until,
)

Compare = Callable[..., bool]
WIDE, NARROW, SMALL = (120, 36), (80, 24), (60, 16)


def tried(story: Story, who: str, result: e.CallResult, seconds: float, note: str = "") -> None:
    contact = sample_plan().contacts.team[who]
    story.write(
        e.ContactTried(contact=who, role=contact.role, name=contact.name, result=result, stage="owner", note=note),
        seconds=seconds,
    )


def calling(story: Story) -> None:
    """The owners were called, one was reached, it was not recovered in time: the lead is being called."""
    story.do("stop-clients").ask("safety-copy")
    tried(story, "dba", "not reached", 20)
    tried(story, "backend", "calling", 30)
    tried(story, "backend", "reached", 25, "on the way")
    story.write(e.RoleGiven(role="write", holder="Min"), seconds=5)
    story.hands.move(minutes=5)
    tried(story, "lead", "calling", 10)
    story.hands.move(minutes=4, seconds=20)


def scene(folder: Path, monkeypatch: pytest.MonkeyPatch, tell: Callable[[Story], None] | None, **more: Any) -> App[Any]:
    """The app on the sample plan in the place of the built-in one, so that no path of this machine is in a picture."""
    monkeypatch.setenv("XDG_STATE_HOME", str(folder))
    monkeypatch.setattr(socket, "gethostname", lambda: "macmini")
    hands = Hands()
    plan = more.get("plan") or replace(sample_plan(), folder=builtin().resolve())
    state = state_of(plan)
    if tell is not None:
        tell(Story(state, plan, hands).observe(DAMAGED).choose())
    helm = None if more.get("observing") else Recorder(state, plan, hands)
    return cockpit(state, Readings(swept(hands.at, DAMAGED, plan)), hands, helm, plan=plan)


def keys(*pressed: str, says: str, run: bool = True) -> Callable[[Pilot[Any]], Any]:
    async def press(pilot: Pilot[Any]) -> None:
        if run:
            await take_up(pilot)
        await pilot.press(*pressed)
        await until(pilot, shown(pilot, says))

    return press


CASES: list[tuple[str, Callable[[Story], None] | None, Any, tuple[int, int], Language]] = [
    ("contacts", None, keys("c", "j", says="이서연", run=False), WIDE, "en"),
    ("calling", calling, keys("c", says="Kim Jiyoung"), WIDE, "en"),
    ("calling", calling, keys("c", says="Kim Jiyoung"), NARROW, "ko"),
    ("calling", calling, keys("c", says="010-5555-0101"), SMALL, "en"),
    ("roles", calling, keys("H", says="Min"), WIDE, "ko"),
    ("handing-over", calling, keys("H", "j", "enter", "enter", says="resume INC-0042"), NARROW, "ko"),
    ("update", calling, keys("U", says="INC-0042"), NARROW, "ko"),
]


@pytest.mark.parametrize(
    ("name", "tell", "before", "size", "lang"), CASES, ids=[f"{c[0]}-{c[3][0]}x{c[3][1]}-{c[4]}" for c in CASES]
)
def test_looks(
    snap_compare: Compare,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    tell: Callable[[Story], None] | None,
    before: Any,
    size: tuple[int, int],
    lang: Language,
) -> None:
    language.use(lang)
    assert snap_compare(scene(tmp_path, monkeypatch, tell), terminal_size=size, run_before=before)


def test_contacts_of_the_built_in_plan(snap_compare: Compare, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody is filled in, and there are more scenarios than keys."""
    language.use("ko")
    app = scene(tmp_path, monkeypatch, None, plan=load(builtin()))
    assert snap_compare(app, terminal_size=NARROW, run_before=keys("c", "6", says="네트워크 담당", run=False))


def test_editing_a_contact(snap_compare: Compare, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    language.use("ko")
    app = scene(tmp_path, monkeypatch, None, plan=sample_plan())
    before = keys("c", "j", "E", says="010-5555-0103", run=False)
    assert snap_compare(app, terminal_size=NARROW, run_before=before)


def test_calls_as_an_observer_sees_them(snap_compare: Compare, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def before(pilot: Pilot[Any]) -> None:
        await until(pilot, lambda: situation(pilot).run is not None)
        await pilot.press("c")
        await until(pilot, shown(pilot, "Kim Jiyoung"))

    app = scene(tmp_path, monkeypatch, calling, observing=True)
    assert snap_compare(app, terminal_size=WIDE, run_before=before)
