"""The steps of a run: as a chart, and as a table of planned against actual time."""

from __future__ import annotations

from collections.abc import Iterator

from sparkdr_tui.figures import clock
from sparkdr_tui.language import _, current
from sparkdr_tui.record.state import Phase
from sparkdr_tui.report.blocks import Block, Cell, Chart, Column, Says, Section, marked, table
from sparkdr_tui.report.content import Content, StepLine
from sparkdr_tui.report.marks import Mark, of_phase
from sparkdr_tui.report.words import minutes, node_name

_OVER = 1.5
"""From so many times the planned time on, a step was slow."""
_NOTICED = 5.0
"""… and by at least so many seconds."""


def steps(content: Content) -> Section:
    """The section."""
    return Section("steps", _("Steps"), tuple(_blocks(content)) if content.steps else ())


def _blocks(content: Content) -> Iterator[Block]:
    if content.course.bars:
        yield Chart("course")
    yield from table(
        (
            Column("#", number=True), _("step"), _("node"), _("state"), Column(_("planned"), number=True),
            Column("P50", number=True), Column("P90", number=True), Column(_("took"), number=True),
            Column(_("waited"), number=True), Column(_("attempts"), number=True),
        ),
        (_row(content, line) for line in content.steps.values()),
    )  # fmt: skip
    half = _("Half of the attempts in earlier runs on this plan took at most P50, nine of ten at most P90.")
    none = _("No earlier run of these steps on this plan is known.")
    known = any(line.likely and line.likely.runs for line in content.steps.values())
    yield Says(_("Planned is what the plan expects.") + " " + (half if known else none))
    yield Says(
        _("Took is machine time of all attempts and undos; waited is time in which the step waited for a person.")
    )


def _row(content: Content, line: StepLine) -> tuple[Cell | str, ...]:
    outline = line.step.outline
    known = line.likely is not None and line.likely.runs > 0
    return (
        str(line.number),
        Cell(outline.title.within(current()), more=_("optional") if outline.optional else ""),
        node_name(content, outline.on),
        marked(_mark(line, live=content.state.live)),
        minutes(outline.expect),
        Cell(clock(line.likely.p50)) if known and line.likely else "",
        Cell(clock(line.likely.p90)) if known and line.likely else "",
        Cell(minutes(line.took), "warn" if _slow(line) else "plain"),
        minutes(line.waited) if line.waited >= 1 else "",
        str(line.step.attempt) if line.step.attempt > 1 else "",
    )


def _mark(line: StepLine, *, live: bool) -> Mark:
    if not live and line.step.phase in (Phase.PENDING, Phase.READY, Phase.ASKED):
        return Mark("○", "default", _("not run"))
    if line.step.marked:
        return Mark("▲", "yellow", _("marked done"))
    if line.step.undone:
        return Mark("◌", "yellow", _("undone"))
    return of_phase(line.step.phase)


def _slow(line: StepLine) -> bool:
    planned = line.step.outline.expect
    if planned is None or line.took is None:
        return False
    return line.took > _OVER * planned and line.took - planned > _NOTICED
