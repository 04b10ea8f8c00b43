"""What destroys is confirmed by typing the name of what will be lost, after seeing it."""

from __future__ import annotations

from textual import on
from textual.app import ComposeResult
from textual.widgets import Input

from screens.dialogs.base import Dialog, Draws, Field, LineInput, TextPane
from screens.keys import bound
from screens.painting import Ink, Line, line
from screens.situation import Situation
from screens.words import Says
from sparkdr_tui.language import _


class TypedDialog(Dialog[str]):
    """Answers with the phrase, once it was typed exactly."""

    BINDINGS = bound("dialog.submit")

    def __init__(self, heading: Says, facts: Draws, phrase: str) -> None:
        super().__init__(heading, danger=True)
        self._facts, self.phrase = facts, phrase

    def compose_body(self) -> ComposeResult:
        """The facts, and the line to type into."""
        yield TextPane(self._facts, id="facts")
        yield TextPane(self._ask, id="ask")
        yield Field(LineInput(id="phrase"))

    def on_mount(self) -> None:
        """Typing is what comes next."""
        super().on_mount()
        self.query_one(LineInput).focus()

    def _ask(self, situation: Situation, width: int) -> list[Line]:
        typed = self.query_one(LineInput).value if self.is_mounted else ""
        right = typed == self.phrase
        says = _("it matches") if right else _("it does not match yet") if typed else ""
        return [
            line(),
            line(_("To go on, type "), Ink(self.phrase, "bad"), Ink(f"   {says}", "good" if right else "dim")),
        ]

    @on(Input.Changed)
    def _typed(self) -> None:
        self.query_one("#ask", TextPane).redraw()
        self.refresh_bindings()

    @on(Input.Submitted)
    def action_submit(self) -> None:
        """Go on, if what was typed is right."""
        if self.query_one(LineInput).value == self.phrase:
            self.dismiss(self.phrase)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Going on is offered once the phrase is right."""
        if action == "submit":
            return self.is_mounted and self.query_one(LineInput).value == self.phrase
        return super().check_action(action, parameters)
