"""How things are called and drawn: glyph, ink and word of every state, lengths of time, sizes. Always all three."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from screens.painting import Ink
from sparkdr_tui.figures import clock as clock
from sparkdr_tui.figures import latency as latency
from sparkdr_tui.figures import size as size
from sparkdr_tui.figures import span as span
from sparkdr_tui.figures import time_of_day as time_of_day
from sparkdr_tui.language import _, current
from sparkdr_tui.plan.model import State, Text
from sparkdr_tui.plan.runbook import Danger
from sparkdr_tui.record.state import Phase, StepState

_STATES: dict[State, tuple[str, str]] = {
    State.UP: ("●", "good"),
    State.SLOW: ("◐", "warn"),
    State.REFUSED: ("✖", "bad"),
    State.UNREACHABLE: ("◌", "bad"),
    State.DAMAGED: ("▲", "bad"),
    State.UNKNOWN: ("·", "dim"),
}
_PHASES: dict[Phase, tuple[str, str]] = {
    Phase.PENDING: ("○", "dim"),
    Phase.READY: ("○", "plain"),
    Phase.ASKED: ("?", "warn"),
    Phase.RUNNING: ("▶", "live"),
    Phase.VERIFYING: ("▶", "live"),
    Phase.UNDOING: ("▶", "warn"),
    Phase.DONE: ("✔", "good"),
    Phase.FAILED: ("✖", "bad"),
    Phase.TIMED_OUT: ("✖", "bad"),
    Phase.CANCELLED: ("✖", "warn"),
    Phase.SKIPPED: ("»", "warn"),
    Phase.UNKNOWN: ("◌", "warn"),
}


Says = str | Text | Callable[[], str]
"""What is said when it is shown, in the language in use by then: a sentence marked with `later`, a text of the plan,
or a function that says it."""


def say(what: Says) -> str:
    """It, in the language in use."""
    if isinstance(what, Text):
        return said(what)
    return _(what) if isinstance(what, str) else what()


def said(text: Text) -> str:
    """A text of the plan, in the language in use."""
    return text.within(current())


def state_mark(state: State) -> Ink:
    """The glyph of a probe's state."""
    return Ink(*_STATES[state])


def state_word(state: State) -> Ink:
    """The word of a probe's state."""
    words = {
        State.UP: _("up"),
        State.SLOW: _("slow"),
        State.REFUSED: _("refused"),
        State.UNREACHABLE: _("unreachable"),
        State.DAMAGED: _("damaged"),
        State.UNKNOWN: _("unknown"),
    }
    return Ink(words[state], _STATES[state][1])


def step_mark(step: StepState) -> Ink:
    """The glyph of a step; one that runs by waiting has one of its own."""
    if step.phase is Phase.RUNNING and step.outline.action in ("wait", "manual"):
        return Ink("⏸", "live")
    return Ink(*_PHASES[step.phase])


def phase_mark(phase: Phase) -> Ink:
    """The glyph of a phase."""
    return Ink(*_PHASES[phase])


def step_word(step: StepState) -> Ink:
    """The word of a step's phase."""
    ink = _PHASES[step.phase][1]
    if step.marked:
        return Ink(_("marked done"), "warn")
    if step.phase is Phase.RUNNING and step.outline.action in ("wait", "manual"):
        return Ink(_("waiting"), ink)
    if step.phase is Phase.PENDING and step.outline.optional:
        return Ink(_("optional"), ink)
    return Ink(phase_word(step.phase), ink)


def phase_word(phase: Phase) -> str:
    """The word of a phase."""
    words = {
        Phase.PENDING: _("pending"),
        Phase.READY: _("ready"),
        Phase.ASKED: _("your turn"),
        Phase.RUNNING: _("running"),
        Phase.VERIFYING: _("verifying"),
        Phase.UNDOING: _("undoing"),
        Phase.DONE: _("done"),
        Phase.FAILED: _("failed"),
        Phase.TIMED_OUT: _("timed out"),
        Phase.CANCELLED: _("cancelled"),
        Phase.SKIPPED: _("skipped"),
        Phase.UNKNOWN: _("unknown"),
    }
    return words[phase]


def danger_word(danger: Danger) -> Ink:
    """What a step may do, where it may do something; empty for a safe one."""
    match danger:
        case Danger.DESTROYS:
            return Ink(_("destroys"), "bad")
        case Danger.DISRUPTS:
            return Ink(_("disrupts"), "warn")
    return Ink("")


def criticality_word(criticality: str) -> Ink:
    """How much depends on a node."""
    words = {"critical": _("critical"), "high": _("high"), "medium": _("medium"), "low": _("low")}
    return Ink(words[criticality], "dim")


def mode_word(mode: str) -> str:
    """What kind of run it is; empty for the usual one."""
    return {"incident": "", "drill": _("DRILL"), "lab": _("LAB"), "routine": _("BACKUP")}.get(mode, mode)


def outcome_word(outcome: str) -> Ink:
    """How a run ended."""
    words = {
        "completed": Ink(_("completed"), "good"),
        "completed with exceptions": Ink(_("completed with exceptions"), "warn"),
        "aborted": Ink(_("aborted"), "bad"),
    }
    return words.get(outcome, Ink(outcome))


def minute(at: datetime) -> str:
    """The local time of day, to the minute."""
    return at.astimezone().strftime("%H:%M")
