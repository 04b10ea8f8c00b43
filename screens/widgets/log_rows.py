"""Lines of a log as rows of inked text: time, what is searched for, what speaks of an error. Pure; knows no widget."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from rich.cells import cell_len

from screens.painting import Ink, chunks
from screens.words import time_of_day
from sparkdr_tui.text import sanitize

TIME = 9
"""Cells of the time before each line, with the blank after it."""
TAB = 8
_ALARMING = re.compile(r"(?i)(?<![a-z0-9_])(?:error|fatal|panic|traceback|failed|failure|denied|not found)|실패|오류")
_UNSEEN = re.compile("[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\ufe00-\ufe0f\U000e0100-\U000e01ef]")
"""Letters that are not seen, beside those of the category Cf: joiners of graphemes, fillers, selectors of variants."""


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the screen: a line of the log, or a part of a wrapped one."""

    line: int
    time: Ink
    text: tuple[Ink, ...]


def rows_of(line: int, text: str, at: datetime | None, width: int | None, needle: str) -> list[Row]:
    """The rows of one line, wrapped at `width` cells; not wrapped where it is None."""
    text = visible(text)
    ink = "bad" if _ALARMING.search(text) else "plain"
    parts = [text] if width is None else chunks(text, width)
    stamps = [Ink(f"{time_of_day(at) if at else '':8} ", "dim"), *[Ink(" " * TIME)] * (len(parts) - 1)]
    pieces = in_parts(marked(text, ink, needle), [len(part) for part in parts])
    return [Row(line, stamp, tuple(part)) for stamp, part in zip(stamps, pieces, strict=True)]


def visible(text: str) -> str:
    """The text as one line in which every letter is as wide on any terminal as it is counted here.

    What is not seen is left out (zero-width and joining letters, selectors of variants), Korean that a Mac took apart
    is put together, tabs reach to the next stop.
    """
    if text.isascii() and text.isprintable():
        return text
    text = unicodedata.normalize("NFC", sanitize(text).replace("\n", " "))
    text = _UNSEEN.sub("", text)
    text = "".join(each for each in text if each == "\t" or unicodedata.category(each) not in ("Cf", "Cc", "Cs"))
    return _untabbed(text) if "\t" in text else text


def _untabbed(text: str) -> str:
    found, used = "", 0
    *before, last = text.split("\t")
    for each in before:
        used += cell_len(each)
        blanks = TAB - used % TAB
        found, used = found + each + " " * blanks, used + blanks
    return found + last


def marked(text: str, ink: str, needle: str) -> Sequence[Ink]:
    """The text in pieces, what was searched for in an ink of its own."""
    if not needle:
        return [Ink(text, ink)]
    pieces, at = [], 0
    for found in re.finditer(re.escape(needle), text, re.IGNORECASE):
        pieces += [Ink(text[at : found.start()], ink), Ink(found[0], "match")]
        at = found.end()
    return [*pieces, Ink(text[at:], ink)]


def in_parts(pieces: Sequence[Ink], sizes: Sequence[int]) -> list[list[Ink]]:
    """The pieces cut anew into parts of so many letters; what goes on in the next part keeps its ink."""
    parts: list[list[Ink]] = []
    rest = [each for each in pieces if each.text]
    for size in sizes:
        part: list[Ink] = []
        while size and rest:
            piece = rest.pop(0)
            if len(piece.text) > size:
                rest.insert(0, Ink(piece.text[size:], piece.name))
                piece = Ink(piece.text[:size], piece.name)
            part.append(piece)
            size -= len(piece.text)
        parts.append(part)
    return parts
