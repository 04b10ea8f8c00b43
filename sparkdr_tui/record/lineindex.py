"""Where the lines of a stretch of a file end, without holding it: two numbers for every 64 KiB. Opens nothing."""

from __future__ import annotations

import re
from array import array
from bisect import bisect_left
from collections.abc import Callable

BLOCK = 1 << 16
"""The index knows how many lines end before each block of so many bytes: 16,000 numbers for a gigabyte."""

Read = Callable[[int, int], bytes]
"""The bytes of the file from an offset to before another."""


class LineIndex:
    """The line ends of the bytes from `begin`, which is the beginning of a block, to `end`; it grows at its end.

    It may grow in another thread than the one that asks it: what was counted once stays as it is.
    """

    def __init__(self, read: Read, begin: int = 0) -> None:
        self.begin = self.end = begin
        self.lines = 0
        """How many lines end in it."""
        self._read = read
        self._before = array("Q", [0])
        """Line ends before the beginning of each block; the last block may still grow."""
        self._in_block: tuple[int, int, list[int]] = (-1, -1, [])

    def wants(self) -> tuple[int, int]:
        """Which bytes it takes next: to the end of the block that may still grow."""
        return self.end, self.end + BLOCK - self.end % BLOCK

    def take(self, piece: bytes) -> None:
        """Take in what `wants` asked for, or as much of it as there is."""
        self.end += len(piece)
        lines = self.lines + piece.count(b"\n")
        if self.end % BLOCK == 0:
            self._before.append(lines)
        self.lines = lines

    def offset_of(self, number: int) -> int:
        """Where the line end of this number is, from 1."""
        block = bisect_left(self._before, number) - 1
        return self._ends_in(block)[number - self._before[block] - 1]

    def ends_before(self, offset: int) -> int:
        """How many lines end before an offset within it."""
        block = (offset - self.begin) // BLOCK
        return self._before[block] + bisect_left(self._ends_in(block), offset)

    def _ends_in(self, block: int) -> list[int]:
        """Offsets of the line ends in a block; the last one asked for is remembered."""
        start = self.begin + block * BLOCK
        end = min(start + BLOCK, self.end)
        known = self._in_block
        if known[:2] != (block, end):
            found = [start + match.start() for match in re.finditer(b"\n", self._read(start, end))]
            self._in_block = known = (block, end, found)
        return known[2]
