"""Looks back at the runs of a state folder in a thread of its own: the list, what became of each, one of them whole.

It never writes and never touches a widget: it tells on its own thread.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from pathlib import Path

from sparkdr_tui.errors import SparkdrError
from sparkdr_tui.record.past import Entry, History, Judged, in_order, judged, stamp
from sparkdr_tui.report.content import Content
from sparkdr_tui.report.making import look_back


@dataclass(frozen=True, slots=True)
class Listed:
    """Every run, or the first few of them while the rest is being read."""

    entries: tuple[Entry, ...]
    whole: bool = True
    problem: str = ""
    """Why nobody can look."""


@dataclass(frozen=True, slots=True)
class Known:
    """What became of some runs, by id."""

    judged: dict[str, Judged]


@dataclass(frozen=True, slots=True)
class Reviewed:
    """One run, looked back at; `problem` where that cannot be."""

    id: str
    content: Content | None = None
    problem: str = ""


Told = Listed | Known | Reviewed


@dataclass(slots=True)
class _Wanted:
    """What the screen waits for; the run under the cursor before everything else."""

    review: tuple[Path, datetime] | None = None
    look: bool = True
    judge: list[tuple[Path, datetime]] = field(default_factory=list)


class PastLooks:
    """One thread for one screen."""

    FIRST = 40
    """So many runs are told at once, before the rest is read."""
    AT_ONCE = 12
    """Runs that are judged before it is told what became of them."""

    def __init__(self, state_folder: Path, locks: Path, tell: Callable[[Told], object]) -> None:
        self._history = History(state_folder, locks)
        self._tell = tell
        self._door = threading.Condition()
        self._wanted = _Wanted()
        self._ended = False
        self._listed: tuple[Entry, ...] = ()
        self._judged: dict[Path, tuple[object, Judged]] = {}
        self._thread = threading.Thread(target=self._work, name="past-looks", daemon=True)

    def start(self) -> None:
        """Begin with the list."""
        self._thread.start()

    def stop(self) -> None:
        """Tell nothing any more."""
        with self._door:
            self._ended = True
            self._door.notify()

    def look(self) -> None:
        """Look at the list again; what did not change since is not told."""
        with self._door:
            self._wanted.look = True
            self._door.notify()

    def judge(self, entries: Sequence[Entry], now: datetime) -> None:
        """Find out what became of these, in this order, instead of those that were asked for before."""
        with self._door:
            self._wanted.judge = [(each.folder, now) for each in entries]
            self._door.notify()

    def review(self, entry: Entry, now: datetime) -> None:
        """Look back at this one as soon as can be."""
        with self._door:
            at = entry.summary.at if entry.interrupted and entry.summary and entry.summary.at else now
            self._wanted.review = (entry.folder, at)
            self._door.notify()

    # -- inside --------------------------------------------------------------------------------------

    def _work(self) -> None:
        while (job := self._next()) is not None:
            job()

    def _next(self) -> Callable[[], None] | None:
        with self._door:
            while not self._ended:
                wanted = self._wanted
                if wanted.look and not self._listed:
                    wanted.look = False
                    return self._look
                if wanted.review is not None:
                    (folder, now), wanted.review = wanted.review, None
                    return lambda: self._review(folder, now)
                if wanted.look:
                    wanted.look = False
                    return self._look
                if wanted.judge:
                    some, wanted.judge = wanted.judge[: self.AT_ONCE], wanted.judge[self.AT_ONCE :]
                    return lambda: self._judge(some)
                self._door.wait()
        return None

    def _look(self) -> None:
        try:
            found = self._history.entries()
            first = [] if self._listed else list(islice(found, self.FIRST))
            if len(first) == self.FIRST:
                self._say(Listed(in_order(first), whole=False))
            listed = in_order([*first, *found])
        except (SparkdrError, OSError) as problem:
            self._say(Listed((), problem=str(problem)))
            return
        if listed != self._listed or not listed:
            self._listed = listed
            self._say(Listed(listed))

    def _judge(self, some: Sequence[tuple[Path, datetime]]) -> None:
        found: dict[str, Judged] = {}
        living = {each.folder for each in self._listed if each.live}  # of those, time alone tells something new
        for folder, now in some:
            mark, known = stamp(folder), self._judged.get(folder)
            if known is None or known[0] != mark or folder in living:
                self._judged[folder] = known = (mark, judged(folder, now))
            found[folder.name] = known[1]
        self._say(Known(found))

    def _review(self, folder: Path, now: datetime) -> None:
        among = [each.summary for each in self._listed if each.summary is not None]
        among.sort(key=lambda each: (each.opened_at, each.id), reverse=True)
        try:
            self._say(Reviewed(folder.name, look_back(folder, among, now)))
        except (SparkdrError, ValueError) as problem:
            self._say(Reviewed(folder.name, problem=getattr(problem, "message", str(problem))))

    def _say(self, news: Told) -> None:
        if not self._ended:
            self._tell(news)
