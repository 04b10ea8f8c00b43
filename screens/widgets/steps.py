"""The steps of a run, one line each; what needs the operator opens under itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from rich.cells import cell_len

from screens import keys
from screens.painting import Ink, Line, fit, gauge, line, paragraph, wrap
from screens.situation import Situation
from screens.widgets.lines import PickPane
from screens.words import clock, danger_word, phase_word, said, span, step_mark, step_word
from sparkdr_tui.language import _
from sparkdr_tui.record.losses import Loss, loss
from sparkdr_tui.record.state import Phase, RunState, StepState

_BAR = 8
"""Cells of the bar of a step that runs; in fewer it would say nothing."""
_ROWS = 8
"""Lines of what a failed step said last, at most: what to try stays in sight below them."""


class StepsPane(PickPane):
    """The upper part of pane 3 while a run is shown. The cursor follows what matters until a person moves it."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.following = True
        self._opened: dict[str, bool] = {}

    def show(self, situation: Situation) -> None:
        """Show the steps; follow the one that matters."""
        super().show(situation)
        if situation.run and self.following and (hot := hot_step(situation.run)):
            self.move_to(hot, by_hand=False)

    def move_to(self, item: str, *, by_hand: bool) -> None:
        """Put the cursor on a step; who moves away is left there, who comes back is taken along again."""
        if by_hand and self.situation and self.situation.run:
            self.following = item == hot_step(self.situation.run)
        super().move_to(item, by_hand=by_hand)

    def follow(self) -> None:
        """Go back to the step that matters, and stay with it."""
        self.following = True
        if self.situation:
            self.show(self.situation)

    @property
    def step(self) -> StepState | None:
        """The step under the cursor."""
        run = self.situation.run if self.situation else None
        return run.steps.get(self.cursor) if run else None

    def toggle(self) -> None:
        """Open or close the details of the step under the cursor."""
        if self.step:
            opened = self._opened.get(self.cursor, self.step.phase.stuck)
            self._opened[self.cursor] = not opened
            self.redraw()

    def is_open(self, step: StepState) -> bool:
        """What went wrong is open, and what waits under the cursor, unless it was closed."""
        waits = step.phase is Phase.ASKED and step.outline.id == self.cursor
        return self._opened.get(step.outline.id, waits or step.phase.stuck)

    def draw(self, situation: Situation, width: int) -> Sequence[Line]:
        """Each step, and its details where they are open."""
        if situation.run is None:
            return []
        run = situation.run
        moment = run.moment(situation.now)
        table = columns(run, moment, width, watching=situation.watching)
        found: list[Line] = []
        for number, (name, step) in enumerate(run.steps.items(), 1):
            step = step if run.live else never_run(step)
            found.append(step_line(number, step, moment, table))
            if self.is_open(step):
                acting = run.live and not situation.watching
                shown = details(step, width, run, acting=acting, whole=name in self._opened)
                found += [Line(each.pieces, name) for each in shown]
        return found


def never_run(step: StepState) -> StepState:
    """A step as it stands once the run is over: nobody waits for anybody any more."""
    return replace(step, phase=Phase.PENDING) if step.phase in (Phase.READY, Phase.ASKED) else step


def hot_step(run: RunState) -> str | None:
    """The step that matters most: what is stuck, what is asked, what runs, what comes next, else the last one."""
    steps = run.steps.values()
    for wanted in (
        [s for s in steps if s.phase.stuck],
        [s for s in steps if s.phase is Phase.ASKED],
        [s for s in steps if s.phase.busy],
        [s for s in steps if not s.phase.settled],
        list(steps)[-1:],
    ):
        if wanted:
            return wanted[0].outline.id
    return None


@dataclass(frozen=True, slots=True)
class Columns:
    """Widths of the columns of the step list."""

    number: int
    title: int
    danger: int
    node: int
    time: int
    word: int
    asked: str
    """The word of a step that waits for the operator."""


def columns(run: RunState, moment: datetime, width: int, *, watching: bool) -> Columns:
    """As wide as what is in them; the title takes the rest; where that is little, bars and node give way."""
    steps = list(run.steps.values())
    number = len(str(len(steps)))
    words = max((cell_len(danger_word(s.outline.danger).text) for s in steps), default=0)
    danger = max(_BAR, words)
    node = max((cell_len(s.outline.on or "") for s in steps), default=0)
    time = max(11, *(cell_len(took(s, moment)) for s in steps))
    word = max(9, *(cell_len(step_word(s).text) for s in steps))
    titles = max((cell_len(said(s.outline.title)) for s in steps), default=0)
    rest = width - (number + 3) - (danger + 2) - time - (word + 2)
    if rest - node - 1 < min(titles, 34):
        rest, danger = rest + danger - words, words
    node = node if rest - node - 1 >= 26 else 0
    if rest > 70:
        danger = min(danger + rest - 70, 24)
        rest = width - (number + 3) - (danger + 2) - time - (word + 2)
    asked = _("asks") if watching else phase_word(Phase.ASKED)
    return Columns(number, rest - (node + 1 if node else 0), danger, node, time, word, asked)


