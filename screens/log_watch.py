"""Looks after one log file in a thread of its own: takes in what was added, searches, counts, tells. Draws nothing."""

from __future__ import annotations

import threading
import time
from array import array
from bisect import bisect_left
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Literal

from sparkdr_tui.errors import SparkdrError
from sparkdr_tui.record.logfile import AT_ONCE, LogFile

Kind = Literal["next", "previous", "error"]


@dataclass(frozen=True, slots=True)
class Sought:
    """What a search found: the line, or None."""

    kind: Kind
    needle: str
    line: int | None


@dataclass(frozen=True, slots=True)
class Tally:
    """How many lines match what is searched for, and the how manieth of them the reader is at (0: not known yet)."""

    needle: str
    total: int
    position: int
    all: bool
    """Every line was looked at."""


News = Sought | Tally | SparkdrError
Tell = Callable[[LogFile, News | None], object]
"""Called on the watch's thread: the file has grown or more of it is known (None), or there is something to say."""


class LogWatch:
    """Tells at most ten times a second, and only while there is a file."""

    EVERY = 0.1

    def __init__(self, file: LogFile, tell: Tell) -> None:
        self._file, self._tell = file, tell
        self._wake = threading.Event()
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self._wanted: tuple[Kind, str, int | None] | None = None
        self._counter: _Counter | None = None
        self._thread = threading.Thread(target=self._work, name="log-watch", daemon=True)

    def start(self) -> None:
        """Begin to look."""
        self._thread.start()

    def stop(self) -> None:
        """Look no more; the file is let go of once the thread has ended."""
        self._stop.set()
        self._wake.set()

    def seek(self, kind: Kind, needle: str, line: int | None) -> None:
        """Search from a line on (None: from the first); a search that is under way is given up for this one."""
        with self._lock:
            self._wanted = (kind, needle, line)
        self._wake.set()

    def _work(self) -> None:
        first = True
        try:
            while not self._stop.is_set():
                if self._file.refresh(AT_ONCE) or first:
                    self._tell(self._file, None)
                first = False
                if not self._look_back():
                    continue  # what is searched for may be anywhere
                self._search()
                self._count()
                self._wake.wait(self.EVERY)
                self._wake.clear()
        except SparkdrError as problem:
            self._tell(self._file, problem)
        finally:
            self._file.close()

    def _look_back(self) -> bool:
        """Count the lines that stand before those that are shown first; whether all are counted."""
        if not self._file.whole:
            due = time.monotonic() + self.EVERY
            self._file.look_back(lambda: self._stop.is_set() or time.monotonic() > due)
            self._tell(self._file, None)
        return self._file.whole

    def _search(self) -> None:
        with self._lock:
            wanted, self._wanted = self._wanted, None
        if wanted is None:
            return
        kind, needle, begin = wanted
        line = self._file.first if begin is None else begin
        if kind == "error":
            found = self._file.find_error(line, self._given_up)
        elif kind == "next":
            found = self._file.find_next(needle, line, self._given_up)
        else:
            found = self._file.find_previous(needle, line, self._given_up)
        if self._given_up():
            return
        self._tell(self._file, Sought(kind, needle, found))
        if kind != "error":
            if self._counter is None or self._counter.needle != needle:
                self._counter = _Counter(self._file, needle)
            self._counter.at = found

    def _count(self) -> None:
        """Count what matches, a slice at a time; what is new in the log counts too."""
        while self._counter is not None and not self._given_up():
            over = self._counter.go_on(partial(self._due, time.monotonic() + self.EVERY))
            if tally := self._counter.news():
                self._tell(self._file, tally)
            if over:
                return

    def _due(self, end: float) -> bool:
        return self._given_up() or time.monotonic() > end

    def _given_up(self) -> bool:
        return self._stop.is_set() or self._wanted is not None


class _Counter:
    """Where a log matches what is searched for: one number for each line that does."""

    ENOUGH = 1_000_000

    def __init__(self, file: LogFile, needle: str) -> None:
        self.needle = needle
        self.at: int | None = None
        """The line that the reader was led to."""
        self._file = file
        self._offsets = array("Q")
        self._seen = 0
        self._all = False
        self._told: Tally | None = None

    def go_on(self, cancelled: Callable[[], bool]) -> bool:
        """Look further; whether there is nothing more to do for now."""
        if self._seen > self._file.size:  # somebody replaced the log
            self._offsets, self._seen = array("Q"), 0
        while len(self._offsets) < self.ENOUGH and not cancelled():
            offsets, seen = self._file.matching(self.needle, self._seen)
            self._all = seen == self._seen
            if self._all:
                return True
            self._offsets.extend(offsets)
            self._seen = seen
        return not cancelled()

    def news(self) -> Tally | None:
        """What is known now, unless that was told."""
        position = 0
        if self.at is not None and self._file.offset_after(self.at) <= self._seen:
            position = bisect_left(self._offsets, self._file.offset_after(self.at))
        tally = Tally(self.needle, len(self._offsets), position, self._all)
        told, self._told = self._told, tally
        return tally if tally != told else None
