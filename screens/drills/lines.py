"""The calendar of drills as lines: where each stands, when it was last held; of one, its goal and its lists. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from rich.cells import cell_len

from screens.painting import Ink, Line, cut, line, paragraph, spread
from screens.words import said, span
from sparkdr_tui.lab.faults import FAULTS
from sparkdr_tui.language import _, current
from sparkdr_tui.plan.drilling import breaks
from sparkdr_tui.plan.graph import graph, restores
from sparkdr_tui.plan.model import Text
from sparkdr_tui.plan.runbook import Plan
from sparkdr_tui.record.drills import DrillStatus, Standing, Turn
from sparkdr_tui.report.drill_words import held_line
from sparkdr_tui.report.marks import of_standing

_INKS = {Standing.OVERDUE: "bad", Standing.DUE: "warn", Standing.ANNOUNCE: "warn", Standing.DONE: "good"}


def calendar(
    found: Sequence[DrillStatus], today: date, width: int, cursor: str, *, compact: bool = False
) -> list[Line]:
    """Each drill: what and where it stands, when it is to be held, when it was; in two lines where it must be."""
    lines: list[Line] = []
    for each in found:
        mark, ink = of_standing(each.standing), _INKS[each.standing]
        title = line(
            Ink("▸ " if each.id == cursor else "  ", "key"), Ink(mark.glyph, ink), " ",
            Ink(said(each.drill.title), "strong"), item=each.id, head=True,
        )  # fmt: skip
        lines.append(spread(title, line(Ink(word(each), ink)), width))
        when = f"{days(each.turn)} · {how_far(each, today)}"
        held = _("last held: {held}").format(held=held_line(each.last))
        more = [(f"{when} · {held}", "dim")] if compact else [(when, "plain"), (held, "dim")]
        lines += [line("    ", Ink(cut(text, width - 4), name), item=each.id) for text, name in more]
        if each.running:
            unfinished = _("{run} is unfinished").format(run=each.running)
            lines.append(line("    ", Ink("▶ ", "live"), Ink(cut(unfinished, width - 6), "live"), item=each.id))
        if not compact:
            lines.append(line(item=each.id))
    return lines if compact else lines[:-1]


def word(each: DrillStatus) -> str:
    """Where it stands, in a word."""
    return of_standing(each.standing).word if each.standing is not Standing.DONE else _("held")


def days(turn: Turn) -> str:
    """The days on which it is to be held."""
    return f"{turn.opens}" if turn.opens == turn.closes else f"{turn.opens} – {turn.closes:%m-%d}"


def how_far(each: DrillStatus, today: date) -> str:
    """How long from now, or since when."""
    match each.standing:
        case Standing.OVERDUE:
            return _("overdue for {time}").format(time=_days(today - each.turn.closes))
        case Standing.DUE if each.turn.closes == today:
            return _("due today")
        case Standing.DUE:
            return _("{time} left").format(time=_days(each.turn.closes - today))
        case Standing.ANNOUNCE:
            return _("begins in {time}: to be announced now").format(time=_days(each.turn.opens - today))
    return _("next in {time}").format(time=_days(each.turn.opens - today))


def _days(length: timedelta) -> str:
    return span(length.total_seconds())


# -- one drill -----------------------------------------------------------------------------------------


def about(plan: Plan, each: DrillStatus, width: int) -> list[Line]:
    """Its goal, who takes part, what breaks, its lists, and when people are told."""
    drill = each.drill
    found = [line(Ink(cut(said(drill.title), width), "strong"))]
    found += paragraph(_("last held: {held}").format(held=held_line(each.last)), width, "dim")
    for title, lines in (
        (_("Goal"), list(_goal(plan, each, width))),
        (_("Before"), _list(drill.before, width)),
        (_("After"), _list(drill.after, width)),
        (_("Takes part"), list(_people(plan, each, width))),
        (_("Announcement"), list(_announcement(each, width))),
    ):
        if lines:
            found += [line(), line(Ink(title, "link")), *lines]
    return found


def _goal(plan: Plan, each: DrillStatus, width: int) -> Iterator[Line]:
    drill, runbook = each.drill, plan.runbooks[each.drill.runbook]
    if drill.scenario is not None:
        scenario = plan.scenarios[drill.scenario]
        rto = span(scenario.rto.total_seconds())
        text = _("Recover from “{scenario}” within {rto}.").format(scenario=said(scenario.title), rto=rto)
        yield from paragraph(text, width, "plain", 2)
    brought = [plan.services[name] for name in restores(plan, drill.runbook)]
    promised = [f"{said(s.title)} ({span(s.rto.total_seconds())})" for s in brought if s.rto is not None]
    if promised:
        text = _("Its clocks: {services}").format(services=", ".join(promised))
        yield from paragraph(text, width, "dim", 2)
    steps = graph(plan, drill.runbook)
    expected = sum(step.step.expect.total_seconds() for step in steps if step.step.expect is not None)
    text = _("Runbook: {title} · {count} steps · {time} planned")
    shown = text.format(title=said(runbook.title), count=len(steps), time=span(expected))
    yield from paragraph(shown, width, "dim", 2)
    yield from (each_line for fault in fault_lines(plan, each.id) for each_line in paragraph(fault, width, "warn", 2))


def fault_lines(plan: Plan, drill_id: str) -> list[str]:
    """What a lab breaks for it; nothing is broken on anybody's own nodes."""
    titles = [
        FAULTS[name].title.within(current()) if name in FAULTS else name for name in breaks(plan, plan.drills[drill_id])
    ]
    return [_("The lab is broken for it: {what}.").format(what="; ".join(titles))] if titles else []


def _list(items: Sequence[Text], width: int) -> list[Line]:
    return [each for item in items for each in paragraph(said(item), width, "plain", 6, Ink("  [ ] ", "dim"))]


def _people(plan: Plan, each: DrillStatus, width: int) -> Iterator[Line]:
    """Those whom its scenario needs first."""
    scenario = plan.scenarios.get(each.drill.scenario or "")
    known = {**plan.contacts.team, **plan.contacts.external}
    people = [known[name] for name in (scenario.contacts if scenario else ()) if name in known]
    roles = max((cell_len(said(person.role)) for person in people), default=0)
    for person in people:
        reach = " · ".join(part for part in (person.name.strip(), person.phone) if part) or _("not filled in")
        lead = said(person.role) + " " * (roles - cell_len(said(person.role)) + 2)
        yield line("  ", Ink(cut(lead, width - 2)), Ink(cut(reach, max(0, width - 2 - cell_len(lead))), "dim"))


def _announcement(each: DrillStatus, width: int) -> Iterator[Line]:
    ahead = span(each.drill.announce.total_seconds())
    late = each.standing in (Standing.OVERDUE, Standing.DUE)
    text = _("People are told {time} before it is held.") if late else _("People are told {time} before: by {day}.")
    text = text.format(time=ahead, day=each.turn.announce)
    yield from paragraph(text, width, "warn" if each.standing is Standing.ANNOUNCE else "plain", 2)
