"""Nodes and their services as the last sweep found them, in one pane of lines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from rich.cells import cell_len
from rich.style import Style

from screens.painting import Ink, Line, cut, fit, line, sparkline, spread
from screens.situation import Situation
from screens.widgets.lines import PickPane
from screens.words import criticality_word, latency, said, span, state_mark, state_word
from sparkdr_tui.language import _
from sparkdr_tui.plan.model import State
from sparkdr_tui.watch.topology import Reading

_SPARK = 4
_PORT = 5


class TopologyPane(PickPane):
    """Pane 1 of the cockpit; while it has the focus, one node is picked."""

    def lighting(self, line: Line) -> Style:
        """Who does not choose a node sees no cursor."""
        return super().lighting(line) if self.has_focus else Style.null()

    def draw(self, situation: Situation, width: int) -> Sequence[Line]:
        """Each node with its services under it."""
        return topology_lines(situation, width)


def topology_lines(situation: Situation, width: int) -> list[Line]:
    """Each node with its services under it."""
    found: list[Line] = []
    for name, node in situation.plan.nodes.items():
        start = line(Ink(said(node.title), "strong"), "  ", criticality_word(node.criticality))
        found.append(replace(_node_line(start, situation.node(name), width), item=name, head=True))
        for each, service in situation.plan.services.items():
            if service.on == name:
                history = situation.latencies.get(each, ())
                shown = _service_line(said(service.title), service.port, situation.service(each), history, width)
                found.append(replace(shown, item=name))
    return found


def _node_line(start: Line, reading: Reading | None, width: int) -> Line:
    if reading is None or reading.state is State.UNKNOWN:
        end = line(state_mark(State.UNKNOWN), Ink(" ssh", "dim"))
    elif reading.state.healthy and reading.latency is not None:
        end = line(state_mark(reading.state), Ink(f" ssh {latency(reading.latency)}", "dim"))
    else:
        end = line(state_mark(reading.state), " ", state_word(reading.state))
    if start.cells + 1 + end.cells > width:
        start = line(start.pieces[0])
    return spread(start, end, width)


def _service_line(title: str, port: int, reading: Reading | None, history: Sequence[float | None], width: int) -> Line:
    state = reading.state if reading else State.UNKNOWN
    lead = line(" ", state_mark(state), " ", Ink(fit(str(port), _PORT), "dim"), " ")
    if state.healthy and reading is not None and reading.latency is not None:
        shown = latency(reading.latency)
        end = line(Ink(fit(shown, 5, "right"), "plain" if state is State.UP else "warn"), " ", _sparks(history))
    else:
        end = line(state_word(state))
    room = width - lead.cells - end.cells - 1
    named = Ink(cut(title, room))
    gap = " " * (width - lead.cells - cell_len(named.text) - end.cells)
    return line(lead.pieces, named, gap, end.pieces)


def _sparks(history: Sequence[float | None]) -> Ink:
    return Ink(sparkline(history, _SPARK), "dim")


def age(situation: Situation) -> str:
    """The level, and how long ago the last sweep ended."""
    if situation.topology.at is None:
        return _("first sweep under way")
    swept = max(0.0, (situation.now - situation.topology.at).total_seconds())
    ago = _("swept {age} ago").format(age=span(swept))
    if situation.level is None:
        return ago
    return _("level {level} · {ago}").format(level=situation.level, ago=ago)
