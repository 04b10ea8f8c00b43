"""A rehearsal from front to end: resolve, look, judge. It opens no run: no journal, no lock, no file on any node."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sparkdr_tui.language import _
from sparkdr_tui.plan.runbook import Plan
from sparkdr_tui.reach.pool import Reach
from sparkdr_tui.readiness.levels import GRAVITY
from sparkdr_tui.record import events as e
from sparkdr_tui.record.decisions import RunRequest
from sparkdr_tui.record.fold import fold
from sparkdr_tui.record.forecast import Forecast, forecast
from sparkdr_tui.record.history import history
from sparkdr_tui.recover.rehearsal import judging, judging_course, judging_data
from sparkdr_tui.recover.rehearsal.findings import Finding, Rehearsed, Seen
from sparkdr_tui.recover.rehearsal.looking import look
from sparkdr_tui.recover.rehearsal.resolving import needed_secrets, resolve


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """What a run would be and meet."""

    run: Rehearsed
    findings: tuple[Finding, ...]
    picked: Mapping[str, e.BackupFact]
    """The backup of each input that picks one, where there is one."""
    course: Forecast

    @property
    def stops(self) -> int:
        """How many findings would stop the run."""
        return sum(each.state == "stop" for each in self.findings)


async def rehearse(plan: Plan, request: RunRequest, reach: Reach, state_folder: Path, now: datetime) -> Rehearsal:
    """Rehearse what `request` asks for; raises `UsageError` for what the plan does not have."""
    run = resolve(plan, request, state_folder, now)
    seen = await look(run, reach)
    course = forecast(
        fold(None, e.Record(n=1, at=now, by="", event=run.opened, prev="")),
        now,
        history(state_folder, run.opened),
    )
    return judge(run, seen, request.inputs, course)


def judge(run: Rehearsed, seen: Seen, requested: Mapping[str, str], course: Forecast) -> Rehearsal:
    """What is to be said of a run, given what was seen. Pure."""
    chosen = list(judging_data.backups(run, seen, requested))
    picked = {name: fact for name, _finding, fact in chosen if fact is not None}
    found = [
        *judging_course.holding(seen),
        *_journals(run),
        *judging.nodes(run, seen),
        *judging.secrets(seen, len(needed_secrets(run))),
        *judging.scripts(run),
        *judging.commands(run, seen),
        *judging.names(run),
        *(finding for _name, finding, _fact in chosen),
        *judging_data.copies(run, seen),
        *judging_data.expired(run, seen, requested),
        *judging_data.disks(run, seen, picked),
        *judging_data.databases(run, seen),
        *judging_course.services(run, seen),
        *judging_course.hands(run),
        *judging_course.downloads(run),
        *judging_course.time(run, seen, course),
    ]
    return Rehearsal(run, tuple(_in_order(run, found)), picked, course)


def _journals(run: Rehearsed) -> Iterator[Finding]:
    """Whether a run could be kept."""
    folder = Path(run.state_folder)
    there = next((each for each in (folder, *folder.parents) if each.exists()), folder)
    if not (there.is_dir() and os.access(there, os.W_OK | os.X_OK)):
        todo = _("Name another folder with --state or SPARKDR_STATE.")
        yield Finding("stop", "state", _("{folder} cannot be written.").format(folder=folder), todo)


def _in_order(run: Rehearsed, found: list[Finding]) -> list[Finding]:
    """What concerns the whole run first, then step by step; where it is the same place, the gravest first."""
    place = {name: at for at, name in enumerate(run.steps)}
    unique = list(dict.fromkeys(found))
    return sorted(unique, key=lambda each: (place.get(each.step or "", -1), -GRAVITY.index(each.state)))
