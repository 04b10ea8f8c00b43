"""What holding a drill does, said before it is begun: to which nodes, and where it would do no harm. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from sparkdr_tui.language import _, current
from sparkdr_tui.plan.graph import graph, inputs
from sparkdr_tui.plan.runbook import Danger, Plan


def at_stake(plan: Plan, drill_id: str) -> tuple[str, ...]:
    """The steps that interrupt or destroy something, each once: what it may do, what it is, on which node."""
    steps = [each.step for each in graph(plan, plan.drills[drill_id].runbook)]
    return tuple(
        dict.fromkeys(
            _(step.danger.value)
            + f": {step.title.within(current())}"
            + (f" · {plan.nodes[step.on].title.within(current())}" if step.on else "")
            for step in steps
            if step.danger is not Danger.SAFE
        )
    )


def terms(plan: Plan, drill_id: str) -> Iterator[str]:
    """What the drill does to the plan's own nodes; what is at stake is indented."""
    yield _("This drill is held on the plan's own nodes ({plan}).").format(plan=plan.name)
    harmful = at_stake(plan, drill_id)
    yield from (f"  {each}" for each in harmful)
    if not harmful:
        yield _("None of its steps interrupts or destroys anything.")
        return
    picks = sorted({each.pick for each in inputs(plan, plan.drills[drill_id].runbook).values() if each.pick})
    if picks:
        sets = ", ".join(picks)
        yield _("It restores backups ({sets}): what was written since they were made is lost.").format(sets=sets)
    yield _("In a lab it harms nothing, and counts for this calendar too:")
