"""What a report is made of, whoever renders it: sections of tables, lists, excerpts, charts. Texts are plain."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from sparkdr_tui.report.marks import Mark

Tone = Literal["plain", "good", "bad", "warn", "dim"]
_TONES: dict[str, Tone] = {"green": "good", "red": "bad", "yellow": "warn", "bright_black": "dim"}


@dataclass(frozen=True, slots=True)
class Cell:
    """A few words; `log` makes them a link to a file of the run's folder."""

    text: str
    tone: Tone = "plain"
    code: bool = False
    log: str | None = None
    more: str = ""
    """Said less loudly after the text."""


@dataclass(frozen=True, slots=True)
class Column:
    """What a column holds; numbers stand to the right."""

    title: str
    number: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of cells; columns that are empty everywhere are left out."""

    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]

    def kept(self) -> tuple[int, ...]:
        """The columns that say something."""
        return tuple(at for at in range(len(self.columns)) if any(row[at].text for row in self.rows))


@dataclass(frozen=True, slots=True)
class Facts:
    """Names, and what is to be said of each."""

    pairs: tuple[tuple[str, tuple[Cell, ...]], ...]


@dataclass(frozen=True, slots=True)
class Says:
    """A paragraph."""

    text: str


@dataclass(frozen=True, slots=True)
class Items:
    """A list."""

    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Excerpt:
    """Lines exactly as they are."""

    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Part:
    """A heading inside a section, and what stands under it."""

    title: Cell
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Chart:
    """A picture, for whoever can draw one; what it shows is in a table too."""

    name: Literal["course", "trend"]


Block = Table | Facts | Says | Items | Excerpt | Part | Chart


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the report; `name` is the same in every language."""

    name: str
    title: str
    blocks: tuple[Block, ...]


def marked(mark: Mark, more: str = "") -> Cell:
    """A state, with its glyph and word."""
    return Cell(f"{mark.glyph} {mark.word}", tone(mark), more=more)


def tone(mark: Mark) -> Tone:
    """How loudly a state is said."""
    return _TONES.get(mark.colour, "plain")


def table(columns: Iterable[str | Column], rows: Iterable[tuple[Cell | str, ...]]) -> tuple[Table, ...]:
    """A table, or nothing where it would have no rows."""
    found = tuple(tuple(cell if isinstance(cell, Cell) else Cell(cell) for cell in row) for row in rows)
    if not found:
        return ()
    return (Table(tuple(each if isinstance(each, Column) else Column(each) for each in columns), found),)
