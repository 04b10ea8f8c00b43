"""The graph that the steps of one runbook form, with what it includes in the place of the include. Runs nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from sparkdr_tui.plan.runbook import Danger, Input, Plan, Runbook, Step


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


def steps_of(plan: Plan, book: Runbook) -> tuple[PlannedStep, ...]:
    """The steps of a runbook, includes replaced by the steps they stand for, in the order of the file.

    First steps of an included runbook need what the include needed; whoever needed the include needs its last steps.
    """
    steps = with_needs(book.steps)
    inside = {step.id: steps_of(plan, plan.runbooks[step.include]) for step, _ in steps if step.include is not None}
    lasts = {step.id: _lasts(step.id, inside.get(step.id)) for step, _ in steps}
    placed: list[PlannedStep] = []
    for step, needs in steps:
        before = tuple(dict.fromkeys(last for need in needs for last in lasts[need]))
        if step.id not in inside:
            placed.append(PlannedStep(step.id, before, step, book.id))
            continue
        for each in inside[step.id]:
            inner = tuple(f"{step.id}.{need}" for need in each.needs)
            placed.append(PlannedStep(f"{step.id}.{each.id}", inner or before, each.step, each.runbook))
    return tuple(placed)


def _lasts(step_id: str, inside: tuple[PlannedStep, ...] | None) -> tuple[str, ...]:
    """What must be over for a step to be over: itself, or the steps of its runbook that no other one there needs."""
    if inside is None:
        return (step_id,)
    needed = {need for each in inside for need in each.needs}
    return tuple(f"{step_id}.{each.id}" for each in inside if each.id not in needed)


def places_of(plan: Plan, book: Runbook, path: str = "") -> Iterator[tuple[str, Runbook]]:
    """Where a runbook (path: empty) and everything it includes stand, each one before what it includes itself."""
    yield path, book
    for step in book.steps:
        if step.include is not None:
            yield from places_of(plan, plan.runbooks[step.include], f"{path}.{step.id}" if path else step.id)


def inputs_of(plan: Plan, book: Runbook) -> dict[str, Input]:
    """The inputs of a runbook and of what it includes; the outer one's wins where names meet."""
    found: dict[str, Input] = {}
    for step in book.steps:
        if step.include is not None:
            found |= inputs_of(plan, plan.runbooks[step.include])
    return found | dict(book.inputs)


def restored_by(plan: Plan, book: Runbook) -> tuple[str, ...]:
    """The services that a runbook and what it includes bring back, in the order they are named."""
    inner = [name for step in book.steps if step.include for name in restored_by(plan, plan.runbooks[step.include])]
    return tuple(dict.fromkeys([*book.restores, *inner]))


def does_once(plan: Plan, book: Runbook) -> bool:
    """Whether doing it a second time in a run would be wrong, not merely idle: it destroys, or asks for hands."""
    return any(
        step.danger is Danger.DESTROYS
        or step.manual is not None
        or (step.include is not None and does_once(plan, plan.runbooks[step.include]))
        for step in book.steps
    )


def with_included(plan: Plan, runbooks: Iterable[str]) -> set[str]:
    """These runbooks and all that they include; what the plan does not have (any more) is left out."""
    found: set[str] = set()
    left = list(runbooks)
    while left:
        name = left.pop()
        if name not in found and name in plan.runbooks:
            found.add(name)
            left += [step.include for step in plan.runbooks[name].steps if step.include is not None]
    return found


def doers(plan: Plan, runbooks: Iterable[str]) -> set[str]:
    """The runbooks that do something themselves, of these and of what they include."""
    found = with_included(plan, runbooks)
    return {name for name in found if any(step.include is None for step in plan.runbooks[name].steps)}
