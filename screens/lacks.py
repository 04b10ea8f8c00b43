"""What is missing when the cockpit opens: looked at on the lookout's loop, told on the app's; and how it is drawn."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from screens.painting import Ink, Line, line, paragraph
from screens.situation import Situation, TopologySource
from sparkdr_tui.language import _
from sparkdr_tui.plan.runbook import Plan
from sparkdr_tui.readiness.lacking import Lacking, lacking

SHOWN = 3
"""So many missing things are named; the readiness check names them all."""


class Lacks:
    """Looks again once a minute: what somebody mends meanwhile disappears by itself."""

    FRESH = timedelta(seconds=60)

    def __init__(
        self, plan: Plan, state_folder: Path, lookout: TopologySource, tell: Callable[[Lacking], object]
    ) -> None:
        self._plan, self._state_folder, self._lookout, self._tell = plan, state_folder, lookout, tell
        self._looked: datetime | None = None
        self._under_way = False

    def look(self, now: datetime, *, again: bool = False) -> None:
        """Look, unless that was done just now; what is found is told on another thread."""
        fresh = self._looked is not None and now - self._looked < self.FRESH
        if self._under_way or (fresh and not again):
            return
        self._under_way, self._looked = True, now
        future = self._lookout.run(partial(_look, self._plan, self._state_folder, now))
        future.add_done_callback(self._done)

    def _done(self, future: Future[Lacking]) -> None:
        self._under_way = False
        if not future.cancelled() and future.exception() is None:
            self._tell(future.result())


async def _look(plan: Plan, state_folder: Path, now: datetime, reach: Any) -> Lacking:
    return await lacking(plan, state_folder, now, reach)


def first_lines(situation: Situation, known: Lacking | None, width: int) -> list[Line]:
    """What somebody who begins needs to know before anything else; nothing where nothing is missing."""
    if known is None:
        return []
    if known.findings:
        return [*_missing_lines(known, width), line()]
    if known.first_time and not situation.suggestions:
        return [*welcome(situation, width), line()]
    return []


def _missing_lines(known: Lacking, width: int) -> list[Line]:
    found = [line(Ink(_("Missing"), "link"))]
    for each in known.findings[:SHOWN]:
        found += paragraph(each.reason, width, "bad", indent=4, first=Ink("  ▲ ", "bad"))
        if each.todo:
            found += paragraph(each.todo, width, indent=4, first=Ink("  → ", "key"))
    more = len(known.findings) - SHOWN
    if more > 0:
        found += paragraph(_("and {count} more: K shows every check").format(count=more), width, "dim", indent=4)
    return found


def welcome(situation: Situation, width: int) -> list[Line]:
    """Three lines for the first time: what this is, where to try it, what to look at first."""
    what = _("{plan}: choose what broke, and ⏎ leads through its recovery.").format(plan=situation.plan.name)
    if situation.plan.lab:
        lab = _("Break something from a second terminal: sparkdr-tui lab break postgres-corrupt")
    else:
        lab = _("sparkdr-tui lab: a small data centre on this machine, to break and to recover")
    keys = [("K", _("would a recovery work?")), ("c", _("whom to call")), ("?", _("every key"))]
    pieces = [(Ink(key, "key"), Ink(f" {says}   ", "dim")) for key, says in keys]
    together = line([piece for pair in pieces for piece in pair])
    return [
        *paragraph(what, width, "strong"),
        *paragraph(lab, width, "dim"),
        *([together] if together.cells <= width else [line(pair) for pair in pieces]),
    ]
