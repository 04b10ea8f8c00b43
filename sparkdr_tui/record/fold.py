"""The one fold: records of a journal become the state of a run. Every view of a run goes through here."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from functools import singledispatch
from typing import Any

from sparkdr_tui.plan.model import State
from sparkdr_tui.record import events as e
from sparkdr_tui.record.escalation import advanced, first_position, followed
from sparkdr_tui.record.state import Clock, Phase, RunState, StepState, Tried


def fold_all(records: Iterable[e.Record]) -> RunState | None:
    """The state after all of `records`; None when there is none."""
    state: RunState | None = None
    for record in records:
        state = fold(state, record)
    return state


def fold(state: RunState | None, record: e.Record) -> RunState:
    """The state after one more record; raises `ValueError` when a journal does not begin with `run.opened`."""
    if state is None:
        if not isinstance(record.event, e.RunOpened):
            raise ValueError("a journal begins with run.opened")
        return _opened(record.event, record)
    if record.at < state.at:  # somebody set the clock back: in a run, time only goes on
        record = record.model_copy(update={"at": state.at})
    machine, person = _with_time_until(state, record)
    state = advanced(state, record.at)
    after = _apply(record.event, state, record)
    after = _with_clocks(replace(after, n=record.n, at=record.at, machine=machine, person=person))
    return followed(state, after, record.event)


def _opened(event: e.RunOpened, record: e.Record) -> RunState:
    return RunState(
        run=event.run,
        opened=event,
        operator=record.by,
        opened_at=record.at,
        incident_at=event.incident_at,
        pace=event.pace,
        n=record.n,
        at=record.at,
        steps=_with_ready({o.id: StepState(o) for o in event.steps}),
        clocks={o.service: Clock(o.service, o.title, o.rto, o.rpo, since=event.incident_at) for o in event.objectives},
        level=event.level,
        roles=_operating({}, record.by),
        position=first_position(event, record.at),
    )


def _operating(roles: Mapping[e.Role, e.RoleGiven], operator: str) -> dict[e.Role, e.RoleGiven]:
    """The roles when `operator` drives the run."""
    before = roles.get("operate")
    if before is not None and before.holder == operator:
        return dict(roles)
    given = e.RoleGiven(role="operate", holder=operator, before=before.holder if before else "")
    return {**roles, "operate": given}


def _with_time_until(state: RunState, record: e.Record) -> tuple[float, float]:
    """Machine and person seconds up to a record; nobody but a person was waited for before a run was taken up again."""
    if state.live and isinstance(record.event, e.RunReopened):
        return state.machine, state.person + max(0.0, (record.at - state.at).total_seconds())
    return state.split(record.at)


def _with_ready(steps: Mapping[str, StepState]) -> dict[str, StepState]:
    """Pending steps whose needs are settled become ready, and the other way round after a reset."""
    found: dict[str, StepState] = {}
    for name, step in steps.items():
        needs = [steps[need] for need in step.outline.needs if need in steps]
        settled = all(need.phase.settled for need in needs)
        skipped = any(need.phase is Phase.SKIPPED and not need.outline.optional for need in needs)
        phase = step.phase
        if phase is Phase.PENDING and settled:
            phase = Phase.READY
        elif phase in (Phase.READY, Phase.ASKED) and not settled:
            phase = Phase.PENDING
        found[name] = replace(step, phase=phase, flagged=skipped)
    return found


def _step(state: RunState, step: str, change: Callable[[StepState], StepState]) -> RunState:
    """A step changed; one that the run does not have changes nothing."""
    if step not in state.steps:
        return state
    return replace(state, steps=_with_ready({**state.steps, step: change(state.steps[step])}))


def _with_clocks(state: RunState) -> RunState:
    """Stop the clock of a service that is healthy again; one never seen down waits for the run's work."""
    return replace(state, clocks={name: _stopped(c, state) for name, c in state.clocks.items()})


