"""Which backups of a set exist on their node, whether they can be used, and how old they are against the RPO.

Looks only; needs no secret.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from itertools import pairwise

from sparkdr_tui.backups.facts import Backup, backup_of
from sparkdr_tui.backups.listing import SCRIPT, Listing, read_listing
from sparkdr_tui.errors import SparkdrError
from sparkdr_tui.language import _
from sparkdr_tui.plan.backup_sets import BackupSet
from sparkdr_tui.plan.runbook import Plan
from sparkdr_tui.reach.shell import Result, Script, Shell
from sparkdr_tui.text import one_line, sanitize

__all__ = [
    "AgeBand",
    "Backup",
    "Catalog",
    "Leftover",
    "NotMounted",
    "age_band",
    "changes",
    "list_backups",
    "newest_usable",
    "promised",
    "read_catalog",
    "rpo_of",
]

_TIMEOUT = 60.0
_LIMIT = 64 << 20
SKEW = timedelta(minutes=5)
"""How far the clocks of a node and of this machine may be apart before a backup counts as one from the future."""


class NotMounted(SparkdrError):
    """The drive that the backups are on is not there, or is an ordinary folder."""


@dataclass(frozen=True, slots=True)
class Leftover:
    """What an interrupted backup of the set left under a name that only backups of this set use."""

    name: str
    at: datetime
    """When it was last written."""


@dataclass(frozen=True, slots=True)
class Catalog:
    """What is in the folder of a set: its backups, newest first, and what interrupted ones left."""

    backups: tuple[Backup, ...] = ()
    """With those that are gone while their manifest is still there."""
    leftovers: tuple[Leftover, ...] = ()


class AgeBand(StrEnum):
    """How old a backup is, in RPOs; `UNKNOWN` where nothing was promised, or there is no backup, or it is not yet."""

    WITHIN = "within"
    TWICE = "twice"
    FOURFOLD = "fourfold"
    BEYOND = "beyond"
    UNKNOWN = "unknown"


async def list_backups(plan: Plan, set_id: str, shell: Shell) -> tuple[Backup, ...]:
    """The backups of a set that exist, newest first; raises `SparkdrError` when its folder or drive is not there."""
    return tuple(backup for backup in (await read_catalog(plan, set_id, shell)).backups if backup.exists)


async def read_catalog(plan: Plan, set_id: str, shell: Shell) -> Catalog:
    """Everything in a set's folder that is the set's; raises `SparkdrError` when its folder or drive is not there."""
    declared = plan.backup_sets[set_id]
    node = plan.nodes[declared.on]
    if node.os == "windows":
        raise SparkdrError(_("Backups on a Windows node cannot be listed: {set}.").format(set=set_id))
    begin, _stamp, end = declared.name.partition("{stamp}")
    env = {
        **node.env,
        "SET_DIR": declared.dir,
        "SET_BEGIN": begin,
        "SET_END": end,
        "SET_MOUNTED": "1" if declared.must_be_mounted else "",
    }
    result = await shell.run(Script(SCRIPT, env), _TIMEOUT, _LIMIT)
    listing = read_listing(result.output)
    if listing is None:
        raise SparkdrError(
            _("The backups of {set} on {node} could not be listed.").format(set=set_id, node=declared.on),
            _last_words(result),
        )
    if listing.error:
        raise _problem(set_id, declared, listing)
    found = (backup_of(set_id, listing.folder, each, end.endswith("/")) for each in listing.found)
    left = (Leftover(each.name, datetime.fromtimestamp(each.at, UTC)) for each in listing.left)
    return Catalog(
        tuple(sorted(found, key=lambda backup: (backup.taken_at, backup.name), reverse=True)),
        tuple(sorted(left, key=lambda each: (each.at, each.name), reverse=True)),
    )


# -- judging -------------------------------------------------------------------------------------------


def newest_usable(backups: Sequence[Backup]) -> Backup | None:
    """The newest that is known to be whole; without one, the newest of unknown completeness."""
    usable = sorted((b for b in backups if b.usable), key=lambda b: (b.taken_at, b.name), reverse=True)
    return next((b for b in usable if b.known_good), usable[0] if usable else None)


def rpo_of(plan: Plan, set_id: str) -> timedelta | None:
    """The RPO that a set has to keep; None when nothing was promised, or another set of the same data keeps it."""
    return None if plan.backup_sets[set_id].optional else promised(plan, set_id)


def promised(plan: Plan, set_id: str) -> timedelta | None:
    """The strictest RPO of a set's data: its services' or its own; None when nothing was promised."""
    declared = plan.backup_sets[set_id]
    promises = [plan.services[name].rpo for name in declared.services] + [declared.rpo]
    return min((promise for promise in promises if promise is not None), default=None)


def age_band(backup: Backup | None, rpo: timedelta | None, now: datetime) -> AgeBand:
    """How old `backup` is at `now`, in RPOs."""
    if backup is None or rpo is None:
        return AgeBand.UNKNOWN
    age = now - backup.taken_at
    if age < -SKEW:
        return AgeBand.UNKNOWN
    bands = ((1, AgeBand.WITHIN), (2, AgeBand.TWICE), (4, AgeBand.FOURFOLD))
    return next((band for times, band in bands if age <= times * rpo), AgeBand.BEYOND)


def changes(backups: Sequence[Backup]) -> Mapping[str, int]:
    """By path, how many bytes bigger (or, negative, smaller) each backup is than the one before it.

    A backup that has none before it, or whose size or whose predecessor's is not known, is left out.
    """
    found: dict[str, int] = {}
    there = sorted((b for b in backups if b.exists), key=lambda b: (b.taken_at, b.name))
    for before, backup in pairwise(there):
        if before.counted and backup.counted:
            found[backup.path] = backup.size - before.size
    return found


# -- what went wrong -----------------------------------------------------------------------------------


def _problem(set_id: str, declared: BackupSet, listing: Listing) -> SparkdrError:
    kind, *said = (one_line(word) for word in listing.error)
    title = {"set": set_id, "node": declared.on, "what": said[0] if said else ""}
    if kind == "variable":
        return SparkdrError(
            _("The folder of backup set {set} names ${what}, which {node} does not have.").format(**title),
            _("Set it in the env of node {node}.").format(**title),
        )
    if kind == "unmounted":
        return NotMounted(
            _("The backup drive is not mounted on {node}: {what}.").format(**title),
            _("Connect it and look again."),
        )
    if kind == "mount":
        return SparkdrError(_("Nobody can tell on {node} what is mounted: {what}.").format(**title))
    why = said[2] if len(said) > 2 else ""
    number = said[1] if len(said) > 1 else ""
    hint = ""
    if number == "1":  # EPERM: macOS guards external drives (E30)
        hint = _("On a Mac, give the SSH server Full Disk Access (System Settings, Privacy & Security).")
    elif number == "2":  # ENOENT
        hint = _("The first backup makes it; or correct “dir” of the set in plan.yaml.")
    elif number == "13":  # EACCES
        hint = _("The user that logs in on {node} may not read it: look at its owner and mode.").format(**title)
    return SparkdrError(
        _("The folder of backup set {set} cannot be read: {what}: {why}.").format(**title, why=why), hint
    )


def _last_words(result: Result) -> str:
    lines = [line for line in sanitize(result.text).splitlines() if line.strip()]
    return (
        one_line(lines[-1])
        if lines
        else _("It said nothing and ended with exit status {status}.").format(status=result.status)
    )
