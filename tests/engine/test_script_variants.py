"""Which script of a step is run: PowerShell where the plan says Windows, bash everywhere else."""

from __future__ import annotations

import dataclasses

import pytest

from sparkdr_tui.plan.graph import PlannedStep, graph
from sparkdr_tui.plan.load import builtin, load
from sparkdr_tui.plan.runbook import Plan, Shell, Step
from sparkdr_tui.recover.actions import Failed, script_of


@pytest.fixture(scope="module")
def plan() -> Plan:
    return load(builtin())


def desktop_is(plan: Plan, system: str) -> Plan:
    """The same plan with another system on the Desktop, as in the lab."""
    desktop = plan.nodes["desktop"].model_copy(update={"os": system})
    return dataclasses.replace(plan, nodes={**plan.nodes, "desktop": desktop})


def scripts(planned: PlannedStep) -> list[Shell]:
    """Everything of a step that is run on its node: its action, its checks, its undo, what it shows."""
    step = planned.step
    shown = step.confirm.show if step.confirm else None
    every = [step.shell, step.undo, *(check.shell for check in step.verify), shown]
    return [each for each in every if each is not None]


def on_the_desktop(plan: Plan) -> list[PlannedStep]:
    found = [planned for book in ("desktop-gpu", "network", "blackout") for planned in graph(plan, book)]
    return [planned for planned in found if planned.step.on == "desktop" and planned.step.shell]


def test_a_windows_node_gets_powershell_for_everything_that_is_run_there(plan: Plan) -> None:
    steps = on_the_desktop(plan)
    assert len(steps) > 10
    for planned in steps:
        for shell in scripts(planned):
            assert script_of(plan, planned, shell) == shell.powershell


@pytest.mark.parametrize("system", ["linux", "macos"])
def test_the_same_steps_get_bash_where_the_desktop_is_something_else(plan: Plan, system: str) -> None:
    other = desktop_is(plan, system)
    for planned in on_the_desktop(other):
        for shell in scripts(planned):
            assert script_of(other, planned, shell) == shell.posix


def test_a_node_without_a_script_of_its_system_is_refused_before_anything_is_sent(plan: Plan) -> None:
    step = Step.model_validate({"id": "x", "title": "X", "on": "desktop", "shell": {"posix": "true"}})
    planned = PlannedStep("x", (), step, "any")
    assert step.shell is not None
    with pytest.raises(Failed, match="no script for the system of desktop"):
        script_of(plan, planned, step.shell)
