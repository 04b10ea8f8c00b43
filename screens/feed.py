"""The one source of a run's state for every screen: follows the journal in a thread of its own and folds it.

Operators and observers are fed alike. It never writes, and it never touches a widget: it posts messages.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from sparkdr_tui.errors import SparkdrError
from sparkdr_tui.record import events as e
from sparkdr_tui.record.attended import driver, holding, interrupted
from sparkdr_tui.record.fold import fold
from sparkdr_tui.record.history import history
from sparkdr_tui.record.journal import JournalReader
from sparkdr_tui.record.lock import Holder
from sparkdr_tui.record.runs import unfinished
from sparkdr_tui.record.state import RunState


@dataclass(frozen=True, slots=True)
class Fed:
    """A run as of now, and the records that are new since the last time; `problem` when the journal is damaged."""

    folder: Path
    run: RunState
    new: tuple[e.Record, ...] = ()
    fresh: bool = False
    """The first news of this run: what is `new` happened before anybody looked."""
    problem: str = ""
    driver: Holder | None = None
    """Who drives it, as far as it is not closed."""
    interrupted: bool = False
    """Nobody closed it, and nobody drives it."""
    history: Mapping[str, Sequence[float]] | None = None
    """With the first news: what the steps of its runbook took in earlier runs."""


class RunFeed:
    """Follows one run after another. `follow` names the run; without one, the newest that lives is followed."""

    EVERY = 0.2
    LOOK_FOR_RUNS = 5
    """Looks for another run every so many polls."""

    def __init__(
        self,
        state_folder: Path,
        tell: Callable[[Fed], object],
        *,
        waits_for_runs: bool,
        lab: bool,
        locks: Path | None = None,
    ) -> None:
        self._state_folder = state_folder
        self._locks = locks or state_folder
        """Where it is written who drives a run."""
        self._tell = tell
        self._waits_for_runs = waits_for_runs
        self._lab = lab
        """Whether a lab's runs are those of this plan."""
        self._wanted: Path | None = None
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._wake = threading.Event()
        self._thread = threading.Thread(target=self._work, name="run-feed", daemon=True)
        self._reader: JournalReader | None = None
        self._folder: Path | None = None
        self._run: RunState | None = None
        self._held: Holder | None = None

    def start(self) -> None:
        """Begin to follow."""
        self._thread.start()

    def stop(self) -> None:
        """Stop; nothing is told any more when this returns."""
        self._stop.set()
        self._wake.set()
        if self._thread.is_alive():
            self._thread.join()

    def follow(self, folder: Path) -> None:
        """Follow this run from here on."""
        with self._lock:
            self._wanted = folder
        self._wake.set()

    def _work(self) -> None:
        polls = 0
        while not self._stop.is_set():
            look = polls % self.LOOK_FOR_RUNS == 0
            self._turn_to_wanted(look=look)
            self._poll(look=look)
            polls += 1
            self._wake.wait(self.EVERY)
            self._wake.clear()

    def _turn_to_wanted(self, *, look: bool) -> None:
        with self._lock:
            wanted, self._wanted = self._wanted, None
        if wanted is None and look and self._waits_for_runs and not (self._run and self._run.live):
            wanted = self._newest_live()
        if wanted is not None and wanted != self._folder:
            self._folder, self._run, self._held = wanted, None, None
            self._reader = JournalReader(wanted)

    def _newest_live(self) -> Path | None:
        """No backup: nobody who watches for an incident should be shown one instead."""
        try:
            living = [each for each in unfinished(self._state_folder) if self._lab or not each.lab]
        except SparkdrError:
            return None
        newest = max(living, key=lambda each: each.opened_at, default=None)
        return newest.folder if newest else None

    def _poll(self, *, look: bool) -> None:
        if self._reader is None or self._folder is None:
            return
        before, problem = self._run, ""
        try:
            records = self._reader.poll()
            for record in records:
                self._run = fold(self._run, record)
        except (SparkdrError, ValueError) as wrong:
            records, problem = [], wrong.message if isinstance(wrong, SparkdrError) else str(wrong)
            self._reader = None
        if self._run is None:
            return
        fresh, held = before is None, self._held
        if fresh or look:
            self._held = holding(self._locks, self._run.opened.mode) if self._run.live else None
        if records or problem or self._held != held:
            driving = driver(self._run.run, self._held)
            left = interrupted(self._run.run, self._run.live, self._held)
            earlier = history(self._state_folder, self._run.opened) if fresh else None
            self._tell(Fed(self._folder, self._run, tuple(records), fresh, problem, driving, left, earlier))
