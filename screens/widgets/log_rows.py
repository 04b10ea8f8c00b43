"""Lines of a log as rows of inked text: time, what is searched for, what speaks of an error. Pure; knows no widget."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from screens.painting import Ink, chunks, harmless
from screens.words import time_of_day

TIME = 9
"""Cells of the time before each line, with the blank after it."""
_ALARMING = re.compile(r"(?i)(?<![a-z0-9_])(?:error|fatal|panic|traceback|failed|failure|denied|not found)|실패|오류")


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the screen: a line of the log, or a part of a wrapped one."""

    line: int
    time: Ink
    text: tuple[Ink, ...]


def rows_of(line: int, text: str, at: datetime | None, width: int | None, needle: str) -> list[Row]:
    """The rows of one line, wrapped at `width` cells; not wrapped where it is None."""
    text = harmless(text)
    ink = "bad" if _ALARMING.search(text) else "plain"
    parts = [text] if width is None else chunks(text, width)
    stamps = [Ink(f"{time_of_day(at) if at else '':8} ", "dim"), *[Ink(" " * TIME)] * (len(parts) - 1)]
    return [Row(line, stamp, tuple(marked(part, ink, needle))) for stamp, part in zip(stamps, parts, strict=True)]


def marked(text: str, ink: str, needle: str) -> Sequence[Ink]:
    """The text in pieces, what was searched for in an ink of its own."""
    if not needle:
        return [Ink(text, ink)]
    pieces, at = [], 0
    for found in re.finditer(re.escape(needle), text, re.IGNORECASE):
        pieces += [Ink(text[at : found.start()], ink), Ink(found[0], "match")]
        at = found.end()
    return [*pieces, Ink(text[at:], ink)]
