"""The readiness check under way and the latest one: runs on the lookout's loop, and keeps what was seen. Draws nothing.

It outlives the screen: what was found stays to be read while it is checked again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from screens.backups.stock import said
from screens.situation import TopologySource
from sparkdr_tui.plan.runbook import Plan
from sparkdr_tui.readiness.looking import Progress
from sparkdr_tui.readiness.seen import Seen
from sparkdr_tui.readiness.uses import Course


class Inspection:
    """One check at a time. Without credentials (observers) it looks at nothing that needs them: at no node."""

    FRESH = timedelta(seconds=60)

    def __init__(self, state_folder: Path, lookout: TopologySource, *, credentials: bool) -> None:
        self._state_folder, self._lookout, self.credentials = state_folder, lookout, credentials
        self._tell: Callable[[], object] | None = None
        self.seen: Seen | None = None
        """The latest check; while the first one is under way, this machine alone."""
        self.runs: Mapping[str, Course] = {}
        self.whole = False
        """Whether `seen` is all of a check."""
        self.progress: Progress | None = None
        """How far the check under way is; None while there is none."""
        self.began: datetime | None = None
        self.problem = ""

    def listen(self, tell: Callable[[], object] | None) -> None:
        """Have this told of everything new, on another thread; None: nobody."""
        self._tell = tell

    def start(self, plan: Plan, now: datetime, *, again: bool = False) -> None:
        """Begin a check, unless one is under way or was made just now."""
        if self.progress is not None or (self.began and now - self.began < self.FRESH and not again):
            return
        self.began, self.problem, self.progress = now, "", Progress(0, 0)
        self._lookout.run(partial(self._check, plan, now)).add_done_callback(self._ended)
        self._say()

    # -- on the lookout's loop -----------------------------------------------------------------------

    async def _check(self, plan: Plan, now: datetime, _reach: Any) -> Seen:
        """Everything, or what needs no credentials. Imported here: opening the cockpit must not wait for it."""
        from sparkdr_tui.readiness.here import look_without_credentials
        from sparkdr_tui.readiness.looking import look
        from sparkdr_tui.readiness.needed import courses

        self.runs = await asyncio.to_thread(courses, plan)
        if not self.credentials:
            here = await asyncio.to_thread(look_without_credentials, plan, self._state_folder, now)
            return Seen(now, here, None)
        return await look(plan, self._state_folder, self.runs, now, partial(self._went_on, now))

    def _went_on(self, now: datetime, progress: Progress) -> None:
        self.progress = progress
        if not self.whole and progress.here is not None:
            self.seen = Seen(now, progress.here, None)
        self._say()

    def _ended(self, future: Future[Seen]) -> None:
        self.progress = None
        if not future.cancelled():
            if (failed := future.exception()) is not None:
                self.problem = said(failed)
            else:
                self.seen, self.whole = future.result(), True
        self._say()

    def _say(self) -> None:
        if (tell := self._tell) is not None:
            tell()
