"""The escalation path, drawn: what was passed and when, where the run is, who was reached, what is next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from textual import events

from screens.painting import Ink, Line, line, paragraph, spread
from screens.situation import Situation
from screens.widgets.lines import LinesPane
from screens.widgets.people import call_mark, call_word, calls, person
from screens.words import clock, minute, said, span
from sparkdr_tui.language import _
from sparkdr_tui.plan.graph import scenarios
from sparkdr_tui.record import events as e
from sparkdr_tui.record.escalation import Standing, path_of, standing, start, why
from sparkdr_tui.record.state import Move

SOON = 60
"""Seconds before the path moves up by itself in which it is worth a warning."""


def standing_of(situation: Situation) -> Standing | None:
    """Where the run that is shown is on its path."""
    return standing(situation.run, situation.now) if situation.run is not None else None


def who(situation: Situation, name: str) -> str:
    """Somebody's role, as the plan says, else as the run does."""
    contact = person(situation.plan, name)
    known = situation.run.opened.contacts.get(name) if situation.run else None
    return said(contact.role) if contact else said(known) if known else name


def reach(situation: Situation, name: str) -> str:
    """Somebody's name and phone, as far as they are filled in."""
    contact = person(situation.plan, name)
    return " ".join(part for part in (contact.name, contact.phone) if part) if contact else ""


# -- in one line -------------------------------------------------------------------------------------


def call_line(situation: Situation, at: Standing, width: int) -> Line:
    """Whom to call now, and how long until the path moves up; the number is the last thing that gives way."""
    until = _until(situation, at)
    ends = [line(until[: len(until) - gone]) for gone in range(len(until))] or [line()]
    starts = [line(_whom(situation, at, named=True)), line(_whom(situation, at, named=False))]
    for first, end in ((first, end) for first in starts for end in ends):
        if first.cells + end.cells + 2 <= width:
            return spread(first, end, width)
    return spread(starts[-1], line(Ink(clock(at.left(situation.now) or 0), "warn")), width)


def soon(situation: Situation, at: Standing) -> bool:
    """Whether the path moves up within a minute."""
    left = at.left(situation.now)
    return left is not None and left < SOON


def hint(situation: Situation) -> Line:
    """The same in a few words, for a corner; nothing where nobody has to be called and nothing moves."""
    at = standing_of(situation)
    if at is None or situation.run is None or not situation.run.live or at.recovered:
        return line()
    left = at.left(situation.now)
    parts = []
    if at.call is not None:
        says = _("calling {who}") if at.calling else _("call {who}")
        parts.append(says.format(who=who(situation, at.call)))
    if left is not None:
        parts.append(clock(left) if parts else _("escalates in {time}").format(time=clock(left)))
    return line(Ink(" · ".join(parts), "warn" if soon(situation, at) else "dim")) if parts else line()


def _whom(situation: Situation, at: Standing, *, named: bool) -> list[Ink]:
    if situation.run is not None and not situation.run.live:
        return [Ink(_("The run is over."), "dim")]
    if at.recovered:
        return [Ink("✔ ", "good"), Ink(_("Everything is back: nobody has to be called."))]
    if at.call is not None:
        says = _("calling {who}") if at.calling else _("call {who}")
        mark = call_mark("calling") if at.calling else Ink("▸ ", "key")
        told = [mark, Ink(says.format(who=who(situation, at.call)), "strong")]
        contact = person(situation.plan, at.call)
        number = reach(situation, at.call) if named else contact.phone if contact else ""
        return [*told, Ink(f"  {number}", "strong") if number else Ink(f"  {_('not filled in')}", "warn")]
    if "reached" in at.results.values():
        reached = [who(situation, name) for name, result in at.results.items() if result == "reached"]
        return [call_mark("reached"), Ink(_("reached: {who}").format(who=", ".join(reached)))]
    return [Ink(_("Nobody of this stage has to be called."), "dim")]


def _until(situation: Situation, at: Standing) -> list[Ink]:
    """How long; then, where there is room, to what."""
    left = at.left(situation.now)
    if left is None or at.next is None:
        last = at.next is None and situation.live and not at.recovered
        return [Ink(_("the last stage"), "dim")] if last else []
    text = _("escalates in {time}").format(time=clock(left))
    return [Ink(text, "warn" if soon(situation, at) else "plain"), Ink(f" → {said(at.next.title)}", "dim")]


# -- as a path ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Way:
    """A path to draw: of a run, or of a scenario that nobody answers yet."""

    stages: Sequence[e.StageOutline]
    here: int | None
    level: int | None
    at: Standing | None = None
    """Of a run."""

    def came(self, number: int) -> Move | None:
        """When and why a run came to a stage."""
        moves = self.at.moves if self.at else ()
        return next((each for each in moves if each.stage == number), None)

    def left(self, number: int) -> Move | None:
        """When and why a run left a stage."""
        moves = self.at.moves if self.at else ()
        return next((each for each in moves if each.stage > number), None)


def way_of(situation: Situation, scenario: str) -> Way:
    """The run's path where the scenario is the run's, else that of the scenario."""
    run, at = situation.run, standing_of(situation)
    if run is not None and at is not None and scenario == (run.opened.scenario or scenario):
        return Way(run.opened.path, at.number, run.level, at)
    stages = path_of(situation.plan, scenario)
    level = max((each.level for each in scenarios(situation.plan, scenario)), default=situation.level)
    return Way(stages, start(stages, level), level)


