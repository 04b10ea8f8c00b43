"""The bytes of one YAML file become plain data with lines, or the reason why not. Knows no plan, runs nothing.

It reads YAML 1.2 (`on`, `yes` and `no` are texts) event by event, so that nothing is ever constructed but texts,
numbers, lists and mappings, and a hostile file is refused before it grows.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    CollectionEndEvent,
    DocumentStartEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceStartEvent,
)
from ruamel.yaml.reader import Reader

from sparkdr_tui.plan.problems import Path, PlanError, shown
from sparkdr_tui.plan.source import Source, dotted, found

MAX_BYTES = 1_000_000
MAX_VALUES = 20_000
MAX_DEPTH = 40
MAX_LINE = 10_000

_CONTROL = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufeff\ufffe\uffff"
    r"\U000e0000-\U000e007f]"
)
"""Control characters, marks of writing direction, surrogates, what is no character."""
_NULL = {"", "~", "null", "Null", "NULL"}
_BOOL = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_INT = re.compile(r"[-+]?[0-9]{1,30}|0o[0-7]{1,30}|0x[0-9a-fA-F]{1,30}")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")


class Unreadable(Exception):
    """The file cannot be read as YAML."""

    def __init__(self, error: PlanError) -> None:
        super().__init__(str(error))
        self.error = error


def allowed(text: str) -> bool:
    """Whether a plan file may hold this text: nothing in it is there to steer a terminal or a reader's eye."""
    return _CONTROL.search(text) is None


def read(file: str, content: bytes) -> Source:
    """Read one file; raises `Unreadable`."""
    text = _decoded(file, content)
    if not text.strip():
        raise _refusal(file, 1, "the file is empty", "a plan file is a mapping of keys and values")
    tree = _Tree(file)
    try:
        data = tree.build(text)
    except MarkedYAMLError as error:
        raise _syntax(file, text, error) from None
    except (YAMLError, ValueError) as error:
        raise _refusal(file, tree.line, f"not valid YAML: {shown(str(error))}") from None
    if data is None:
        raise _refusal(file, 1, "the file is empty: it has only comments")
    if not isinstance(data, dict):
        raise _refusal(file, 1, f"expected keys and values at the top, found {found(data)}")
    return Source(file, data, tree.lines)


def _refusal(file: str, line: int, message: str, hint: str = "") -> Unreadable:
    return Unreadable(PlanError(file, line, message, hint))


def _decoded(file: str, content: bytes) -> str:
    try:
        text = content.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise _refusal(file, line, "not UTF-8 text", "save the file as UTF-8") from None
    for number, line_text in enumerate(text.split("\n"), 1):
        if len(line_text) > MAX_LINE:
            raise _refusal(file, number, f"a line of more than {MAX_LINE} characters")
    if match := _CONTROL.search(text):
        line = text.count("\n", 0, match.start()) + 1
        raise _refusal(file, line, f"control character U+{ord(match[0]):04X} is not allowed in a plan file")
    return text


def _syntax(file: str, text: str, error: MarkedYAMLError) -> Unreadable:
    mark = error.problem_mark or error.context_mark
    number = mark.line if mark else 0
    lines = [*text.split("\n"), ""]
    if "\t" in lines[number][: len(lines[number]) - len(lines[number].lstrip())]:
        return _refusal(file, number + 1, "tabs are not allowed for indentation, use spaces")
    if number and lines[number - 1].startswith("\t"):
        return _refusal(file, number, "tabs are not allowed for indentation, use spaces")
    if "\\t" in str(error.problem):
        return _refusal(file, number + 1, "tabs are not allowed here, use spaces")
    problem = shown(" ".join(str(error.problem or error.context or "cannot be read").split()))
    begun = error.context_mark
    hint = f"what is wrong may begin in line {begun.line + 1}" if begun and begun.line != number else ""
    if "mapping values" in problem:
        hint = "a text with ': ' in it needs quotes"
    return _refusal(file, number + 1, f"not valid YAML: {problem}", hint)


class _Reader(Reader):
    """Goes forward by whole texts, not letter by letter: a third less time. All line ends are `\\n` by now."""

    def forward(self, length: int = 1) -> None:
        """Pass over `length` characters."""
        if self.pointer + length + 1 >= len(self.buffer):
            self.update(length + 1)
        passed = self.buffer[self.pointer : self.pointer + length]
        self.pointer += length
        self.index += length
        self.line += passed.count("\n")
        self.column = self.column + length if "\n" not in passed else length - passed.rfind("\n") - 1


@dataclass(slots=True)
class _Open:
    """A list or mapping that is being read."""

    value: dict[str, Any] | list[Any]
    path: Path
    anchor: str | None
    size: int = 1
    key: str | None = None
    key_line: int = 0


