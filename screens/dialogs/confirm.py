"""A question that one key answers."""

from __future__ import annotations

from textual.app import ComposeResult

from screens.dialogs.base import Dialog, Draws, TextPane
from screens.keys import bound
from screens.words import Says


class ConfirmDialog(Dialog[bool]):
    """Yes by `y`, which nobody presses by accident; everything else is no."""

    BINDINGS = bound("dialog.yes", "dialog.no")

    def __init__(self, heading: Says, draws: Draws, *, danger: bool = False) -> None:
        super().__init__(heading, danger=danger)
        self._draws = draws

    def compose_body(self) -> ComposeResult:
        """What yes means."""
        yield TextPane(self._draws)

    def action_yes(self) -> None:
        """Yes."""
        self.dismiss(True)
