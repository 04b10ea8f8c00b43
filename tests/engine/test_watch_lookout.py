"""The lookout: sweeps in its own thread, tells of changes, never blocks, ends when told to."""

from __future__ import annotations

import asyncio
import concurrent.futures
import queue
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from sparkdr_tui.errors import SparkdrError
from sparkdr_tui.plan.model import State
from sparkdr_tui.plan.runbook import Plan
from sparkdr_tui.reach.pool import Reach
from sparkdr_tui.watch.lookout import Lookout
from sparkdr_tui.watch.topology import Topology
from tests.engine.small_plan import small_plan


class Door:
    """A port that can be opened and shut, and a plan with a TCP service on it."""

    def __init__(self, folder: Path) -> None:
        self._socket: socket.socket | None = None
        self.port = 0
        self.open()
        services = {
            "door": {"on": "macmini", "port": self.port, "probe": {"tcp": {}}},
            "silent": {"on": "macmini", "port": self.port, "probe": {"http": {"timeout": "1s"}}},
        }
        self.plan = small_plan(folder, {"macmini": {}}, services)

    def open(self) -> None:
        self._socket = socket.create_server(("127.0.0.1", self.port), backlog=1000)
        self.port = self._socket.getsockname()[1]

    def shut(self) -> None:
        if self._socket is not None:
            self._socket.close()


@pytest.fixture
def door(tmp_path: Path) -> Iterator[Door]:
    door = Door(tmp_path)
    yield door
    door.shut()


@pytest.fixture
def lookout(door: Door) -> Iterator[Lookout]:
    lookout = Lookout(door.plan, every=0.05)
    lookout.start()
    yield lookout
    lookout.stop()


def heard(lookout: Lookout) -> queue.Queue[Topology]:
    told: queue.Queue[Topology] = queue.Queue()
    lookout.subscribe(told.put)
    return told


def wait_for(told: queue.Queue[Topology], service: str, state: State) -> Topology:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        topology = told.get(timeout=10)
        reading = topology.services.get(service)
        if reading is not None and reading.state is state:
            return topology
    raise AssertionError(f"{service} was never seen {state}")


def test_the_topology_is_empty_before_the_first_sweep(door: Door) -> None:
    assert Lookout(door.plan).topology == Topology()


def test_subscribers_hear_of_changes_and_the_topology_follows(door: Door, lookout: Lookout) -> None:
    told = heard(lookout)
    wait_for(told, "door", State.UP)
    door.shut()
    topology = wait_for(told, "door", State.REFUSED)
    assert lookout.topology.services["door"].state is State.REFUSED
    assert topology.nodes["macmini"].state is State.UP
    door.open()
    wait_for(told, "door", State.UP)


def test_news_of_one_service_does_not_wait_for_another_that_is_silent(door: Door, lookout: Lookout) -> None:
    told = heard(lookout)
    wait_for(told, "silent", State.UNREACHABLE)
    lookout.sweep_now()
    door.shut()
    began = time.monotonic()
    wait_for(told, "door", State.REFUSED)
    assert time.monotonic() - began < 15


def test_a_callback_that_fails_costs_nobody_else(lookout: Lookout) -> None:
    def failing(_topology: Topology) -> None:
        raise RuntimeError("a bug in a screen")

    lookout.subscribe(failing)
    wait_for(heard(lookout), "door", State.UP)


def test_who_unsubscribed_hears_nothing_more(door: Door, lookout: Lookout) -> None:
    told: queue.Queue[Topology] = queue.Queue()
    unsubscribe = lookout.subscribe(told.put)
    wait_for(told, "door", State.UP)
    unsubscribe()
    unsubscribe()
    other = heard(lookout)
    while not told.empty():
        told.get()
    door.shut()
    wait_for(other, "door", State.REFUSED)
    assert told.empty()


def test_sweeps_come_at_once_when_asked_for(door: Door) -> None:
    lookout = Lookout(door.plan, every=3600)
    lookout.start()
    try:
        told = heard(lookout)
        wait_for(told, "silent", State.UNREACHABLE)
        door.shut()
        lookout.sweep_now()
        wait_for(told, "door", State.REFUSED)
    finally:
        lookout.stop()


def test_other_work_runs_on_the_lookouts_loop_with_its_reach(lookout: Lookout, door: Door) -> None:
    async def work(reach: Reach) -> tuple[Plan, str]:
        return reach.plan, threading.current_thread().name

    assert lookout.run(work).result(timeout=5) == (door.plan, "lookout")


def test_what_goes_wrong_in_other_work_is_its_own_affair(lookout: Lookout) -> None:
    async def work(_reach: Reach) -> None:
        raise SparkdrError("no")

    with pytest.raises(SparkdrError, match="no"):
        lookout.run(work).result(timeout=5)
    wait_for(heard(lookout), "door", State.UP)


def test_stopping_ends_what_runs_and_is_quick(door: Door) -> None:
    lookout = Lookout(door.plan)
    lookout.start()

    async def forever(_reach: Reach) -> None:
        await asyncio.Event().wait()

    work = lookout.run(forever)
    began = time.monotonic()
    lookout.stop()
    assert time.monotonic() - began < 15
    with pytest.raises(concurrent.futures.CancelledError):
        work.result(timeout=1)
    assert "lookout" not in {thread.name for thread in threading.enumerate()}


def test_a_lookout_that_has_ended_takes_no_work_and_bears_every_call(door: Door) -> None:
    lookout = Lookout(door.plan)
    lookout.start()
    lookout.stop()
    lookout.stop()
    lookout.sweep_now()

    async def work(_reach: Reach) -> None:
        return None

    with pytest.raises(SparkdrError, match="lookout has ended"):
        lookout.run(work).result(timeout=1)


def test_a_lookout_that_never_started_can_be_stopped(door: Door) -> None:
    Lookout(door.plan).stop()
