"""The lab's first backups, made the way every backup is: by the plan's own runbook, through the engine."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from sparkdr_tui.errors import SparkdrError
from sparkdr_tui.plan.graph import inputs
from sparkdr_tui.plan.runbook import Plan
from sparkdr_tui.record.decisions import RunRequest
from sparkdr_tui.record.fold import fold_all
from sparkdr_tui.record.journal import read
from sparkdr_tui.record.state import RunState
from sparkdr_tui.recover.engine import Engine
from sparkdr_tui.watch.topology import Topology

_LONGEST = 120.0
_OPERATOR = "lab"


class NoSweeps:
    """Nobody watches while a lab is being made."""

    def subscribe(self, callback: Callable[[Topology], None]) -> Callable[[], None]:
        """Never call."""
        return lambda: None

    def sweep_now(self) -> None:
        """Look at nothing."""


def back_up(plan: Plan, folder: Path, runbook: str) -> None:
    """Run a backup runbook to its end, journalled apart from the operator's runs; blocking: run it in a thread."""
    deadline = time.monotonic() + _LONGEST
    with Engine(plan, folder, _OPERATOR, NoSweeps()) as engine:
        # A lab that is being made has nothing to prune, and nobody waits while it is looked for.
        unpruned = {name: "" for name, each in inputs(plan, runbook).items() if each.expired}
        run = engine.open(RunRequest(runbook, pace="none", inputs=unpruned))
        while not engine.wait(1.0):
            state = fold_all(read(run))
            stuck = [s for s in state.steps.values() if s.phase.stuck] if state else []
            if stuck or time.monotonic() > deadline:
                why = f"{stuck[0].outline.id}: {stuck[0].detail}" if stuck else f"not done after {_LONGEST:g} s"
                last = "\n".join(stuck[0].tail[-3:]) if stuck else ""
                raise SparkdrError(f"Runbook {runbook} did not make the lab's backups: {why}", last)
    _need_success(fold_all(read(run)), runbook)


def _need_success(state: RunState | None, runbook: str) -> None:
    if state is None or state.outcome != "completed":
        outcome = state.outcome if state else "lost"
        raise SparkdrError(f"Runbook {runbook} did not make the lab's backups: the run is {outcome}.")
