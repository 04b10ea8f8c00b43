"""A lab from outside: start, stop, status. Talks to the supervisor through its door; needs no server package."""

from __future__ import annotations

import contextlib
import json
import os
import select
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

from sparkdr_tui.errors import SparkdrError, UsageError
from sparkdr_tui.lab import processes
from sparkdr_tui.lab.door import DoorError, knock
from sparkdr_tui.lab.faults import FAULTS
from sparkdr_tui.lab.layout import Inventory, Layout, last_words, read_inner, read_servers, write_inner
from sparkdr_tui.language import _

_READY = 180.0
_GONE = 60.0
_ENDING = 2.0
_ANSWER = 10.0
_LONGEST = 180.0
"""Seconds: until a lab is ready; until it is gone, or one that is just being killed; for a word of the supervisor;
for something it has to do."""
_TEMPORARY = "sparkdr-lab."
"""How the folder of a lab begins that is removed at its end."""
_ROOM = 300 << 20
"""What a lab and its faults may fill."""
_ATTEMPTS = 3
"""Two labs that start at the same moment may choose the same ports."""
_children: dict[int, subprocess.Popen[bytes]] = {}
"""Supervisors that this process started, to be buried when they end."""


@dataclass(frozen=True, slots=True)
class LabInfo:
    """A lab that runs."""

    folder: Path
    pid: int

    @property
    def plan(self) -> Path:
        """The plan whose inventory it is."""
        return Layout(self.folder).plan


@dataclass(frozen=True, slots=True)
class LabStatus:
    """What the supervisor says about its lab; `running` False: there is a lab in the folder, and it is stopped."""

    folder: Path
    running: bool
    pid: int = 0
    nodes: Mapping[str, Mapping[str, Any]] | None = None
    services: Mapping[str, Mapping[str, Any]] | None = None
    faults: tuple[str, ...] = ()


class Lab:
    """A lab in the foreground: ends with the block that opened it, or with this process, whatever ends that."""

    def __init__(self, folder: Path | None = None) -> None:
        self._given = folder
        self._lifeline: int | None = None
        self.info: LabInfo | None = None

    @property
    def plan(self) -> Path:
        """Its plan folder."""
        if self.info is None:
            raise SparkdrError(_("The lab is not running."))
        return self.info.plan

    def start(self) -> LabInfo:
        """Start it, in the folder given or in one that is removed at the end."""
        folder = self._given or Path(tempfile.mkdtemp(prefix=_TEMPORARY))
        reading, self._lifeline = os.pipe()
        try:
            self.info = _start(folder, reading)
        except BaseException:
            self._remove(folder)
            raise
        finally:
            os.close(reading)
        return self.info

    def stop(self) -> None:
        """End it; a folder that was made for it goes too."""
        if self.info is not None:
            stop(self.info.folder)
            self._remove(self.info.folder)
        self.info = None
        if self._lifeline is not None:
            os.close(self._lifeline)
            self._lifeline = None

    def _remove(self, folder: Path) -> None:
        if self._given is None:
            shutil.rmtree(folder, ignore_errors=True)

    def __enter__(self) -> Lab:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def in_front() -> list[Path]:
    """The folders of our labs that run for as long as a cockpit is open, and were named by nobody."""
    found = []
    for folder in sorted(Path(tempfile.gettempdir()).glob(f"{_TEMPORARY}*")):
        with contextlib.suppress(UsageError, OSError):  # somebody else's
            inventory = read_inner(Layout(folder.resolve()))
            if inventory is not None and _runs(inventory) and folder.stat().st_uid == os.getuid():
                found.append(folder)
    return found


def start(folder: Path) -> LabInfo:
    """Start a lab in the background, in an empty or new folder; returns when it is ready."""
    return _start(folder, None)


