"""One operator at a time: who holds a state folder, said in a file, and how it passes to somebody else.

The holder is a fact in `operator.lock`, not a lock of the system: it can be read, and taken over on purpose.
"""

from __future__ import annotations

import os
import secrets
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Self

from pydantic import ValidationError

from sparkdr_tui.errors import HeldError, SparkdrError
from sparkdr_tui.language import _
from sparkdr_tui.plan.model import Frozen
from sparkdr_tui.record.modes import file_mode
from sparkdr_tui.text import one_line

if TYPE_CHECKING:
    from sparkdr_tui.plan.runbook import Plan

NAME = "operator.lock"
ROUTINE = "routine.lock"
"""Of who makes or verifies backups: nobody who answers an incident waits for them."""
_GUARD = ".operator.guard"
_PATIENCE = 10.0
"""Seconds to wait for somebody else who reads or writes the holder's file at the same moment."""


class Holder(Frozen):
    """Who holds a state folder. `started` tells a process from a later one with the same number."""

    token: str
    name: str
    host: str
    pid: int
    started: str
    at: datetime
    run: str | None = None

    @property
    def alive(self) -> bool:
        """Whether it may still be at work: on another host nobody can tell, so yes."""
        if self.host != socket.gethostname():
            return True
        started = _started(self.pid)
        return _exists(self.pid) and (not started or not self.started or started == self.started)

    @property
    def here(self) -> bool:
        """Whether it is this very process."""
        return self.host == socket.gethostname() and self.pid == os.getpid()

    def within(self) -> str:
        """Who, where and since when, as a sentence names them."""
        since = self.at.astimezone().strftime("%Y-%m-%d %H:%M")
        who = _("{name} on {host} (process {pid}, since {since})")
        return who.format(name=one_line(self.name, 60), host=one_line(self.host, 60), pid=self.pid, since=since)


def guarded(plan: Plan, state_folder: Path) -> Path:
    """Where the locks are: a lab's are with the lab, wherever its journals are kept, and hold up nobody there."""
    return plan.state if plan.lab and plan.state is not None else state_folder


def holder(state_folder: Path, lock: str = NAME) -> Holder | None:
    """Who holds the folder and may be at work; needs no lock."""
    found = _read(state_folder, lock)
    return found if found is not None and found.alive else None


@dataclass
class OperatorLock:
    """This process' hold on a state folder."""

    state_folder: Path
    mine: Holder
    before: Holder | None
    """Whom it was taken from while they may still have been at work."""
    lock: str = NAME

    @classmethod
    def acquire(cls, state_folder: Path, name: str, *, take_over: bool = False, lock: str = NAME) -> Self:
        """Hold the folder; raises `HeldError` while somebody else may be at work there, unless `take_over`."""
        pid = os.getpid()
        mine = Holder(
            token=secrets.token_hex(16),
            name=name,
            host=socket.gethostname(),
            pid=pid,
            started=_started(pid),
            at=datetime.now(UTC),
        )
        with _guard(state_folder):
            before = holder(state_folder, lock)
            if before is not None and not take_over:
                raise held_by(before)
            _write(state_folder, lock, mine)
        return cls(state_folder, mine, before, lock)

    def drives(self, run: str) -> None:
        """Say which run it is held for, so that others are told."""
        with _guard(self.state_folder):
            if self.held():
                self.mine = self.mine.model_copy(update={"run": run})
                _write(self.state_folder, self.lock, self.mine)

    def held(self) -> bool:
        """Whether it is still ours: nobody took it over."""
        found = _read(self.state_folder, self.lock)
        return found is not None and found.token == self.mine.token

    def release(self) -> None:
        """Let go, unless it is somebody else's by now."""
        with _guard(self.state_folder):
            if self.held():
                (self.state_folder / self.lock).unlink(missing_ok=True)


def held_by(before: Holder) -> HeldError:
    """What is said to somebody who may not act now."""
    said = (
        _("Run {run} is driven by {who}.").format(run=before.run, who=before.within())
        if before.run
        else _("This plan's runs are driven by {who}.").format(who=before.within())
    )
    return HeldError(said, _("Watch with `sparkdr-tui observe`, or take over with `sparkdr-tui resume --take-over`."))


@contextmanager
def _guard(state_folder: Path) -> Iterator[None]:
    """For the moment in which the holder's file is read and written."""
    from filelock import FileLock, Timeout  # only operators pay for it

    try:
        state_folder.mkdir(parents=True, exist_ok=True)
        with FileLock(state_folder / _GUARD, timeout=_PATIENCE, mode=file_mode(state_folder)):
            yield
    except Timeout:
        raise SparkdrError(
            _("Somebody keeps {path} locked.").format(path=state_folder / _GUARD),
            _("End the process that does (`lsof` names it) and try again."),
        ) from None
    except OSError as problem:
        why = problem.strerror or str(problem)
        raise SparkdrError(_("{folder} cannot be held: {why}.").format(folder=state_folder, why=why)) from problem


def _read(state_folder: Path, lock: str) -> Holder | None:
    """What the file says; None where there is none, or none that a program of ours wrote."""
    try:
        return Holder.model_validate_json((state_folder / lock).read_bytes(), extra="ignore")
    except (OSError, ValidationError):
        return None


def _write(state_folder: Path, lock: str, mine: Holder) -> None:
    """As a whole or not at all: readers take no lock."""
    beside = state_folder / f".{lock}.{mine.token}"
    beside.write_text(mine.model_dump_json() + "\n", encoding="utf-8")
    with suppress(OSError):
        beside.chmod(file_mode(state_folder))
    beside.replace(state_folder / lock)


def _exists(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True  # somebody else's
    return True


def _started(pid: int) -> str:
    """When a process of this host began, in the system's own words; empty when it does not say."""
    if Path("/proc/self/stat").exists():
        try:
            fields = Path(f"/proc/{pid}/stat").read_bytes().rpartition(b")")[2].split()
        except OSError:
            return ""
        return "ended" if fields[0] == b"Z" else fields[19].decode()
    try:
        said = subprocess.run(
            ["/bin/ps", "-o", "lstart=", "-p", str(pid)],
            env={"LC_ALL": "C"}, capture_output=True, text=True, timeout=5, check=False,
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return said.stdout.strip()
