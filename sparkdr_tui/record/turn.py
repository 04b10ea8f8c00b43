"""Whose turn it is: what a run that may wait has to wait for. Reads the lock and the runs, and takes neither."""

from __future__ import annotations

from pathlib import Path

from sparkdr_tui.errors import HeldError
from sparkdr_tui.language import _
from sparkdr_tui.plan.graph import apart
from sparkdr_tui.plan.includes import with_included
from sparkdr_tui.plan.runbook import Plan
from sparkdr_tui.record.events import Mode
from sparkdr_tui.record.lock import NAME, ROUTINE, guarded, held_by, holder
from sparkdr_tui.record.runs import unfinished


def in_the_way(plan: Plan, state_folder: Path, runbook: str, mode: Mode) -> HeldError | None:
    """Why a run of `runbook` should not begin now; None when nothing speaks against it.

    Somebody holds the plan; or it is a job, and another job is at work, or a recovery is unfinished, whether or not
    anybody drives it at the moment: what a job backs up then may be the damage, and what it prunes may be what the
    recovery needs.
    """
    jobs = jobs_of(plan)
    is_job = mode == "routine" or set(apart(runbook)) <= jobs
    for lock in (NAME, ROUTINE) if is_job else (NAME,):
        if (holding := holder(guarded(plan, state_folder), lock)) is not None:
            return held_by(holding)
    return recovery(plan, state_folder) if is_job else None


def recovery(plan: Plan, state_folder: Path, besides: str = "") -> HeldError | None:
    """The recovery that is unfinished, whether or not anybody drives it at the moment; None when there is none.

    `besides` is the run that asks.
    """
    jobs = jobs_of(plan)
    for run in unfinished(state_folder, plan.lab):
        if run.id != besides and not set(apart(run.runbook)) <= jobs:
            since = run.opened_at.astimezone().strftime("%Y-%m-%d %H:%M")
            return HeldError(
                _("Run {run} ({runbook}, since {since}) is unfinished.").format(
                    run=run.id, runbook=run.runbook, since=since
                ),
                _("“sparkdr-tui resume {run}” takes it up again, or aborts it.").format(run=run.id),
            )
    return None


def jobs_of(plan: Plan) -> frozenset[str]:
    """The runbooks that make and look after backups: what is scheduled, what makes a set, and what those include."""
    scheduled = [each.runbook for each in plan.schedules.values()]
    making = [each.made_by for each in plan.backup_sets.values() if each.made_by is not None]
    return frozenset(with_included(plan, [*scheduled, *making]))
