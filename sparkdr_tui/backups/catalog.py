"""Which backups of a set exist on their node, whether they can be used, and how old they are against the RPO.

Looks only; needs no secret.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from sparkdr_tui.backups.listing import SCRIPT, Found, Listing, read_listing
from sparkdr_tui.errors import SparkdrError
from sparkdr_tui.language import _
from sparkdr_tui.plan.backup_sets import BackupSet
from sparkdr_tui.plan.runbook import Plan
from sparkdr_tui.reach.shell import Result, Script, Shell
from sparkdr_tui.text import one_line, sanitize

_TIMEOUT = 60.0
_LIMIT = 64 << 20


@dataclass(frozen=True, slots=True)
class Backup:
    """One backup, by what lies beside it; `path` is exact and may hold anything, so it goes into scripts as a value."""

    set: str
    path: str
    name: str
    taken_at: datetime
    """Start of its snapshot where the manifest says so, else the stamp of its name."""
    size: int
    complete: bool | None
    """The manifest, written last, is there and its size is the file's; None: there is none (the document's script)."""
    intact: bool | None = None
    """What the last verification found; None: never verified."""
    verified_at: datetime | None = None
    rows: Mapping[str, int] = field(default_factory=dict)
    """Rows by table at the time of the snapshot."""

    @property
    def usable(self) -> bool:
        """Nothing speaks against restoring it."""
        return self.complete is not False and self.intact is not False


class AgeBand(StrEnum):
    """How old a backup is, in RPOs; `UNKNOWN` where nothing was promised or there is no backup."""

    WITHIN = "within"
    TWICE = "twice"
    FOURFOLD = "fourfold"
    BEYOND = "beyond"
    UNKNOWN = "unknown"


async def list_backups(plan: Plan, set_id: str, shell: Shell) -> tuple[Backup, ...]:
    """The backups of a set, newest first; raises `SparkdrError` when its folder or drive is not there."""
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
    found = (_backup(set_id, listing.folder, each, end.endswith("/")) for each in listing.found)
    return tuple(sorted(found, key=lambda backup: (backup.taken_at, backup.name), reverse=True))


def newest_usable(backups: Sequence[Backup]) -> Backup | None:
    """The newest that is known to be complete or was verified; without one, the newest of unknown completeness."""
    usable = sorted((b for b in backups if b.usable), key=lambda b: (b.taken_at, b.name), reverse=True)
    return next((b for b in usable if b.complete or b.intact), usable[0] if usable else None)


def rpo_of(plan: Plan, set_id: str) -> timedelta | None:
    """The strictest RPO that a set has to keep: its services' or its own; None when nothing was promised."""
    declared = plan.backup_sets[set_id]
    promises = [plan.services[name].rpo for name in declared.services] + [declared.rpo]
    return min((promise for promise in promises if promise is not None), default=None)


def age_band(backup: Backup | None, rpo: timedelta | None, now: datetime) -> AgeBand:
    """How old `backup` is at `now`, in RPOs."""
    if backup is None or rpo is None:
        return AgeBand.UNKNOWN
    age = now - backup.taken_at
    bands = ((1, AgeBand.WITHIN), (2, AgeBand.TWICE), (4, AgeBand.FOURFOLD))
    return next((band for times, band in bands if age <= times * rpo), AgeBand.BEYOND)


# -- reading what the node said ------------------------------------------------------------------------


def _backup(set_id: str, folder: str, found: Found, of_folders: bool) -> Backup:
    facts = _facts(found.manifest or "")
    size = int(facts["size"]) if of_folders and facts.get("size", "").isdecimal() else found.size
    complete: bool | None = None
    if found.manifest is not None:
        complete = "manifest" in facts and facts.get("size") == str(size)
    elif size == 0:
        complete = False
    verified = _facts(found.verified)
    return Backup(
        set=set_id,
        path=f"{folder}/{found.name}",
        name=found.name,
        taken_at=_time(facts.get("snapshot", "")) or datetime.fromtimestamp(found.taken, UTC),
        size=size,
        complete=complete,
        intact=verified["result"] == "ok" if "result" in verified else None,
        verified_at=_time(verified.get("at", "")) if "result" in verified else None,
        rows=_rows(found.manifest or ""),
    )


def _facts(text: str) -> dict[str, str]:
    """Lines of a key and a value; the first of a key counts."""
    found: dict[str, str] = {}
    for line in text.splitlines():
        key, _space, value = line.partition(" ")
        found.setdefault(key, value.strip())
    return found


def _rows(manifest: str) -> dict[str, int]:
    found: dict[str, int] = {}
    for line in manifest.splitlines():
        key, _space, rest = line.partition(" ")
        table, _space, count = rest.strip().rpartition(" ")
        if key == "rows" and table and count.isdecimal():
            found[sanitize(table)] = int(count)
    return found


def _time(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)


def _problem(set_id: str, declared: BackupSet, listing: Listing) -> SparkdrError:
    kind, *said = (one_line(word) for word in listing.error)
    title = {"set": set_id, "node": declared.on, "what": said[0] if said else ""}
    if kind == "variable":
        return SparkdrError(
            _("The folder of backup set {set} names ${what}, which {node} does not have.").format(**title),
            _("Set it in the env of node {node}.").format(**title),
        )
    if kind == "unmounted":
        return SparkdrError(
            _("The backup drive is not mounted on {node}: {what}.").format(**title),
            _("Connect it and look again; backups of {set} are on it.").format(**title),
        )
    if kind == "mount":
        return SparkdrError(_("Nobody can tell on {node} what is mounted: {what}.").format(**title))
    why = said[2] if len(said) > 2 else ""
    hint = ""
    if len(said) > 1 and said[1] == "1":  # EPERM: macOS guards external drives (E30)
        hint = _("On a Mac, give the SSH server Full Disk Access (System Settings, Privacy & Security).")
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
