"""Columns of a table: which of them have room, how wide each is, and a row of cells laid out in them. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rich.cells import cell_len

from screens.painting import Ink, Line, cut_line, line

GAP = 2
Cell = Ink | tuple[Ink, ...]


@dataclass(frozen=True, slots=True)
class Column:
    """A column as wide as it would be, and as narrow as it may be; those of the lowest `worth` give way first."""

    head: str
    width: int
    worth: int
    least: int = 0
    """0: as its width."""
    right: bool = False

    @property
    def narrowest(self) -> int:
        """Cells that it needs."""
        return self.least or self.width


@dataclass(frozen=True, slots=True)
class Layout:
    """The columns that have room: where each is among all of them, how wide it is, whether it stands at the right."""

    places: tuple[tuple[int, int, bool], ...]
    heads: tuple[str, ...]

    def first(self, count: int) -> Layout:
        """Only those of the first `count` columns."""
        return Layout(tuple(each for each in self.places if each[0] < count), self.heads)

    def width_of(self, place: int) -> int:
        """Cells of a column; 0 where it has no room."""
        return next((width for at, width, _right in self.places if at == place), 0)

    def head(self) -> Line:
        """The names of the columns."""
        return self.row([Ink(head, "dim") for head in self.heads])

    def row(self, cells: Sequence[Cell], item: str = "") -> Line:
        """A row of cells; one that is too wide is cut."""
        pieces: list[Ink] = []
        for at, (place, width, right) in enumerate(self.places):
            if at:
                pieces.append(Ink(" " * GAP))
            cell = cells[place]
            drawn = cut_line(line(cell if isinstance(cell, tuple) else (cell,)), width)
            blank = Ink(" " * (width - drawn.cells))
            pieces += [blank, *drawn.pieces] if right else [*drawn.pieces, blank]
        return line(pieces, item=item, head=bool(item))


def lay_out(columns: Sequence[Column], width: int) -> Layout:
    """The columns that fit into `width` cells; what room is left goes to those that were made narrow, from the left."""
    kept = list(range(len(columns)))
    while len(kept) > 1 and _total(columns[at].narrowest for at in kept) > width:
        kept.remove(min(kept, key=lambda at: columns[at].worth))
    wide = {at: columns[at].narrowest for at in kept}
    left = width - _total(wide.values())
    for at in kept:
        more = max(0, min(left, columns[at].width - wide[at]))
        wide[at] += more
        left -= more
    return Layout(tuple((at, wide[at], columns[at].right) for at in kept), tuple(each.head for each in columns))


def widest(texts: Iterable[str], most: int = 1000) -> int:
    """Cells of the widest of some texts."""
    return min(most, max((cell_len(each) for each in texts), default=0))


def _total(widths: Iterable[int]) -> int:
    found = list(widths)
    return sum(found) + GAP * (len(found) - 1)
