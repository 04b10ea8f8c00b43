"""One look at everything: topology, diagnosis, backups, the current run. Looks only, and cannot act."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sparkdr_tui.backups.catalog import Backup, age_band, list_backups, newest_usable, rpo_of
from sparkdr_tui.errors import SparkdrError
from sparkdr_tui.language import _
from sparkdr_tui.plan.model import State
from sparkdr_tui.plan.runbook import Plan
from sparkdr_tui.reach.pool import Reach
from sparkdr_tui.record.fold import fold_all
from sparkdr_tui.record.journal import read
from sparkdr_tui.record.runs import unfinished
from sparkdr_tui.record.state import RunState
from sparkdr_tui.report.document import current_document
from sparkdr_tui.watch.diagnosis import Diagnosis, diagnose
from sparkdr_tui.watch.sweep import sweep
from sparkdr_tui.watch.topology import Reading, Topology

PATIENCE = 15.0
"""Seconds that a node gets to list its backups."""


@dataclass(frozen=True, slots=True)
class Newest:
    """The backup that a restore would take, or why there is none to be seen."""

    backup: Backup | None
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Situation:
    """What is true at `at`."""

    at: datetime
    topology: Topology
    diagnosis: Diagnosis
    backups: Mapping[str, Newest]
    run: RunState | None


async def look(plan: Plan, state_folder: Path) -> Situation:
    """Sweep every service and list every backup set, side by side."""
    reach = Reach(plan)
    try:
        listing = {name: asyncio.create_task(_newest(plan, name, reach)) for name in plan.backup_sets}
        topology = await sweep(plan, reach)
        backups = {name: await _listed(plan, name, task, topology) for name, task in listing.items()}
    finally:
        await reach.close()
    return Situation(datetime.now(UTC), topology, diagnose(plan, topology), backups, current_run(state_folder))


def current_run(state_folder: Path) -> RunState | None:
    """The newest run that is not closed."""
    for run in unfinished(state_folder):
        try:
            return fold_all(read(run.folder))
        except SparkdrError:
            continue  # `runs verify` tells about a damaged journal
    return None


async def _listed(plan: Plan, name: str, listing: asyncio.Task[Newest], topology: Topology) -> Newest:
    """What listing a set's backups brings; a node that is known by now to be silent is not waited for."""
    node = topology.nodes[plan.backup_sets[name].on]
    if node.state is State.UNREACHABLE and not listing.done():
        listing.cancel()
        return Newest(None, _silent(plan, name))
    return await listing


async def _newest(plan: Plan, name: str, reach: Reach) -> Newest:
    try:
        async with asyncio.timeout(PATIENCE):
            shell = await reach.shell(plan.backup_sets[name].on)
            found = newest_usable(await list_backups(plan, name, shell))
    except TimeoutError:
        return Newest(None, _silent(plan, name))
    except SparkdrError as problem:
        return Newest(None, problem.message)
    return Newest(found, "" if found else _("there is no backup"))


def _silent(plan: Plan, name: str) -> str:
    return _("{node} did not answer in time").format(node=plan.backup_sets[name].on)


# -- as programs read it -----------------------------------------------------------------------------


def document(plan: Plan, seen: Situation) -> dict[str, Any]:
    """One document with stable keys."""
    return {
        "plan": plan.name,
        "at": seen.at.isoformat(),
        "level": seen.diagnosis.level,
        "nodes": {name: _reading(seen.topology.nodes.get(name)) for name in plan.nodes},
        "services": {
            name: {
                **_reading(seen.topology.services.get(name)),
                "rto_s": _seconds(service.rto),
                "rpo_s": _seconds(service.rpo),
                "node": service.on,
                "port": service.port,
            }
            for name, service in plan.services.items()
        },
        "suggestions": [
            {
                "scenario": each.scenario,
                "runbooks": list(plan.scenarios[each.scenario].runbooks),
                "level": plan.scenarios[each.scenario].level,
                "reason": each.reason.model_dump(),
            }
            for each in seen.diagnosis.suggestions
        ],
        "backups": {name: _backup(plan, name, each, seen.at) for name, each in seen.backups.items()},
        "run": current_document(seen.run, seen.at) if seen.run else None,
    }


def _reading(reading: Reading | None) -> dict[str, Any]:
    if reading is None:
        return {"state": "unknown", "latency_ms": None, "detail": ""}
    latency = None if reading.latency is None else round(reading.latency * 1000, 1)
    return {"state": reading.state.value, "latency_ms": latency, "detail": reading.detail}


def _backup(plan: Plan, name: str, newest: Newest, now: datetime) -> dict[str, Any]:
    backup, rpo = newest.backup, rpo_of(plan, name)
    return {
        "newest": backup.path if backup else None,
        "taken_at": backup.taken_at.isoformat() if backup else None,
        "age_s": round((now - backup.taken_at).total_seconds(), 1) if backup else None,
        "size": backup.size if backup else None,
        "rpo_s": _seconds(rpo),
        "band": age_band(backup, rpo, now).value,
        "complete": backup.complete if backup else None,
        "verified_at": backup.verified_at.isoformat() if backup and backup.verified_at else None,
        "problem": newest.problem or None,
    }


def _seconds(length: timedelta | None) -> float | None:
    return None if length is None else length.total_seconds()
