"""How the run would go: services it needs, hands it waits for, what nobody can know, the time it takes. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from sparkdr_tui.figures import clock, span
from sparkdr_tui.language import _, current
from sparkdr_tui.plan.drills import AFTER, BEFORE
from sparkdr_tui.plan.graph import PlannedStep, apart
from sparkdr_tui.plan.model import State
from sparkdr_tui.readiness.levels import Level
from sparkdr_tui.record.forecast import ClockForecast, Forecast, Verdict
from sparkdr_tui.recover.opening import proves
from sparkdr_tui.recover.rehearsal.findings import Finding, Rehearsed, Seen
from sparkdr_tui.watch.diagnosis import diagnose
from sparkdr_tui.watch.topology import Reading

_DOWNLOADS = re.compile(
    r"\b(?:brew|winget|pip3?|npm|ollama)\s+(?:\S+\s+)*?(?:install|reinstall|ci|pull)\b"
    r"|\bgit\s+(?:\S+\s+)*?(?:clone|fetch|pull)\b|\bcurl\s[^\n]*\s-o\s+(?!/dev/null)|\bwget\b"
    r"|Invoke-WebRequest\s[^\n]*-OutFile"
)


def services(run: Rehearsed, seen: Seen) -> Iterator[Finding]:
    """How the services are now that the run brings back, and those it needs without bringing them back."""
    for objective in run.opened.objectives:
        yield _present(run, objective.service, seen.topology.services.get(objective.service))
    offered = _offered(run, seen)
    for planned in run.steps.values():
        for service in needed(planned):
            yield from _needs(run, seen, planned, service, offered)


def _offered(run: Rehearsed, seen: Seen) -> dict[str, str]:
    """The runbook that what was seen suggests for each service."""
    found: dict[str, str] = {}
    for each in diagnose(run.plan, seen.topology).suggestions:
        scenario = run.plan.scenarios[each.scenario]
        for service in scenario.affects if scenario.runbooks else ():
            found.setdefault(service, scenario.runbooks[0])
    return found


def _present(run: Rehearsed, service: str, reading: Reading | None) -> Finding:
    state = reading.state if reading is not None else State.UNKNOWN
    detail = f": {reading.detail}" if reading is not None and reading.detail else ""
    said = _("{state} now{detail}").format(state=_(state.value), detail=detail)
    if state.healthy or service in run.restored:
        return Finding("ok", service, said)
    level: Level = "unknown" if state is State.UNKNOWN else "warn"
    return Finding(level, service, _("{said}; this run does not bring it back").format(said=said))


def needed(planned: PlannedStep) -> tuple[str, ...]:
    """The services that have to work for the step to work."""
    step = planned.step
    actions = (step.sql, step.redis, step.s3, step.http, *(check.sql for check in step.verify))
    named = (each.service for each in actions if each is not None and each.service is not None)
    return tuple(dict.fromkeys((*named, *proves(step))))


def _needs(
    run: Rehearsed, seen: Seen, planned: PlannedStep, service: str, offered: Mapping[str, str]
) -> Iterator[Finding]:
    """What a step needs and the run does not bring back: itself, and what it depends on (unless it works without)."""
    own = seen.topology.services.get(service)
    names = (service,) if own is not None and own.state.healthy else (service, *_depends(run, service))
    for name in names:
        reading = seen.topology.services.get(name)
        if name in run.restored or reading is None or reading.state.healthy:
            continue
        text = _("step {step} needs {service}, which is {state}, and this run does not bring it back")
        if name != service:
            text = _("step {step} needs {service}, which depends on {name}: {state}, and not brought back by this run")
        reason = text.format(
            step=run.number(planned.id),
            service=run.plan.services[service].title.within(current()),
            name=run.plan.services[name].title.within(current()),
            state=_(reading.state.value),
        )
        together = " ".join((*apart(run.opened.runbook), offered[name])) if name in offered else ""
        todo = _("Run both as one: sparkdr-tui run {ids}").format(ids=together) if together else ""
        yield Finding(_weight(planned, service, name, reading.state), name, reason, todo, planned.id)


def _weight(planned: PlannedStep, service: str, name: str, state: State) -> Level:
    """A damaged service still answers, which may be enough for what depends on it."""
    if state is State.UNKNOWN:
        return "unknown"
    enough = state is State.DAMAGED and name != service
    return "warn" if enough or planned.step.optional else "stop"


def _depends(run: Rehearsed, service: str) -> tuple[str, ...]:
    found: list[str] = []
    ahead = list(run.plan.services[service].depends_on)
    while ahead:
        name = ahead.pop(0)
        if name not in found:
            found.append(name)
            ahead += run.plan.services[name].depends_on
    return tuple(found)


def hands(run: Rehearsed) -> Iterator[Finding]:
    """What people do: how that goes nobody can know, and without anybody it does not go at all."""
    for planned in run.steps.values():
        if planned.step.manual is None:
            continue
        if run.unattended and planned.id in (BEFORE, AFTER) and not (run.plan.lab and planned.step.manual.hands):
            text = _("with --yes nobody is asked: the list is left out, and the run ends with an exception")
            yield Finding("warn", "hands", text, step=planned.id)
        elif run.plan.lab:
            yield Finding("ok", "hands", _("the lab does what hands would"), step=planned.id)
        elif run.unattended and not planned.step.optional:
            text = _("it is done by hand, and with --yes nobody is asked: the run would be aborted here")
            yield Finding(
                "stop", "hands", text, _("Run it without --yes, at a terminal or in the cockpit."), planned.id
            )
        else:
            yield Finding("unknown", "hands", _("it is done by hand: nobody can know beforehand how"), step=planned.id)


def downloads(run: Rehearsed) -> Iterator[Finding]:
    """What comes over the network takes as long as it takes."""
    for use in run.uses:
        if use.role == "run" and _DOWNLOADS.search(use.text):
            reason = _("it may download: whether the other side answers, and how fast, cannot be known")
            yield Finding("unknown", use.node, reason, step=use.planned.id)


def holding(seen: Seen) -> Iterator[Finding]:
    """Whether somebody else drives a run."""
    if seen.holder is not None:
        reason = _("another operator holds this plan: {who}").format(who=seen.holder.within())
        yield Finding("stop", "operator", reason, _("Watch with `sparkdr-tui observe`, or wait until it is over."))


def time(run: Rehearsed, seen: Seen, course: Forecast) -> Iterator[Finding]:
    """The time along the critical path against the objectives."""
    if not course.known:
        unknown = [step.id for step in run.opened.steps if step.expect is None and not step.optional]
        reason = _("at least {time} along the critical path; some steps say nothing about their time")
        yield Finding("unknown", "time", reason.format(time=clock(course.p50)), step=unknown[0] if unknown else None)
    else:
        reason = _("{p50} along the critical path, {p90} when it goes slowly; without what people take")
        yield Finding("ok", "time", reason.format(p50=clock(course.p50), p90=clock(course.p90)))
    for each in course.clocks:
        if each.rto is not None and each.service in run.restored:
            yield _objective(seen, each)


def _objective(seen: Seen, each: ClockForecast) -> Finding:
    reading = seen.topology.services.get(each.service)
    rto, left = span(each.rto or 0), clock(each.left or 0)
    if reading is not None and reading.state.healthy:
        return Finding("ok", each.service, _("RTO {rto}; it is healthy now").format(rto=rto))
    said = _("RTO {rto}, {left} left").format(rto=rto, left=left)
    match each.verdict:
        case Verdict.BREACHED:
            return Finding("warn", each.service, _("{said}: missed already").format(said=said))
        case Verdict.WILL_BREACH | Verdict.AT_RISK:
            return Finding("warn", each.service, _("{said}: this run would take longer").format(said=said))
        case Verdict.UNKNOWN:
            return Finding("unknown", each.service, said)
    return Finding("ok", each.service, _("{said}: enough").format(said=said))
