"""The engine: its own event loop in its own thread, so that a stuck terminal never holds up a recovery.

Decisions go in through `submit`, facts come out through the journal; nothing else passes between the threads.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol, Self

from sparkdr_tui.errors import HeldError, SparkdrError, UsageError
from sparkdr_tui.language import _
from sparkdr_tui.plan.graph import graph, runbooks
from sparkdr_tui.plan.runbook import Plan
from sparkdr_tui.reach.pool import Reach
from sparkdr_tui.record import events as e
from sparkdr_tui.record.decisions import Decision, RunRequest
from sparkdr_tui.record.fold import fold, fold_all
from sparkdr_tui.record.journal import Clock, Journal, read, utc_now
from sparkdr_tui.record.lock import ROUTINE, OperatorLock, guarded, held_by, holder
from sparkdr_tui.record.runs import next_run
from sparkdr_tui.record.state import Phase, RunState
from sparkdr_tui.recover.driver import Driver
from sparkdr_tui.recover.notifying import Notifier
from sparkdr_tui.recover.opening import opening
from sparkdr_tui.watch.topology import Topology


class Sweeps(Protocol):
    """Where the engine hears what is true (a `Lookout`)."""

    def subscribe(self, callback: Callable[[Topology], None]) -> Callable[[], None]:
        """Be told of every sweep, on the sweeper's thread; returns how to unsubscribe."""
        ...

    def sweep_now(self) -> None:
        """Look again at once."""
        ...


@dataclass(slots=True)
class _Under:
    """The run under way, its driver's future and what it holds."""

    driver: Driver
    lock: OperatorLock
    notifier: Notifier
    unsubscribe: Callable[[], None]
    done: threading.Event


LAST_WORDS = 5.0
"""Seconds that the last notifications get when the engine is closed."""
LET_GO = 5.0
"""Seconds that whatever is under way gets to end its processes when the engine is closed."""


