"""The graph that steps form, includes resolved, and several runbooks run as one. Nothing here runs anything."""

from __future__ import annotations

from dataclasses import dataclass

from sparkdr_tui.plan.model import Text
from sparkdr_tui.plan.runbook import Input, Plan, Runbook, Step


@dataclass(frozen=True, slots=True)
class PlannedStep:
    """A step in its place in the graph; ids of included steps are `include-step.step`."""

    id: str
    needs: tuple[str, ...]
    step: Step
    runbook: str


def with_needs(steps: tuple[Step, ...]) -> list[tuple[Step, tuple[str, ...]]]:
    """Each step with what it needs: what it says, else the step before it."""
    return [
        (step, step.needs if step.needs is not None else ((steps[at - 1].id,) if at else ()))
        for at, step in enumerate(steps)
    ]


JOIN = "+"
"""Between the ids of runbooks that are run as one."""


def runbook(plan: Plan, runbook_id: str) -> Runbook | None:
    """A runbook of the plan, or several (`database+redis`) as one whose steps include them, one after the other.

    Their order is the order of the critical path of what they restore. None when the plan lacks one of them.
    """
    if JOIN not in runbook_id:
        return plan.runbooks.get(runbook_id)
    parts = [plan.runbooks.get(each) for each in runbook_id.split(JOIN)]
    known = [part for part in parts if part is not None]
    if len(known) < len(parts) or len({part.id for part in known}) < len(parts):
        return None
    known.sort(key=lambda part: _first_on_path(plan, part.id))
    return Runbook(
        id=known[0].id,
        title=Text(en=" + ".join(part.title.en for part in known), ko=" + ".join(part.title.ko for part in known)),
        steps=tuple(Step(id=part.id, title=part.title, include=part.id) for part in known),
    )


def _first_on_path(plan: Plan, runbook_id: str) -> int:
    places = [plan.critical_path.index(name) for name in restores(plan, runbook_id) if name in plan.critical_path]
    return min(places, default=len(plan.critical_path))


def _runbook(plan: Plan, runbook_id: str) -> Runbook:
    found = runbook(plan, runbook_id)
    if found is None:
        raise KeyError(runbook_id)
    return found


def graph(plan: Plan, runbook_id: str) -> tuple[PlannedStep, ...]:
    """The steps of a runbook, includes replaced by the steps they stand for, in the order of the file.

    First steps of an included runbook need what the include needed; whoever needed the include needs its last steps.
    """
    steps = with_needs(_runbook(plan, runbook_id).steps)
    inside = {step.id: graph(plan, step.include) for step, _ in steps if step.include is not None}
    ends = {step.id: _ends(step.id, inside.get(step.id)) for step, _ in steps}
    placed: list[PlannedStep] = []
    for step, needs in steps:
        before = tuple(dict.fromkeys(end for need in needs for end in ends[need]))
        if step.id not in inside:
            placed.append(PlannedStep(step.id, before, step, runbook_id))
            continue
        for each in inside[step.id]:
            inner = tuple(f"{step.id}.{need}" for need in each.needs)
            placed.append(PlannedStep(f"{step.id}.{each.id}", inner or before, each.step, each.runbook))
    return tuple(placed)


def _ends(step_id: str, inside: tuple[PlannedStep, ...] | None) -> tuple[str, ...]:
    """What must be over for a step to be over: itself, or the steps of its runbook that no other one there needs."""
    if inside is None:
        return (step_id,)
    needed = {need for each in inside for need in each.needs}
    return tuple(f"{step_id}.{each.id}" for each in inside if each.id not in needed)


def inputs(plan: Plan, runbook_id: str) -> dict[str, Input]:
    """The inputs of a runbook and of what it includes; the outer one's wins where names meet."""
    book = _runbook(plan, runbook_id)
    found: dict[str, Input] = {}
    for step in book.steps:
        if step.include is not None:
            found |= inputs(plan, step.include)
    return found | dict(book.inputs)


def restores(plan: Plan, runbook_id: str) -> tuple[str, ...]:
    """The services that a runbook and what it includes bring back, in the order they are named."""
    book = _runbook(plan, runbook_id)
    inner = [name for step in book.steps if step.include for name in restores(plan, step.include)]
    return tuple(dict.fromkeys([*book.restores, *inner]))
