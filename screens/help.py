"""Every key of a screen, with what it does, under the heading of its group. Made from the bindings."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import zip_longest

from rich.cells import cell_len
from textual.binding import Binding
from textual.dom import DOMNode
from textual.widgets import Input

from screens import keys
from screens.base import BaseScreen
from screens.page_screen import PageScreen
from screens.painting import Ink, Line, fit, flow, line, paragraph
from screens.words import phase_mark, phase_word, state_mark, state_word
from sparkdr_tui.language import _
from sparkdr_tui.plan.model import State
from sparkdr_tui.record.state import Phase

TWO_COLUMNS = 100
"""Cells from which on the groups stand in two columns."""


class HelpScreen(PageScreen):
    """Opened over the screen whose keys it shows."""

    def __init__(self, of: BaseScreen) -> None:
        super().__init__()
        self._bindings_shown = collected(of)

    def on_mount(self) -> None:
        """Write the keys."""
        super().on_mount()
        self.page.write(self._lines)

    def heading(self) -> str:
        """What the page is called."""
        return _("Keys")

    def _lines(self, width: int) -> list[Line]:
        shown = [(self.app.get_key_display(each), each) for each in self._bindings_shown]
        if width < TWO_COLUMNS:
            return [*(each for block in blocks(shown, width) for each in block), *legend(width)]
        half = width // 2 - 1
        found = blocks(shown, half)
        return [*beside(*halves(found), half + 2), *legend(width)]


def blocks(shown: Sequence[tuple[str, Binding]], width: int) -> list[list[Line]]:
    """Each group of keys under its heading, with a blank line after it."""
    wide = max((cell_len(key) for key, _each in shown), default=0) + 2
    found: list[list[Line]] = []
    for group in keys.GROUPS:
        rows = [(key, each) for key, each in shown if keys.group(each) == group]
        if rows:
            block = [line(Ink(_(group), "link"))]
            for key, each in rows:
                block += paragraph(keys.tooltip(each), width, "plain", wide + 2, Ink("  " + fit(key, wide), "key"))
            found.append([*block, line()])
    return found


def halves(found: Sequence[list[Line]]) -> tuple[list[Line], list[Line]]:
    """The blocks in two columns, cut where they differ least."""
    lengths = [len(block) for block in found]
    at = min(range(len(found) + 1), key=lambda at: abs(sum(lengths[:at]) - sum(lengths[at:])))
    left, right = found[:at], found[at:]
    return [each for block in left for each in block], [each for block in right for each in block]


def beside(left: Sequence[Line], right: Sequence[Line], at: int) -> list[Line]:
    """Two columns side by side, the second beginning at a cell."""
    pairs = zip_longest(left, right, fillvalue=line())
    return [line(one.pieces, Ink(" " * (at - one.cells)), other.pieces) for one, other in pairs]


def collected(screen: BaseScreen) -> list[Binding]:
    """The bindings of a screen, of everything in it and of the app, in the order of the registry."""
    within = (each for each in screen.walk_children() if not isinstance(each, Input))
    nodes: Iterable[DOMNode] = (*within, screen, screen.app)
    found = {binding.id: binding for node in nodes for binding in declared(type(node))}
    return [found[name] for name in keys.KEYS if name in found]


def declared(kind: type) -> list[Binding]:
    """The bindings that a class and its bases declare."""
    classes = [cls.__dict__.get("BINDINGS", ()) for cls in kind.__mro__]
    return [each for bindings in classes for each in bindings if isinstance(each, Binding)]


def legend(width: int) -> list[Line]:
    """What the glyphs mean."""
    states = [(state_mark(state), Ink(f" {state_word(state).text}")) for state in State]
    phases = (Phase.PENDING, Phase.ASKED, Phase.RUNNING, Phase.DONE, Phase.FAILED, Phase.SKIPPED, Phase.UNKNOWN)
    steps = [(phase_mark(phase), Ink(f" {phase_word(phase)}")) for phase in phases]
    waiting = (Ink("⏸", "live"), Ink(f" {_('waiting')}"))
    services, of_steps = line(Ink(_("Marks of services and nodes"), "link")), line(Ink(_("Marks of steps"), "link"))
    return [services, *flow(states, width), line(), of_steps, *flow([*steps, waiting], width)]
