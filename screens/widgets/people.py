"""The people of the plan: whom the scenario needs first, the team, outside support; in a run, who was called."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.cells import cell_len
from textual import events

from screens.painting import Ink, Line, Piece, fit, line, paragraph, spread
from screens.situation import Situation
from screens.widgets.lines import PickPane
from screens.words import clock, minute, said
from sparkdr_tui.language import _
from sparkdr_tui.plan.graph import scenarios
from sparkdr_tui.plan.model import Contact
from sparkdr_tui.plan.runbook import Plan
from sparkdr_tui.record import events as e
from sparkdr_tui.record.escalation import standing
from sparkdr_tui.record.state import RunState, Tried

ROLES: tuple[e.Role, ...] = ("command", "operate", "write")
_ROLE = 32
"""Cells of a role, at most."""
_MARKS = {"reached": Ink("✔ ", "good"), "not reached": Ink("✖ ", "warn"), "calling": Ink("… ", "live")}


def needed_first(plan: Plan, scenario: str) -> tuple[str, ...]:
    """Whom a scenario, or several that are answered as one, needs first."""
    return tuple(dict.fromkeys(name for each in scenarios(plan, scenario) for name in each.contacts))


def person(plan: Plan, name: str) -> Contact | None:
    """Somebody of the team or outside."""
    return plan.contacts.team.get(name) or plan.contacts.external.get(name)


def calls(run: RunState | None, name: str) -> list[Tried]:
    """Every call of somebody in a run, in order."""
    return [each for each in run.tried if each.call.contact == name] if run is not None else []


def roles_of(run: RunState | None, name: str) -> list[e.RoleGiven]:
    """Which roles somebody of the plan has in a run."""
    return [each for each in run.roles.values() if each.contact == name] if run is not None else []


def role_word(role: e.Role) -> str:
    """What somebody with a role does."""
    return {"command": _("in command"), "operate": _("operating"), "write": _("writing")}[role]


def call_mark(result: e.CallResult) -> Ink:
    """The glyph of a call, in two cells."""
    return _MARKS[result]


def call_word(tried: Tried, situation: Situation) -> Ink:
    """What came of a call, and when; how long somebody has been at it."""
    ink = _MARKS[tried.call.result].name
    if tried.call.result == "calling":
        passed = max(0.0, (situation.now - tried.at).total_seconds())
        return Ink(_("calling {time}").format(time=clock(passed)), ink)
    words = {"reached": _("reached {at}"), "not reached": _("not reached {at}")}
    return Ink(words[tried.call.result].format(at=minute(tried.at)), ink)


# -- the list ----------------------------------------------------------------------------------------


class ContactsPane(PickPane):
    """The people, those whom the scenario needs first on top."""

    def __init__(self) -> None:
        super().__init__(id="people")
        self.scenario = ""

    def choose(self, scenario: str) -> None:
        """Show whom another scenario needs first, and begin with them."""
        self.scenario = scenario
        self.redraw()
        if self.items:
            self.move_to(self.items[0], by_hand=False)

    def draw(self, situation: Situation, width: int) -> Sequence[Line]:
        """Needed first, the rest of the team, outside support."""
        return people_lines(situation, self.scenario, self.cursor, width)

    def on_resize(self, event: events.Resize) -> None:
        """Lines depend on the width; who is under the cursor stays in sight."""
        super().on_resize(event)
        self.call_after_refresh(self._settle)

    def _settle(self) -> None:
        """From the top down to who is under the cursor, and no further."""
        self.scroll_home(animate=False, immediate=True)
        self._into_view()

    def contact(self) -> Contact | None:
        """Who is under the cursor."""
        return person(self.situation.plan, self.cursor) if self.situation else None


def people_lines(situation: Situation, scenario: str, cursor: str, width: int) -> list[Line]:
    """Everybody of the plan; more of the one under the cursor."""
    plan = situation.plan
    first = [name for name in needed_first(plan, scenario) if person(plan, name)]
    team = [name for name in plan.contacts.team if name not in first]
    outside = [name for name in plan.contacts.external if name not in first]
    if not (first or team or outside):
        return [
            *paragraph(_("The plan names nobody."), width, "warn"),
            *paragraph(
                _("Write the team into contacts.yaml; `sparkdr-tui plan schema contacts` says how."), width, "dim"
            ),
        ]
    title = " + ".join(said(each.title) for each in scenarios(plan, scenario))
    drawing = _Drawing(situation, cursor, width)
    return [
        *drawing.group(_("Needed first: {scenario}").format(scenario=title), first, plan.contacts.team.values()),
        *drawing.group(_("Team"), team, plan.contacts.team.values()),
        *drawing.group(_("Outside support"), outside, plan.contacts.external.values()),
    ]


class _Drawing:
    """Draws groups of people in columns of their own."""

    def __init__(self, situation: Situation, cursor: str, width: int) -> None:
        self._situation, self._cursor, self._width = situation, cursor, width
        run = situation.run
        at = standing(run, situation.now) if run is not None and run.live else None
        self._next = at.call if at is not None else None

    def group(self, heading: str, names: Sequence[str], alike: Iterable[Contact]) -> list[Line]:
        """A heading and its people; nothing where there is nobody."""
        if not names:
            return []
        found = [line(Ink(heading, "link"))]
        for name in names:
            contact = person(self._situation.plan, name)
            if contact is not None:
                found.append(self._line(name, contact, list(alike)))
                found += self._more(name, contact) if name == self._cursor else []
        return [*found, line()]

    def _line(self, name: str, contact: Contact, alike: list[Contact]) -> Line:
        role = min(max(cell_len(said(each.role)) for each in alike), _ROLE, self._width // 2)
        called = min(max(cell_len(each.name) for each in alike), self._width // 4)
        pieces: list[Piece] = [self._mark(name), Ink(fit(said(contact.role), role)), "  "]
        if called:
            pieces += [Ink(fit(contact.name or "—", called)), "  "]
        pieces.append(Ink(contact.phone, "strong") if contact.phone else Ink(_("not filled in"), "warn"))
        tried = calls(self._situation.run, name)
        if tried:
            end = line(call_word(tried[-1], self._situation))
        elif contact in self._situation.plan.contacts.external.values():
            end = line(Ink(said(contact.scope), "dim"))
        else:
            end = line()
        whole = line(pieces, item=name, head=True)
        return spread(whole, end, self._width) if whole.cells + end.cells + 2 <= self._width else whole

    def _mark(self, name: str) -> Ink:
        if name == self._next:
            at = calls(self._situation.run, name)
            return call_mark("calling") if at and at[-1].call.result == "calling" else Ink("▸ ", "key")
        tried = calls(self._situation.run, name)
        return call_mark(tried[-1].call.result) if tried else Ink("  ")

    def _more(self, name: str, contact: Contact) -> list[Line]:
        """Mail, what for, roles, and every call."""
        run = self._situation.run
        roles = [role_word(each.role) for each in roles_of(run, name)]
        more = " · ".join(part for part in (*roles, contact.email, said(contact.scope)) if part)
        found = paragraph(more, self._width - 2, "dim", indent=4)
        tried = calls(run, name)
        for each in [each for each in tried if each.call.result != "calling" or each is tried[-1]][-3:]:
            word = call_word(each, self._situation)
            text = " · ".join(part for part in (word.text, each.by, each.call.note) if part)
            found += paragraph(text, self._width - 2, word.name, indent=4)
        return [Line(each.pieces, name) for each in found]
