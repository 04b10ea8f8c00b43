"""A readiness check as a whole: what was seen, judged, the most pressing first. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from sparkdr_tui.language import current
from sparkdr_tui.plan.check import static_warnings
from sparkdr_tui.plan.runbook import Plan
from sparkdr_tui.readiness import (
    judging_copies,
    judging_here,
    judging_nodes,
    judging_room,
    judging_schedule,
    judging_sets,
    judging_systems,
)
from sparkdr_tui.readiness.findings import Finding
from sparkdr_tui.readiness.levels import GRAVITY
from sparkdr_tui.readiness.seen import Seen, There
from sparkdr_tui.readiness.uses import Course

_HERE = ("state", "secrets", "keys", "notify")
_OF_SETS = ("mount", "backups", "rpo", "verified", "copies", "schedule")
_LAST: dict[str, int] = {"drills": 1, "runbooks": 2, "offsite": 3, "passwords": 4, "plan": 5, "contacts": 6}


def judge(plan: Plan, seen: Seen, runs: Mapping[str, Course]) -> tuple[Finding, ...]:
    """Everything that is to be said, in the language in use: the gravest first, else in the order of the plan."""
    found = [*_static(plan, seen), *_here(plan, seen)]
    if seen.there is not None:
        found += _there(plan, seen, seen.there, runs)
    return tuple(sorted(found, key=lambda each: (-GRAVITY.index(each.state), _place(plan, each))))


def _place(plan: Plan, finding: Finding) -> tuple[int, int, int]:
    """This machine, then node by node what is on it, then what was practised, then what the plan itself says."""
    if finding.node is not None:
        services, sets = list(plan.services), list(plan.backup_sets)
        if finding.check in _OF_SETS and finding.subject in sets:
            within = (2, sets.index(finding.subject))
        elif finding.subject in services:
            within = (1, services.index(finding.subject))
        else:
            within = (0, 0)
        return (1 + list(plan.nodes).index(finding.node), *within)
    last = 1 + len(plan.nodes)
    return (0 if finding.check in _HERE else last + _LAST.get(finding.check, 0), 0, 0)


def _static(plan: Plan, seen: Seen) -> Iterator[Finding]:
    for each in static_warnings(plan):
        todo = each.todo.within(current()) if each.todo else ""
        yield Finding(each.state, each.check, each.subject, each.reason.within(current()), todo)


def _here(plan: Plan, seen: Seen) -> Iterator[Finding]:
    here = seen.here
    yield from judging_here.state_folder(here)
    yield from judging_here.recovery(here)
    yield from judging_here.secrets(plan, here)
    yield from judging_here.notifications(plan, here)
    yield from judging_here.keys(plan, here)
    if seen.there is None:
        yield from judging_here.known_hosts(plan, here)
    yield from judging_here.drills(here)
    yield from judging_here.runbooks(plan, here, seen.at)


def _there(plan: Plan, seen: Seen, there: There, runs: Mapping[str, Course]) -> Iterator[Finding]:
    yield from judging_nodes.reached(plan, there)
    yield from judging_nodes.commands(runs, there)
    yield from judging_nodes.versions(plan, there)
    yield from judging_nodes.clocks(plan, there)
    yield from judging_systems.systems(plan, there)
    yield from judging_nodes.services(plan, there)
    yield from judging_sets.drives(plan, there)
    yield from judging_sets.sets(plan, seen, there)
    yield from judging_schedule.punctual(plan, seen, there)
    yield from judging_schedule.schedules(plan, there)
    yield from judging_sets.verified(plan, seen, there)
    yield from judging_copies.copies(plan, seen, there)
    yield from judging_room.disks(plan, there)
    yield from judging_room.databases(plan, there)
