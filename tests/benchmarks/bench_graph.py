"""What it brings that steps run side by side: `macmini-software` as a graph, against the same steps one by one.

Prints ratios and judges nothing: the machine is never a reason to fail.
"""

from __future__ import annotations

import re
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from sparkdr_tui.lab import cluster
from sparkdr_tui.record.state import RunState
from tests.lab.recovering import recovering
from tests.lab.world import World

ROUNDS = 3
_NEEDS = re.compile(r"^ +needs: .*\n|(?<=, )needs: \[[^\]]*\], ", re.MULTILINE)


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[World]:
    folder = tmp_path / "lab"
    cluster.start(folder)
    yield World(folder)
    cluster.stop(folder)


def in_strict_order(lab: World) -> Path:
    """The lab's plan with no step that says what it needs: each needs the one before it."""
    folder = lab.folder / "strict"
    shutil.copytree(lab.plan, folder)
    for file in folder.glob("*.yaml"):
        file.write_text(_NEEDS.sub("", file.read_text(encoding="utf-8")), encoding="utf-8")
    return folder


def test_side_by_side_against_one_by_one(lab: World) -> None:
    strict = in_strict_order(lab)
    graph_took: list[float] = []
    strict_took: list[float] = []
    for at in range(ROUNDS):
        turns: list[tuple[list[float], Callable[[], RunState]]] = [
            (graph_took, lambda: recovered(lab, lab.plan)),
            (strict_took, lambda: recovered(lab, strict)),
        ]
        for took, run in turns if at % 2 else reversed(turns):  # whoever goes first finds a colder machine
            took.append(wall(run()))
    best, one_by_one = min(graph_took), min(strict_took)
    say(f"macmini-software: side by side {best:.1f} s, one by one {one_by_one:.1f} s")
    say(f"  {best / one_by_one:.2f} × the time of strict order (best of {ROUNDS} each)")


def recovered(lab: World, plan: Path) -> RunState:
    """Break what the procedure is for, and run it."""
    for fault in ("postgres-corrupt", "redis-lost"):
        lab.break_(fault)
    with recovering(lab, "macmini-software", plan) as run:
        state = run.completes()
    lab.mend()
    return state


def wall(state: RunState) -> float:
    """Seconds from the opening of a run to its end."""
    assert state.closed_at is not None
    return (state.closed_at - state.opened_at).total_seconds()


def say(line: str) -> None:
    sys.stdout.write(f"\n{line}")
