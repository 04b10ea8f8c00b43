"""A step's log for whoever looks at it: any line of a growing file of any size, without holding it. Only reads.

`refresh` and the searches may run in another thread than the one that reads lines.
"""

from __future__ import annotations

import os
import re
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from sparkdr_tui.errors import SparkdrError
from sparkdr_tui.language import _
from sparkdr_tui.record.logs import TIMES

BLOCK = 1 << 16
"""The index knows how many lines end before each block of so many bytes: 16,000 numbers for a gigabyte."""
_STRIDE = 1 << 20
_ERROR_WORDS = ("error", "fatal", "panic", "traceback", "failed", "failure", "denied", "not found", "실패", "오류")
_ERRORS = tuple(word.encode() for word in _ERROR_WORDS)
_ERROR = re.compile(rb"(?<![a-z0-9_])(?:" + b"|".join(_ERRORS[:-2]) + b")|" + b"|".join(_ERRORS[-2:]))


def _never() -> bool:
    return False


class LogFile:
    """The lines of one log; those that have ended count. It may be opened before the file is there."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._fd = -1
        self._size = 0
        self._lines = 0
        self._ends = array("Q", [0])
        """Line ends before the beginning of each block; the last block may still grow."""
        self._in_block: tuple[int, int, list[int]] = (-1, -1, [])
        self._times_fd = -1
        self._times_read = 0
        self._offsets = array("Q")
        self._times = array("d")

    # -- the file as it is now -------------------------------------------------------------------------

    @property
    def line_count(self) -> int:
        """Lines as of the last `refresh`."""
        return self._lines

    @property
    def size(self) -> int:
        """Bytes as of the last `refresh`."""
        return self._size

    def refresh(self) -> int:
        """Take in what was added; how many lines are new. Reads new bytes only."""
        before = self._lines
        try:
            if self._fd < 0:
                self._fd = os.open(self.path, os.O_RDONLY)
            if os.fstat(self._fd).st_size < self._size:
                self._begin_again()
            while chunk := os.pread(self._fd, BLOCK - self._size % BLOCK, self._size):
                self._size += len(chunk)
                lines = self._lines + chunk.count(b"\n")
                if self._size % BLOCK == 0:
                    self._ends.append(lines)
                self._lines = lines
            self._refresh_times()
        except FileNotFoundError:
            return 0
        except OSError as problem:
            raise self._unreadable(problem) from problem
        return self._lines - before

    def close(self) -> None:
        """Let go of the files."""
        for fd in (self._fd, self._times_fd):
            if fd >= 0:
                os.close(fd)
        self._fd = self._times_fd = -1

    # -- lines -------------------------------------------------------------------------------------------

    def line(self, at: int) -> str:
        """One line, from 0; empty where there is none."""
        return next(iter(self.lines(at, at + 1)), "")

    def lines(self, first: int, end: int) -> list[str]:
        """Lines `first` to before `end`, as many of them as there are."""
        first, end = max(0, first), min(end, self._lines)
        if first >= end:
            return []
        return self._read(self._start(first), self._start(end)).decode(errors="replace").split("\n")[:-1]

    def time_at(self, line: int) -> datetime | None:
        """When a line was written, to the second; None where nobody noted it."""
        if not 0 <= line < self._lines:
            return None
        at = bisect_right(self._offsets, self._start(line)) - 1
        return datetime.fromtimestamp(self._times[at], UTC) if at >= 0 else None

    # -- searching -----------------------------------------------------------------------------------------

    def find_next(self, needle: str, line: int, cancelled: Callable[[], bool] = _never) -> int | None:
        """The first line from `line` on that contains `needle`, whatever the case of its (Latin) letters."""
        wanted = needle.lower().encode(errors="surrogateescape")
        return (
            self._first(lambda text, start: text.find(wanted, start), len(wanted), line, cancelled) if wanted else None
        )

    def find_previous(self, needle: str, line: int, cancelled: Callable[[], bool] = _never) -> int | None:
        """The last line up to and with `line` that contains `needle`."""
        wanted = needle.lower().encode(errors="surrogateescape")
        if not wanted or not self._lines:
            return None
        end = self._start(max(0, min(line + 1, self._lines)))
        while end > 0 and not cancelled():
            start = max(0, end - _STRIDE)
            found = self._read(start, end).lower().rfind(wanted)
            if found >= 0:
                return self._line_of(start + found)
            end = start + len(wanted) - 1 if start else 0
        return None

    def find_error(self, line: int = 0, cancelled: Callable[[], bool] = _never) -> int | None:
        """The first line from `line` on that speaks of an error."""

        def find(text: bytes, start: int) -> int:
            if not any(word in text for word in _ERRORS):
                return -1
            found = _ERROR.search(text, start)
            return found.start() if found else -1

        return self._first(find, max(map(len, _ERRORS)), line, cancelled)

    def _first(
        self, find: Callable[[bytes, int], int], overlap: int, line: int, cancelled: Callable[[], bool]
    ) -> int | None:
        """Look through the file in strides. Each begins with the last bytes of the one before, as many as the longest
        match has (`overlap`), so what begins at its first byte was seen, with what stands before it."""
        if not 0 <= line < self._lines:
            return None
        start, begin = self._start(line), 0
        end = self._start(self._lines)
        while start < end and not cancelled():
            text = self._read(start, min(end, start + _STRIDE)).lower()
            found = find(text, begin)
            if found >= 0:
                return self._line_of(start + found)
            if start + len(text) >= end:
                return None
            start, begin = start + len(text) - overlap, 1
        return None

    # -- the index -----------------------------------------------------------------------------------------

    def _start(self, line: int) -> int:
        """Where a line begins: behind the end of the one before it."""
        if line == 0:
            return 0
        block = bisect_left(self._ends, line) - 1
        return self._line_ends(block)[line - self._ends[block] - 1] + 1

    def _line_of(self, offset: int) -> int:
        block = offset // BLOCK
        return self._ends[block] + bisect_left(self._line_ends(block), offset)

    def _line_ends(self, block: int) -> list[int]:
        """Offsets of the line ends in a block; the last one asked for is remembered."""
        start, end = block * BLOCK, min((block + 1) * BLOCK, self._size)
        known = self._in_block
        if known[:2] != (block, end):
            found = [start + match.start() for match in re.finditer(b"\n", self._read(start, end))]
            self._in_block = known = (block, end, found)
        return known[2]

    def _read(self, start: int, end: int) -> bytes:
        try:
            return b"".join(self._pieces(start, end))
        except OSError as problem:
            raise self._unreadable(problem) from problem

    def _pieces(self, start: int, end: int) -> Iterator[bytes]:
        while start < end and (piece := os.pread(self._fd, end - start, start)):
            yield piece
            start += len(piece)

    def _begin_again(self) -> None:
        """The file is shorter than it was: somebody replaced it."""
        self._ends = array("Q", [0])
        self._in_block = (-1, -1, [])
        self._size = self._lines = 0

    def _refresh_times(self) -> None:
        if self._times_fd < 0:
            try:
                self._times_fd = os.open(self.path.with_name(self.path.name + TIMES), os.O_RDONLY)
            except FileNotFoundError:
                return
        data = b"".join(iter(lambda: self._more_times(), b""))
        self._times_read -= len(data) - (data.rfind(b"\n") + 1)
        for line in data[: data.rfind(b"\n") + 1].splitlines():
            offset, _space, when = line.partition(b" ")
            if offset.isdigit() and when.isdigit() and (not self._offsets or int(offset) >= self._offsets[-1]):
                self._times.append(int(when))
                self._offsets.append(int(offset))

    def _more_times(self) -> bytes:
        data = os.pread(self._times_fd, _STRIDE, self._times_read)
        self._times_read += len(data)
        return data

    def _unreadable(self, problem: OSError) -> SparkdrError:
        why = problem.strerror or str(problem)
        return SparkdrError(_("The log {path} cannot be read: {why}.").format(path=self.path, why=why))
