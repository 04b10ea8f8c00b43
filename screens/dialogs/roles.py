"""Who commands, who operates, who writes: a list to pick a role from, and the question whose it is from here on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from rich.cells import cell_len
from textual import events, on
from textual.app import ComposeResult
from textual.widgets import Input

from screens.dialogs.base import Dialog, Draws, Field, LineInput, TextPane
from screens.keys import bound
from screens.painting import Ink, Line, fit, line, paragraph
from screens.situation import Situation
from screens.widgets.lines import PickPane
from screens.widgets.people import ROLES, person, role_word
from screens.words import Says, said
from sparkdr_tui.language import _, later
from sparkdr_tui.plan.model import Contact
from sparkdr_tui.record.events import Role

_TYPED = "as typed"


class RolesPane(PickPane):
    """The three roles, who has each, and what it is for."""

    def draw(self, situation: Situation, width: int) -> list[Line]:
        """Two lines each."""
        run = situation.run
        wide = max(cell_len(role_word(role)) for role in ROLES)
        does = {
            "command": _("decides, and speaks to everybody outside"),
            "operate": _("has the keys of this run: giving it away hands the run over"),
            "write": _("writes down what happens, sends the status updates"),
        }
        found: list[Line] = []
        for role in ROLES:
            given = run.roles.get(role) if run else None
            holder = Ink(given.holder, "strong") if given else Ink(_("nobody yet"), "warn")
            contact = person(situation.plan, given.contact) if given and given.contact else None
            phone = Ink(f"  {contact.phone}" if contact else "", "dim")
            found.append(line(f" {fit(role_word(role), wide)}  ", holder, phone, item=role, head=True))
            found += [Line(each.pieces, role) for each in paragraph(does[role], width, "dim", indent=wide + 3)]
        return found


class RolesDialog(Dialog[Role]):
    """Answers with the role that is to be given."""

    BINDINGS = bound("role.give")

    def __init__(self) -> None:
        super().__init__(later("Roles"))

    def compose_body(self) -> ComposeResult:
        """The roles."""
        yield RolesPane(id="roles")

    def on_mount(self) -> None:
        """They have the focus."""
        super().on_mount()
        self.query_one(RolesPane).focus()

    def show(self, situation: Situation) -> None:
        """Show who has them; a run that is over gives none."""
        super().show(situation)
        if not situation.live:
            self.action_leave()

    @on(PickPane.Picked)
    def action_give(self) -> None:
        """Give the one under the cursor."""
        cursor = self.query_one(RolesPane).cursor
        self.dismiss(next((role for role in ROLES if role == cursor), None))


@dataclass(frozen=True, slots=True)
class Who:
    """Somebody; `contact` when they are one of the plan's."""

    holder: str
    contact: str | None = None


class WhoPane(PickPane):
    """The contacts of the plan that fit what is typed, and what is typed."""

    def __init__(self) -> None:
        super().__init__(id="who")
        self.typed = ""

    def type(self, text: str) -> None:
        """Something else is typed: begin with the first who fits."""
        self.typed = text.strip()
        self.redraw()
        if self.items:
            self.move_to(self.items[0], by_hand=False)

    def draw(self, situation: Situation, width: int) -> list[Line]:
        """One line each."""
        people = fitting(situation, self.typed)
        wide = max((cell_len(said(each.role)) for each in people.values()), default=0)
        called = max((cell_len(each.name) for each in people.values()), default=0)
        found = [
            line(
                f" {fit(said(each.role), wide)}  ",
                fit(each.name, called) + "  " if called else "",
                Ink(each.phone, "dim"),
                item=name,
                head=True,
            )
            for name, each in people.items()
        ]
        if self.typed:
            found.append(line(f" “{self.typed}” ", Ink(_("as typed"), "dim"), item=_TYPED, head=True))
        return found or [line(Ink(_("Type a name."), "dim"))]


def fitting(situation: Situation, typed: str) -> Mapping[str, Contact]:
    """The people of the plan of whom a word begins with what is typed, the team first; Korean fits anywhere."""
    contacts = situation.plan.contacts
    wanted = typed.casefold()

    def fits(text: str) -> bool:
        known = text.casefold()
        return f" {known}".find(f" {wanted}") >= 0 or (not wanted.isascii() and wanted in known)

    return {
        name: each
        for name, each in {**contacts.team, **contacts.external}.items()
        if any(fits(text) for text in (name, each.name, each.role.en, each.role.ko)) or typed in each.phone
    }


class WhoDialog(Dialog[Who]):
    """Answers with somebody of the plan, or with what was typed."""

    BINDINGS = bound("dialog.submit")

    def __init__(self, heading: Says, draws: Draws) -> None:
        super().__init__(heading)
        self._draws = draws

    def compose_body(self) -> ComposeResult:
        """What is asked, a line to type into, who fits."""
        yield TextPane(self._draws)
        yield Field(LineInput())
        yield WhoPane()

    def on_mount(self) -> None:
        """Typing is what comes next."""
        super().on_mount()
        self.query_one(LineInput).focus()

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        self.query_one(WhoPane).type(event.value)

    def on_key(self, event: events.Key) -> None:
        """Up and down choose while one types."""
        if event.key in ("up", "down") and isinstance(self.focused, LineInput):
            pane = self.query_one(WhoPane)
            pane.action_line_up() if event.key == "up" else pane.action_line_down()
            event.stop()

    @on(Input.Submitted)
    @on(PickPane.Picked)
    def action_submit(self) -> None:
        """Them."""
        pane = self.query_one(WhoPane)
        if pane.cursor == _TYPED:
            self.dismiss(Who(pane.typed))
        elif self.situation is not None and (contact := person(self.situation.plan, pane.cursor)) is not None:
            self.dismiss(Who(contact.name or said(contact.role), pane.cursor))
