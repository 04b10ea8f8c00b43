"""What nothing can be done without, looked at when the cockpit opens: a place for runs, secrets, keys, a way in.

The readiness check looks at much more; this is what somebody who begins is told unasked. Changes nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sparkdr_tui.errors import SparkdrError
from sparkdr_tui.language import _
from sparkdr_tui.plan.runbook import Plan
from sparkdr_tui.reach.pool import Reach
from sparkdr_tui.reach.shell import CHANGED_KEY, UNKNOWN_KEY, Unreachable
from sparkdr_tui.readiness.findings import Finding
from sparkdr_tui.readiness.here import look_here
from sparkdr_tui.readiness.judging_here import keys, state_folder
from sparkdr_tui.record.lines import NAME


@dataclass(frozen=True, slots=True)
class Lacking:
    """What is missing, and whether nothing was ever run with this state folder."""

    findings: tuple[Finding, ...] = ()
    first_time: bool = False


async def lacking(plan: Plan, runs_in: Path, now: datetime, reach: Reach) -> Lacking:
    """Look at this machine, and try to log in to every node."""
    here = await asyncio.to_thread(look_here, plan, runs_in, now)
    doors = await asyncio.gather(*(_door(plan, name, reach) for name in plan.nodes if name not in here.no_keys))
    found = [*state_folder(here), *_secrets(plan, tuple(here.missing)), *keys(plan, here), *filter(None, doors)]
    first = await asyncio.to_thread(lambda: next(runs_in.glob(f"runs/*/{NAME}"), None) is None)
    return Lacking(tuple(each for each in found if each.state == "stop"), first)


def _secrets(plan: Plan, missing: tuple[str, ...]) -> Iterator[Finding]:
    """All of them in one, since one setting usually brings them all."""
    needed = [name for name in missing if name not in {each.to for each in plan.notify}]
    if needed:
        sources = [plan.secrets[name] for name in needed]
        places = ", ".join(source.env or str(source.file) for source in sources)
        todo = _("Set the environment variables, or write the files: {places}").format(places=places)
        text = _("Secrets are not there: {names}").format(names=", ".join(needed))
        yield Finding("stop", "secrets", "secrets", text, todo)


async def _door(plan: Plan, node_id: str, reach: Reach) -> Finding | None:
    """Why a node that answers does not let us in; a node that does not answer is the topology's to tell."""
    try:
        await reach.shell(node_id)
    except Unreachable as problem:
        about_us = problem.reason.startswith("does not let ") or problem.reason == problem.message
        if about_us or problem.reason in (UNKNOWN_KEY, CHANGED_KEY):
            return Finding("stop", "reach" if about_us else "host-key", node_id, problem.message, problem.hint, node_id)
    except SparkdrError:
        return None
    return None
