"""The file of a run: one event a line, chained by hashes, on disk before anything acts on it.

One writer (`Journal`, under the operator's lock), any number of readers. Nothing here understands an event.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

from sparkdr_tui.errors import SparkdrError
from sparkdr_tui.language import _
from sparkdr_tui.record import events as e
from sparkdr_tui.record.lines import LOGS, NAME, complete, digest, file_digest, file_of, parse
from sparkdr_tui.record.modes import make_folder, settle
from sparkdr_tui.record.runs import RunSummary, next_run, runs, unfinished

__all__ = [
    "Clock",
    "Journal",
    "JournalReader",
    "RunSummary",
    "Verification",
    "changed_logs",
    "next_run",
    "read",
    "runs",
    "unfinished",
    "utc_now",
    "verify",
]

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """The time of the wall, aware."""
    return datetime.now(UTC)


# -- writing -----------------------------------------------------------------------------------------


class Journal:
    """The writing end: appends events, each on disk when `append` returns."""

    def __init__(self, path: Path, by: str, clock: Clock, fd: int) -> None:
        self.path = path
        self.by = by
        self.torn = False
        """Whether a half-written last line was dropped on opening."""
        self._clock = clock
        self._fd = fd
        self._end = 0
        self._n = 0
        self._head = ""

    @classmethod
    def create(cls, folder: Path, by: str, clock: Clock = utc_now) -> Self:
        """Begin the journal of a new run in `folder`; raises `SparkdrError` when there is one already."""
        try:
            folder.mkdir(parents=True, exist_ok=True)
            make_folder(folder / LOGS, exist_ok=True)
            fd = os.open(folder / NAME, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o644)
            settle(fd, folder)
            _sync_folder(folder)
        except FileExistsError:
            raise SparkdrError(_("{folder} already holds a run.").format(folder=folder)) from None
        except OSError as problem:
            raise _cannot_write(folder, problem) from problem
        return cls(folder / NAME, by, clock, fd)

    @classmethod
    def open(cls, folder: Path, by: str, clock: Clock = utc_now) -> Self:
        """Take up the journal of an earlier run; a torn last line is dropped, and `torn` says so."""
        path = file_of(folder)
        try:
            data = path.read_bytes()
            fd = os.open(path, os.O_RDWR)
        except OSError as problem:
            raise _cannot_write(path, problem) from problem
        journal = cls(path, by, clock, fd)
        journal._end = data.rfind(b"\n") + 1
        journal.torn = journal._end < len(data)
        lines = complete(data)
        try:
            if not lines:
                raise SparkdrError(_("{path} holds no event.").format(path=path))
            journal._n = parse(lines[-1], path, len(lines)).n
            journal._head = digest(lines[-1])
            if journal.torn:
                os.ftruncate(fd, journal._end)
                _sync(fd)
        except OSError as problem:
            journal.close()
            raise _cannot_write(path, problem) from problem
        except SparkdrError:
            journal.close()
            raise
        return journal

    def append(self, event: e.Event, by: str | None = None) -> e.Record:
        """Write the event down; it is on disk when this returns, or `SparkdrError` says that it is not."""
        record = e.Record(n=self._n + 1, at=self._clock(), by=by or self.by, event=event, prev=self._head)
        line = e.RECORD.dump_json(record)
        try:
            if os.fstat(self._fd).st_size != self._end:
                raise SparkdrError(_("Somebody else writes to {path}; nothing was added.").format(path=self.path))
            _write(self._fd, line + b"\n", self._end)
            _sync(self._fd)
        except OSError as problem:
            self._drop_half_a_line()
            raise _cannot_write(self.path, problem) from problem
        self._end += len(line) + 1
        self._n, self._head = record.n, digest(line)
        return record

    def now(self) -> datetime:
        """What its clock says."""
        return self._clock()

    def close(self) -> None:
        """Let go of the file."""
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1

    def _drop_half_a_line(self) -> None:
        try:
            os.ftruncate(self._fd, self._end)
        except OSError:
            return  # The next append finds the file longer than it should be and refuses; opening drops the rest.


def _write(fd: int, data: bytes, offset: int) -> None:
    while data:
        written = os.pwrite(fd, data, offset)
        data, offset = data[written:], offset + written


def _sync(fd: int) -> None:
    if sys.platform == "darwin":
        import fcntl

        fcntl.fcntl(fd, fcntl.F_FULLFSYNC)  # fsync alone leaves it in the drive's cache on macOS
    else:
        os.fsync(fd)


def _sync_folder(folder: Path) -> None:
    fd = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def _cannot_write(path: Path, problem: OSError) -> SparkdrError:
    return SparkdrError(
        _("The journal {path} cannot be written: {why}.").format(path=path, why=problem.strerror or problem),
        _("Nothing is run that the journal does not hold; make room or mend the disk, then resume the run."),
    )


# -- reading -----------------------------------------------------------------------------------------


class JournalReader:
    """The reading end: what was added since the last look. Takes no lock and may be read while it is written."""

    def __init__(self, path: Path) -> None:
        self.path = file_of(path)
        self._offset = 0
        self._lines = 0
        self._head = ""

    def poll(self) -> list[e.Record]:
        """Records added since the last call; a line without its end is left for the next one.

        Raises `SparkdrError` at a line that is no record (what came before it was returned), and where the journal is
        no longer the one that was read so far.
        """
        try:
            with self.path.open("rb") as file:
                if file.seek(0, os.SEEK_END) < self._offset:
                    raise self._another(_("Journal cut short: {path}"))
                file.seek(self._offset)
                data = file.read()
        except (FileNotFoundError, NotADirectoryError):
            if self._offset:
                raise self._another(_("Journal gone: {path}")) from None
            return []
        except OSError as problem:
            why = problem.strerror or str(problem)
            raise SparkdrError(_("{path} cannot be read: {why}.").format(path=self.path, why=why)) from problem
        found: list[e.Record] = []
        lines = complete(data)
        for line in lines:
            try:
                record = parse(line, self.path, self._lines + 1)
            except SparkdrError:
                if not found:
                    raise
                break
            if self._head and not found and record.prev != self._head:
                raise self._another(_("Journal replaced: {path}"))
            found.append(record)
            self._offset += len(line) + 1
            self._lines += 1
        if found:
            self._head = digest(lines[len(found) - 1])
        return found

    def _another(self, said: str) -> SparkdrError:
        return SparkdrError(
            said.format(path=self.path), _("`sparkdr-tui runs verify` says what of the journal can be trusted.")
        )


def read(path: Path) -> list[e.Record]:
    """All records of a journal; raises `SparkdrError` when it is damaged or not there."""
    reader = JournalReader(path)
    records = reader.poll()
    if not records:
        raise SparkdrError(_("There is no journal in {path}.").format(path=path))
    reader.poll()  # raises where poll stopped before a damaged line
    return records


# -- verifying ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Verification:
    """Whether a journal is as it was written."""

    ok: bool
    records: int
    """Records up to the first that is wrong."""
    torn: bool = False
    """A half-written last line, which does not count."""
    broken_at: int | None = None
    """Number of the first line that is wrong."""
    problem: str = ""
    head: str = ""
    """sha256 of the last line that is right; whoever noted it elsewhere can tell whether lines are missing."""


def verify(path: Path) -> Verification:
    """Follow the chain of a journal from its first line to its last, and check that its logs are as they were."""
    found = chain(path)
    changed = ", ".join(changed_logs(file_of(path).parent)) if found.ok else ""
    if not changed:
        return found
    problem = _("Logs are not as they were written: {names}").format(names=changed)
    return replace(found, ok=False, problem=problem)


def chain(path: Path) -> Verification:
    """Follow the chain of a journal from its first line to its last; how its logs are is not looked at."""
    path = file_of(path)
    try:
        data = path.read_bytes()
    except OSError as problem:
        return Verification(False, 0, problem=_("It cannot be read: {why}.").format(why=problem.strerror))
    wrong, head, count, torn = "", "", 0, data.rfind(b"\n") + 1 < len(data)
    for line in complete(data):
        wrong = _wrong(line, path, count + 1, head)
        if wrong:
            return Verification(False, count, torn, count + 1, wrong, head)
        head, count = digest(line), count + 1
    if not count:
        return Verification(False, 0, torn, problem=_("It holds no event."))
    return Verification(True, count, torn, None, "", head)


def _wrong(line: bytes, path: Path, number: int, head: str) -> str:
    try:
        record = parse(line, path, number)
    except SparkdrError as problem:
        return problem.message
    if record.prev != head:
        return _("The line before was changed, removed or put in after line {number} was written.").format(
            number=number
        )
    if record.n != number:
        return _("It says that it is record {n}.").format(n=record.n)
    if number == 1 and not isinstance(record.event, e.RunOpened):
        return _("A journal begins with the opening of a run.")
    return ""


def changed_logs(folder: Path) -> Iterator[str]:
    """Logs whose size or sha256 is not what the journal says of them."""
    names: dict[tuple[str, int], str] = {}
    for record in JournalReader(folder).poll():
        if isinstance(record.event, e.StepStarted) and record.event.log:
            names[record.event.step, record.event.attempt] = record.event.log
        elif isinstance(record.event, e.StepFinished) and record.event.log_sha256:
            name = names.get((record.event.step, record.event.attempt))
            if name is not None and file_digest(folder / name) != record.event.log_sha256:
                yield name
