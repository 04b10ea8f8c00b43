"""The runs of a state folder as a history tells them: every folder, damaged ones too, and what became of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sparkdr_tui.errors import SparkdrError
from sparkdr_tui.language import _
from sparkdr_tui.record import events as e
from sparkdr_tui.record.attended import holding, interrupted
from sparkdr_tui.record.drills import rto_met
from sparkdr_tui.record.fold import fold_all
from sparkdr_tui.record.journal import JournalReader, chain
from sparkdr_tui.record.lines import NAME, complete, parse
from sparkdr_tui.record.losses import losses
from sparkdr_tui.record.runs import RunSummary, kind_of, run_folders, summary_of
from sparkdr_tui.record.state import RunState


@dataclass(frozen=True, slots=True)
class Entry:
    """A run's folder: its summary, or what is wrong with its journal."""

    id: str
    folder: Path
    kind: e.Mode
    """As its number says."""
    at: datetime
    """When it was opened; where nobody can say, when it was last written to."""
    summary: RunSummary | None = None
    problem: str = ""
    interrupted: bool = False

    @property
    def live(self) -> bool:
        """It was opened and not closed."""
        return self.summary is not None and self.summary.live


@dataclass(frozen=True, slots=True)
class Judged:
    """What became of a run's promises."""

    rto: bool | None
    """None: nothing was promised, or nobody can say (yet)."""
    rpo: bool | None
    """None: nothing was restored from a backup, or nothing was promised."""
    exceptions: int = 0
    problem: str = ""
    """Its journal is not as it was written."""


class History:
    """Looks again and again; a journal that did not change since is not read again."""

    def __init__(self, state_folder: Path, locks: Path) -> None:
        self._state_folder, self._locks = state_folder, locks
        self._read: dict[Path, tuple[object, Entry]] = {}

    def entries(self) -> Iterator[Entry]:
        """Every run, the one that was written to last first."""
        held = {mode: holding(self._locks, mode) for mode in ("incident", "routine")}
        stamped = [(stamp(folder), folder) for folder in run_folders(self._state_folder)]
        for mark, folder in sorted(stamped, reverse=True):
            known = self._read.get(folder)
            if known is None or known[0] != mark:
                self._read[folder] = known = (mark, entry_of(folder, mark[0]))
            entry = known[1]
            if entry.summary is not None and entry.live:
                holder = held["routine" if entry.kind == "routine" else "incident"]
                left = interrupted(entry.id, entry.live, holder)
                entry = Entry(entry.id, folder, entry.kind, entry.at, entry.summary, interrupted=left)
            yield entry


def stamp(folder: Path) -> tuple[float, int]:
    """When a journal was last written to, and how long it is: as long as both are the same, so is the journal."""
    try:
        found = (folder / NAME).stat()
    except OSError:
        return 0.0, -1
    return found.st_mtime, found.st_size


def entry_of(folder: Path, written_at: float) -> Entry:
    """A run's folder as it is now."""
    kind = kind_of(folder.name)
    summary = summary_of(folder)
    if summary is not None:
        return Entry(folder.name, folder, kind, summary.opened_at, summary)
    return Entry(folder.name, folder, kind, datetime.fromtimestamp(written_at, UTC), problem=_unreadable(folder))


def in_order(entries: Iterable[Entry]) -> tuple[Entry, ...]:
    """What is unfinished on top, then the newest first."""
    return tuple(sorted(entries, key=lambda each: (each.live, each.at, each.id), reverse=True))


def judged(folder: Path, now: datetime) -> Judged:
    """What became of a run's promises by `now`, and whether its journal is as it was written."""
    found = chain(folder)
    problem = "" if found.ok else found.problem
    try:
        state = fold_all(JournalReader(folder).poll())
    except (SparkdrError, ValueError):
        state = None
    if state is None:
        return Judged(None, None, problem=problem or _unreadable(folder))
    kept = [each.met for each in losses(state) if each.restored and each.met is not None]
    return Judged(_in_time(state, now), all(kept) if kept else None, len(state.exceptions), problem)


def _in_time(state: RunState, now: datetime) -> bool | None:
    """Whether every RTO was met; of a run that is not over only what is missed for good."""
    if not state.live:
        return rto_met(state)
    at = state.moment(now)
    return False if any((clock.left(at) or 0) < 0 for clock in state.clocks.values()) else None


def _unreadable(folder: Path) -> str:
    """Why a folder has no summary."""
    path = folder / NAME
    try:
        lines = complete(path.read_bytes())
    except FileNotFoundError:
        return _("There is no journal in {path}.").format(path=folder)
    except OSError as problem:
        return _("It cannot be read: {why}.").format(why=problem.strerror or problem)
    if not lines:
        return _("It holds no event.")
    try:
        parse(lines[0], Path(NAME), 1)
    except SparkdrError as problem:
        return problem.message
    return _("A journal begins with the opening of a run.")
