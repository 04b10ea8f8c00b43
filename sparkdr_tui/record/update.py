"""A status update, ready to paste into a chat or a mail: what happened, what is being done, when it is expected back.

Plain lines, made of the journal alone, in a language that the caller names. Pure.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from sparkdr_tui.plan.model import Language, State
from sparkdr_tui.record.escalation import standing
from sparkdr_tui.record.forecast import ClockForecast, Forecast, Verdict
from sparkdr_tui.record.losses import Loss, losses
from sparkdr_tui.record.state import Clock, Phase, RunState, StepState
from sparkdr_tui.record.update_words import Voice
from sparkdr_tui.text import one_line

EVERY = timedelta(minutes=15)
"""How long people are left without an update, at most; said on the full five minutes."""
_FIVE = timedelta(minutes=5)
_NAMED = 3
"""Steps and services that a line names; more are counted by ellipsis."""
_ORDER = (
    Phase.VERIFYING, Phase.UNDOING, Phase.RUNNING, Phase.FAILED, Phase.TIMED_OUT, Phase.UNKNOWN, Phase.CANCELLED,
    Phase.ASKED, Phase.READY,
)  # fmt: skip
_WORSE = (Verdict.BREACHED, Verdict.WILL_BREACH, Verdict.AT_RISK)


def update(run: RunState, now: datetime, forecast: Forecast, language: Language) -> str:
    """The update of a run at `now`, whether it lives or is over; ends with a newline."""
    voice = Voice(language)
    lines = [headline(run, language)]
    lines += [voice.word("no outage")] if run.opened.mode in ("drill", "lab") else []
    parts = _living(run, now, forecast, voice) if run.live else _over(run, voice)
    lines += [f"{voice.word(key)}: {text}" for key, text in parts if text]
    return "\n".join(lines) + "\n"


def headline(run: RunState, language: Language) -> str:
    """Which run it is, in a line: `[INCIDENT] INC-0042 PostgreSQL corrupted · Sparklio V4 · level 1`."""
    parts = [subject(run, language), run.opened.plan]
    parts += [Voice(language).word("level", run.level)] if run.level is not None else []
    return " · ".join(parts)


def subject(run: RunState, language: Language) -> str:
    """Which run it is, as short as can be: `[INCIDENT] INC-0042 PostgreSQL corrupted`."""
    voice = Voice(language)
    title = " + ".join(voice.said(each) for each in run.opened.answers) or voice.said(run.opened.title)
    return f"[{voice.word(run.opened.mode)}] {run.run} {title}"


# -- a run that lives ----------------------------------------------------------------------------------


def _living(run: RunState, now: datetime, forecast: Forecast, voice: Voice) -> Iterator[tuple[str, str]]:
    """The lines of an update, by their words."""
    at = run.moment(now)
    yield "impact", "; ".join(voice.said(each) for each in run.opened.impact)
    since = _with_zone(run.incident_at, now, voice)
    yield "since", voice.word("for", since, voice.span((at - run.incident_at).total_seconds()))
    yield "now", _affected(run, voice)
    yield "doing", _doing(run, voice)
    yield "done", _done(run, voice)
    yield "expected", _expected(forecast, now, voice)
    rto = " · ".join(_rto(forecast, now, voice))
    if rto:
        yield "rto", rto
    where = standing(run, now)
    if where is not None and len(where.moves) > 1:
        yield "escalation", voice.word("stage since", voice.said(where.stage.title), voice.clock(where.entered_at, now))
    yield "people", _people(run, voice)
    yield "next", voice.clock(next_at(now), now)


def next_at(now: datetime) -> datetime:
    """When the next update is due: no later than `EVERY` from now, on the full five minutes."""
    latest = now + EVERY
    past = (latest - latest.replace(minute=0, second=0, microsecond=0)) % _FIVE
    return latest - past


def _affected(run: RunState, voice: Voice) -> str:
    """What is not as it should be right now, of what the run is about."""
    if run.clocks and all(clock.restored for clock in run.clocks.values()):
        return voice.word("all back")
    down = [clock for clock in run.clocks.values() if not clock.state.healthy and clock.state is not State.UNKNOWN]
    found = (voice.word("state", voice.said(clock.title), voice.word(clock.state.value)) for clock in down)
    return _list(found) or (voice.word("not seen") if not run.services else "")


def _doing(run: RunState, voice: Voice) -> str:
    """The steps that count now: those a machine works on, else those that wait for somebody."""
    if run.work_done:
        return voice.word("work done")
    numbered = [(number, step) for number, step in enumerate(run.steps.values(), 1) if step.phase in _ORDER]
    busy = [each for each in numbered if each[1].phase.busy]
    stuck = [each for each in numbered if each[1].phase.stuck]
    waiting = sorted(numbered, key=lambda each: _ORDER.index(each[1].phase))[:1]
    return _list(_step(run, number, step, voice) for number, step in ([*busy, *stuck] or waiting))


def _done(run: RunState, voice: Voice) -> str:
    """How far the run is; what was skipped is not done."""
    phases = [step.phase for step in run.steps.values()]
    done, skipped = phases.count(Phase.DONE), phases.count(Phase.SKIPPED)
    return voice.word("of but", done, len(phases), skipped) if skipped else voice.word("of", done, len(phases))


def _step(run: RunState, number: int, step: StepState, voice: Voice) -> str:
    named = voice.word("step", number, len(run.steps), voice.said(step.outline.title))
    return voice.word(step.phase.value, named)


def _expected(forecast: Forecast, now: datetime, voice: Voice) -> str:
    running = [clock for clock in forecast.clocks if not clock.restored]
    if forecast.clocks and not running:
        return ""
    if not forecast.known or any(clock.p50 is None for clock in running):
        return voice.word("not known")
    p50 = _latest((clock.p50 for clock in running), now + timedelta(seconds=forecast.p50))
    p90 = _latest((clock.p90 for clock in running), now + timedelta(seconds=forecast.p90))
    first, last = voice.clock(_minute(p50), now), voice.clock(_minute(p90), now)
    if forecast.earlier and last != first:
        return voice.word("at the latest", first, last)
    return voice.word("about", first)


def _latest(found: Iterable[datetime | None], otherwise: datetime) -> datetime:
    return max((at for at in found if at is not None), default=otherwise)


def _minute(at: datetime) -> datetime:
    """The full minute after a moment: nobody is promised a minute that is over when it comes."""
    whole = at.replace(second=0, microsecond=0)
    return whole if whole == at else whole + timedelta(minutes=1)


def _rto(forecast: Forecast, now: datetime, voice: Voice) -> Iterator[str]:
    """What becomes of the objectives: the bad news by kind; without any, the one that is due first."""
    bad = False
    for verdict in _WORSE:
        clocks = [clock for clock in forecast.clocks if clock.verdict is verdict]
        if clocks:
            bad = True
            yield voice.word(f"rto {verdict.value}", _list(_promise(clock, now, voice) for clock in clocks))
    urgent = forecast.urgent
    if bad or urgent is None or urgent.rto is None or urgent.breach_at is None:
        return
    promise = voice.word("promised", voice.said(urgent.title), voice.span(urgent.rto))
    if urgent.verdict is Verdict.MET:
        yield voice.word("rto met", promise)
    elif urgent.verdict is Verdict.ON_PACE:
        yield voice.word("rto on pace", promise, voice.clock(urgent.breach_at, now))
    else:
        yield voice.word("rto unknown", promise, voice.clock(urgent.breach_at, now))


def _promise(clock: ClockForecast, now: datetime, voice: Voice) -> str:
    assert clock.rto is not None and clock.breach_at is not None  # only what was promised is late
    return voice.word("by", voice.said(clock.title), voice.span(clock.rto), voice.clock(clock.breach_at, now))


def _people(run: RunState, voice: Voice) -> str:
    command, write = run.roles.get("command"), run.roles.get("write")
    found = [voice.word("commands", command.holder) if command else voice.word("nobody")]
    found += [voice.word("operates", run.operator)]
    found += [voice.word("writes", write.holder)] if write else []
    return ", ".join(found)


# -- a run that is over --------------------------------------------------------------------------------


def _over(run: RunState, voice: Voice) -> Iterator[tuple[str, str]]:
    assert run.outcome is not None and run.closed_at is not None
    exercise = "exercise " if run.opened.mode != "incident" else ""
    yield "outcome", "; ".join([voice.word(f"{exercise}{run.outcome}"), *_exceptions(run, voice)])
    yield "impact", "; ".join(voice.said(each) for each in run.opened.impact)
    end = _end(run)
    took = voice.span((end - run.incident_at).total_seconds())
    begun = _with_zone(run.incident_at, end, voice)
    yield "took", voice.word("from to", took, begun, voice.clock(end, end))
    rto = " · ".join(_rto_kept(run, voice))
    if rto:
        yield "rto", rto
    restored = [each for each in losses(run) if each.restored]
    yield "data", _list(_lost(run, each, voice) for each in restored) or voice.word("nothing restored")
    yield "people", _people(run, voice)


def _exceptions(run: RunState, voice: Voice) -> Iterator[str]:
    """What keeps it from being a plain success."""
    left_out = [run.steps[name] for name in run.exceptions if not run.steps[name].marked]
    marked = [run.steps[name] for name in run.exceptions if run.steps[name].marked]
    for key, steps in (("left out", left_out), ("marked", marked)):
        if steps:
            yield voice.word(key, _list(voice.said(step.outline.title) for step in steps))
    if run.outcome_reason:
        yield one_line(run.outcome_reason)


def _end(run: RunState) -> datetime:
    """When the last service was back; where one is not, or none is known, when the run ended."""
    assert run.closed_at is not None
    if not run.clocks or not all(clock.restored and clock.healthy_at for clock in run.clocks.values()):
        return run.closed_at
    return max(clock.healthy_at or run.closed_at for clock in run.clocks.values())


def _rto_kept(run: RunState, voice: Voice) -> Iterator[str]:
    """Every objective, by what became of it."""
    at = run.moment(run.at)
    promised = [clock for clock in run.clocks.values() if clock.rto is not None]
    late = [clock for clock in promised if (clock.left(at) or 0) < 0]
    kinds = (
        ("rto breached", late),
        ("rto open", [clock for clock in promised if clock not in late and not clock.restored]),
        ("rto met", [clock for clock in promised if clock not in late and clock.restored]),
    )
    for key, clocks in kinds:
        if clocks:
            yield voice.word(key, _list(_took_of(clock, at, voice) for clock in clocks))


def _took_of(clock: Clock, at: datetime, voice: Voice) -> str:
    took, rto = voice.span(clock.elapsed(at)), voice.span(clock.rto or 0)
    return voice.word("took of", voice.said(clock.title), took, rto)


def _lost(run: RunState, found: Loss, voice: Voice) -> str:
    titles = [run.opened.services[name] for name in found.backup.services if name in run.opened.services]
    whose = ", ".join(voice.said(each) for each in titles) or found.backup.set
    if found.later:
        return voice.word("later", whose)
    text = voice.word("lost", whose, voice.span(found.seconds))
    if found.backup.rpo is None:
        return text
    return voice.word("rpo met" if found.met else "rpo missed", text, voice.span(found.backup.rpo))


# -- inside --------------------------------------------------------------------------------------------


def _list(texts: Iterable[str]) -> str:
    """Names with commas; of many, the first few."""
    found = list(texts)
    more = [f"… (+{len(found) - _NAMED})"] if len(found) > _NAMED else []
    return ", ".join([*found[:_NAMED], *more])


def _with_zone(at: datetime, beside: datetime, voice: Voice) -> str:
    """A moment with the name of its zone: whoever reads it may be elsewhere."""
    return f"{voice.clock(at, beside)} {at.astimezone().tzname()}"
