"""A dialog: a small frame over the screen, with its keys in its last line. Escape leaves it, changing nothing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, TypeVar, cast

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Container
from textual.screen import ModalScreen
from textual.widget import Widget
from textual.widgets import Input

from screens.base import keep_focus
from screens.keys import bound
from screens.painting import Ink, Line, line
from screens.situation import Situation
from screens.widgets.frame import Edge, Frame
from screens.widgets.key_bar import KeyBar
from screens.widgets.lines import LinesPane
from screens.words import Says, say

if TYPE_CHECKING:
    from screens.app import CockpitApp

Answer = TypeVar("Answer")
Draws = Callable[[Situation, int], Sequence[Line]]


class TextPane(LinesPane):
    """Lines made by a function of the situation and the width."""

    def __init__(self, draws: Draws, *, id: str | None = None, classes: str = "") -> None:
        super().__init__(id=id, classes=f"text {classes}".strip())
        self._draws = draws

    def draw(self, situation: Situation, width: int) -> Sequence[Line]:
        """What the function says."""
        return self._draws(situation, width)


class LineInput(Input):
    """A line to type into; its cursor stands still. Whether it may be sent is the dialog's to say."""

    BINDINGS = bound("dialog.submit")

    def __init__(self, value: str = "", *, placeholder: str = "", id: str | None = None) -> None:
        super().__init__(value, placeholder=placeholder, id=id, compact=True, select_on_focus=False)
        self.cursor_blink = False

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Sending is the dialog's action."""
        if action == "submit":
            return self.screen.check_action(action, parameters)
        return super().check_action(action, parameters)


class Field(Container):
    """Holds a line to type into between the edges of a frame."""

    def __init__(self, *children: Widget, id: str | None = None) -> None:
        super().__init__(*children, id=id, classes="field")


class Dialog(ModalScreen[Answer | None]):
    """Subclasses say their heading and compose their body; `None` is the answer of whoever left.

    A heading is a sentence marked with `later`, a text of the plan or a function: the language may change meanwhile.
    """

    BINDINGS = bound("dialog.back", "pane.next", "pane.previous", "app.language")

    def __init__(self, heading: Says, *, danger: bool = False) -> None:
        super().__init__(classes="-danger" if danger else None)
        self.heading = heading
        self.situation: Situation | None = None
        self._focus_kept: Widget | None = None

    @property
    def cockpit(self) -> CockpitApp:
        """The app."""
        return cast("CockpitApp", self.app)

    def compose_body(self) -> ComposeResult:
        """What the dialog asks."""
        yield from ()

    def compose(self) -> ComposeResult:
        """A frame with heading, body and keys."""
        with Frame(classes="dialog"):
            yield Edge("top")
            yield from self.compose_body()
            yield TextPane(lambda _situation, _width: [line()], classes="gap")
            yield KeyBar()
            yield Edge("bottom")

    def on_mount(self) -> None:
        """Light the frame, write the heading, show what is true now."""
        for edge in self.query(Edge):
            edge.lit_ink = "bad" if self.has_class("-danger") else "lit"
        self.name_panes()
        self.show(self.cockpit.situation)

    @on(events.Resize)
    def _resized(self, event: events.Resize) -> None:
        """Whoever made the terminal too small for a moment finds the focus where it was."""
        self._focus_kept = keep_focus(self, event.size, self._focus_kept)

    def name_panes(self) -> None:
        """Write the heading. Called on mount, and when the language changes."""
        self.query(Edge).first().say(line(Ink(say(self.heading), "title")))

    def show(self, situation: Situation) -> None:
        """Show what is true now."""
        self.situation = situation
        for pane in self.query(LinesPane):
            if not isinstance(pane, Edge | KeyBar):
                pane.show(situation)

    def action_leave(self) -> None:
        """Leave; nothing was decided."""
        if self.is_current:
            self.dismiss(None)
