"""A manual step: what hands should do, ticked item by item. What is ticked is what the journal says, not the dialog."""

from __future__ import annotations

from collections.abc import Callable

from textual import on
from textual.app import ComposeResult

from screens.dialogs.base import Dialog, TextPane
from screens.keys import bound
from screens.painting import Ink, Line, line, paragraph
from screens.situation import Situation
from screens.widgets.lines import PickPane
from screens.words import said
from sparkdr_tui.language import _
from sparkdr_tui.record.state import Phase, StepState


class ChecklistPane(PickPane):
    """The items, each with its box."""

    def __init__(self, step: str) -> None:
        super().__init__(id="checklist")
        self._step_id = step

    def draw(self, situation: Situation, width: int) -> list[Line]:
        """Each item in as many lines as it needs."""
        step = _step(situation, self._step_id)
        found: list[Line] = []
        for at, item in enumerate(step.outline.checklist if step else ()):
            ticked = step is not None and at in step.ticked
            box = Ink(" [✔] ", "good") if ticked else Ink(" [ ] ", "key")
            lines = paragraph(said(item), width, "dim" if ticked else "plain", 5, box)
            found += [Line(each.pieces, str(at), head=not row) for row, each in enumerate(lines)]
        return found


class ChecklistDialog(Dialog[bool]):
    """Answers True when everything is ticked and the operator says that it is done."""

    BINDINGS = bound("dialog.submit", "dialog.tick")

    def __init__(self, step: StepState, tick: Callable[[int, bool], None]) -> None:
        super().__init__(step.outline.title)
        self._step_id, self._tick = step.outline.id, tick

    def compose_body(self) -> ComposeResult:
        """What to do, and the items."""
        yield TextPane(self._say)
        yield ChecklistPane(self._step_id)
        yield TextPane(self._count)

    def on_mount(self) -> None:
        """The items have the focus."""
        super().on_mount()
        self.query_one(ChecklistPane).focus()

    def show(self, situation: Situation) -> None:
        """Show the ticks; a step that no longer waits needs no answer."""
        super().show(situation)
        step = _step(situation, self._step_id)
        if step is None or step.phase is not Phase.ASKED:
            self.action_leave()
        self.refresh_bindings()

    def _say(self, situation: Situation, width: int) -> list[Line]:
        step = _step(situation, self._step_id)
        if step is None or step.outline.say is None:
            return []
        return [*paragraph(said(step.outline.say), width), line()]

    def _count(self, situation: Situation, width: int) -> list[Line]:
        step = _step(situation, self._step_id)
        if step is None or not step.outline.checklist:
            return []
        counted = _("{done} of {all} ticked").format(done=len(step.ticked), all=len(step.outline.checklist))
        return [line(), line(Ink(counted, "dim"))]

    def action_tick(self) -> None:
        """Tick the item under the cursor, or take its tick away."""
        step = _step(self.situation, self._step_id) if self.situation else None
        cursor = self.query_one(ChecklistPane).cursor
        if step and cursor:
            self._tick(int(cursor), int(cursor) not in step.ticked)

    @on(PickPane.Picked)
    def _picked(self) -> None:
        self.action_tick()

    def action_submit(self) -> None:
        """It is done."""
        self.dismiss(True)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Done is offered when nothing is left to tick."""
        step = _step(self.situation, self._step_id) if self.situation else None
        if action == "submit":
            return step is not None and len(step.ticked) >= len(step.outline.checklist)
        if action == "tick":
            return step is not None and bool(step.outline.checklist)
        return super().check_action(action, parameters)


def _step(situation: Situation | None, name: str) -> StepState | None:
    return situation.run.steps.get(name) if situation and situation.run else None
