"""The log files of a run's steps. The writing end appends masked, sanitised lines; reading ends are in `logfile.py`."""

from __future__ import annotations

import hashlib
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path

from sparkdr_tui.errors import SparkdrError
from sparkdr_tui.language import _
from sparkdr_tui.record.modes import settle

TIMES = ".times"
"""Suffix of the sidecar: lines "<byte offset> <unix time>", at most one per second."""
_TAIL_BYTES = 1 << 16


class LogWriter:
    """Appends whole lines to the log of one attempt, and to its sidecar when they came."""

    def __init__(self, path: Path, clock: Callable[[], float] = time.time) -> None:
        self.path = path
        self.size = 0
        self._clock = clock
        self._digest = hashlib.sha256()
        self._tail: deque[bytes] = deque()
        self._tail_size = 0
        self._stamped = -1
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file = path.open("wb", buffering=0)
            self._times = path.with_name(path.name + TIMES).open("wb", buffering=0)
            for file in (self._file, self._times):
                settle(file.fileno(), path.parent)
        except OSError as problem:
            raise self._cannot(problem) from problem

    @property
    def sha256(self) -> str:
        """Of everything written so far, hex."""
        return self._digest.hexdigest()

    def write(self, lines: bytes) -> None:
        """Append; raises `SparkdrError` when the disk does not take it."""
        if not lines:
            return
        try:
            self._stamp()
            view = memoryview(lines)
            while view:
                view = view[self._file.write(view) :]
        except OSError as problem:
            raise self._cannot(problem) from problem
        self.size += len(lines)
        self._digest.update(lines)
        self._remember(lines)

    def tail(self, count: int) -> tuple[str, ...]:
        """The last lines, at most `count`."""
        text = b"".join(self._tail).decode(errors="replace")
        return tuple(text.split("\n")[:-1] if text.endswith("\n") else text.split("\n"))[-count:] if text else ()

    def close(self) -> None:
        """Let go of the files."""
        self._file.close()
        self._times.close()

    def _stamp(self) -> None:
        now = int(self._clock())
        if now != self._stamped:
            self._times.write(f"{self.size} {now}\n".encode())
            self._stamped = now

    def _remember(self, lines: bytes) -> None:
        self._tail.append(lines[-_TAIL_BYTES:])
        self._tail_size += len(self._tail[-1])
        while self._tail_size - len(self._tail[0]) > _TAIL_BYTES:
            self._tail_size -= len(self._tail.popleft())

    def _cannot(self, problem: OSError) -> SparkdrError:
        why = problem.strerror or str(problem)
        return SparkdrError(_("The log {path} cannot be written: {why}.").format(path=self.path, why=why))
