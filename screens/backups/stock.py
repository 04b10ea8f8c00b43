"""What is known of the backup sets: looks at them on the lookout's loop, and keeps what it last saw. Draws nothing.

It outlives the screen, so that a set that can no longer be seen is shown as it was, with the time.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from rich.cells import cell_len

from screens.situation import TopologySource
from sparkdr_tui.backups.catalog import Backup, Catalog, changes
from sparkdr_tui.backups.looking import SetLook, look_at
from sparkdr_tui.backups.offsite import Second, second_of
from sparkdr_tui.backups.retention import Fate, fates
from sparkdr_tui.errors import SparkdrError
from sparkdr_tui.plan.runbook import Plan
from sparkdr_tui.record.attempts import Attempts, attempts
from sparkdr_tui.record.pins import pins


@dataclass(frozen=True, slots=True)
class Shelf:
    """The backups of a set as they were last seen, with what was worked out about them then."""

    catalog: Catalog = field(default_factory=Catalog)
    at: datetime | None = None
    """None: never seen."""
    newest: Backup | None = None
    """What a restore would take."""
    paths: tuple[str, ...] = ()
    by_path: Mapping[str, Backup] = field(default_factory=dict)
    grown: Mapping[str, int] = field(default_factory=dict)
    fates: Mapping[str, Fate] = field(default_factory=dict)
    """By name; empty where nobody knows what unfinished runs use."""
    wide: int = 0
    """Cells of the widest name."""
    bad: int = 0
    """Backups that are of no use."""
    size: int = 0
    """Bytes of all of them."""


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a set; `problem` is why the latest look did not see it."""

    set: str
    shelf: Shelf = field(default_factory=Shelf)
    problem: str = ""
    hint: str = ""
    second: Second | None = None
    looking: bool = False

    @property
    def newest(self) -> Backup | None:
        """The backup that a restore would take, as it was last seen."""
        return self.shelf.newest


class Stock:
    """Looks at each set by itself, at most once a minute unless told to look again; may be asked from any thread."""

    FRESH = timedelta(seconds=60)

    def __init__(self, state_folder: Path, lookout: TopologySource) -> None:
        self._state_folder, self._lookout = state_folder, lookout
        self._lock = threading.Lock()
        self._sets: dict[str, Known] = {}
        self._journals: Mapping[str, Attempts] = {}
        self._asked: dict[str, datetime] = {}
        self._tell: Callable[[], object] | None = None
        self.chosen = ""
        """The set that was under the cursor last."""
        self.seen_after: tuple[str, datetime] | None = None
        """The run, and when it ended, after which everything was looked at."""
        self.looked_at: datetime | None = None
        """When the latest look at everything began."""

    def listen(self, tell: Callable[[], object] | None) -> None:
        """Have this told of everything new, on another thread; None: nobody."""
        self._tell = tell

    def known(self, set_id: str) -> Known:
        """What is known of a set."""
        return self._sets.get(set_id) or Known(set_id)

    def attempts(self, set_id: str) -> Attempts:
        """What the journals tell of a set."""
        return self._journals.get(set_id) or Attempts()

    @property
    def looking(self) -> tuple[str, ...]:
        """The sets that are being looked at."""
        return tuple(name for name, each in list(self._sets.items()) if each.looking)

    # -- looking -------------------------------------------------------------------------------------

    def look(self, plan: Plan, now: datetime, *, again: bool = False) -> None:
        """Look at every set that nobody has looked at for a while, or `again` at all of them."""
        wanted = [name for name in plan.backup_sets if again or self._stale(name, now)]
        wanted = [name for name in wanted if not self.known(name).looking]
        if not wanted:
            return
        self.looked_at = now
        for name in wanted:
            self._asked[name] = now
            self.learn(name, looking=True)
        self._lookout.run(self._read_journals(plan)).add_done_callback(self._journals_read)
        for name in wanted:
            future = self._lookout.run(_seen(plan, name, self._state_folder, now))
            future.add_done_callback(partial(self._listed, name))
            if plan.backup_sets[name].copy_to is not None:
                self._lookout.run(_copied(plan, name)).add_done_callback(partial(self._copied, name))

    def _stale(self, name: str, now: datetime) -> bool:
        asked = self._asked.get(name)
        return asked is None or now - asked >= self.FRESH

    def _read_journals(self, plan: Plan) -> Callable[[Any], Any]:
        async def read(_reach: Any) -> Mapping[str, Attempts]:
            return await asyncio.to_thread(attempts, plan, self._state_folder)

        return read

    # -- what came of it, on the lookout's thread ----------------------------------------------------

    def _journals_read(self, future: Future[Mapping[str, Attempts]]) -> None:
        if not future.cancelled() and future.exception() is None:
            self._journals = future.result()
            self._say()

    def _listed(self, name: str, future: Future[tuple[SetLook, Shelf]]) -> None:
        if future.cancelled():
            return
        if (failed := future.exception()) is not None:
            self.learn(name, looking=False, problem=said(failed), hint="")
            return
        look, shelf = future.result()
        more = {} if look.problem else {"shelf": shelf}
        self.learn(name, looking=False, problem=look.problem, hint=look.hint, **more)

    def _copied(self, name: str, future: Future[Second | None]) -> None:
        if not future.cancelled() and future.exception() is None:
            self.learn(name, second=future.result())

    def learn(self, name: str, **news: Any) -> None:
        """Know this of a set from now on: fields of `Known`."""
        with self._lock:
            self._sets[name] = replace(self.known(name), **news)
        self._say()

    def _say(self) -> None:
        if (tell := self._tell) is not None:
            tell()


def said(problem: BaseException) -> str:
    """What is said of something that went wrong while looking."""
    return problem.message if isinstance(problem, SparkdrError) else f"{type(problem).__name__}: {problem}"


def _seen(plan: Plan, name: str, state_folder: Path, now: datetime) -> Callable[[Any], Any]:
    async def look(reach: Any) -> tuple[SetLook, Shelf]:
        found = await look_at(plan, name, reach)
        return found, await asyncio.to_thread(shelved, plan, found, state_folder, now)

    return look


def _copied(plan: Plan, name: str) -> Callable[[Any], Any]:
    async def look(reach: Any) -> Second | None:
        return await second_of(plan, name, reach)

    return look


def shelved(plan: Plan, look: SetLook, state_folder: Path, now: datetime) -> Shelf:
    """A look at a set, with what follows from it; this reads journals, and takes a moment for thousands of backups."""
    backups = look.catalog.backups
    try:
        pinned = pins(state_folder, now).get(look.set, {})
        destined = {each.name: each for each in fates(look.catalog, plan.backup_sets[look.set].keep, now, pinned)}
    except SparkdrError:
        destined = {}
    return Shelf(
        catalog=look.catalog,
        at=now,
        newest=look.newest,
        paths=tuple(each.path for each in backups),
        by_path={each.path: each for each in backups},
        grown=changes(backups),
        fates=destined,
        wide=max((cell_len(each.name) for each in backups), default=0),
        bad=sum(not each.usable for each in backups),
        size=sum(each.size for each in backups if each.exists),
    )
