"""Whether anybody is at an unfinished run: a process that holds its lock, else nobody. Changes nothing."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from sparkdr_tui.record.events import Mode
from sparkdr_tui.record.lock import NAME, ROUTINE, Holder, holder
from sparkdr_tui.record.state import Phase, RunState


def holding(locks: Path, mode: Mode) -> Holder | None:
    """Who holds the runs of this kind and may be at work; `locks` is where the locks are (`lock.guarded`)."""
    return holder(locks, ROUTINE if mode == "routine" else NAME)


def driver(run: str, held: Holder | None) -> Holder | None:
    """Who drives the run, by who holds its lock. Whoever is just opening a run holds it before it has a number."""
    return held if held is not None and held.run in (None, run) else None


def interrupted(run: str, live: bool, held: Holder | None) -> bool:
    """Whether a run was neither closed nor is driven by anybody."""
    return live and driver(run, held) is None


def adrift(run: RunState) -> RunState:
    """A run that nobody drives, as of its last record: what was under way then is unknown."""
    steps = {
        name: replace(step, phase=Phase.UNKNOWN, machine=step.took(run.at) or 0.0) if step.phase.busy else step
        for name, step in run.steps.items()
    }
    return replace(run, steps=steps)
