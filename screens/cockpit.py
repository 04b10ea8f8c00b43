"""The cockpit for eyes: incident bar, topology, scenarios, recovery. It decides nothing; `operator.py` adds hands."""

from __future__ import annotations

from collections.abc import Mapping

from textual import on
from textual.app import ComposeResult
from textual.containers import Container, Vertical

from screens.base import BaseScreen
from screens.keys import bound
from screens.painting import Ink, line
from screens.situation import Situation
from screens.widgets.frame import Edge, Frame
from screens.widgets.incident_bar import IncidentBar
from screens.widgets.lines import LinesPane, PickPane
from screens.widgets.log_reader import LogReader
from screens.widgets.meaning import Found
from screens.widgets.recovery import RecoveryPane
from screens.widgets.scenarios import ScenariosPane
from screens.widgets.tabs import PANES, PaneTabs
from screens.widgets.topology import TopologyPane, age
from sparkdr_tui.language import _


class CockpitScreen(BaseScreen):
    """What observers see, and what the operator's screen is made of."""

    BINDINGS = bound(
        "screen.contacts",
        "screen.backups",
        "screen.readiness",
        "screen.history",
        "screen.update",
        "screen.drills",
        "step.details",
        "log.whole",
        "log.back",
        "run.put_away",
        "log.search",
        "log.earlier",
        "log.later",
        "pane.topology",
        "pane.scenarios",
        "pane.recovery",
        "pane.next",
        "pane.previous",
    )

    def __init__(self) -> None:
        super().__init__()
        self.bar = IncidentBar(id="bar")
        self.tabs = PaneTabs()
        self.topology = TopologyPane(id="topology-lines")
        self.topology_age = Edge("bottom")
        self.scenarios = ScenariosPane(id="scenario-lines")
        self.recovery = RecoveryPane()
        self.pane = "scenarios"
        self._backups: Mapping[str, Found] = {}

    def compose_body(self) -> ComposeResult:
        """Bar, tabs (where there is no room for all), and the three panes."""
        yield self.bar
        yield self.tabs
        with Container(id="panes"):
            with Vertical(id="left"):
                with Frame(id="topology"):
                    yield Edge("top", id="topology-edge")
                    yield self.topology
                    yield self.topology_age
                with Frame(id="scenarios"):
                    yield Edge("top", id="scenarios-edge")
                    yield self.scenarios
                    yield Edge("bottom")
            yield self.recovery

    def on_mount(self) -> None:
        """Begin at the scenarios or, if one lives, at the run."""
        super().on_mount()
        self.action_pane("recovery" if self.situation and self.situation.run else "scenarios")

    def name_panes(self) -> None:
        """Name the panes."""
        self.query_one("#topology-edge", Edge).say(line(Ink("1 ", "key"), Ink(_("Topology"), "title")))
        self.query_one("#scenarios-edge", Edge).say(line(Ink("2 ", "key"), Ink(_("Scenarios"), "title")))
        self.recovery.search.placeholder = _("search the log")

    def show(self, situation: Situation) -> None:
        """Show what is true now; a run that appears takes the eye."""
        appeared = self.situation is not None and situation.run is not None and self.situation.run is None
        self.situation = situation
        self.bar.show(situation)
        self.topology.show(situation)
        self.topology_age.say(end=line(Ink(age(situation), "dim")))
        self.scenarios.show(situation)
        self.recovery.show(situation)
        if appeared:
            self.action_pane("recovery")
        self.refresh_bindings()

    def know_backups(self, backups: Mapping[str, Found]) -> None:
        """What is known of the backup sets now."""
        self._backups = backups
        self.recovery.explain(self.scenarios.cursor, backups)

    # -- panes ---------------------------------------------------------------------------------------

    def action_pane(self, pane: str) -> None:
        """Go to a pane; where only one has room, show it."""
        self.pane = pane
        for name in PANES:
            self.query_one(f"#{name}").set_class(name == pane, "-shown")
        self.query_one("#left").set_class(pane != "recovery", "-shown")
        self.tabs.choose(pane)
        self.set_focus(self._first_of(pane))

    def _first_of(self, pane: str) -> LinesPane:
        if pane == "topology":
            return self.topology
        if pane == "scenarios":
            return self.scenarios
        has_run = self.situation is not None and self.situation.run is not None
        return self.recovery.steps if has_run else self.recovery.meaning

    @on(PaneTabs.Chosen)
    def _tab_chosen(self, event: PaneTabs.Chosen) -> None:
        self.action_pane(event.pane)

    @on(PickPane.Moved)
    def _cursor_moved(self, event: PickPane.Moved) -> None:
        if event.pane is self.scenarios:
            if event.by_hand and self.situation and self.situation.run and not self.situation.run.live:
                self.cockpit.put_away_run()
            self.highlighted(event.item)
        elif event.pane is self.recovery.steps:
            self.recovery.show_log()
        self.refresh_bindings()

    def action_put_away(self) -> None:
        """Show the scenarios instead of a run that is over."""
        self.cockpit.put_away_run()
        self.action_pane("scenarios")

    def highlighted(self, scenario: str) -> None:
        """Explain the scenario under the cursor."""
        self.recovery.explain(scenario, self._backups)

    @on(LogReader.Changed)
    def _log_changed(self) -> None:
        self.recovery.say_log()
        self.refresh_bindings()

    # -- what eyes may do ----------------------------------------------------------------------------

    def action_details(self) -> None:
        """Open or close the details of the step under the cursor."""
        self.recovery.steps.toggle()

    def action_contacts(self) -> None:
        """Whom to call."""
        self.cockpit.open_contacts(self.scenarios.cursor)

    def action_backups(self) -> None:
        """The backup sets."""
        self.cockpit.open_backups()

    def action_readiness(self) -> None:
        """Whether a recovery would work."""
        self.cockpit.open_readiness()

    def action_drills(self) -> None:
        """The calendar of drills."""
        self.cockpit.open_drills()

    def action_history(self) -> None:
        """Runs and drills of the past."""
        self.cockpit.open_history()

    def action_update(self) -> None:
        """What to tell everybody else."""
        self.cockpit.open_update()

    def action_whole_log(self) -> None:
        """The log alone on the screen, and back."""
        whole = not self.has_class("-whole-log")
        self.set_class(whole, "-whole-log")
        if whole:
            self.action_pane("recovery")
            self.set_focus(self.recovery.log_pane)

    def action_leave_log(self) -> None:
        """From the log back to the cockpit."""
        self.action_whole_log()

    def action_walk_attempts(self, by: int) -> None:
        """The log of an earlier attempt of the step, or of a later one."""
        self.recovery.walk_attempts(by)

    def action_search(self) -> None:
        """Search the log."""
        self.recovery.ask_search()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """What needs a run or its log is offered only with one."""
        has_run = self.situation is not None and self.situation.run is not None
        if action == "put_away":
            over = self.situation is not None and self.situation.run is not None and not self.situation.live
            return over and not self.has_class("-whole-log")
        if action == "details":
            return has_run and self.focused is not self.scenarios
        if action == "whole_log":
            return has_run
        if action == "leave_log":
            return self.has_class("-whole-log")
        if action == "walk_attempts":
            return has_run and self.recovery.attempts > 1
        if action == "search":
            return has_run and self.recovery.log_pane.path is not None
        return super().check_action(action, parameters)
