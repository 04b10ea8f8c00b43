"""The variables that a step's scripts find: of its node, of the inputs, its own, of the run. One place, for all."""

from __future__ import annotations

from collections.abc import Mapping
from string import Template

from sparkdr_tui.plan.graph import PlannedStep
from sparkdr_tui.plan.runbook import Input


def environment(
    planned: PlannedStep, of_node: Mapping[str, str], inputs: Mapping[str, str], of_run: Mapping[str, str]
) -> dict[str, str]:
    """What the scripts of `planned` find: later ones win, and the step's own values may name all of the others."""
    base = {**of_node, **inputs, **of_run}
    return base | {name: Template(value).safe_substitute(base) for name, value in planned.step.env.items()}


def values(known: Mapping[str, Input], chosen: Mapping[str, str]) -> dict[str, str]:
    """The inputs that have a value: what was chosen, else their default."""
    return {name: each.default for name, each in known.items() if each.default is not None} | dict(chosen)


def of_run(run: str, stamp: str, step: str, attempt: int) -> dict[str, str]:
    """What tells a script which run, step and attempt it belongs to."""
    return {"RUN_ID": run, "RUN_STAMP": stamp, "STEP": step, "ATTEMPT": str(attempt)}
