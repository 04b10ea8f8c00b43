"""Keeps the topology fresh: sweeps on an event loop of its own, in a thread of its own, and tells who subscribed.

Every method may be called from any thread and returns at once; callbacks are called on the lookout's thread.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import contextlib
import logging
import threading
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any, TypeVar

from sparkdr_tui.errors import SparkdrError
from sparkdr_tui.language import _
from sparkdr_tui.plan.runbook import Plan
from sparkdr_tui.reach.pool import Reach
from sparkdr_tui.watch.sweep import readings
from sparkdr_tui.watch.topology import Reading, Topology

T = TypeVar("T")
Callback = Callable[[Topology], None]

FAREWELL = 3.0
"""Seconds that what still runs gets to end when the lookout stops."""

log = logging.getLogger(__name__)


class Lookout:
    """Watches a plan from `start` to `stop`; without credentials it loads no key and no secret."""

    def __init__(self, plan: Plan, *, credentials: bool = True, every: float = 5.0) -> None:
        self.plan = plan
        self._reach = Reach(plan, credentials=credentials)
        self._every = every
        self._topology = Topology()
        self._callbacks: list[Callback] = []
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._wake = asyncio.Event()
        self._ending = False
        self._jobs: set[asyncio.Task[Any]] = set()
        self._thread = threading.Thread(target=self._live, name="lookout", daemon=True)
        self._running = threading.Event()

    @property
    def topology(self) -> Topology:
        """The latest reading of everything; empty before the first one."""
        return self._topology

    def start(self) -> None:
        """Begin to watch."""
        self._thread.start()
        self._running.wait()

    def stop(self) -> None:
        """End everything and wait until it has ended; a lookout cannot be started again."""
        self._call(self._end)
        if self._thread.is_alive() and threading.current_thread() is not self._thread:
            self._thread.join()

    def sweep_now(self) -> None:
        """Look again at once, or right after the sweep under way."""
        self._call(self._wake.set)

    def subscribe(self, callback: Callback) -> Callable[[], None]:
        """Have `callback` told of every change and of every sweep; the result ends that."""
        with self._lock:
            self._callbacks.append(callback)

        def unsubscribe() -> None:
            with self._lock, contextlib.suppress(ValueError):
                self._callbacks.remove(callback)

        return unsubscribe

    def run(self, work: Callable[[Reach], Awaitable[T]]) -> concurrent.futures.Future[T]:
        """Do something else with the lookout's connections; cancelling the future cancels it."""

        async def job() -> T:
            task = asyncio.current_task()
            assert task is not None  # it runs as one
            self._jobs.add(task)
            try:
                return await work(self._reach)
            finally:
                self._jobs.discard(task)

        with self._lock:
            if self._loop is not None:
                return asyncio.run_coroutine_threadsafe(job(), self._loop)
        failed: concurrent.futures.Future[T] = concurrent.futures.Future()
        failed.set_exception(SparkdrError(_("Nothing is being watched: the lookout has ended.")))
        return failed

    # -- on the lookout's thread

    def _live(self) -> None:
        loop = asyncio.new_event_loop()
        self._watching = loop.create_task(self._watch())
        with self._lock:
            self._loop = loop
        loop.call_soon(self._running.set)
        try:
            with contextlib.suppress(asyncio.CancelledError):
                loop.run_until_complete(self._watching)
            with self._lock:
                self._loop = None
            loop.run_until_complete(self._take_leave())
        finally:
            loop.close()

    def _call(self, what: Callable[[], object]) -> None:
        with self._lock:
            if self._loop is not None:
                self._loop.call_soon_threadsafe(what)

    def _end(self) -> None:
        """Said three ways: a cancellation can be lost (Python 3.11's `wait_for`), and `stop` waits for this end."""
        self._ending = True
        self._wake.set()
        self._watching.cancel()

    async def _watch(self) -> None:
        loop = asyncio.get_running_loop()
        while not self._ending:
            due = loop.time() + self._every
            self._wake.clear()
            try:
                await self._sweep()
            except Exception:
                log.exception("a sweep failed")
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._wake.wait(), max(0.0, due - loop.time()))

    async def _sweep(self) -> None:
        """Tell of a change as soon as it is seen: a service that does not answer must not hold up the others' news."""
        known: dict[str, dict[str, Reading]] = {
            "node": dict(self._topology.nodes),
            "service": dict(self._topology.services),
            "mains": {},
        }

        def seen(at: datetime | None) -> Topology:
            mains = known["mains"].get("mains", self._topology.mains)
            return Topology(dict(known["node"]), dict(known["service"]), at, mains)

        async for kind, name, reading in readings(self.plan, self._reach):
            before = known[kind].get(name)
            known[kind][name] = reading
            if before is None or (before.state, before.detail) != (reading.state, reading.detail):
                self._tell(seen(self._topology.at))
        self._tell(seen(datetime.now(UTC)))

    def _tell(self, topology: Topology) -> None:
        self._topology = topology
        with self._lock:
            callbacks = list(self._callbacks)
        for callback in callbacks:
            try:
                callback(topology)
            except Exception:
                log.exception("a callback of the lookout failed")

    async def _take_leave(self) -> None:
        """Cancel what still runs and close every connection, but wait for nobody longer than `FAREWELL`."""
        for job in self._jobs:
            job.cancel()
        rest = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in rest:
            task.cancel()
        closing = asyncio.create_task(self._reach.close())
        await asyncio.wait({*rest, closing}, timeout=FAREWELL)
