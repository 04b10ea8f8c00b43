"""A stage for screens: a plan, readings handed in as data, a clock that a test moves, and a real journal of a run."""

from __future__ import annotations

import asyncio
import os
import socket
import threading
import time
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import Future
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, TypeVar, cast

from textual.pilot import Pilot
from textual.widget import Widget

from screens.app import CockpitApp
from screens.operator import OperatorScreen
from screens.situation import Situation
from screens.widgets.lines import LinesPane
from sparkdr_tui.plan.load import load
from sparkdr_tui.plan.model import State, Text
from sparkdr_tui.plan.runbook import Plan
from sparkdr_tui.reach.local import LocalShell
from sparkdr_tui.record import decisions as d
from sparkdr_tui.record import events as e
from sparkdr_tui.record.journal import Journal
from sparkdr_tui.record.lock import NAME, ROUTINE, Holder, OperatorLock
from sparkdr_tui.record.logs import LogWriter
from sparkdr_tui.recover.opening import opening
from sparkdr_tui.watch.topology import Reading, Topology

T = TypeVar("T")
NOON = datetime(2026, 11, 23, 3, 4, 0, tzinfo=UTC)
BACKUPS = "/Volumes/Backup/sparklio_v4"

_LATENCIES = {
    "backend": 0.012, "postgresql": 0.004, "redis": 0.001, "minio": 0.008, "minio-console": 0.006,
    "ollama": 0.005, "comfyui": 0.007, "frontend": 0.009,
}  # fmt: skip


class Hands:
    """A clock that stands still until it is moved."""

    def __init__(self, at: datetime = NOON) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at

    def move(self, **by: float) -> datetime:
        self.at += timedelta(**by)
        return self.at


def sample_plan() -> Plan:
    return load(Path(__file__).parent / "sample")


def swept(at: datetime, states: Mapping[str, State] | None = None, plan: Plan | None = None) -> Topology:
    """A sweep in which everything is up but what `states` says of nodes and services."""
    plan, said = plan or sample_plan(), states or {}

    def reading(name: str, latency: float) -> Reading:
        state = said.get(name, State.UP)
        return Reading(state, at, latency if state.healthy else None)

    return Topology(
        nodes={name: reading(name, 0.009) for name in plan.nodes},
        services={name: reading(name, _LATENCIES.get(name, 0.01)) for name in plan.services},
        at=at,
    )


DAMAGED = {"postgresql": State.DAMAGED, "backend": State.REFUSED}


class Readings:
    """Hands in sweeps as data; what is run on it finds the nodes in `reach`."""

    def __init__(self, topology: Topology, reach: Any = None) -> None:
        self.topology = topology
        self.reach = reach
        self._heard: list[Callable[[Topology], None]] = []

    def subscribe(self, callback: Callable[[Topology], None]) -> Callable[[], None]:
        self._heard.append(callback)
        return lambda: self._heard.remove(callback)

    def sweep(self, topology: Topology) -> None:
        self.topology = topology
        for each in list(self._heard):
            each(topology)

    def run(self, fn: Callable[[Any], Awaitable[T]]) -> Future[T]:
        async def work() -> T:
            return await fn(self.reach)

        return asyncio.run_coroutine_threadsafe(work(), _loop())


@cache
def _loop() -> asyncio.AbstractEventLoop:
    """A loop in a thread, as the lookout has one."""
    loop = asyncio.new_event_loop()
    threading.Thread(target=loop.run_forever, name="readings", daemon=True).start()
    return loop


class HereReach:
    """Every node is this machine, through a real shell."""

    async def shell(self, _node: str) -> LocalShell:
        return LocalShell()


def plan_with_backups(folder: Path, *ages: float, now: datetime = NOON) -> Plan:
    """The sample plan, its backup set in `folder` on this machine: a whole backup of each age in minutes."""
    folder.mkdir(parents=True, exist_ok=True)
    for age in ages:
        at = now - timedelta(minutes=age)
        path = folder / f"postgres_{at.astimezone():%Y%m%d_%H%M%S}.sql.gz"
        path.write_bytes(b"x" * 1234)
        manifest = f"manifest 1\nsize 1234\nsha256 {'0' * 64}\nsnapshot {at:%Y-%m-%dT%H:%M:%SZ}\n"
        path.with_name(path.name + ".manifest").write_text(manifest)
    plan = sample_plan()
    macmini = plan.nodes["macmini"]
    here = macmini.model_copy(update={"env": {**macmini.env, "BACKUP_DIR": str(folder)}})
    return replace(plan, nodes={**plan.nodes, "macmini": here})


