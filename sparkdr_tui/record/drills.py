"""The calendar of drills: which one is due when, and which were done, by the runs there are. Reads, and has no clock.

A quarter's drill is due all through its quarter and overdue once the quarter is over; the monthly one is due on the
first Monday and overdue the day after. Each is to be announced `announce` before its first day. A run counts for the
turn that had begun last on the day on which it was opened: one that comes late makes up for its turn until the next one
begins. Only a drill that came to its end counts; one with exceptions does, and says so.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from enum import StrEnum
from pathlib import Path

from sparkdr_tui.errors import SparkdrError, UsageError
from sparkdr_tui.language import _
from sparkdr_tui.plan.drills import Drill
from sparkdr_tui.plan.runbook import Plan
from sparkdr_tui.record import events as e
from sparkdr_tui.record.decisions import RunRequest
from sparkdr_tui.record.fold import fold_all
from sparkdr_tui.record.journal import read
from sparkdr_tui.record.runs import RunSummary, runs
from sparkdr_tui.record.state import RunState
from sparkdr_tui.text import one_line

_MONDAY = 0


@dataclass(frozen=True, slots=True)
class Turn:
    """When a drill is to be done once, in days of the operator's calendar."""

    opens: date
    closes: date
    """The last day."""
    announce: date
    """The day by which people are told."""


class Standing(StrEnum):
    """Where a drill stands today, the most urgent first."""

    OVERDUE = "overdue"
    DUE = "due"
    ANNOUNCE = "announce"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Held:
    """A drill that came to its end."""

    run: str
    opened_at: datetime
    closed_at: datetime | None
    outcome: e.Outcome
    rto_met: bool | None
    """None where nothing was promised, or nobody can say."""


@dataclass(frozen=True, slots=True)
class DrillStatus:
    """A drill today."""

    id: str
    drill: Drill
    standing: Standing
    turn: Turn
    """The one to look at: that which is due or overdue, else the next one."""
    last: Held | None
    running: str | None = None
    """The run of it that is not closed."""

    @property
    def urgency(self) -> tuple[int, date, str]:
        """What sorts by it has the most urgent first."""
        late = self.standing in (Standing.OVERDUE, Standing.DUE)
        return list(Standing).index(self.standing), self.turn.closes if late else self.turn.opens, self.id


def known_drill(plan: Plan, drill_id: str) -> Drill:
    """A drill of the calendar; raises `UsageError` where the plan lacks it."""
    if drill_id not in plan.drills:
        raise UsageError(
            _("The plan has no drill {name}.").format(name=one_line(drill_id, 60)),
            _("It has: {names}").format(names=", ".join(sorted(plan.drills)) or _("none")),
        )
    return plan.drills[drill_id]


def drill_request(plan: Plan, drill_id: str, pace: e.Pace, inputs: Mapping[str, str] | None = None) -> RunRequest:
    """What the engine is asked for to hold a drill; raises `UsageError` where the plan lacks it."""
    drill = known_drill(plan, drill_id)
    return RunRequest(
        runbook=drill.runbook,
        mode="drill",
        pace=pace,
        scenario=drill.scenario,
        inputs=dict(inputs or {}),
        drill=drill_id,
    )


def drill_statuses(
    plan: Plan, state_folder: Path, now: datetime, zone: tzinfo | None = None
) -> tuple[DrillStatus, ...]:
    """Every drill of the plan as of `now`, in its order; without `zone` in this machine's time."""
    found = [run for run in runs(state_folder, "drill") if run.drill in plan.drills]
    today = day_of(now, zone)
    return tuple(
        _status(name, drill, [run for run in found if run.drill == name], today, zone)
        for name, drill in plan.drills.items()
    )


def day_of(at: datetime, zone: tzinfo | None) -> date:
    """The day it is there at a moment."""
    return at.astimezone(zone).date()


def turns(drill: Drill, today: date) -> tuple[Turn, Turn]:
    """The turn that began last, today at the latest, and the one that comes next."""
    around = [turn for year in range(today.year - 1, today.year + 2) for turn in _turns_of(drill, year)]
    return max((t for t in around if t.opens <= today), key=_opens), min(
        (t for t in around if t.opens > today), key=_opens
    )


def standing(drill: Drill, held: Sequence[date], today: date) -> tuple[Standing, Turn]:
    """Where a drill stands that was done on the days `held`, and the turn that this is about."""
    last, following = turns(drill, today)
    if not any(last.opens <= day < following.opens for day in held):
        return (Standing.DUE if today <= last.closes else Standing.OVERDUE), last
    return (Standing.ANNOUNCE if today >= following.announce else Standing.DONE), following


# -- inside ------------------------------------------------------------------------------------------


def _opens(turn: Turn) -> date:
    return turn.opens


def _turns_of(drill: Drill, year: int) -> Iterator[Turn]:
    if drill.when.quarter is not None:
        month = 3 * drill.when.quarter - 2
        following = date(year + 1, 1, 1) if month == 10 else date(year, month + 3, 1)
        yield _turn(drill, date(year, month, 1), following - timedelta(days=1))
        return
    for month in range(1, 13):
        first = date(year, month, 1)
        monday = first + timedelta(days=(_MONDAY - first.weekday()) % 7)
        yield _turn(drill, monday, monday)


def _turn(drill: Drill, opens: date, closes: date) -> Turn:
    # Days of a calendar have no time zone: a week ahead is seven days, also across a change of the clocks.
    return Turn(opens, closes, (datetime.combine(opens, time()) - drill.announce).date())


def _status(name: str, drill: Drill, made: Sequence[RunSummary], today: date, zone: tzinfo | None) -> DrillStatus:
    ended = [run for run in made if run.outcome is not None and run.outcome != "aborted"]
    stands, turn = standing(drill, [day_of(run.opened_at, zone) for run in ended], today)
    last = _held(ended[0]) if ended else None
    return DrillStatus(name, drill, stands, turn, last, next((run.id for run in made if run.live), None))


def _held(run: RunSummary) -> Held:
    assert run.outcome is not None
    try:
        state = fold_all(read(run.folder))
    except SparkdrError:
        state = None  # `runs verify` tells about a damaged journal
    return Held(run.id, run.opened_at, run.closed_at, run.outcome, rto_met(state) if state else None)


def rto_met(state: RunState) -> bool | None:
    """Whether everything was back in time; None where no time was promised."""
    clocks = [clock for clock in state.clocks.values() if clock.rto is not None]
    at = state.moment(state.at)
    return all(clock.restored and (clock.left(at) or 0) >= 0 for clock in clocks) if clocks else None
