"""Looks after one log file in a thread of its own: takes in what was added, searches, tells. Draws nothing."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from sparkdr_tui.errors import SparkdrError
from sparkdr_tui.record.logfile import LogFile

Kind = Literal["next", "previous", "error"]


@dataclass(frozen=True, slots=True)
class Sought:
    """What a search found: the line, or None."""

    kind: Kind
    needle: str
    line: int | None


Tell = Callable[[LogFile, Sought | SparkdrError | None], object]
"""Called on the watch's thread: the file has grown (None), a search has ended, or the file cannot be read."""


class LogWatch:
    """Looks at most ten times a second, and only while there is a file."""

    EVERY = 0.1

    def __init__(self, file: LogFile, tell: Tell) -> None:
        self._file, self._tell = file, tell
        self._wake = threading.Event()
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self._wanted: tuple[Kind, str, int] | None = None
        self._thread = threading.Thread(target=self._work, name="log-watch", daemon=True)

    def start(self) -> None:
        """Begin to look."""
        self._thread.start()

    def stop(self) -> None:
        """Look no more; the file is let go of once the thread has ended."""
        self._stop.set()
        self._wake.set()

    def seek(self, kind: Kind, needle: str, line: int) -> None:
        """Search from a line on; a search that is under way is given up for this one."""
        with self._lock:
            self._wanted = (kind, needle, line)
        self._wake.set()

    def _work(self) -> None:
        first = True
        try:
            while not self._stop.is_set():
                if self._file.refresh() or first:
                    self._tell(self._file, None)
                first = False
                self._search()
                self._wake.wait(self.EVERY)
                self._wake.clear()
        except SparkdrError as problem:
            self._tell(self._file, problem)
        finally:
            self._file.close()

    def _search(self) -> None:
        with self._lock:
            wanted, self._wanted = self._wanted, None
        if wanted is None:
            return
        kind, needle, line = wanted
        if kind == "error":
            found = self._file.find_error(line, self._given_up)
        elif kind == "next":
            found = self._file.find_next(needle, line, self._given_up)
        else:
            found = self._file.find_previous(needle, line, self._given_up)
        if not self._given_up():
            self._tell(self._file, Sought(kind, needle, found))

    def _given_up(self) -> bool:
        return self._stop.is_set() or self._wanted is not None
