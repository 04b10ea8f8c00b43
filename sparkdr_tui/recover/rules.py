"""What an operator may decide when: pure rules over a run's state; each answers with a reason to refuse, or None."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sparkdr_tui.language import _
from sparkdr_tui.plan.drills import AFTER, BEFORE
from sparkdr_tui.plan.runbook import Danger, Step
from sparkdr_tui.record import decisions as d
from sparkdr_tui.record.state import Phase, RunState, StepState
from sparkdr_tui.recover import people


def refusal(state: RunState, decision: d.Decision, now: datetime) -> str | None:
    """Why this decision cannot be carried out now; None when it can."""
    if not state.live:
        return _("The run is closed.")
    match decision:
        case d.Choose():
            return _choose(state, decision)
        case d.SetIncident():
            return _("An incident cannot start in the future.") if decision.at > state.at else None
        case d.SetPace() | d.Abort():
            return None
        case d.AddNote():
            return None if decision.text.strip() else _("An empty note says nothing.")
        case d.TryContact() | d.GiveRole() | d.Escalate() | d.HandOver():
            return people.refusal(state, decision, now)
    step = state.steps.get(decision.step)
    if step is None:
        return _("The run has no step {name}.").format(name=decision.step)
    return _on_step(step, decision)


def _on_step(step: StepState, decision: d.Decision) -> str | None:
    match decision:
        case d.Confirm():
            return _confirm(step, decision)
        case d.Skip() | d.MarkDone():
            if not decision.reason.strip():
                return _("A reason is needed.")
            wanted = step.phase in (Phase.READY, Phase.ASKED) or step.phase.stuck
            return None if wanted else _phase(step)
        case d.Retry():
            again = step.phase.stuck or step.phase is Phase.SKIPPED or step.marked
            return None if again else _phase(step)
        case d.Cancel():
            return None if step.phase.busy else _phase(step)
        case d.Undo():
            if not step.outline.can_undo:
                return _("This step has no undo.")
            return None if step.attempt and (step.phase is Phase.DONE or step.phase.stuck) else _phase(step)
        case d.Tick():
            if not 0 <= decision.item < len(step.outline.checklist):
                return _("The checklist has no such item.")
            return None if step.phase is Phase.ASKED else _phase(step)
    return None


def _confirm(step: StepState, decision: d.Confirm) -> str | None:
    if step.phase is not Phase.ASKED:
        return _phase(step)
    if step.phrase is not None and decision.phrase != step.phrase:
        return _("What was typed is not “{phrase}”.").format(phrase=step.phrase)
    missing = len(step.outline.checklist) - len(step.ticked)
    if missing > 0:
        return _("{count} items of the checklist are not ticked.").format(count=missing)
    return None


def _choose(state: RunState, decision: d.Choose) -> str | None:
    affected = list(users(state, decision.name))
    if not affected:
        return _("No step uses {name}.").format(name=decision.name)
    if any(step.phase.busy for step in affected):
        return _("A step that uses it is running; cancel it first.")
    if any(step.phase is Phase.DONE and step.outline.danger is Danger.DESTROYS for step in affected):
        return _("A step that destroys has already used it; undo that first.")
    return None


def users(state: RunState, name: str) -> Iterable[StepState]:
    """The steps that read input `name`, and everything that needs them."""
    found: set[str] = set()
    for step in state.steps.values():
        if name in step.outline.uses or found & set(step.outline.needs):
            found.add(step.outline.id)
    # Steps may need later ones: go round until nothing is added.
    while more := {s.outline.id for s in state.steps.values() if found & set(s.outline.needs)} - found:
        found |= more
    return [state.steps[each] for each in state.steps if each in found]


def to_reset(state: RunState, name: str) -> tuple[str, ...]:
    """The steps that have to run again when input `name` changes: those that used it or stand ready to."""
    return tuple(step.outline.id for step in users(state, name) if step.phase in (Phase.DONE, Phase.ASKED, Phase.READY))


def asks(state: RunState, step: StepState, in_lab: bool) -> bool:
    """Whether a ready step waits for the operator: by the pace, and hands of a real place always."""
    kind = step.outline.action
    if state.pace == "none":
        return kind == "manual" and not in_lab
    if kind == "wait":
        return False
    return state.pace == "each" or step.outline.danger is not Danger.SAFE or kind == "manual" or step.flagged


def unasked(state: RunState, step: StepState, planned: Step) -> bool:
    """Whether it is a list around a drill that nobody is there to tick, with nothing for the lab's hands to do."""
    listed = planned.id in (BEFORE, AFTER) and bool(step.outline.checklist)
    return listed and state.pace == "none" and (planned.manual is None or planned.manual.hands is None)


def _phase(step: StepState) -> str:
    return _("Step {name} is {phase}.").format(name=step.outline.id, phase=_(step.phase.value))
