"""Processes that the lab supervises, as launchd does on a Mac: start, stop, status; each a child of the supervisor."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
import signal
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sparkdr_tui.errors import SparkdrError
from sparkdr_tui.lab import ports, processes
from sparkdr_tui.lab.layout import last_words, write_private

log = logging.getLogger(__name__)

_START = 30.0
_STOP = 20.0
"""launchd gives a service as many seconds before it ends it for good."""


class Spawner:
    """Starts children, and buries those that scripts left behind and that were handed to the supervisor."""

    def __init__(self) -> None:
        self._known: set[int] = set()
        self._starting = 0
        self._burying: asyncio.TimerHandle | None = None

    def watch(self) -> None:
        """Take in what is orphaned from here on."""
        processes.become_subreaper()
        asyncio.get_running_loop().add_signal_handler(signal.SIGCHLD, self._soon)

    async def __call__(self, *argv: str, **options: Any) -> asyncio.subprocess.Process:
        """Start a child; its exit status belongs to whoever holds what this returns."""
        self._starting += 1
        try:
            child = await asyncio.create_subprocess_exec(*argv, **options)
            self._known.add(child.pid)
        finally:
            self._starting -= 1
        return child

    @contextlib.contextmanager
    def undisturbed(self) -> Iterator[None]:
        """Bury nobody in here: somebody waits for children of its own."""
        self._starting += 1
        try:
            yield
        finally:
            self._starting -= 1

    def _soon(self) -> None:
        if self._burying is None:
            self._burying = asyncio.get_running_loop().call_later(0.02, self._bury)

    def _bury(self) -> None:
        """Only what nobody waits for: a child that is just being started must keep its exit status."""
        self._burying = None
        if self._starting:
            self._soon()
            return
        for pid in processes.orphans(self._known):
            with contextlib.suppress(ChildProcessError):
                os.waitpid(pid, os.WNOHANG)


@dataclass(slots=True)
class Unit:
    """A supervised process: what it is, and what became of it."""

    node: str
    name: str
    argv: tuple[str, ...]
    cwd: Path
    log: Path
    env: Mapping[str, str] = field(default_factory=dict)
    port: int | None = None
    """Where it listens once it has started."""
    before: Callable[[], None] | None = None
    """What has to be done before each start."""
    ready: Callable[[], bool] | None = None
    """Whether it takes work, where listening does not say so yet."""
    stop_signal: signal.Signals = signal.SIGTERM
    wanted: bool = False
    exit: int | None = None
    process: asyncio.subprocess.Process | None = None

    @property
    def pid(self) -> int | None:
        """The process, while it runs."""
        running = self.process is not None and self.process.returncode is None
        return self.process.pid if running and self.process else None

    def works(self) -> bool:
        """Listens, and takes work."""
        return (self.port is None or ports.answers(self.port)) and (self.ready is None or self.ready())

    def entry(self) -> dict[str, Any]:
        """What the door says about it."""
        failed = self.wanted and self.pid is None
        status = "started" if self.pid else "error" if failed else "stopped" if self.exit is not None else "none"
        return {"status": status, "pid": self.pid, "exit": self.exit, "autostart": self.wanted, "file": str(self.log)}


class Units:
    """All supervised processes of all nodes."""

    def __init__(self, spawn: Spawner, record: Path) -> None:
        self._spawn, self._record = spawn, record
        self._started: list[tuple[int, str]] = []
        self._units: dict[tuple[str, str], Unit] = {}

    def define(self, unit: Unit) -> None:
        """Make a unit known (again); a running one keeps running until it is restarted."""
        former = self._units.get((unit.node, unit.name))
        if former is not None:
            unit.process, unit.exit, unit.wanted = former.process, former.exit, former.wanted
        self._units[unit.node, unit.name] = unit

    def on(self, node: str) -> dict[str, Unit]:
        """The units of a node, by name."""
        return {name: unit for (where, name), unit in self._units.items() if where == node}

    def get(self, node: str, name: str) -> Unit:
        """A unit; raises `SparkdrError` where there is none of that name."""
        unit = self._units.get((node, name))
        if unit is None:
            raise SparkdrError(f"no unit {name!r} on {node}", f"known: {', '.join(self.on(node)) or 'none'}")
        return unit

    async def start(self, unit: Unit) -> None:
        """Start it, and wait until it listens; raises `SparkdrError` with its last words when it does not."""
        unit.wanted = True
        if unit.pid is not None:
            return
        if unit.before is not None:
            unit.before()
        unit.log.parent.mkdir(parents=True, exist_ok=True)
        with unit.log.open("ab") as output:
            unit.process = await self._spawn(
                *unit.argv,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                cwd=unit.cwd,
                env=dict(unit.env),
                start_new_session=True,
            )
        unit.exit = None
        process = unit.process
        self._remember(process.pid)
        deadline = asyncio.get_running_loop().time() + _START
        while not unit.works():
            if process.returncode is not None or asyncio.get_running_loop().time() > deadline:
                await self.stop(unit)
                unit.wanted = True
                raise SparkdrError(f"{unit.name} did not start: {last_words(unit.log)}", f"Its log: {unit.log}")
            await asyncio.sleep(0.02)

    def _remember(self, pid: int) -> None:
        """Keep on disk who was started, for whoever cleans up after this process was killed."""
        self._started = [each for each in self._started if processes.alive(each[0])] + [(pid, processes.birth(pid))]
        write_private(self._record, json.dumps(self._started))

    async def stop(self, unit: Unit, sign: signal.Signals | None = None) -> None:
        """End it (by `sign`, else as it likes it), for good if it does not go."""
        unit.wanted = False
        process = unit.process
        if process is None or process.returncode is not None:
            unit.exit = process.returncode if process else unit.exit
            return
        for each, patience in ((sign or unit.stop_signal, _STOP), (signal.SIGKILL, 10.0)):
            with contextlib.suppress(ProcessLookupError):
                process.send_signal(each)
                process.send_signal(signal.SIGCONT)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(process.wait(), patience)
                break
        unit.exit = process.returncode

    async def forget(self, unit: Unit) -> None:
        """Stop it and know it no more."""
        await self.stop(unit)
        self._units.pop((unit.node, unit.name), None)

    def lost(self, node: str) -> None:
        """The node lost its power: nothing of it is wanted any more, until somebody starts it."""
        for unit in self.on(node).values():
            unit.wanted = False
