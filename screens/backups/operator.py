"""The backup sets, with hands: make a backup of the set now, verify one now. Each is a run like any other.

Only an operator's cockpit has this screen; what it asks for goes to the helm.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from textual import work

from screens.backups import asking
from screens.backups.screen import BackupsScreen
from screens.backups.stock import Stock
from screens.dialogs.confirm import ConfirmDialog
from screens.keys import bound
from screens.starting import StartingScreen
from sparkdr_tui.errors import SparkdrError
from sparkdr_tui.language import _
from sparkdr_tui.record import routine
from sparkdr_tui.record.decisions import RunRequest


@dataclass(frozen=True, slots=True)
class _Wish:
    """What the operator asked for."""

    heading: str
    request: RunRequest
    backup: str = ""


class OperatorBackupsScreen(BackupsScreen):
    """Only this one binds keys that start something; observers get `BackupsScreen`, which has none of them."""

    BINDINGS = bound("backups.run", "backups.verify")

    def __init__(self, stock: Stock, home: StartingScreen) -> None:
        super().__init__(stock)
        self._home = home

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """A key is offered where the plan says how to do it."""
        declared = self.situation.plan.backup_sets.get(self.sets.cursor) if self.situation else None
        if action == "run_backup":
            return declared is not None and declared.made_by is not None
        if action == "verify_backup":
            return declared is not None and declared.verified_by is not None and self._to_verify() is not None
        return super().check_action(action, parameters)

    def _to_verify(self) -> str | None:
        """The backup under the cursor, else the newest of the set; None where there is none."""
        backup = self.shelf.backup if self.listing else self.known.newest
        return backup.name if backup is not None and backup.exists else None

    def action_run_backup(self) -> None:
        """Make a backup of the set now."""
        plan = self.cockpit.situation.plan
        try:
            runbook = routine.making(plan, [self.sets.cursor])[0]
        except SparkdrError as problem:
            self.cockpit.tell_problem(problem)
            return
        self._ask(_Wish(_("Make a backup now?"), routine.request(runbook)))

    def action_verify_backup(self) -> None:
        """Verify the backup now: restore it into scratch, and record beside it what was found."""
        name = self._to_verify()
        if name is None:
            return
        newest = self.known.newest
        wanted = routine.NEWEST if not self.listing and newest is not None else name
        try:
            request = routine.verification(self.cockpit.situation.plan, self.sets.cursor, wanted)
        except SparkdrError as problem:
            self.cockpit.tell_problem(problem)
            return
        self._ask(_Wish(_("Verify this backup now?"), request, name))

    @work(exclusive=True, group="asking")
    async def _ask(self, wish: _Wish) -> None:
        """Say what will happen and what it took before; on yes it is a run, which the cockpit shows."""
        cockpit = self.cockpit
        plan, folder = cockpit.situation.plan, cockpit.state_folder
        if (busy := asking.busy(cockpit.situation)) is not None:
            cockpit.tell(busy, "warning")
            return
        before = await asyncio.to_thread(asking.before, plan, folder, wish.request)
        if before.obstacle is not None:
            cockpit.tell_problem(before.obstacle)
            return
        draws = asking.about(self.sets.cursor, wish.request, wish.backup, before)
        if not await self.app.push_screen_wait(ConfirmDialog(wish.heading, draws)):
            return
        if await self._home.begin(wish.request) and self.is_current:
            self.app.pop_screen()