def stop(folder: Path) -> None:
    """End the lab of this folder, whatever state it is in; returns when no process of it is left."""
    inventory = _inventory(folder)
    if _runs(inventory):
        with contextlib.suppress(DoorError):  # one that does not answer is ended like what a dead one leaves behind
            _tell(inventory, "stop", timeout=_ANSWER)
            _wait_for_end(inventory, _GONE)
    _end_leftovers(inventory)
    if inventory.pid in _children:
        _children.pop(inventory.pid).wait()
    inventory.layout.card.unlink(missing_ok=True)


def status(folder: Path) -> LabStatus:
    """What runs in the lab of this folder."""
    inventory = _inventory(folder)
    if not _runs(inventory):
        return LabStatus(inventory.layout.folder, running=False)
    try:
        said = _tell(inventory, "status", timeout=_ANSWER)
    except DoorError:
        if not _wait_for_end(inventory, _ENDING):
            raise
        return LabStatus(inventory.layout.folder, running=False)
    return LabStatus(inventory.layout.folder, True, said["pid"], said["nodes"], said["services"], tuple(said["faults"]))


def break_fault(folder: Path, fault: str) -> None:
    """Bring about one of `lab.faults.FAULTS`."""
    if fault not in FAULTS:
        raise UsageError(
            _("The lab knows no fault {fault}.").format(fault=repr(fault)),
            _("Faults: {names}").format(names=", ".join(FAULTS)),
        )
    _tell(_running(folder), "break", fault=fault)


def mend(folder: Path) -> None:
    """Bring everything back to health, with the data that was there before a fault destroyed it."""
    _tell(_running(folder), "mend")


def hands(folder: Path, what: str) -> None:
    """Do what a person does with their hands: `power-on macmini`, `network-up`, `plug-drive`…"""
    _tell(_running(folder), "hands", do=what)


def _running(folder: Path) -> Inventory:
    inventory = _inventory(folder)
    if not _runs(inventory):
        raise SparkdrError(
            _("The lab in {folder} does not run.").format(folder=folder),
            _("sparkdr-tui lab start --dir DIR starts one."),
        )
    return inventory


def _start(folder: Path, lifeline: int | None) -> LabInfo:
    folder = folder.absolute()
    _refuse_what_is_no_place_for_a_lab(folder)
    folder.mkdir(parents=True, exist_ok=True)
    folder = folder.resolve()
    _refuse_a_full_disk(folder)
    for _attempt in range(_ATTEMPTS):
        process, said = _try(folder, lifeline)
        if said.get("ok"):
            _children[process.pid] = process
            return LabInfo(folder, process.pid)
        _wipe(folder)
        if not said.get("taken"):
            break
    hint = said.get("hint") or _("Its log: {path}").format(path=Layout(folder).log)
    raise SparkdrError(_("The lab could not be started: {why}").format(why=said["error"]), hint)


def _try(folder: Path, lifeline: int | None) -> tuple[subprocess.Popen[bytes], dict[str, Any]]:
    """Start a supervisor and wait for what it says; one that failed is gone when this returns."""
    from sparkdr_tui.lab.inventory import draw_up

    inventory = draw_up(folder)
    write_inner(inventory)
    reading, writing = os.pipe()
    try:
        process = _launch(inventory, writing, lifeline)
    finally:
        os.close(writing)
    said: dict[str, Any] = {}
    try:
        with os.fdopen(reading) as line:
            said = _first_line(line, inventory.layout.log)
    finally:
        if not said.get("ok"):
            process.terminate()
            process.wait()
            _end_leftovers(inventory)
            inventory.layout.inner.unlink(missing_ok=True)
    return process, said


def _wipe(folder: Path) -> None:
    """Empty the folder of a lab that never was; its log stays."""
    for each in _contents(folder):
        if each.is_dir():
            shutil.rmtree(each)
        else:
            each.unlink()


