"""The scenarios with a number for each key from 1 to 9; the one that is shown is lit, a click shows another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rich.cells import cell_len
from textual import events
from textual.message import Message

from screens.painting import Ink, Line, fit, line
from screens.situation import Situation
from screens.widgets.lines import LinesPane
from screens.words import said
from sparkdr_tui.plan.graph import apart
from sparkdr_tui.plan.runbook import Plan

KEYS = range(1, 10)
HIGH = 20
"""Lines of a terminal that has room for more than one line of scenarios."""
_WIDEST = 22
"""Cells of a title, where all of them side by side have no room."""


def numbered(plan: Plan) -> dict[str, int]:
    """The key of a scenario: its number in the plan; the keys that are left go to the gravest of the others."""
    found: dict[str, int] = {}
    for name, each in plan.scenarios.items():
        if each.number is not None and each.number in KEYS and each.number not in found.values():
            found[name] = each.number
    left = [key for key in KEYS if key not in found.values()]
    others = sorted(
        (name for name in plan.scenarios if name not in found), key=lambda name: -plan.scenarios[name].level
    )
    return found | dict(zip(others, left, strict=False))


def beside(plan: Plan, scenario: str, by: int) -> str:
    """The scenario that comes after (or before) one; of several as one, after the first."""
    order = sorted(plan.scenarios, key=lambda name: numbered(plan).get(name, len(KEYS) + 1))
    names = [name for name in apart(scenario) if name in plan.scenarios]
    if not order:
        return scenario
    return order[(order.index(names[0]) + by) % len(order)] if names else order[0 if by > 0 else -1]


@dataclass(frozen=True, slots=True)
class Cell:
    """A scenario in the strip."""

    scenario: str
    row: int
    start: int
    text: str
    shown: bool
    key: str


def cells(plan: Plan, shown: str, width: int, rows: int) -> list[Cell]:
    """The scenarios that have a key, and what is shown where that has none, in columns.

    Where these take more than `rows`, all but the one that is shown are a number and nothing else.
    """
    keys = numbered(plan)
    lit = [name for name in apart(shown) if name in plan.scenarios]
    names = sorted(keys, key=keys.__getitem__) + [name for name in lit if name not in keys]
    if not names:
        return []
    titles = {name: said(plan.scenarios[name].title) for name in names}
    room = min(_WIDEST, max(cell_len(title) for title in titles.values())) + 4
    columns = max(1, width // room)
    if sum(cell_len(title) + 4 for title in titles.values()) <= width or -(-len(names) // columns) > rows:
        alone = sum(cell_len(title) + 4 for title in titles.values()) > width
        return _in_a_row(plan, {name: "" if alone and name not in lit else titles[name] for name in names}, lit)
    columns = -(-len(names) // -(-len(names) // columns))
    room = width // columns
    return [
        _cell(plan, name, at // columns, at % columns * room, fit(titles[name], room - 4), lit)
        for at, name in enumerate(names)
    ]


def _in_a_row(plan: Plan, titles: Mapping[str, str], lit: Sequence[str]) -> list[Cell]:
    found, start = [], 0
    for name, title in titles.items():
        found.append(_cell(plan, name, 0, start, title, lit))
        start += cell_len(title) + 4
    return found


def _cell(plan: Plan, name: str, row: int, start: int, title: str, lit: Sequence[str]) -> Cell:
    key = numbered(plan).get(name)
    return Cell(name, row, start, title, name in lit, str(key) if key else "·")


def strip_lines(found: Sequence[Cell]) -> list[Line]:
    """The cells as lines."""
    rows: dict[int, list[Ink]] = {}
    for each in found:
        row = rows.setdefault(each.row, [])
        row += [Ink(f" {each.key} ", "key"), Ink(each.text.rstrip(), "cursor" if each.shown else "dim")]
        row.append(Ink(" " * (cell_len(each.text) - cell_len(each.text.rstrip()) + 1)))
    return [line(row) for row in rows.values()]


class ScenarioStrip(LinesPane, can_focus=False):
    """As many lines as it needs."""

    class Chosen(Message):
        """A scenario was clicked."""

        def __init__(self, scenario: str) -> None:
            super().__init__()
            self.scenario = scenario

    def __init__(self) -> None:
        super().__init__(id="strip")
        self.scenario = ""

    def choose(self, scenario: str) -> None:
        """Light another scenario."""
        self.scenario = scenario
        self.redraw()

    def draw(self, situation: Situation, width: int) -> Sequence[Line]:
        """The scenarios."""
        return strip_lines(cells(situation.plan, self.scenario, width, self._rows))

    @property
    def _rows(self) -> int:
        return 4 if self.app.size.height >= HIGH else 1

    def on_click(self, event: events.Click) -> None:
        """Show the scenario that was clicked."""
        at = event.get_content_offset(self)
        if at is None or self.situation is None:
            return
        for each in cells(self.situation.plan, self.scenario, self.width, self._rows):
            if each.row == at.y and each.start <= at.x < each.start + cell_len(each.text) + 4:
                self.post_message(self.Chosen(each.scenario))
