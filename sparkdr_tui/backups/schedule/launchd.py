"""The jobs of a plan as property lists of launchd (E30): what they hold and what they are called. Pure."""

from __future__ import annotations

import plistlib
from typing import Any
from xml.parsers.expat import ExpatError

from sparkdr_tui.backups.schedule.jobs import MONDAY, Job, slug
from sparkdr_tui.plan.schedules import Schedule

FOLDER = "Library/LaunchAgents"
"""Below the user's home."""


def prefix(plan_name: str) -> str:
    """How the labels of a plan's jobs begin."""
    return f"sparkdr-tui.{slug(plan_name)}."


def label(plan_name: str, job: str) -> str:
    """What launchd calls a job."""
    return f"{prefix(plan_name)}{job}"


def contents(plan_name: str, job: Job) -> dict[str, Any]:
    """The keys of a job's property list."""
    guarded = ["/bin/sh", "-c", f'{MONDAY} || exit 0; exec "$@"', "sh"] if job.schedule.monthly else []
    return {
        "Label": label(plan_name, job.name),
        "ProgramArguments": [*guarded, *job.words],
        "StartCalendarInterval": _times(job.schedule),
        "StandardOutPath": job.log,
        "StandardErrorPath": job.log,
        "RunAtLoad": False,
    }


def property_list(plan_name: str, job: Job) -> bytes:
    """The file."""
    return plistlib.dumps(contents(plan_name, job), sort_keys=False)


def read(content: bytes) -> dict[str, Any]:
    """The keys of a property list on a node; empty where it is none."""
    try:
        found = plistlib.loads(content)
    except (plistlib.InvalidFileException, ExpatError, ValueError, OverflowError, LookupError, TypeError):
        return {}
    return found if isinstance(found, dict) else {}


def command(content: bytes) -> tuple[str, ...]:
    """The words that a property list runs."""
    found = read(content).get("ProgramArguments", [])
    given = tuple(each for each in found if isinstance(each, str)) if isinstance(found, list) else ()
    return given[4:] if given[:2] == ("/bin/sh", "-c") else given


def _times(schedule: Schedule) -> Any:
    hour, minute = schedule.clock
    if hour is None:
        return {"Minute": minute}
    if schedule.monthly:
        return [{"Day": day, "Hour": hour, "Minute": minute} for day in range(1, 8)]
    return {"Hour": hour, "Minute": minute}
