"""What a run of a runbook, or of several as one (`database+redis`), is made of. Nothing here runs anything."""

from __future__ import annotations

from collections.abc import Sequence

from sparkdr_tui.plan.dependence import needs, position
from sparkdr_tui.plan.drilling import around
from sparkdr_tui.plan.includes import PlannedStep, inputs_of, places_of, restored_by, steps_of, with_needs
from sparkdr_tui.plan.joining import join
from sparkdr_tui.plan.model import Scenario, Text
from sparkdr_tui.plan.runbook import Input, Plan, Runbook

__all__ = [
    "JOIN",
    "PlannedStep",
    "apart",
    "graph",
    "inputs",
    "ordered",
    "position",
    "restores",
    "runbooks",
    "scenarios",
    "title",
    "with_needs",
]

JOIN = "+"
"""Between the ids of runbooks that are run as one, and of the scenarios that they answer."""


def apart(ids: str | None) -> tuple[str, ...]:
    """The single ids of what was joined; none of None."""
    return tuple(dict.fromkeys(each for each in (ids or "").split(JOIN) if each))


def ordered(plan: Plan, ids: str | Sequence[str]) -> str:
    """The runbooks `ids` in the order in which they are run as one: what others depend on, then the critical path.

    Of those that begin at the same place, the one that restores most goes first; one that another one includes adds
    nothing. Ids that the plan lacks leave all of them as they are.
    """
    names = apart(ids) if isinstance(ids, str) else apart(JOIN.join(ids))
    if any(name not in plan.runbooks for name in names):
        return JOIN.join(names)
    inside = {inner.id for name in names for path, inner in places_of(plan, plan.runbooks[name]) if path}
    restored = {name: restored_by(plan, plan.runbooks[name]) for name in names if name not in inside}
    place = {name: at for at, name in enumerate(plan.runbooks)}
    order: list[str] = []
    while left := sorted(set(restored) - set(order), key=lambda name: (_rank(plan, restored[name]), place[name])):
        free = (name for name in left if not any(_waits(plan, restored[name], restored[other]) for other in left))
        order.append(next(free, left[0]))
    return JOIN.join(order)


def _rank(plan: Plan, services: Sequence[str]) -> tuple[float, int]:
    first = min((position(plan, service) for service in services), default=float(len(plan.critical_path)))
    return first, -len(services)


def _waits(plan: Plan, services: Sequence[str], others: Sequence[str]) -> bool:
    """Whether some of `services` cannot be healthy before some of `others` are, which do not come back with them."""
    return any(needs(plan, service) & (set(others) - set(services)) for service in services)


def runbooks(plan: Plan, runbook_id: str) -> tuple[Runbook, ...]:
    """The runbooks of a run, in their order; none when the plan lacks one of them."""
    names = apart(ordered(plan, runbook_id))
    return tuple(plan.runbooks[name] for name in names) if all(name in plan.runbooks for name in names) else ()


def scenarios(plan: Plan, scenario_ids: str | None) -> tuple[Scenario, ...]:
    """The scenarios that a run answers, as far as the plan has them."""
    return tuple(plan.scenarios[name] for name in apart(scenario_ids) if name in plan.scenarios)


def title(plan: Plan, runbook_id: str) -> Text:
    """What a run of the runbook, or of several as one, is called."""
    titles = [book.title for book in _known(plan, runbook_id)]
    return Text(en=" + ".join(each.en for each in titles), ko=" + ".join(each.ko for each in titles))


def graph(plan: Plan, runbook_id: str, drill_id: str | None = None) -> tuple[PlannedStep, ...]:
    """The steps of a runbook, includes replaced by the steps they stand for, in the order of the file.

    Of several runbooks as one: one after the other, see `joining.py`. In a drill its lists come around them.
    """
    books = _known(plan, runbook_id)
    steps = steps_of(plan, books[0]) if len(books) == 1 else join(plan, books)
    return steps if drill_id is None else around(plan, drill_id, steps)


def inputs(plan: Plan, runbook_id: str) -> dict[str, Input]:
    """The inputs of a runbook and of what it includes; the outer one's wins where names meet."""
    found: dict[str, Input] = {}
    for book in _known(plan, runbook_id):
        found |= inputs_of(plan, book)
    return found


def restores(plan: Plan, runbook_id: str) -> tuple[str, ...]:
    """The services that a runbook and what it includes bring back, in the order they are named."""
    return tuple(dict.fromkeys(name for book in _known(plan, runbook_id) for name in restored_by(plan, book)))


def _known(plan: Plan, runbook_id: str) -> tuple[Runbook, ...]:
    found = runbooks(plan, runbook_id)
    if not found:
        raise KeyError(runbook_id)
    return found
