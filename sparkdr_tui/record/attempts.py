"""The last time that somebody or something tried to make a backup of a set, as the runs tell. Changes no run."""

from __future__ import annotations

from collections.abc import Sequence

from sparkdr_tui.plan.graph import apart
from sparkdr_tui.plan.runbook import Plan
from sparkdr_tui.record.runs import RunSummary


def last_attempt(plan: Plan, runs: Sequence[RunSummary], set_id: str) -> RunSummary | None:
    """The newest of `runs` (newest first) that was to make a backup of the set."""
    maker = plan.backup_sets[set_id].made_by
    if maker is None:
        return None
    wanted = _parts(plan, [maker])
    return next((run for run in runs if wanted <= _parts(plan, apart(run.runbook))), None)


def _parts(plan: Plan, runbooks: Sequence[str]) -> set[str]:
    """The runbooks that do something themselves, of these and of what they include."""
    seen: set[str] = set()
    left = list(runbooks)
    while left:
        name = left.pop()
        if name not in seen and name in plan.runbooks:
            seen.add(name)
            left += [step.include for step in plan.runbooks[name].steps if step.include is not None]
    return {name for name in seen if any(step.include is None for step in plan.runbooks[name].steps)}
