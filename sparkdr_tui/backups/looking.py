"""A look at one backup set or at all of them, however their nodes are: what cannot be seen is part of the answer."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, field

from sparkdr_tui.backups.catalog import Backup, Catalog, NotMounted, newest_usable, read_catalog
from sparkdr_tui.errors import SparkdrError
from sparkdr_tui.language import _
from sparkdr_tui.plan.runbook import Plan
from sparkdr_tui.reach.pool import Reach

PATIENCE = 15.0
"""Seconds that a node gets to list its backups."""


@dataclass(frozen=True, slots=True)
class SetLook:
    """What is to be seen of a set, or why nothing is."""

    set: str
    catalog: Catalog = field(default_factory=Catalog)
    problem: str = ""
    hint: str = ""
    unmounted: bool = False
    """The problem is that its drive is not there."""

    @property
    def newest(self) -> Backup | None:
        """The backup that a restore would take."""
        return newest_usable(self.catalog.backups)

    @property
    def trouble(self) -> str:
        """Why there is no newest one; empty where there is."""
        if self.problem or self.newest is not None:
            return self.problem
        return _("no backup can be used") if self.catalog.backups else _("there is no backup")


async def look_at(plan: Plan, set_id: str, reach: Reach, patience: float = PATIENCE) -> SetLook:
    """Look at a set for at most `patience` seconds."""
    node = plan.backup_sets[set_id].on
    try:
        async with asyncio.timeout(patience):
            return SetLook(set_id, await read_catalog(plan, set_id, await reach.shell(node)))
    except TimeoutError:
        return SetLook(set_id, problem=silent(plan, set_id))
    except SparkdrError as problem:
        unmounted = isinstance(problem, NotMounted)
        return SetLook(set_id, problem=problem.message, hint=problem.hint, unmounted=unmounted)


async def look_at_all(plan: Plan, sets: Iterable[str], patience: float = PATIENCE) -> dict[str, SetLook]:
    """Look at several sets side by side."""
    reach = Reach(plan)
    try:
        found = await asyncio.gather(*(look_at(plan, name, reach, patience) for name in sets))
    finally:
        await reach.close()
    return {each.set: each for each in found}


def silent(plan: Plan, set_id: str) -> str:
    """What is said of a node that does not answer."""
    return _("{node} did not answer in time").format(node=plan.backup_sets[set_id].on)
