"""Notifications of a run, sent from a thread of their own: nothing that they do or fail to do holds up the run.

What was sent, and what could not be, comes back as an event; no value of a secret is in it.
"""

from __future__ import annotations

import logging
import re
import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any
from urllib.parse import unquote

from sparkdr_tui.errors import SparkdrError
from sparkdr_tui.language import _, current
from sparkdr_tui.plan.notify import Notify
from sparkdr_tui.plan.runbook import Plan
from sparkdr_tui.reach.credentials import secret
from sparkdr_tui.record import events as e
from sparkdr_tui.record.forecast import forecast
from sparkdr_tui.record.history import history
from sparkdr_tui.record.notices import Facts, Notice, facts, joined, news, notice
from sparkdr_tui.record.state import RunState
from sparkdr_tui.recover.redact import MASK
from sparkdr_tui.text import one_line

EVERY = 10.0
"""Seconds between two looks where nothing happens: time alone makes news, too."""
PATIENCE = 20
"""Seconds for one notification."""
_SHORTEST = 4
"""Pieces of a URL that are shorter say nothing about it."""


def wanted(plan: Plan, opened: e.RunOpened) -> tuple[Notify, ...]:
    """Who is told of a run: nobody of everyday work, of drills and of a lab those who asked for it."""
    if opened.mode == "routine":
        return ()
    exercise = opened.mode != "incident" or opened.lab
    return tuple(each for each in plan.notify if each.drills or not exercise)


class Notifier:
    """Tells those who want to know of one run. `hear` never waits; `record` is called on the notifier's thread."""

    def __init__(
        self, plan: Plan, state_folder: Path, clock: Callable[[], datetime], record: Callable[[e.Notified], None]
    ) -> None:
        self._plan = plan
        self._state_folder = state_folder
        self._clock = clock
        self._record = record
        self._heard: SimpleQueue[RunState | None] = SimpleQueue()
        self._thread: threading.Thread | None = None
        self._failed: set[str] = set()
        """Whom the last notification did not reach: that is said once."""

    def hear(self, state: RunState) -> None:
        """The run as of now."""
        if self._thread is None:
            if not wanted(self._plan, state.opened):
                return
            self._thread = threading.Thread(target=self._work, name="notifier", daemon=True)
            self._thread.start()
        self._heard.put(state)

    def stop(self) -> None:
        """Nothing more will be heard; what is to be sent still is."""
        self._heard.put(None)

    def wait(self, seconds: float) -> None:
        """Wait so long for what is still to be sent."""
        if self._thread is not None:
            self._thread.join(seconds)

    # -- on its own thread -------------------------------------------------------------------------------

    def _work(self) -> None:
        state = self._heard.get()
        assert state is not None
        targets = wanted(self._plan, state.opened)
        earlier: dict[str, list[float]] = {}
        with suppress(SparkdrError):  # who cannot read earlier runs foresees less, and tells all the same
            earlier = history(self._state_folder, state.opened, before=state.opened_at)
        # What was so when a run is taken up again was told by whoever drove it before.
        known: Facts = {} if state.n == 1 else facts(state, state.at, forecast(state, state.at, earlier))
        ended = False
        while True:
            now = max(self._clock(), state.at)
            foreseen = forecast(state, now, earlier)
            found = facts(state, now, foreseen)
            for target in targets:
                if (occasion := news(known, found, target.on)) is not None:
                    self._tell(target, notice(state, now, foreseen, occasion, target.language or current()))
            known = joined(known, found)
            if ended or not state.live:
                return
            latest, ended = self._latest()
            state = latest or state

    def _latest(self) -> tuple[RunState | None, bool]:
        """The newest state that came in, if any did, and whether it was the last."""
        found: list[RunState | None] = []
        with suppress(Empty):
            found.append(self._heard.get(timeout=EVERY))
            while True:
                found.append(self._heard.get_nowait())
        states = [each for each in found if each is not None]
        return (states[-1] if states else None), None in found

    def _tell(self, target: Notify, told: Notice) -> None:
        why = self._send(target, told)
        if why is None or target.to not in self._failed:
            self._record(e.Notified(to=target.to, occasion=told.occasion, ok=why is None, why=why or ""))
        if why is None:
            self._failed.discard(target.to)
        else:
            self._failed.add(target.to)

    def _send(self, target: Notify, told: Notice) -> str | None:
        """Send it; why it could not be sent, or None."""
        try:
            url = secret(self._plan, target.to)
        except SparkdrError as problem:
            return f"{problem.message} {problem.hint}".strip()
        try:
            import apprise
        except ImportError:
            return _('Notifications need Apprise: pip install "sparkdr-tui[notify]"')
        _be_quiet()
        said: list[str] = []

        def hear(entry: Any, _service: Any) -> None:
            said.append(str(entry.message))

        try:
            sender = apprise.Apprise()
            if not sender.add(url):
                return _("{name} is no URL that Apprise knows.").format(name=target.to)
            sent = sender.notify(
                body=told.body,
                title=told.title,
                body_format=apprise.NotifyFormat.TEXT,
                timeout=PATIENCE,
                log_callback=hear,
                log_level=logging.WARNING,
            )
        except Exception as problem:  # noqa: BLE001 - a hundred services' code: none of it may end this thread
            return masked(type(problem).__name__, url)
        if sent:
            return None
        return masked(said[0], url) if said else _("It was not delivered.")


def masked(text: str, url: str) -> str:
    """A text in a line, without any piece of a URL: every one of them may be the secret."""
    pieces = {each for whole in (url, unquote(url)) for each in re.split(r"[/:@?&=#,]+", whole)}
    for piece in sorted(pieces, key=len, reverse=True):
        if len(piece) >= _SHORTEST:
            text = text.replace(piece, MASK)
    return one_line(text)


def _be_quiet() -> None:
    """Let no line of a service's reach the terminal: there is a cockpit on it."""
    logger = logging.getLogger("apprise")
    logger.propagate = False
    if not logger.handlers:
        logger.addHandler(logging.NullHandler())
