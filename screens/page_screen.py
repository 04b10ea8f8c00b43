"""A whole screen of lines to read: a page in a frame, searched with a line below it."""

from __future__ import annotations

from textual import on
from textual.app import ComposeResult
from textual.widgets import Input

from screens.base import SubScreen
from screens.keys import bound
from screens.painting import Ink, Line, line
from screens.widgets.filter_line import FilterInput, FilterLine
from screens.widgets.frame import Edge, Frame
from screens.widgets.page import PagePane
from sparkdr_tui.language import _, ngettext


class PageScreen(SubScreen):
    """Subclasses name the page and write what is on it; back ends a search first."""

    BINDINGS = bound("page.search")

    def __init__(self) -> None:
        super().__init__()
        self.page = PagePane(id="page")
        self._filter = FilterLine()

    def compose_body(self) -> ComposeResult:
        """The page."""
        with Frame(classes="page"):
            yield Edge("top")
            yield self.page
            yield self._filter
            yield Edge("bottom")

    def on_mount(self) -> None:
        """Keys scroll it."""
        super().on_mount()
        self.page.focus()

    def heading(self) -> str:
        """What the page is called."""
        raise NotImplementedError

    def name_panes(self) -> None:
        """What is in the edge, and what to type."""
        self._filter.input.placeholder = _("search the text")
        self._say_found()

    def _say_found(self) -> None:
        needle, count = self.page.needle, self.page.count
        found = ngettext("{count} line", "{count} lines", count).format(count=count) if count else _("not found")
        more: Line | str = line(Ink(f"/{needle} · {found}", "dim")) if needle else ""
        self.query(Edge).first().say(line(Ink(self.heading(), "title")), more)

    # -- searching -----------------------------------------------------------------------------------

    def action_search(self) -> None:
        """Ask what to search for."""
        self._filter.ask(self.page.needle)

    @on(Input.Submitted)
    def _asked(self, event: Input.Submitted) -> None:
        self._search(event.value.strip())

    @on(FilterInput.Left)
    def _left(self) -> None:
        self._search("")

    def _search(self, needle: str) -> None:
        self._filter.leave()
        self.page.focus()
        self.page.search(needle)
        self._say_found()
        self.refresh_bindings()

    def action_back(self) -> None:
        """Search for nothing, then back."""
        if self.page.needle:
            self._search("")
        else:
            super().action_back()
