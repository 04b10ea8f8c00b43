"""One look at everything: topology, diagnosis, backups, the current run. Looks only, and cannot act."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sparkdr_tui.backups.looking import SetLook, look_at, silent
from sparkdr_tui.backups.offsite import Second, second_places
from sparkdr_tui.commands import copies as copies_room
from sparkdr_tui.commands.drills import drill_document
from sparkdr_tui.errors import SparkdrError
from sparkdr_tui.plan.model import State
from sparkdr_tui.plan.runbook import Plan
from sparkdr_tui.reach.pool import Reach
from sparkdr_tui.record.attended import adrift, holding, interrupted
from sparkdr_tui.record.drills import DrillStatus, drill_statuses
from sparkdr_tui.record.fold import fold_all
from sparkdr_tui.record.history import history
from sparkdr_tui.record.journal import read
from sparkdr_tui.record.late import Late, late
from sparkdr_tui.record.lock import ROUTINE, guarded, holder
from sparkdr_tui.record.runs import FOLDER, unfinished
from sparkdr_tui.record.state import RunState
from sparkdr_tui.report.backups import newest_document
from sparkdr_tui.report.document import current_document
from sparkdr_tui.watch.diagnosis import Diagnosis, diagnose
from sparkdr_tui.watch.sweep import sweep
from sparkdr_tui.watch.topology import Reading, Topology


@dataclass(frozen=True, slots=True)
class Situation:
    """What is true at `at`."""

    at: datetime
    topology: Topology
    diagnosis: Diagnosis
    backups: Mapping[str, SetLook]
    run: RunState | None
    late: Mapping[str, Late]
    """The sets whose job has stopped."""
    copies: Mapping[str, Second] = field(default_factory=dict)
    """What is in the second places of the sets that name one."""
    earlier: Mapping[str, Sequence[float]] = field(default_factory=dict)
    """What the steps of that run took before."""
    drills: tuple[DrillStatus, ...] = ()
    interrupted: bool = False
    """Nobody closed the run, and nobody drives it."""


async def look(plan: Plan, state_folder: Path) -> Situation:
    """Sweep every service and list every backup set, side by side."""
    reach = Reach(plan)
    try:
        listing = {name: asyncio.create_task(look_at(plan, name, reach)) for name in plan.backup_sets}
        seconds = asyncio.create_task(second_places(plan, reach))
        topology = await sweep(plan, reach)
        looks = {name: await _listed(plan, name, task, topology) for name, task in listing.items()}
        copies = await seconds
    finally:
        await reach.close()
    used = {name: each for name, each in looks.items() if each.catalog.backups or not plan.backup_sets[name].optional}
    now = datetime.now(UTC)
    newest = {name: each.newest.taken_at if each.newest else None for name, each in used.items()}
    locks = guarded(plan, state_folder)
    run = current_run(state_folder, plan.lab, locks)
    left = run is not None and interrupted(run.run, run.live, holding(locks, run.opened.mode))
    return Situation(
        at=now,
        topology=topology,
        diagnosis=diagnose(plan, topology),
        backups=used,
        run=adrift(run) if run is not None and left else run,
        interrupted=left,
        late=late(plan, newest, state_folder, now),
        copies=copies,
        earlier=history(state_folder, run.opened) if run else {},
        drills=drill_statuses(plan, state_folder, now),
    )


def current_run(state_folder: Path, lab: bool = True, locks: Path | None = None) -> RunState | None:
    """The newest run that is not closed; without one, the backup that is being made or verified.

    Without `lab` no run of a lab that is kept here. `locks` is where the locks are, if not in the state folder.
    """
    found = [run.folder for run in unfinished(state_folder, lab)]
    if (busy := holder(locks or state_folder, ROUTINE)) is not None and busy.run is not None:
        found.append(state_folder / FOLDER / busy.run)
    for folder in found:
        try:
            return fold_all(read(folder))
        except SparkdrError:
            continue  # `runs verify` tells about a damaged journal
    return None


async def _listed(plan: Plan, name: str, listing: asyncio.Task[SetLook], topology: Topology) -> SetLook:
    """What listing a set's backups brings; a node that is known by now to be silent is not waited for."""
    node = topology.nodes[plan.backup_sets[name].on]
    if node.state is State.UNREACHABLE and not listing.done():
        listing.cancel()
        return SetLook(name, problem=silent(plan, name))
    return await listing


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
        "backups": {
            name: {
                **newest_document(plan, each, seen.at),
                "stopped": _stopped(seen.late.get(name)),
                "copy": copies_room.document(plan, name, seen.copies.get(name), seen.at),
            }
            for name, each in seen.backups.items()
        },
        "run": {**current_document(seen.run, seen.at, seen.earlier), "interrupted": seen.interrupted}
        if seen.run
        else None,
        "drills": [drill_document(each) for each in seen.drills],
    }


def _reading(reading: Reading | None) -> dict[str, Any]:
    if reading is None:
        return {"state": "unknown", "latency_ms": None, "detail": ""}
    latency = None if reading.latency is None else round(reading.latency * 1000, 1)
    return {"state": reading.state.value, "latency_ms": latency, "detail": reading.detail}


def _stopped(it: Late | None) -> dict[str, Any] | None:
    if it is None:
        return None
    return {
        "last": it.stopped.last.isoformat(),
        "every_s": it.stopped.every.total_seconds(),
        "due": it.stopped.due.isoformat(),
        "run": it.attempt.id if it.attempt else None,
        "outcome": it.attempt.outcome if it.attempt else None,
    }


def _seconds(length: timedelta | None) -> float | None:
    return None if length is None else length.total_seconds()
