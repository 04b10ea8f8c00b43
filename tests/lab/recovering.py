"""A run on a lab, driven as an operator would who mends what a step stumbles over and goes on."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sparkdr_tui.lab.backing import NoSweeps
from sparkdr_tui.plan.load import load
from sparkdr_tui.record.decisions import Abort, Choose, Decision, Retry, RunRequest
from sparkdr_tui.record.fold import fold_all
from sparkdr_tui.record.journal import read
from sparkdr_tui.record.state import RunState, StepState
from sparkdr_tui.recover.engine import Engine
from tests.lab.world import World

LONG = 180.0
"""Seconds that a run may take on a busy machine."""


class Recovery:
    """A run that goes on by itself until a step does not end well."""

    def __init__(self, engine: Engine, runbook: str, inputs: dict[str, str]) -> None:
        self._engine = engine
        self.folder = engine.open(RunRequest(runbook, pace="none", inputs=inputs))

    @property
    def state(self) -> RunState:
        """The run as of now."""
        state = fold_all(read(self.folder))
        assert state is not None
        return state

    def stumbles(self) -> StepState:
        """Wait for a step that does not end well, and for everything beside it to be over."""
        state = self._until_still()
        assert state.live, f"no step stumbled: {state.outcome} {state.outcome_reason}"
        return next(step for step in state.steps.values() if step.phase.stuck)

    def log(self, step: StepState) -> str:
        """What the step's last attempt said."""
        return (self.folder / step.logs[-1]).read_text(encoding="utf-8")

    def retry(self) -> None:
        """Retry whatever is stuck."""
        for name, step in self.state.steps.items():
            if step.phase.stuck:
                self.decide(Retry(name))

    def choose(self, name: str, path: Path) -> None:
        """Choose another backup, and go on with it."""
        self.decide(Choose(name, str(path)))
        self.retry()

    def decide(self, decision: Decision) -> None:
        """Decide, and see it taken."""
        before = len(read(self.folder))
        self._engine.submit(decision)
        self._wait(lambda: len(read(self.folder)) > before)
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

    def _until_still(self) -> RunState:
        def still() -> bool:
            state = self.state
            steps = state.steps.values()
            return not state.live or (any(s.phase.stuck for s in steps) and not any(s.phase.busy for s in steps))

        self._wait(still)
        return self.state

    def _wait(self, condition: object) -> None:
        assert callable(condition)
        deadline = time.monotonic() + LONG
        while not condition():
            assert self._engine.problem is None, self._engine.problem
            assert time.monotonic() < deadline, _what_happened(self.state)
            time.sleep(0.05)


@contextmanager
def recovering(lab: World, runbook: str, plan_folder: Path | None = None, **inputs: str | Path) -> Iterator[Recovery]:
    """A run of a runbook on a lab, closed at the end of the block at the latest; the plan is the lab's or like it."""
    plan = load(plan_folder or lab.plan)
    assert plan.state is not None
    with Engine(plan, plan.state, "tester", NoSweeps()) as engine:
        run = Recovery(engine, runbook, {name: str(value) for name, value in inputs.items()})
        try:
            yield run
        finally:
            run.close()


def _what_happened(state: RunState) -> str:
    steps = {name: f"{step.phase.value} {step.detail}" for name, step in state.steps.items()}
    return f"{state.outcome} {state.outcome_reason} {steps} {state.refused}"
