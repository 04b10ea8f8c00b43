"""How a run begins: its graph, what it promised, and how an input finds its backup. Runs nothing."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime

from sparkdr_tui import __version__
from sparkdr_tui.backups.catalog import Backup, newest_usable, promised
from sparkdr_tui.errors import UsageError
from sparkdr_tui.language import _
from sparkdr_tui.plan.fingerprint import fingerprints
from sparkdr_tui.plan.graph import (
    JOIN,
    PlannedStep,
    apart,
    graph,
    inputs,
    ordered,
    restores,
    runbooks,
    scenarios,
    title,
)
from sparkdr_tui.plan.runbook import Input, Plan, Step
from sparkdr_tui.record import events as e
from sparkdr_tui.record.decisions import RunRequest
from sparkdr_tui.record.drills import known_drill
from sparkdr_tui.record.escalation import path_of
from sparkdr_tui.record.losses import lost
from sparkdr_tui.text import one_line


def opening(plan: Plan, request: RunRequest, run: str, now: datetime) -> e.RunOpened:
    """The first event of a run; raises `UsageError` for a runbook, scenario or input the plan does not have."""
    runbook = known_runbook(plan, request.runbook)
    drill = known_drill(plan, request.drill) if request.drill is not None else None
    known = inputs(plan, runbook)
    for name in request.inputs:
        if name not in known:
            raise UsageError(
                _("Runbook {runbook} has no input {name}.").format(runbook=runbook, name=name),
                _("It has: {names}").format(names=", ".join(sorted(known)) or _("none")),
            )
    scenario = request.scenario or (drill and drill.scenario) or answering(plan, runbook)
    for each in apart(scenario):
        if each not in plan.scenarios:
            raise UsageError(
                _("The plan has no scenario {name}.").format(name=one_line(each, 60)),
                _("It has: {names}").format(names=", ".join(sorted(plan.scenarios))),
            )
    mode = mode_of(plan, request)
    return e.RunOpened(
        run=run,
        runbook=runbook,
        title=drill.title if drill is not None else title(plan, runbook),
        mode=mode,
        plan=plan.name,
        plan_digest=plan.digest,
        program=__version__,
        scenario=scenario,
        level=request.level or max((each.level for each in scenarios(plan, scenario)), default=None),
        incident_at=min(request.incident_at or now, now),
        pace=request.pace,
        lab=plan.lab,
        stamp=now.astimezone().strftime("%Y%m%d_%H%M%S"),
        steps=tuple(outline(planned, known) for planned in graph(plan, runbook, request.drill)),
        objectives=objectives(plan, runbook, scenario),
        services={name: service.title for name, service in plan.services.items()},
        nodes={name: node.title for name, node in plan.nodes.items()},
        contents=fingerprints(plan, runbook),
        drill=request.drill,
        answers=tuple(each.title for each in scenarios(plan, scenario)),
        impact=tuple(dict.fromkeys(each for found in scenarios(plan, scenario) for each in found.impact)),
        path=path_of(plan, scenario) if mode != "routine" else (),
        contacts={name: each.role for name, each in {**plan.contacts.team, **plan.contacts.external}.items()},
    )


def mode_of(plan: Plan, request: RunRequest) -> e.Mode:
    """What the run counts as: everyday work is no incident, whoever starts it; in a lab nothing is one."""
    if request.mode == "incident" and all(book.routine for book in runbooks(plan, request.runbook)):
        return "routine"
    return "lab" if plan.lab and request.mode == "incident" else request.mode


def known_runbook(plan: Plan, runbook_id: str) -> str:
    """The runbooks of a request in the order in which they are run; raises `UsageError` where the plan lacks one."""
    names = apart(runbook_id)
    unknown = [name for name in names if name not in plan.runbooks]
    if unknown or not names:
        raise UsageError(
            _("The plan has no runbook {name}.").format(name=one_line(", ".join(unknown) or runbook_id, 60)),
            _("It has: {names}").format(names=", ".join(sorted(plan.runbooks))),
        )
    return ordered(plan, names)


def answering(plan: Plan, runbook_id: str) -> str | None:
    """The scenarios that offer these runbooks first, one for each at most; None when none does."""
    found = [
        next((name for name, each in plan.scenarios.items() if each.runbooks[:1] == (runbook,)), None)
        for runbook in apart(runbook_id)
    ]
    return JOIN.join(dict.fromkeys(name for name in found if name is not None)) or None


def objectives(plan: Plan, runbook_id: str, scenario: str | None) -> tuple[e.Objective, ...]:
    """What was promised for the services that the runbook restores and its scenarios affect."""
    affected = [*restores(plan, runbook_id), *(name for each in scenarios(plan, scenario) for name in each.affects)]
    return tuple(
        e.Objective(
            service=name,
            title=service.title,
            rto=service.rto.total_seconds() if service.rto else None,
            rpo=service.rpo.total_seconds() if service.rpo else None,
        )
        for name in dict.fromkeys(affected)
        if (service := plan.services[name])
    )


def outline(planned: PlannedStep, known: Mapping[str, Input]) -> e.StepOutline:
    """The step as the journal tells it."""
    step = planned.step
    return e.StepOutline(
        id=planned.id,
        title=step.title,
        action=step.kind,
        why=step.why,
        note=step.note,
        source=step.source,
        on=step.on,
        danger=step.danger,
        optional=step.optional,
        needs=planned.needs,
        expect=step.expect.total_seconds() if step.expect is not None else None,
        timeout=step.timeout.total_seconds() if step.timeout else None,
        can_undo=step.undo is not None,
        verifies=bool(step.verify),
        checklist=step.manual.checklist if step.manual else (),
        say=step.manual.say if step.manual else None,
        uses=tuple(name for name in known if mentions(step, name)),
        proves=proves(step),
    )


def proves(step: Step) -> tuple[str, ...]:
    """The services that are healthy when the step is done."""
    found = [(step.wait.service, step.wait.is_)] if step.wait is not None else []
    found += [(check.service, check.states) for check in step.verify if check.service is not None]
    return tuple(dict.fromkeys(name for name, states in found if all(state.healthy for state in states)))


def mentions(step: Step, name: str) -> bool:
    """Whether a script or value of the step reads the variable `name`."""
    shells = [step.shell, step.undo, *(check.shell for check in step.verify), step.confirm and step.confirm.show]
    texts = [text for shell in shells if shell for text in (shell.posix, shell.powershell) if text]
    texts += [*step.env.values(), *((step.confirm.type,) if step.confirm else ())]
    if step.s3:
        texts += step.s3.folders
    return any(re.search(rf"\$(env:)?\{{?{name}\b", text) for text in texts)


def backup_named(found: Sequence[Backup], value: str) -> Backup | None:
    """The backup of the catalogue whose path or file name is `value`."""
    return next((backup for backup in found if value in (backup.path, backup.name)), None)


def backup_for(each: Input, found: Sequence[Backup]) -> Backup | None:
    """The backup that an input takes unless the operator chooses one."""
    if each.newest == "any":
        return max(found, key=lambda backup: (backup.taken_at, backup.name), default=None)
    return newest_usable(found)


def backup_fact(plan: Plan, backup: Backup, incident_at: datetime) -> e.BackupFact:
    """What the journal keeps of a chosen backup."""
    declared = plan.backup_sets[backup.set]
    rpo = promised(plan, backup.set)
    return e.BackupFact(
        set=backup.set,
        path=backup.path,
        taken_at=backup.taken_at,
        size=backup.size,
        complete=backup.complete,
        verified_at=backup.verified_at,
        services=declared.services,
        loses=lost(backup.taken_at, incident_at),
        rpo=rpo.total_seconds() if rpo is not None else None,
    )
