"""A step's log for whoever looks at it: any line of a growing file of any size, without holding it. Only reads.

`refresh`, `look_back` and the searches may run in another thread than the one that reads lines.
"""

from __future__ import annotations

import os
import re
from array import array
from bisect import bisect_right
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from sparkdr_tui.errors import SparkdrError
from sparkdr_tui.language import _
from sparkdr_tui.record import lineindex
from sparkdr_tui.record.lineindex import LineIndex
from sparkdr_tui.record.logs import TIMES

LONGEST = 1 << 14
"""Bytes of a line that are shown. The engine's own lines are shorter; anybody's file may have others."""
AT_ONCE = 1 << 26
"""Bytes taken in between two looks at what else there is to do."""
_STRIDE = 1 << 20
_ERROR_WORDS = ("error", "fatal", "panic", "traceback", "failed", "failure", "denied", "not found", "실패", "오류")
_ERRORS = tuple(word.encode() for word in _ERROR_WORDS)
_ERROR = re.compile(rb"(?<![a-z0-9_])(?:" + b"|".join(_ERRORS[:-2]) + b")|" + b"|".join(_ERRORS[-2:]))


def _never() -> bool:
    return False


class LogFile:
    """The lines of one log; those that have ended count. It may be opened before the file is there.

    Opened `at_end`, a big file is known from its last megabyte on at once: line 0 is there, and what `look_back` finds
    before it has negative numbers, so that no line ever changes its number.
    """

    def __init__(self, path: Path, *, at_end: bool = False) -> None:
        self.path = path
        self._fd = -1
        self._at_end = at_end
        self._tail = LineIndex(self._read)
        self._head = LineIndex(self._read)
        self._times_fd = -1
        self._times_read = 0
        self._offsets = array("Q")
        self._times = array("d")

    # -- the file as it is now -------------------------------------------------------------------------

    @property
    def first(self) -> int:
        """The first line that is known; while not all of them are, what stands before the first end is part of one."""
        return -self._head.lines if self.whole else 1

    @property
    def end(self) -> int:
        """The number after that of the last line, as of the last `refresh`."""
        return max(self.first, self._tail.lines)

    @property
    def line_count(self) -> int:
        """How many lines are known, as of the last `refresh`."""
        return self.end - self.first

    @property
    def size(self) -> int:
        """Bytes as of the last `refresh`."""
        return self._tail.end

    @property
    def whole(self) -> bool:
        """Every line is known."""
        return self._head.end == self._tail.begin

    @property
    def looked_back(self) -> float:
        """How much of what stands before line 0 is known, from 0 to 1."""
        return self._head.end / self._tail.begin if self._tail.begin else 1.0

    def refresh(self, at_once: int | None = None) -> int:
        """Take in what was added, no more than about `at_once` bytes; how many lines are new. Reads new bytes only."""
        before = self._tail.lines
        try:
            if self._fd < 0:
                self._open()
            if os.fstat(self._fd).st_size < self.size:
                self._begin_again(0)
            enough = None if at_once is None else self.size + at_once
            while chunk := self._next_of(self._tail):
                self._tail.take(chunk)
                if enough is not None and self.size >= enough:
                    break
            self._refresh_times()
        except FileNotFoundError:
            return 0
        except OSError as problem:
            raise self._unreadable(problem) from problem
        return self._tail.lines - before

    def look_back(self, cancelled: Callable[[], bool] = _never) -> None:
        """Count the lines before line 0, until all are counted or somebody says stop; goes on where it stopped."""
        try:
            while not self.whole and not cancelled():
                chunk = self._next_of(self._head)
                if not chunk:
                    return  # it has become shorter, and `refresh` begins again
                self._head.take(chunk)
        except OSError as problem:
            raise self._unreadable(problem) from problem

    def close(self) -> None:
        """Let go of the files."""
        for fd in (self._fd, self._times_fd):
            if fd >= 0:
                os.close(fd)
        self._fd = self._times_fd = -1

    def _open(self) -> None:
        self._fd = os.open(self.path, os.O_RDONLY)
        size = os.fstat(self._fd).st_size
        if self._at_end and size > 2 * _STRIDE:
            self._begin_again((size - _STRIDE) // lineindex.BLOCK * lineindex.BLOCK)

    def _begin_again(self, begin: int) -> None:
        """The file is new, or shorter than it was: somebody replaced it."""
        self._tail, self._head = LineIndex(self._read, begin), LineIndex(self._read)

    def _next_of(self, index: LineIndex) -> bytes:
        start, end = index.wants()
        return os.pread(self._fd, end - start, start)

    # -- lines -------------------------------------------------------------------------------------------

    def line(self, at: int) -> str:
        """One line; empty where there is none."""
        return next(iter(self.lines(at, at + 1)), "")

    def lines(self, first: int, end: int) -> list[str]:
        """Lines `first` to before `end`, as many of them as there are; of overlong ones the beginning."""
        first, end = max(self.first, first), min(end, self.end)
        if first >= end:
            return []
        start, stop = self._start(first), self._start(end)
        if stop - start <= LONGEST:
            return self._read(start, stop).decode(errors="replace").split("\n")[:-1]
        return [self._beginning(at) for at in range(first, end)]

    def _beginning(self, line: int) -> str:
        start, end = self._start(line), self._start(line + 1) - 1
        text = self._read(start, min(end, start + LONGEST)).decode(errors="replace")
        return text if end - start <= LONGEST else f"{text} … +{end - start - LONGEST:,}"

    def time_at(self, line: int) -> datetime | None:
        """When a line was written, to the second; None where nobody noted it."""
        if not self.first <= line < self.end:
            return None
        at = bisect_right(self._offsets, self._start(line)) - 1
        return datetime.fromtimestamp(self._times[at], UTC) if at >= 0 else None

    # -- searching -----------------------------------------------------------------------------------------

    def find_next(self, needle: str, line: int, cancelled: Callable[[], bool] = _never) -> int | None:
        """The first line from `line` on that contains `needle`, whatever the case of its (Latin) letters."""
        wanted = _wanted(needle)
        return (
            self._first(lambda text, start: text.find(wanted, start), len(wanted), line, cancelled) if wanted else None
        )

    def find_previous(self, needle: str, line: int, cancelled: Callable[[], bool] = _never) -> int | None:
        """The last line up to and with `line` that contains `needle`."""
        wanted = _wanted(needle)
        if not wanted or not self.line_count:
            return None
        end = self._start(max(self.first, min(line + 1, self.end)))
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

    def matching(self, needle: str, start: int) -> tuple[list[int], int]:
        """Where `needle` is, once for each line, in the stride from an offset on; and where the next stride begins."""
        wanted, found, at = _wanted(needle), list[int](), 0
        end = self._start(self.end) if self.line_count else 0
        text = self._read(start, min(end, start + _STRIDE)).lower()
        stop = text.rfind(b"\n") + 1 or len(text)
        while wanted and (at := text.find(wanted, at, stop)) >= 0:
            found.append(start + at)
            at = text.find(b"\n", at, stop)
            if at < 0:
                break
        return found, start + stop

    def offset_after(self, line: int) -> int:
        """Where a line that is known ends."""
        return self._start(line + 1)

    def _first(
        self, find: Callable[[bytes, int], int], overlap: int, line: int, cancelled: Callable[[], bool]
    ) -> int | None:
        """Look through the file in strides. Each begins with the last bytes of the one before, as many as the longest
        match has (`overlap`), so what begins at its first byte was seen, with what stands before it."""
        if not self.first <= line < self.end:
            return None
        start, begin = self._start(line), 0
        end = self._start(self.end)
        while start < end and not cancelled():
            text = self._read(start, min(end, start + _STRIDE)).lower()
            found = find(text, begin)
            if found >= 0:
                return self._line_of(start + found)
            if start + len(text) >= end:
                return None
            start, begin = start + len(text) - overlap, 1
        return None

    # -- from lines to bytes and back ------------------------------------------------------------------------

    def _start(self, line: int) -> int:
        """Where a line begins: behind the end of the one before it."""
        if line > 0:
            return self._tail.offset_of(line) + 1
        before = line + self._head.lines
        return self._head.offset_of(before) + 1 if before else 0

    def _line_of(self, offset: int) -> int:
        if offset >= self._tail.begin:
            return self._tail.ends_before(offset)
        return self._head.ends_before(offset) - self._head.lines

    def _read(self, start: int, end: int) -> bytes:
        try:
            return b"".join(self._pieces(start, end))
        except OSError as problem:
            raise self._unreadable(problem) from problem

    def _pieces(self, start: int, end: int) -> Iterator[bytes]:
        while start < end and (piece := os.pread(self._fd, end - start, start)):
            yield piece
            start += len(piece)

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


def _wanted(needle: str) -> bytes:
    return needle.lower().encode(errors="surrogateescape")
