"""The operator's contacts: calls, whether somebody was reached, escalation by hand, and filling in who people are.

Every key ends in a decision handed to the helm, in a change of contacts.yaml, or in nothing.
"""

from __future__ import annotations

import asyncio

from textual import work

from screens.contacts import ContactsScreen
from screens.dialogs.contact import ContactDialog
from screens.dialogs.line import LineDialog
from screens.dialogs.told import ToldDialog, about_problem
from screens.keys import bound
from screens.painting import Ink, Line, line, paragraph
from screens.situation import Situation
from screens.wheel import Wheel
from screens.widgets.path import reach, standing_of, who
from screens.widgets.people import calls
from screens.words import said
from sparkdr_tui import editing
from sparkdr_tui.errors import SparkdrError
from sparkdr_tui.language import _, later
from sparkdr_tui.record import decisions as d
from sparkdr_tui.record.events import CallResult

_CALLS: dict[str, CallResult] = {"call": "calling", "reached": "reached", "not_reached": "not reached"}


class CallingScreen(ContactsScreen):
    """Only this screen binds keys that record; observers get `ContactsScreen`, which has none of them."""

    BINDINGS = bound("call.start", "call.reached", "call.not_reached", "call.escalate", "contact.edit")
    MEANT = "call"

    def __init__(self, scenario: str, wheel: Wheel) -> None:
        super().__init__(scenario)
        self._wheel = wheel
        self._follows = ""
        """Whom the path said to call when the cursor was last put there."""

    @property
    def driving(self) -> bool:
        """Whether what is recorded here goes into the run that is shown."""
        situation = self.situation
        return situation is not None and situation.live and self._wheel.drives(situation.folder)

    def show(self, situation: Situation) -> None:
        """Show what is true now; the cursor goes on to whom the path says to call next."""
        super().show(situation)
        at = standing_of(situation) if self.driving else None
        if at is not None and at.call is not None and at.call != self._follows:
            self._follows = at.call
            self.people.move_to(at.call, by_hand=False)

    def choose(self, scenario: str) -> None:
        """Another scenario; the cursor begins at whom the path says to call where that is the run's."""
        super().choose(scenario)
        run = self.situation.run if self.situation else None
        if self._follows and run is not None and scenario == run.opened.scenario:
            self.people.move_to(self._follows, by_hand=False)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """What is recorded needs a run of ours; without one its keys are not there."""
        if action in _CALLS:
            known = self.people.contact() is not None
            return self.driving and known and not (action == "call" and self._calling())
        if action == "escalate":
            at = standing_of(self.situation) if self.driving and self.situation else None
            return at is not None and at.next is not None
        if action == "edit":
            return self.people.contact() is not None
        return super().check_action(action, parameters)

    def _calling(self) -> bool:
        tried = calls(self.situation.run if self.situation else None, self.people.cursor)
        return bool(tried) and tried[-1].call.result == "calling"

    # -- calls ---------------------------------------------------------------------------------------

    def action_call(self) -> None:
        """Somebody is being called."""
        self._record("calling")

    def action_reached(self) -> None:
        """They answered."""
        self._record("reached")

    def action_not_reached(self) -> None:
        """They did not."""
        self._record("not reached")

    def _record(self, result: CallResult) -> None:
        contact = self.people.contact()
        if contact is not None and self.driving:
            self._submit(d.TryContact(self.people.cursor, result, name=contact.name))

    @work
    async def action_escalate(self) -> None:
        """Move the path up by hand."""
        reason = await self.app.push_screen_wait(
            LineDialog(later("Escalate now"), self._about_escalating, lambda _text: "")
        )
        if reason is not None:
            self._submit(d.Escalate(reason))

    def _about_escalating(self, situation: Situation, width: int) -> list[Line]:
        at = standing_of(situation)
        if at is None or at.next is None or situation.run is None:
            return []
        found = [line(Ink(said(at.next.title), "strong"))]
        for name in at.next.who:
            number = reach(situation, name) or _("not filled in")
            found += paragraph(f"{who(situation, name)} · {number}", width, "dim", 2)
        return [*found, line(), *paragraph(_("Why? It goes into the journal; enter alone will do."), width)]

    def _submit(self, decision: d.Decision) -> None:
        try:
            self._wheel.submit(decision)
        except SparkdrError as problem:
            self.cockpit.tell_problem(problem)

    # -- who people are ------------------------------------------------------------------------------

    @work
    async def action_edit(self) -> None:
        """Change name, phone and mail of who is under the cursor, in the plan."""
        name, contact = self.people.cursor, self.people.contact()
        if contact is None:
            return
        try:
            opened = await asyncio.to_thread(editing.begin, self.cockpit.plan.folder)
        except SparkdrError as problem:
            self.app.push_screen(ToldDialog(later("Contacts cannot be changed here"), about_problem(problem)))
            return
        plan = await self.app.push_screen_wait(ContactDialog(name, contact, opened))
        if plan is not None:
            self.cockpit.know_contacts(plan.contacts)
            self.cockpit.tell(_("Saved in {path}.").format(path=opened.path))
