"""The keys that apply now, made from the bindings of the screen and of what has the focus; a click presses a key."""

from __future__ import annotations

from textual import events
from textual.binding import Binding

from screens import keys
from screens.painting import Ink, Line, line
from screens.widgets.lines import LinesPane

_RIGHT = 90
"""Keys of this rank and more stand at the right."""


class KeyBar(LinesPane, can_focus=False):
    """The footer of every screen: one line."""

    def __init__(self) -> None:
        super().__init__()
        self._spots: list[tuple[range, str]] = []

    def on_mount(self) -> None:
        """Follow the bindings."""
        self.screen.bindings_updated_signal.subscribe(self, lambda _screen: self.redraw())

    def redraw(self) -> None:
        """Say what applies now."""
        if self.is_attached and self.size.width:
            shown = self._write_out(self.size.width)
            if [shown] != list(self._lines):
                self._lines = [shown]
                self.refresh()

    def _write_out(self, width: int) -> Line:
        """The keys by rank; what has no room is left out."""
        bindings = self._bindings_by_rank()
        right = [each for each in bindings if keys.rank(each) >= _RIGHT]
        end = sum(self._entry(each).cells + 2 for each in right) - 1
        pieces: list[Ink] = [Ink(" ")]
        self._spots, used = [], 1
        for each in bindings:
            entry = self._entry(each)
            if each in right or used + entry.cells + 2 + end > width:
                continue
            self._spots.append((range(used, used + entry.cells), each.key))
            pieces += [*entry.pieces, Ink("  ")]
            used += entry.cells + 2
        pieces.append(Ink(" " * (width - used - end)))
        used = width - end
        for each in right:
            entry = self._entry(each)
            self._spots.append((range(used, used + entry.cells), each.key))
            pieces += [*entry.pieces, Ink("  ")]
            used += entry.cells + 2
        return line(pieces)

    def _bindings_by_rank(self) -> list[Binding]:
        found: dict[str, Binding] = {}
        for active in self.screen.active_bindings.values():
            if active.enabled and active.binding.show and keys.rank(active.binding):
                found.setdefault(active.binding.id or "", active.binding)
        return sorted(found.values(), key=keys.rank)

    def _entry(self, binding: Binding) -> Line:
        return line(Ink(self.app.get_key_display(binding), "key"), Ink(f" {keys.label(binding)}", "dim"))

    def on_click(self, event: events.Click) -> None:
        """Press the key that was clicked."""
        at = event.get_content_offset(self)
        for cells, key in self._spots:
            if at is not None and at.x in cells:
                self.app.simulate_key(key)
