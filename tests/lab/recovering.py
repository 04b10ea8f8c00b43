"""A run on a lab, driven as an operator would who mends what a step stumbles over and goes on."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from sparkdr_tui.lab.backing import NoSweeps
from sparkdr_tui.plan.load import load
from sparkdr_tui.record.decisions import Abort, Choose, Confirm, Decision, Retry, RunRequest, Tick, Undo
from sparkdr_tui.record.events import Pace
from sparkdr_tui.record.fold import fold
from sparkdr_tui.record.journal import JournalReader
from sparkdr_tui.record.state import Phase, RunState, StepState
from sparkdr_tui.recover.engine import Engine
from tests.lab.world import World

LONG = 180.0
"""Seconds that a run may take on a busy machine."""


class Recovery:
    """A run that goes on by itself until a step does not end well."""

    def __init__(self, engine: Engine, request: RunRequest) -> None:
        self._engine = engine
        self.folder = engine.open(request)
        self._reader = JournalReader(self.folder)
        self._state: RunState | None = None

    @property
    def state(self) -> RunState:
        """The run as of now."""
        for record in self._reader.poll():
            self._state = fold(self._state, record)
        assert self._state is not None
        return self._state

    def stumbles(self) -> StepState:
        """Wait for a step that does not end well, and for everything beside it to be over."""
        state = self._until_still()
        assert state.live, f"no step stumbled: {state.outcome} {state.outcome_reason}"
        return next(step for step in state.steps.values() if step.phase.stuck)

    def log(self, step: StepState) -> str:
        """What the step's last attempt said."""
        return (self.folder / step.logs[-1]).read_text(encoding="utf-8")

    def retry(self) -> None:
        """Retry whatever is stuck, and type again what will be lost."""
        for name, step in self.state.steps.items():
            if step.phase.stuck:
                self.decide(Retry(name))
                again = self._begun(name)
                if again.phase is Phase.ASKED:
                    self.confirm(again)

    def choose(self, name: str, path: Path) -> None:
        """Choose another backup, and go on with it."""
        self.decide(Choose(name, str(path)))
        self.retry()

    def waits(self) -> StepState | None:
        """Wait until nothing goes on without the operator; the first step that asks, None once the run is closed."""

        def asks() -> bool:
            phases = [step.phase for step in self.state.steps.values()]
            return not self.state.live or (
                any(each is Phase.ASKED or each.stuck for each in phases)
                and not any(each.busy or each is Phase.READY for each in phases)
            )

        self._wait(asks)
        state = self.state
        assert not any(step.phase.stuck for step in state.steps.values()), _what_happened(state)
        return next((step for step in state.steps.values() if step.phase is Phase.ASKED), None)

    def confirm(self, step: StepState) -> None:
        """Say yes: every item ticked, what will be lost typed."""
        name = step.outline.id
        for item in range(len(step.outline.checklist)):
            self.decide(Tick(name, item), partial(self._is_ticked, name, item))
        self.decide(Confirm(name, step.phrase or ""), lambda: self.state.steps[name].phase is not Phase.ASKED)

    def undo(self, step: StepState) -> None:
        """Undo a step, and see it undone; it is stuck then, and can be run again."""
        name = step.outline.id
        self.decide(Undo(name))
        self._wait(lambda: self.state.steps[name].phase.stuck)
        assert self.state.steps[name].undone, self.log(self.state.steps[name])

    def decide(self, decision: Decision, taken: Callable[[], bool] | None = None) -> None:
        """Decide, and see it taken: something is recorded, or what only this decision brings about."""
        before = self.state.n
        self._engine.submit(decision)
        self._wait(lambda: self.state.n > before and (taken is None or taken() or self.state.refused is not None))
        assert not self.state.refused, self.state.refused

    def completes(self) -> RunState:
        """Wait for the end, which must be a good one."""
        state = self._until_still()
        assert state.outcome == "completed", _what_happened(state)
        return state

    def close(self) -> None:
        """Leave no run under way."""
        if self.state.live:
            self._engine.submit(Abort("the test is over"))
            self._engine.wait(LONG)

    def _is_ticked(self, name: str, item: int) -> bool:
        return item in self.state.steps[name].ticked

    def _begun(self, name: str) -> StepState:
        self._wait(lambda: self.state.steps[name].phase is not Phase.READY)
        return self.state.steps[name]

    def _until_still(self) -> RunState:
        def still() -> bool:
            state = self.state
            steps = state.steps.values()
            return not state.live or (any(s.phase.stuck for s in steps) and not any(s.phase.busy for s in steps))

        self._wait(still)
        return self.state

    def _wait(self, condition: Callable[[], bool]) -> None:
        deadline = time.monotonic() + LONG
        while not condition():
            assert self._engine.problem is None, self._engine.problem
            assert time.monotonic() < deadline, _what_happened(self.state)
            time.sleep(0.02)


@contextmanager
def recovering(
    lab: World, runbook: str, plan_folder: Path | None = None, pace: Pace = "none", **inputs: str | Path
) -> Iterator[Recovery]:
    """A run of a runbook on a lab, closed at the end of the block at the latest; the plan is the lab's or like it."""
    plan = load(plan_folder or lab.plan)
    assert plan.state is not None
    with Engine(plan, plan.state, "tester", NoSweeps()) as engine:
        chosen = {name: str(value) for name, value in inputs.items()}
        run = Recovery(engine, RunRequest(runbook, pace=pace, inputs=chosen))
        try:
            yield run
        finally:
            run.close()


def _what_happened(state: RunState) -> str:
    steps = {name: f"{step.phase.value} {step.detail}" for name, step in state.steps.items()}
    return f"{state.outcome} {state.outcome_reason} {steps} {state.refused}"
