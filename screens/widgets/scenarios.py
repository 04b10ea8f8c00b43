"""The scenarios of the plan, what the topology suggests on top, with the reason under it."""

from __future__ import annotations

from collections.abc import Sequence

from screens.painting import Ink, Line, cut, line, paragraph, spread
from screens.situation import Situation
from screens.widgets.lines import PickPane
from screens.words import said
from sparkdr_tui.language import _
from sparkdr_tui.plan.model import format_duration


class ScenariosPane(PickPane):
    """Pane 2 of the cockpit: one scenario is highlighted."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._chosen = False
        self._marked: list[str] = []

    @property
    def chosen(self) -> list[str]:
        """What is marked, in the order of the pane; without marks, what the cursor is on."""
        order = self.items
        return sorted(self._marked, key=order.index) or [self.cursor]

    def mark(self) -> None:
        """Mark the scenario under the cursor, or take its mark away."""
        if not self.cursor:
            return
        if self.cursor in self._marked:
            self._marked.remove(self.cursor)
        else:
            self._marked.append(self.cursor)
        self.redraw()

    def unmark(self) -> None:
        """Take every mark away."""
        self._marked = []
        self.redraw()

    def show(self, situation: Situation) -> None:
        """Show the scenarios; until a person moves the cursor it stands on the first suggestion."""
        super().show(situation)
        order = ordered(situation)
        if order and not self._chosen and self.cursor != order[0]:
            self.move_to(order[0], by_hand=False)

    def move_to(self, item: str, *, by_hand: bool) -> None:
        """Put the cursor on a scenario, and remember whose choice that was."""
        self._chosen = self._chosen or by_hand
        super().move_to(item, by_hand=by_hand)

    def draw(self, situation: Situation, width: int) -> Sequence[Line]:
        """Each scenario with its RTO, and the reason where it is suggested."""
        if not situation.plan.scenarios:
            return no_scenarios(width)
        reasons = {each.scenario: each.reason for each in situation.suggestions}
        found: list[Line] = []
        for name in ordered(situation):
            found += self._scenario(situation, name, reasons.get(name), width)
        return found

    def _scenario(self, situation: Situation, name: str, reason: str | None, width: int) -> list[Line]:
        scenario = situation.plan.scenarios[name]
        mark = Ink("✔ " if name in self._marked else "▸ " if name == self.cursor else "  ", "key")
        number = Ink(f"{scenario.number if scenario.number is not None else '·'} ", "dim")
        title = Ink(said(scenario.title), "strong" if reason else "plain")
        head = spread(
            line(mark, number, title, item=name, head=True), line(Ink(format_duration(scenario.rto), "dim")), width
        )
        if reason is None:
            return [head]
        said_why = paragraph(_("suggested: {reason}").format(reason=reason), width, "warn", indent=4, item=name)
        if len(said_why) > 2:
            rest = " ".join(each.text.strip() for each in said_why[1:])
            said_why = [said_why[0], line("    ", Ink(cut(rest, width - 4), "warn"), item=name)]
        return [head, *said_why]


def no_scenarios(width: int) -> list[Line]:
    """What to do where the plan has none."""
    text = _("Write into scenarios.yaml what can happen; `sparkdr-tui plan schema scenarios` says how.")
    return [*paragraph(_("The plan has no scenarios."), width, "warn"), *paragraph(text, width, "dim")]


def ordered(situation: Situation) -> list[str]:
    """The ids of the scenarios, suggested ones first."""
    suggested = [each.scenario for each in situation.suggestions if each.scenario in situation.plan.scenarios]
    return list(dict.fromkeys([*suggested, *situation.plan.scenarios]))