class Story:
    """A run told event by event, through the real journal, by a clock that each line moves."""

    def __init__(self, state_folder: Path, plan: Plan, hands: Hands, run: str = "INC-0042", **asked: Any) -> None:
        self.hands = hands
        self.over = False
        kind = ROUTINE if asked.get("mode") == "routine" else NAME
        self.lock = OperatorLock.acquire(state_folder, "jiyoung", take_over=True, lock=kind)
        self.lock.drives(run)
        self.folder = state_folder / "runs" / run
        self.journal = Journal.create(self.folder, "jiyoung", hands)
        asked = {"scenario": "database", "incident_at": hands.at - timedelta(minutes=12), **asked}
        self.opened = opening(plan, d.RunRequest(asked.pop("runbook", "database"), **asked), run, hands.at)
        self.write(self.opened)

    def write(self, *events: e.Event, seconds: float = 0) -> Story:
        self.hands.move(seconds=seconds)
        for event in events:
            self.journal.append(event)
            self.over = self.over or isinstance(event, e.RunClosed)
        return self.leave() if self.over else self

    def leave(self) -> Story:
        """Drive it no more."""
        self.lock.release()
        return self

    def observe(self, states: Mapping[str, State]) -> Story:
        return self.write(*(e.ServiceObserved(service=name, state=state) for name, state in states.items()))

    def choose(self, stamp: str = "20261123_021700", loses: float = 47 * 60, verified: bool = True) -> Story:
        path = f"{BACKUPS}/postgres_{stamp}.sql.gz"
        taken = self.hands.at - timedelta(seconds=loses)
        fact = e.BackupFact(
            set="postgres", path=path, taken_at=taken, size=12_400_000, complete=True, loses=loses, rpo=3600,
            verified_at=taken if verified else None,
        )  # fmt: skip
        return self.write(e.InputChosen(name="PG_BACKUP", value=path, backup=fact))

    def ask(self, step: str, phrase: str | None = None, facts: tuple[str, ...] = ()) -> Story:
        return self.write(e.StepAsked(step=step, phrase=phrase, facts=facts), seconds=1)

    def start(self, step: str, *lines: str, attempt: int = 1) -> LogWriter:
        self.write(e.StepConfirmed(step=step), seconds=3)
        log = f"logs/{step}.{attempt}.log"
        self.write(e.StepStarted(step=step, attempt=attempt, log=log))
        writer = LogWriter(self.folder / log, lambda: self.hands.at.timestamp())
        for line in lines:
            writer.write(f"{line}\n".encode())
        return writer

    def finish(self, step: str, seconds: float = 4, ending: e.Ending = "done", attempt: int = 1, **said: Any) -> Story:
        status = 0 if ending == "done" else said.pop("exit_status", 1)
        return self.write(
            e.StepFinished(step=step, attempt=attempt, ending=ending, exit_status=status, **said), seconds=seconds
        )

    def do(self, *steps: str, seconds: float = 4) -> Story:
        """Ask, start and finish steps."""
        for step in steps:
            self.ask(step).start(step, f"{step} says hello").close()
            self.finish(step, seconds)
        return self


class Recorder:
    """A helm that writes down what it was told, and opens runs in a real journal."""

    def __init__(self, state_folder: Path, plan: Plan, hands: Hands) -> None:
        self.state_folder, self.plan, self.hands = state_folder, plan, hands
        self.decisions: list[d.Decision] = []
        self.requests: list[d.RunRequest] = []
        self.reopened: list[tuple[Path, bool]] = []
        self.story: Story | None = None
        self.refuses: Exception | None = None
        self.driving: Path | None = None

    def open(self, request: d.RunRequest) -> Path:
        self.requests.append(request)
        if self.refuses:
            raise self.refuses
        self.story = Story(
            self.state_folder,
            self.plan,
            self.hands,
            runbook=request.runbook,
            incident_at=request.incident_at,
            scenario=request.scenario,
            mode=request.mode,
        )
        self.driving = self.story.folder
        return self.story.folder

    def reopen(self, folder: Path, *, take_over: bool = False) -> None:
        self.reopened.append((folder, take_over))
        if self.refuses and not take_over:
            raise self.refuses
        self.driving = folder

    def submit(self, decision: d.Decision) -> None:
        self.decisions.append(decision)


def driven_by(state_folder: Path, name: str, run: str) -> None:
    """Somebody in another process drives the run."""
    away = Holder(token="t", name=name, host=socket.gethostname(), pid=os.getppid(), started="", at=NOON, run=run)
    (state_folder / NAME).write_text(away.model_dump_json())


HINT = Text(
    en="The backup is cut off. Choose another one and retry.",
    ko="백업 파일이 잘려 있습니다. 다른 백업을 골라 다시 시도하세요.",
)


def cockpit(folder: Path, readings: Readings, hands: Hands, helm: d.Helm | None, **more: Any) -> CockpitApp:
    return CockpitApp(more.pop("plan", None) or sample_plan(), folder, readings, helm, clock=hands, **more)


# -- looking -----------------------------------------------------------------------------------------


async def until(pilot: Pilot[Any], condition: Callable[[], bool], seconds: float = 10) -> None:
    """Wait for a condition; a test that waits in vain shows the screen."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError(f"waited in vain; the screen says:\n{screen_text(pilot)}")
        await pilot.pause(0.04)
    await pilot.pause()


def screen_text(pilot: Pilot[Any]) -> str:
    """What is on the screen, line by line."""
    app = pilot.app
    return "\n".join(
        "".join(segment.text for segment in strip) for strip in app.screen._compositor.render_strips(app.size)
    )


def pane_text(widget: Widget) -> str:
    """What a pane of lines says, whether it is visible or not."""
    return "\n".join(line.text for line in cast(LinesPane, widget).lines)


def shown(pilot: Pilot[Any], *texts: str) -> Callable[[], bool]:
    """A condition: all of these texts are on the screen."""
    return lambda: all(text in screen_text(pilot) for text in texts)


def situation(pilot: Pilot[Any]) -> Situation:
    """What the app takes to be true."""
    return cast(CockpitApp, pilot.app).situation


def operator(pilot: Pilot[Any]) -> OperatorScreen:
    """The operator's cockpit, whatever dialog is over it."""
    return next(screen for screen in pilot.app.screen_stack if isinstance(screen, OperatorScreen))


async def take_up(pilot: Pilot[Any]) -> None:
    """Take up the unfinished run that is offered on start; one that is over is shown anyway."""
    await until(pilot, lambda: len(pilot.app.screen_stack) > 1 or situation(pilot).run is not None)
    if situation(pilot).run is None:
        await pilot.press("enter")
    await until(pilot, lambda: situation(pilot).run is not None)