class Engine:
    """Runs one run at a time; implements `record.decisions.Helm`. Use as a context manager, or `start` and `close`."""

    def __init__(self, plan: Plan, state_folder: Path, operator: str, sweeps: Sweeps, clock: Clock = utc_now) -> None:
        self._plan = plan
        self._state_folder = state_folder
        self._operator = operator
        self._sweeps = sweeps
        self._clock = clock
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="engine", daemon=True)
        self._under: _Under | None = None
        self._door = threading.Lock()

    def start(self) -> None:
        """Start the engine's thread."""
        self._thread.start()

    def close(self) -> None:
        """Let go of the run, if one is under way (it stays unfinished), and end the thread."""
        under = self._under
        if under is not None:
            self._wait(self._cancel_all())
            under.done.wait()
            under.notifier.wait(LAST_WORDS)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # -- the helm ----------------------------------------------------------------------------------------

    @property
    def driving(self) -> Path | None:
        """The folder of the run that is under way here."""
        under = self._under
        if under is None or under.done.is_set() or under.driver.let_go:
            return None
        return under.driver.folder

    def open(self, request: RunRequest) -> Path:
        """Open a run; its folder, once its first event is on disk.

        Raises `UsageError` for what the plan does not have, `HeldError` when another operator holds the plan.
        """
        mode = opening(self._plan, request, "", self._clock()).mode  # refuse before anything is taken or written
        with self._door:
            lock = self._take(mode, take_over=False)
            try:
                run, folder = next_run(self._state_folder, mode)
                journal = Journal.create(folder, self._operator, self._clock)
                first = journal.append(opening(self._plan, request, run, self._clock()), self._operator)
            except BaseException:
                lock.release()
                raise
            self._drive(folder, journal, [first], lock, dict(request.inputs))
        return folder

    def reopen(self, folder: Path, *, take_over: bool = False) -> None:
        """Take up an unfinished run; steps that were under way are unknown now.

        Raises `HeldError` while another operator holds it (unless `take_over`), `UsageError` when the plan has changed.
        """
        with self._door:
            records = read(folder)
            state = fold_all(records)
            lock = self._take(state.opened.mode if state else "incident", take_over=take_over)
            try:
                records = read(folder)  # anew: now nobody else writes it
                state = fold_all(records)
                if state is None or not state.live:
                    raise UsageError(_("Run {run} is finished.").format(run=folder.name))
                self._check_plan(state)
                journal = Journal.open(folder, self._operator, self._clock)
            except BaseException:
                lock.release()
                raise
            for event in self._reopening(state, lock):
                record = journal.append(event, self._operator)
                records.append(record)
                state = fold(state, record)
            self._drive(folder, journal, records, lock, {})

    def submit(self, decision: Decision) -> None:
        """Hand in a decision; raises `SparkdrError` when no run is under way here."""
        under = self._under
        if under is None or self.driving is None:
            raise (under and under.driver.problem) or SparkdrError(_("No run is under way here."))
        self._loop.call_soon_threadsafe(under.driver.inbox.put_nowait, decision)

    # -- waiting -----------------------------------------------------------------------------------------

    def wait(self, seconds: float | None = None) -> bool:
        """Wait until no run is under way; raises what ended the driving before the run was closed."""
        under = self._under
        if under is None:
            return True
        ended = under.done.wait(seconds)
        if ended and under.driver.problem is not None:
            raise under.driver.problem
        return ended

    @property
    def problem(self) -> Exception | None:
        """Why driving ended before the run was closed; None while all is well."""
        return self._under.driver.problem if self._under is not None else None

    # -- inside ------------------------------------------------------------------------------------------

    def _check_plan(self, state: RunState) -> None:
        """Refuse to go on with a run on another plan than the one that it began on."""
        opened = state.opened
        if (opened.lab or opened.mode == "lab") != self._plan.lab:
            said = _("Run {run} began in a lab; the nodes of this plan are others.")
            if self._plan.lab:
                said = _("Run {run} did not begin in a lab; the nodes of this plan are others.")
            raise UsageError(said.format(run=state.run), _("Name the plan that it began on with --plan."))
        if not runbooks(self._plan, opened.runbook):
            raise UsageError(_("The plan has no runbook {name} any more.").format(name=opened.runbook))
        if opened.drill is not None and opened.drill not in self._plan.drills:
            raise UsageError(_("The plan has no drill {name} any more.").format(name=opened.drill))
        steps = [planned.id for planned in graph(self._plan, opened.runbook, opened.drill)]
        if steps != list(state.steps):
            raise UsageError(
                _("The steps of runbook {name} have changed since run {run} began.").format(
                    name=opened.runbook, run=state.run
                ),
                _("Abort that run and start a new one."),
            )

    def _take(self, mode: e.Mode, *, take_over: bool) -> OperatorLock:
        """Hold the runs of this kind. A backup waits for an incident, and nobody who answers one for a backup."""
        under = self._under
        if under is not None and not under.done.is_set():
            raise HeldError(_("Run {run} is under way here.").format(run=under.driver.state.run))
        place = guarded(self._plan, self._state_folder)
        if mode != "routine":
            return OperatorLock.acquire(place, self._operator, take_over=take_over)
        if (driving := holder(place)) is not None:
            raise held_by(driving)
        return OperatorLock.acquire(place, self._operator, take_over=take_over, lock=ROUTINE)

    def _reopening(self, state: Any, lock: OperatorLock) -> list[e.Event]:
        busy = [step for step in state.steps.values() if step.phase.busy]
        found: list[e.Event] = [e.RunReopened(interrupted=tuple(step.outline.id for step in busy))]
        if state.operator != self._operator:
            forced = lock.before is not None
            found.append(e.OperatorChanged(operator=self._operator, before=state.operator, forced=forced))
        detail = _("The cockpit went away while it ran.")
        for step in busy:
            if step.phase is Phase.UNDOING:
                found.append(e.UndoFinished(step=step.outline.id, ok=False, detail=detail))
            else:
                found.append(
                    e.StepFinished(step=step.outline.id, attempt=step.attempt, ending="unknown", detail=detail)
                )
        return found

    def _drive(
        self, folder: Path, journal: Journal, records: list[e.Record], lock: OperatorLock, requested: dict[str, str]
    ) -> None:
        state = fold_all(records)
        assert state is not None
        lock.drives(state.run)

        def hear(news: Topology | e.Notified) -> None:
            with suppress(RuntimeError):  # the engine is closed: nobody is there to write it down
                self._loop.call_soon_threadsafe(driver.inbox.put_nowait, news)

        notifier = Notifier(self._plan, self._state_folder, self._clock, hear)
        driver = self._wait(self._driver(folder, journal, state, lock, notifier))
        under = _Under(driver, lock, notifier, self._sweeps.subscribe(hear), threading.Event())
        self._under = under
        whole = asyncio.run_coroutine_threadsafe(self._whole(under, requested), self._loop)
        whole.add_done_callback(lambda _ended: under.done.set())  # also where it is cancelled while it lets go
        self._sweeps.sweep_now()

    async def _driver(
        self, folder: Path, journal: Journal, state: Any, lock: OperatorLock, notifier: Notifier
    ) -> Driver:
        """Made on the loop, where its queue belongs."""
        reach, look = Reach(self._plan), self._sweeps.sweep_now
        return Driver(self._plan, folder, journal, state, reach, self._operator, lock.held, look, notifier.hear)

    async def _whole(self, under: _Under, requested: dict[str, str]) -> None:
        try:
            await under.driver.drive(requested)
        except Exception as error:  # the thread's last door: whatever it was, waiters must hear of it
            under.driver.problem = error
            raise
        finally:
            under.unsubscribe()
            under.notifier.stop()
            under.lock.release()
            await under.driver.reach.close()

    async def _cancel_all(self) -> None:
        tasks = {task for task in asyncio.all_tasks() if task is not asyncio.current_task()}
        # Twice: asyncio waits for ever where the start of a process was cancelled half way (Python 3.11).
        for patience in (LET_GO, LET_GO):
            for task in tasks:
                task.cancel()
            if tasks:
                _done, tasks = await asyncio.wait(tasks, timeout=patience)

    def _wait(self, work: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()
