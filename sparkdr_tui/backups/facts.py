"""What is known of one backup: four facts, each established by somebody or unknown, and never guessed. Pure.

A `None` means that nobody established it; whoever shows it says so, and shows it as no good news.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from sparkdr_tui.backups.listing import Found
from sparkdr_tui.text import one_line, sanitize


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
    """The last verification compared its hash with the manifest's; None: nobody did."""
    verified_at: datetime | None = None
    rows: Mapping[str, int] = field(default_factory=dict)
    """Rows by table at the time of the snapshot."""
    restored: bool | None = None
    """The last verification restored it beside what runs, and queried it; None: nobody tried."""
    exists: bool = True
    """False: its manifest is there, but it is not."""
    failed: bool = False
    """The last verification did not end well, whatever it came to."""
    verified_by: str = ""
    """The run of the last verification."""
    detail: str = ""
    """What the last verification said, in a line."""
    made_by: str = ""
    """The run that made it, as its manifest says."""
    stamped_at: datetime | None = None
    """What its name says."""
    counted: bool = True
    """False: its folder holds more than `size`; counting was given up."""

    @property
    def usable(self) -> bool:
        """It is there, and nothing speaks against restoring it."""
        speaks_against = self.failed or False in (self.complete, self.intact, self.restored)
        return self.exists and not speaks_against

    @property
    def known_good(self) -> bool:
        """Usable, and somebody established that it is whole."""
        return self.usable and bool(self.complete or self.intact or self.restored)


@dataclass(frozen=True, slots=True)
class Verification:
    """What the file beside a backup says of its last verification."""

    intact: bool | None = None
    restored: bool | None = None
    failed: bool = False
    at: datetime | None = None
    run: str = ""
    detail: str = ""


def backup_of(set_id: str, folder: str, found: Found, of_folders: bool) -> Backup:
    """What the listing found, as facts."""
    manifest = facts_in(found.manifest or "")
    stated = manifest.get("size", "")
    size = int(stated) if (of_folders or not found.there) and stated.isdecimal() else found.size
    complete: bool | None = None
    if found.manifest is not None:
        complete = "manifest" in manifest and stated == str(size)
    elif size == 0 and not found.more:
        complete = False
    verified = verification(found.verified)
    stamped = datetime.fromtimestamp(found.taken, UTC)
    return Backup(
        set=set_id,
        path=f"{folder}/{found.name}",
        name=found.name,
        taken_at=moment(manifest.get("snapshot", "")) or stamped,
        size=size,
        complete=complete,
        intact=verified.intact,
        verified_at=verified.at,
        rows=_rows(found.manifest or ""),
        restored=verified.restored,
        exists=found.there,
        failed=verified.failed,
        verified_by=verified.run,
        detail=verified.detail,
        made_by=one_line(manifest.get("run", ""), 40),
        stamped_at=stamped,
        counted=not found.more,
    )


def verification(text: str) -> Verification:
    """The text of a `.verified` file; one without a result says nothing.

    Files that say neither `intact` nor `restored` come from a verification that always did both.
    """
    said = facts_in(text)
    if "result" not in said:
        return Verification()
    well = said["result"] == "ok"
    intact, restored = _yes(said.get("intact")), _yes(said.get("restored"))
    if "intact" not in said and "restored" not in said:
        intact = restored = well
    return Verification(
        intact=intact,
        restored=restored,
        failed=not well,
        at=moment(said.get("at", "")),
        run=one_line(said.get("run", ""), 40),
        detail=one_line(sanitize(said.get("detail", ""))),
    )


def facts_in(text: str) -> dict[str, str]:
    """Lines of a key and a value; the first of a key counts."""
    found: dict[str, str] = {}
    for line in text.splitlines():
        key, _space, value = line.partition(" ")
        found.setdefault(key, value.strip())
    return found


def moment(text: str) -> datetime | None:
    """A time as manifests write it; None where it is none."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)


def _yes(said: str | None) -> bool | None:
    return {"yes": True, "no": False}.get(said or "")


def _rows(manifest: str) -> dict[str, int]:
    found: dict[str, int] = {}
    for line in manifest.splitlines():
        key, _space, rest = line.partition(" ")
        table, _space, count = rest.strip().rpartition(" ")
        if key == "rows" and table and count.isdecimal():
            found[sanitize(table)] = int(count)
    return found
