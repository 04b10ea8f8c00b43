"""The life of one run, on the engine's loop: it folds what it records, starts what is ready, obeys decisions.

It keeps no state of a run but the folded one; what it holds besides are the tasks that are under way.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from sparkdr_tui.errors import HeldError, SparkdrError
from sparkdr_tui.language import _
from sparkdr_tui.plan.drills import AFTER, BEFORE
from sparkdr_tui.plan.graph import PlannedStep, graph, restores
from sparkdr_tui.plan.graph import inputs as inputs_of
from sparkdr_tui.plan.runbook import Danger, Input, Plan
from sparkdr_tui.reach.pool import Reach
from sparkdr_tui.record import decisions as d
from sparkdr_tui.record import events as e
from sparkdr_tui.record.fold import fold
from sparkdr_tui.record.journal import Journal
from sparkdr_tui.record.state import Phase, RunState, StepState
from sparkdr_tui.recover import always, inputs, people, rules
from sparkdr_tui.recover.attempt import ask, attempt, undo
from sparkdr_tui.watch.probes import probe_service
from sparkdr_tui.watch.topology import Reading, Topology

SETTLE = 30.0
"""Seconds that restored services get to be seen healthy before the run is closed without them."""
ABORT = 20.0
"""Seconds that running steps get to be ended when the run is aborted."""


Message = d.Decision | Topology | e.Notified | Exception | None
"""What a driver hears; None: something ended."""


@dataclass(frozen=True, slots=True)
class Underway:
    """A task of the run, and the door by which it is told to stop."""

    task: asyncio.Task[None]
    stop: asyncio.Event


@dataclass
class Driver:
    """Drives one run until it is closed, or somebody else holds it, or its journal cannot be written."""

    plan: Plan
    folder: Path
    journal: Journal
    state: RunState
    reach: Reach
    operator: str
    held: Callable[[], bool]
    """Whether this operator still holds the run."""
    sweep_now: Callable[[], None]
    hear: Callable[[RunState], None]
    """Told of the run as it goes on, for those who are notified; never waits."""
    steps: Mapping[str, PlannedStep] = field(init=False)
    known: Mapping[str, Input] = field(init=False)
    inbox: asyncio.Queue[Message] = field(default_factory=asyncio.Queue)
    underway: dict[str, Underway] = field(default_factory=dict)
    """By step; what belongs to no step is under a name in angle brackets."""
    problem: Exception | None = None
    """Why driving ended before the run did."""
    looked: dict[str, datetime] = field(default_factory=dict)
    """When each service was last looked at."""
    gravity: people.Gravity = field(default_factory=people.Gravity)
    let_go: bool = False
    """Handed over: somebody else goes on with the run."""

    def __post_init__(self) -> None:
        opened = self.state.opened
        self.steps = {planned.id: planned for planned in graph(self.plan, opened.runbook, opened.drill)}
        self.known = inputs_of(self.plan, opened.runbook)

    # -- facts -------------------------------------------------------------------------------------------

    def record(self, event: e.Event, by: str = "engine") -> None:
        """Make something true: the journal first, then the fold."""
        if not self.held():
            raise HeldError(_("Another operator has taken over this run."))
        before, self.state = self.state, fold(self.state, self.journal.append(event, by))
        if self.state.begun and not before.begun:
            self._begin_drill()

    def _begin_drill(self) -> None:
        """The list before is done: here begins what the drill is about. It is seen before anything is done about it."""
        step = self.state.steps[BEFORE]
        at = step.started_at if step.phase is Phase.DONE and not step.marked else None
        self.record(e.IncidentMoved(incident_at=at or self.state.at))
        self._spawn("<look again>", lambda _stop: self._look_first())

    def observe(self, service: str, reading: Reading) -> None:
        """Record a service's state where it changed; from up to slow and back is latency, not an event.

        A sweep takes seconds: what it saw before a step changed it, and tells afterwards, is no news any more.
        """
        if reading.at < self.looked.get(service, reading.at):
            return
        self.looked[service] = reading.at
        before = self.state.services.get(service)
        if before and (before.state is reading.state or (before.state.healthy and reading.state.healthy)):
            return
        self.record(
            e.ServiceObserved(service=service, state=reading.state, latency=reading.latency, detail=reading.detail)
        )

    def _observe_all(self, topology: Topology) -> None:
        for service, reading in topology.services.items():
            self.observe(service, reading)
        for node, reading in topology.nodes.items():
            before = self.state.nodes.get(node)
            if before is None or before.state is not reading.state:
                self.record(
                    e.NodeObserved(node=node, state=reading.state, latency=reading.latency, detail=reading.detail)
                )
        if (graver := self.gravity.hear(self.plan, self.state, topology)) is not None:
            self.record(graver)

    # -- driving -----------------------------------------------------------------------------------------

    async def drive(self, requested: Mapping[str, str]) -> None:
        """Go on until the run is closed or handed over; `requested` are inputs chosen beforehand.

        What went wrong is in `problem`.
        """
        self.hear(self.state)  # as it was opened or taken up: what is done about it at once comes later
        try:
            self._spawn("<inputs>", lambda _stop: inputs.choose_first(self, requested))
            self._spawn("<look>", lambda _stop: self._look_first())
            while self.state.live and not self.let_go:
                self._schedule()
                self.hear(self.state)
                message = await self.inbox.get()
                if isinstance(message, Exception):
                    raise message
                if isinstance(message, Topology):
                    self._observe_all(message)
                elif isinstance(message, e.Notified):
                    self.record(message)
                elif message is not None:
                    await self._decide(message)
        except SparkdrError as problem:
            self.problem = problem
        finally:
            tasks = [each.task for each in self.underway.values()]
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            self.journal.close()
            self.hear(self.state)

    def _spawn(self, name: str, work: Callable[[asyncio.Event], Coroutine[Any, Any, None]]) -> None:
        stop = asyncio.Event()
        task = asyncio.get_running_loop().create_task(work(stop))
        self.underway[name] = Underway(task, stop)
        task.add_done_callback(lambda done: self._ended(name, done))

    def _ended(self, name: str, task: asyncio.Task[None]) -> None:
        """A task's end wakes the loop; what a task could not handle ends the driving, never goes unseen."""
        del self.underway[name]
        problem = None if task.cancelled() else task.exception()
        self.inbox.put_nowait(problem if isinstance(problem, Exception) else None)

    def _schedule(self) -> None:
        """Start what is ready, ask for what must be asked, close what is finished."""
        choosing = "<inputs>" in self.underway
        looking = bool({"<look>", "<look again>"} & set(self.underway))
        for name in self.steps:
            step = self.state.steps[name]
            if step.phase is not Phase.READY or name in self.underway or (choosing and step.outline.uses):
                continue
            if looking and step.outline.danger is not Danger.SAFE:
                continue  # what it stops must first be seen as it was: its outage begins here, not with the incident
            if step.outline.optional and self.state.pace == "none":
                self.record(e.StepSkipped(step=name, reason=_("optional, and nobody was asked")))
            elif rules.unasked(self.state, step, self.steps[name].step):
                self.record(e.StepSkipped(step=name, reason=_("nobody was asked")))
            elif rules.asks(self.state, step, self.plan.lab):
                self._ask(name)
            else:
                self._begin(step)
        if not self.underway and all(step.phase.settled for step in self.state.steps.values()):
            self._spawn("<closing>", lambda _stop: self._close())

    def _ask(self, name: str) -> None:
        self._spawn(name, lambda stop: ask(self, self.steps[name], stop))

    def _begin(self, step: StepState) -> None:
        """Run a step that nobody has to be asked about (any more)."""
        name = step.outline.id
        for item in range(len(step.outline.checklist)):
            # Only the lab's hands get here with items left: whoever confirms has ticked them all. No hands tick for
            # people what only people can know: the lists around a drill.
            if item not in step.ticked and name not in (BEFORE, AFTER):
                self.record(e.ItemTicked(step=name, item=item, ticked=True))
        self._spawn(name, lambda stop: attempt(self, self.steps[name], stop))

    async def _close(self) -> None:
        """Look whether what was restored is healthy, then say truthfully how the run ended."""
        wanted = restores(self.plan, self.state.opened.runbook)
        deadline = asyncio.get_running_loop().time() + SETTLE
        while ill := await self._ill(wanted):
            if asyncio.get_running_loop().time() > deadline:
                break
            await asyncio.sleep(1)
        if not all(step.phase.settled for step in self.state.steps.values()):
            return
        reason = "; ".join(ill)
        with_exceptions = bool(ill or self.state.exceptions)
        self.record(e.RunClosed(outcome="completed with exceptions" if with_exceptions else "completed", reason=reason))

    async def _ill(self, services: tuple[str, ...]) -> list[str]:
        return [
            f"{name}: {reading.state.value} {reading.detail}".strip()
            for name, reading in (await self._look(services)).items()
            if not reading.state.healthy
        ]

    async def _look_first(self) -> None:
        await self._look(tuple(self.state.clocks))

    async def _look(self, services: tuple[str, ...]) -> dict[str, Reading]:
        """Look at services side by side, each recorded as soon as it answers."""

        async def one(name: str) -> tuple[str, Reading]:
            reading = await probe_service(self.plan, name, self.reach)
            self.observe(name, reading)
            return name, reading

        return dict(await asyncio.gather(*(one(name) for name in services)))

    # -- decisions ---------------------------------------------------------------------------------------

    async def _decide(self, decision: d.Decision) -> None:
        now = self.journal.now()
        why = rules.refusal(self.state, decision, now)
        if why is not None:
            step = getattr(decision, "step", None)
            self.record(e.DecisionRefused(decision=type(decision).__name__, why=why, step=step), self.operator)
            return
        match decision:
            case d.Choose():
                await inputs.choose(self, decision.name, decision.value)
            case d.Abort():
                await self._abort(decision.reason)
            case d.SetPace():
                self.record(e.PaceSet(pace=decision.pace), self.operator)
                self._confirm_what_need_not_be_asked()
            case d.SetIncident():
                self.record(e.IncidentMoved(incident_at=decision.at), self.operator)
            case d.AddNote():
                self.record(e.NoteAdded(text=decision.text, step=decision.step), self.operator)
            case d.TryContact() | d.GiveRole() | d.Escalate() | d.HandOver():
                self.let_go = isinstance(decision, d.HandOver)  # before anybody can read of it
                for fact in people.facts(self.plan, self.state, decision, now):
                    self.record(fact, self.operator)
            case _:
                self._decide_on_step(decision)

    def _decide_on_step(self, decision: d.StepDecision) -> None:
        name = decision.step
        match decision:
            case d.Confirm():
                self.record(e.StepConfirmed(step=name), self.operator)
                self._begin(self.state.steps[name])
            case d.Skip():
                self.record(e.StepSkipped(step=name, reason=decision.reason), self.operator)
            case d.MarkDone():
                self.record(e.StepMarked(step=name, reason=decision.reason), self.operator)
            case d.Retry():
                self.record(e.StepRetried(step=name), self.operator)
                step = self.state.steps[name]
                # Whoever retries has said yes, except to losing something (typed every time) and to what hands do.
                again = step.outline.danger is not Danger.DESTROYS and step.outline.action != "manual"
                if step.phase is Phase.READY and again:
                    self._begin(step)
            case d.Cancel():
                self.underway[name].stop.set()
            case d.Undo():
                self._spawn(name, lambda stop: undo(self, self.steps[name], stop))
            case d.Tick():
                self.record(e.ItemTicked(step=name, item=decision.item, ticked=decision.ticked), self.operator)

    def _confirm_what_need_not_be_asked(self) -> None:
        for name, step in self.state.steps.items():
            if step.phase is Phase.ASKED and not rules.asks(self.state, step, self.plan.lab):
                self.record(e.StepConfirmed(step=name), self.operator)
                self._begin(self.state.steps[name])

    async def _abort(self, reason: str) -> None:
        """End what runs, do what is always done, end the run; a step that would not end is unknown, and it says so."""
        tasks = {name: each.task for name, each in self.underway.items()}
        for name, each in list(self.underway.items()):
            if self.state.steps.get(name, None) is not None and self.state.steps[name].phase.busy:
                each.stop.set()
            else:
                each.task.cancel()
        if tasks:
            await asyncio.wait(tasks.values(), timeout=ABORT)
        left = always.left(self.state, self.steps)  # without what does not end: that may still be at it
        for name, step in self.state.steps.items():
            if step.phase.busy:
                detail = _("It did not end when the run was aborted.")
                self.record(e.StepFinished(step=name, attempt=step.attempt, ending="unknown", detail=detail))
        for name in left:
            if not await self._see_through(name):
                break
        self.record(e.RunClosed(outcome="aborted", reason=reason), self.operator)

    async def _see_through(self, name: str) -> bool:
        """Do a step of an aborted run; whoever cancels it ends it, who aborts once more wants no other one either."""
        self._spawn(name, lambda stop: attempt(self, self.steps[name], stop))
        go_on = True
        while name in self.underway:
            match await self.inbox.get():
                case Exception() as problem:
                    raise problem
                case Topology() as topology:
                    self._observe_all(topology)
                case e.Notified() as notified:
                    self.record(notified)
                case d.Abort():
                    go_on = False
                    self.underway[name].stop.set()
                case d.Cancel(step=wanted) if wanted == name:
                    self.underway[name].stop.set()
                case None:
                    pass  # something ended
                case d.AddNote() | d.TryContact() | d.GiveRole() | d.Escalate() as said:
                    await self._decide(said)
                case decision:
                    why = _("The run is being aborted.")
                    self.record(e.DecisionRefused(decision=type(decision).__name__, why=why), self.operator)
        return go_on
