"""Replaces one text in a YAML file and not one byte beside it. Reads no file, knows no plan.

The parser says where a value stands. What stands nowhere by itself (an alias, a text over several lines) cannot be
replaced; whether the file then says what was meant is for the caller to check, by reading it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from ruamel.yaml import YAML
from ruamel.yaml.events import (
    AliasEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from sparkdr_tui.plan.problems import Path
from sparkdr_tui.plan.reading import Unreadable, read

_BOM = "\ufeff"
_OUTSIDE_LINES = ("|", ">")
"""Styles whose text begins on the next line."""


def replaced(text: str, path: Path, value: str) -> str | None:
    """The text of a YAML file with `value` at `path`, whose last key may be missing; None where that cannot be done."""
    bom = _BOM if text.startswith(_BOM) else ""
    text = text.removeprefix(_BOM)
    places = _places(text)
    place, mapping = places.get(path), places.get(path[:-1])
    if place is not None:
        done = _put(text, place, value)
    else:
        ends = [each.end for at, each in places.items() if at[:-1] == path[:-1] and at]
        done = _added(text, mapping, max(ends, default=0), str(path[-1]), value) if mapping is not None else None
    return None if done is None else bom + done


def written(value: str, style: str | None, *, flow: bool) -> str:
    """A text as it is written in a file: in the quotes it had, or without any where it reads the same without."""
    if style == "'":
        return "'" + value.replace("'", "''") + "'"
    if style is None and _reads_plain(value, flow=flow):
        return value
    return json.dumps(value, ensure_ascii=False)


def _reads_plain(value: str, *, flow: bool) -> bool:
    try:
        data = read("", (f"a: {{ b: {value} }}\n" if flow else f"a: {{}}\nb: {value} # c\n").encode()).data
    except (Unreadable, UnicodeEncodeError):
        return False
    return bool((data["a"] if flow else data) == ({"b": value} if flow else {"a": {}, "b": value}))


# -- where things stand ------------------------------------------------------------------------------


@dataclass(slots=True)
class _Place:
    """Where a value stands, by position in the text."""

    kind: Literal["text", "alias", "mapping", "list"]
    start: int
    end: int
    style: str | None = None
    flow: bool = False
    """It is, or stands in, something in braces or brackets."""
    anchor: str | None = None
    column: int | None = None
    """Of a mapping: of its first key."""


@dataclass(slots=True)
class _Open:
    """A list or mapping that is being read."""

    place: _Place
    path: Path
    key: str | None = None
    key_end: int = 0
    items: int = 0


def _places(text: str) -> dict[Path, _Place]:
    """Where every value stands."""
    found: dict[Path, _Place] = {}
    stack: list[_Open] = []
    for event in _events(text):
        top = stack[-1] if stack else None
        if isinstance(event, MappingEndEvent | SequenceEndEvent):
            _ended(stack, stack.pop().place, event.end_mark.index)
        elif isinstance(event, ScalarEvent) and top is not None and top.place.kind == "mapping" and top.key is None:
            top.key, top.key_end = str(event.value), event.end_mark.index
            if top.place.column is None:
                top.place.column = event.start_mark.column
        elif isinstance(event, ScalarEvent | AliasEvent | MappingStartEvent | SequenceStartEvent):
            path, place = _next(top), _place(event, top)
            if place.start == place.end and place.style is None and place.kind == "text" and top is not None:
                place.start = place.end = text.find(":", top.key_end) + 1  # nothing stands behind this key
            found[path] = place
            if place.kind in ("mapping", "list"):
                stack.append(_Open(place, path))
            else:
                _ended(stack, place, place.end)
    return found


def _place(event: Any, top: _Open | None) -> _Place:
    kinds: dict[type, Literal["text", "alias", "mapping", "list"]] = {
        ScalarEvent: "text",
        AliasEvent: "alias",
        MappingStartEvent: "mapping",
        SequenceStartEvent: "list",
    }
    flow = bool(getattr(event, "flow_style", False)) or (top is not None and top.place.flow)
    start, end = event.start_mark.index, event.end_mark.index
    return _Place(kinds[type(event)], start, end, getattr(event, "style", None), flow, event.anchor)


def _events(text: str) -> Iterator[Any]:
    yield from YAML(typ="safe", pure=True).parse(text)


def _next(top: _Open | None) -> Path:
    if top is None:
        return ()
    return (*top.path, str(top.key) if top.place.kind == "mapping" else top.items)


def _ended(stack: list[_Open], place: _Place, end: int) -> None:
    """A value ended. Without braces its end is that of the last thing in it, not where the parser saw that it ended."""
    if place.flow or place.kind in ("text", "alias"):
        place.end = end
    if stack:
        around = stack[-1]
        around.items += 1
        around.key = None
        around.place.end = place.end


# -- changing ----------------------------------------------------------------------------------------


def _put(text: str, place: _Place, value: str) -> str | None:
    """Another value in the place of one."""
    old = text[place.start : place.end]
    if place.kind not in ("text", "alias") or place.style in _OUTSIDE_LINES or "\n" in old:
        return None
    new = written(value, place.style, flow=place.flow)
    if not old:  # nothing stood behind the colon
        new = f" {new}"
    elif place.anchor is not None and place.kind == "text":
        new = f"&{place.anchor} {new}"
    return text[: place.start] + new + text[place.end :]


def _added(text: str, mapping: _Place, last: int, key: str, value: str) -> str | None:
    """A key that was not there, behind the last one of its mapping."""
    if mapping.kind != "mapping" or mapping.column is None:
        return None
    entry = f"{key}: " + written(value, '"', flow=mapping.flow)
    if mapping.flow:
        return text[:last] + f", {entry}" + text[last:]
    end = text.find("\n", last)
    head = text if end < 0 else text[:end]
    newline = "\r\n" if head.endswith("\r") else "\n"
    head = head.removesuffix("\r")
    return f"{head}{newline}{' ' * mapping.column}{entry}{text[len(head) :]}"
