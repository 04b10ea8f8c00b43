"""The log of a step, with what a reader does beside reading: search, jump to errors, copy. Draws nothing itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from screens import copying
from screens.keys import bound
from screens.log_watch import Kind, News, Sought, Tally
from screens.widgets.log_reader import LogReader
from sparkdr_tui.errors import SparkdrError
from sparkdr_tui.language import _, later, ngettext

if TYPE_CHECKING:
    from screens.app import CockpitApp


class LogPane(LogReader):
    """The lower part of pane 3."""

    COPIED = 200
    """So many of the last lines are copied at once."""
    LONG = 0.3
    """A search that takes so many seconds is said to be under way."""
    BINDINGS = bound("log.next", "log.previous", "log.error", "log.copy", "log.copy_last")

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.growing = False
        """The step still writes to it."""
        self._says = ""
        self._round = False
        self._seeking = False
        self._tally: Tally | None = None
        self._error: int | None = None
        """The error that the reader was led to last."""

    def let_go(self) -> None:
        """Look at no file any more; what was found in it is forgotten."""
        super().let_go()
        self._says, self._round, self._seeking, self._tally, self._error = "", False, False, None, None

    def on_log_reader_heard(self, message: LogReader.Heard) -> None:
        """Draw what is new, or go where a search led."""
        message.stop()
        if message.file is not self.file:
            return
        self.take_news()
        if message.news is not None:
            self._take(message.news)
        self.post_message(self.Changed())

    def _take(self, news: News) -> None:
        if isinstance(news, SparkdrError):
            self._says = news.message
        elif isinstance(news, Tally):
            self._tally = news if news.needle == self.needle else None
        else:
            self._arrive(news)

    def describe(self) -> str:
        """How long the log is, and what the reader does with it."""
        parts = [self._length()]
        if self._seeking:
            parts.append(_("searching …"))
        elif self._says:
            parts.append(_(self._says))
        elif self.following and self.growing:
            parts.append(_("following"))
        if self.needle:
            parts.append(f"/{self.needle} {self._matches()}".rstrip())
        return " · ".join(parts)

    def _length(self) -> str:
        if self.file is not None and not self.file.whole:
            return _("counting lines, {share} %").format(share=int(self.file.looked_back * 100))
        return ngettext("{count} line", "{count} lines", self.count).format(count=f"{self.count:,}")

    def _matches(self) -> str:
        """The how manieth match, and of how many."""
        tally = self._tally
        if tally is None or not tally.total:
            return ""
        total = f"{tally.total:,}" if tally.all else f"{tally.total:,}+"
        if not tally.position or self.match is None:
            return f"({total})"
        return _("{position} of {total}").format(position=f"{tally.position:,}", total=total)

    # -- searching -----------------------------------------------------------------------------------

    def search(self, needle: str) -> None:
        """Search from what is visible on; nothing to search for ends searching."""
        self.needle, self.match, self._says, self._error, self._tally = needle, None, "", None, None
        if needle:
            self._seek("next", self.top)
        self.refresh()
        self.post_message(self.Changed())

    def action_next_match(self) -> None:
        """The next match."""
        self._says, self._error = "", None
        self._seek("next", self.top if self.match is None else self.match + 1)

    def action_previous_match(self) -> None:
        """The match before."""
        self._says, self._error = "", None
        self._seek("previous", self.top if self.match is None else self.match - 1)

    def action_first_error(self) -> None:
        """The first line that speaks of an error; then the one after it."""
        self._says = ""
        self._seek("error", None if self._error is None else self._error + 1)

    def action_follow(self) -> None:
        """Follow what is new, or stop following; what a search said is said no more."""
        self._says, self._error = "", None
        super().action_follow()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Next and previous are offered while something is searched for; all of it needs a log."""
        if action in ("next_match", "previous_match"):
            return bool(self.needle)
        if action in ("follow", "first_error", "wrap", "copy_shown", "copy_last"):
            return self.path is not None
        return super().check_action(action, parameters)

    def _seek(self, kind: Kind, line: int | None) -> None:
        if self.watcher is not None:
            self._seeking = True
            self.watcher.seek(kind, self.needle, line)
            self.set_timer(self.LONG, lambda: self.post_message(self.Changed()))

    def _arrive(self, found: Sought) -> None:
        if found.line is None and self._goes_round(found.kind):
            self._round = True
            self._seek(found.kind, self._end - 1 if found.kind == "previous" else None)
            return
        self._seeking = False
        turned, self._round = self._round, False
        if found.line is None:
            self._says = later("no error found") if found.kind == "error" else later("not found")
            return
        if turned:
            self._says = later("from the end") if found.kind == "previous" else later("from the top")
        self._error = found.line if found.kind == "error" else None
        self.following = False
        self.match = found.line
        self._go_to(*self._place_of(found.line))

    def _goes_round(self, kind: Kind) -> bool:
        """Whether there is something to search before the place where the search began."""
        return not self._round and (kind != "error" or self._error is not None)

    def _place_of(self, line: int) -> tuple[int, int]:
        """The place from which a match is seen: with some lines above it, or the very row where lines are wrapped."""
        if not self.wrapping:
            return max(self._first, line - self.size.height // 3), 0
        rows = self._rows_of(line)
        return line, next((at for at, row in enumerate(rows) if any(each.name == "match" for each in row.text)), 0)

    # -- copying -------------------------------------------------------------------------------------

    def action_copy_shown(self) -> None:
        """Copy the lines that are visible, each whole."""
        rows = self.visible_rows()
        if rows:
            self._copy(rows[0].line, rows[-1].line + 1)

    def action_copy_last(self) -> None:
        """Copy the last lines of the log."""
        self._copy(self._end - self.COPIED, self._end)

    def _copy(self, first: int, end: int) -> None:
        lines = self.file.lines(first, end) if self.file else []
        name = ngettext("{count} line of the log", "{count} lines of the log", len(lines)).format(count=len(lines))
        copying.copy(cast("CockpitApp", self.app), "\n".join(lines), name)
