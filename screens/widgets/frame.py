"""A frame round panes: edges with words at both ends, rules that divide it. It lights up with the focus in it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from textual import events
from textual.containers import Vertical

from screens.painting import Ink, Line, Piece, cut_line, line
from screens.situation import Situation
from screens.widgets.lines import LinesPane

_CORNERS = {"top": "╭╮", "rule": "├┤", "bottom": "╰╯"}


class Edge(LinesPane, can_focus=False):
    """One line of a frame: its upper or lower edge, or a rule across it."""

    def __init__(self, kind: Literal["top", "rule", "bottom"], *, id: str | None = None) -> None:
        super().__init__(id=id, classes="edge")
        self._corners = _CORNERS[kind]
        self._start, self._end = line(), line()
        self._lit = False
        self.lit_ink = "lit"
        """The ink of the edge while its frame has the focus."""

    def say(self, start: Line | Piece = "", end: Line | Piece = "") -> None:
        """Write words into the edge, at its left and right."""
        self._start = start if isinstance(start, Line) else line(start)
        self._end = end if isinstance(end, Line) else line(end)
        self.redraw()

    def light(self, lit: bool) -> None:
        """Draw it as the edge of the frame that has the focus, or not."""
        self._lit = lit
        self.redraw()

    def redraw(self) -> None:
        """An edge draws its words; it needs no situation."""
        if self.is_attached and self.size.width:
            drawn = self._write_out(self.size.width)
            if [drawn] != list(self._lines):
                self._lines = [drawn]
                self.refresh()

    def draw(self, situation: Situation, width: int) -> Sequence[Line]:
        """The edge."""
        return [self._write_out(width)]

    def _write_out(self, width: int) -> Line:
        ink = self.lit_ink if self._lit else "edge"
        left, right = (Ink(corner, ink) for corner in self._corners)
        end = line(" ", self._end.pieces, " ") if self._end.cells else line()
        room = width - 4 - end.cells
        start = cut_line(self._start, room - 3)
        start = line(" ", self._titled(start), " ") if start.cells else line()
        fill, dash = Ink("─" * (room - start.cells), ink), Ink("─", ink)
        return line(left, dash, start.pieces, fill, end.pieces, dash, right)

    def _titled(self, words: Line) -> list[Ink]:
        """The title lights up with its frame."""
        title = "strong" if not self._lit else "title" if self.lit_ink == "lit" else self.lit_ink
        return [Ink(each.text, title if each.name == "title" else each.name) for each in words.pieces]


class Frame(Vertical):
    """A frame; compose its edges and panes in it. It lights up with the focus; a click gives it the focus."""

    def on_descendant_focus(self) -> None:
        """Light up."""
        self._light(True)

    def on_descendant_blur(self) -> None:
        """Go dark, unless the focus stays within."""
        focused = self.screen.focused
        self._light(focused is not None and self in focused.ancestors)

    def _light(self, lit: bool) -> None:
        self.set_class(lit, "-lit")
        for edge in self.query(Edge):
            edge.light(lit)

    def on_click(self, event: events.Click) -> None:
        """Edges are part of the pane."""
        if self.screen.focused is None or self not in self.screen.focused.ancestors:
            panes = [each for each in self.query(LinesPane) if each.can_focus and each.display]
            self.screen.set_focus(panes[0] if panes else None)
