"""All that a screen shows, as one frozen value: plan, topology, run, time. Drawing functions take nothing else.

Nothing here is kept by a screen: the run is what the journal folds to, the topology what the lookout last found.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol, TypeVar

from sparkdr_tui.plan.model import State
from sparkdr_tui.plan.runbook import Plan
from sparkdr_tui.record.forecast import Forecast
from sparkdr_tui.record.lock import Holder
from sparkdr_tui.record.state import RunState
from sparkdr_tui.watch.topology import Reading, Topology

T = TypeVar("T")


class TopologySource(Protocol):
    """What the face needs of the lookout; `run` takes a function of the lookout's `Reach`."""

    @property
    def topology(self) -> Topology:
        """The latest sweep."""
        ...

    def subscribe(self, callback: Callable[[Topology], None]) -> Callable[[], None]:
        """Be told of every sweep, on the source's thread; the answer ends it."""
        ...

    def run(self, fn: Callable[[Any], Awaitable[T]]) -> Future[T]:
        """Run something that needs the nodes, on the source's loop."""
        ...


@dataclass(frozen=True, slots=True)
class Suggested:
    """A scenario that the topology suggests, and why, in the language in use."""

    scenario: str
    reason: str


@dataclass(frozen=True, slots=True)
class Situation:
    """What is true now, as far as the screen knows."""

    plan: Plan
    now: datetime
    topology: Topology = field(default_factory=Topology)
    latencies: Mapping[str, tuple[float | None, ...]] = field(default_factory=dict)
    """Of every service, the latest ones, oldest first."""
    level: int | None = None
    suggestions: tuple[Suggested, ...] = ()
    run: RunState | None = None
    folder: Path | None = None
    """Of the run."""
    forecast: Forecast | None = None
    """Of the run."""
    observing: bool = False
    driver: Holder | None = None
    """Who drives the run."""
    interrupted: bool = False
    """Nobody closed the run, and nobody drives it."""
    blind: str = ""
    """What keeps us from seeing how runs go on; the run that is shown may be old."""

    @property
    def live(self) -> bool:
        """A run is under way."""
        return self.run is not None and self.run.live

    @property
    def watching(self) -> bool:
        """Whoever looks at the run from here does not drive it."""
        away = self.driver is not None and not self.driver.here
        return self.observing or self.interrupted or away

    def service(self, name: str) -> Reading | None:
        """A service's reading; where this program cannot tell (an observer without credentials), the run's."""
        return _better(self.topology.services.get(name), self.run and self.run.services.get(name), self.now)

    def node(self, name: str) -> Reading | None:
        """A node's reading, in the same way."""
        return _better(self.topology.nodes.get(name), self.run and self.run.nodes.get(name), self.now)


def _better(own: Reading | None, observed: Any, now: datetime) -> Reading | None:
    if observed is None or (own is not None and own.state is not State.UNKNOWN):
        return own
    return Reading(observed.state, now, observed.latency, observed.detail)


class Latencies:
    """The latest latencies of every service, for the sparklines."""

    KEPT = 16

    def __init__(self) -> None:
        self._kept: dict[str, deque[float | None]] = {}
        self._seen: datetime | None = None

    def take(self, topology: Topology) -> Mapping[str, tuple[float | None, ...]]:
        """Take in a sweep (the same one only once); all that is kept."""
        if topology.at is not None and topology.at != self._seen:
            self._seen = topology.at
            for name, reading in topology.services.items():
                self._kept.setdefault(name, deque(maxlen=self.KEPT)).append(reading.latency)
        return {name: tuple(values) for name, values in self._kept.items()}
