"""Everything that a readiness check looks at, side by side: each look has its own deadline and holds nobody up."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from sparkdr_tui.backups.looking import look_at
from sparkdr_tui.backups.offsite import second_places
from sparkdr_tui.backups.schedule.jobs import nodes as nodes_with_jobs
from sparkdr_tui.plan.runbook import Plan
from sparkdr_tui.reach.pool import Reach
from sparkdr_tui.readiness import needed
from sparkdr_tui.readiness.asking import NodeSeen, ask
from sparkdr_tui.readiness.databases import ask_database
from sparkdr_tui.readiness.doors import doors
from sparkdr_tui.readiness.here import look_here
from sparkdr_tui.readiness.questions import EVERYTHING
from sparkdr_tui.readiness.schedules import look_at_schedule
from sparkdr_tui.readiness.seen import Here, Seen, There
from sparkdr_tui.readiness.uses import Course
from sparkdr_tui.watch.sweep import sweep

T = TypeVar("T")

PATIENCE = 30.0
"""Seconds that the nodes get to list the backups of a set."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a check is: looks that ended, of how many, and the nodes that are still waited for."""

    done: int
    of: int
    waiting: tuple[str, ...] = ()
    here: Here | None = None
    """This machine, from when on it was looked at."""


Tells = Callable[[Progress], object]


def _tell_nobody(_progress: Progress) -> None:
    """Where nobody wants to know before the end."""


async def look(
    plan: Plan, state_folder: Path, runs: Mapping[str, Course], now: datetime, tell: Tells = _tell_nobody
) -> Seen:
    """Look at this machine and at every node; `tell` hears of every look that ended."""
    reach = Reach(plan)
    tally = _Tally(tell)
    try:
        here, there = await asyncio.gather(tally.here(plan, state_folder, now), _there(plan, runs, reach, tally))
    finally:
        await reach.close()
    return Seen(now, here, there)


async def _there(plan: Plan, runs: Mapping[str, Course], reach: Reach, tally: _Tally) -> There:
    async def node(name: str) -> NodeSeen:
        return await ask(plan, name, EVERYTHING, needed.tools(runs, name), reach, needed.places(plan, name))

    databases = {name: each.on for name, each in plan.services.items() if each.probe.postgres is not None}
    nodes, sets = {name: name for name in plan.nodes}, {name: each.on for name, each in plan.backup_sets.items()}
    with_jobs = {name: name for name in nodes_with_jobs(plan)}
    asked = asyncio.gather(
        tally.each(nodes, lambda name: doors(plan, name, reach)),
        tally.each(nodes, node),
        tally.each(with_jobs, lambda name: look_at_schedule(plan, name, reach)),
    )
    services = asyncio.gather(
        tally.one(sweep(plan, reach)), tally.each(databases, lambda name: ask_database(plan, name, reach))
    )
    backups = asyncio.gather(
        tally.each(sets, lambda name: look_at(plan, name, reach, PATIENCE)), tally.one(second_places(plan, reach))
    )
    opened, said, installed = await asked
    topology, measured = await services
    listed, seconds = await backups
    return There(
        doors=opened,
        nodes=said,
        schedules=installed,
        topology=topology,
        databases=measured,
        sets=listed,
        seconds=seconds,
    )


class _Tally:
    """Counts looks: every one of them when it is made, before the first one ends."""

    def __init__(self, tell: Tells) -> None:
        self._tell = tell
        self._of, self._left = 0, list[str]()
        self._here: Here | None = None

    def one(self, look: Awaitable[T], node: str = "") -> Awaitable[T]:
        """A look that counts."""
        self._of += 1
        self._left.append(node)
        return self._counted(look, node)

    def each(self, places: Mapping[str, str], one: Callable[[str], Awaitable[T]]) -> Awaitable[dict[str, T]]:
        """One look for each name, side by side; `places` says on which node it is."""
        return _named(places, [self.one(one(name), node) for name, node in places.items()])

    def here(self, plan: Plan, state_folder: Path, now: datetime) -> Awaitable[Here]:
        """The look at this machine."""
        return self.one(self._look_here(plan, state_folder, now))

    async def _look_here(self, plan: Plan, state_folder: Path, now: datetime) -> Here:
        self._here = await asyncio.to_thread(look_here, plan, state_folder, now)
        return self._here

    async def _counted(self, look: Awaitable[T], node: str) -> T:
        try:
            return await look
        finally:
            self._left.remove(node)
            waiting = tuple(dict.fromkeys(name for name in self._left if name))
            self._tell(Progress(self._of - len(self._left), self._of, waiting, self._here))


async def _named(names: Iterable[str], looks: Iterable[Awaitable[T]]) -> dict[str, T]:
    return dict(zip(names, await asyncio.gather(*looks), strict=True))
