"""A page of lines to read: searched, not kept. What it says is made once for each width."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from screens.keys import bound
from screens.painting import Ink, Line, line
from screens.situation import Situation
from screens.widgets.lines import LinesPane
from screens.widgets.log_rows import marked
from sparkdr_tui.language import current


class PagePane(LinesPane):
    """Lines that do not depend on the situation; `write` says what they are made by."""

    BINDINGS = bound("log.next", "log.previous")

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.needle = ""
        self._makes: Callable[[int], Sequence[Line]] = lambda _width: ()
        self._made: tuple[object, Sequence[Line]] = (None, ())

    def write(self, makes: Callable[[int], Sequence[Line]]) -> None:
        """Show what this makes of a width."""
        self._makes, self._made = makes, (None, ())
        self.redraw()

    def draw(self, situation: Situation, width: int) -> Sequence[Line]:
        """The lines, what is searched for marked."""
        key = (width, self.needle, current())
        if self._made[0] != key:
            lines = self._makes(width)
            self._made = (key, [_marked(each, self.needle) for each in lines] if self.needle else lines)
        return self._made[1]

    @property
    def count(self) -> int:
        """How many lines have what is searched for."""
        return len(self._matches())

    def search(self, needle: str) -> None:
        """Mark what is searched for and go to the first of it from here on."""
        self.needle = needle
        self.redraw()
        self.refresh()
        found = self._matches()
        self._go(next((at for at in found if at >= self.scroll_offset.y), found[0] if found else None))

    def action_next_match(self) -> None:
        """The next match; from the last on to the first."""
        found, top = self._matches(), self.scroll_offset.y
        beyond = [at for at in found if at > top]
        ended = self.scroll_offset.y >= self.max_scroll_y
        self._go(beyond[0] if beyond and not ended else found[0] if found else None)

    def action_previous_match(self) -> None:
        """The match before; from the first on to the last."""
        found = self._matches()
        before = [at for at in found if at < self.scroll_offset.y]
        self._go(before[-1] if before else found[-1] if found else None)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Next and previous are offered while something is searched for."""
        if action in ("next_match", "previous_match"):
            return bool(self.needle)
        return super().check_action(action, parameters)

    def _matches(self) -> list[int]:
        needle = self.needle.casefold()
        return [at for at, each in enumerate(self.lines) if needle and needle in each.text.casefold()]

    def _go(self, at: int | None) -> None:
        if at is not None:
            self.scroll_to(y=at, animate=False, immediate=True)


def _marked(whole: Line, needle: str) -> Line:
    pieces: list[Ink] = [part for piece in whole.pieces for part in marked(piece.text, piece.name, needle)]
    return line(pieces, item=whole.item, head=whole.head)
