"""A topology read with the plan in mind: which nodes are gone, what depends on what, what comes first."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from sparkdr_tui.plan.dependence import position
from sparkdr_tui.plan.model import State
from sparkdr_tui.plan.runbook import Plan
from sparkdr_tui.watch.topology import Topology

THE_WAY = "SSH of "
"""Begins the detail of a service that could not be looked at because its node's SSH does not work."""

_BROKEN = (State.REFUSED, State.UNREACHABLE, State.DAMAGED)
_SHUT = (State.REFUSED, State.UNREACHABLE)


@dataclass(frozen=True)
class Situation:
    """What diagnosis asks of a plan and a topology."""

    plan: Plan
    topology: Topology

    def node_state(self, node: str) -> State:
        """The latest state of a node's SSH; unknown before it was looked at."""
        reading = self.topology.nodes.get(node)
        return reading.state if reading else State.UNKNOWN

    def service_state(self, service: str) -> State:
        """The latest state of a service; unknown before it was looked at, and where only the way to it is broken."""
        reading = self.topology.services.get(service)
        if reading is None or (reading.state is State.UNREACHABLE and reading.detail.startswith(THE_WAY)):
            return State.UNKNOWN
        return reading.state

    @property
    def mains(self) -> State | None:
        """Whether the site has power; None where nothing tells."""
        return self.topology.mains.state if self.topology.mains else None

    @cached_property
    def nodes_down(self) -> tuple[str, ...]:
        """Nodes that nothing answers on: neither SSH nor any service."""
        return tuple(name for name in self.plan.nodes if self.node_state(name) in _SHUT and not self._answers(name))

    @cached_property
    def nodes_broken(self) -> tuple[str, ...]:
        """Nodes that are down, and those that answer but are not what they were (an empty machine)."""
        return tuple(
            name for name in self.plan.nodes if name in self.nodes_down or self.node_state(name) is State.DAMAGED
        )

    @cached_property
    def nodes_without_ssh(self) -> tuple[str, ...]:
        """Nodes that are not down, but whose SSH is."""
        return tuple(name for name in self.plan.nodes if self.node_state(name) in _SHUT and name not in self.nodes_down)

    @cached_property
    def broken_services(self) -> tuple[str, ...]:
        """Services that are damaged, or that refuse or do not answer."""
        return tuple(name for name in self.plan.services if self.service_state(name) in _BROKEN)

    def services_down(self, node: str | None) -> tuple[str, ...]:
        """Broken services of a node that is not itself broken; without a node, of all such nodes."""
        return tuple(
            name
            for name in self.broken_services
            if (on := self.plan.services[name].on) not in self.nodes_broken and node in (None, on)
        )

    def node_is(self, node: str, states: tuple[State, ...]) -> bool:
        """Whether a node is in one of `states`; it is gone only when nothing on it answers."""
        state = self.node_state(node)
        return state in states and (state not in _SHUT or node in self.nodes_down)

    def service_is(self, service: str, states: tuple[State, ...]) -> bool:
        """Whether a service is in one of `states`, and its node is there to be judged by it."""
        return self.service_state(service) in states and self.plan.services[service].on not in self.nodes_broken

    def explained(self, service: str) -> bool:
        """Whether a broken service may be broken because of another one."""
        return self.cause(service) is not None

    def cause(self, service: str) -> str | None:
        """The first broken thing that a service needs, however far down: a service, or a node that is broken."""
        seen = {service}
        ahead = list(self.plan.services[service].depends_on)
        found: str | None = None
        while ahead:
            name = ahead.pop(0)
            if name in seen or name not in self.plan.services:
                continue
            seen.add(name)
            if name in self.broken_services or self.plan.services[name].on in self.nodes_broken:
                found = name  # but what that one needs may be the cause
            ahead += self.plan.services[name].depends_on
        return found

    def position(self, service: str) -> float:
        """Where a service stands on the critical path; what a step of the path needs stands just before it."""
        return position(self.plan, service)

    def node_position(self, node: str) -> float:
        """Where the first of a node's services stands on the critical path."""
        on_it = [self.position(name) for name, service in self.plan.services.items() if service.on == node]
        return min(on_it, default=float(len(self.plan.critical_path)))

    def _answers(self, node: str) -> bool:
        return any(
            self.service_state(name) in (State.UP, State.SLOW, State.DAMAGED)
            for name, service in self.plan.services.items()
            if service.on == node
        )
