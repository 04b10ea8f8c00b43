"""Glyph, colour and word of every state, so that a state reads in monochrome too. Colours are Rich's names."""

from __future__ import annotations

from dataclasses import dataclass

from sparkdr_tui.backups.catalog import AgeBand
from sparkdr_tui.language import _
from sparkdr_tui.plan.model import State
from sparkdr_tui.record.drills import Standing
from sparkdr_tui.record.events import Outcome
from sparkdr_tui.record.state import Phase


@dataclass(frozen=True, slots=True)
class Mark:
    """How a state is shown."""

    glyph: str
    colour: str
    word: str


def of_state(state: State) -> Mark:
    """What a probe found."""
    match state:
        case State.UP:
            return Mark("●", "green", _("up"))
        case State.SLOW:
            return Mark("◐", "yellow", _("slow"))
        case State.REFUSED:
            return Mark("✖", "red", _("refused"))
        case State.UNREACHABLE:
            return Mark("◌", "red", _("unreachable"))
        case State.DAMAGED:
            return Mark("▲", "red", _("damaged"))
        case State.UNKNOWN:
            return Mark("·", "bright_black", _("unknown"))


def of_phase(phase: Phase) -> Mark:
    """Where a step is."""
    match phase:
        case Phase.PENDING | Phase.READY:
            return Mark("○", "default", _(phase.value))
        case Phase.ASKED:
            return Mark("?", "yellow", _("your turn"))
        case Phase.RUNNING | Phase.VERIFYING | Phase.UNDOING:
            return Mark("▶", "cyan", _(phase.value))
        case Phase.DONE:
            return Mark("✔", "green", _("done"))
        case Phase.FAILED | Phase.TIMED_OUT | Phase.CANCELLED:
            return Mark("✖", "red", _(phase.value))
        case Phase.SKIPPED:
            return Mark("»", "yellow", _("skipped"))
        case Phase.UNKNOWN:
            return Mark("◌", "yellow", _("unknown"))


def of_outcome(outcome: Outcome | None) -> Mark:
    """How a run ended."""
    match outcome:
        case "completed":
            return Mark("✔", "green", _("completed"))
        case "completed with exceptions":
            return Mark("▲", "yellow", _("completed with exceptions"))
        case "aborted":
            return Mark("✖", "red", _("aborted"))
        case None:
            return Mark("▶", "cyan", _("unfinished"))


def of_band(band: AgeBand) -> Mark:
    """How old a backup is against its RPO."""
    match band:
        case AgeBand.WITHIN:
            return Mark("●", "green", _("within RPO"))
        case AgeBand.TWICE:
            return Mark("◐", "yellow", _("1–2× RPO"))
        case AgeBand.FOURFOLD:
            return Mark("▲", "red", _("2–4× RPO"))
        case AgeBand.BEYOND:
            return Mark("✖", "red", _("over 4× RPO"))
        case AgeBand.UNKNOWN:
            return Mark("·", "bright_black", _("unknown"))


def of_fact(established: bool | None) -> Mark:
    """What is known of a backup; what nobody established is no good news."""
    if established is None:
        return Mark("·", "bright_black", _("unknown"))
    return Mark("✔", "green", _("yes")) if established else Mark("✖", "red", _("no"))


def of_standing(standing: Standing) -> Mark:
    """Where a drill stands."""
    match standing:
        case Standing.OVERDUE:
            return Mark("✖", "red", _("overdue"))
        case Standing.DUE:
            return Mark("▲", "yellow", _("due"))
        case Standing.ANNOUNCE:
            return Mark("▲", "yellow", _("to be announced"))
        case Standing.DONE:
            return Mark("✔", "green", _("done"))
