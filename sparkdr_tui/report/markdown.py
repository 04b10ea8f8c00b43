"""A report as Markdown (with GitHub's tables). It only renders: what is said, and in which words, is settled before."""

from __future__ import annotations

from collections.abc import Iterator

from sparkdr_tui.plan.paper import markdown as md
from sparkdr_tui.report.blocks import Block, Cell, Chart, Excerpt, Facts, Items, Part, Says, Section, Table
from sparkdr_tui.report.links import Links


def markdown(title: str, sections: tuple[Section, ...], links: Links) -> str:
    """The whole document."""
    lines = [f"# {md.plain(title)}", ""]
    for section in sections:
        lines += md.heading(2, md.plain(section.title))
        for block in section.blocks:
            lines += _block(block, links)
    text = "\n".join(lines)
    while "\n\n\n" in text:
        text = text.replace("\n\n\n", "\n\n")
    return text.rstrip("\n") + "\n"


def _block(block: Block, links: Links) -> Iterator[str]:
    match block:
        case Table():
            yield from _table(block, links)
        case Facts(pairs):
            rows = [
                (f"**{md.plain(name)}**", "<br>".join(_cell(cell, links) for cell in cells)) for name, cells in pairs
            ]
            yield from md.table(("", ""), rows)
        case Says(text):
            yield from (md.plain(text), "")
        case Items(cells):
            yield from md.bullets(_cell(cell, links) for cell in cells)
        case Excerpt(lines):
            yield from (md.fence("\n".join(lines)), "")
        case Part(title, blocks):
            yield from md.heading(3, _cell(title, links))
            for each in blocks:
                yield from _block(each, links)
        case Chart():
            return


def _table(found: Table, links: Links) -> Iterator[str]:
    kept = found.kept()
    yield "| " + " | ".join(md.plain(found.columns[at].title) for at in kept) + " |"
    yield "| " + " | ".join("---:" if found.columns[at].number else "---" for at in kept) + " |"
    for row in found.rows:
        yield "| " + " | ".join(_cell(row[at], links) for at in kept) + " |"
    yield ""


def _cell(cell: Cell, links: Links) -> str:
    """A cell, with nothing in it that would end the cell or begin something else."""
    said = md.code(cell.text).replace("|", "\\|") if cell.code else md.plain(cell.text)
    target = links.to(cell.log)
    said = f"[{said}]({target})" if target and said else said
    said = f"**{said}**" if said and cell.tone == "bad" else said
    return f"{said} · {md.plain(cell.more)}" if said and cell.more else said or md.plain(cell.more)
