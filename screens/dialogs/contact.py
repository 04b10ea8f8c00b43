"""Who a contact is: name, phone and mail, changed in the plan's contacts.yaml."""

from __future__ import annotations

import asyncio

from textual import on, work
from textual.app import ComposeResult
from textual.widgets import Input

from screens.dialogs.base import Dialog, Field, LineInput, TextPane
from screens.keys import bound
from screens.painting import Ink, Line, line, paragraph
from screens.situation import Situation
from screens.words import said
from sparkdr_tui import editing
from sparkdr_tui.errors import SparkdrError
from sparkdr_tui.language import _, later
from sparkdr_tui.plan.model import Contact
from sparkdr_tui.plan.runbook import Plan

_LABELS: dict[editing.Field, str] = {"name": later("name"), "phone": later("phone"), "email": later("mail")}


class FieldInput(LineInput):
    """A line of several that are saved together."""

    BINDINGS = bound("dialog.save")


class ContactDialog(Dialog[Plan]):
    """Answers with the plan as it is once the change is in the file."""

    BINDINGS = bound("dialog.save")

    def __init__(self, who: str, contact: Contact, opened: editing.Opened) -> None:
        super().__init__(later("Edit a contact"))
        self._who, self._contact, self._opened = who, contact, opened
        self._problem = ""

    def compose_body(self) -> ComposeResult:
        """The role, and a line for each field."""
        yield TextPane(self._about)
        for field in editing.FIELDS:
            yield Field(_label(field), FieldInput(getattr(self._contact, field), id=field))
        yield TextPane(self._say_problem, id="problem")

    def on_mount(self) -> None:
        """Typing is what comes next: in the first line that is empty, else in the first."""
        super().on_mount()
        empty = [field for field in editing.FIELDS if not getattr(self._contact, field)]
        self.query_one(f"#{(empty or editing.FIELDS)[0]}", LineInput).focus()

    def _about(self, situation: Situation, width: int) -> list[Line]:
        head = line(Ink(said(self._contact.role), "strong"), Ink(f"  {self._who}", "dim"))
        return [head, *paragraph(said(self._contact.scope), width, "dim"), line()]

    def _say_problem(self, situation: Situation, width: int) -> list[Line]:
        if self._problem:
            return [line(), *paragraph(self._problem, width, "warn")]
        return [
            line(),
            *paragraph(_("Saved in the plan's contacts.yaml; comments stay."), width, "dim"),
        ]

    @on(Input.Submitted)
    def action_submit(self) -> None:
        """Write it, if it will do."""
        values = {field: self.query_one(f"#{field}", LineInput).value.strip() for field in editing.FIELDS}
        given = {field: value for field, value in values.items() if value != getattr(self._contact, field)}
        wrong = [(field, why) for field, value in given.items() if (why := editing.refuses(value))]
        if wrong:
            field, why = wrong[0]
            self._complain(f"{_(_LABELS[field])}: {why}")
            self.query_one(f"#{field}", LineInput).focus()
        elif given:
            self._save(given)
        else:
            self.action_leave()

    @work(exclusive=True)
    async def _save(self, given: dict[editing.Field, str]) -> None:
        try:
            plan = await asyncio.to_thread(editing.save, self._opened, self._who, given)
        except SparkdrError as problem:
            self._complain(str(problem))
        else:
            self.dismiss(plan)

    def _complain(self, problem: str) -> None:
        self._problem = problem
        self.query_one("#problem", TextPane).redraw()


def _label(field: editing.Field) -> TextPane:
    """The name of a line."""
    label = TextPane(lambda _situation, _width: [line(Ink(_(_LABELS[field]), "dim"))], classes="label")
    label.can_focus = False
    return label
