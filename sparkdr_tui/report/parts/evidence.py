"""The timeline, the runs before this one, and what the report rests on: the journal, its head, the versions."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from sparkdr_tui.figures import clock, date_and_time, span, time_of_day, zone
from sparkdr_tui.language import _, current
from sparkdr_tui.record.lines import NAME
from sparkdr_tui.report.blocks import Block, Cell, Chart, Column, Facts, Part, Says, Section, Table, marked, table, tone
from sparkdr_tui.report.content import Content, Line
from sparkdr_tui.report.marks import of_outcome
from sparkdr_tui.report.people import ENGINE
from sparkdr_tui.report.trend import PastRun
from sparkdr_tui.report.words import mode


def timeline(content: Content) -> Section:
    """Every moment, day by day."""
    told = Says(_("Of a step that ended: the time it took / the time that was planned for it."))
    days = groupby(content.timeline, key=lambda each: each.moment.at.astimezone().date())
    found = [(day.isoformat(), tuple(lines)) for day, lines in days]
    if len(found) == 1:
        return Section("timeline", _("Timeline"), (*_moments(found[0][1]), told))
    parts = tuple(Part(Cell(day), _moments(lines)) for day, lines in found)
    return Section("timeline", _("Timeline"), (*parts, told))


def _moments(lines: tuple[Line, ...]) -> tuple[Table, ...]:
    return table((_("when"), "", _("what"), _("who"), _("log")), (_moment(each) for each in lines))


def _moment(each: Line) -> tuple[Cell | str, ...]:
    """What a failure said is told where failures are; here it is one line."""
    moment = each.moment
    more = " · ".join(line for line in moment.more if not line.startswith(("│", "→")))
    log = Cell(_("log"), log=moment.log) if moment.log else Cell("")
    glyph = Cell(moment.mark.glyph, tone(moment.mark))
    return time_of_day(moment.at), glyph, Cell(moment.text, more=more), "" if each.by == ENGINE else each.by, log


def earlier_runs(content: Content) -> Section:
    """This run among the earlier ones of its runbook; nothing where there is none."""
    return Section("earlier", _("Earlier runs of this runbook"), tuple(_trend(content)) if content.earlier else ())


def _trend(content: Content) -> Iterator[Block]:
    yield Chart("trend")
    columns = (
        _("run"), _("when"), _("kind"), _("outcome"), Column(_("took"), number=True), _("closest to its RTO"),
        Column(_("on its clock"), number=True), Column("RTO", number=True), _("verdict"),
    )  # fmt: skip
    yield from table(columns, (_past(each) for each in (*content.earlier, content.this)))


def _past(each: PastRun) -> tuple[Cell | str, ...]:
    kept = {
        True: Cell("✔ " + _("met"), "good"),
        False: Cell("✖ " + _("missed"), "bad"),
        None: Cell(_("not restored") if each.rto is not None and each.outcome else ""),
    }
    return (
        each.run,
        date_and_time(each.opened_at),
        mode(each.mode),
        marked(of_outcome(each.outcome)),
        clock(each.took),
        each.service.within(current()) if each.service else "",
        clock(each.elapsed) if each.elapsed is not None else "",
        span(each.rto) if each.rto is not None else "",
        kept[each.kept],
    )


def evidence(content: Content) -> Section:
    """What the report rests on."""
    journal, opened = content.journal, content.state.opened
    intact = (
        Cell("✔ " + _("intact, {count} records").format(count=journal.records), "good")
        if journal.ok
        else Cell(
            "✖ "
            + _("not as it was written")
            + (_(", line {number}").format(number=journal.broken_at) if journal.broken_at else ""),
            "bad",
            more=journal.problem,
        )
    )
    torn = (Cell(_("a half-written last line does not count"), "warn"),) if journal.torn else ()
    pairs = [
        (_("journal"), (Cell(NAME, code=True, log=NAME), intact, *torn)),
        (_("head (sha256 of its last line)"), (Cell(journal.head, code=True),)),
        (_("plan"), (Cell(opened.plan), Cell(opened.plan_digest, code=True))),
        (_("program"), (Cell(f"sparkdr-tui {opened.program}"),)),
        (_("runbook"), (Cell(opened.runbook, code=True),)),
        (_("as of"), (Cell(f"{date_and_time(content.at)} {zone(content.at)}"),)),
    ]
    return Section("evidence", _("Evidence"), (Facts(tuple((name, cells) for name, cells in pairs if cells[0].text)),))
