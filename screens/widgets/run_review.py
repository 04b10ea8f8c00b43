"""One run, looked back at: promises, what did not go by the book, and where the time went. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.cells import cell_len

from screens.painting import Ink, Line, cut, fit, line, paragraph
from screens.widgets.run_bars import run_bars
from screens.widgets.steps import never_run
from screens.words import clock, mode_word, outcome_word, said, step_mark
from sparkdr_tui.language import _
from sparkdr_tui.plan.graph import scenarios
from sparkdr_tui.plan.runbook import Plan
from sparkdr_tui.report.content import Content, Failure, StepLine
from sparkdr_tui.report.outcome import promises
from sparkdr_tui.report.people import ENGINE, Deed

_TITLE = 44
"""Cells of a step's title at most."""


def review_lines(plan: Plan, content: Content, width: int, *, left: bool) -> list[Line]:
    """What it was, what became of its promises, where the time went."""
    found = list(head(plan, content, width, left=left))
    for title, lines in ((_("Objectives"), kept(content, width)), (_("Time by step"), times(content, width))):
        found += _under(title, list(lines))
    return found


def beside(content: Content, width: int) -> tuple[str, list[Line]]:
    """What did not go by the book, and the last runs of the runbook; the first heading apart from what is below it."""
    wrong, chart = list(trouble(content, width)), bars(content, width)
    if wrong:
        return _("Not by the book"), [*wrong, *_under(_("The last runs of this runbook"), chart)]
    return _("The last runs of this runbook"), chart


def whole_lines(plan: Plan, content: Content, width: int, *, left: bool) -> list[Line]:
    """All of it in one pane, where there is no room for two."""
    title, lines = beside(content, width)
    return [*review_lines(plan, content, width, left=left), *_under(title, lines)]


def _under(title: str, lines: list[Line]) -> list[Line]:
    return [line(), line(Ink(title, "link")), *lines] if lines else []


def head(plan: Plan, content: Content, width: int, *, left: bool) -> Iterator[Line]:
    """What it was, when, who, how it ended."""
    state = content.state
    what = [said(each.title) for each in scenarios(plan, state.opened.scenario)] or [state.opened.scenario or ""]
    kind = mode_word(state.opened.mode) or _("incident")
    parts = [kind, " + ".join(what), said(state.opened.title)]
    yield line(Ink(cut(" · ".join(dict.fromkeys(part for part in parts if part)), width), "strong"))
    opened = state.opened_at.astimezone()
    end = (state.closed_at or content.at).astimezone()
    if state.closed_at is not None:
        days = "" if end.date() == opened.date() else f"{end:%m-%d} "
        span_of = f"{opened:%Y-%m-%d %H:%M:%S} – {days}{end:%H:%M:%S}"
    else:
        span_of = f"{opened:%Y-%m-%d %H:%M:%S} –"
    who = ", ".join(each.name for each in content.people)
    yield from paragraph(" · ".join(part for part in (span_of, who) if part), width, "dim")
    if left:
        text = _("interrupted: nobody drives it. Its last record is of {at}.")
        yield from paragraph(text.format(at=f"{state.at.astimezone():%Y-%m-%d %H:%M:%S}"), width, "warn")
    elif state.outcome is not None:
        word = outcome_word(state.outcome)
        yield from paragraph(" · ".join(part for part in (word.text, state.outcome_reason) if part), width, word.name)
    if not content.journal.ok:
        text = _("The journal is not as it was written: {why}").format(why=content.journal.problem)
        yield from paragraph(text, width, "bad", 2, Ink("! ", "bad"))


def kept(content: Content, width: int) -> Iterator[Line]:
    """Every objective, and whether it was kept."""
    marks = {True: Ink("  ✔ ", "good"), False: Ink("  ✖ ", "bad"), None: Ink("  · ", "dim")}
    for each in promises(content.state, content.at):
        yield from paragraph(each.text, width, "plain", 4, marks[each.kept])


def trouble(content: Content, width: int) -> Iterator[Line]:
    """Attempts that failed, steps that were skipped, marked done, undone: in the order in which it came about."""
    found = [(each.at, list(_failed(content, each, width))) for each in content.failures]
    for each in content.decided:
        if each.deed is Deed.SKIPPED and each.by == ENGINE:
            continue  # nobody was asked
        deed = _("skipped") if each.deed is Deed.SKIPPED else _("marked done")
        mark = Ink("  » " if each.deed is Deed.SKIPPED else "  ▲ ", "warn")
        text = f"{_named(content, each.step)} · {deed}: {each.reason} ({each.by})"
        found.append((each.at, paragraph(text, width, "plain", 4, mark)))
    for undone in content.undone:
        text = f"{_named(content, undone.step)} · " + _("undone")
        found.append((undone.at, paragraph(text, width, "plain", 4, Ink("  ↶ ", "warn"))))
    for _at, lines in sorted(found, key=lambda pair: pair[0]):
        yield from lines


def _failed(content: Content, each: Failure, width: int) -> Iterator[Line]:
    parts = [
        _named(content, each.step),
        _("attempt {number}").format(number=each.attempt),
        each.detail or _(each.ending),
    ]
    if each.again:
        parts.append(_("It was tried again."))
    yield from paragraph(" · ".join(parts), width, "plain", 4, Ink("  ✖ ", "bad"))


def _named(content: Content, step: str) -> str:
    known = content.steps.get(step)
    return f"{known.number} {said(known.step.outline.title)}" if known else step


# -- time by step ------------------------------------------------------------------------------------


def times(content: Content, width: int) -> Iterator[Line]:
    """Each step with the time that machines took and that a person was waited for, as bars on one scale."""
    steps = [
        each for each in content.steps.values() if (each.took or 0) >= 0.5 or each.waited >= 0.5 or each.step.attempt
    ]
    if not steps:
        return
    most = max(max((each.took or 0.0) + each.waited for each in steps), 1.0)
    number = len(str(len(content.steps)))
    title = min(_TITLE, max(16, width // 2 - 12), max(cell_len(said(each.step.outline.title)) for each in steps))
    room = width - (number + 4) - title - 1 - 2 * 8 - 2
    machine, person = clock(content.machine), clock(content.person)
    total = _("█ machine {machine}   ░ waiting for a person {person}").format(machine=machine, person=person)
    yield line("  ", Ink(cut(total, width - 2), "dim"))
    for each in steps:
        yield _time_line(each, content.state.live, most, (number, title, room))


def _time_line(each: StepLine, live: bool, most: float, table: tuple[int, int, int]) -> Line:
    number, title, room = table
    step = each.step if live else never_run(each.step)
    took, waited = each.took or 0.0, each.waited
    return line(
        step_mark(step),
        f" {each.number:>{number}} ",
        Ink(fit(said(step.outline.title), title)),
        Ink(fit(clock(took), 8, "right")),
        Ink(fit(clock(waited) if waited >= 0.5 else "", 8, "right"), "dim"),
        "  ",
        share(took, waited, most, room),
    )


def share(took: float, waited: float, most: float, width: int) -> Sequence[Ink]:
    """A bar of two patterns: machine, then person."""
    if width < 4:
        return ()
    whole = round((took + waited) / most * width)
    machine = min(whole, round(took / most * width))
    if took >= 0.5 and not machine:
        machine, whole = 1, max(whole, 1)
    person = max(whole - machine, 1 if waited >= 0.5 else 0)
    return Ink("█" * machine, "live"), Ink("░" * min(person, width - machine), "warn")


def bars(content: Content, width: int) -> list[Line]:
    """The last runs of the runbook, this one the last of them."""
    return run_bars((*content.earlier, content.this), content.state.run, width)
