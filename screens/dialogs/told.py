"""Something to read, and nothing to decide."""

from __future__ import annotations

from textual.app import ComposeResult

from screens.dialogs.base import Dialog, Draws, TextPane
from screens.keys import bound
from screens.painting import Line, line, paragraph
from screens.situation import Situation
from screens.words import Says
from sparkdr_tui.errors import SparkdrError


class ToldDialog(Dialog[None]):
    """Left with any of the keys that leave a dialog."""

    BINDINGS = bound("dialog.close")

    def __init__(self, heading: Says, draws: Draws) -> None:
        super().__init__(heading)
        self._draws = draws

    def compose_body(self) -> ComposeResult:
        """What is told."""
        yield TextPane(self._draws)


def about_problem(problem: SparkdrError) -> Draws:
    """What is wrong, and what to do."""

    def draw(_situation: Situation, width: int) -> list[Line]:
        found = paragraph(problem.message, width, "warn")
        return [*found, line(), *paragraph(problem.hint, width)] if problem.hint else found

    return draw
