"""From moments to places on a line, and which moments are worth a mark. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from unicodedata import east_asian_width

_STEPS = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400, 172800, 604800)
_MARKS = 8


@dataclass(frozen=True, slots=True)
class Scale:
    """A stretch of time laid on a stretch of paper."""

    start: datetime
    end: datetime
    left: float
    right: float

    def x(self, at: datetime) -> float:
        """Where a moment is; what lies outside is at the edge."""
        part = (at - self.start) / (self.end - self.start)
        return self.left + min(1.0, max(0.0, part)) * (self.right - self.left)

    def holds(self, at: datetime) -> bool:
        """Whether a moment is on it."""
        return self.start <= at <= self.end

    def marks(self) -> Iterator[tuple[datetime, str]]:
        """Round local times, at most eight, each with its label."""
        length = (self.end - self.start).total_seconds()
        step = next((each for each in _STEPS if length / each <= _MARKS), _STEPS[-1])
        offset = (self.start.astimezone().utcoffset() or timedelta()).total_seconds()
        first = -(-(self.start.timestamp() + offset) // step) * step - offset
        for at in range(_MARKS + 1):
            moment = datetime.fromtimestamp(first + at * step, UTC)
            if moment > self.end:
                return
            yield moment, moment.astimezone().strftime(_label(step))


def _label(step: int) -> str:
    return "%H:%M:%S" if step < 60 else "%H:%M" if step < 86400 else "%m-%d"


def round_up(value: float, parts: int) -> float:
    """Where an axis of so many parts ends, each of them a round number of seconds."""
    part = value / parts
    return float(parts * next((each for each in _STEPS if each >= part), -(-part // _STEPS[-1]) * _STEPS[-1]))


def fitted(said: str, width: int) -> str:
    """A text of at most so many columns, wide letters counting twice."""
    if columns(said) <= width:
        return said
    kept, used = "", 1
    for letter in said:
        used += _columns(letter)
        if used > width:
            break
        kept += letter
    return kept.rstrip() + "…"


def columns(said: str) -> int:
    """Columns that a text takes."""
    return sum(map(_columns, said))


def _columns(letter: str) -> int:
    return 2 if east_asian_width(letter) in "WF" else 1
