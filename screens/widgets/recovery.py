"""Pane 3: what a scenario means before a run; the steps and their log while there is one."""

from __future__ import annotations

from collections.abc import Mapping

from textual import on
from textual.app import ComposeResult
from textual.containers import Container
from textual.message import Message
from textual.widgets import Input

from screens import keys
from screens.keys import bound
from screens.painting import Ink, Line, line
from screens.situation import Situation
from screens.widgets.frame import Edge, Frame
from screens.widgets.log_pane import LogPane
from screens.widgets.meaning import Found, MeaningPane
from screens.widgets.path import hint
from screens.widgets.steps import StepsPane
from screens.words import clock, said
from sparkdr_tui.language import _
from sparkdr_tui.record.state import Phase, RunState, StepState


class SearchLine(Input):
    """What to search the log for; shown while it is asked."""

    BINDINGS = bound("search.submit", "search.leave")

    class Left(Message):
        """Nothing is searched for."""

    def __init__(self) -> None:
        super().__init__(id="search", compact=True)
        self.cursor_blink = False

    def action_leave(self) -> None:
        """Search for nothing."""
        self.post_message(self.Left())


class RecoveryPane(Frame):
    """The frame of pane 3; its class `-run` says which of its two faces is shown."""

    def __init__(self) -> None:
        super().__init__(id="recovery")
        self.edge = Edge("top", id="recovery-edge")
        self.meaning = MeaningPane(id="meaning")
        self.steps = StepsPane(id="steps")
        self.rule = Edge("rule", id="log-rule")
        self.foot = Edge("bottom", id="recovery-foot")
        self.log_pane = LogPane(id="log")
        self.search = SearchLine()
        self._situation: Situation | None = None
        self._walked: tuple[str, int] | None = None
        """The step and its attempt whose log somebody went back to; else the last one's is shown."""

    def compose(self) -> ComposeResult:
        """Both faces; the style sheet shows one."""
        yield self.edge
        yield self.meaning
        yield self.steps
        yield self.rule
        yield self.log_pane
        with Container(id="search-field", classes="field"):
            yield self.search
        yield self.foot

    def show(self, situation: Situation) -> None:
        """Show the run, or what the highlighted scenario means."""
        self._situation = situation
        self.set_class(situation.run is not None, "-run")
        self.foot.say(end=hint(situation))
        if situation.run is None:
            self.edge.say(line(Ink("3 ", "key"), Ink(_("Recovery"), "title")))
            self.meaning.show(situation)
            return
        self.edge.say(run_title(situation.run), run_times(situation.run, situation))
        self.steps.show(situation)
        self.show_log()

    def explain(self, scenario: str, backups: Mapping[str, Found]) -> None:
        """What the highlighted scenario means."""
        self.meaning.explain(scenario, backups)

    def show_log(self) -> None:
        """Show the log of the step under the cursor, else of the one that ran last."""
        situation = self._situation
        if situation is None or situation.run is None or situation.folder is None:
            return
        step = logged(situation.run, self.steps.cursor)
        at = self._attempt_of(step) if step else 0
        self.log_pane.open(situation.folder / step.logs[at] if step else None)
        self.log_pane.growing = step is not None and step.phase.busy and at == len(step.logs) - 1
        self.say_log()

    def walk_attempts(self, by: int) -> None:
        """Show the log of an earlier attempt, or of a later one; at the last one, new attempts are shown again."""
        step = self._logged
        if step is None:
            return
        at = max(0, min(len(step.logs) - 1, self._attempt_of(step) + by))
        self._walked = (step.outline.id, at) if at < len(step.logs) - 1 else None
        self.show_log()

    @property
    def attempts(self) -> int:
        """How many logs the step has whose log is shown."""
        step = self._logged
        return len(step.logs) if step else 0

    @property
    def _logged(self) -> StepState | None:
        run = self._situation.run if self._situation else None
        return logged(run, self.steps.cursor) if run else None

    def _attempt_of(self, step: StepState) -> int:
        if self._walked is not None and self._walked[0] == step.outline.id:
            return self._walked[1]
        return len(step.logs) - 1

    def say_log(self) -> None:
        """What the rule above the log says."""
        run = self._situation.run if self._situation else None
        step = self._logged
        if run is None or step is None:
            self.rule.say(line(Ink(_("no log yet"), "dim")))
            return
        number = list(run.steps).index(step.outline.id) + 1
        what = [self.log_pane.describe(), said(step.outline.title)]
        search, follow = (Ink(keys.shown(name), "key") for name in ("log.search", "log.follow"))
        end = line(search, Ink(f" {_('search')}  ", "dim"), follow, Ink(f" {_('follow')}", "dim"))
        if len(step.logs) > 1:
            attempt = _("attempt {number} of {all}").format(number=self._attempt_of(step) + 1, all=len(step.logs))
            what.insert(1, attempt)
            attempts = f"{keys.shown('log.earlier')} {keys.shown('log.later')}"
            end = line(Ink(attempts, "key"), Ink(f" {_('attempts')}  ", "dim"), end.pieces)
        self.rule.say(
            line(
                Ink(_("log {number}").format(number=number), "title"),
                Ink(" · " + " · ".join(what), "dim"),
            ),
            end,
        )

    def ask_search(self) -> None:
        """Ask what to search the log for."""
        self.add_class("-searching")
        self.search.value = self.log_pane.needle
        self.search.focus()

    @on(SearchLine.Left)
    def _search_left(self) -> None:
        self.remove_class("-searching")
        self.log_pane.focus()

    @on(Input.Submitted)
    def _search_for(self, event: Input.Submitted) -> None:
        event.stop()
        self.remove_class("-searching")
        self.log_pane.focus()
        self.log_pane.search(event.value)


def logged(run: RunState, cursor: str) -> StepState | None:
    """The step whose log to show."""
    under_cursor = run.steps.get(cursor)
    if under_cursor and under_cursor.logs:
        return under_cursor
    began = [step for step in run.steps.values() if step.logs and step.started_at]
    return max(began, key=lambda step: (step.phase.busy, step.started_at), default=None)


def run_title(run: RunState) -> Line:
    """What runs."""
    return line(Ink("3 ", "key"), Ink(_("Recovery"), "title"), Ink(" · "), Ink(said(run.opened.title), "strong"))


def run_times(run: RunState, situation: Situation) -> Line:
    """How far it is, and whose time it took."""
    over = sum(step.phase in (Phase.DONE, Phase.SKIPPED) for step in run.steps.values())
    machine, person = run.split(run.at if situation.interrupted else situation.now)
    count = _("{done} of {all}").format(done=over, all=len(run.steps))
    times = _("machine {machine} · you {person}").format(machine=clock(machine), person=clock(person))
    if situation.watching:
        times = _("machine {machine} · person {person}").format(machine=clock(machine), person=clock(person))
    asks = {"danger": _("asks before danger"), "none": _("asks nothing")}.get(run.pace) if run.live else None
    return line(Ink(f"{asks} · ", "warn") if asks else "", Ink(f"{count} · {times}", "dim"))
