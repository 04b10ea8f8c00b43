"""What every screen has: it shows a situation, has the key bar below, and says so where the terminal is too small."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, cast

from textual.app import ComposeResult
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Static

from screens.keys import bound
from screens.situation import Situation
from screens.widgets.frame import Edge
from screens.widgets.key_bar import KeyBar
from screens.widgets.lines import LinesPane
from sparkdr_tui.language import _

if TYPE_CHECKING:
    from screens.app import CockpitApp


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


class BaseScreen(Screen[None]):
    """A whole screen. `compose_body` is what a subclass adds; `show` hands on what is true now."""

    BINDINGS = bound("app.help")

    def __init__(self) -> None:
        super().__init__()
        self.situation: Situation | None = None

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
        """Show what is true already."""
        self.show(self.cockpit.situation)

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


class SubScreen(BaseScreen):
    """A screen that is left with escape."""

    BINDINGS = bound("app.back")

    def action_back(self) -> None:
        """Back to where one came from."""
        self.app.pop_screen()