def step_line(number: int, step: StepState, moment: datetime, table: Columns) -> Line:
    """One step in its columns."""
    mark, word = step_mark(step), step_word(step)
    inks = {Phase.PENDING: "dim", Phase.SKIPPED: "dim", Phase.ASKED: "strong"}
    return line(
        mark,
        f" {number:>{table.number}} ",
        Ink(fit(said(step.outline.title), table.title), inks.get(step.phase, "plain")),
        " ",
        *_danger_or_bar(step, moment, table.danger),
        " ",
        *((Ink(fit(step.outline.on or "", table.node), "dim"), " ") if table.node else ()),
        Ink(fit(took(step, moment), table.time, "right"), "plain" if step.phase.busy else "dim"),
        "  ",
        Ink(fit(table.asked if step.phase is Phase.ASKED else word.text, table.word), word.name),
        item=step.outline.id,
        head=True,
    )


def _danger_or_bar(step: StepState, moment: datetime, width: int) -> list[Ink]:
    share = progress(step, moment)
    if share is not None and width >= _BAR:
        return list(gauge(share, width))
    word = danger_word(step.outline.danger)
    over = step.phase in (Phase.DONE, Phase.SKIPPED)
    return [Ink(fit(word.text, width), "dim" if over else word.name)]


def progress(step: StepState, moment: datetime) -> float | None:
    """How far a running step is: what it counts, else its time against what was expected."""
    if not step.phase.busy:
        return None
    if step.progress and step.progress[1] > 0:
        return step.progress[0] / step.progress[1]
    spent = step.took(moment)
    if spent is None or not step.outline.expect:
        return None
    return min(spent / step.outline.expect, 0.97)


def took(step: StepState, moment: datetime) -> str:
    """Time it took, and the time it should take."""
    spent, expected = step.took(moment), step.outline.expect
    if spent is None:
        return clock(expected) if expected else ""
    return f"{clock(spent)} / {clock(expected)}" if expected else clock(spent)


def details(step: StepState, width: int, run: RunState, *, acting: bool, whole: bool) -> list[Line]:
    """What a person needs to judge a step: why it is there, what went wrong, what to try, what applies.

    The whole of it has the departures from the plan document, too.
    """
    indent, inner = 5, width - 1
    found: list[Line] = []

    def say(text: str, ink: str = "plain", first: str | Ink = "") -> None:
        found.extend(paragraph(text, inner, ink, indent, first))

    if step.phase.stuck:
        say(_ending(step), "bad" if step.phase is not Phase.CANCELLED else "warn")
        found += _last_words(step, inner, indent)
        for hint in step.hints:
            say(said(hint), "plain", Ink("   → ", "key"))
    else:
        if step.outline.why:
            say(said(step.outline.why), "dim")
        if whole and step.outline.note:
            say(said(step.outline.note), "dim", Ink("   ! ", "warn"))
        if whole and step.outline.source:
            say(_("Plan document: {source}").format(source=step.outline.source), "dim")
    for name in step.outline.uses:
        if name in run.missing:
            say(run.missing[name], "bad", Ink("   ! ", "bad"))
        elif (lost := loss(run, name)) and not step.phase.settled:
            say(_backup(lost), "bad" if lost.met is False else "warn" if lost.later else "plain")
    if step.flagged:
        say(_("A step that this one needs was skipped."), "warn", Ink("   ! ", "warn"))
    if step.reason:
        say(_("Reason: {reason}").format(reason=step.reason), "plain")
    if acting and (offered := applicable(step)):
        found.append(line(" " * indent, *offered))
    return found


def _backup(lost: Loss) -> str:
    """The backup that a step would take, and what that loses: it may be another than the one seen before the run."""
    name = lost.backup.path.rsplit("/", 1)[-1]
    if lost.later:
        return f"{name} · " + _("made after the incident began: it may hold the damage")
    return f"{name} · " + _("restoring it loses {time}").format(time=span(lost.seconds))


def _last_words(step: StepState, width: int, indent: int) -> list[Line]:
    """The last lines of what it said. Long ones break: what went wrong stands at their end, behind paths."""
    room = width - indent - 2
    rows = [row for each in step.tail[-6:] if each.strip() for row in _in_rows(each, room)]
    return [line(" " * indent, Ink("│ ", "edge"), Ink(row, "dim")) for row in rows[-_ROWS:]]


def _in_rows(text: str, width: int) -> list[str]:
    """As it is where it has room: whoever printed it lined something up. Else broken between words."""
    return [text] if cell_len(text) <= width else wrap(text, width)


def _ending(step: StepState) -> str:
    status = _("exit status {status}").format(status=step.exit_status) if step.exit_status is not None else ""
    gone = _("it may still run on the node") if step.gone is False else ""
    return " · ".join(part for part in (step.detail or status, gone) if part) or _("no reason was given")


def applicable(step: StepState) -> list[Ink]:
    """The keys that apply to a step that waits for the operator."""
    offered: list[tuple[str, str]] = []
    if step.phase is Phase.ASKED:
        first = _("open the checklist") if step.outline.action == "manual" else _("run")
        offered = [("step.confirm", first), ("step.skip", _("skip")), ("step.mark", _("mark done"))]
    elif step.phase.stuck:
        offered = [("step.retry", _("retry")), ("step.skip", _("skip")), ("step.mark", _("mark done"))]
        if step.outline.can_undo and step.attempt:
            offered.append(("step.undo", _("undo")))
    return [piece for key, what in offered for piece in (Ink(keys.shown(key), "key"), Ink(f" {what}   ", "dim"))]
