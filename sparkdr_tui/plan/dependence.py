"""Which services need which, and where each stands on the critical path. Looks at the plan only."""

from __future__ import annotations

from collections.abc import Iterable

from sparkdr_tui.plan.runbook import Plan


def needs(plan: Plan, service: str) -> set[str]:
    """Everything that a service depends on, however far down."""
    found: set[str] = set()
    ahead = [service]
    while ahead:
        known = plan.services.get(ahead.pop())
        new = set(known.depends_on) - found if known else set()
        found |= new
        ahead += new
    return found


def touched(plan: Plan, services: Iterable[str]) -> set[str]:
    """These services, and those that depend on them."""
    known = set(services)
    return known | {name for name in plan.services if needs(plan, name) & known}


def position(plan: Plan, service: str) -> float:
    """Where a service stands on the critical path; what a service of the path needs stands just before it."""
    path = plan.critical_path
    if service in path:
        return float(path.index(service))
    needed_by = [at - 0.5 for at, name in enumerate(path) if service in needs(plan, name)]
    return min(needed_by, default=float(len(path)))
