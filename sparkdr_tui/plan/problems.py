"""What is wrong with a plan, as data and as lines that people can act on."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from difflib import get_close_matches

from sparkdr_tui.errors import UsageError
from sparkdr_tui.text import one_line

Path = tuple[str | int, ...]
"""The keys and positions that lead to a value of a file."""


@dataclass(frozen=True, slots=True, order=True)
class PlanError:
    """One thing wrong, and where; line 0 stands for the file or folder as a whole."""

    file: str
    line: int
    message: str
    hint: str = ""
    path: Path = field(default=(), compare=False)

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        return f"{place}: {self.message}" + (f"; {self.hint}" if self.hint else "")


class PlanErrors(UsageError):
    """Everything that is wrong with a plan, in the order of files and lines."""

    def __init__(self, errors: Iterable[PlanError]) -> None:
        self.errors: tuple[PlanError, ...] = tuple(sorted(set(errors)))
        super().__init__("\n".join(str(error) for error in self.errors))


def shown(text: str, limit: int = 60) -> str:
    """Text of the plan inside a message: harmless, on one line, not longer than `limit`."""
    return one_line(text[: 4 * limit], limit)


def suggestion(word: str, known: Iterable[str]) -> str:
    """The hint for a word that is not among the known ones: the one that was probably meant, or all of them."""
    names = list(known)
    if close := get_close_matches(word, names, n=1, cutoff=0.6):
        return f"did you mean '{close[0]}'?"
    if not names:
        return ""
    return f"known: {', '.join(names[:12])}" + ("…" if len(names) > 12 else "")
