"""Whom to call: who a scenario needs first, the team, outside support, and the escalation path with *you are here*.

This is what everybody sees; what an operator writes down here is in `calling.py`.
"""

from __future__ import annotations

from collections.abc import Sequence

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Container

from screens import keys
from screens.base import SubScreen
from screens.copying import copy
from screens.dialogs.base import TextPane
from screens.keys import bound
from screens.painting import Ink, Line, line
from screens.situation import Situation
from screens.widgets.frame import Edge, Frame
from screens.widgets.incident_bar import IncidentBar
from screens.widgets.lines import PickPane
from screens.widgets.path import PathPane, call_line, soon, standing_of
from screens.widgets.people import ROLES, ContactsPane, role_word
from screens.widgets.scenario_strip import HIGH, ScenarioStrip, beside, numbered
from sparkdr_tui.language import _


class ContactsScreen(SubScreen):
    """People and path side by side, or one under the other; a number shows whom another scenario needs first."""

    BINDINGS = bound("contacts.scenario", "contacts.next", "contacts.previous", "contact.copy")
    MEANT = "copy"
    """What picking somebody with the mouse does."""

    def __init__(self, scenario: str) -> None:
        super().__init__()
        self.scenario = scenario
        self.strip = ScenarioStrip()
        self.people = ContactsPane()
        self.path = PathPane()
        self.call = TextPane(self._now, id="call")
        self.roles = Edge("bottom")

    def compose_body(self) -> ComposeResult:
        """What to do now on top; the people; the path."""
        yield IncidentBar(id="bar")
        yield self.strip
        yield self.call
        with Container(id="contacts"):
            with Frame(id="people-frame"):
                yield Edge("top", id="people-edge")
                yield self.people
                yield self.roles
            with Frame(id="path-frame"):
                yield Edge("top", id="path-edge")
                yield self.path
                yield Edge("bottom")

    def on_mount(self) -> None:
        """The people have the focus."""
        self.call.can_focus = False
        super().on_mount()
        self.choose(self.scenario)
        self.people.focus()

    def name_panes(self) -> None:
        """Name them."""
        self.query_one("#people-edge", Edge).say(line(Ink(_("Contacts"), "title")))
        self.query_one("#path-edge", Edge).say(line(Ink(_("Escalation"), "title")))

    def on_resize(self) -> None:
        """Where there are few lines, the bar has one."""
        self.set_class(self.size.height < HIGH, "-low")

    def show(self, situation: Situation) -> None:
        """Show what is true now."""
        super().show(situation)
        run = situation.run
        self.set_class(run is not None, "-run")
        at = standing_of(situation)
        self.call.set_class(at is not None and soon(situation, at), "-soon")
        roles = [run.roles[role] for role in ROLES if role in run.roles] if run is not None else []
        said = " · ".join(f"{role_word(each.role)}: {each.holder}" for each in roles)
        self.roles.say(line(Ink(said, "dim")))
        self.refresh_bindings()

    def _now(self, situation: Situation, width: int) -> Sequence[Line]:
        """Whom to call now; without a run, what would be recorded with one."""
        at = standing_of(situation)
        if at is not None:
            return [call_line(situation, at, width)]
        if situation.run is not None:
            return [line(Ink(_("This run has no escalation path."), "dim"))]
        return [line(Ink(_("No run: calls are recorded once one is started."), "dim"))]

    # -- the scenario --------------------------------------------------------------------------------

    def choose(self, scenario: str) -> None:
        """Show whom another scenario needs first."""
        self.scenario = scenario
        self.strip.choose(scenario)
        self.people.choose(scenario)
        self.path.choose(scenario)

    def on_key(self, event: events.Key) -> None:
        """Each key of the row of numbers is a scenario's."""
        row = keys.pressed("contacts.scenario")
        names = {number: name for name, number in numbered(self.cockpit.situation.plan).items()}
        if event.key in row:
            event.stop()
            self.choose(names.get(row.index(event.key) + 1, self.scenario))

    def action_next_scenario(self) -> None:
        """The scenario after the one that is shown."""
        self.choose(beside(self.cockpit.situation.plan, self.scenario, 1))

    def action_previous_scenario(self) -> None:
        """The scenario before the one that is shown."""
        self.choose(beside(self.cockpit.situation.plan, self.scenario, -1))

    @on(ScenarioStrip.Chosen)
    def _clicked(self, event: ScenarioStrip.Chosen) -> None:
        self.choose(event.scenario)

    # -- the person under the cursor -----------------------------------------------------------------

    @on(PickPane.Moved)
    def _moved(self) -> None:
        self.refresh_bindings()

    @on(PickPane.Picked)
    async def _picked(self) -> None:
        await self.run_action(self.MEANT)

    def action_copy(self) -> None:
        """Copy who is under the cursor, for pasting into a chat or a dialler."""
        contact = self.people.contact()
        if contact is not None:
            text = " ".join(part for part in (contact.name, contact.phone, contact.email) if part)
            copy(self.cockpit, text, text)
