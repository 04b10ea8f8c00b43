"""Every key of a screen, with what it does, under the heading of its group. Made from the bindings."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.cells import cell_len
from textual.app import ComposeResult
from textual.binding import Binding
from textual.dom import DOMNode
from textual.widgets import Input

from screens import keys
from screens.base import BaseScreen, SubScreen
from screens.dialogs.base import TextPane
from screens.painting import Ink, Line, fit, flow, line, paragraph
from screens.situation import Situation
from screens.widgets.frame import Edge, Frame
from screens.words import phase_mark, phase_word, state_mark, state_word
from sparkdr_tui.language import _
from sparkdr_tui.plan.model import State
from sparkdr_tui.record.state import Phase


class HelpScreen(SubScreen):
    """Opened over the screen whose keys it shows."""

    def __init__(self, of: BaseScreen) -> None:
        super().__init__()
        self._bindings_shown = collected(of)

    def compose_body(self) -> ComposeResult:
        """The keys."""
        with Frame(classes="page"):
            yield Edge("top")
            yield TextPane(self._draw)
            yield Edge("bottom")

    def on_mount(self) -> None:
        """Keys scroll it."""
        super().on_mount()
        self.query_one(TextPane).focus()

    def name_panes(self) -> None:
        """Name the page."""
        self.query(Edge).first().say(line(Ink(_("Keys"), "title")))

    def _draw(self, situation: Situation, width: int) -> Sequence[Line]:
        shown = [(self.app.get_key_display(each), each) for each in self._bindings_shown]
        wide = max((cell_len(key) for key, _each in shown), default=0) + 2
        found: list[Line] = []
        for group in keys.GROUPS:
            rows = [(key, each) for key, each in shown if keys.group(each) == group]
            if rows:
                found += [line(Ink(_(group), "link"))]
                for key, each in rows:
                    found += paragraph(keys.tooltip(each), width, "plain", wide + 2, Ink("  " + fit(key, wide), "key"))
                found.append(line())
        return [*found, *legend(width)]


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