def _stopped(clock: Clock, state: RunState) -> Clock:
    """A clock, stopped if it is time; what a drill never took down took as long as the drill's work."""
    restored = clock.healthy_at is not None and (clock.seen_down or state.work_done)
    if restored and not clock.restored and not clock.seen_down and state.opened.mode == "drill":
        return replace(clock, restored=True, healthy_at=state.at)
    return replace(clock, restored=restored)


@singledispatch
def _apply(event: Any, state: RunState, record: e.Record) -> RunState:
    """Events that change nothing but the time: none of them is lost, all of them are in the journal."""
    return state


@_apply.register
def _(event: e.RunReopened, state: RunState, record: e.Record) -> RunState:
    """What was under way is unknown; how long it ran is known up to the last record before."""
    steps = {
        name: replace(s, phase=Phase.UNKNOWN, machine=s.took(state.at) or 0.0)
        if name in event.interrupted and s.phase.busy
        else s
        for name, s in state.steps.items()
    }
    return replace(state, operator=record.by, roles=_operating(state.roles, record.by), steps=_with_ready(steps))


@_apply.register
def _(event: e.OperatorChanged, state: RunState, record: e.Record) -> RunState:
    return replace(state, operator=event.operator, roles=_operating(state.roles, event.operator))


@_apply.register
def _(event: e.IncidentMoved, state: RunState, record: e.Record) -> RunState:
    moved = {
        name: replace(c, since=max(event.incident_at, c.outage_at or event.incident_at))
        for name, c in state.clocks.items()
    }
    return replace(state, incident_at=event.incident_at, clocks=moved)


@_apply.register
def _(event: e.PaceSet, state: RunState, record: e.Record) -> RunState:
    return replace(state, pace=event.pace)


@_apply.register
def _(event: e.InputChosen, state: RunState, record: e.Record) -> RunState:
    steps = {name: _again(s) if name in event.reset else s for name, s in state.steps.items()}
    missing = {name: why for name, why in state.missing.items() if name != event.name}
    return replace(state, inputs={**state.inputs, event.name: event}, missing=missing, steps=_with_ready(steps))


@_apply.register
def _(event: e.InputMissing, state: RunState, record: e.Record) -> RunState:
    return replace(state, missing={**state.missing, event.name: event.why})


@_apply.register
def _(event: e.StepAsked, state: RunState, record: e.Record) -> RunState:
    return _step(
        state,
        event.step,
        lambda s: replace(s, phase=Phase.ASKED, asked_at=record.at, phrase=event.phrase, facts=event.facts),
    )


@_apply.register
def _(event: e.StepConfirmed, state: RunState, record: e.Record) -> RunState:
    return _step(state, event.step, lambda s: replace(s, phase=Phase.READY, asked_at=None))


@_apply.register
def _(event: e.StepStarted, state: RunState, record: e.Record) -> RunState:
    return _step(
        state,
        event.step,
        lambda s: replace(
            s,
            phase=Phase.RUNNING,
            attempt=event.attempt,
            started_at=record.at,
            finished_at=None,
            exit_status=None,
            detail="",
            tail=(),
            hints=(),
            progress=None,
            gone=None,
            undone=False,
            logs=(*s.logs, event.log) if event.log else s.logs,
        ),
    )


@_apply.register
def _(event: e.StepProgressed, state: RunState, record: e.Record) -> RunState:
    return _step(state, event.step, lambda s: replace(s, progress=(event.done, event.total)))


@_apply.register
def _(event: e.StepVerifying, state: RunState, record: e.Record) -> RunState:
    return _step(state, event.step, lambda s: replace(s, phase=Phase.VERIFYING))


@_apply.register
def _(event: e.StepFinished, state: RunState, record: e.Record) -> RunState:
    phases: dict[e.Ending, Phase] = {
        "done": Phase.DONE,
        "failed": Phase.FAILED,
        "timed out": Phase.TIMED_OUT,
        "cancelled": Phase.CANCELLED,
        "unknown": Phase.UNKNOWN,
    }
    return _step(
        state,
        event.step,
        lambda s: replace(
            s,
            phase=phases[event.ending],
            attempt=event.attempt,
            finished_at=record.at,
            machine=s.took(record.at) or 0.0,
            exit_status=event.exit_status,
            detail=event.detail,
            tail=event.tail,
            hints=event.hints,
            gone=event.gone,
        ),
    )


