"""Begins and takes up runs, and knows the backups: the first half of an operator's hands. Decides nothing on a run."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from textual import work
from textual.message import Message
from textual.widgets import Input

from screens import flows
from screens.cockpit import CockpitScreen
from screens.dialogs.confirm import ConfirmDialog
from screens.dialogs.resume import OfferDialog, ResumeDialog
from screens.dialogs.start_run import StartRunDialog, offered
from screens.keys import bound
from screens.lacks import Lacks
from screens.looks import Looked, Looks
from screens.situation import Situation, TopologySource
from screens.wheel import Wheel
from screens.widgets.meaning import sets_used
from sparkdr_tui.errors import HeldError, SparkdrError
from sparkdr_tui.language import _, later
from sparkdr_tui.plan.graph import JOIN
from sparkdr_tui.plan.runbook import Plan
from sparkdr_tui.readiness.lacking import Lacking
from sparkdr_tui.record.decisions import RunRequest
from sparkdr_tui.record.lock import Holder
from sparkdr_tui.record.runs import RunSummary


class StartingScreen(CockpitScreen):
    """A cockpit with a helm: it drives at most one run."""

    BINDINGS = bound("run.resume")
    LOOKS_FOR_RUNS = 2.0
    """Seconds between two looks for runs that somebody else opens."""

    class Seen(Message):
        """A look at a backup set ended."""

        def __init__(self, looked: Looked) -> None:
            super().__init__()
            self.looked = looked

    class Lacked(Message):
        """It is known what is missing."""

        def __init__(self, lacking: Lacking) -> None:
            super().__init__()
            self.lacking = lacking

    def __init__(self, plan: Plan, wheel: Wheel, lookout: TopologySource) -> None:
        super().__init__()
        self.wheel, self.lookout = wheel, lookout
        self._looks = Looks(plan, lookout, lambda looked: self.post_message(self.Seen(looked)))
        self._plan = plan
        self._lacks: Lacks | None = None
        self._missing = False
        self._waiting: dict[str, Callable[[Looked], None]] = {}
        self._unfinished: tuple[RunSummary, ...] = ()
        self._offered: set[str] = set()
        """Runs that were offered, whatever was answered."""

    def on_mount(self) -> None:
        """Offer the run that somebody left."""
        tell = self.post_message
        folder = self.cockpit.state_folder
        self._lacks = Lacks(self._plan, folder, self.lookout, lambda lacking: tell(self.Lacked(lacking)))
        super().on_mount()
        self.action_resume()
        self.set_interval(self.LOOKS_FOR_RUNS, self._look_for_runs)

    def show(self, situation: Situation) -> None:
        """Show what is true now; while there is no run, see what one would lack."""
        super().show(situation)
        if self._lacks is not None and situation.run is None:
            self._lacks.look(situation.now)
        self._flag_missing()

    def on_starting_screen_lacked(self, message: Lacked) -> None:
        """Say what is missing."""
        self._missing = bool(message.lacking.findings)
        self.recovery.meaning.lack(message.lacking)
        self._flag_missing()

    def _flag_missing(self) -> None:
        """Where pane 3 is hidden behind its tab, the tab says that something is missing for any run."""
        run = self.situation.run if self.situation else None
        self.tabs.flag("recovery" if self._missing and run is None else "")

    @property
    def driving(self) -> bool:
        """Whether decisions on the run that is shown go in here."""
        situation = self.situation
        return situation is not None and situation.live and self.wheel.drives(situation.folder)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Starting is offered at the scenarios, taking up where somebody left a run."""
        run = self.situation.run if self.situation else None
        live = run is not None and run.live
        if action == "mark_scenario":
            return self.focused is self.scenarios and not live
        if action == "start_run":
            choosing = self.focused is self.scenarios or (run is None and self.focused is self.recovery.meaning)
            return choosing and bool(self.scenarios.cursor) and not live
        if action == "resume":
            return not self.driving and (bool(self._unfinished) or live)
        return super().check_action(action, parameters)

    def ask_anew(self) -> None:
        """What could not be read, and what is lacking, is said in words."""
        if self._lacks is not None:
            self._lacks.look(self.cockpit.situation.now, again=True)
        self._backups = {name: found for name, found in self._backups.items() if not found.problem}
        self._look_for(self.scenarios.cursor, again=True)

    # -- backups -------------------------------------------------------------------------------------

    def highlighted(self, scenario: str) -> None:
        """Find out which backup the highlighted scenario would use."""
        super().highlighted(scenario)
        self._look_for(scenario)

    def _look_for(self, scenario: str, *, again: bool = False) -> None:
        situation = self.situation
        if situation is None:
            return
        for set_id in sets_used(situation.plan, scenario):
            if not again or set_id not in self._backups:
                self._looks.look(set_id, situation.now, again=again)

    def list_backups(self, set_id: str, tell: Callable[[Looked], None]) -> None:
        """Look at a set anew, for a dialog that waits for it."""
        self._waiting[set_id] = tell
        self._looks.look(set_id, self.cockpit.situation.now, again=True)

    def on_starting_screen_seen(self, message: Seen) -> None:
        """Show what was found, to the dialog that waits too."""
        looked = message.looked
        self.know_backups({**self._backups, looked.set: looked.best})
        if waiting := self._waiting.pop(looked.set, None):
            waiting(looked)

    # -- starting ------------------------------------------------------------------------------------

    def action_mark_scenario(self) -> None:
        """Mark the scenario: what is marked is run as one."""
        self.scenarios.mark()

    @work
    async def action_start_run(self) -> None:
        """Ask what to run and how, and open it."""
        situation = self.situation
        if situation is None:
            return
        scenarios = JOIN.join(self.scenarios.chosen)
        if not offered(situation.plan, scenarios):
            self.cockpit.tell(_("The plan has no runbook for this scenario."), "warning")
            return
        dialog = StartRunDialog(situation.plan, scenarios, self._backups, self.list_backups)
        choice = await self.app.push_screen_wait(dialog)
        if choice is None:
            return
        if await self.begin(choice.request(situation.plan, self.cockpit.situation.now)):
            self.scenarios.unmark()

    async def begin(self, request: RunRequest) -> bool:
        """Open a run and follow it; whether that went well."""
        try:
            folder = await self.wheel.open(request)
        except SparkdrError as problem:
            self.cockpit.tell_problem(problem)
            return False
        self.cockpit.follow(folder)
        self.action_pane("recovery")
        return True

    @work
    async def action_resume(self) -> None:
        """Offer the unfinished run."""
        self._unfinished = await self.wheel.unfinished()
        self.refresh_bindings()
        if not self._unfinished:
            return
        run = self._unfinished[0]
        self._offered |= {each.id for each in self._unfinished}
        answer = await self.app.push_screen_wait(ResumeDialog(run, await self.wheel.driver(run)))
        if answer == "take":
            await self._take_up(run.folder)
        if answer:
            self.cockpit.follow(run.folder)

    @property
    def idle(self) -> bool:
        """Nobody types, nothing is open over the cockpit, and no run that lives is shown: an offer disturbs nobody."""
        live = self.situation is not None and self.situation.live
        return self.app.screen is self and not live and not isinstance(self.focused, Input)

    @work(exclusive=True, group="looking for runs")
    async def _look_for_runs(self) -> None:
        """Offer, once, a run that somebody else opened while we were idle."""
        if not self.idle:
            return
        self._unfinished = await self.wheel.unfinished()
        self.refresh_bindings()
        for run in self._unfinished:
            if run.id in self._offered or not self.idle:
                continue
            driver = await self.wheel.driver(run)
            if driver is not None and self.idle:
                self._offered.add(run.id)
                self._offer(run, driver)
                return

    @work
    async def _offer(self, run: RunSummary, driver: Holder) -> None:
        if await self.app.push_screen_wait(OfferDialog(run, driver)):
            self.cockpit.follow(run.folder)

    async def _take_up(self, folder: Path) -> None:
        try:
            await self.wheel.reopen(folder, take_over=False)
        except HeldError as held:
            if await self.app.push_screen_wait(
                ConfirmDialog(later("Take over?"), flows.about_holder(held), danger=True)
            ):
                await self._take_over(folder)
        except SparkdrError as problem:
            self.cockpit.tell_problem(problem)

    async def _take_over(self, folder: Path) -> None:
        try:
            await self.wheel.reopen(folder, take_over=True)
        except SparkdrError as problem:
            self.cockpit.tell_problem(problem)
