"""Whether backups are made by themselves: jobs installed as the plan wants them, sets that still get new ones. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from sparkdr_tui.backups.punctual import stopped
from sparkdr_tui.backups.schedule.installed import Standing
from sparkdr_tui.figures import span
from sparkdr_tui.language import _
from sparkdr_tui.plan.runbook import Plan
from sparkdr_tui.readiness.findings import Finding
from sparkdr_tui.readiness.levels import Level
from sparkdr_tui.readiness.schedules import ScheduleSeen
from sparkdr_tui.readiness.seen import Seen, There


def schedules(plan: Plan, there: There) -> Iterator[Finding]:
    """Whether the schedule is installed."""
    for node, seen in there.schedules.items():
        if not there.nodes[node].problem:
            yield from _jobs(plan, node, seen)
    if not plan.schedules and any(each.made_by for each in plan.backup_sets.values()):
        text = _("nothing is scheduled: backups are made when somebody thinks of it")
        yield Finding("warn", "schedule", "schedules", text, _("Say when, under `schedules:` in plan.yaml (E13)."))


def _jobs(plan: Plan, node: str, seen: ScheduleSeen) -> Iterator[Finding]:
    if seen.problem:
        state: Level = "warn" if seen.wrong else "unknown"
        reason = _("whether its schedule is installed is not known: {why}").format(why=seen.problem.rstrip("."))
        yield Finding(state, "schedule", node, reason, seen.hint, node)
        return
    texts = {
        Standing.MISSING: _("jobs not installed: {jobs}"),
        Standing.DIFFERS: _("jobs installed otherwise than the plan wants them: {jobs}"),
        Standing.UNLOADED: _("jobs that are installed, and launchd does not know: {jobs}"),
    }
    for standing, text in texts.items():
        names = [name for name, each in seen.jobs.items() if each is standing]
        if names:
            todo = _("sparkdr-tui backup schedule --install")
            yield Finding("warn", "schedule", node, text.format(jobs=", ".join(names)), todo, node)
    current = [name for name, each in seen.jobs.items() if each is Standing.CURRENT]
    if current:
        text = _("jobs installed ({kind}): {jobs}").format(kind=seen.kind, jobs=", ".join(current))
        yield Finding("ok", "schedule", node, text, node=node)


def punctual(plan: Plan, seen: Seen, there: There) -> Iterator[Finding]:
    """Whether each set still gets new backups, whatever makes them."""
    for name, look in there.sets.items():
        declared = plan.backup_sets[name]
        if declared.optional or look.problem or there.nodes[declared.on].problem:
            continue
        last = max((each.taken_at for each in look.catalog.backups if each.exists), default=None)
        found = stopped(declared, last, seen.at)
        if found is None:
            continue
        text = _("its job has stopped: last made {age} ago, due every {every}")
        age, every = ((seen.at - found.last).total_seconds(), found.every.total_seconds())
        reason = text.format(age=span(age), every=span(every))
        todo = _("Look at the job's log on {node}; sparkdr-tui backup schedule says where it is.")
        yield Finding("warn", "schedule", name, reason, todo.format(node=declared.on), declared.on)
