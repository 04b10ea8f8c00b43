"""State folders with a past: runs that went well, late, wrong, and not to their end; a journal that was damaged."""

from __future__ import annotations

import os
from pathlib import Path

from sparkdr_tui.plan.model import State, Text
from sparkdr_tui.record import events as e
from sparkdr_tui.record.runs import next_run
from tests.engine.storied import done, kept, opening, seen, started, story

CALM = (
    (1, "engine", seen("postgresql", State.DAMAGED)),
    (1, "engine", seen("backend", State.REFUSED)),
    (2, "mina@macbook", e.StepConfirmed(step="stop")),
    (2, "engine", started("stop")),
    (40, "engine", done("stop")),
    (40, "engine", started("restore")),
    (400, "engine", done("restore")),
    (405, "engine", seen("postgresql", State.UP)),
    (405, "engine", seen("backend", State.UP)),
    (406, "engine", e.RunClosed(outcome="completed")),
)
"""A run in which nothing went wrong."""
LEFT = CALM[:6]
"""One that its operator left."""


def past(state_folder: Path) -> Path:
    """Three incidents (one of them late), a drill, a lab's run, one that was left, backups, and a damaged journal."""
    kept(state_folder, CALM, days=-60)
    kept(state_folder, story(), days=-30, stretch=2.4)
    drill = opening(mode="drill", drill="q4", title=Text(en="Q4: database damage", ko="Q4: 데이터베이스 손상"))
    kept(state_folder, CALM, days=-20, stretch=1.2, first=drill)
    kept(state_folder, CALM, days=-10, first=opening(mode="lab", lab=True))
    kept(state_folder, story(), days=-7)
    daily = opening(mode="routine", runbook="daily", title=Text(en="Daily backup", ko="일일 백업"), scenario=None)
    for day in range(3):
        kept(state_folder, CALM, days=-3 + day, first=daily)
    kept(state_folder, LEFT, days=-2)
    _run, folder = next_run(state_folder, "incident")
    (folder / "journal.jsonl").write_text('{"n": 1, "at": "yesterday"}\n')
    at = 1_763_600_000 - 40 * 86400
    os.utime(folder / "journal.jsonl", (at, at))
    return state_folder
