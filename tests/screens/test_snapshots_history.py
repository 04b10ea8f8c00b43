"""What the history and the drills look like, at two sizes and in both languages."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from sparkdr_tui import language
from sparkdr_tui.plan.model import Language
from tests.screens.pasts import past
from tests.screens.stage import Hands, Readings, cockpit, shown, swept, until
from tests.screens.test_drills import held, with_drills
from tests.screens.test_snapshots import NARROW, WIDE, Compare


async def looking_back(pilot: Pilot[Any]) -> None:
    await until(pilot, shown(pilot, "INC-0004"))
    await pilot.press("h")
    await until(pilot, shown(pilot, "▲ INC-0003", "✖ "))
    await pilot.press("j")
    await until(pilot, shown(pilot, "─ INC-0003 ─", "14:10"))


async def nothing_yet(pilot: Pilot[Any]) -> None:
    await pilot.press("h")
    await until(pilot, shown(pilot, "0 "))


@pytest.mark.parametrize(("size", "lang"), [(WIDE, "en"), (NARROW, "ko")])
def test_looks_of_the_history(snap_compare: Compare, tmp_path: Path, size: tuple[int, int], lang: Language) -> None:
    language.use(lang)
    hands = Hands()
    app = cockpit(past(tmp_path), Readings(swept(hands.at)), hands, None)
    assert snap_compare(app, terminal_size=size, run_before=looking_back)


def test_looks_of_an_empty_history(snap_compare: Compare, tmp_path: Path) -> None:
    hands = Hands()
    app = cockpit(tmp_path, Readings(swept(hands.at)), hands, None)
    assert snap_compare(app, terminal_size=NARROW, run_before=nothing_yet)


async def calendar(pilot: Pilot[Any]) -> None:
    await pilot.press("d")
    await until(pilot, shown(pilot, "Q3", "2026-07-01", "Q4"))


@pytest.mark.parametrize(("size", "lang"), [(WIDE, "en"), (NARROW, "ko")])
def test_looks_of_the_drills(snap_compare: Compare, tmp_path: Path, size: tuple[int, int], lang: Language) -> None:
    language.use(lang)
    hands, plan = Hands(), with_drills(lab=True)
    app = cockpit(held(tmp_path), Readings(swept(hands.at, None, plan)), hands, None, plan=plan)
    assert snap_compare(app, terminal_size=size, run_before=calendar)
