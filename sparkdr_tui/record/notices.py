"""What of a run is worth a notification at a moment, and how it is told. Pure; sends nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sparkdr_tui.plan.model import Language
from sparkdr_tui.plan.notify import Occasion
from sparkdr_tui.record.escalation import standing
from sparkdr_tui.record.forecast import Forecast, Verdict
from sparkdr_tui.record.state import Phase, RunState
from sparkdr_tui.record.update import subject, update
from sparkdr_tui.record.update_words import Voice

PATIENCE = timedelta(minutes=5)
"""How long a step waits for a person before others are told."""
LOOK = timedelta(seconds=10)
"""How long the first look at the services is waited for before anybody is told of a run."""
_GRAVEST: tuple[Occasion, ...] = ("closed", "missed", "at-risk", "escalated", "waiting", "opened")

Facts = Mapping[Occasion, frozenset[str]]
"""What is so at a moment, by occasion: services, stages, steps. What was not so before is news."""


@dataclass(frozen=True, slots=True)
class Notice:
    """What is sent."""

    occasion: Occasion
    title: str
    body: str


def facts(run: RunState, now: datetime, forecast: Forecast) -> Facts:
    """What is so at `now`."""
    where = standing(run, now)
    stages = [run.opened.path[move.stage].id for move in where.moves[1:]] if where is not None else []
    return {
        "opened": frozenset({run.run} if run.begun and _looked_at(run, now) else ()),
        "waiting": frozenset(_waiting(run, now)),
        "escalated": frozenset(stages),
        "at-risk": _with(forecast, Verdict.AT_RISK, Verdict.WILL_BREACH) if run.live else frozenset(),
        "missed": _with(forecast, Verdict.BREACHED),
        "closed": frozenset(() if run.live else (run.run,)),
    }


def joined(one: Facts, other: Facts) -> Facts:
    """All that was so at either moment: what comes and goes is news only once."""
    return {name: one.get(name, frozenset()) | other.get(name, frozenset()) for name in _GRAVEST}


def news(before: Facts, now: Facts, wanted: tuple[Occasion, ...]) -> Occasion | None:
    """The gravest of the wanted occasions that is new; None when none is."""
    return next((each for each in _GRAVEST if each in wanted and now[each] - before.get(each, frozenset())), None)


def notice(run: RunState, now: datetime, forecast: Forecast, occasion: Occasion, language: Language) -> Notice:
    """What is said on an occasion: a line that tells which, and the status update."""
    voice = Voice(language)
    title = voice.word("told", subject(run, language), _said(run, now, forecast, occasion, voice))
    return Notice(occasion, title, update(run, now, forecast, language))


def _said(run: RunState, now: datetime, forecast: Forecast, occasion: Occasion, voice: Voice) -> str:
    match occasion:
        case "escalated":
            where = standing(run, now)
            return voice.word("told escalated", voice.said(where.stage.title) if where else "")
        case "at-risk":
            return voice.word("told at-risk", _named(forecast, voice, Verdict.AT_RISK, Verdict.WILL_BREACH))
        case "missed":
            return voice.word("told missed", _named(forecast, voice, Verdict.BREACHED))
        case "closed":
            exercise = "" if run.opened.mode == "incident" else "exercise "
            return voice.word(f"{exercise}{run.outcome}")
    return voice.word(f"told {occasion}")


def _looked_at(run: RunState, now: datetime) -> bool:
    """Whether anything can be said of its services yet, or has been waited for long enough."""
    return not run.clocks or bool(run.services) or now - run.opened_at >= LOOK


def _waiting(run: RunState, now: datetime) -> list[str]:
    """Steps that have waited for a person for too long, each attempt anew."""
    found = []
    for name, step in run.steps.items():
        since = step.asked_at if step.phase is Phase.ASKED else step.finished_at if step.phase.stuck else None
        if run.live and since is not None and now - since >= PATIENCE:
            found.append(f"{name} {step.attempt} {step.phase.value}")
    return found


def _with(forecast: Forecast, *verdicts: Verdict) -> frozenset[str]:
    return frozenset(clock.service for clock in forecast.clocks if clock.verdict in verdicts)


def _named(forecast: Forecast, voice: Voice, *verdicts: Verdict) -> str:
    return ", ".join(voice.said(clock.title) for clock in forecast.clocks if clock.verdict in verdicts)