class PathPane(LinesPane):
    """The path of a scenario; where it has no room, only who is to be called now."""

    def __init__(self) -> None:
        super().__init__(id="path")
        self.scenario = ""

    def choose(self, scenario: str) -> None:
        """Show the path of another scenario, from where it begins."""
        self.scenario = scenario
        self.redraw()

    def draw(self, situation: Situation, width: int) -> Sequence[Line]:
        """All of it, or less of it."""
        whole = path_lines(situation, self.scenario, width)
        return whole if len(whole) <= self.size.height else path_lines(situation, self.scenario, width, brief=True)

    def redraw(self) -> None:
        """Draw anew; the place where the run is stays in sight when it moves."""
        before = self._place()
        super().redraw()
        if self._place() != before:
            self.call_after_refresh(self._into_view)

    def on_resize(self, event: events.Resize) -> None:
        """What is drawn depends on the height too."""
        super().on_resize(event)
        self.call_after_refresh(self._into_view)

    def _into_view(self) -> None:
        self.scroll_to(y=max(0, self._place() - 1), animate=False)

    def _place(self) -> int:
        return next((at for at, each in enumerate(self.lines) if each.head), 0)


def path_lines(situation: Situation, scenario: str, width: int, *, brief: bool = False) -> list[Line]:
    """The stages one under the other, with *you are here*; in brief, only the people of that stage."""
    way = way_of(situation, scenario)
    if not way.stages:
        return [
            *paragraph(_("The plan has no escalation path."), width, "dim"),
            *paragraph(_("It is written under `escalation` in contacts.yaml."), width, "dim"),
        ]
    found: list[Line] = []
    for number, stage in enumerate(way.stages):
        here = number == way.here
        found += _title(way, number, width)
        if here:
            found += _here(situation, scenario, way, width)
        if here or not brief:
            found += [each for name in stage.who for each in _person(situation, way, name, here, width)]
        if number < len(way.stages) - 1:
            found.append(_between(way, number))
    return found


def _title(way: Way, number: int, width: int) -> list[Line]:
    """What a stage is, since when or from which level on."""
    stage, came, here = way.stages[number], way.came(number), number == way.here
    passed = way.here is not None and number < way.here
    mark = Ink(" ▶ ", "warn") if here else Ink(" ● ", "dim") if passed and came else Ink(" ○ ", "edge")
    first, *rest = paragraph(said(stage.title), width, "strong" if here else "dim" if passed else "plain", 3, mark)
    since = minute(came.at) if came else ""
    end = Ink(_("since {at}").format(at=since) if here and came else since or _levels(stage), "dim")
    return _with_end([replace(first, head=here), *rest], end, 3, width)


def _with_end(found: list[Line], end: Ink, indent: int, width: int) -> list[Line]:
    """The lines with a word at their right end, on a line of its own where there is no room."""
    if not end.text:
        return found
    if found[-1].cells + line(end).cells + 2 <= width:
        return [*found[:-1], spread(found[-1], line(end), width)]
    return [*found, line(" " * indent, end)]


def _here(situation: Situation, scenario: str, way: Way, width: int) -> list[Line]:
    """*You are here*; without a run, whether it would begin here. Why is said where the path was left for here."""
    if way.at is None or way.here is None:
        seen = scenario in {each.scenario for each in situation.suggestions}
        says = _("you are here") if seen else _("it would begin here")
        return [line("   ", Ink(says, "warn" if seen else "dim"))]
    level = _("Level {level}").format(level=way.level) if way.level else ""
    return [line("   ", Ink(_("you are here"), "warn"), Ink(f" · {level}" if level else "", "dim"))]


def _person(situation: Situation, way: Way, name: str, here: bool, width: int) -> list[Line]:
    """Somebody of a stage, whom to dial, and at the stage where one is what came of it."""
    tried = calls(situation.run, name) if way.at is not None else []
    mark = call_mark(tried[-1].call.result) if tried else Ink("  ")
    if here and way.at is not None and name == way.at.call and not way.at.calling:
        mark = Ink("▸ ", "key")
    role, number = who(situation, name), reach(situation, name)
    ink = "plain" if here else "dim"
    found = [line(Ink(f"   {mark.text}", mark.name), Ink(f"{role} · {number or _('not filled in')}", ink))]
    if found[0].cells > width:
        found = [
            *paragraph(role, width, ink, 5, Ink(f"   {mark.text}", mark.name)),
            *(paragraph(number, width, ink, indent=5) if number else ()),
        ]
    return _with_end(found, call_word(tried[-1], situation), 5, width) if tried and here else found


def _levels(stage: e.StageOutline) -> str:
    if not stage.levels:
        return ""
    low, high = min(stage.levels), max(stage.levels)
    return _("Level {level}").format(level=low if low == high else f"{low}–{high}")


def _between(way: Way, number: int) -> Line:
    """Why the run went on from a stage, or when it would."""
    left, stage = way.left(number), way.stages[number]
    if left is not None:
        return line(Ink(" │ ", "edge"), Ink(f"{minute(left.at)} {why(left.why)}", "warn"))
    if stage.escalate_after is None or (way.here is not None and number < way.here):
        return line(Ink(" │", "edge"))
    after = span(stage.escalate_after)
    return line(Ink(" │ ", "edge"), Ink(_("not recovered after {time}").format(time=after), "dim"))
