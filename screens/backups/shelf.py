"""The backups of one set, newest first: age, what restoring one loses, size, facts, why it stays."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from screens.backups import marks
from screens.backups.stock import Known
from screens.painting import Ink, Line, line, paragraph
from screens.situation import Situation
from screens.widgets.columns import Cell, Column, Layout, lay_out, widest
from screens.widgets.lines import LinesPane
from screens.widgets.rows import RowsPane
from sparkdr_tui.backups import words
from sparkdr_tui.backups.catalog import Backup, age_band, promised
from sparkdr_tui.backups.retention import Fate, Why
from sparkdr_tui.figures import span
from sparkdr_tui.language import _
from sparkdr_tui.plan.runbook import Plan
from sparkdr_tui.record.losses import lost
from sparkdr_tui.report.marks import of_band

_EXPIRES = 8
"""Which column says when a backup goes."""
_STAMP = len("YYYYmmdd_HHMMSS")


def layout(situation: Situation, known: Known, width: int) -> Layout:
    """The columns of backups that have room; where whole names take too much of it, stamps stand for them."""
    whole = lay_out(_columns(situation, known, known.shelf.wide), width)
    if whole.width_of(_EXPIRES):
        return whole
    return lay_out(_columns(situation, known, _STAMP), width)


def _columns(situation: Situation, known: Known, name: int) -> tuple[Column, ...]:
    """While an incident lives, what a backup loses counts more than its age."""
    incident = began(situation) is not None
    long = span(7 * 86400 - 1)
    old = [words.age(each, situation.now) for each in known.shelf.catalog.backups[-1:]]
    losing = [_("loses"), long, *old, *([_("after the incident")] if incident else [])]
    return (
        Column("", 1, 99),
        Column(_("backup"), name, 98),
        Column(_("age"), widest([long, *old]), 50 if incident else 97, right=True),
        Column(_("loses"), widest(losing) + 2, 97 if incident else 50),
        Column(_("size"), 8, 70, right=True),
        Column(_("change"), 7, 20, right=True),
        Column(_("facts"), 7, 80),
        Column(_("verified"), widest([_("verified"), _("failed {age} ago").format(age=long)]), 40),
        Column(_("expires"), widest([*_stays().values(), _in(long)]), 60, least=widest([_("expires"), _in(long)])),
    )


def _in(time: str) -> str:
    return _("in {time}").format(time=time)


def began(situation: Situation) -> datetime | None:
    """When the incident began that a live recovery answers."""
    run = situation.run
    return run.incident_at if run is not None and run.live and run.opened.mode != "routine" else None


def backup_row(situation: Situation, known: Known, backup: Backup, columns: Layout) -> Line:
    """One backup."""
    now, grown = situation.now, known.shelf.grown.get(backup.path)
    used = known.newest is backup
    trouble = words.against(backup)
    mark = Ink("✖", "bad") if trouble else Ink("▸", "key") if used else Ink(" ")
    cells: list[Cell] = [
        mark,
        Ink(_called(situation, known, backup, columns), "strong" if used else "plain"),
        Ink(words.age(backup, now), "plain"),
        loses(situation, backup),
        Ink(words.bytes_of(backup), "dim"),
        Ink(words.change(backup, grown) or "—", "warn" if words.shrank(backup, grown) else "dim"),
        marks.facts(backup),
        marks.verified(backup, now),
        Ink(words.against_word(trouble), "bad")
        if trouble
        else kept(situation.plan, known.set, known.shelf.fates.get(backup.name), now),
    ]
    return columns.row(cells, item=backup.path)


def _called(situation: Situation, known: Known, backup: Backup, columns: Layout) -> str:
    """Its name; its stamp where only that has room."""
    if columns.width_of(1) >= known.shelf.wide:
        return backup.name
    begin = len(situation.plan.backup_sets[known.set].name.partition("{stamp}")[0])
    return backup.name[begin : begin + _STAMP]


def loses(situation: Situation, backup: Backup) -> tuple[Ink, ...]:
    """What restoring it loses, against the RPO."""
    incident = began(situation)
    if incident is not None and backup.taken_at > incident:
        return (Ink("▲ " + _("after the incident"), "warn"),)
    mark = of_band(age_band(backup, promised(situation.plan, backup.set), incident or situation.now))
    return (Ink(f"{mark.glyph} {span(lost(backup.taken_at, incident or situation.now))}", marks.ink_of(mark)),)


def kept(plan: Plan, set_id: str, fate: Fate | None, now: datetime) -> Ink:
    """Why it stays, or when it goes."""
    if fate is None:
        return Ink("—", "dim")
    match fate.why:
        case Why.YOUNG:
            left = (fate.at + plan.backup_sets[set_id].keep - now).total_seconds()
            return Ink(_in(span(left)), "dim")
        case Why.PINNED:
            return Ink(_("stays: {run} uses it").format(run=fate.pinned_by), "link")
    return Ink(_stays().get(fate.why) or _("past its keep"), "link" if fate.stays else "warn")


def _stays() -> dict[Why, str]:
    return {
        Why.NEWEST_COMPLETE: _("stays: newest complete"),
        Why.NEWEST_VERIFIED: _("stays: newest verified"),
        Why.LAST_USABLE: _("stays: only usable one"),
    }


class BackupsPane(RowsPane):
    """The backups of the chosen set, however many there are."""

    def __init__(self) -> None:
        super().__init__(id="shelf")
        self.known = Known("")

    def know(self, known: Known) -> None:
        """What is known of the set that is shown."""
        self.known = known
        self.have(known.shelf.paths)

    @property
    def backup(self) -> Backup | None:
        """The backup under the cursor."""
        return self.known.shelf.by_path.get(self.cursor)

    def row(self, situation: Situation, item: str, width: int) -> Line:
        """One backup."""
        return backup_row(situation, self.known, self.known.shelf.by_path[item], layout(situation, self.known, width))

    def empty(self, situation: Situation, width: int) -> Sequence[Line]:
        """Why there is none, and what to do."""
        return nothing(situation, self.known, width)


class BackupsHead(LinesPane, can_focus=False):
    """The names of the columns."""

    def __init__(self) -> None:
        super().__init__(classes="head")
        self.known = Known("")

    def know(self, known: Known) -> None:
        """The set that is shown."""
        self.known = known
        self.redraw()

    def draw(self, situation: Situation, width: int) -> Sequence[Line]:
        """One line; nothing over nothing."""
        return [layout(situation, self.known, width).head() if self.known.shelf.paths else line()]


def nothing(situation: Situation, known: Known, width: int) -> list[Line]:
    """Why no backup is listed, and what to do."""
    if known.set not in situation.plan.backup_sets:
        return []
    if known.shelf.at is None and (known.looking or not known.problem):
        return [line(Ink(_("looking …"), "dim"))]
    if known.shelf.at is None:
        return paragraph(_("Nobody could look: what lies there is not known."), width, "dim")
    text = _("There is no backup in this set.")
    if situation.plan.backup_sets[known.set].made_by and not situation.observing:
        text += " " + _("Press r to make the first one.")
    return paragraph(text, width, "warn")
