"""What a rehearsal asks the world: read-only scripts, lists and questions, side by side, each with a deadline."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

from sparkdr_tui.backups.catalog import read_catalog
from sparkdr_tui.backups.offsite import second_places
from sparkdr_tui.backups.retention import fates
from sparkdr_tui.errors import SparkdrError
from sparkdr_tui.language import _
from sparkdr_tui.plan.backup_sets import CopyToFolder
from sparkdr_tui.plan.graph import graph
from sparkdr_tui.plan.runbook import Plan, Step
from sparkdr_tui.reach.pool import Reach
from sparkdr_tui.readiness.asking import DEADLINE, NodeSeen, ask
from sparkdr_tui.readiness.databases import ask_database
from sparkdr_tui.readiness.questions import COMMANDS_AND_DISKS
from sparkdr_tui.record.lock import guarded, holder
from sparkdr_tui.record.pins import pins
from sparkdr_tui.recover.rehearsal.findings import Rehearsed, Seen, SetSeen
from sparkdr_tui.recover.rehearsal.resolving import missing_secrets
from sparkdr_tui.text import one_line
from sparkdr_tui.watch.sweep import sweep


async def look(run: Rehearsed, reach: Reach) -> Seen:
    """Ask everything that has to be known; what cannot be asked is part of the answer."""
    nodes, sets, databases = nodes_of(run), sets_of(run), databases_of(run)
    second = [s3.offsite for each in run.steps.values() if (s3 := each.step.s3) and s3.offsite]
    topology, said, listed, measured, copies = await asyncio.gather(
        sweep(run.plan, reach),
        asyncio.gather(*(_node(run, name, reach) for name in nodes)),
        asyncio.gather(*(_set(run, name, reach) for name in sets)),
        asyncio.gather(*(ask_database(run.plan, name, reach) for name in databases)),
        second_places(run.plan, reach, second),
    )
    return Seen(
        topology=topology,
        nodes=dict(zip(nodes, said, strict=True)),
        sets=dict(zip(sets, listed, strict=True)),
        databases=dict(zip(databases, measured, strict=True)),
        holder=holder(guarded(run.plan, Path(run.state_folder))),
        missing_secrets=missing_secrets(run),
        copies=copies,
    )


def nodes_of(run: Rehearsed) -> tuple[str, ...]:
    """The nodes that the run reaches: for scripts, or for files that it copies."""
    copies = (node for each in run.steps.values() if each.step.s3 for node in _holding(run.plan, each.step))
    return tuple(dict.fromkeys((*(use.node for use in run.uses), *copies)))


def _holding(plan: Plan, step: Step) -> Iterator[str]:
    """The nodes whose files an `s3` step copies."""
    assert step.s3 is not None
    if step.s3.service is not None:
        yield step.on or plan.services[step.s3.service].on
    elif step.s3.offsite is not None and (second := plan.backup_sets[step.s3.offsite].copy_to) is not None:
        yield plan.backup_sets[step.s3.offsite].on
        if isinstance(second, CopyToFolder):
            yield second.node


def sets_of(run: Rehearsed) -> tuple[str, ...]:
    """The backup sets that the run picks from, those it deletes from, and those it makes a backup of."""
    used = (name for each in run.inputs.values() for name in (each.pick, each.expired) if name is not None)
    return tuple(dict.fromkeys((*used, *made_by(run))))


def made_by(run: Rehearsed) -> tuple[str, ...]:
    """The backup sets that the run makes a backup of."""
    books = {each.runbook for each in run.steps.values()}
    return tuple(
        name
        for name, each in run.plan.backup_sets.items()
        if each.made_by is not None and books >= {inner.runbook for inner in graph(run.plan, each.made_by)}
    )


def databases_of(run: Rehearsed) -> tuple[str, ...]:
    """The databases that backups are restored beside."""
    picked = [run.plan.backup_sets[each.pick] for each in run.inputs.values() if each.pick is not None]
    services = dict.fromkeys(name for each in picked for name in each.services)
    return tuple(name for name in services if run.plan.services[name].probe.postgres)


async def _node(run: Rehearsed, name: str, reach: Reach) -> NodeSeen:
    """Which commands are there, and how much is free where its folders are."""
    tools = (tool for use in run.uses if use.node == name for tool in use.words.commands)
    return await ask(run.plan, name, COMMANDS_AND_DISKS, tools, reach)


async def _set(run: Rehearsed, name: str, reach: Reach) -> SetSeen:
    declared = run.plan.backup_sets[name]
    try:
        async with asyncio.timeout(DEADLINE):
            catalog = await read_catalog(run.plan, name, await reach.shell(declared.on))
        there = tuple(each for each in catalog.backups if each.exists)
        if all(each.expired != name for each in run.inputs.values()):
            return SetSeen(there)
        pinned = pins(Path(run.state_folder), run.now).get(name, {})
        return SetSeen(there, fates=fates(catalog, declared.keep, run.now, pinned))
    except TimeoutError:
        return SetSeen(problem=_("listing them took longer than {seconds:.0f} s").format(seconds=DEADLINE))
    except SparkdrError as problem:
        return SetSeen(problem=one_line(problem.message), hint=problem.hint)
