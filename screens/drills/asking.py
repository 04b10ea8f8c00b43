"""Before a drill is held: what will happen, on which nodes, and which steps shall ask."""

from __future__ import annotations

from textual.app import ComposeResult

from screens.dialogs.base import Dialog, Draws, TextPane
from screens.drills.lines import fault_lines
from screens.keys import bound
from screens.painting import Ink, Line, cut, line, paragraph
from screens.situation import Situation
from screens.words import said
from sparkdr_tui.language import _, later
from sparkdr_tui.plan.graph import graph
from sparkdr_tui.plan.runbook import Plan
from sparkdr_tui.record.drills import DrillStatus
from sparkdr_tui.record.events import Pace
from sparkdr_tui.report.drill_terms import at_stake, terms

_PACES: tuple[Pace, ...] = ("each", "danger")


class DrillDialog(Dialog[Pace]):
    """Answers with what shall ask."""

    BINDINGS = bound("drill.go", "dialog.change", "dialog.change_back")

    def __init__(self, status: DrillStatus) -> None:
        super().__init__(later("Hold a drill"))
        self._status = status
        self._pace: Pace = "each"

    def compose_body(self) -> ComposeResult:
        """What will happen, and the choice."""
        yield TextPane(self._say, id="terms")
        yield TextPane(self._choice, id="pace")

    def on_mount(self) -> None:
        """What will happen can be scrolled."""
        super().on_mount()
        self.query_one("#terms", TextPane).focus()

    def _say(self, situation: Situation, width: int) -> list[Line]:
        plan = situation.plan
        found = [line(Ink(cut(said(self._status.drill.title), width), "strong")), line()]
        if plan.lab:
            found += paragraph(_("It is held in the lab: nobody's own nodes are touched."), width, "good")
            for text in fault_lines(plan, self._status.id):
                found += paragraph(text, width, "warn")
            found += paragraph(_("That happens when the list before is done; the clocks start then."), width)
        else:
            found += at_stake_lines(plan, self._status.id)(situation, width)
        count = len(graph(plan, self._status.drill.runbook, self._status.id))
        steps = _("{count} steps, its lists before and after among them. It counts for the calendar when it is closed.")
        return [*found, line(), *paragraph(steps.format(count=count), width, "dim")]

    def _choice(self, situation: Situation, width: int) -> list[Line]:
        shown = _("every step") if self._pace == "each" else _("dangerous steps only")
        return [line(), line(Ink("▸ ", "key"), Ink(_("Asks before") + "  ", "dim"), shown, Ink("   ← →", "dim"))]

    def action_change(self, by: int) -> None:
        """The other pace."""
        self._pace = _PACES[(_PACES.index(self._pace) + by) % len(_PACES)]
        self.query_one("#pace", TextPane).redraw()

    def action_submit(self) -> None:
        """Go on."""
        self.dismiss(self._pace)


def at_stake_lines(plan: Plan, drill_id: str) -> Draws:
    """What the drill does to real nodes."""

    def draw(situation: Situation, width: int) -> list[Line]:
        ink = "warn" if at_stake(plan, drill_id) else "plain"
        return [each for text in terms(plan, drill_id) for each in _term(text, width, ink)]

    return draw


def _term(text: str, width: int, ink: str) -> list[Line]:
    if text.startswith("  "):
        return paragraph(text.strip(), width, ink, 4, Ink("  ▲ ", ink))
    return paragraph(text, width)
