"""A whole run of the past: its steps and logs as the cockpit would show them, and no key that decides anything."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from textual import on
from textual.app import ComposeResult
from textual.message import Message

from screens import keys
from screens.base import SubScreen
from screens.feed import Fed, RunFeed
from screens.keys import bound
from screens.painting import Ink, Line, line, spread
from screens.report_page import ReportScreen
from screens.situation import Situation
from screens.widgets.incident_bar import IncidentBar, title
from screens.widgets.lines import LinesPane, PickPane
from screens.widgets.log_pane import LogPane
from screens.widgets.recovery import RecoveryPane
from screens.words import outcome_word
from sparkdr_tui.language import _
from sparkdr_tui.record.attended import adrift
from sparkdr_tui.record.past import Entry


class PastBar(LinesPane, can_focus=False):
    """Says that this is no run of now, and how to get back."""

    def draw(self, situation: Situation, width: int) -> Sequence[Line]:
        """One line."""
        run = situation.run
        if run is None:
            return [line(Ink(" " + _("Reading the run …"), "dim"))]
        at = run.opened_at.astimezone()
        ended = (
            outcome_word(run.outcome)
            if run.outcome
            else Ink(_("nobody drives it") if situation.interrupted else _("under way"))
        )
        what = line(
            Ink(" ◷ " + _("PAST"), "link"), Ink(" │ ", "edge"), Ink(run.run, "strong"), f" {title(situation, run)}",
            Ink(f" · {at:%Y-%m-%d %H:%M} · ", "dim"), ended,
        )  # fmt: skip
        return [
            spread(
                what, line(Ink(keys.shown("app.back"), "key"), Ink(" " + _("back to the history") + " ", "dim")), width
            )
        ]


class PastRunScreen(SubScreen):
    """Follows its own run; what the cockpit follows stays as it is, and in sight while it lives."""

    BINDINGS = bound("step.details", "log.whole", "log.search", "past.report")

    class News(Message):
        """What the journal says."""

        def __init__(self, fed: Fed) -> None:
            super().__init__()
            self.fed = fed

    def __init__(self, state_folder: Path, locks: Path, entry: Entry, reading: Callable[[Path], ReportScreen]) -> None:
        super().__init__()
        self._entry, self._reading = entry, reading
        self._feed = RunFeed(
            state_folder, lambda fed: self.post_message(self.News(fed)), waits_for_runs=False, lab=True, locks=locks
        )
        self._fed: Fed | None = None
        self.bar = IncidentBar(id="bar")
        self.past = PastBar(id="past-bar")
        self.recovery = RecoveryPane()

    def compose_body(self) -> ComposeResult:
        """Which run it is, its steps and their log."""
        yield self.bar
        yield self.past
        yield self.recovery

    def on_mount(self) -> None:
        """Begin to read."""
        super().on_mount()
        self.recovery.add_class("-shown")
        self._feed.start()
        self._feed.follow(self._entry.folder)

    def on_unmount(self) -> None:
        """Read no more."""
        self._feed.stop()

    def on_past_run_screen_news(self, message: News) -> None:
        """Show what the journal says; what is wrong with it is said."""
        first, self._fed = self._fed is None, message.fed
        if message.fed.problem:
            self.cockpit.tell(message.fed.problem, "error")
        self.show(self.cockpit.situation)
        if first:
            self.recovery.steps.focus()
        self.refresh_bindings()

    def show(self, situation: Situation) -> None:
        """The bar is the live run's, the rest is this run."""
        self.set_class(situation.live, "-live")
        self.situation = situation
        self.bar.show(situation)
        seen = self._seen(situation)
        self.past.show(seen)
        if seen.run is not None:
            self.recovery.show(seen)

    def _seen(self, situation: Situation) -> Situation:
        """The situation as if this run were all there is, looked at by somebody who cannot act."""
        fed = self._fed
        if fed is None:
            return replace(situation, run=None, folder=None, forecast=None)
        run = adrift(fed.run) if fed.interrupted and fed.run is not None else fed.run
        return replace(
            situation, run=run, folder=fed.folder, forecast=None, observing=True,
            driver=fed.driver, interrupted=fed.interrupted,
        )  # fmt: skip

    # -- keys ----------------------------------------------------------------------------------------

    @on(PickPane.Moved)
    def _moved(self) -> None:
        self.recovery.show_log()
        self.refresh_bindings()

    @on(LogPane.Changed)
    def _log_changed(self) -> None:
        self.recovery.say_log()
        self.refresh_bindings()

    def action_details(self) -> None:
        """Open or close the details of the step under the cursor."""
        self.recovery.steps.toggle()

    def action_whole_log(self) -> None:
        """The log alone on the screen, and back."""
        self.set_class(not self.has_class("-whole-log"), "-whole-log")
        self.set_focus(self.recovery.log_pane if self.has_class("-whole-log") else self.recovery.steps)

    def action_search(self) -> None:
        """Search the log."""
        self.recovery.ask_search()

    def action_report(self) -> None:
        """Read the report."""
        self.app.push_screen(self._reading(self._entry.folder))

    def action_back(self) -> None:
        """From the log to the run, from the run to the history."""
        if self.has_class("-whole-log"):
            self.action_whole_log()
        else:
            super().action_back()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """What needs the run or its log is offered only with it."""
        if action in ("details", "whole_log"):
            return self._fed is not None
        if action == "search":
            return self.recovery.log_pane.path is not None
        return super().check_action(action, parameters)
