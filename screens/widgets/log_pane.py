"""The log of a step: draws the visible lines of the file, never holds the file. Follows, searches, wraps."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from rich.segment import Segment
from textual.geometry import Size
from textual.message import Message
from textual.strip import Strip

from screens.keys import bound
from screens.log_watch import Kind, LogWatch, Sought
from screens.painting import Line
from screens.situation import Situation
from screens.widgets.lines import LinesPane
from screens.widgets.log_rows import TIME, Row, rows_of
from sparkdr_tui.errors import SparkdrError
from sparkdr_tui.language import _, later, ngettext
from sparkdr_tui.record.logfile import LogFile

_SIDEWAYS = 16


class LogPane(LinesPane):
    """The lower part of pane 3. The reader's place is theirs: what is new moves it only while following."""

    BINDINGS = bound("log.next", "log.previous", "log.follow", "log.error", "log.wrap", "move.left", "move.right")

    class Changed(Message):
        """What `describe` says is another."""

    class Heard(Message):
        """The watch has something to tell."""

        def __init__(self, file: LogFile, news: Sought | SparkdrError | None) -> None:
            super().__init__()
            self.file, self.news = file, news

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.path: Path | None = None
        self.following = True
        self.growing = False
        """The step still writes to it."""
        self.wrapping = False
        self.needle = ""
        self._match: int | None = None
        self._says = ""
        self._round = False
        self._file: LogFile | None = None
        self._watch: LogWatch | None = None
        self._count = 0
        self._left = 0
        self._rows: tuple[object, list[Row]] = (None, [])

    # -- the file ------------------------------------------------------------------------------------

    def open(self, path: Path | None) -> None:
        """Show this log, from its end; the one that is shown already stays as it is."""
        if path == self.path:
            return
        self.let_go()
        self.path, self._count, self._left, self._match, self._says = path, 0, 0, None, ""
        self.following = True
        self.virtual_size = Size(self.width, 0)
        if path is not None:
            self._file = LogFile(path)
            self._watch = LogWatch(self._file, lambda file, news: self.post_message(self.Heard(file, news)))
            self._watch.start()
        self.refresh()

    def let_go(self) -> None:
        """Look at no file any more."""
        if self._watch is not None:
            self._watch.stop()
        self._watch = self._file = None

    def on_unmount(self) -> None:
        """The thread ends with the pane."""
        self.let_go()

    def on_log_pane_heard(self, message: Heard) -> None:
        """Draw what is new, or go where a search led."""
        message.stop()
        if message.file is not self._file:
            return
        if isinstance(message.news, Sought):
            self._arrive(message.news)
        elif isinstance(message.news, SparkdrError):
            self._says = message.news.message
        self._grow()
        self.post_message(self.Changed())

    def _grow(self) -> None:
        count = self._file.line_count if self._file else 0
        if count == self._count:
            return
        seen_last = self._count <= self.scroll_offset.y + self.size.height
        self._count = count
        self._measure()
        if self.following or seen_last:
            self.refresh()

    def _measure(self) -> None:
        """So many lines; wrapped ones can all be brought to the top. Whoever follows is kept at the end."""
        beyond = max(0, self.size.height - 1) if self.wrapping else 0
        self.virtual_size = Size(self.width, self._count + beyond)
        if self.following:
            self._place(self._end())

    def _end(self) -> int:
        """The first visible line when the last one is at the bottom."""
        height = self.size.height
        if not self.wrapping or self._file is None:
            return max(0, self._count - height)
        rows = self._bottom_rows(height)
        return rows[0].line if rows else 0

    def _place(self, line: int) -> None:
        """Put a line at the top."""
        self.scroll_to(y=line, animate=False, immediate=True, force=True)

    def describe(self) -> str:
        """How long the log is, and what the reader does with it."""
        parts = [ngettext("{count} line", "{count} lines", self._count).format(count=f"{self._count:,}")]
        if self._says:
            parts.append(_(self._says))
        elif self.following and self.growing:
            parts.append(_("following"))
        if self.needle:
            parts.append(f"/{self.needle}")
        return " · ".join(parts)

    # -- drawing -------------------------------------------------------------------------------------

    def draw(self, situation: Situation, width: int) -> Sequence[Line]:
        """Lines come from the file, when they are visible."""
        return []

    def show(self, situation: Situation) -> None:
        """A log does not depend on the situation."""

    def redraw(self) -> None:
        """The width is another one."""
        if self.is_attached and self.size.width:
            self._measure()
            self.refresh()

    def render_line(self, y: int) -> Strip:
        """One visible row: of a line, or of a part of one when lines are wrapped."""
        rows = self._visible()
        return self._strip_of(rows[y]) if y < len(rows) else Strip.blank(self.width, self.visual_style.rich_style)

    def _visible(self) -> list[Row]:
        """The rows on the screen; made once per change."""
        place = (self.path, self._count, self.scroll_offset.y, self.size, self.following)
        key = (place, self.wrapping, self.needle)
        if self._rows[0] != key or self._file is None:
            self._rows = (key, self._make_rows(self.scroll_offset.y, self.size.height))
        return self._rows[1]

    def _make_rows(self, top: int, height: int) -> list[Row]:
        if self.wrapping and self.following:
            return self._bottom_rows(height)
        return self._rows_from(top, height)[:height]

    def _bottom_rows(self, height: int) -> list[Row]:
        return self._rows_from(max(0, self._count - height), height)[-height:]

    def _rows_from(self, first: int, count: int) -> list[Row]:
        if self._file is None:
            return []
        width = max(1, self.width - TIME) if self.wrapping else None
        texts = self._file.lines(first, first + count)
        found = [rows_of(at, text, self._file.time_at(at), width, self.needle) for at, text in enumerate(texts, first)]
        return [row for rows in found for row in rows]

    def _strip_of(self, row: Row) -> Strip:
        ground = self.visual_style.rich_style + self.ink("cursor-away" if row.line == self._match else "plain")
        text = Strip([Segment(piece.text, ground + self.ink(piece.name)) for piece in row.text])
        shown = text.crop(self._left, self._left + self.width - TIME)
        head = Strip([Segment(row.time.text, ground + self.ink(row.time.name))])
        return Strip.join([head, shown]).adjust_cell_length(self.width, ground)

    # -- moving --------------------------------------------------------------------------------------

    def _read(self) -> None:
        """Whoever goes up reads, and is not moved by what is new."""
        if self.following:
            self.following = False
            self.post_message(self.Changed())

    def action_line_up(self) -> None:
        """One line up."""
        self._read()
        super().action_line_up()

    def action_page_up(self) -> None:
        """A page up."""
        self._read()
        super().action_page_up()

    def on_mouse_scroll_up(self) -> None:
        """The wheel reads too."""
        self._read()

    def on_scroll_to(self) -> None:
        """So does dragging the scroll bar."""
        self._read()

    def action_follow(self) -> None:
        """Follow what is new, or stop following."""
        self.following = not self.following
        self._says = ""
        self.redraw()
        self.post_message(self.Changed())

    def action_bottom(self) -> None:
        """To the end, and on with what is new."""
        self.following = False
        self.action_follow()

    def action_top(self) -> None:
        """To the first line."""
        self._read()
        self.scroll_home(animate=False, immediate=True)

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
        self.wrapping, self._left = not self.wrapping, 0
        self.redraw()

    # -- searching -----------------------------------------------------------------------------------

    def search(self, needle: str) -> None:
        """Search from what is visible on; nothing to search for ends searching."""
        self.needle, self._match, self._says = needle, None, ""
        if needle:
            self._seek("next", self.scroll_offset.y)
        self.refresh()
        self.post_message(self.Changed())

    def action_next_match(self) -> None:
        """The next match."""
        self._says = ""
        self._seek("next", self.scroll_offset.y if self._match is None else self._match + 1)

    def action_previous_match(self) -> None:
        """The match before."""
        self._says = ""
        self._seek("previous", self.scroll_offset.y if self._match is None else self._match - 1)

    def action_first_error(self) -> None:
        """The first line that speaks of an error."""
        self._says = ""
        self._seek("error", 0)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Next and previous are offered while something is searched for; all of it needs a log."""
        if action in ("next_match", "previous_match"):
            return bool(self.needle)
        if action in ("follow", "first_error", "wrap"):
            return self.path is not None
        return super().check_action(action, parameters)

    def _seek(self, kind: Kind, line: int) -> None:
        if self._watch is not None:
            self._watch.seek(kind, self.needle, line)

    def _arrive(self, found: Sought) -> None:
        if found.line is None and found.kind != "error" and not self._round:
            self._round = True
            self._seek(found.kind, 0 if found.kind == "next" else self._count - 1)
            return
        turned, self._round = self._round, False
        if found.line is None:
            self._says = later("no error found") if found.kind == "error" else later("not found")
            return
        if turned:
            self._says = later("from the top") if found.kind == "next" else later("from the end")
        self.following = False
        self._match = found.line
        above = 0 if self.wrapping else self.size.height // 3
        self._place(max(0, found.line - above))
        self.refresh()
