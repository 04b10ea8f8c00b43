"""A run as programs read it: one document with stable keys, the same for a finished run and for one under way."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sparkdr_tui.plan.graph import apart
from sparkdr_tui.record.escalation import standing
from sparkdr_tui.record.forecast import ClockForecast, estimate, forecast
from sparkdr_tui.record.losses import Loss, loss, lost_of
from sparkdr_tui.record.state import Clock, RunState, StepState

History = Mapping[str, Sequence[float]]
"""Seconds that steps took in earlier runs, by step id: see `record/history.py`."""


def run_document(state: RunState, now: datetime, history: History | None = None) -> dict[str, Any]:
    """Everything about a run at `now`; times are ISO 8601 in UTC, lengths of time are seconds."""
    machine, person = state.split(now)
    opened = state.opened
    return {
        "id": state.run,
        "runbook": opened.runbook,
        "title": opened.title.model_dump(),
        "mode": opened.mode,
        "drill": opened.drill,
        "plan": opened.plan,
        "plan_digest": opened.plan_digest,
        "scenario": opened.scenario,
        "scenarios": list(apart(opened.scenario)),
        "level": state.level,
        "impact": [each.model_dump() for each in opened.impact],
        "operator": state.operator,
        "opened_at": _time(state.opened_at),
        "incident_at": _time(state.incident_at),
        "closed_at": _time(state.closed_at),
        "outcome": state.outcome,
        "reason": state.outcome_reason,
        "exceptions": list(state.exceptions),
        "machine_s": round(machine, 3),
        "person_s": round(person, 3),
        "steps": [_step(step, now, history or {}) for step in state.steps.values()],
        "objectives": _objectives(state, now),
        "forecast": _forecast(state, now, history or {}),
        "inputs": {
            name: {**chosen.model_dump(mode="json", exclude={"type"}), "loss": _loss(loss(state, name))}
            for name, chosen in state.inputs.items()
        },
        "notes": [{"at": _time(at), "by": by, "text": text} for at, by, text in state.notes],
        "roles": _roles(state),
        "calls": [
            {"at": _time(each.at), "by": each.by, **each.call.model_dump(mode="json", exclude={"type"})}
            for each in state.tried
        ],
        "escalation": escalation(state, now),
        "records": state.n,
    }


def current_document(state: RunState, now: datetime, history: History | None = None) -> dict[str, Any]:
    """A run under way, in short: how far it is, and what it waits for."""
    steps = list(state.steps.values())
    waits = next((step for step in steps if step.phase.stuck or step.phase.value == "asked"), None)
    works = next((step for step in steps if step.phase.busy), None)
    step = works or waits
    return {
        "id": state.run,
        "runbook": state.opened.runbook,
        "mode": state.opened.mode,
        "drill": state.opened.drill,
        "scenario": state.opened.scenario,
        "operator": state.operator,
        "opened_at": _time(state.opened_at),
        "incident_at": _time(state.incident_at),
        "roles": _roles(state),
        "escalation": escalation(state, now),
        "steps_done": sum(each.phase.settled for each in steps),
        "steps_total": len(steps),
        "step": step.outline.id if step else None,
        "phase": step.phase.value if step else None,
        "objectives": _objectives(state, now),
        "forecast": _forecast(state, now, history or {}),
    }


def escalation(state: RunState, now: datetime) -> dict[str, Any] | None:
    """Where the run is on its escalation path; None where it has none."""
    found = standing(state, now)
    if found is None:
        return None
    path = state.opened.path
    return {
        "stage": found.stage.id,
        "title": found.stage.title.model_dump(),
        "entered_at": _time(found.entered_at),
        "why": found.why.value,
        "next": found.next.id if found.next else None,
        "call": found.call,
        "calling": found.calling,
        "escalates_at": _time(found.deadline),
        "recovered": found.recovered,
        "results": dict(found.results),
        "moves": [{"stage": path[each.stage].id, "at": _time(each.at), "why": each.why.value} for each in found.moves],
    }


def _roles(state: RunState) -> dict[str, Any]:
    return {role: {"holder": given.holder, "contact": given.contact} for role, given in state.roles.items()}


def _step(step: StepState, now: datetime, history: History) -> dict[str, Any]:
    took = step.took(now)
    likely = estimate(step.outline, history.get(step.outline.id, ()))
    return {
        "id": step.outline.id,
        "title": step.outline.title.model_dump(),
        "on": step.outline.on,
        "danger": step.outline.danger.value,
        "optional": step.outline.optional,
        "phase": step.phase.value,
        "attempt": step.attempt,
        "started_at": _time(step.started_at),
        "finished_at": _time(step.finished_at),
        "took_s": None if took is None else round(took, 3),
        "expect_s": step.outline.expect,
        "p50_s": round(likely.p50, 3) if likely else None,
        "p90_s": round(likely.p90, 3) if likely else None,
        "earlier": likely.runs if likely else 0,
        "exit_status": step.exit_status,
        "detail": step.detail,
        "reason": step.reason,
        "marked": step.marked,
        "logs": list(step.logs),
    }


def _forecast(state: RunState, now: datetime, history: History) -> dict[str, Any] | None:
    """What is left of a run under way; None when it is closed."""
    if not state.live:
        return None
    found = forecast(state, now, history)
    return {
        "p50_s": round(found.p50, 3),
        "p90_s": round(found.p90, 3),
        "known": found.known,
        "overdue": list(found.overdue),
        "services": {each.service: _foreseen(each) for each in found.clocks},
    }


def _foreseen(each: ClockForecast) -> dict[str, Any]:
    return {
        "verdict": each.verdict.value,
        "p50": _time(each.p50),
        "p90": _time(each.p90),
        "breach_at": _time(each.breach_at),
    }


def _objectives(state: RunState, now: datetime) -> dict[str, Any]:
    at = state.moment(now)
    return {name: _clock(clock, at, lost_of(state, name)) for name, clock in state.clocks.items()}


def _clock(clock: Clock, at: datetime, lost: float | None) -> dict[str, Any]:
    left = clock.left(at)
    return {
        "state": clock.state.value,
        "rto_s": clock.rto,
        "rpo_s": clock.rpo,
        "elapsed_s": round(clock.elapsed(at), 3),
        "left_s": None if left is None else round(left, 3),
        "restored": clock.restored,
        "met": None if left is None else left >= 0,
        "lost_s": None if lost is None else round(lost, 3),
        "rpo_met": None if lost is None or clock.rpo is None else lost <= clock.rpo,
    }


def _loss(found: Loss | None) -> dict[str, Any] | None:
    """What the chosen backup loses by now; the input's `backup.loses` is what was known when it was chosen."""
    if found is None:
        return None
    return {
        "lost_s": round(found.seconds, 3),
        "rpo_s": found.backup.rpo,
        "met": found.met,
        "later": found.later,
        "restored": found.restored,
    }


def _time(at: datetime | None) -> str | None:
    return at.isoformat() if at else None