@_apply.register
def _(event: e.StepSkipped, state: RunState, record: e.Record) -> RunState:
    return _step(state, event.step, lambda s: replace(s, phase=Phase.SKIPPED, reason=event.reason))


@_apply.register
def _(event: e.StepMarked, state: RunState, record: e.Record) -> RunState:
    return _step(state, event.step, lambda s: replace(s, phase=Phase.DONE, reason=event.reason, marked=True))


@_apply.register
def _(event: e.StepRetried, state: RunState, record: e.Record) -> RunState:
    return _step(state, event.step, _again)


def _again(step: StepState) -> StepState:
    """As if nobody had decided anything about the step yet."""
    return replace(step, phase=Phase.PENDING, reason="", marked=False, phrase=None, facts=(), asked_at=None)


@_apply.register
def _(event: e.UndoStarted, state: RunState, record: e.Record) -> RunState:
    return _step(
        state,
        event.step,
        lambda s: replace(s, phase=Phase.UNDOING, started_at=record.at, logs=(*s.logs, event.log)),
    )


@_apply.register
def _(event: e.UndoFinished, state: RunState, record: e.Record) -> RunState:
    return _step(
        state,
        event.step,
        lambda s: replace(
            s,
            phase=Phase.CANCELLED if event.ok else Phase.FAILED,
            finished_at=record.at,
            machine=s.took(record.at) or 0.0,
            detail=event.detail,
            marked=False,
            undone=event.ok,
        ),
    )


@_apply.register
def _(event: e.ItemTicked, state: RunState, record: e.Record) -> RunState:
    def change(step: StepState) -> StepState:
        return replace(step, ticked=step.ticked | {event.item} if event.ticked else step.ticked - {event.item})

    return _step(state, event.step, change)


@_apply.register
def _(event: e.ServiceObserved, state: RunState, record: e.Record) -> RunState:
    services = {**state.services, event.service: event}
    clock = state.clocks.get(event.service)
    if clock is None:
        return replace(state, services=services)
    changed = _observed(replace(clock, state=event.state), record.at)
    return replace(state, services=services, clocks={**state.clocks, event.service: changed})


def _observed(clock: Clock, at: datetime) -> Clock:
    """A clock whose service was just seen in another state; not knowing neither starts nor stops it."""
    if clock.state is State.UNKNOWN:
        return clock
    if clock.state.healthy:
        return replace(clock, healthy_at=clock.healthy_at or at)
    if clock.healthy_at is not None and not clock.seen_down:
        return replace(clock, seen_down=True, healthy_at=None, outage_at=at, since=max(clock.since, at))
    return replace(clock, seen_down=True, healthy_at=None)


@_apply.register
def _(event: e.NodeObserved, state: RunState, record: e.Record) -> RunState:
    return replace(state, nodes={**state.nodes, event.node: event})


@_apply.register
def _(event: e.NoteAdded, state: RunState, record: e.Record) -> RunState:
    return replace(state, notes=(*state.notes, (record.at, record.by, event.text)))


@_apply.register
def _(event: e.ContactTried, state: RunState, record: e.Record) -> RunState:
    return replace(state, tried=(*state.tried, Tried(record.at, record.by, event)))


@_apply.register
def _(event: e.RoleGiven, state: RunState, record: e.Record) -> RunState:
    return replace(state, roles={**state.roles, event.role: event})


@_apply.register
def _(event: e.LevelRaised, state: RunState, record: e.Record) -> RunState:
    return replace(state, level=max(event.level, state.level or 0))


@_apply.register
def _(event: e.DecisionRefused, state: RunState, record: e.Record) -> RunState:
    return replace(state, refused=event)


@_apply.register
def _(event: e.RunClosed, state: RunState, record: e.Record) -> RunState:
    return replace(state, outcome=event.outcome, outcome_reason=event.reason, closed_at=record.at)
