"""The names of the panes where only one has room; a click or its number shows it."""

from __future__ import annotations

from textual import events
from textual.message import Message

from screens.painting import Ink, line
from screens.widgets.lines import LinesPane
from sparkdr_tui.language import _

PANES = ("topology", "scenarios", "recovery")


class PaneTabs(LinesPane, can_focus=False):
    """One line of three names."""

    class Chosen(Message):
        """A tab was clicked."""

        def __init__(self, pane: str) -> None:
            super().__init__()
            self.pane = pane

    def __init__(self) -> None:
        super().__init__(id="tabs")
        self.pane = "recovery"
        self._flagged = ""
        self._spots: list[tuple[range, str]] = []

    def choose(self, pane: str) -> None:
        """Mark a pane as the one shown."""
        self.pane = pane
        self.redraw()

    def flag(self, pane: str) -> None:
        """Mark a pane (none: empty) as one that has something to say while it is not seen."""
        self._flagged = pane
        self.redraw()

    def redraw(self) -> None:
        """The names, the shown one lit."""
        if not self.is_attached or not self.size.width:
            return
        names = {"topology": _("Topology"), "scenarios": _("Scenarios"), "recovery": _("Recovery")}
        pieces, used, self._spots = [Ink(" ")], 1, []
        for number, pane in enumerate(PANES, 1):
            tab = [Ink(f" {number} {names[pane]} ", "cursor" if pane == self.pane else "dim")]
            tab += [Ink(_("▲ something is missing"), "bad")] if pane == self._flagged != self.pane else []
            pieces += [*tab, Ink(" ")]
            self._spots.append((range(used, used + line(tab).cells), pane))
            used += line(tab).cells + 1
        if list(self._lines) != [line(pieces)]:
            self._lines = [line(pieces)]
            self.refresh()

    def on_click(self, event: events.Click) -> None:
        """Show the pane whose name was clicked."""
        at = event.get_content_offset(self)
        for cells, pane in self._spots:
            if at is not None and at.x in cells:
                self.post_message(self.Chosen(pane))
