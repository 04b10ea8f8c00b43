"""What an operator is told before a backup is made or verified: what will happen, how long, what is in the way."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from screens.dialogs.base import Draws
from screens.painting import Ink, Line, line, paragraph, spread
from screens.situation import Situation
from screens.words import clock, danger_word, said, span
from sparkdr_tui.errors import HeldError
from sparkdr_tui.language import _
from sparkdr_tui.plan.graph import graph
from sparkdr_tui.plan.runbook import Plan
from sparkdr_tui.record.attempts import MOST
from sparkdr_tui.record.decisions import RunRequest
from sparkdr_tui.record.routine import last_completed, sets_made_by
from sparkdr_tui.record.runs import RunSummary, newest_first
from sparkdr_tui.record.turn import in_the_way

_SHOWN = 8
"""Steps that are named."""


@dataclass(frozen=True, slots=True)
class Before:
    """What was found out before anything is asked."""

    obstacle: HeldError | None = None
    last: RunSummary | None = None
    """The last time that it went well."""


def busy(situation: Situation) -> str | None:
    """Why no everyday work is begun beside the run that is shown; None where nothing speaks against it."""
    run = situation.run
    routine = run is not None and run.opened.mode == "routine"
    if run is None or not run.live or (routine and situation.interrupted):
        return None  # everyday work that was interrupted is made anew
    if routine:
        return _("{run} is still under way: one run at a time. It is in the cockpit.").format(run=run.run)
    text = _("{run} is under way: a backup made now may hold the damage. Finish the recovery first, or abort it.")
    return text.format(run=run.run)


def before(plan: Plan, state_folder: Path, request: RunRequest) -> Before:
    """Who is in the way, and how it went before; reads locks and journals, so not on the app's loop."""
    obstacle = in_the_way(plan, state_folder, request.runbook, request.mode)
    recent = tuple(islice(newest_first(state_folder, "routine"), MOST))
    return Before(obstacle, last_completed(recent, request.runbook))


def about(set_id: str, request: RunRequest, backup: str, found: Before) -> Draws:
    """What yes means."""

    def draw(situation: Situation, width: int) -> list[Line]:
        plan = situation.plan
        steps = graph(plan, request.runbook)
        runbook = plan.runbooks[request.runbook]
        told = [spread(line(Ink(said(runbook.title), "strong")), line(Ink(request.runbook, "dim")), width)]
        told += paragraph(backup, width, "link") if backup else []
        told.append(line())
        for each in steps[:_SHOWN]:
            danger = danger_word(each.step.danger)
            end = line(danger, Ink(f"  {each.step.on or ''}", "dim"))
            told.append(spread(line(Ink("  ○ ", "dim"), said(each.step.title)), end, width))
        if len(steps) > _SHOWN:
            told.append(line(Ink("  " + _("… and {count} more steps").format(count=len(steps) - _SHOWN), "dim")))
        told += [line(), *paragraph(_consequence(plan, set_id, request, backup), width)]
        told += paragraph(_took(situation, found, request), width, "dim")
        return [*told, *paragraph(_("Should something break meanwhile: abort it with A, then recover."), width, "dim")]

    return draw


def _consequence(plan: Plan, set_id: str, request: RunRequest, backup: str) -> str:
    if backup:
        return _("It is restored into scratch and queried; what runs is not touched. The result is written beside it.")
    others = [said(plan.backup_sets[name].title) for name in sets_made_by(plan, request.runbook) if name != set_id]
    text = _("A new backup is written beside the others; none of them is touched.")
    return text + " " + _("It makes these as well: {sets}.").format(sets=", ".join(others)) if others else text


def _took(situation: Situation, found: Before, request: RunRequest) -> str:
    """How long it took the last time, else what the plan expects."""
    if found.last is not None and found.last.closed_at is not None:
        took = (found.last.closed_at - found.last.opened_at).total_seconds()
        ago = span((situation.now - found.last.opened_at).total_seconds())
        return _("It took {time} the last time ({run}, {age} ago).").format(
            time=clock(took), run=found.last.id, age=ago
        )
    steps = graph(situation.plan, request.runbook)
    expected = sum(each.step.expect.total_seconds() for each in steps if each.step.expect)
    if expected:
        return _("It has not been done here yet; the plan expects about {time}.").format(time=clock(expected))
    return _("It has not been done here yet; how long it takes is not known.")
