"""A report as one HTML file that needs nothing else: no script, no request. It only renders."""

from __future__ import annotations

from pathlib import Path

from sparkdr_tui.language import current
from sparkdr_tui.report import gantt, trend_chart
from sparkdr_tui.report.blocks import Block, Cell, Chart, Excerpt, Facts, Items, Part, Says, Section, Table
from sparkdr_tui.report.content import Content
from sparkdr_tui.report.links import Links
from sparkdr_tui.report.markup import Html, tag, text, together
from sparkdr_tui.report.parts.summary import headline, verdict
from sparkdr_tui.report.words import mode

_STYLE = Path(__file__).with_name("page.css")
_POLICY = "default-src 'none'; style-src 'unsafe-inline'"
"""Should anything get past the escaping, a browser still loads and runs nothing."""


def html(content: Content, sections: tuple[Section, ...], links: Links) -> str:
    """The whole page."""
    title = headline(content)
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", http_equiv="Content-Security-Policy", content=_POLICY),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", name="generator", content="sparkdr-tui"),
        tag("title", title),
        tag("style", Html(_STYLE.read_text(encoding="utf-8"))),
    )
    body = tag(
        "body",
        tag(
            "header",
            tag("p", f"{mode(content.state.opened.mode)} · {content.state.opened.plan}", class_="kicker"),
            tag("h1", title),
            tag("p", _words(verdict(content)), class_=f"verdict {verdict(content).tone}"),
        ),
        tag("main", *(_section(section, content, links) for section in sections)),
    )
    return "<!doctype html>\n" + tag("html", head, "\n", body, "\n", lang=current()) + "\n"


def _section(section: Section, content: Content, links: Links) -> Html:
    blocks = (_block(block, content, links) for block in section.blocks)
    return tag("section", tag("h2", section.title), *blocks, "\n", id=section.name)


def _block(block: Block, content: Content, links: Links) -> Html:
    match block:
        case Table():
            return _table(block, links)
        case Facts(pairs):
            return tag("dl", *(_fact(name, cells, links) for name, cells in pairs))
        case Says(said):
            return tag("p", said, class_="dim")
        case Items(cells):
            return tag("ul", *(tag("li", _cell(cell, links)) for cell in cells))
        case Excerpt(lines):
            return tag("pre", "\n".join(lines))
        case Part(title, blocks):
            inner = (_block(each, content, links) for each in blocks)
            return tag("div", tag("h3", _cell(title, links)), *inner, class_="part")
        case Chart("course"):
            return gantt.draw(content)
        case Chart():
            return trend_chart.draw((*content.earlier, content.this))


def _table(found: Table, links: Links) -> Html:
    kept = found.kept()
    kinds = {at: "number" if found.columns[at].number else None for at in kept}
    head = tag("tr", *(tag("th", found.columns[at].title, scope="col", class_=kinds[at]) for at in kept))
    rows = (tag("tr", *(tag("td", _cell(row[at], links), class_=kinds[at]) for at in kept)) for row in found.rows)
    return tag("div", tag("table", tag("thead", head), tag("tbody", *rows)), "\n", class_="wide")


def _fact(name: str, cells: tuple[Cell, ...], links: Links) -> Html:
    return together(tag("dt", name), tag("dd", *(tag("p", _cell(cell, links)) for cell in cells)))


def _cell(cell: Cell, links: Links) -> Html:
    said = _words(cell)
    target = links.to(cell.log)
    said = tag("a", said, href=target) if target else said
    said = tag("span", said, class_=cell.tone) if cell.tone != "plain" else said
    return together(said, " " if cell.text and cell.more else "", tag("small", cell.more)) if cell.more else said


def _words(cell: Cell) -> Html:
    return tag("code", cell.text) if cell.code else text(cell.text)
