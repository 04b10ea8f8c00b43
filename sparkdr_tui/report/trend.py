"""The earlier runs of a runbook on the same plan, each in a line: is it getting better? Reads journals only."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sparkdr_tui.errors import SparkdrError
from sparkdr_tui.plan.graph import apart
from sparkdr_tui.plan.model import Text
from sparkdr_tui.record import events as e
from sparkdr_tui.record.fold import fold_all
from sparkdr_tui.record.history import same_plan
from sparkdr_tui.record.journal import JournalReader
from sparkdr_tui.record.runs import RunSummary, runs
from sparkdr_tui.record.state import Clock, RunState
from sparkdr_tui.report.spans import until

SHOWN = 12
"""Runs that are looked back at."""


@dataclass(frozen=True, slots=True)
class PastRun:
    """A run as a whole, against the RTO that it came closest to missing, or missed by most."""

    run: str
    mode: e.Mode
    opened_at: datetime
    outcome: e.Outcome | None
    took: float
    """Seconds from its opening to its end."""
    service: Text | None = None
    """Whose clock it was; None where nothing was promised."""
    elapsed: float | None = None
    rto: float | None = None
    restored: bool = False

    @property
    def kept(self) -> bool | None:
        """Whether every RTO was met; None without one, or where a service was not brought back."""
        if self.elapsed is None or self.rto is None:
            return None
        return False if self.elapsed > self.rto else True if self.restored else None


def trend(state_folder: Path, state: RunState) -> tuple[PastRun, ...]:
    """The runs of the same runbook before this one, oldest first."""
    return trend_among(runs(state_folder), state)


def trend_among(among: Iterable[RunSummary], state: RunState) -> tuple[PastRun, ...]:
    """Those of these runs (newest first) that are of the same runbook and were before this one, oldest first."""
    wanted = set(apart(state.opened.runbook))
    found: list[PastRun] = []
    for each in among:
        if each.opened_at >= state.opened_at or set(apart(each.runbook)) != wanted or each.id == state.run:
            continue
        past = _folded(each.folder)
        if past is not None and same_plan(past.opened, state.opened):
            found.append(past_run(past, past.at))
        if len(found) == SHOWN:
            break
    return tuple(reversed(found))


def past_run(state: RunState, now: datetime) -> PastRun:
    """A run as one of several."""
    at = state.moment(now)
    clock = _closest(state, at)
    return PastRun(
        run=state.run,
        mode=state.opened.mode,
        opened_at=state.opened_at,
        outcome=state.outcome,
        took=(until(state, now) - state.opened_at).total_seconds(),
        service=clock.title if clock else None,
        elapsed=clock.elapsed(at) if clock else None,
        rto=clock.rto if clock else None,
        restored=clock.restored if clock else False,
    )


def _closest(state: RunState, at: datetime) -> Clock | None:
    """The clock that was missed by most, or was closest to it; one that still runs before one that stopped."""
    promised = [clock for clock in state.clocks.values() if clock.rto is not None]
    return min(
        promised, key=lambda clock: (clock.restored and (clock.left(at) or 0) >= 0, clock.left(at)), default=None
    )


def _folded(folder: Path) -> RunState | None:
    try:
        return fold_all(JournalReader(folder).poll())
    except (SparkdrError, ValueError):
        return None
