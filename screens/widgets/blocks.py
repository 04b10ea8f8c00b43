"""The parts of a report as lines of cells: tables whose columns fit, facts, lists, excerpts. Pure; draws no chart."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.cells import cell_len

from screens.painting import Ink, Line, cut, fit, line, paragraph, wrap
from sparkdr_tui.report.blocks import Block, Cell, Chart, Excerpt, Facts, Items, Part, Says, Section, Table

_GAP = 2
_LEAST = 10
"""Cells that a column is made smaller to, before a row is written one cell under the other."""
_NAME = 22


def report_lines(title: str, sections: Sequence[Section], width: int) -> list[Line]:
    """The whole report."""
    found = [line(Ink(cut(title, width), "strong"))]
    for section in sections:
        rule = "─" * max(0, width - cell_len(section.title) - 1)
        found += [line(), line(Ink(cut(section.title, width), "title"), " ", Ink(rule, "edge"))]
        for block in section.blocks:
            found += _block(block, width)
    return found


def _block(block: Block, width: int) -> Iterator[Line]:
    match block:
        case Table():
            yield from table_lines(block, width)
            yield line()
        case Facts(pairs):
            names = min(_NAME, max((cell_len(name) for name, _cells in pairs), default=0)) + _GAP
            for name, cells in pairs:
                for at, cell in enumerate(cells):
                    yield from _said(cell, width, names, Ink("" if at else cut(name, names - 1), "dim"))
        case Says(text):
            yield from paragraph(text, width, "dim")
        case Items(cells):
            for cell in cells:
                yield from _said(cell, width, 2, Ink("· ", "dim"))
        case Excerpt(lines):
            for text in lines:
                yield line(Ink("  │ ", "edge"), Ink(cut(text, width - 4), "dim"))
        case Part(title, blocks):
            yield from _said(title, width, 0, Ink(""), loud=True)
            for each in blocks:
                yield from _block(each, width)
            yield line()
        case Chart():
            return


def _said(cell: Cell, width: int, indent: int, first: Ink, *, loud: bool = False) -> Iterator[Line]:
    ink = "strong" if loud and cell.tone == "plain" else cell.tone
    text = " · ".join(part for part in (cell.text, cell.more) if part)
    yield from paragraph(text, width, ink, indent, first)


# -- tables ------------------------------------------------------------------------------------------


def table_lines(table: Table, width: int) -> Iterator[Line]:
    """Columns as wide as what is in them; where that is too much the widest give way, at last the columns."""
    kept = table.kept()
    if not kept:
        return
    titles = [table.columns[at].title for at in kept]
    rows = [[row[at] for at in kept] for row in table.rows]
    widths = shrunk(
        [
            max(cell_len(title), *(max(map(cell_len, (_text(row[at]).splitlines() or [""]))) for row in rows))
            for at, title in enumerate(titles)
        ],
        width - _GAP * (len(kept) - 1),
    )
    if not widths:
        for row in rows:
            yield from _under_each_other(titles, row, width)
        return
    right = [table.columns[at].number for at in kept]
    yield _row(titles, widths, right, ["dim"] * len(kept))
    for row in rows:
        parts = [wrap(_text(cell), wide) for cell, wide in zip(row, widths, strict=True)]
        for at in range(max(map(len, parts))):
            texts = [part[at] if at < len(part) else "" for part in parts]
            yield _row(texts, widths, right, [cell.tone for cell in row])


def shrunk(widths: Sequence[int], room: int) -> list[int]:
    """The widths, the widest made smaller until they fit; empty where they never do."""
    found = list(widths)
    while sum(found) > room:
        at = max(range(len(found)), key=found.__getitem__)
        if found[at] <= _LEAST:
            return []
        found[at] -= 1
    return found


def _row(texts: Sequence[str], widths: Sequence[int], right: Sequence[bool], inks: Sequence[str]) -> Line:
    cells = [
        Ink(fit(text, wide, "right" if number else "left"), ink)
        for text, wide, number, ink in zip(texts, widths, right, inks, strict=True)
    ]
    return line(piece for at, cell in enumerate(cells) for piece in ((Ink(" " * _GAP), cell) if at else (cell,)))


def _under_each_other(titles: Sequence[str], row: Sequence[Cell], width: int) -> Iterator[Line]:
    names = min(_NAME, max(map(cell_len, titles))) + _GAP
    for title, cell in zip(titles, row, strict=True):
        if _text(cell):
            yield from paragraph(_text(cell), width, cell.tone, names, Ink(cut(title, names - 1), "dim"))
    yield line()


def _text(cell: Cell) -> str:
    return " · ".join(part for part in (cell.text, cell.more) if part)
