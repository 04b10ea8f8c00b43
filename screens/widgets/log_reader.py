"""A log on the screen: draws the visible rows of a file, follows or lets read. Holds no file, searches nothing."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from rich.segment import Segment
from textual.geometry import Size
from textual.message import Message
from textual.strip import Strip

from screens.keys import bound
from screens.log_watch import LogWatch, News
from screens.painting import Line
from screens.situation import Situation
from screens.widgets.lines import LinesPane
from screens.widgets.log_rows import TIME, Row, rows_of
from sparkdr_tui.record.logfile import LogFile

_SIDEWAYS = 16


class LogReader(LinesPane):
    """The reader's place is theirs: what is new moves it only while following.

    The place is a line of the file and, where lines are wrapped, one of its rows.
    """

    BINDINGS = bound("log.follow", "log.wrap", "move.left", "move.right")

    class Changed(Message):
        """What is said of the log is another."""

    class Heard(Message):
        """The watch has something to tell."""

        def __init__(self, file: LogFile, news: News | None) -> None:
            super().__init__()
            self.file, self.news = file, news

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.path: Path | None = None
        self.following = True
        self.wrapping = False
        self.needle = ""
        self.match: int | None = None
        """The line that a search led to."""
        self.file: LogFile | None = None
        self.watcher: LogWatch | None = None
        self._first = self._end = 0
        """The lines of the file as they are drawn; the file may know of more by now."""
        self._row = 0
        self._left = 0
        self._to_the_top = False
        self._rows: tuple[object, list[Row]] = (None, [])

    # -- the file ------------------------------------------------------------------------------------

    def open(self, path: Path | None) -> None:
        """Show this log, from its end; the one that is shown already stays as it is."""
        if path == self.path:
            return
        self.let_go()
        self.path, self._first, self._end, self._row, self._left, self.match = path, 0, 0, 0, 0, None
        self.following, self._to_the_top = True, False
        self.virtual_size = Size(self.width, 0)
        if path is not None:
            self.file = LogFile(path, at_end=True)
            self.watcher = LogWatch(self.file, lambda file, news: self.post_message(self.Heard(file, news)))
            self.watcher.start()
        self.refresh()

    def let_go(self) -> None:
        """Look at no file any more."""
        if self.watcher is not None:
            self.watcher.stop()
        self.watcher = self.file = None

    def on_unmount(self) -> None:
        """The thread ends with the pane."""
        self.let_go()

    def take_news(self) -> None:
        """Draw what is new of the file."""
        if self.file is None:
            return
        first, end = self.file.first, self.file.end
        if (first, end) == (self._first, self._end):
            return
        top, seen_last = self.top, self._end <= self.top + self.size.height
        moved, self._first, self._end = first != self._first, first, end
        self._measure()
        if moved and not self.following:
            self._go_to(*((first, 0) if self._to_the_top else (top, self._row)))
            self._to_the_top = False
        if self.following or seen_last or moved:
            self.refresh()

    @property
    def top(self) -> int:
        """The line at the top."""
        return self._first + self.scroll_offset.y

    @property
    def count(self) -> int:
        """How many lines are known."""
        return self._end - self._first

    # -- drawing -------------------------------------------------------------------------------------

    def draw(self, situation: Situation, width: int) -> Sequence[Line]:
        """Lines come from the file, when they are visible."""
        return []

    def show(self, situation: Situation) -> None:
        """A log does not depend on the situation."""

    def redraw(self) -> None:
        """The width is another one."""
        if self.is_attached and self.size.width:
            self._row = min(self._row, max(0, len(self._rows_of(self.top)) - 1))
            self._measure()
            self.refresh()

    def render_line(self, y: int) -> Strip:
        """One visible row: of a line, or of a part of one when lines are wrapped."""
        rows = self.visible_rows()
        return self._strip_of(rows[y]) if y < len(rows) else Strip.blank(self.width, self.visual_style.rich_style)

    def visible_rows(self) -> list[Row]:
        """The rows on the screen; made once per change."""
        place = (self.path, self._first, self._end, self.scroll_offset.y, self._row, self.size, self.following)
        key = (place, self.wrapping, self.needle)
        if self._rows[0] != key or self.file is None:
            self._rows = (key, self._make_rows(self.size.height))
        return self._rows[1]

    def _make_rows(self, height: int) -> list[Row]:
        if self.wrapping and self.following:
            return self._bottom_rows(height)
        return self._rows_from(self.top, height + self._row)[self._row :][:height]

    def _bottom_rows(self, height: int) -> list[Row]:
        return self._rows_from(max(self._first, self._end - height), height)[-height:]

    def _rows_from(self, first: int, count: int) -> list[Row]:
        """The rows of so many lines."""
        if self.file is None:
            return []
        width = max(2, self.width - TIME) if self.wrapping else None
        texts = self.file.lines(first, min(first + count, self._end))
        found = [rows_of(at, text, self.file.time_at(at), width, self.needle) for at, text in enumerate(texts, first)]
        return [row for rows in found for row in rows]

    def _rows_of(self, line: int) -> list[Row]:
        return self._rows_from(line, 1)

    def _strip_of(self, row: Row) -> Strip:
        ground = self.visual_style.rich_style + self.ink("cursor-away" if row.line == self.match else "plain")
        text = Strip([Segment(piece.text, ground + self.ink(piece.name)) for piece in row.text])
        shown = text.crop(self._left, self._left + self.width - TIME)
        head = Strip([Segment(row.time.text, ground + self.ink(row.time.name))])
        return Strip.join([head, shown]).adjust_cell_length(self.width, ground)

    # -- the place -----------------------------------------------------------------------------------

    @property
    def max_scroll_y(self) -> int:
        """Wrapped lines can all be brought to the top, at any moment of a resize too."""
        return max(0, self.count - 1) if self.wrapping else super().max_scroll_y

    def _measure(self) -> None:
        """So many lines; wrapped ones can all be brought to the top. Whoever follows is kept at the end."""
        beyond = max(0, self.size.height - 1) if self.wrapping else 0
        self.virtual_size = Size(self.width, self.count + beyond)
        if self.following:
            self._go_to(*self._bottom())

    def _bottom(self) -> tuple[int, int]:
        """The place at which the last row is at the bottom."""
        height = self.size.height
        if not self.wrapping:
            return max(self._first, self._end - height), 0
        rows = self._bottom_rows(height)
        if not rows:
            return self._first, 0
        of_first = sum(row.line == rows[0].line for row in rows)
        return rows[0].line, len(self._rows_of(rows[0].line)) - of_first

    def _go_to(self, line: int, row: int = 0) -> None:
        """Put a line, or one of its rows, at the top."""
        self._row = row
        self.scroll_to(y=line - self._first, animate=False, immediate=True, force=True)
        self.refresh()

    def _by_rows(self, count: int) -> None:
        """Go so many rows down, or up."""
        line, row = self.top, self._row + count
        while row < 0 and line > self._first:
            line -= 1
            row += len(self._rows_of(line))
        while line < self._end - 1 and row >= (rows := len(self._rows_of(line))):
            row -= rows
            line += 1
        self._go_to(line, max(0, min(row, len(self._rows_of(line)) - 1)))

    def read(self) -> None:
        """Whoever goes up reads, and is not moved by what is new."""
        if self.following:
            self.following = False
            self.post_message(self.Changed())

    def action_line_down(self) -> None:
        """One line down, or one row."""
        if self.wrapping:
            self._by_rows(1)
        else:
            super().action_line_down()

    def action_line_up(self) -> None:
        """One line up, or one row."""
        self.read()
        if self.wrapping:
            self._by_rows(-1)
        else:
            super().action_line_up()

    def action_page_down(self) -> None:
        """A page down."""
        if self.wrapping:
            self._by_rows(self.size.height)
        else:
            super().action_page_down()

    def action_page_up(self) -> None:
        """A page up."""
        self.read()
        if self.wrapping:
            self._by_rows(-self.size.height)
        else:
            super().action_page_up()

    def on_mouse_scroll_up(self) -> None:
        """The wheel reads too, line by line."""
        self.read()
        self._row = 0

    def on_mouse_scroll_down(self) -> None:
        """It goes line by line."""
        self._row = 0

    def on_scroll_to(self) -> None:
        """So does dragging the scroll bar."""
        self.read()
        self._row = 0

    def action_follow(self) -> None:
        """Follow what is new, or stop following."""
        self.following = not self.following
        self.redraw()
        self.post_message(self.Changed())

    def action_bottom(self) -> None:
        """To the end, and on with what is new."""
        self.following = False
        self.action_follow()

    def action_top(self) -> None:
        """To the first line; while that is not known yet, as soon as it is."""
        self.read()
        self._to_the_top = self.file is not None and not self.file.whole
        self._go_to(self._first)

    def action_left(self) -> None:
        """Read further to the left."""
        self._left = max(0, self._left - _SIDEWAYS)
        self.refresh()

    def action_right(self) -> None:
        """Read further to the right."""
        if not self.wrapping:
            self._left += _SIDEWAYS
            self.refresh()

    def action_wrap(self) -> None:
        """Break long lines, or not."""
        self.wrapping, self._left, self._row = not self.wrapping, 0, 0
        self.redraw()
