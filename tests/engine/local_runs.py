"""Runs on this machine alone: a plan of one node without SSH, whose runbook a test writes, and an engine on it."""

from __future__ import annotations

import os
import textwrap
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from sparkdr_tui.plan.load import load
from sparkdr_tui.record.decisions import RunRequest
from sparkdr_tui.record.fold import fold_all
from sparkdr_tui.record.journal import JournalReader
from sparkdr_tui.record.state import Phase, RunState
from sparkdr_tui.recover.engine import Engine
from sparkdr_tui.watch.topology import Topology

PASSWORD = "s3cr3t-Pa55"
PLAN = """
name: Here
nodes:
  here:
    title: Here
    role: everything
    criticality: high
    address: 127.0.0.1
    os: linux
    env: {{ WHO: world, FOLDER: {folder} }}
    secrets: [PGPASSWORD]
services:
  web:
    title: Web
    on: here
    port: {port}
    probe: {{ tcp: {{ timeout: 1s }} }}
    rto: 10m
    rpo: 1h
backup_sets:
  notes:
    title: Notes
    on: here
    dir: $FOLDER/backups
    name: "notes_{{stamp}}.sql.gz"
    every: 1h
    keep: 7d
    services: [web]
secrets: {{ PGPASSWORD: {{ env: TEST_DB_PASSWORD }} }}
"""


class Sweeps:
    """Sweeps that a test makes itself."""

    def __init__(self) -> None:
        self.callbacks: list[Callable[[Topology], None]] = []

    def subscribe(self, callback: Callable[[Topology], None]) -> Callable[[], None]:
        self.callbacks.append(callback)
        return lambda: self.callbacks.remove(callback)

    def sweep_now(self) -> None:
        """Nothing looks by itself here."""

    def tell(self, topology: Topology) -> None:
        for callback in list(self.callbacks):
            callback(topology)


class Bench:
    """An engine on a plan of one local node, and the journal of its run."""

    def __init__(self, folder: Path, runbook: str, port: int, plan: str = PLAN) -> None:
        os.environ["TEST_DB_PASSWORD"] = PASSWORD
        self.folder = folder
        plan_folder = folder / "plan"
        plan_folder.mkdir(parents=True, exist_ok=True)
        (folder / "backups").mkdir(exist_ok=True)
        (plan_folder / "plan.yaml").write_text(plan.format(folder=folder, port=port), encoding="utf-8")
        (plan_folder / "mend.yaml").write_text(textwrap.dedent(runbook), encoding="utf-8")
        self.plan = load(plan_folder)
        self.state_folder = folder / "state"
        self.sweeps = Sweeps()
        self.engine = Engine(self.plan, self.state_folder, "tester", self.sweeps)
        self.run: Path | None = None

    def open(self, request: RunRequest | None = None) -> Path:
        self.run = self.engine.open(request or RunRequest("mend", pace="none"))
        return self.run

    @property
    def state(self) -> RunState:
        assert self.run is not None
        state = fold_all(JournalReader(self.run).poll())
        assert state is not None
        return state

    def phases(self) -> dict[str, Phase]:
        return {name: step.phase for name, step in self.state.steps.items()}

    def until(self, condition: Callable[[RunState], bool], seconds: float = 20) -> RunState:
        """Wait for a condition on the folded journal; a test that waits in vain says what it saw."""
        deadline = time.monotonic() + seconds
        while not condition(state := self.state):
            if time.monotonic() > deadline:
                seen = {name: (step.phase.value, step.detail) for name, step in state.steps.items()}
                raise AssertionError(f"waited in vain; steps: {seen}; refused: {state.refused}; {self.engine.problem}")
            time.sleep(0.02)
        return state

    def until_phase(self, step: str, *phases: Phase) -> RunState:
        return self.until(lambda state: state.steps[step].phase in phases)

    def log(self, step: str) -> str:
        assert self.run is not None
        return (self.run / self.state.steps[step].logs[-1]).read_text(encoding="utf-8")


@contextmanager
def bench(folder: Path, runbook: str, port: int = 1, plan: str = PLAN) -> Iterator[Bench]:
    """A started engine; closed again whatever happens."""
    made = Bench(folder, runbook, port, plan)
    with made.engine:
        yield made
