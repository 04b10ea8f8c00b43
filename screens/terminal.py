"""The terminal outside the app: its title, and the signals that end us."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable

from screens.painting import harmless
from screens.situation import Situation
from screens.words import outcome_word, said
from sparkdr_tui.language import _
from sparkdr_tui.record.state import Phase

SAVE_TITLE = "\x1b[22;0t"
RESTORE_TITLE = "\x1b[23;0t"


def title_of(situation: Situation) -> str:
    """The state in a few words, for a list of windows."""
    run = situation.run
    if situation.blind:
        return harmless("▲ " + _("runs cannot be seen") + " · sparkdr")
    if run is None:
        if situation.suggestions and (known := situation.plan.scenarios.get(situation.suggestions[0].scenario)):
            return harmless(f"▲ {said(known.title)} · sparkdr")
        return harmless(f"sparkdr · {situation.plan.name}")
    if run.outcome:
        return harmless(f"{run.run} {outcome_word(run.outcome).text} · sparkdr")
    if situation.interrupted:
        return harmless("◌ " + _("{run} interrupted: nobody drives it").format(run=run.run))
    steps = list(run.steps.values())
    number = next((at for at, step in enumerate(steps, 1) if step.phase is Phase.ASKED), None)
    if number is not None:
        return harmless("? " + _("{run} step {number} waits for you").format(run=run.run, number=number))
    if any(step.phase.stuck for step in steps):
        return harmless("✖ " + _("{run} a step failed").format(run=run.run))
    number = next((at for at, step in enumerate(steps, 1) if step.phase.busy), None)
    if number is not None:
        return harmless("▶ " + _("{run} step {number} of {all}").format(run=run.run, number=number, all=len(steps)))
    return harmless(f"{run.run} · sparkdr")


def set_title(text: str) -> str:
    """What makes a terminal show a title."""
    return f"\x1b]2;{text}\x07"


def on_ending_signals(leave: Callable[[signal.Signals], None]) -> Callable[[], None]:
    """Call `leave` instead of dying on SIGTERM and SIGHUP; the answer takes that back."""
    loop = asyncio.get_running_loop()
    caught = [sig for sig in (signal.SIGTERM, signal.SIGHUP) if _catch(loop, sig, leave)]

    def undo() -> None:
        for sig in caught:
            loop.remove_signal_handler(sig)

    return undo


def _catch(loop: asyncio.AbstractEventLoop, sig: signal.Signals, leave: Callable[[signal.Signals], None]) -> bool:
    try:
        loop.add_signal_handler(sig, leave, sig)
    except (NotImplementedError, RuntimeError, ValueError):
        return False  # Windows, or not the main thread (tests, a web server): whoever owns the signals keeps them.
    return True
