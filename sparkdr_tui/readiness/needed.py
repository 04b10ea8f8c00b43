"""What the runbooks of a plan need on its nodes: commands, by node, and what becomes of each runbook without one. Pure.

Only runbooks that somebody starts are looked at: those that answer a scenario, make backups or are drilled.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from string import Template

from sparkdr_tui.plan.graph import inputs
from sparkdr_tui.plan.runbook import Plan
from sparkdr_tui.readiness.levels import GRAVITY, Level
from sparkdr_tui.readiness.uses import Course, course, without


@dataclass(frozen=True, slots=True)
class Lacking:
    """A command that is not there: how grave that is at worst, for which runbooks, and why it is no graver."""

    state: Level
    runbooks: tuple[str, ...]
    why: str = ""


def started(plan: Plan) -> tuple[str, ...]:
    """The runbooks that somebody starts, in the order in which the plan comes to them."""
    making = (each.made_by for each in plan.backup_sets.values() if each.made_by is not None)
    return tuple(dict.fromkeys((*practised(plan), *making)))


def practised(plan: Plan) -> tuple[str, ...]:
    """The runbooks that answer a scenario or are drilled: those that people must be able to go through."""
    answering = (name for scenario in plan.scenarios.values() for name in scenario.runbooks)
    return tuple(dict.fromkeys((*answering, *(drill.runbook for drill in plan.drills.values()))))


def picked(plan: Plan) -> dict[str, tuple[str, ...]]:
    """The backup sets that recoveries restore from, each with the runbooks that pick from it."""
    found: dict[str, list[str]] = {}
    for name in started(plan):
        for each in inputs(plan, name).values():
            if each.pick is not None:
                found.setdefault(each.pick, []).append(name)
    return {name: tuple(dict.fromkeys(books)) for name, books in found.items()}


def places(plan: Plan, node: str) -> dict[str, str]:
    """The folders of the backup sets on a node, by the variable that an answer calls them."""
    env = plan.nodes[node].env
    return {
        variable_of(name): Template(each.dir).safe_substitute(env)
        for name, each in plan.backup_sets.items()
        if each.on == node
    }


def variable_of(set_id: str) -> str:
    """What the folder of a backup set is called in what a node answers."""
    return f"SET_{set_id.replace('-', '_')}"


def courses(plan: Plan) -> dict[str, Course]:
    """What a run of each of them would go through."""
    return {name: course(plan, name) for name in started(plan)}


def tools(runs: Mapping[str, Course], node: str) -> frozenset[str]:
    """The commands that scripts on a node use."""
    return frozenset(
        tool for run in runs.values() for use in run.uses if use.node == node for tool in use.words.commands
    )


def some(names: Sequence[str]) -> str:
    """The first few names, and a sign that there are more."""
    return ", ".join(names[:4]) + (" …" if len(names) > 4 else "")


def lacking(runs: Mapping[str, Course], node: str, tool: str) -> Lacking:
    """What becomes of the runbooks where a command is not there."""
    found: dict[str, tuple[Level, str]] = {}
    for name, run in runs.items():
        for use in run.uses:
            if use.node == node and tool in use.words.commands:
                each = without(run, tool, use)
                if name not in found or GRAVITY.index(each[0]) > GRAVITY.index(found[name][0]):
                    found[name] = each
    states: list[Level] = [state for state, _why in found.values()]
    worst: Level = max(states, key=GRAVITY.index, default="ok")
    at_worst = {name: why for name, (state, why) in found.items() if state == worst}
    return Lacking(worst, tuple(at_worst), next(iter(at_worst.values()), ""))
