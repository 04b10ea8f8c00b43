"""How a backup set stands, and what is known of a backup, as shape, colour and word; unknown is never green. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum

from screens.backups.stock import Known
from screens.painting import Ink
from sparkdr_tui.backups import offsite
from sparkdr_tui.backups.catalog import AgeBand, Backup, age_band, rpo_of
from sparkdr_tui.backups.punctual import Stopped, stopped
from sparkdr_tui.backups.words import FACTS, against, against_word
from sparkdr_tui.figures import span
from sparkdr_tui.language import _
from sparkdr_tui.plan.runbook import Plan
from sparkdr_tui.report.marks import Mark, of_band, of_fact

_INKS = {"green": "good", "yellow": "warn", "red": "bad", "bright_black": "dim", "cyan": "live"}
STALE = timedelta(days=31)
"""A verification that is older says little about the backups of today."""


class Rank(IntEnum):
    """How pressing the state of a set is; the most pressing come first."""

    TROUBLE = 0
    WARNING = 1
    CALM = 2


@dataclass(frozen=True, slots=True)
class Standing:
    """How a set stands: glyph, ink and word."""

    glyph: str
    ink: str
    word: str
    rank: Rank = Rank.CALM

    @property
    def mark(self) -> Ink:
        """The glyph in its ink."""
        return Ink(self.glyph, self.ink)


def ink_of(mark: Mark) -> str:
    """The ink of a mark."""
    return _INKS.get(mark.colour, "plain")


def stopped_of(plan: Plan, known: Known, now: datetime) -> Stopped | None:
    """Whether the job that makes a set has stopped, by what was last seen of it."""
    last = next((each.taken_at for each in known.shelf.catalog.backups if each.exists), None)
    return stopped(plan.backup_sets[known.set], last, now)


def standing(plan: Plan, known: Known, now: datetime, *, observing: bool) -> Standing:
    """How a set stands: the gravest thing that can be said of it."""
    newest = known.newest
    if known.shelf.at is None:
        return _unseen(known, observing=observing)
    if newest is None:
        return _nothing(plan, known)
    if stopped_of(plan, known, now) is not None:
        return Standing("✖", "bad", _("stopped"), Rank.TROUBLE)
    band = age_band(newest, rpo_of(plan, known.set), now)
    if band in (AgeBand.BEYOND, AgeBand.FOURFOLD):
        mark = of_band(band)
        return Standing(mark.glyph, "bad", mark.word, Rank.TROUBLE)
    return _warned(known, newest, band, now) or _calm(newest, band)


def _unseen(known: Known, *, observing: bool) -> Standing:
    if known.looking or not known.problem:
        return Standing("·", "dim", _("looking …"))
    if observing:
        return Standing("·", "dim", _("not seen"))
    return Standing("✖", "bad", _("not seen"), Rank.TROUBLE)


def _nothing(plan: Plan, known: Known) -> Standing:
    if known.problem:
        return Standing("▲", "warn", _("not seen now"), Rank.WARNING)
    if known.shelf.catalog.backups:
        return Standing("✖", "bad", _("none usable"), Rank.TROUBLE)
    if plan.backup_sets[known.set].optional:
        return Standing("·", "dim", _("none"))
    return Standing("✖", "bad", _("none"), Rank.TROUBLE)


def _warned(known: Known, newest: Backup, band: AgeBand, now: datetime) -> Standing | None:
    latest = known.shelf.catalog.backups[0]
    if band is AgeBand.TWICE:
        mark = of_band(band)
        return Standing(mark.glyph, "warn", mark.word, Rank.WARNING)
    if latest.taken_at > newest.taken_at and not latest.usable:
        return Standing("▲", "warn", _("newest {trouble}").format(trouble=against_word(against(latest))), Rank.WARNING)
    if known.problem:
        return Standing("▲", "warn", _("not seen now"), Rank.WARNING)
    return None


def _calm(newest: Backup, band: AgeBand) -> Standing:
    """Green only where the age is within the RPO and somebody restored it."""
    if band is AgeBand.WITHIN and newest.restored:
        return Standing("●", "good", of_band(band).word)
    if newest.restored is None and not newest.intact:
        return Standing("·", "dim", _("not verified"))
    if not newest.restored:
        return Standing("·", "dim", _("not restored"))
    return Standing("·", "dim", of_band(band).word)


# -- one backup ----------------------------------------------------------------------------------------


def facts(backup: Backup) -> tuple[Ink, ...]:
    """The four facts as shapes, in the order of the legend."""
    found: list[Ink] = []
    for fact in FACTS:
        mark = of_fact(getattr(backup, fact))
        found += [Ink(" ")] if found else []
        found.append(Ink(mark.glyph, ink_of(mark)))
    return tuple(found)


def legend() -> str:
    """What the shapes of the facts stand for, in a line."""
    return _("facts: exists · intact · complete · restored")


def verified(backup: Backup, now: datetime) -> Ink:
    """When somebody last verified it, and that this failed where it did."""
    if backup.verified_at is None:
        return Ink(_("failed"), "bad") if backup.failed else Ink(_("never"), "dim")
    ago = now - backup.verified_at
    if backup.failed:
        return Ink(_("failed {age} ago").format(age=span(ago.total_seconds())), "bad")
    text = _("{age} ago").format(age=span(ago.total_seconds()))
    return Ink(text, "warn" if ago > STALE else "plain" if backup.restored else "dim")


def copied(plan: Plan, known: Known, now: datetime) -> Ink:
    """How old the newest copy in the second place is."""
    second = known.second
    if plan.backup_sets[known.set].copy_to is None:
        return Ink("—", "dim")
    if second is None:
        return Ink(_("looking …"), "dim")
    stands = offsite.standing(plan, known.set, second, now)
    if second.copy is None:
        return Ink("· " + _("not seen"), "dim") if not second.known else Ink("✖ " + _("none"), "bad")
    age = span((now - second.copy.taken_at).total_seconds())
    shapes = {
        offsite.Standing.KEPT: ("● ", "good"),
        offsite.Standing.LATE: ("▲ ", "warn"),
        offsite.Standing.NONE: ("✖ ", "bad"),
        offsite.Standing.UNKNOWN: ("· ", "dim"),
    }
    glyph, ink = shapes[stands]
    return Ink(glyph + age, ink)
