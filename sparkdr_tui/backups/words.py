"""A backup in words: how old, how big, how it changed, what is known of it, why it stays. Pure; knows no colour."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sparkdr_tui.backups.facts import Backup
from sparkdr_tui.backups.retention import Fate, Why
from sparkdr_tui.figures import size, span
from sparkdr_tui.language import _

FACTS = ("exists", "intact", "complete", "restored")
"""Each true, false, or None where nobody established it."""
HALF = -50
"""Percent: a backup that is so much smaller than the one before it is worth a look."""


class Against(StrEnum):
    """What speaks against using a backup."""

    NOTHING = ""
    GONE = "gone"
    INCOMPLETE = "incomplete"
    DAMAGED = "damaged"


def age(backup: Backup, now: datetime) -> str:
    """How old it is."""
    seconds = (now - backup.taken_at).total_seconds()
    return span(seconds) if seconds > -60 else _("in {time}").format(time=span(-seconds))


def bytes_of(backup: Backup) -> str:
    """Its size; with a sign where not all of it was counted."""
    return size(backup.size) if backup.counted else f"> {size(backup.size)}"


def change(backup: Backup, grown: int | None) -> str:
    """How much bigger or smaller it is than the one before it; empty where that is not known."""
    if grown is None:
        return ""
    before = backup.size - grown
    if grown == 0 or before <= 0:
        return "±0%" if grown == 0 else f"+{size(grown)}"
    share = 100 * grown / before
    if abs(share) < 0.05:
        return "±0%"
    shown = f"{share:+.1f}%" if abs(share) < 10 else f"{share:+.0f}%" if share < 1000 else f"×{share / 100 + 1:.0f}"
    return shown.replace("-", "−")


def shrank(backup: Backup, grown: int | None) -> bool:
    """Whether it is so much smaller than the one before it that somebody should look."""
    before = backup.size - (grown or 0)
    return grown is not None and before > 0 and 100 * grown / before <= HALF


def against(backup: Backup) -> Against:
    """What speaks against using it."""
    if not backup.exists:
        return Against.GONE
    if backup.complete is False:
        return Against.INCOMPLETE
    return Against.NOTHING if backup.usable else Against.DAMAGED


def against_word(found: Against) -> str:
    """The same in a word."""
    words = {Against.GONE: _("gone"), Against.INCOMPLETE: _("incomplete"), Against.DAMAGED: _("damaged")}
    return words.get(found, "")


def fact_word(fact: str) -> str:
    """What a fact is called, and how it is established."""
    words = {
        "exists": _("exists"),
        "intact": _("intact (hash)"),
        "complete": _("complete (manifest)"),
        "restored": _("restored and queried"),
    }
    return words[fact]


def reason(fate: Fate) -> str:
    """Why it goes or stays."""
    match fate.why:
        case Why.PINNED:
            return _("in use by unfinished run {run}").format(run=fate.pinned_by)
        case Why.NEWEST_COMPLETE:
            return _("stays: the newest complete backup")
        case Why.NEWEST_VERIFIED:
            return _("stays: the newest verified backup")
        case Why.LAST_USABLE:
            return _("stays: the only kind of backup there is to restore")
        case Why.YOUNG:
            return _("not past its keep")
        case Why.EXPIRED:
            return _("past its keep")
        case Why.GONE:
            return _("past its keep; only its manifest is left")
        case Why.LEFTOVER:
            return _("left by an interrupted backup")
