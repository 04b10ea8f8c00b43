"""What an operator may decide on a step now: which keys are offered. The engine has the last word."""

from __future__ import annotations

from sparkdr_tui.plan.runbook import Danger
from sparkdr_tui.record.state import Phase, RunState, StepState


def may_confirm(step: StepState) -> bool:
    """It waits to be run."""
    return step.phase is Phase.ASKED


def may_leave_out(step: StepState) -> bool:
    """It may be skipped or marked done."""
    return step.phase in (Phase.READY, Phase.ASKED) or step.phase.stuck


def may_retry(step: StepState) -> bool:
    """It may run once more."""
    return step.phase.stuck or step.phase is Phase.SKIPPED or step.marked


def may_cancel(step: StepState) -> bool:
    """It runs."""
    return step.phase.busy


def may_undo(step: StepState) -> bool:
    """It has an undo, and ran."""
    return step.outline.can_undo and step.attempt > 0 and (step.phase is Phase.DONE or step.phase.stuck)


def asks_a_key(step: StepState) -> bool:
    """A dialog comes between the key that runs it and its running."""
    return step.outline.danger is not Danger.SAFE or step.outline.action == "manual" or step.flagged


def picked(run: RunState) -> list[str]:
    """The inputs of the run that chose, or should choose, a backup."""
    return [*run.missing, *(name for name, chosen in run.inputs.items() if chosen.backup is not None)]


def may_choose(run: RunState) -> list[str]:
    """Those of them that no running step uses."""
    return [
        name for name in picked(run) if not any(name in s.outline.uses and s.phase.busy for s in run.steps.values())
    ]


def picked_inputs(run: RunState, step: StepState) -> list[str]:
    """The inputs the step reads that chose, or should choose, a backup."""
    return [name for name in step.outline.uses if name in picked(run)]