class _Tree:
    """Data and lines out of YAML events, without recursion, never larger than the limits."""

    def __init__(self, file: str) -> None:
        self.lines: dict[Path, int] = {}
        self.line = 1
        """How far it has come."""
        self._file = file
        self._stack: list[_Open] = []
        self._anchors: dict[str, tuple[Any, int]] = {}
        self._root: Any = None

    def build(self, text: str) -> Any:
        """The data of `text`."""
        documents = 0
        for event in self._events(text):
            line = self.line = event.start_mark.line + 1
            if isinstance(event, DocumentStartEvent):
                documents += 1
                if documents > 1:
                    raise _refusal(self._file, line, "a second document ('---') begins here: one file holds one")
            elif isinstance(event, ScalarEvent | SequenceStartEvent | MappingStartEvent):
                if event.tag is not None:
                    raise _refusal(self._file, line, f"tag '{shown(str(event.tag))}' is not allowed in a plan file")
                if isinstance(event, ScalarEvent):
                    self._scalar(event, line)
                else:
                    self._begin(event, line)
            elif isinstance(event, AliasEvent):
                self._alias(str(event.anchor), line)
            elif isinstance(event, CollectionEndEvent):
                self._end()
        return self._root

    @staticmethod
    def _events(text: str) -> Iterator[Any]:
        yaml = YAML(typ="safe", pure=True)
        yaml.Reader = _Reader
        yield from yaml.parse(text)

    def _scalar(self, event: ScalarEvent, line: int) -> None:
        top = self._stack[-1] if self._stack else None
        if top is not None and isinstance(top.value, dict) and top.key is None:
            self._key(top, str(event.value), line)
            return
        value = _plain(event.value) if event.style is None else str(event.value)
        if isinstance(value, str) and (bad := _CONTROL.search(value)):
            raise _refusal(self._file, line, f"control character U+{ord(bad[0]):04X} is not allowed in a plan file")
        self._place(value, line, 1, event.anchor)

    def _key(self, top: _Open, key: str, line: int) -> None:
        if bad := _CONTROL.search(key):
            raise _refusal(self._file, line, f"control character U+{ord(bad[0]):04X} is not allowed in a plan file")
        if key == "<<":
            raise _refusal(self._file, line, "merge keys ('<<') are not part of YAML 1.2", "write the keys out")
        if key in top.value:
            first = self.lines[(*top.path, key)]
            message = f"{dotted((*top.path, key))}: the key is here twice (first in line {first})"
            raise _refusal(self._file, line, message, "keep one of them")
        top.key, top.key_line = key, line

    def _begin(self, event: SequenceStartEvent | MappingStartEvent, line: int) -> None:
        if len(self._stack) >= MAX_DEPTH:
            raise _refusal(self._file, line, f"nested more than {MAX_DEPTH} levels deep")
        value: dict[str, Any] | list[Any] = {} if isinstance(event, MappingStartEvent) else []
        if self._stack and isinstance(self._stack[-1].value, dict) and self._stack[-1].key is None:
            raise _refusal(self._file, line, "a key must be a plain text, not a list or a mapping")
        path = self._next_path()
        self._line(path, line)
        self._stack.append(_Open(value, path, event.anchor))

    def _end(self) -> None:
        done = self._stack.pop()
        self._place(done.value, 0, done.size, done.anchor)

    def _alias(self, anchor: str, line: int) -> None:
        if self._stack and isinstance(self._stack[-1].value, dict) and self._stack[-1].key is None:
            raise _refusal(self._file, line, "a key must be a plain text, not an alias")
        if anchor not in self._anchors:
            raise _refusal(self._file, line, f"alias '*{shown(anchor)}' has no anchor before it")
        value, size = self._anchors[anchor]
        self._place(value, line, size, None)

    def _next_path(self) -> Path:
        if not self._stack:
            return ()
        top = self._stack[-1]
        return (*top.path, len(top.value) if isinstance(top.value, list) else str(top.key))

    def _line(self, path: Path, line: int) -> None:
        top = self._stack[-1] if self._stack else None
        self.lines[path] = top.key_line if top is not None and isinstance(top.value, dict) else line

    def _place(self, value: Any, line: int, size: int, anchor: str | None) -> None:
        """Put a finished value into what is open around it."""
        if line:
            self._line(self._next_path(), line)
        if anchor is not None:
            self._anchors[str(anchor)] = (value, size)
        if not self._stack:
            self._root = value
            return
        top = self._stack[-1]
        top.size += size
        if top.size > MAX_VALUES:
            message = f"more than {MAX_VALUES} values, every alias counted as what it stands for"
            raise _refusal(self._file, line or self.line, message)
        if isinstance(top.value, list):
            top.value.append(value)
        else:
            top.value[str(top.key)] = value
            top.key = None


def _plain(text: str) -> Any:
    """What a text without quotes means in YAML 1.2; figures too long for a number stay text."""
    if text in _NULL:
        return None
    if text in _BOOL:
        return _BOOL[text]
    if _INT.fullmatch(text):
        return int(text, 0) if text[:2] in ("0o", "0x") else int(text)
    if len(text) < 40 and _FLOAT.fullmatch(text):
        return float(text)
    return text
