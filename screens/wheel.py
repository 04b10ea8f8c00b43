"""What only an operator's cockpit has: the helm, which run it drives, the unfinished ones. Draws nothing."""

from __future__ import annotations

import asyncio
from pathlib import Path

from sparkdr_tui.errors import SparkdrError
from sparkdr_tui.record.attended import driver, holding
from sparkdr_tui.record.decisions import Decision, Helm, RunRequest
from sparkdr_tui.record.lock import Holder
from sparkdr_tui.record.runs import RunSummary, kind_of, unfinished


class Wheel:
    """The hand on the helm. What may wait for a lock or a disk is done off the app's loop."""

    def __init__(self, helm: Helm, state_folder: Path, lab: bool, locks: Path | None = None) -> None:
        self._helm, self._state_folder, self._lab = helm, state_folder, lab
        self._locks = locks or state_folder
        """Where it is written who drives a run."""
        self._driven: Path | None = None

    def drives(self, folder: Path | None) -> bool:
        """Whether decisions on the run in `folder` go in here."""
        return folder is not None and folder == self._driven

    async def open(self, request: RunRequest) -> Path:
        """Open a run and drive it; raises `SparkdrError`."""
        self._driven = await asyncio.to_thread(self._helm.open, request)
        return self._driven

    async def reopen(self, folder: Path, *, take_over: bool) -> None:
        """Take up an unfinished run and drive it; raises `SparkdrError`."""
        await asyncio.to_thread(self._helm.reopen, folder, take_over=take_over)
        self._driven = folder

    def submit(self, decision: Decision) -> None:
        """Hand in a decision; raises `SparkdrError`."""
        self._helm.submit(decision)

    async def unfinished(self) -> tuple[RunSummary, ...]:
        """The runs that nobody closed, newest first."""
        try:
            return await asyncio.to_thread(unfinished, self._state_folder, self._lab)
        except SparkdrError:
            return ()

    async def driver(self, run: RunSummary) -> Holder | None:
        """Who else drives a run; None: nobody, or we."""
        held = driver(run.id, await asyncio.to_thread(holding, self._locks, run.mode))
        return held if held is not None and not held.here else None

    async def check_hold(self) -> bool:
        """Whether we still drive our run: nobody took it over, and we did not hand it over.

        Ask after `operator.changed` and after `role.given` of the role to operate.
        """
        driven = self._driven
        if driven is None:
            return False
        held = await asyncio.to_thread(holding, self._locks, kind_of(driven.name))
        if self._helm.driving is None or (held is not None and not held.here):
            self._driven = None
        return self._driven is not None
