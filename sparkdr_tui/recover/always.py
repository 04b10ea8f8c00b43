"""Steps that are done whatever happens: they clear up, or record how it went. Pure; the driver runs them."""

from __future__ import annotations

from collections.abc import Mapping

from sparkdr_tui.plan.drills import BEFORE
from sparkdr_tui.plan.graph import PlannedStep
from sparkdr_tui.record.state import Phase, RunState, StepState


def left(state: RunState, steps: Mapping[str, PlannedStep]) -> tuple[str, ...]:
    """What an aborted run still has to do: its undecided `always` steps, where what they need has begun.

    What an interruption left unknown is done again: nobody knows whether it was cleared up.
    """
    return tuple(
        name
        for name, planned in steps.items()
        if planned.step.always
        and state.steps[name].phase in (Phase.PENDING, Phase.READY, Phase.ASKED, Phase.UNKNOWN)
        and any(step.attempt for step in before(state, name))
    )


def told(state: RunState, step: str) -> dict[str, str]:
    """What an `always` step finds in its environment about the steps before it."""
    earlier = before(state, step)
    undone = [each for each in earlier if not _well(each)]
    failed = [each for each in undone if each.phase is Phase.FAILED]
    return {
        "BEGUN_STEPS": " ".join(each.outline.id for each in earlier if each.attempt),
        "UNDONE_STEPS": " ".join(each.outline.id for each in undone),
        "FAILED_STEPS": " ".join(each.outline.id for each in failed),
        "FAILED_TAIL": "\n".join(failed[0].tail) if failed else "",
    }


def before(state: RunState, step: str) -> tuple[StepState, ...]:
    """Everything that must be over before the step, in the order of the run, but for the list before a drill."""
    found: set[str] = set()
    ahead = list(state.steps[step].outline.needs)
    while ahead:
        name = ahead.pop()
        if name in state.steps and name not in found and name != BEFORE:
            found.add(name)
            ahead += state.steps[name].outline.needs
    return tuple(each for name, each in state.steps.items() if name in found)


def _well(step: StepState) -> bool:
    """Done by itself, or not needed."""
    return step.outline.optional or (step.phase is Phase.DONE and not step.marked)
