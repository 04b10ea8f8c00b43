"""A line of text: a reason, a note, a time. What is refused says why under the line."""

from __future__ import annotations

from collections.abc import Callable

from textual import on
from textual.app import ComposeResult
from textual.widgets import Input

from screens.dialogs.base import Dialog, Draws, Field, LineInput, TextPane
from screens.keys import bound
from screens.painting import Ink, Line, line, paragraph
from screens.situation import Situation
from screens.words import Says
from sparkdr_tui.language import _

Refuses = Callable[[str], str]
"""Why a text will not do; empty when it will."""


def needs_words(text: str) -> str:
    """A reason is needed."""
    return "" if text.strip() else _("A reason is needed: it goes into the journal.")


class LineDialog(Dialog[str]):
    """Answers with what was typed, stripped."""

    BINDINGS = bound("dialog.submit")

    def __init__(
        self, heading: Says, draws: Draws, refuses: Refuses = needs_words, *, value: str = "", danger: bool = False
    ) -> None:
        super().__init__(heading, danger=danger)
        self._draws, self._refuses, self._value = draws, refuses, value
        self._refused: str | None = None
        """The text that would not do."""

    def compose_body(self) -> ComposeResult:
        """What is asked, the line, and what is wrong with it."""
        yield TextPane(self._draws)
        yield Field(LineInput(self._value))
        yield TextPane(self._say_problem, id="problem")

    def on_mount(self) -> None:
        """Typing is what comes next."""
        super().on_mount()
        self.query_one(LineInput).focus()

    def _say_problem(self, situation: Situation, width: int) -> list[Line]:
        problem = self._refuses(self._refused) if self._refused is not None else ""
        return paragraph(problem, width, "warn") if problem else [line(Ink(""))]

    @on(Input.Submitted)
    def action_submit(self) -> None:
        """Answer, if it will do."""
        text = self.query_one(LineInput).value.strip()
        if self._refuses(text):
            self._refused = text
            self.query_one("#problem", TextPane).redraw()
        else:
            self.dismiss(text)
