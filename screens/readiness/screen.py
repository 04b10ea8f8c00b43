"""The readiness check: every finding, the worst first, and what to do about one. Changes nothing."""

from __future__ import annotations

from collections.abc import Sequence

from textual import on
from textual.app import ComposeResult
from textual.containers import Container
from textual.message import Message

from screens.base import SubScreen
from screens.dialogs.base import TextPane
from screens.keys import bound
from screens.painting import Ink, Line, line, paragraph
from screens.readiness.findings import Group, about, finding_lines, groups, mark
from screens.readiness.inspection import Inspection
from screens.situation import Situation
from screens.widgets.frame import Edge, Frame
from screens.widgets.lines import PickPane
from screens.words import minute, said
from sparkdr_tui.language import _, current
from sparkdr_tui.plan.runbook import Plan
from sparkdr_tui.readiness.findings import Finding
from sparkdr_tui.readiness.levels import GRAVITY

_ROOMY = 70
"""Cells from which on a line may stay empty."""


class Judged:
    """What was found, judged once for each check and language."""

    def __init__(self, inspection: Inspection) -> None:
        self._inspection = inspection
        self._of: tuple[int, str] | None = None
        self._held: object = None
        self.findings: tuple[Finding, ...] = ()
        self.groups: list[Group] = []

    def renew(self, plan: Plan) -> None:
        """Judge what was seen, unless that was done."""
        seen = self._inspection.seen
        if seen is None or (self._held is seen and self._of == (id(plan), current())):
            return
        from sparkdr_tui.readiness.checking import judge

        self._held, self._of = seen, (id(plan), current())
        self.findings = judge(plan, seen, self._inspection.runs)
        self.groups = groups(plan, self.findings)


class FindingsPane(PickPane):
    """The findings, group by group."""

    def __init__(self, judged: Judged, inspection: Inspection) -> None:
        super().__init__(id="findings")
        self._judged, self._inspection = judged, inspection
        self.opened: set[str] = set()
        """Groups of which what is in order is shown."""

    def draw(self, situation: Situation, width: int) -> Sequence[Line]:
        """A line each."""
        self._judged.renew(situation.plan)
        if self._inspection.problem and not self._judged.findings:
            return paragraph(self._inspection.problem, width, "bad")
        if not self._judged.findings:
            return [line(Ink(_("checking …"), "dim"))]
        return finding_lines(self._judged.groups, self.opened, width)

    @property
    def fold(self) -> str:
        """The group whose fold is under the cursor; empty where it is on something else."""
        return self.cursor.removeprefix("ok:") if self.cursor.startswith("ok:") else ""

    def toggle(self) -> None:
        """Open or close the fold under the cursor."""
        if self.fold:
            self.opened ^= {self.fold}
            self.redraw()
            self.refresh()


class ReadinessScreen(SubScreen):
    """A summary, the findings, and all of the one under the cursor."""

    BINDINGS = bound("readiness.fold", "look.again")

    class News(Message):
        """The check went on."""

        def can_replace(self, message: Message) -> bool:
            """One of many in a row is enough."""
            return isinstance(message, ReadinessScreen.News)

    def __init__(self, inspection: Inspection) -> None:
        super().__init__()
        self.inspection = inspection
        self._judged = Judged(inspection)
        self.findings = FindingsPane(self._judged, inspection)
        self.about = TextPane(self._about, id="about")
        self._edge = Edge("top")
        self._moved_by_hand = False

    def compose_body(self) -> ComposeResult:
        """Two frames."""
        with Container(id="readiness-page"):
            with Frame(id="findings-frame"):
                yield self._edge
                yield Summary(self._summary)
                yield self.findings
                yield Edge("bottom")
            with Frame(id="about-frame"):
                yield Edge("top", id="about-edge")
                yield self.about
                yield Edge("bottom")

    def on_mount(self) -> None:
        """Begin to check; the findings have the focus."""
        self.inspection.listen(lambda: self.post_message(self.News()))
        self.inspection.start(self.cockpit.situation.plan, self.cockpit.situation.now)
        super().on_mount()
        self.findings.focus()

    def name_panes(self) -> None:
        """The title that stays."""
        self.query_one("#about-edge", Edge).say(line(Ink(_("Finding"), "title")))

    def on_unmount(self) -> None:
        """Hear no more."""
        self.inspection.listen(None)

    def show(self, situation: Situation) -> None:
        """Show what is known now."""
        super().show(situation)
        self._edge.say(line(Ink(_("Readiness"), "title")), self._how_far(situation))

    @on(News)
    def _news(self) -> None:
        """What came; as long as nobody reads something else, the worst of it is shown."""
        self.show(self.cockpit.situation)
        if self.findings.items and not self._moved_by_hand:
            self.findings.move_to(self.findings.items[0], by_hand=False)
        self.refresh_bindings()

    def _how_far(self, situation: Situation) -> Ink:
        """How far the check is, else when it was."""
        progress = self.inspection.progress
        if progress is None:
            seen = self.inspection.seen
            return Ink(_("checked at {at}").format(at=minute(seen.at)) if seen else "", "dim")
        if not progress.of:
            return Ink(_("checking …"), "live")
        text = _("checking … {done} of {all}").format(done=progress.done, all=progress.of)
        nodes = [said(situation.plan.nodes[name].title) for name in progress.waiting if name in situation.plan.nodes]
        return Ink(" · ".join([text, *nodes[:2]]), "live")

    def _summary(self, situation: Situation, width: int) -> Sequence[Line]:
        """The sum of it, and what was left out."""
        from sparkdr_tui.readiness.telling import summary

        self._judged.renew(situation.plan)
        found = self._judged.findings
        if not found:
            return [line()]
        glyph = mark(max((each.state for each in found), key=GRAVITY.index))
        offline = self.inspection.whole and self.inspection.credentials is False
        text = summary(found, offline=False)
        if not self.inspection.whole:
            text += " " + _("The nodes are still being asked.")
        told = paragraph(text, width, glyph.name, 2, glyph)
        if offline:
            text = _("Observers hold no keys: no node was asked, and no secret was looked for.")
            told += paragraph(text, width, "dim")
        if self.inspection.problem:
            told += paragraph(self.inspection.problem, width, "bad")
        return [*told, line()] if width >= _ROOMY else told

    def _about(self, situation: Situation, width: int) -> Sequence[Line]:
        return about(situation.plan, self._judged.groups, self.findings.cursor, width)

    @on(PickPane.Moved)
    def _moved(self, event: PickPane.Moved) -> None:
        self._moved_by_hand = self._moved_by_hand or event.by_hand
        self.about.scroll_home(animate=False)
        self.about.redraw()
        self.refresh_bindings()

    @on(PickPane.Picked)
    def action_fold(self) -> None:
        """Open or close what is in order."""
        self.findings.toggle()

    def action_again(self) -> None:
        """Check again; what was found stays to be read meanwhile."""
        self.inspection.start(self.cockpit.situation.plan, self.cockpit.situation.now, again=True)

    def ask_anew(self) -> None:
        """Findings are words."""
        self.action_again()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """There is something to open only under the cursor."""
        if action == "fold":
            return bool(self.findings.fold)
        return super().check_action(action, parameters)


class Summary(TextPane, can_focus=False):
    """As high as what it says."""
