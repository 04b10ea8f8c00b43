"""What the journals tell of a backup set: the last runs that were to make and to verify a backup. Changes no run."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

from sparkdr_tui.plan.graph import apart
from sparkdr_tui.plan.includes import doers, with_included
from sparkdr_tui.plan.runbook import Plan
from sparkdr_tui.record.runs import RunSummary, newest_first

MOST = 200
"""Journals that are read at most: a backup every hour makes thousands in a year."""


@dataclass(frozen=True, slots=True)
class Attempts:
    """The newest run that was to make a backup of a set, and the newest that was to verify one."""

    made: RunSummary | None = None
    verified: RunSummary | None = None


def attempts(plan: Plan, state_folder: Path) -> dict[str, Attempts]:
    """The last attempts at every set, as far as the newest journals of everyday work tell."""
    found = {name: Attempts() for name in plan.backup_sets}
    sought = {
        (name, part): runbook
        for name, each in plan.backup_sets.items()
        for part, runbook in (("made", each.made_by), ("verified", each.verified_by))
        if runbook is not None
    }
    for run in islice(newest_first(state_folder, "routine"), MOST):
        books = apart(run.runbook)
        within, does = with_included(plan, books), doers(plan, books)
        for name, part in list(sought):
            runbook = sought[name, part]
            # What makes everything includes the parts of a set's runbook, and may share them with an optional set.
            by_parts = part == "made" and not plan.backup_sets[name].optional and doers(plan, [runbook]) <= does
            if runbook in within or by_parts:
                found[name] = replace(found[name], **{part: run})
                del sought[name, part]
        if not sought:
            break
    return found
