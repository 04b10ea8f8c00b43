"""The run as it would be: every script in the variant of its node, with the variables it would find. Looks nowhere."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path

from sparkdr_tui.errors import SparkdrError
from sparkdr_tui.plan.backup_sets import CopyToBucket
from sparkdr_tui.plan.graph import PlannedStep, graph, inputs, restores
from sparkdr_tui.plan.runbook import Plan, Shell
from sparkdr_tui.reach.credentials import secret
from sparkdr_tui.readiness.uses import Role, Use, scripts, use_of
from sparkdr_tui.record.decisions import RunRequest
from sparkdr_tui.recover import variables
from sparkdr_tui.recover.opening import opening
from sparkdr_tui.recover.rehearsal.findings import Rehearsed

PENDING = "\0pending"
"""Stands for what will be chosen, or found to be due: the variable will be there."""


def resolve(plan: Plan, request: RunRequest, state_folder: Path, now: datetime) -> Rehearsed:
    """The run that `request` would open; raises `UsageError` for what the plan does not have."""
    opened = opening(plan, request, "", now)
    steps = {each.id: each for each in graph(plan, opened.runbook, opened.drill)}
    known = inputs(plan, opened.runbook)
    chosen = {name: PENDING for name, each in known.items() if each.pick or each.expired}
    values = variables.values(known, {**chosen, **request.inputs})
    uses: list[Use] = []
    missing: list[tuple[PlannedStep, Shell]] = []
    for planned in steps.values():
        for role, shell in scripts(planned):
            found = _use(plan, planned, role, shell, values, opened.stamp)
            if found is None:
                missing.append((planned, shell))
            else:
                uses.append(found)
    return Rehearsed(
        plan=plan,
        opened=opened,
        steps=steps,
        uses=tuple(uses),
        variants_missing=tuple(missing),
        inputs=known,
        restored=restores(plan, opened.runbook),
        unattended=request.pace == "none",
        state_folder=str(state_folder),
        now=now,
    )


def _use(
    plan: Plan, planned: PlannedStep, role: Role, shell: Shell, values: Mapping[str, str], stamp: str
) -> Use | None:
    """The script as its node would run it; None where it has no variant for the node's system."""
    assert planned.step.on is not None  # the model refuses a script without a node
    node = plan.nodes[planned.step.on]
    of_node = {**node.env, **dict.fromkeys(node.secrets, PENDING)}
    env = variables.environment(planned, of_node, values, variables.of_run("", stamp, planned.id, 1))
    return use_of(plan, planned, role, shell, env)


def missing_secrets(run: Rehearsed) -> dict[str, tuple[str, str]]:
    """The secrets that the run needs and that are not there, each with what is wrong and what to do."""
    found: dict[str, tuple[str, str]] = {}
    for name in needed_secrets(run):
        try:
            secret(run.plan, name)
        except SparkdrError as problem:
            found[name] = (problem.message, problem.hint)
    return found


def needed_secrets(run: Rehearsed) -> tuple[str, ...]:
    """The secrets that the run reads."""
    return tuple(dict.fromkeys(_secrets(run)))


def _secrets(run: Rehearsed) -> Iterator[str]:
    """Of the nodes that scripts run on, and of the services that are talked to."""
    for node in dict.fromkeys(use.node for use in run.uses):
        yield from run.plan.nodes[node].secrets
    for planned in run.steps.values():
        step = planned.step
        for action in (step.sql, step.redis, step.s3, *(check.sql for check in step.verify)):
            if action is not None and action.service is not None:
                probe = run.plan.services[action.service].probe.kind
                names = (getattr(probe, key, None) for key in ("password", "access_key", "secret_key"))
                yield from (name for name in names if name)
        second = run.plan.backup_sets[step.s3.offsite].copy_to if step.s3 and step.s3.offsite else None
        if isinstance(second, CopyToBucket):
            yield from (second.access_key, second.secret_key)
