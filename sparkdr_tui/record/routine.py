"""Everyday work: what makes and verifies backups of a set, as a run, and how long that took. Runs nothing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta

from sparkdr_tui.errors import UsageError
from sparkdr_tui.language import _
from sparkdr_tui.plan.graph import apart, inputs
from sparkdr_tui.plan.runbook import Plan
from sparkdr_tui.record.decisions import RunRequest
from sparkdr_tui.record.events import Pace
from sparkdr_tui.record.runs import RunSummary
from sparkdr_tui.text import one_line

DAILY, HOURLY, VERIFY = "backup-daily", "backup-hourly", "backup-verify"
"""Runbooks that are taken where the plan has them; else those of its backup sets are."""
NEWEST = "newest"
"""What a verification takes that names no backup."""


def request(runbook: str, pace: Pace = "danger", **values: str) -> RunRequest:
    """A run in which only what disrupts something would ask, and nothing of this does."""
    return RunRequest(runbook=runbook, mode="routine", pace=pace, inputs=values)


# -- which runbooks ------------------------------------------------------------------------------------


def every_day(plan: Plan) -> list[str]:
    """What makes every backup."""
    if DAILY in plan.runbooks:
        return [DAILY]
    return _known(each.made_by for each in plan.backup_sets.values() if not each.optional)


def every_hour(plan: Plan) -> list[str]:
    """What makes the backups that are due every hour."""
    if HOURLY in plan.runbooks:
        return [HOURLY]
    hour = timedelta(hours=1)
    return _known(each.made_by for each in plan.backup_sets.values() if each.every <= hour and not each.optional)


def making(plan: Plan, names: Sequence[str]) -> list[str]:
    """What makes backups of these sets; a runbook of everyday work may be named itself."""
    found: list[str | None] = []
    for name in names:
        declared, book = plan.backup_sets.get(name), plan.runbooks.get(name)
        if declared is not None:
            if declared.made_by is None:
                raise UsageError(
                    _("No runbook makes backups of {set}.").format(set=name), _("Name one in plan.yaml (made_by).")
                )
            found.append(declared.made_by)
        elif book is not None and book.routine:
            found.append(name)
        else:
            raise no_set(plan, name)
    return _known(found)


def verifying(plan: Plan) -> list[str]:
    """What verifies the newest backup of every set."""
    if VERIFY in plan.runbooks:
        return [VERIFY]
    return _known(each.verified_by for each in plan.backup_sets.values() if not each.optional)


def verification(plan: Plan, name: str, backup: str = NEWEST, pace: Pace = "danger") -> RunRequest:
    """The run that verifies one backup of a set; whether there is such a backup is not looked at."""
    declared = plan.backup_sets.get(name)
    if declared is None:
        raise no_set(plan, name)
    if declared.verified_by is None:
        raise UsageError(
            _("No runbook verifies backups of {set}.").format(set=name), _("Name one in plan.yaml (verified_by).")
        )
    if backup == NEWEST:
        return request(declared.verified_by, pace)
    picks = [key for key, each in inputs(plan, declared.verified_by).items() if each.pick == name]
    if not picks:
        raise UsageError(
            _("Runbook {runbook} has no input that picks a backup of {set}.").format(
                runbook=declared.verified_by, set=name
            )
        )
    return request(declared.verified_by, pace, **{picks[0]: backup})


def sets_made_by(plan: Plan, runbook: str) -> tuple[str, ...]:
    """The sets that one run of a runbook makes a backup of."""
    return tuple(name for name, each in plan.backup_sets.items() if each.made_by == runbook)


def no_set(plan: Plan, name: str) -> UsageError:
    """What is said of a set that the plan does not have."""
    return UsageError(
        _("The plan has no backup set {name}.").format(name=one_line(name, 60)),
        _("It has: {names}").format(names=", ".join(sorted(plan.backup_sets)) or _("none")),
    )


def _known(runbooks: Iterable[str | None]) -> list[str]:
    """Each runbook once; raises `UsageError` when there is none."""
    found = list(dict.fromkeys(name for name in runbooks if name is not None))
    if not found:
        raise UsageError(
            _("The plan names no runbook for this."),
            _("Name them in plan.yaml, at its backup sets (made_by, verified_by)."),
        )
    return found


# -- how long it took ----------------------------------------------------------------------------------


def last_completed(known: Sequence[RunSummary], runbook: str) -> RunSummary | None:
    """The newest of `known` (newest first) that went through a runbook, and nothing else, as it should."""
    return next((run for run in known if apart(run.runbook) == (runbook,) and run.outcome == "completed"), None)
