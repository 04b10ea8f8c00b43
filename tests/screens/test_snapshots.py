"""What the cockpit looks like in the states that matter, at two sizes and in both languages.

`pytest tests/screens/test_snapshots.py --snapshot-update` renews the pictures; look at them before committing them.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from textual.app import App
from textual.pilot import Pilot

from sparkdr_tui import language
from sparkdr_tui.plan.model import Language, State
from sparkdr_tui.record import events as e
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
    shown,
    swept,
    take_up,
    until,
)

Compare = Callable[..., bool]
Before = Callable[[Pilot[Any]], Awaitable[None]]

WIDE, NARROW, HUGE = (120, 36), (80, 24), (200, 60)


def scene(
    folder: Path, tell: Callable[[Story], object] | None, *, observing: bool = False, up: bool = False
) -> App[Any]:
    """The app on a plan with two backups, over the run that `tell` tells."""
    hands = Hands()
    plan = plan_with_backups(folder / "backups", 47, 107)
    state = folder / "state"
    story = Story(state, plan, hands).observe(DAMAGED).choose() if tell else None
    if story and tell:
        tell(story)
    readings = Readings(swept(hands.at, None if up else DAMAGED), HereReach())
    helm = None if observing else Recorder(state, plan, hands)
    over = story is not None and story.over
    return cockpit(state, readings, hands, helm, plan=plan, follow=story.folder if over and story else None)


def asking(story: Story) -> None:
    story.do("stop-clients", "safety-copy").ask("restore")


def destroying(story: Story) -> None:
    facts = (
        "LOST from use: database sparklio_v4",
        "public.users: 0 rows (backup: 200)",
        "public.workflows: 0 rows (backup: 20,000)",
    )
    story.do("stop-clients", "safety-copy", "restore", "verify").ask("swap", "sparklio_v4", facts)


def running(story: Story) -> None:
    story.do("stop-clients", "safety-copy").ask("restore")
    copies = [f"COPY {rows}" for rows in range(0, 40_000, 800)]
    story.start(
        "restore", "SET", *copies, 'ERROR:  relation "x" does not exist', "테이블 복원 중: workflows 20,000건"
    ).close()
    story.hands.move(seconds=41)


def failing(story: Story) -> None:
    story.do("stop-clients", "safety-copy").ask("restore")
    tail = ("gzip: unexpected end of file", "REFUSED: the backup is truncated")
    story.start("restore", *tail).close()
    story.finish("restore", 12, "failed", detail="The script ended with exit status 1.", tail=tail, hints=(HINT,))


def breached(story: Story) -> None:
    failing(story)
    story.hands.move(minutes=25)


def waiting(story: Story) -> None:
    story.do("stop-clients", "safety-copy", "restore", "verify", "swap", "ask-users", "start")
    story.start("healthy", "backend: refused").close()
    story.hands.move(seconds=7)


def interrupted(story: Story) -> None:
    running(story)
    detail = "The cockpit went away while it ran."
    story.write(e.RunReopened(interrupted=("restore",)))
    story.write(e.StepFinished(step="restore", attempt=1, ending="unknown", detail=detail), seconds=1)


def done(story: Story) -> None:
    story.do("stop-clients", "safety-copy", "restore", "verify", "swap", "ask-users", "start")
    story.start("healthy", "backend: up").close()
    story.finish("healthy", 3).observe({"postgresql": State.UP, "backend": State.UP})
    story.write(e.StepSkipped(step="drop", reason="kept until tomorrow"), e.RunClosed(outcome="completed"), seconds=20)


async def nothing(pilot: Pilot[Any]) -> None:
    await until(pilot, lambda: operator(pilot).situation is not None)
    await until(pilot, shown(pilot, "2 ", "sparkdr-tui lab"))


async def suggestion(pilot: Pilot[Any]) -> None:
    await until(pilot, lambda: operator(pilot).scenarios.cursor == "database" and bool(operator(pilot)._backups))


async def taken_up(pilot: Pilot[Any]) -> None:
    await take_up(pilot)
    await until(pilot, lambda: operator(pilot).recovery.log_pane.virtual_size.height > 0)


async def typed(pilot: Pilot[Any]) -> None:
    await taken_up(pilot)
    await pilot.press("enter", *"sparkli")


async def helped(pilot: Pilot[Any]) -> None:
    await suggestion(pilot)
    await pilot.press("question_mark")


async def starting(pilot: Pilot[Any]) -> None:
    await suggestion(pilot)
    await pilot.press("enter")


async def choosing(pilot: Pilot[Any]) -> None:
    await taken_up(pilot)
    await pilot.press("r")
    await until(pilot, shown(pilot, "20261123_021700.sql.gz", "20261123_011700.sql.gz"))


async def watched(pilot: Pilot[Any]) -> None:
    await until(pilot, shown(pilot, "INC-0042", "20,000"))


CASES: list[tuple[str, Callable[[Story], object] | None, Before, tuple[int, int], Language]] = [
    ("suggestion", None, suggestion, WIDE, "en"),
    ("suggestion", None, suggestion, NARROW, "ko"),
    ("start", None, starting, WIDE, "ko"),
    ("asking", asking, taken_up, WIDE, "en"),
    ("asking", asking, taken_up, NARROW, "ko"),
    ("destroys", destroying, typed, WIDE, "en"),
    ("destroys", destroying, typed, NARROW, "ko"),
    ("running", running, taken_up, WIDE, "en"),
    ("running", running, taken_up, NARROW, "ko"),
    ("running", running, taken_up, HUGE, "ko"),
    ("failed", failing, taken_up, WIDE, "en"),
    ("failed", failing, taken_up, NARROW, "ko"),
    ("waiting", waiting, taken_up, NARROW, "en"),
    ("unknown", interrupted, taken_up, NARROW, "en"),
    ("choose", failing, choosing, WIDE, "en"),
    ("breached", breached, taken_up, WIDE, "en"),
    ("done", done, taken_up, WIDE, "en"),
    ("help", None, helped, WIDE, "en"),
]


@pytest.mark.parametrize(
    ("name", "tell", "before", "size", "lang"), CASES, ids=[f"{c[0]}-{c[3][0]}x{c[3][1]}-{c[4]}" for c in CASES]
)
def test_looks(
    snap_compare: Compare,
    tmp_path: Path,
    name: str,
    tell: Callable[[Story], object] | None,
    before: Before,
    size: tuple[int, int],
    lang: Language,
) -> None:
    language.use(lang)
    assert snap_compare(scene(tmp_path, tell), terminal_size=size, run_before=before)


def test_looks_idle(snap_compare: Compare, tmp_path: Path) -> None:
    assert snap_compare(scene(tmp_path, None, up=True), terminal_size=WIDE, run_before=nothing)


@pytest.mark.parametrize(("size", "lang"), [(WIDE, "en"), (NARROW, "ko")])
def test_looks_to_an_observer(snap_compare: Compare, tmp_path: Path, size: tuple[int, int], lang: Language) -> None:
    language.use(lang)
    assert snap_compare(scene(tmp_path, running, observing=True), terminal_size=size, run_before=watched)
