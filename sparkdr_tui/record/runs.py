"""The runs of a state folder: their numbers, and what each of them was, in a line. Changes no run."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sparkdr_tui.errors import SparkdrError, UsageError
from sparkdr_tui.language import _
from sparkdr_tui.plan.model import Text
from sparkdr_tui.record import events as e
from sparkdr_tui.record.lines import NAME, complete, parse
from sparkdr_tui.record.modes import make_folder
from sparkdr_tui.text import one_line

FOLDER = "runs"
_PREFIX: dict[e.Mode, str] = {"incident": "INC", "drill": "DRL", "lab": "LAB", "routine": "BAK"}
_GLANCE = 8192
_ID = re.compile(rf"({'|'.join(_PREFIX.values())})-(\d{{4,9}})")


@dataclass(frozen=True, slots=True)
class RunSummary:
    """A run as its journal's first and last words tell it."""

    id: str
    folder: Path
    runbook: str
    title: Text
    mode: e.Mode
    opened_at: datetime
    operator: str
    closed_at: datetime | None = None
    outcome: e.Outcome | None = None
    scenario: str | None = None
    at: datetime | None = None
    """Time of the last record."""
    drill: str | None = None
    """The drill of the calendar that it is."""
    lab: bool = False
    """Its nodes were those of a lab."""
    handed: str = ""
    """Who was given the operating in its last word: the run waits for them."""
    word: str = ""
    """What they were left to know."""

    @property
    def live(self) -> bool:
        """Not closed: somebody drives it, or it waits to be taken up again."""
        return self.outcome is None


def next_run(state_folder: Path, mode: e.Mode) -> tuple[str, Path]:
    """A number for a new run and its folder, made for it alone, however many ask at once."""
    home = state_folder / FOLDER
    prefix = _PREFIX[mode]
    try:
        state_folder.mkdir(parents=True, exist_ok=True)
        make_folder(home, exist_ok=True)
        while True:
            found = [match for each in home.iterdir() if (match := _ID.fullmatch(each.name))]
            name = f"{prefix}-{1 + max((int(match[2]) for match in found if match[1] == prefix), default=0):04}"
            try:
                make_folder(home / name)
            except FileExistsError:
                continue
            return name, home / name
    except OSError as problem:
        why = problem.strerror or str(problem)
        raise SparkdrError(_("No run can be kept in {folder}: {why}.").format(folder=home, why=why)) from problem


def runs(state_folder: Path, mode: e.Mode | None = None) -> tuple[RunSummary, ...]:
    """Every run of the folder that was opened, newest first; a folder without a readable opening is left out.

    With a `mode` only those that are counted as such, and no journal of another one is read.
    """
    prefix = _PREFIX[mode] if mode is not None else ""
    found = [s for folder in run_folders(state_folder) if folder.name.startswith(prefix) and (s := summary_of(folder))]
    return tuple(sorted(found, key=lambda run: (run.opened_at, run.id), reverse=True))


def newest_first(state_folder: Path, mode: e.Mode) -> Iterator[RunSummary]:
    """The runs that are counted as such by falling number, each read only when it is asked for."""
    prefix = _PREFIX[mode]
    folders = [each for each in run_folders(state_folder) if each.name.startswith(prefix)]
    for folder in sorted(folders, key=lambda each: int(each.name.rpartition("-")[2]), reverse=True):
        if (summary := summary_of(folder)) is not None:
            yield summary


def kind_of(run: str) -> e.Mode:
    """What a run counts as, by its number."""
    return next(mode for mode, prefix in _PREFIX.items() if run.startswith(prefix))


def run_folders(state_folder: Path) -> tuple[Path, ...]:
    """The folder of every run, by id, readable or not; none where there is no folder yet.

    Raises `SparkdrError` where nobody may look.
    """
    home = state_folder / FOLDER
    try:
        return tuple(sorted(each for each in home.iterdir() if _ID.fullmatch(each.name)))
    except (FileNotFoundError, NotADirectoryError):
        return ()
    except OSError as problem:
        raise SparkdrError(
            _("The runs in {folder} cannot be read: {why}.").format(folder=home, why=problem.strerror or problem),
            _("Whoever keeps them decides who may watch: the permissions of the state folder say it."),
        ) from problem


