"""Looks at the backups of a set, on the lookout's loop, and tells on the app's. Needs no secret and changes nothing."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from screens.situation import TopologySource
from screens.widgets.meaning import Found
from sparkdr_tui.backups.catalog import Backup, list_backups, newest_usable
from sparkdr_tui.errors import SparkdrError
from sparkdr_tui.plan.runbook import Plan


@dataclass(frozen=True, slots=True)
class Looked:
    """What was found in a set."""

    set: str
    backups: tuple[Backup, ...] = ()
    problem: str = ""

    @property
    def best(self) -> Found:
        """The backup that would be used."""
        if self.problem:
            return Found(problem=self.problem)
        return Found(newest_usable(self.backups))


class Looks:
    """Remembers for a while what it found; one look at a set at a time."""

    FRESH = timedelta(seconds=60)

    def __init__(self, plan: Plan, lookout: TopologySource, tell: Callable[[Looked], object]) -> None:
        self._plan, self._lookout, self._tell = plan, lookout, tell
        self._looked: dict[str, datetime] = {}
        self._under_way: set[str] = set()

    def look(self, set_id: str, now: datetime, *, again: bool = False) -> None:
        """Look, unless that was done just now; what is found is told on another thread."""
        known = self._looked.get(set_id)
        if set_id in self._under_way or (known and now - known < self.FRESH and not again):
            return
        self._under_way.add(set_id)
        self._looked[set_id] = now
        future = self._lookout.run(partial(_listed, self._plan, set_id))
        future.add_done_callback(partial(self._done, set_id))

    def _done(self, set_id: str, future: Future[tuple[Backup, ...]]) -> None:
        self._under_way.discard(set_id)
        if future.cancelled():
            return
        problem = future.exception()
        if problem is None:
            self._tell(Looked(set_id, future.result()))
            return
        message = problem.message if isinstance(problem, SparkdrError) else f"{type(problem).__name__}: {problem}"
        self._tell(Looked(set_id, problem=message))


async def _listed(plan: Plan, set_id: str, reach: Any) -> tuple[Backup, ...]:
    return await list_backups(plan, set_id, await reach.shell(plan.backup_sets[set_id].on))
