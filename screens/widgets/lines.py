"""A pane of lines: draws what `draw` returns, line by line, and refreshes only lines that changed. Knows no run."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, cast

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.geometry import Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from screens.keys import bound
from screens.painting import Line, harmless
from screens.situation import Situation

if TYPE_CHECKING:
    from screens.app import CockpitApp


class LinesPane(ScrollView, can_focus=True):
    """Lines in a scrolling pane. Subclasses say in `draw` what the lines are; `show` hands in what is true now."""

    ALLOW_SELECT = False
    BINDINGS = bound(
        "move.down",
        "move.up",
        "move.top",
        "move.bottom",
        "move.page_down",
        "move.page_up",
        "pane.next",
        "pane.previous",
    )

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self.situation: Situation | None = None
        self._lines: Sequence[Line] = ()

    def draw(self, situation: Situation, width: int) -> Sequence[Line]:
        """The lines for a pane of `width` cells."""
        raise NotImplementedError

    def show(self, situation: Situation) -> None:
        """Show what is true now."""
        self.situation = situation
        self.redraw()

    def redraw(self) -> None:
        """Draw anew; only lines that differ are refreshed."""
        if self.situation is None or not self.is_attached or not self.size.width:
            return
        before, self._lines = self._lines, self.draw(self.situation, self.width)
        if len(before) != len(self._lines) or self.virtual_size.width != self.width:
            self.virtual_size = Size(self.width, len(self._lines))
            self.refresh()
            # Textual may have measured this pane between an earlier wish for a layout and this one, and then keeps the
            # old height for good: a pane as high as its lines asks once more, in a turn of its own.
            if self.styles.height is not None and self.styles.height.is_auto:
                self.call_after_refresh(self.refresh, layout=True)
            return
        for at, (old, new) in enumerate(zip(before, self._lines, strict=True)):
            if old != new:
                self.refresh_line(at)

    @property
    def width(self) -> int:
        """Cells of a line."""
        return self.scrollable_content_region.width

    @property
    def lines(self) -> Sequence[Line]:
        """What is drawn."""
        return self._lines

    def render_line(self, y: int) -> Strip:
        """One visible line."""
        at = y + self.scroll_offset.y
        ground = self.visual_style.rich_style
        if at >= len(self._lines):
            return Strip.blank(self.width, ground)
        return self._strip(self._lines[at], ground + self.lighting(self._lines[at]))

    def lighting(self, line: Line) -> Style:
        """What lies under all of a line."""
        return Style.null()

    def _strip(self, line: Line, ground: Style) -> Strip:
        segments = [Segment(harmless(piece.text), ground + self.ink(piece.name)) for piece in line.pieces]
        return Strip(segments).adjust_cell_length(self.width, ground)

    def ink(self, name: str) -> Style:
        """The style of an ink in the theme in use."""
        return cast("CockpitApp", self.app).inks[name]

    def on_resize(self, event: events.Resize) -> None:
        """Lines depend on the width."""
        self.redraw()

    # -- moving --------------------------------------------------------------------------------------

    def action_line_down(self) -> None:
        """One line down."""
        self.scroll_relative(y=1, animate=False)

    def action_line_up(self) -> None:
        """One line up."""
        self.scroll_relative(y=-1, animate=False)

    def action_top(self) -> None:
        """To the first line."""
        self.scroll_home(animate=False)

    def action_bottom(self) -> None:
        """To the last line."""
        self.scroll_end(animate=False)


class PickPane(LinesPane):
    """A pane of lines in which one item is picked by a cursor; an item is what `Line.item` names."""

    class Moved(Message):
        """The cursor stands on another item; `by_hand` when a person moved it."""

        def __init__(self, pane: PickPane, item: str, by_hand: bool) -> None:
            super().__init__()
            self.pane, self.item, self.by_hand = pane, item, by_hand

        @property
        def control(self) -> PickPane:
            """The pane."""
            return self.pane

    class Picked(Message):
        """An item was picked with the mouse, twice."""

        def __init__(self, pane: PickPane, item: str) -> None:
            super().__init__()
            self.pane, self.item = pane, item

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self.cursor = ""

    @property
    def items(self) -> list[str]:
        """The items that the lines name, in order."""
        return list(dict.fromkeys(line.item for line in self._lines if line.item))

    def redraw(self) -> None:
        """Draw anew, and keep the cursor on something."""
        super().redraw()
        items = self.items
        if items and self.cursor not in items:
            self.move_to(items[0], by_hand=False)

    def move_to(self, item: str, *, by_hand: bool) -> None:
        """Put the cursor on an item."""
        if item != self.cursor:
            self.cursor = item
            self.redraw()
            self.refresh()
            self.post_message(self.Moved(self, item, by_hand))
        self._into_view()

    def _into_view(self) -> None:
        at = [index for index, line in enumerate(self._lines) if line.item == self.cursor]
        if not at or not self.size.height:
            return
        top, height = self.scroll_offset.y, self.size.height
        last = min(at[-1], at[0] + height - 1)
        if at[0] < top:
            self.scroll_to(y=at[0] if at[0] > 1 else 0, animate=False)
        elif last >= top + height:
            self.scroll_to(y=last - height + 1, animate=False)

    def lighting(self, line: Line) -> Style:
        """The cursor lights the head of its item."""
        if not line.head or line.item != self.cursor:
            return Style.null()
        return self.ink("cursor" if self.has_focus else "cursor-away")

    def on_focus(self) -> None:
        """The cursor looks different."""
        self.refresh()

    def on_blur(self) -> None:
        """The cursor looks different."""
        self.refresh()

    def on_click(self, event: events.Click) -> None:
        """Pick with the mouse; twice means it."""
        at = event.get_content_offset(self)
        if at is None or at.y + self.scroll_offset.y >= len(self._lines):
            return
        item = self._lines[at.y + self.scroll_offset.y].item
        if item:
            self.move_to(item, by_hand=True)
            if event.chain == 2:
                self.post_message(self.Picked(self, item))

    def _step(self, by: int) -> None:
        items = self.items
        if items:
            at = items.index(self.cursor) if self.cursor in items else 0
            self.move_to(items[max(0, min(len(items) - 1, at + by))], by_hand=True)

    def action_line_down(self) -> None:
        """The next item; below the last one, the lines that follow it."""
        if self.items and self.cursor == self.items[-1]:
            self.scroll_relative(y=1, animate=False)
        self._step(1)

    def action_line_up(self) -> None:
        """The item before; above the first one, the lines before it."""
        if self.items and self.cursor == self.items[0]:
            self.scroll_home(animate=False)
        self._step(-1)

    def action_top(self) -> None:
        """The first item."""
        self._step(-len(self.items))
        self.scroll_home(animate=False)

    def action_bottom(self) -> None:
        """The last item."""
        self._step(len(self.items))