def closed_to_us(state_folder: Path) -> Path | None:
    """A journal that is there and may not be read, the one of the highest number; None where all may be."""
    for folder in reversed(run_folders(state_folder)):
        journal = folder / NAME
        if not os.access(journal, os.R_OK) and (not os.access(folder, os.X_OK) or journal.exists()):
            return journal
    return None


def unfinished(state_folder: Path, lab: bool = True) -> tuple[RunSummary, ...]:
    """The runs that were never closed and that somebody may have to take up, newest first.

    Not those of everyday work: a backup that was interrupted is made anew, and never stands before an incident.
    Without `lab` not those whose nodes are a lab's: an exercise kept here is nothing that happens to the plan's nodes.
    """
    return tuple(run for run in open_runs(state_folder, routine=False) if lab or not run.lab)


def open_runs(state_folder: Path, *, routine: bool) -> tuple[RunSummary, ...]:
    """The runs that were never closed, newest first; those of everyday work only with `routine`."""
    everyday = _PREFIX["routine"]
    wanted = (each for each in run_folders(state_folder) if routine or not each.name.startswith(everyday))
    seen = (summary for folder in wanted if not _ends_closed(folder) and (summary := summary_of(folder)))
    return tuple(sorted((run for run in seen if run.live), key=lambda run: (run.opened_at, run.id), reverse=True))


def _ends_closed(folder: Path) -> bool:
    """Whether the journal's last line closes the run, at a glance: after some years there are many of them."""
    try:
        with (folder / NAME).open("rb") as file:
            file.seek(0, os.SEEK_END)
            file.seek(max(0, file.tell() - _GLANCE))
            end = file.read()
    except OSError:
        return False
    last = end[:-1].rpartition(b"\n")[2]
    return end.endswith(b"\n") and last.startswith(b"{") and b'"type":"run.closed"' in last


def run_folder(state_folder: Path, run: str) -> Path:
    """The folder of a run named by its id; raises `UsageError` with the ids there are."""
    folder = state_folder / FOLDER / run.upper()
    if _ID.fullmatch(run.upper()) and folder.is_dir():
        return folder
    known = ", ".join(each.id for each in runs(state_folder)[:10])
    raise UsageError(
        _("There is no run {run} in {folder}.").format(run=one_line(run, 40), folder=state_folder),
        _("There are: {names}").format(names=known or _("none")),
    )


def summary_of(folder: Path) -> RunSummary | None:
    """A run's summary from its first, last and operators' lines; None when it has no readable opening."""
    try:
        lines = complete((folder / NAME).read_bytes())
        first = parse(lines[0], folder / NAME, 1) if lines else None
    except (OSError, SparkdrError):
        return None
    if first is None or not isinstance(first.event, e.RunOpened):
        return None
    last = _last(lines, b"", folder) or first
    closed = _last(lines, b'"type":"run.closed"', folder)
    taken = _last(lines, b'"type":"operator.changed"', folder)
    opened = first.event
    handed, word = _handed(lines, last, folder)
    return RunSummary(
        id=folder.name,
        folder=folder,
        runbook=opened.runbook,
        title=opened.title,
        mode=opened.mode,
        opened_at=first.at,
        operator=taken.event.operator if taken and isinstance(taken.event, e.OperatorChanged) else first.by,
        closed_at=closed.at if closed else None,
        outcome=closed.event.outcome if closed and isinstance(closed.event, e.RunClosed) else None,
        scenario=opened.scenario,
        at=last.at,
        drill=opened.drill,
        lab=opened.lab or opened.mode == "lab",
        handed=handed,
        word=word,
    )


def _handed(lines: list[bytes], last: e.Record, folder: Path) -> tuple[str, str]:
    """To whom the run was let go in its last record, and the note that went with it."""
    given = last.event
    if not isinstance(given, e.RoleGiven) or given.role != "operate":
        return "", ""
    before = _last(lines[max(0, last.n - 2) : last.n - 1], b'"type":"note.added"', folder)
    note = before.event.text if before and before.by == last.by and isinstance(before.event, e.NoteAdded) else ""
    return given.holder, note


def _last(lines: list[bytes], mark: bytes, folder: Path) -> e.Record | None:
    """The last readable record whose line holds `mark`."""
    for at in range(len(lines) - 1, -1, -1):
        if mark in lines[at]:
            try:
                return parse(lines[at], folder / NAME, at + 1)
            except SparkdrError:
                continue
    return None
