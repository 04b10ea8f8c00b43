"""What every screen has: it shows a situation, has the key bar below, and says so where the terminal is too small."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, cast

from textual import events, on
from textual.app import ComposeResult
from textual.content import Content
from textual.geometry import Size
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Static

from screens.keys import bound
from screens.situation import Situation
from screens.widgets.frame import Edge
from screens.widgets.key_bar import KeyBar
from screens.widgets.lines import LinesPane
from sparkdr_tui.language import _

if TYPE_CHECKING:
    from screens.app import CockpitApp
    from screens.dialogs.base import Dialog


class TooSmall(Static):
    """Shown instead of everything else where nothing would be readable."""

    def __init__(self) -> None:
        super().__init__(classes="too-small")

    def render(self) -> Content:
        """What to do about it."""
        width, height = self.app.size
        says = _(
            "This terminal is {width}×{height}.\nThe cockpit needs 60×16: please make it larger.\nThe run goes on."
        )
        return Content(says.format(width=width, height=height))


LEAST = Size(60, 16)
"""Cells below which nothing would be readable; `-tiny` and `-flat` in the style sheets."""


def keep_focus(screen: Screen[Any], size: Size, kept: Widget | None) -> Widget | None:
    """What has the focus, or had it before the terminal became too small: there it gets it back."""
    readable = size.width >= LEAST.width and size.height >= LEAST.height
    if readable and screen.focused is None and kept is not None and kept.is_attached:
        screen.call_after_refresh(screen.set_focus, kept)
    return screen.focused or kept


class BaseScreen(Screen[None]):
    """A whole screen. `compose_body` is what a subclass adds; `show` hands on what is true now."""

    BINDINGS = bound("app.help")

    def __init__(self) -> None:
        super().__init__()
        self.situation: Situation | None = None
        self._focus_kept: Widget | None = None

    @property
    def cockpit(self) -> CockpitApp:
        """The app."""
        return cast("CockpitApp", self.app)

    def compose_body(self) -> ComposeResult:
        """What the screen shows."""
        yield from ()

    def compose(self) -> ComposeResult:
        """The body, and what every screen has."""
        yield TooSmall()
        yield from self.compose_body()
        yield KeyBar()

    def on_mount(self) -> None:
        """Name the panes, show what is true already."""
        self.name_panes()
        self.show(self.cockpit.situation)

    @on(events.Resize)
    def _resized(self, event: events.Resize) -> None:
        """Whoever made the terminal too small for a moment finds the focus where it was."""
        self._focus_kept = keep_focus(self, event.size, self._focus_kept)

    def name_panes(self) -> None:
        """Say what is said once: titles of panes, placeholders. Called on mount, and when the language changes."""

    def ask_anew(self) -> None:
        """Ask again for what was answered in words. Called when the language changes."""

    def show(self, situation: Situation) -> None:
        """Show what is true now."""
        self.situation = situation
        for pane in self.panes():
            pane.show(situation)

    def panes(self) -> Iterable[LinesPane]:
        """The panes that show the situation."""
        return [each for each in self.query(LinesPane) if not isinstance(each, Edge | KeyBar)]

    def action_help(self) -> None:
        """Every key of this screen."""
        self.cockpit.open_help(self)


def say_anew(screen: BaseScreen | Dialog[Any], situation: Situation) -> None:
    """Say all that a screen or a dialog says in the language in use by now; cursors and open panes stay."""
    screen.name_panes()
    screen.show(situation)
    for pane in screen.query(LinesPane):
        pane.redraw()
    if isinstance(screen, BaseScreen):
        screen.ask_anew()
    for each in screen.query(TooSmall):
        each.refresh()
    screen.refresh_bindings()


class SubScreen(BaseScreen):
    """A screen that is left with escape."""

    BINDINGS = bound("app.back")

    def action_back(self) -> None:
        """Back to where one came from."""
        self.app.pop_screen()
