"""The table of the backup sets: one row each, those in trouble first, as many columns as have room."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from screens.backups import marks
from screens.backups.marks import Standing, standing
from screens.backups.stock import Known, Stock
from screens.painting import Ink, Line, cut_line, gauge, line, paragraph
from screens.situation import Situation
from screens.widgets.columns import GAP, Cell, Column, Layout, lay_out, widest
from screens.widgets.lines import LinesPane, PickPane
from screens.words import minute, said
from sparkdr_tui.backups import words
from sparkdr_tui.backups.catalog import AgeBand, Backup, age_band, rpo_of
from sparkdr_tui.backups.due import next_due
from sparkdr_tui.figures import span
from sparkdr_tui.language import _
from sparkdr_tui.plan.runbook import Plan
from sparkdr_tui.record.attempts import Attempts
from sparkdr_tui.report.marks import of_outcome

BAR = 8
_LEAD = 4
"""Columns that say something of a set that nobody has seen."""
_BANDS = {AgeBand.WITHIN: "good", AgeBand.TWICE: "warn", AgeBand.FOURFOLD: "bad", AgeBand.BEYOND: "bad"}


def ranked(situation: Situation, stock: Stock) -> list[tuple[str, Standing]]:
    """The sets, the most pressing first, else in the order of the plan."""
    found = [
        (name, standing(situation.plan, stock.known(name), situation.now, observing=situation.observing))
        for name in situation.plan.backup_sets
    ]
    return sorted(found, key=lambda each: each[1].rank)


def layout(situation: Situation, stock: Stock, width: int) -> Layout:
    """The columns of the sets that have room."""
    plan = situation.plan
    stands = [each.word for _name, each in ranked(situation, stock)]
    ages = [age_text(plan, stock.known(name), situation.now) for name in plan.backup_sets]
    titles = widest((said(each.title) for each in plan.backup_sets.values()), 40)
    names = widest([*plan.backup_sets, _("backup set")], 24)
    kinds = [_("within RPO"), _("looking …"), *stands]
    return lay_out(
        (
            Column("", 1, 99),
            Column(_("backup set"), names, 98, least=min(names, 14)),
            Column(_("what it holds"), titles, 5, least=min(titles, 20)),
            Column("", widest(kinds), 97),
            Column(_("age / RPO"), widest([*ages, _("age / RPO")]), 96),
            Column("", BAR, 60),
            Column(_("newest"), 16, 10),
            Column(_("size"), 8, 70, right=True),
            Column(_("change"), 7, 20, right=True),
            Column(_("facts"), 7, 80),
            Column(_("verified"), widest([_("verified"), _("{age} ago").format(age=span(7 * 86400 - 1))]), 40),
            Column(_("next"), 6, 50),
            Column(_("off-site"), 10, 30),
        ),
        width,
    )


def set_lines(situation: Situation, stock: Stock, width: int) -> list[Line]:
    """A row for each set."""
    if not situation.plan.backup_sets:
        said_ = _("The plan has no backup sets. Declare them in plan.yaml (backup_sets): what nobody backs up is lost.")
        return paragraph(said_, width, "dim")
    columns = layout(situation, stock, width)
    return [_row(situation, stock, name, stands, columns, width) for name, stands in ranked(situation, stock)]


def _row(situation: Situation, stock: Stock, name: str, stands: Standing, columns: Layout, width: int) -> Line:
    plan, now, known = situation.plan, situation.now, stock.known(name)
    newest = known.newest
    called = Ink(name, "plain" if stands.ink == "dim" else "strong")
    title = Ink(said(plan.backup_sets[name].title), "dim")
    lead: list[Cell] = [stands.mark, called, title, Ink(stands.word, stands.ink)]
    if newest is None:
        row = columns.first(len(lead)).row(lead, item=name)
        told = journal_words(stock.attempts(name), now) if known.shelf.at is None else ()
        return cut_line(line(row.pieces, " " * GAP, told, item=name, head=True), width) if told else row
    grown = known.shelf.grown.get(newest.path)
    cells: list[Cell] = [
        Ink(age_text(plan, known, now), _age_ink(plan, newest, now)),
        age_bar(plan, newest, now, BAR),
        Ink(newest.taken_at.astimezone().strftime("%Y-%m-%d %H:%M"), "dim"),
        Ink(words.bytes_of(newest)),
        Ink(words.change(newest, grown) or "—", "warn" if words.shrank(newest, grown) else "dim"),
        marks.facts(newest),
        marks.verified(newest, now),
        next_cell(plan, known, now),
        marks.copied(plan, known, now),
    ]
    return columns.row([*lead, *cells], item=name)


def journal_words(known: Attempts, now: datetime) -> tuple[Ink, ...]:
    """What the journals tell of the last attempts at a set: no proof that there is a backup."""
    told: list[Ink] = []
    for text, run in ((_("made: {run}, {age} ago"), known.made), (_("verified: {run}, {age} ago"), known.verified)):
        if run is not None:
            mark, age = of_outcome(run.outcome), span((now - run.opened_at).total_seconds())
            told += [Ink(" · ", "dim")] if told else []
            told += [Ink(f"{mark.glyph} ", marks.ink_of(mark)), Ink(text.format(run=run.id, age=age), "dim")]
            told += [Ink(f" {mark.word}", marks.ink_of(mark))] if run.outcome != "completed" else []
    return tuple(told)


def age_text(plan: Plan, known: Known, now: datetime) -> str:
    """How old the newest one is, and how old it may be."""
    rpo, newest = rpo_of(plan, known.set), known.newest
    return f"{words.age(newest, now) if newest else '—'} / {span(rpo.total_seconds()) if rpo else '—'}"


def age_bar(plan: Plan, newest: Backup, now: datetime, width: int) -> tuple[Ink, ...]:
    """Its age as a share of the RPO; empty where nothing was promised."""
    rpo = rpo_of(plan, newest.set)
    band = age_band(newest, rpo, now)
    if rpo is None or band is AgeBand.UNKNOWN:
        return (Ink(""),)
    return gauge((now - newest.taken_at) / rpo, width, _BANDS[band])


def _age_ink(plan: Plan, newest: Backup, now: datetime) -> str:
    band = age_band(newest, rpo_of(plan, newest.set), now)
    return {"good": "plain"}.get(found := _BANDS.get(band, "dim"), found)


def next_cell(plan: Plan, known: Known, now: datetime) -> Ink:
    """When the next one is due; that it did not come where it did not."""
    if marks.stopped_of(plan, known, now) is not None:
        return Ink(_("late"), "bad")
    due = next_due(plan, known.set, known.shelf.catalog.backups[:1], now)
    if due is None:
        return Ink("—", "dim")
    if due.at <= now:
        return Ink(_("now"), "warn")
    near = (due.at - now).total_seconds() < 86400
    return Ink(minute(due.at) if near else due.at.astimezone().strftime("%m-%d"), "plain" if due.schedule else "dim")


class SetsPane(PickPane):
    """The sets; the cursor says whose backups are listed."""

    def __init__(self, stock: Stock) -> None:
        super().__init__(id="sets")
        self._stock = stock

    def draw(self, situation: Situation, width: int) -> Sequence[Line]:
        """A row each."""
        return set_lines(situation, self._stock, width)


class SetsHead(LinesPane, can_focus=False):
    """The names of the columns."""

    def __init__(self, stock: Stock) -> None:
        super().__init__(classes="head")
        self._stock = stock

    def draw(self, situation: Situation, width: int) -> Sequence[Line]:
        """One line."""
        if not situation.plan.backup_sets:
            return [line()]
        columns = layout(situation, self._stock, width)
        seen = any(self._stock.known(name).shelf.at is not None for name in situation.plan.backup_sets)
        return [columns.head() if seen else columns.first(_LEAD).head()]
