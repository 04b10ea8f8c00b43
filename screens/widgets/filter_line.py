"""A line at the foot of a frame that asks what to look for; shown while it is asked."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Container
from textual.message import Message
from textual.widgets import Input

from screens.keys import bound


class FilterInput(Input):
    """What to look for."""

    BINDINGS = bound("search.submit", "search.leave")

    class Left(Message):
        """Nothing is looked for."""

    def __init__(self) -> None:
        super().__init__(compact=True)
        self.cursor_blink = False

    def action_leave(self) -> None:
        """Look for nothing."""
        self.post_message(self.Left())


class FilterLine(Container):
    """Holds the line; hidden until `ask`."""

    def __init__(self) -> None:
        super().__init__(classes="field filter")
        self.input = FilterInput()

    def compose(self) -> ComposeResult:
        """The line."""
        yield self.input

    def ask(self, value: str) -> None:
        """Show it, and take what is typed."""
        self.add_class("-asking")
        self.input.value = value
        self.input.focus()

    def leave(self) -> None:
        """Hide it."""
        self.remove_class("-asking")
