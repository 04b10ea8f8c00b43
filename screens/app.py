"""The app: hands what is true now to its screens and decisions to the helm. Runs nothing itself, keeps no run's state.

Without a helm it is an observer's: no screen of it has a key that decides.
"""

from __future__ import annotations

import signal
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Literal

from rich.style import Style
from rich.text import Text as RichText
from textual import work
from textual.app import App
from textual.binding import Binding
from textual.driver import Driver
from textual.message import Message
from textual.screen import Screen

from screens import keys, terminal
from screens.backups.operator import OperatorBackupsScreen
from screens.backups.screen import BackupsScreen
from screens.backups.stock import Stock
from screens.base import BaseScreen, say_anew
from screens.calling import CallingScreen
from screens.clock import Clock, steady_clock
from screens.cockpit import CockpitScreen
from screens.contacts import ContactsScreen
from screens.dialogs.base import Dialog
from screens.dialogs.confirm import ConfirmDialog
from screens.dialogs.quit import about_leaving
from screens.drills.operator import OperatorDrillsScreen
from screens.drills.screen import DrillsScreen
from screens.driver import is_gone, lasting
from screens.feed import Fed, RunFeed
from screens.help import HelpScreen
from screens.history import HistoryScreen, OperatorHistoryScreen
from screens.keys import bound
from screens.newsroom import Newsroom
from screens.operator import OperatorScreen
from screens.palette import Commands, palette, palette_is_open, theme_palette
from screens.readiness.inspection import Inspection
from screens.readiness.screen import ReadinessScreen
from screens.situation import Situation, TopologySource
from screens.theme import THEMES, inks, preferred
from screens.update import UpdateScreen, WritingUpdateScreen
from screens.wheel import Wheel
from sparkdr_tui.crash import write_crash
from sparkdr_tui.errors import SparkdrError
from sparkdr_tui.language import _, current, later, use
from sparkdr_tui.plan.model import Contacts, Language
from sparkdr_tui.plan.runbook import Plan
from sparkdr_tui.record import events as e
from sparkdr_tui.record.decisions import Helm
from sparkdr_tui.record.lock import guarded
from sparkdr_tui.watch.topology import Topology

Severity = Literal["information", "warning", "error"]


