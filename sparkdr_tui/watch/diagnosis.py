"""What the topology means: how grave it is, and which scenarios fit, the likely cause before what follows from it.

A pure function of the plan and the topology.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sparkdr_tui.plan.model import Scenario, Sign, Text
from sparkdr_tui.plan.runbook import Plan
from sparkdr_tui.watch import reasons
from sparkdr_tui.watch.situation import Situation
from sparkdr_tui.watch.topology import Topology


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A scenario that fits what was found, and why."""

    scenario: str
    reason: Text


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """How grave it is (1 a service, 2 a node, 3 several nodes, 4 the site; None: nothing is wrong), and what fits."""

    level: int | None
    suggestions: tuple[Suggestion, ...] = ()


@dataclass(frozen=True, slots=True)
class _Fit:
    """A sign of a scenario that holds. Fits are ordered by what comes first: their fields say why, in that order."""

    follows: bool
    """From another fault: a consequence, not a cause."""
    narrow: int
    """0: several nodes, 1: nodes and services in the order of the critical path."""
    position: float
    scope: int
    """0: a node or several of its services, 1: one service."""
    vague: int
    """Signs that say more come first."""
    order: int
    sign: Sign
    scenario: str

    @property
    def key(self) -> tuple[object, ...]:
        return (self.follows, self.narrow, self.position, self.scope, self.vague, self.order)


def diagnose(plan: Plan, topology: Topology) -> Diagnosis:
    """How grave what was found is, and which scenarios fit, the likeliest cause first."""
    situation = Situation(plan, topology)
    best: list[_Fit] = []
    for order, (name, scenario) in enumerate(plan.scenarios.items()):
        fits = sorted(_fits(situation, order, name, scenario), key=lambda fit: fit.key)
        best += fits[:1]
    best.sort(key=lambda fit: fit.key)
    suggestions = tuple(Suggestion(fit.scenario, _reason(situation, fit)) for fit in best)
    return Diagnosis(_level(situation, best), suggestions)


def _fits(situation: Situation, order: int, name: str, scenario: Scenario) -> Iterator[_Fit]:
    for sign in scenario.signs:
        if not _holds(situation, sign):
            continue
        several = sign.nodes_down is not None
        yield _Fit(
            follows=_follows(situation, sign),
            narrow=0 if several else 1,
            position=0 if several else _position(situation, sign),
            scope=1 if sign.service is not None else 0,
            vague=-_says(sign),
            order=order,
            sign=sign,
            scenario=name,
        )


def _holds(situation: Situation, sign: Sign) -> bool:
    """Whether all that the sign says is so."""
    if sign.nodes_down is not None and len(situation.nodes_down) < sign.nodes_down:
        return False
    if sign.service is not None and not situation.service_is(sign.service, sign.is_):
        return False
    if sign.mains is not None and situation.mains not in sign.mains:
        return False
    if sign.services_down is not None:
        return len(situation.services_down(sign.node)) >= sign.services_down
    return sign.node is None or situation.node_is(sign.node, sign.is_)


def _follows(situation: Situation, sign: Sign) -> bool:
    """Whether what the sign shows is explained by another fault."""
    if sign.nodes_down is not None:
        return False
    if sign.service is not None:
        return situation.explained(sign.service)
    return sign.node in situation.nodes_down and len(situation.nodes_down) > 1


def _position(situation: Situation, sign: Sign) -> float:
    if sign.service is not None:
        return situation.position(sign.service)
    if sign.services_down is not None:
        return min(map(situation.position, situation.services_down(sign.node)), default=0.0)
    return situation.node_position(sign.node) if sign.node is not None else 0.0


def _says(sign: Sign) -> int:
    """How much a sign says: the more keys, the more it takes to hold."""
    return sum(each is not None for each in (sign.service, sign.node, sign.nodes_down, sign.services_down, sign.mains))


def _level(situation: Situation, fits: list[_Fit]) -> int | None:
    """By what is broken; but the whole site only where the likeliest scenario says so."""
    down = len(situation.nodes_broken)
    if not down and not situation.broken_services and not situation.nodes_without_ssh:
        return None
    level = 1 if not down else 2 if down == 1 else 3
    if fits and not fits[0].follows:
        first = situation.plan.scenarios[fits[0].scenario].level
        if first == 4 or (fits[0].scope == 0 and level == 1):
            return first
    return level


def _reason(situation: Situation, fit: _Fit) -> Text:
    sign = fit.sign
    if sign.reason is not None:
        return sign.reason
    if sign.service is not None:
        return reasons.service(situation, sign.service)
    if sign.nodes_down is not None:
        return reasons.several_nodes(situation, sign)
    if sign.services_down is not None:
        return reasons.several_services(situation, situation.services_down(sign.node))
    assert sign.node is not None  # a sign names something
    return reasons.node(situation, sign.node)
