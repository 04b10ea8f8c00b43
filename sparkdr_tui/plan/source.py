"""The data of one file, with the line of every key and value in it. Reads nothing, knows no plan."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sparkdr_tui.plan.problems import Path, PlanError, shown


@dataclass(frozen=True, slots=True)
class Source:
    """What a file says: plain data, and the line of everything in it (the line of the key, where it has one)."""

    file: str
    data: Mapping[str, Any]
    lines: Mapping[Path, int]

    def line(self, path: Path) -> int:
        """The line of `path`, or of the innermost thing around it that is there."""
        while path not in self.lines and path:
            path = path[:-1]
        return self.lines.get(path, 1)

    def error(self, path: Path, message: str, hint: str = "") -> PlanError:
        """What is wrong at `path`."""
        place = dotted(path)
        return PlanError(self.file, self.line(path), f"{place}: {message}" if place else message, hint, path)

    @property
    def top(self) -> At:
        """Everything in it."""
        return At(self, (), self.data)


@dataclass(frozen=True, slots=True)
class At:
    """A value and where it stands. What is missing, or is not what it should be, is simply not there."""

    source: Source
    path: Path
    value: Any

    def get(self, *keys: str) -> At:
        """The value under a key, and the key in that."""
        here = self
        for key in keys:
            value = here.value.get(key) if isinstance(here.value, dict) else None
            here = At(self.source, (*here.path, key), value)
        return here

    def entries(self) -> Iterator[tuple[str, At]]:
        """The keys and values of a mapping."""
        if isinstance(self.value, dict):
            for key in self.value:
                yield key, self.get(key)

    def each(self) -> Iterator[At]:
        """The items of a list; one value that is no list stands for a list of itself."""
        if isinstance(self.value, list):
            yield from (At(self.source, (*self.path, at), item) for at, item in enumerate(self.value))
        elif self.value is not None:
            yield self

    @property
    def text(self) -> str | None:
        """The value, if it is a text."""
        return self.value if isinstance(self.value, str) else None

    def error(self, message: str, hint: str = "") -> PlanError:
        """What is wrong with this value."""
        return self.source.error(self.path, message, hint)


def found(value: Any) -> str:
    """A value, named for a message: its kind and, shortened, itself."""
    match value:
        case None:
            return "nothing"
        case bool():
            return str(value).lower()
        case int() | float():
            return f"the number {shown(str(value))}"
        case str():
            return f"the text '{shown(value)}'" if value else "an empty text"
        case list() | tuple():
            return "a list"
        case dict():
            return "a mapping"
        case _:
            return type(value).__name__


def dotted(path: Path) -> str:
    """A path as people write it: `steps.2.shell`; control characters and length tamed."""
    return ".".join(shown(str(part), 40) for part in path)
