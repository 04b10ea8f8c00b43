"""The one source of a run's state for every screen: follows the journal in a thread of its own and folds it.

Operators and observers are fed alike. It never writes, and it never touches a widget: it posts messages.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from sparkdr_tui.errors import SparkdrError
from sparkdr_tui.language import _
from sparkdr_tui.record import events as e
from sparkdr_tui.record.attended import driver, holding, interrupted
from sparkdr_tui.record.fold import fold
from sparkdr_tui.record.history import history
from sparkdr_tui.record.journal import JournalReader
from sparkdr_tui.record.lock import Holder
from sparkdr_tui.record.runs import closed_to_us, unfinished
from sparkdr_tui.record.state import RunState


@dataclass(frozen=True, slots=True)
class Fed:
    """A run as of now, and the records that are new since the last time; without a run only a problem, or its end."""

    folder: Path | None
    run: RunState | None
    new: tuple[e.Record, ...] = ()
    fresh: bool = False
    """The first news of this run: what is `new` happened before anybody looked."""
    problem: str = ""
    """What keeps us from seeing what goes on; what is shown may be old."""
    driver: Holder | None = None
    """Who drives it, as far as it is not closed."""
    interrupted: bool = False
    """Nobody closed it, and nobody drives it."""
    history: Mapping[str, Sequence[float]] | None = None
    """With the first news: what the steps of its runbook took in earlier runs."""


class RunFeed:
    """Follows one run after another. `follow` names the run; without one, the newest that lives is followed."""

    EVERY = 0.2
    LOOK_FOR_RUNS = 3
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
        self._problem = ""

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
            if look or not self._problem:
                self._poll(look=look)
            polls += 1
            self._wake.wait(self.EVERY)
            self._wake.clear()

    def _turn_to_wanted(self, *, look: bool) -> None:
        with self._lock:
            wanted, self._wanted = self._wanted, None
        shown = self._run is not None and self._run.live and not self._problem
        if wanted is None and look and self._waits_for_runs and not shown:
            wanted = self._newest_live()
        if wanted is not None and wanted != self._folder:
            self._folder, self._run, self._held = wanted, None, None
            self._reader = JournalReader(wanted)

    def _newest_live(self) -> Path | None:
        """No backup: nobody who watches for an incident should be shown one instead."""
        problem = ""
        try:
            living = [each for each in unfinished(self._state_folder) if self._lab or not each.lab]
            if not living and (closed := closed_to_us(self._state_folder)):
                problem = _("May not be read here: {path}").format(path=closed)
        except SparkdrError as wrong:
            living, problem = [], wrong.message
        if self._folder is None and problem != self._problem:
            self._problem = problem
            self._tell(Fed(None, None, problem=problem))
        newest = max(living, key=lambda each: each.opened_at, default=None)
        since = self._run.opened_at if self._run and self._run.live else None
        return newest.folder if newest and (since is None or newest.opened_at > since) else None

    def _poll(self, *, look: bool) -> None:
        """Take in what was added; a problem is said once, and what is shown stays until all of it can be read again."""
        if self._reader is None or self._folder is None:
            return
        before = None if self._problem else self._run
        try:
            records = self._reader.poll()
            if self._problem:
                records += self._reader.poll()  # raises where the first one stopped before a damaged line
            run = before
            for record in records:
                run = fold(run, record)
        except (SparkdrError, ValueError) as wrong:
            self._tell_problem(wrong.message if isinstance(wrong, SparkdrError) else str(wrong))
            self._reader = JournalReader(self._folder)
            return
        if run is None or (self._run is not None and run.n < self._run.n):
            self._reader = JournalReader(self._folder) if self._problem else self._reader  # not all of it is back
            return
        fresh, held = before is None, self._held
        if fresh or look:
            self._held = holding(self._locks, run.opened.mode) if run.live else None
        self._run, self._problem = run, ""
        if records or self._held != held:
            self._tell(self._fed(tuple(records), fresh, self._earlier(run) if fresh else None))

    def _earlier(self, run: RunState) -> Mapping[str, Sequence[float]]:
        """What earlier runs teach; nothing where nobody may look at them: this run is followed all the same."""
        try:
            return history(self._state_folder, run.opened)
        except SparkdrError:
            return {}

    def _fed(
        self, new: tuple[e.Record, ...] = (), fresh: bool = False, earlier: Mapping[str, Sequence[float]] | None = None
    ) -> Fed:
        run = self._run
        if run is None:
            return Fed(self._folder, None, problem=self._problem)
        left = interrupted(run.run, run.live, self._held)
        return Fed(self._folder, run, new, fresh, self._problem, driver(run.run, self._held), left, earlier)

    def _tell_problem(self, problem: str) -> None:
        if problem != self._problem:
            self._problem = problem
            self._tell(self._fed())
