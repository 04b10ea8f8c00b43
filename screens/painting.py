"""Lines of cells: pieces of text with the name of an ink, cut and padded by cells, never by characters.

Pure functions over data; which colour an ink has is the theme's business, where a line is drawn a widget's.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import NamedTuple

from rich.cells import cell_len, get_character_cell_size

from sparkdr_tui.text import sanitize

_SPARKS = "▁▂▃▄▅▆▇█"


class Ink(NamedTuple):
    """A piece of text and the name of its ink; `theme.inks` gives each name its colour."""

    text: str
    name: str = "plain"


Piece = str | Ink


@dataclass(frozen=True, slots=True)
class Line:
    """One line; `item` is what a click on it means, `head` marks the line that the cursor lights."""

    pieces: tuple[Ink, ...] = ()
    item: str = ""
    head: bool = False

    @property
    def text(self) -> str:
        """The line without its inks."""
        return "".join(piece.text for piece in self.pieces)

    @property
    def cells(self) -> int:
        """How wide it is."""
        return sum(cell_len(piece.text) for piece in self.pieces)


def line(*pieces: Piece | Iterable[Piece], item: str = "", head: bool = False) -> Line:
    """A line of pieces; a plain string takes the plain ink, an iterable of pieces is laid out in its place."""
    flat = chain.from_iterable([each] if isinstance(each, str | Ink) else each for each in pieces)
    return Line(tuple(Ink(each) if isinstance(each, str) else each for each in flat), item, head)


def harmless(text: str) -> str:
    """The text as one line that no terminal could take for a command."""
    return text if text.isprintable() else sanitize(text).replace("\n", " ").replace("\t", " ")


def cut(text: str, width: int) -> str:
    """The text in at most `width` cells; what is lost is shown by an ellipsis."""
    if cell_len(text) <= width:
        return text
    kept, used = [], 0
    for letter in text:
        used += get_character_cell_size(letter)
        if used > width - 1:
            break
        kept.append(letter)
    return "".join(kept).rstrip(" …") + "…" if width > 0 else ""


def fit(text: str, width: int, align: str = "left") -> str:
    """The text in exactly `width` cells."""
    shown = cut(text, width)
    blank = " " * max(0, width - cell_len(shown))
    return blank + shown if align == "right" else shown + blank


def cut_line(whole: Line, width: int) -> Line:
    """The line in at most `width` cells."""
    if whole.cells <= width:
        return whole
    kept: list[Ink] = []
    left = width
    for piece in whole.pieces:
        size = cell_len(piece.text)
        if size >= left:
            kept.append(Ink(cut(piece.text + " " * (left + 1 - size), left), piece.name))
            break
        kept.append(piece)
        left -= size
    return replace(whole, pieces=tuple(kept))


def spread(start: Line, end: Line, width: int, filler: Ink | None = None) -> Line:
    """`start` at the left and `end` at the right; where both have no room, `start` is cut, at last `end` is left out.

    `filler` is drawn between them instead of blanks.
    """
    room = width - end.cells - 1
    if room < min(12, start.cells):
        return cut_line(start, width)
    start = cut_line(start, room)
    gap = width - start.cells - end.cells
    if filler is None or gap < 3:
        between = Ink(" " * gap)
        return replace(start, pieces=(*start.pieces, between, *end.pieces))
    between = Ink(" " + filler.text * (gap - 2) + " ", filler.name)
    return replace(start, pieces=(*start.pieces, between, *end.pieces))


def wrap(text: str, width: int) -> list[str]:
    """The text in lines of at most `width` cells, broken between words, within words where there is no other way."""
    width = max(width, 4)
    found: list[str] = []
    for paragraph in text.splitlines() or [""]:
        current = ""
        for word in paragraph.split():
            joined = f"{current} {word}" if current else word
            if cell_len(joined) <= width:
                current = joined
                continue
            if current:
                found.append(current)
            *full, current = chunks(word, width)
            found.extend(full)
        found.append(current)
    return found


def chunks(text: str, width: int) -> list[str]:
    """The text cut into pieces of at most `width` cells; at least one."""
    parts, part, used = [], "", 0
    for letter in text:
        size = get_character_cell_size(letter)
        if used + size > width:
            parts.append(part)
            part, used = "", 0
        part, used = part + letter, used + size
    return [*parts, part]


def paragraph(
    text: str, width: int, ink: str = "plain", indent: int = 0, first: Piece = "", item: str = ""
) -> list[Line]:
    """The text as lines indented by `indent` cells; `first` stands in the indentation of the first line."""
    lead = Ink(first) if isinstance(first, str) else first
    blank = Ink(" " * indent)
    head = Ink(fit(lead.text, indent), lead.name)
    return [
        line(blank if at else head, Ink(part, ink), item=item) for at, part in enumerate(wrap(text, width - indent))
    ]


def flow(parts: Iterable[Sequence[Ink]], width: int, indent: int = 2, gap: int = 3) -> list[Line]:
    """Parts side by side, in as many lines as they need; none is broken."""
    rows: list[list[Ink]] = []
    used = 0
    for part in parts:
        size = line(part).cells
        if not rows or used + gap + size > width:
            rows.append([Ink(" " * indent), *part])
            used = indent + size
        else:
            rows[-1] += [Ink(" " * gap), *part]
            used += gap + size
    return [line(row) for row in rows]


def gauge(share: float, width: int, ink: str = "live") -> tuple[Ink, Ink]:
    """A bar of `width` cells of which `share` (0 to 1) is full, to half a cell. The rest is thin: monochrome, too."""
    halves = round(max(0.0, min(1.0, share)) * width * 2)
    full = "━" * (halves // 2) + ("╸" if halves % 2 else "")
    return Ink(full, ink), Ink("─" * (width - len(full)), "edge")


def sparkline(values: Sequence[float | None], width: int = 4) -> str:
    """The last `width` values as blocks, a gap where there was none; what is near the usual stays low."""
    recent = list(values)[-width:]
    known = sorted(value for value in values if value is not None)
    if not known:
        return " " * width
    usual = known[len(known) // 2]
    top = max(known[-1], usual * 4, 0.004)
    shown = "".join("·" if v is None else _SPARKS[min(7, int(v / top * 8))] for v in recent)
    return shown.rjust(width)
