"""`--wait`: a run that waits for its turn, says for whom, and gives up after a while. Drives nothing itself."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sparkdr_tui.commands.operating import conduct
from sparkdr_tui.commands.place import say
from sparkdr_tui.errors import HeldError, UsageError
from sparkdr_tui.figures import span
from sparkdr_tui.language import _
from sparkdr_tui.text import one_line

if TYPE_CHECKING:
    from sparkdr_tui.plan.runbook import Plan
    from sparkdr_tui.record.decisions import RunRequest
    from sparkdr_tui.recover.engine import Engine

WaitOption = Annotated[
    str | None,
    typer.Option(
        "--wait",
        metavar="DURATION",
        help=_("While somebody else is at work, or a backup would come into a recovery, wait this long (30m)."),
    ),
]
EVERY = 1.0
"""Seconds between two looks."""


def conduct_in_turn(
    plan: Plan, state_folder: Path, request: RunRequest, yes: bool, as_json: bool, wait: str | None
) -> int:
    """Open the run, once it is its turn where it may wait for that, and follow it to its end; its exit status."""
    if wait is None:
        return conduct(plan, state_folder, lambda engine: _open(engine, request), yes, as_json)
    patience = _patience(wait)
    from sparkdr_tui.record.turn import in_the_way
    from sparkdr_tui.recover.opening import opening as would_open

    mode = would_open(
        plan, request, "", datetime.now().astimezone()
    ).mode  # what the plan does not have is refused at once
    say(f"== {_now()} {request.runbook}")  # a log of many runs needs the day
    opened = False

    def obstacle() -> HeldError | None:
        return in_the_way(plan, state_folder, request.runbook, mode)

    def opening(engine: Engine) -> Path:
        nonlocal opened
        if problem := obstacle():
            raise problem
        folder = engine.open(request)
        opened = True
        return folder

    end = time.monotonic() + patience.total_seconds()
    while True:
        _wait(obstacle, end, patience)
        try:
            return conduct(plan, state_folder, opening, yes, as_json)
        except HeldError:  # somebody who waited too was quicker
            if opened or time.monotonic() > end:
                raise


def _open(engine: Engine, request: RunRequest) -> Path:
    """Open the run, if it is its turn; who is refused is told how to wait."""
    try:
        return engine.open(request)
    except HeldError as held:
        waits = _("Or let it wait for its turn: --wait 30m.")
        raise HeldError(held.message, f"{held.hint}\n{waits}".strip()) from held


def _wait(obstacle: Callable[[], HeldError | None], end: float, patience: timedelta) -> None:
    """Wait until nothing is in the way; raises `HeldError` with what still is when patience ends."""
    idle = threading.Event()
    told = ""
    while (problem := obstacle()) is not None:
        left = end - time.monotonic()
        if left <= 0:
            raise HeldError(
                problem.message + " " + _("Gave up after {time}.").format(time=span(patience.total_seconds())),
                problem.hint,
            )
        if problem.message != told:
            told = problem.message
            say(f"{_now()} {told} " + _("Waiting for up to {time}.").format(time=span(math.ceil(left))))
        idle.wait(min(EVERY, left))
    if told:
        say(f"{_now()} " + _("The way is clear."))


def _patience(text: str) -> timedelta:
    from sparkdr_tui.plan.model import parse_duration

    try:
        found = parse_duration(text)
    except ValueError:
        raise UsageError(
            _("--wait {text} is no length of time.").format(text=one_line(text, 40)), _("Write 90s, 30m or 1h 30m.")
        ) from None
    assert isinstance(found, timedelta)
    return found


def _now() -> str:
    return datetime.now().astimezone().strftime("%Y-%m-%d %H:%M:%S")