def _launch(inventory: Inventory, ready: int, lifeline: int | None) -> subprocess.Popen[bytes]:
    descriptors = [ready] if lifeline is None else [ready, lifeline]
    env = {name: os.environ[name] for name in ("PATH", "HOME", "USER") if name in os.environ}
    env |= {"LANG": "C.UTF-8", "TMPDIR": str(inventory.layout.temporary), processes.MARK: inventory.id}
    with inventory.layout.log.open("ab") as log:
        return subprocess.Popen(
            [sys.executable, "-I", "-m", "sparkdr_tui.lab.daemon", inventory.folder, *map(str, descriptors)],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            env=env,
            cwd=inventory.folder,
            pass_fds=descriptors,
            start_new_session=True,
        )


def _first_line(line: Any, log: Path) -> dict[str, Any]:
    """What the supervisor says when it is ready, or when it cannot be."""
    if not select.select([line], [], [], _READY)[0]:
        return {"error": _("it was not ready after {seconds:g} s").format(seconds=_READY)}
    text = line.readline()
    if not text:
        return {"error": _("its supervisor ended at once"), "hint": last_words(log)}
    said: dict[str, Any] = json.loads(text)
    return said


def _refuse_what_is_no_place_for_a_lab(folder: Path) -> None:
    if os.name != "posix":
        raise UsageError(_("A lab needs Linux or macOS."))
    if set(str(folder)) & set(':\n"'):
        raise UsageError(
            _("A lab cannot live in {folder}: its path has a colon, a quote or a line break.").format(folder=folder)
        )
    if not folder.exists():
        return
    if not folder.is_dir():
        raise UsageError(_("{folder} is no folder.").format(folder=folder))
    inventory = read_inner(Layout(folder.resolve()))
    if inventory is not None and _runs(inventory):
        raise SparkdrError(
            _("A lab already runs in {folder}.").format(folder=folder), _("sparkdr-tui lab stop --dir DIR ends it.")
        )
    if inventory is not None:
        raise UsageError(
            _("{folder} holds a lab that was stopped.").format(folder=folder),
            _("“sparkdr-tui lab stop” ends what may still run of it; then remove the folder, or name a new one."),
        )
    if _contents(folder):
        raise UsageError(
            _("{folder} is not empty.").format(folder=folder),
            _("A lab wants a folder of its own: name a new one."),
        )


def _refuse_a_full_disk(folder: Path) -> None:
    free = shutil.disk_usage(folder).free
    if free < _ROOM:
        raise SparkdrError(
            _("A lab takes about {wanted} MB, and {folder} has {free} MB free.").format(
                wanted=_ROOM >> 20, folder=folder, free=free >> 20
            )
        )


def _contents(folder: Path) -> list[Path]:
    """What is in a folder, but for the log of a lab that could not be started."""
    return [each for each in folder.iterdir() if each != Layout(folder).log]


def _inventory(folder: Path) -> Inventory:
    found = read_inner(Layout(folder.absolute().resolve()))
    if found is None:
        raise UsageError(_("There is no lab in {folder}.").format(folder=folder))
    return found


def _runs(inventory: Inventory) -> bool:
    return processes.alive(inventory.pid) and processes.birth(inventory.pid) == inventory.born


def _tell(inventory: Inventory, verb: str, *, timeout: float = _LONGEST, **arguments: Any) -> dict[str, Any]:
    return knock("127.0.0.1", inventory.door, {"token": inventory.token, "verb": verb, **arguments}, timeout)


def _wait_for_end(inventory: Inventory, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while _runs(inventory):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.03)
    return True


def _end_leftovers(inventory: Inventory) -> None:
    """Also what a supervisor that was killed left behind."""
    left = processes.end_all(inventory.id, known=read_servers(inventory.layout))
    if left:
        raise SparkdrError(
            _("Some processes of the lab would not end: {pids}").format(pids=", ".join(map(str, sorted(left))))
        )


__all__ = ["DoorError", "Lab", "LabInfo", "LabStatus", "break_fault", "hands", "mend", "start", "status", "stop"]
