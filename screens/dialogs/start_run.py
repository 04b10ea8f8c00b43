"""What to run and how: runbook, mode, when it began, what asks, which backups. Arrows change, enter starts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from rich.cells import cell_len
from textual import events, on, work
from textual.app import ComposeResult

from screens.dialogs.backups import BackupsDialog, Lists
from screens.dialogs.base import Dialog, TextPane
from screens.dialogs.line import LineDialog
from screens.keys import bound
from screens.painting import Ink, Line, cut, fit, line, spread
from screens.situation import Situation
from screens.widgets.lines import PickPane
from screens.widgets.meaning import Found, backup_lines
from screens.words import mode_word, said, span, time_of_day
from sparkdr_tui.language import _, later
from sparkdr_tui.plan.graph import graph, inputs, ordered, scenarios, title
from sparkdr_tui.plan.runbook import Input, Plan
from sparkdr_tui.record.decisions import RunRequest
from sparkdr_tui.record.events import Mode, Pace

_MODES: tuple[Mode, ...] = ("incident", "drill")
_PACES: tuple[Pace, ...] = ("each", "danger")


@dataclass(frozen=True, slots=True)
class Choice:
    """What was chosen so far; `ago` is how long before the start the incident began."""

    scenario: str
    """Several are joined, like runbooks."""
    runbook: str
    mode: Mode
    pace: Pace = "each"
    ago: timedelta = timedelta(0)
    values: dict[str, str] = field(default_factory=dict)
    """Inputs that were given a value by hand."""

    def request(self, plan: Plan, now: datetime) -> RunRequest:
        """What the engine is asked for."""
        return RunRequest(
            runbook=self.runbook,
            mode=self.mode,
            pace=self.pace,
            scenario=self.scenario,
            level=max((each.level for each in scenarios(plan, self.scenario)), default=None),
            incident_at=now - self.ago,
            inputs=dict(self.values),
        )


def offered(plan: Plan, scenario: str) -> list[str]:
    """The runbooks that answer a scenario; several scenarios are answered by the first of each, run as one."""
    answers = [[name for name in each.runbooks if name in plan.runbooks] for each in scenarios(plan, scenario)]
    if len(answers) == 1:
        return answers[0]
    return [ordered(plan, [names[0] for names in answers if names])] if any(answers) else []


def first_choice(plan: Plan, scenario: str) -> Choice:
    """What is offered first."""
    runbooks = offered(plan, scenario)
    return Choice(scenario, runbooks[0] if runbooks else "", "lab" if plan.lab else "incident")


def turned(values: Sequence[str], current: str, by: int) -> str:
    """The value that many places on, round and round."""
    return values[(values.index(current) + by) % len(values)] if current in values else values[0]


def _open(plan: Plan, runbook: str, item: str) -> bool:
    """Whether an input is chosen here: what is past its keep is found when its step comes, and shown then."""
    declared = inputs(plan, runbook).get(item.removeprefix("input:"))
    return declared is not None and declared.expired is None


class ChoicesPane(PickPane):
    """What can be chosen, a line each."""

    def __init__(self, choice: Choice, backups: Mapping[str, Found]) -> None:
        super().__init__(id="choices")
        self.choice, self._backups = choice, backups

    def draw(self, situation: Situation, width: int) -> list[Line]:
        """Names at the left, what is chosen at the right."""
        rows = self._rows(situation)
        names = max(cell_len(name) for _item, name, _value in rows)
        found: list[Line] = []
        for item, name, value in rows:
            mark = Ink("▸ " if item == self.cursor else "  ", "key")
            hint = Ink(self._hint(situation.plan, item) if item == self.cursor else "", "dim")
            shown = Ink(cut(value, width - names - 6 - line(hint).cells))
            start = line(mark, Ink(fit(name, names + 2), "dim"), shown, item=item, head=True)
            found.append(spread(start, line(hint), width))
            found += self._about_input(situation, item, names, width)
        return found

    def _rows(self, situation: Situation) -> list[tuple[str, str, str]]:
        plan, choice = situation.plan, self.choice
        began = time_of_day(situation.now - choice.ago)
        ago = _("now")
        if choice.ago:
            ago = _("{time} ago, at {at}").format(time=span(choice.ago.total_seconds()), at=began)
        rows = [
            ("runbook", _("Runbook"), said(title(plan, choice.runbook))),
            ("mode", _("Mode"), mode_word(choice.mode) or _("incident")),
            ("ago", _("It began"), ago),
            ("pace", _("Asks before"), _("every step") if choice.pace == "each" else _("dangerous steps only")),
        ]
        for name, each in inputs(plan, choice.runbook).items():
            rows.append((f"input:{name}", said(each.title) if each.title else name, self._value(name, each)))
        return rows

    def _hint(self, plan: Plan, item: str) -> str:
        """How the row under the cursor is changed."""
        if item == "runbook":
            known = offered(plan, self.choice.scenario)
            at = known.index(self.choice.runbook) + 1
            return f"← → {at}/{len(known)}" if len(known) > 1 else ""
        if item == "mode":
            return "" if plan.lab else "← →"
        if item == "ago":
            return _("type the minutes, or ← →")
        if item != "pace" and not _open(plan, self.choice.runbook, item):
            return ""
        return "← →" if item == "pace" else "→ …"

    def _value(self, name: str, declared: Input) -> str:
        if name in self.choice.values:
            return self.choice.values[name].rsplit("/", 1)[-1]
        if declared.expired is not None:
            return _("what is past its keep then")
        if declared.pick is None:
            return declared.default or ""
        known = self._backups.get(declared.pick)
        return known.backup.name if known and known.backup else _("the newest that can be used")

    def _about_input(self, situation: Situation, item: str, names: int, width: int) -> list[Line]:
        name = item.removeprefix("input:")
        declared = inputs(situation.plan, self.choice.runbook).get(name) if item != name else None
        if declared is None or declared.pick is None or name in self.choice.values:
            return []
        known = self._backups.get(declared.pick)
        if known is None or known.backup is None:
            return [line(" " * (names + 4), Ink(cut(known.why_none, width - names - 4), "bad"))] if known else []
        began = situation.now - self.choice.ago
        _name, loses = backup_lines(situation, declared.pick, known.backup, width - names, began)
        return [line(" " * names, loses.pieces)]


class StartRunDialog(Dialog[Choice]):
    """Answers with what to run and how."""

    BINDINGS = bound("dialog.start", "dialog.change", "dialog.change_back")

    def __init__(self, plan: Plan, scenario: str, backups: Mapping[str, Found], look: Lists) -> None:
        super().__init__(later("Start a run"))
        self._plan, self._scenario, self._look = plan, scenario, look
        self._pane = ChoicesPane(first_choice(plan, scenario), backups)

    def compose_body(self) -> ComposeResult:
        """What it is for, and what can be chosen."""
        yield TextPane(self._about)
        yield self._pane
        yield TextPane(self._will)

    def on_mount(self) -> None:
        """The choices have the focus."""
        super().on_mount()
        self._pane.focus()

    def _about(self, situation: Situation, width: int) -> list[Line]:
        found = []
        for each in scenarios(self._plan, self._scenario):
            level = _("Level {level} · RTO {rto}").format(level=each.level, rto=span(each.rto.total_seconds()))
            found.append(spread(line(Ink(said(each.title), "strong")), line(Ink(level, "dim")), width))
        return [*found, line()]

    def _will(self, situation: Situation, width: int) -> list[Line]:
        count = len(graph(self._plan, self._pane.choice.runbook))
        text = _("{count} steps. Nothing runs before you say so, step by step.").format(count=count)
        if self._pane.choice.pace == "danger":
            text = _("{count} steps. Safe ones run by themselves.").format(count=count)
        return [line(), line(Ink(cut(text, width), "dim"))]

    # -- changing ------------------------------------------------------------------------------------

    def action_change(self, by: int) -> None:
        """Another value for what the cursor is on."""
        choice = self._pane.choice
        match self._pane.cursor:
            case "runbook":
                known = offered(self._plan, self._scenario)
                self._set(replace(choice, runbook=turned(known, choice.runbook, by), values={}))
            case "mode" if not self._plan.lab:
                self._set(replace(choice, mode=_MODES[(_MODES.index(choice.mode) + by) % len(_MODES)]))
            case "ago":
                self._set(replace(choice, ago=max(timedelta(0), choice.ago + timedelta(minutes=by))))
            case "pace":
                self._set(replace(choice, pace=_PACES[(_PACES.index(choice.pace) + by) % len(_PACES)]))
            case item if item.startswith("input:") and _open(self._plan, choice.runbook, item):
                self._change_input(item.removeprefix("input:"))

    def _set(self, choice: Choice) -> None:
        self._pane.choice = choice
        for pane in (self._pane, *self.query(TextPane)):
            pane.redraw()

    @work
    async def _change_input(self, name: str) -> None:
        choice = self._pane.choice
        declared = inputs(self._plan, choice.runbook)[name]
        current = choice.values.get(name, declared.default or "")
        if declared.pick:
            value = await self.app.push_screen_wait(
                BackupsDialog(declared.pick, self._look, current, began=self.cockpit.situation.now - choice.ago)
            )
        else:
            value = await self.app.push_screen_wait(
                LineDialog(declared.title or (lambda: name), lambda _s, _w: [], value=current)
            )
        if value is not None:
            self._set(replace(choice, values={**choice.values, name: value}))

    def on_key(self, event: events.Key) -> None:
        """Digits say how many minutes ago it began."""
        if self._pane.cursor != "ago":
            return
        choice, minutes = self._pane.choice, int(self._pane.choice.ago.total_seconds() // 60)
        if event.character and event.character.isascii() and event.character.isdigit():
            typed = min(minutes * 10 + int(event.character), 99999)
            self._set(replace(choice, ago=timedelta(minutes=typed)))
        elif event.key == "backspace":
            self._set(replace(choice, ago=timedelta(minutes=minutes // 10)))

    @on(PickPane.Picked)
    def _picked(self) -> None:
        self.action_change(1)

    def action_submit(self) -> None:
        """Start."""
        if self._pane.choice.runbook:
            self.dismiss(self._pane.choice)
