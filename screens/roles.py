"""Gives roles and hands the run over: part of an operator's hands. Decides nothing on steps."""

from __future__ import annotations

from textual import work

from screens import flows
from screens.dialogs.hand_over import HandedOverDialog, about_handing_over
from screens.dialogs.line import LineDialog
from screens.dialogs.roles import RolesDialog, Who, WhoDialog
from screens.keys import bound
from screens.starting import StartingScreen
from screens.widgets.people import role_word
from sparkdr_tui.errors import SparkdrError
from sparkdr_tui.language import _, later
from sparkdr_tui.record import decisions as d
from sparkdr_tui.record import events as e
from sparkdr_tui.record.events import Role


class RolesScreen(StartingScreen):
    """A cockpit that drives a run, and can let go of it."""

    BINDINGS = bound("run.roles")

    def submit(self, decision: d.Decision) -> None:
        """Hand in a decision; what became of it is in the journal."""
        try:
            self.wheel.submit(decision)
        except SparkdrError as problem:
            self.cockpit.tell_problem(problem)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Roles are those of a run that is driven here."""
        return self.driving if action == "roles" else super().check_action(action, parameters)

    @work
    async def action_roles(self) -> None:
        """Who has which role; give one, or give away the run itself."""
        while self.driving:
            role = await self.app.push_screen_wait(RolesDialog())
            if role is None:
                return
            who = await self._ask_who(role)
            if who is not None and role == "operate":
                await self._hand_over(who)
                return
            if who is not None:
                self.submit(d.GiveRole(role, who.holder, who.contact))

    async def _ask_who(self, role: Role) -> Who | None:
        run = self.situation.run if self.situation else None
        if run is None:
            return None
        says = _("Who operates from here on?") if role == "operate" else _("Who has this role from here on?")
        return await self.app.push_screen_wait(WhoDialog(lambda: role_word(role), flows.about_run(run, says)))

    async def _hand_over(self, who: Who) -> None:
        dialog = LineDialog(later("Hand over the run"), about_handing_over(who.holder), lambda _text: "")
        note = await self.app.push_screen_wait(dialog)
        if note is not None:
            self.submit(d.HandOver(who.holder, note))

    @work
    async def heard(self, event: e.Event | e.UnknownEvent) -> None:
        """Somebody else may have taken the run over, or been given it."""
        given = isinstance(event, e.RoleGiven) and event.role == "operate"
        if not (given or isinstance(event, e.OperatorChanged)):
            return
        drove = self.driving
        if await self.wheel.check_hold():
            return
        self.refresh_bindings()
        if isinstance(event, e.OperatorChanged):
            self.cockpit.tell(_("{operator} took over the run.").format(operator=event.operator), "warning")
        elif isinstance(event, e.RoleGiven) and drove:
            self.app.push_screen(HandedOverDialog(event.holder))
