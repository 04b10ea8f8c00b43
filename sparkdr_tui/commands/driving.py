"""A run followed from the command line to its end: its journal is told, somebody decides, signals are heard."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Protocol

from sparkdr_tui.commands.place import say
from sparkdr_tui.errors import HeldError, SparkdrError
from sparkdr_tui.language import _
from sparkdr_tui.record.decisions import Abort, Decision, Helm
from sparkdr_tui.record.events import Record
from sparkdr_tui.record.journal import JournalReader
from sparkdr_tui.record.state import Phase, RunState, StepState

EVERY = 0.1
"""Seconds between two looks at the journal."""
FAILED, ABORTED, INTERRUPTED = 1, 4, 130


class Driven(Helm, Protocol):
    """An engine, as far as the command line knows it."""

    @property
    def problem(self) -> Exception | None:
        """Why driving ended before the run was closed."""
        ...


class Tells(Protocol):
    """Whoever makes the journal heard."""

    @property
    def state(self) -> RunState | None:
        """The run as of the last record told."""
        ...

    def tell(self, record: Record) -> None:
        """One more record."""
        ...

    def sum_up(self) -> None:
        """The end."""
        ...


class Hand(Protocol):
    """Whoever decides."""

    @property
    def left(self) -> bool:
        """Whether it is gone for good: nobody will answer any more."""
        ...

    def decide(self, state: RunState) -> Iterator[Decision]:
        """What is to be done now, having waited at most `EVERY` seconds."""
        ...

    def interrupted(self, state: RunState) -> Iterator[Decision]:
        """What the first ctrl+c means."""
        ...

    def status(self, state: RunState) -> int:
        """The exit status after an abort."""
        ...


class Unattended:
    """Nobody is asked: what would need somebody aborts the run, once everything beside it is over."""

    def __init__(self) -> None:
        self._aborting = False
        self._status = FAILED
        self._idle = threading.Event()

    @property
    def left(self) -> bool:
        """Nobody was there to begin with."""
        return False

    def decide(self, state: RunState) -> Iterator[Decision]:
        """Abort once, with the reasons, when steps wait for a person and nothing goes on beside them any more."""
        self._idle.wait(EVERY)
        if self._aborting or any(step.phase.busy or step.phase is Phase.READY for step in state.steps.values()):
            return
        reasons = [reason for step in state.steps.values() if (reason := _waits(state, step))]
        if reasons:
            self._aborting = True
            yield Abort(" ".join(reasons))

    def interrupted(self, state: RunState) -> Iterator[Decision]:
        """End what runs, then the run."""
        if not self._aborting:
            say(_("Interrupted: what runs is ended, then the run. Ctrl+c once more leaves it as it is."))
            self._aborting, self._status = True, INTERRUPTED
            yield Abort(_("interrupted"))

    def status(self, state: RunState) -> int:
        """Failed, or interrupted."""
        return self._status


def _waits(state: RunState, step: StepState) -> str | None:
    """Why a step waits for a person; None when it does not."""
    if step.phase.stuck:
        reason = _("Step {step} ended as: {phase}. {detail}")
        return reason.format(step=step.outline.id, phase=_(step.phase.value), detail=step.detail).strip()
    if step.phase is Phase.ASKED and state.pace == "none":
        return _("Step {step} needs a person, and with --yes nobody is asked.").format(step=step.outline.id)
    return None


def drive(engine: Driven, folder: Path, operator: str, teller: Tells, hand: Hand) -> int:
    """Follow the run that `operator` drives in `folder` until it is closed or left; the exit status.

    Raises `HeldError` once somebody else has taken it over.
    """
    reader = JournalReader(folder)
    ours = False
    with _signals() as heard:
        while True:
            handed_over = engine.driving is None
            problem = engine.problem  # looked at before the journal, so that nothing written before it goes untold
            for record in reader.poll():
                teller.tell(record)
            state = teller.state
            assert state is not None  # a run's first record is on disk before anybody knows of the run
            if ours and state.operator != operator:
                raise HeldError(_("{name} drives run {run} from here on.").format(name=state.operator, run=state.run))
            ours = state.operator == operator
            if not state.live:
                teller.sum_up()
                return _status(state, hand)
            if problem is not None:
                raise problem
            if handed_over:
                say(_("Run {run} is handed over to {name}.").format(run=state.run, name=_next_operator(state)))
                return 0
            if heard.leave or hand.left:
                _leave(state)
                return INTERRUPTED
            decisions = hand.interrupted(state) if heard.first() else hand.decide(state)
            for decision in decisions:
                # Refused only where the run ended in this very moment: the next look says how.
                with suppress(SparkdrError):
                    engine.submit(decision)


def _status(state: RunState, hand: Hand) -> int:
    if state.outcome == "aborted":
        return hand.status(state)
    # A reason beside “completed” says what is still not healthy.
    return FAILED if state.outcome_reason else 0


def _next_operator(state: RunState) -> str:
    given = state.roles.get("operate")
    return given.holder if given else "?"


def _leave(state: RunState) -> None:
    say(_("Run {run} stays unfinished.").format(run=state.run))
    for step in state.steps.values():
        if step.phase.busy:
            say(_("Step {step} was under way: whether it ended is not known.").format(step=step.outline.id))
    say(_("“sparkdr-tui resume {run}” takes it up again.").format(run=state.run))


# -- signals -----------------------------------------------------------------------------------------


@dataclass
class _Heard:
    """Signals so far; a handler only notes them."""

    interrupts: int = 0
    told: bool = False
    ended: bool = False

    @property
    def leave(self) -> bool:
        return self.ended or self.interrupts > 1

    def first(self) -> bool:
        """True once, after the first ctrl+c."""
        if self.interrupts and not self.told:
            self.told = True
            return True
        return False


@contextmanager
def _signals() -> Iterator[_Heard]:
    """Ctrl+c is a question, not an end; being told to end leaves the run resumable."""
    heard = _Heard()

    def on_interrupt(number: int, frame: FrameType | None) -> None:
        heard.interrupts += 1

    def on_end(number: int, frame: FrameType | None) -> None:
        heard.ended = True

    before = {signal.SIGINT: signal.signal(signal.SIGINT, on_interrupt)}
    for number in (signal.SIGTERM, signal.SIGHUP):
        before[number] = signal.signal(number, on_end)
    try:
        yield heard
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
