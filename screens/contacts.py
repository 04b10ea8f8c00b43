"""Whom to call: who is needed first, the team, outside support, and the escalation path with *you are here*."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len
from textual import on
from textual.app import ComposeResult
from textual.containers import Container

from screens.base import SubScreen
from screens.copying import copy
from screens.dialogs.base import TextPane
from screens.keys import bound
from screens.painting import Ink, Line, fit, line, paragraph, spread
from screens.situation import Situation
from screens.widgets.frame import Edge, Frame
from screens.widgets.lines import PickPane
from screens.words import said, span
from sparkdr_tui.language import _
from sparkdr_tui.plan.graph import scenarios
from sparkdr_tui.plan.model import Contact, EscalationStage
from sparkdr_tui.plan.runbook import Plan


class ContactsPane(PickPane):
    """The people, those whom the scenario needs first on top."""

    def __init__(self, scenario: str) -> None:
        super().__init__(id="people")
        self._scenario = scenario

    def draw(self, situation: Situation, width: int) -> Sequence[Line]:
        """Needed first, the rest of the team, outside support."""
        plan = situation.plan
        first = [name for name in needed_first(plan, self._scenario) if name in plan.contacts.team]
        rest = [name for name in plan.contacts.team if name not in first]
        found: list[Line] = []
        if first:
            title = " + ".join(said(each.title) for each in scenarios(plan, self._scenario))
            found += _group(plan, _("Needed first: {scenario}").format(scenario=title), first, self.cursor, width)
        found += _group(plan, _("Team"), rest, self.cursor, width)
        found += _group(plan, _("Outside support"), list(plan.contacts.external), self.cursor, width)
        return found

    def contact(self) -> Contact | None:
        """Who is under the cursor."""
        known = self.situation.plan.contacts if self.situation else None
        return (known.team.get(self.cursor) or known.external.get(self.cursor)) if known else None


def needed_first(plan: Plan, scenario: str) -> tuple[str, ...]:
    """Whom a scenario, or several that are answered as one, needs first."""
    return tuple(dict.fromkeys(name for each in scenarios(plan, scenario) for name in each.contacts))


def person(plan: Plan, name: str) -> Contact | None:
    """Somebody of the team or outside."""
    return plan.contacts.team.get(name) or plan.contacts.external.get(name)


def _group(plan: Plan, heading: str, names: Sequence[str], cursor: str, width: int) -> list[Line]:
    people = [(name, contact) for name in names if (contact := person(plan, name))]
    if not people:
        return []
    table = columns(plan, width)
    found = [line(Ink(heading, "link"))]
    for name, contact in people:
        found.append(_person_line(name, contact, table))
        if name == cursor:
            more = " · ".join(part for part in (contact.email, said(contact.scope)) if part)
            found += [Line(each.pieces, name) for each in paragraph(more, width - 2, "dim", indent=4)]
    return [*found, line()]


def columns(plan: Plan, width: int) -> tuple[int, int]:
    """Cells for the roles and the names of everybody."""
    everyone = [*plan.contacts.team.values(), *plan.contacts.external.values()]
    role = min(max(cell_len(said(each.role)) for each in everyone), width // 2)
    return role, min(max(cell_len(each.name) for each in everyone), width // 4)


def _person_line(key: str, contact: Contact, table: tuple[int, int]) -> Line:
    role, name = table
    phone = Ink(contact.phone, "strong") if contact.phone else Ink(_("not filled in"), "warn")
    called = [Ink(fit(contact.name or "—", name)), Ink("  ")] if name else []
    return line("  ", Ink(fit(said(contact.role), role)), "  ", called, phone, item=key, head=True)


# -- the path ----------------------------------------------------------------------------------------


def path_lines(situation: Situation, scenario: str, width: int) -> list[Line]:
    """The stages one under the other, with *you are here* and how long each waits for the next."""
    plan = situation.plan
    here = where(situation, scenario)
    found: list[Line] = []
    for at, stage in enumerate(plan.contacts.escalation):
        found += _stage_lines(plan, stage, scenario, stage.id == here, width)
        if at < len(plan.contacts.escalation) - 1:
            found += [_next_line(stage)]
    return found or [line(Ink(_("The plan has no escalation path."), "dim"))]


def _stage_lines(plan: Plan, stage: EscalationStage, scenario: str, here: bool, width: int) -> list[Line]:
    mark = Ink(" ▶ " if here else " ○ ", "warn" if here else "edge")
    levels = ""
    if stage.levels:
        low, high = min(stage.levels), max(stage.levels)
        levels = _("Level {level}").format(level=low if low == high else f"{low}–{high}")
    end = line() if here else line(Ink(levels, "dim"))
    found = [spread(line(mark, Ink(said(stage.title), "strong" if here else "plain")), end, width)]
    if here:
        found.append(line("   ", Ink(_("you are here"), "warn"), Ink(f" · {levels}" if levels else "", "dim")))
    for each in _people(plan, stage, scenario):
        contact = person(plan, each)
        if contact is not None:
            reach = " ".join(part for part in (contact.name, contact.phone) if part) or _("not filled in")
            found += paragraph(f"{said(contact.role)} · {reach}", width, "dim", indent=5)
    return found


def _people(plan: Plan, stage: EscalationStage, scenario: str) -> list[str]:
    named = [needed_first(plan, scenario) if who == "$owner" else (who,) for who in stage.who]
    return list(dict.fromkeys(name for names in named for name in names))


def _next_line(stage: EscalationStage) -> Line:
    if stage.escalate_after is None:
        return line(Ink(" │", "edge"))
    after = span(stage.escalate_after.total_seconds())
    return line(Ink(" │ ", "edge"), Ink(_("not recovered after {time}").format(time=after), "dim"))


def where(situation: Situation, scenario: str) -> str | None:
    """The stage that the level of the run, of the topology or of the scenario begins at."""
    run = situation.run
    level = (run.opened.level if run else None) or situation.level
    if level is None:
        level = max((each.level for each in scenarios(situation.plan, scenario)), default=None)
    stages = situation.plan.contacts.escalation
    return next((stage.id for stage in stages if level in stage.levels), None)


# -- the screen --------------------------------------------------------------------------------------


class ContactsScreen(SubScreen):
    """Both side by side, or one under the other."""

    BINDINGS = bound("contact.copy")

    def __init__(self, scenario: str) -> None:
        super().__init__()
        self._scenario = scenario

    def compose_body(self) -> ComposeResult:
        """People, and the path."""
        with Container(id="contacts"):
            with Frame(id="people-frame"):
                yield Edge("top", id="people-edge")
                yield ContactsPane(self._scenario)
                yield Edge("bottom")
            with Frame(id="path-frame"):
                yield Edge("top", id="path-edge")
                yield TextPane(lambda situation, width: path_lines(situation, self._scenario, width), id="path")
                yield Edge("bottom")

    def on_mount(self) -> None:
        """The people have the focus."""
        super().on_mount()
        self.query_one(ContactsPane).focus()

    def name_panes(self) -> None:
        """Name both."""
        self.query_one("#people-edge", Edge).say(line(Ink(_("Contacts"), "title")))
        self.query_one("#path-edge", Edge).say(line(Ink(_("Escalation"), "title")))

    @on(PickPane.Picked)
    def action_copy(self) -> None:
        """Copy who is under the cursor, for pasting into a chat or a dialler."""
        contact = self.query_one(ContactsPane).contact()
        if contact is not None:
            text = " ".join(part for part in (contact.name, contact.phone, contact.email) if part)
            copy(self.cockpit, text, text)
