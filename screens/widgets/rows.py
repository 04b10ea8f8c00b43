"""A pane of many rows of one line each, of which only the visible ones are ever drawn; one is picked by a cursor."""

from __future__ import annotations

from collections.abc import Sequence

from textual import events
from textual.geometry import Size
from textual.strip import Strip

from screens.painting import Line, line
from screens.situation import Situation
from screens.widgets.lines import PickPane


class RowsPane(PickPane):
    """Subclasses draw the row of an item in `row`, and what is said where there are none in `empty`."""

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._rows: Sequence[str] = ()
        self._places: dict[str, int] = {}
        self._drawn: tuple[int, Sequence[Line]] = (0, ())

    def row(self, situation: Situation, item: str, width: int) -> Line:
        """The row of an item."""
        raise NotImplementedError

    def empty(self, situation: Situation, width: int) -> Sequence[Line]:
        """What is said where there is no row."""
        return ()

    def have(self, rows: Sequence[str]) -> None:
        """Have these items, in this order."""
        self._rows = rows
        self._places = {item: at for at, item in enumerate(rows)}
        if rows and self.cursor not in self._places:
            self.cursor = rows[0]
            self.scroll_home(animate=False)
        self.redraw()

    @property
    def items(self) -> list[str]:
        """All items."""
        return list(self._rows)

    @property
    def lines(self) -> Sequence[Line]:
        """What is drawn: the visible lines."""
        return self._drawn[1]

    def redraw(self) -> None:
        """Draw what is visible anew; only lines that differ are refreshed."""
        if self.situation is None or not self.is_attached or not self.size.width:
            return
        size = Size(self.width, len(self._rows) or max(1, len(self.empty(self.situation, self.width))))
        if self.virtual_size != size:
            self.virtual_size = size
            self.refresh()
            if self.styles.height is not None and self.styles.height.is_auto:
                self.call_after_refresh(self.refresh, layout=True)  # as in `LinesPane.redraw`
        before, self._drawn = self._drawn, (self.scroll_offset.y, self._visible())
        if before[0] != self._drawn[0] or len(before[1]) != len(self._drawn[1]):
            self.refresh()
            return
        for at, (old, new) in enumerate(zip(before[1], self._drawn[1], strict=True)):
            if old != new:
                self.refresh_line(self._drawn[0] + at)

    def _visible(self) -> Sequence[Line]:
        assert self.situation is not None  # `redraw` has looked
        if not self._rows:
            return self.empty(self.situation, self.width)
        top = self.scroll_offset.y
        shown = self._rows[top : top + self.size.height]
        return [self.row(self.situation, item, self.width) for item in shown]

    def render_line(self, y: int) -> Strip:
        """One visible line."""
        ground = self.visual_style.rich_style
        drawn = self._line_at(y)
        return self._strip(drawn, ground + self.lighting(drawn))

    def _line_at(self, y: int) -> Line:
        at = y + self.scroll_offset.y
        if self.situation is None:
            return line()
        if not self._rows:
            said = self.empty(self.situation, self.width)
            return said[at] if at < len(said) else line()
        return self.row(self.situation, self._rows[at], self.width) if at < len(self._rows) else line()

    def move_to(self, item: str, *, by_hand: bool) -> None:
        """Put the cursor on an item."""
        if item != self.cursor:
            self.cursor = item
            self.refresh()
            self.post_message(self.Moved(self, item, by_hand))
        self._into_view()

    def _into_view(self) -> None:
        at, top, height = self._places.get(self.cursor, 0), self.scroll_offset.y, self.size.height
        if at < top:
            self.scroll_to(y=at, animate=False)
        elif height and at >= top + height:
            self.scroll_to(y=at - height + 1, animate=False)

    def on_click(self, event: events.Click) -> None:
        """Pick with the mouse; twice means it."""
        at = event.get_content_offset(self)
        if at is None or not 0 <= at.y + self.scroll_offset.y < len(self._rows):
            return
        item = self._rows[at.y + self.scroll_offset.y]
        self.move_to(item, by_hand=True)
        if event.chain == 2:
            self.post_message(self.Picked(self, item))

    def _step(self, by: int) -> None:
        if self._rows:
            at = self._places.get(self.cursor, 0)
            self.move_to(self._rows[max(0, min(len(self._rows) - 1, at + by))], by_hand=True)

    def action_line_down(self) -> None:
        """The next item."""
        self._step(1)

    def action_line_up(self) -> None:
        """The item before."""
        self._step(-1)

    def action_page_down(self) -> None:
        """A page of items further."""
        self._step(max(1, self.size.height - 1))

    def action_page_up(self) -> None:
        """A page of items back."""
        self._step(-max(1, self.size.height - 1))
