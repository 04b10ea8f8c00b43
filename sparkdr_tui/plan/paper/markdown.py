"""Markdown, written so that a text stays the text that it is: escapes, tables, fences, anchors. Knows no plan."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

_CODE = re.compile(r"(`+)(?!`)(.+?)(?<!`)\1(?!`)")
_SPECIAL = re.compile(r"[\\`*\[\]<>|~]|&(?=#?\w+;)|(?<![^\W_])_|_(?![^\W_])")
_LINE_START = re.compile(r"^(#{1,6}(?=\s|$)|[-+](?=\s|$)|[-=]+\s*$|\d+(?=[.)](\s|$)))")
_ADDRESS = re.compile(r"\b(https?|ftp|mailto|xmpp|www)([:.])", re.IGNORECASE)
_TICKS = re.compile(r"`+")


def text(said: str) -> str:
    """A text as one line; what stands between backticks in it is code."""
    line = " ".join(said.split())
    found: list[str] = []
    at = 0
    for match in _CODE.finditer(line):
        found += [_plain(line[at : match.start()]), code(match[2])]
        at = match.end()
    whole = "".join([*found, _plain(line[at:])])
    return _LINE_START.sub(_not_as_start, whole)


def plain(said: str) -> str:
    """A text as one line, exactly as it is: backticks in it are backticks, and what looks like an address is none."""
    line = _plain(" ".join(said.split()))
    return _LINE_START.sub(_not_as_start, _ADDRESS.sub(lambda match: f"{match[1]}\\{match[2]}", line))


def _not_as_start(match: re.Match[str]) -> str:
    """What would begin a heading, a list or an underline, as the text that it is."""
    return f"{match[0]}\\" if match[0].isdecimal() else f"\\{match[0]}"


def _plain(said: str) -> str:
    return _SPECIAL.sub(lambda match: f"\\{match[0]}", said)


def code(said: str) -> str:
    """A few words as code, whatever is in them."""
    line = " ".join(said.split())
    if not line:
        return ""
    ticks = "`" * (_longest(line) + 1)
    pad = " " if line.startswith("`") or line.endswith("`") else ""
    return f"{ticks}{pad}{line}{pad}{ticks}"


def fence(script: str, language: str = "") -> str:
    """A script as a block, exactly as it is; backticks inside end nothing. One string of several lines."""
    ticks = "`" * max(3, _longest(script) + 1)
    script = script.rstrip("\n")
    return f"{ticks}{language}\n{script}\n{ticks}"


def _longest(said: str) -> int:
    return max((len(ticks) for ticks in _TICKS.findall(said)), default=0)


def anchor(name: str) -> str:
    """A place that links lead to; the same in every language and for every reader of Markdown."""
    return f'<a id="{name}"></a>'


def link(said: str, name: str) -> str:
    """A way to an anchor."""
    return f"[{said}](#{name})"


def heading(level: int, said: str, name: str = "") -> Iterator[str]:
    """A heading, with an anchor before it."""
    if name:
        yield from ("", anchor(name))
    yield from ("", f"{'#' * level} {said}", "")


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """A table of cells that are Markdown already; nothing without rows, and no column that is empty everywhere."""
    cells = [list(row) for row in rows]
    if not cells:
        return
    kept = [at for at in range(len(head)) if any(row[at] for row in cells)]
    yield _row(head[at] for at in kept)
    yield _row("---" for _ in kept)
    for row in cells:
        yield _row(row[at] for at in kept)
    yield ""


def _row(cells: Iterable[str]) -> str:
    return "| " + " | ".join(_cell(cell) for cell in cells) + " |"


def _cell(cell: str) -> str:
    """A bar inside code ends the cell too, unless it is escaped there."""
    return re.sub(r"(?<!\\)\|", r"\\|", cell)


def bullets(items: Iterable[str]) -> Iterator[str]:
    """A list; empty items are left out."""
    lines = [f"- {item}" for item in items if item]
    if lines:
        yield from (*lines, "")


def numbered(items: Iterable[str]) -> Iterator[str]:
    """A list in an order."""
    lines = [f"{number}. {item}" for number, item in enumerate(items, 1)]
    if lines:
        yield from (*lines, "")
