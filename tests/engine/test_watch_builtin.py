"""The built-in plan's scenarios: what is suggested first when the platform looks like this."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from sparkdr_tui.plan.load import builtin, load
from sparkdr_tui.plan.model import Mains, State
from sparkdr_tui.plan.runbook import Plan
from sparkdr_tui.watch.diagnosis import diagnose
from sparkdr_tui.watch.topology import Reading, Topology

AT = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
REFUSED, UNREACHABLE, DAMAGED, UP = State.REFUSED, State.UNREACHABLE, State.DAMAGED, State.UP
MACMINI = ("backend", "postgresql", "redis", "minio", "minio-console")
DESKTOP = ("ollama", "comfyui")
NODES = ("macmini", "desktop", "laptop")
SILENCE = dict.fromkeys((*NODES, *MACMINI, *DESKTOP, "frontend"), UNREACHABLE)


@pytest.fixture(scope="module")
def plan() -> Plan:
    return replace(load(builtin()), mains=Mains(address=("127.0.0.1",), port=1))


def topology(plan: Plan, says: dict[str, State], mains: State = UP) -> Topology:
    def read(name: str) -> Reading:
        return Reading(says.get(name, UP), AT)

    return Topology(
        {name: read(name) for name in plan.nodes}, {name: read(name) for name in plan.services}, AT, Reading(mains, AT)
    )


@pytest.mark.parametrize(
    ("says", "level", "first"),
    [
        ({"postgresql": DAMAGED, "backend": DAMAGED}, 1, "database"),
        ({"postgresql": REFUSED, "backend": DAMAGED}, 1, "postgresql-down"),
        ({"postgresql": UNREACHABLE, "backend": DAMAGED}, 1, "postgresql-down"),
        ({"redis": DAMAGED}, 1, "redis"),
        ({"redis": REFUSED, "backend": DAMAGED}, 1, "redis-down"),
        ({"minio": DAMAGED}, 1, "minio"),
        ({"minio": REFUSED, "minio-console": REFUSED}, 1, "minio-down"),
        ({"backend": REFUSED}, 1, "backend-down"),
        ({"ollama": REFUSED}, 1, "ollama-down"),
        ({"comfyui": REFUSED}, 1, "comfyui-down"),
        ({"frontend": REFUSED}, 1, "frontend-down"),
        (dict.fromkeys(("desktop", *DESKTOP), UNREACHABLE), 2, "desktop"),
        (dict.fromkeys(("laptop", "frontend"), UNREACHABLE), 2, "laptop"),
        (dict.fromkeys(("macmini", *MACMINI), UNREACHABLE), 2, "macmini"),
        ({"macmini": DAMAGED, **dict.fromkeys(MACMINI, REFUSED)}, 2, "macmini-blank"),
        (dict.fromkeys(MACMINI, REFUSED), 2, "macmini-services"),
        (dict.fromkeys(("desktop", "laptop", *DESKTOP, "frontend"), UNREACHABLE), 3, "network"),
        (SILENCE, 3, "network"),
    ],
)
def test_the_scenario_that_fits_comes_first(plan: Plan, says: dict[str, State], level: int, first: str) -> None:
    diagnosis = diagnose(plan, topology(plan, says))
    assert (diagnosis.level, diagnosis.suggestions[0].scenario) == (level, first)


@pytest.mark.parametrize("mains", [REFUSED, UNREACHABLE])
def test_silence_without_mains_is_a_blackout(plan: Plan, mains: State) -> None:
    diagnosis = diagnose(plan, topology(plan, SILENCE, mains))
    assert (diagnosis.level, diagnosis.suggestions[0].scenario) == (4, "blackout")


def test_silence_that_nothing_explains_offers_the_network_and_then_a_blackout(plan: Plan) -> None:
    found = replace(topology(plan, SILENCE), mains=None)
    diagnosis = diagnose(replace(plan, mains=None), found)
    assert [each.scenario for each in diagnosis.suggestions[:2]] == ["network", "blackout"]
    assert diagnosis.level == 3


def test_every_scenario_of_the_built_in_plan_has_a_sign(plan: Plan) -> None:
    assert [name for name, scenario in plan.scenarios.items() if not scenario.signs] == ["site-loss"]