class CockpitApp(App[int]):
    """The cockpit on a plan."""

    TITLE = "sparkdr-tui"
    CSS_PATH = ["style/base.tcss", "style/cockpit.tcss", "style/dialogs.tcss", "style/pages.tcss", "style/backups.tcss"]
    HORIZONTAL_BREAKPOINTS = [(0, "-tiny"), (60, "-narrow"), (100, "-wide"), (160, "-huge")]
    VERTICAL_BREAKPOINTS = [(0, "-flat"), (16, "-short"), (22, "-tall")]
    COMMANDS = {Commands}
    BINDINGS = bound("app.commands", "app.language", "app.quit", "app.leave", "app.interrupt")
    ALLOW_SELECT = False

    class Swept(Message):
        """A sweep ended."""

        def __init__(self, topology: Topology) -> None:
            super().__init__()
            self.topology = topology

    class News(Message):
        """The run went on."""

        def __init__(self, fed: Fed) -> None:
            super().__init__()
            self.fed = fed

    def __init__(
        self,
        plan: Plan,
        state_folder: Path,
        lookout: TopologySource,
        helm: Helm | None,
        *,
        follow: Path | None = None,
        clock: Clock | None = None,
    ) -> None:
        super().__init__()
        self.animation_level = "none"
        for theme in THEMES:
            self.register_theme(theme)
        self.theme = preferred()
        self.set_keymap(keys.keymap())
        self.plan, self.state_folder = plan, state_folder
        self._lookout = lookout
        self._newsroom = Newsroom(plan, clock or steady_clock(), observing=helm is None)
        self._wheel = Wheel(helm, state_folder, plan.lab, guarded(plan, state_folder)) if helm is not None else None
        self.stock = Stock(state_folder, lookout)
        self.inspection = Inspection(state_folder, lookout, credentials=helm is not None)
        self._feed = RunFeed(
            state_folder,
            lambda fed: self.post_message(self.News(fed)),
            waits_for_runs=helm is None,
            lab=plan.lab,
            locks=guarded(plan, state_folder),
        )
        self._follow = follow
        self._at_end: list[Callable[[], object]] = []
        self._inks: tuple[str, Mapping[str, Style]] = ("", {})
        self._title = ""
        self.ended_by: signal.Signals | None = None
        """The signal that made us leave."""
        self.trace: Path | None = None

    @property
    def situation(self) -> Situation:
        """What is true now."""
        return self._newsroom.situation

    @property
    def inks(self) -> Mapping[str, Style]:
        """The style of each ink, in the theme in use."""
        if self._inks[0] != self.theme:
            self._inks = (self.theme, inks(self.theme_variables, colourless=self.no_color))
        return self._inks[1]

    def get_key_display(self, binding: Binding) -> str:
        """How a key is shown; the registry and a person's config file say it."""
        return keys.shown(binding.id) if binding.id in keys.KEYS else super().get_key_display(binding)

    def get_driver_class(self) -> type[Driver]:
        """The platform's driver, on a terminal that may go away."""
        return lasting(super().get_driver_class())

    # -- beginning and ending ------------------------------------------------------------------------

    def get_default_screen(self) -> Screen[None]:
        """With hands or without."""
        if self._wheel is None:
            return CockpitScreen()
        return OperatorScreen(self.plan, self._wheel, self._lookout)

    def on_mount(self) -> None:
        """Listen to the sweeps, the journal and the clock."""
        self._at_end.append(self._lookout.subscribe(self._swept))
        self._at_end.append(terminal.on_ending_signals(self._end))
        self._feed.start()
        if self._follow is not None:
            self.follow(self._follow)
        if self._lookout.topology.at is not None:
            self._spread(self._newsroom.swept(self._lookout.topology))
        self.set_interval(1.0, self._tick)
        self._write(terminal.SAVE_TITLE)

    def on_unmount(self) -> None:
        """Listen no more."""
        for each in self._at_end:
            each()
        self._feed.stop()
        self._write(terminal.set_title("") + terminal.RESTORE_TITLE)

    def _tick(self) -> None:
        if is_gone(self._driver):
            self._end(signal.SIGHUP)
        self._spread(self._newsroom.ticked())

    def _swept(self, topology: Topology) -> None:
        self.post_message(self.Swept(topology))

    def _end(self, ended_by: signal.Signals) -> None:
        self.ended_by = ended_by
        self.exit(128 + ended_by, return_code=128 + ended_by)

    # -- what is true --------------------------------------------------------------------------------

    def follow(self, folder: Path) -> None:
        """Show this run."""
        self._feed.follow(folder)

    def put_away_run(self) -> None:
        """Show the scenarios instead of a run that is over."""
        self._spread(self._newsroom.put_away())

    def on_cockpit_app_swept(self, message: Swept) -> None:
        """A sweep ended."""
        self._spread(self._newsroom.swept(message.topology))

    def on_cockpit_app_news(self, message: News) -> None:
        """The run went on; what was refused is said."""
        fed = message.fed
        self._spread(self._newsroom.fed(fed))
        if fed.problem:
            self.tell(fed.problem, "error")
        for record in () if fed.fresh else fed.new:
            if isinstance(record.event, e.DecisionRefused):
                self.tell(record.event.why, "warning")
            for screen in self.screen_stack:
                if isinstance(screen, OperatorScreen):
                    screen.heard(record.event)

    def _spread(self, situation: Situation) -> None:
        for screen in self.screen_stack:
            if isinstance(screen, BaseScreen | Dialog) and screen.is_mounted:
                screen.show(situation)
        self._say_title(situation)

    def _say_title(self, situation: Situation) -> None:
        title = terminal.title_of(situation)
        if title != self._title:
            self._title = title
            self._write(terminal.set_title(title))

    def say_title_again(self) -> None:
        """Another program had the terminal, and may have given it a title of its own."""
        self._title = ""
        self._say_title(self.situation)

    def _write(self, sequence: str) -> None:
        if self._driver is not None and not self.is_headless and not self.is_web:
            self._driver.write(sequence)

    # -- the language --------------------------------------------------------------------------------

    def action_language(self) -> None:
        """Speak the other language."""
        self.speak("en" if current() == "ko" else "ko")

    def speak(self, language: Language) -> None:
        """Speak `language` from here on: every open screen says itself anew."""
        use(language)
        situation = self._newsroom.spoken()
        for screen in self.screen_stack:
            if isinstance(screen, BaseScreen | Dialog) and screen.is_mounted:
                say_anew(screen, situation)
        self._say_title(situation)

    # -- saying --------------------------------------------------------------------------------------

    def tell(self, text: str, severity: Severity = "information") -> None:
        """Say something in passing; never read as markup."""
        self.notify(text, severity=severity, markup=False, timeout=8 if severity != "information" else 4)

    def tell_problem(self, problem: SparkdrError) -> None:
        """Say what is wrong and what to do."""
        self.tell(str(problem), "error")

    # -- other screens -------------------------------------------------------------------------------

    def open_help(self, of: BaseScreen) -> None:
        """Every key of a screen."""
        if not isinstance(of, HelpScreen):
            self.push_screen(HelpScreen(of))

    def open_contacts(self, scenario: str) -> None:
        """Whom to call; for the run's scenario where there is a run."""
        run = self.situation.run
        shown = (run.opened.scenario if run else None) or scenario
        self.push_screen(ContactsScreen(shown) if self._wheel is None else CallingScreen(shown, self._wheel))

    def open_update(self) -> None:
        """What to tell everybody else."""
        self.push_screen(UpdateScreen() if self._wheel is None else WritingUpdateScreen())

    def know_contacts(self, contacts: Contacts) -> None:
        """Somebody filled in who people are."""
        self.plan = replace(self.plan, contacts=contacts)
        self._spread(self._newsroom.planned(self.plan))

    def open_backups(self) -> None:
        """The backup sets; with hands where there is a helm."""
        home = next((each for each in self.screen_stack if isinstance(each, OperatorScreen)), None)
        self.push_screen(OperatorBackupsScreen(self.stock, home) if home is not None else BackupsScreen(self.stock))

    def open_readiness(self) -> None:
        """Whether a recovery would work."""
        self.push_screen(ReadinessScreen(self.inspection))

    def open_drills(self) -> None:
        """The calendar of drills; with hands where there is a helm."""
        home = next((each for each in self.screen_stack if isinstance(each, OperatorScreen)), None)
        folder = self.state_folder
        self.push_screen(OperatorDrillsScreen(folder, home) if home is not None else DrillsScreen(folder))

    def open_history(self) -> None:
        """Runs and drills of the past; only an operator may write a report."""
        kind = HistoryScreen if self._wheel is None else OperatorHistoryScreen
        self.push_screen(kind(self.state_folder, guarded(self.plan, self.state_folder)))

    def action_command_palette(self) -> None:
        """Every action, by name."""
        if not palette_is_open(self):
            self.push_screen(palette())

    def action_theme(self) -> None:
        """Choose a theme."""
        self.push_screen(theme_palette())

    def choose_theme(self, name: str) -> None:
        """Use a theme until the program is left, and say how to keep it: nobody's config file is written into."""
        self.theme = name
        self.tell(_('To keep it: theme = "{name}" in the config file, or --theme {name}.').format(name=name))

    def action_interrupt(self) -> None:
        """What people press by reflex ends nothing."""
        says = _("{key} ends nothing here: {cancel} cancels the step that runs, {quit} leaves.")
        named = {"key": "app.interrupt", "cancel": "step.cancel", "quit": "app.quit"}
        self.tell(says.format(**{each: keys.shown(name) for each, name in named.items()}))

    async def action_quit(self) -> None:
        """Leave; ask while a run of ours lives."""
        self._leave()

    @work(exclusive=True, group="leaving")
    async def _leave(self) -> None:
        drives = self._wheel is not None and self._wheel.drives(self.situation.folder)
        if drives and self.situation.live:
            dialog = ConfirmDialog(later("Leave while the run lives?"), about_leaving)
            if not await self.push_screen_wait(dialog):
                return
        self.exit(0)

    # -- the worst -----------------------------------------------------------------------------------

    def _fatal_error(self) -> None:
        """Something is wrong with the program: one line for the person, the stack (without values) in a file."""
        problem = self._exception
        if problem is not None and self.trace is None:
            self.trace = write_crash(problem)
            said = _("The screen failed: {kind}. Runs are not harmed.").format(kind=type(problem).__name__)
            where = _("What happened is in {path}.").format(path=self.trace) if self.trace else ""
            self._exit_renderables.append(RichText(f"{said} {where}".strip()))
        self._close_messages_no_wait()


def run_cockpit(
    plan: Plan, state_folder: Path, lookout: TopologySource, helm: Helm | None, *, follow: Path | None = None
) -> int:
    """Open the cockpit and stay in it until it is left; the exit status."""
    app = CockpitApp(plan, state_folder, lookout, helm, follow=follow)
    app.run()
    return app.return_code if app.return_code is not None else 1
