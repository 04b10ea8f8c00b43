"""What a topology means: levels, and the order of scenarios, as tables of what was found and what is suggested."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from sparkdr_tui.plan.model import State
from sparkdr_tui.plan.runbook import Plan
from sparkdr_tui.watch.diagnosis import Diagnosis, diagnose
from sparkdr_tui.watch.topology import Reading, Topology
from tests.engine.small_plan import small_plan

AT = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
REMOTE = {"ssh": {"user": "woosun"}}
NODES: dict[str, dict[str, Any]] = {
    "macmini": {**REMOTE, "title": {"en": "Mac mini", "ko": "맥 미니"}},
    "desktop": {**REMOTE, "title": "Desktop"},
    "laptop": {**REMOTE, "title": "Laptop"},
}
SERVICES: dict[str, dict[str, Any]] = {
    "backend": {"on": "macmini", "port": 8000, "probe": {"http": {}}, "depends_on": ["postgresql", "redis"]},
    "postgresql": {
        "title": "PostgreSQL",
        "on": "macmini",
        "port": 5432,
        "probe": {"postgres": {"database": "d", "user": "u", "via": "ssh"}},
    },
    "redis": {"on": "macmini", "port": 6379, "probe": {"redis": {"via": "ssh"}}},
    "minio": {"on": "macmini", "port": 9000, "probe": {"tcp": {}}},
    "console": {"on": "macmini", "port": 9001, "probe": {"tcp": {}}, "depends_on": ["minio"]},
    "ollama": {"on": "desktop", "port": 11434, "probe": {"http": {}}},
    "comfyui": {"on": "desktop", "port": 8188, "probe": {"http": {}}},
    "frontend": {"on": "laptop", "port": 3000, "probe": {"http": {}}},
}
BROKEN = ["refused", "unreachable", "damaged"]
SCENARIOS: dict[str, dict[str, Any]] = {
    "macmini": {
        "level": 2,
        "signs": [
            {"node": "macmini"},
            {"node": "macmini", "is": "damaged"},
            {"node": "macmini", "services_down": 3},
            {"service": "backend", "is": BROKEN},
        ],
    },
    "desktop": {"level": 2, "signs": [{"node": "desktop"}, {"service": "ollama"}, {"service": "comfyui"}]},
    "laptop": {"level": 2, "signs": [{"node": "laptop"}, {"service": "frontend"}]},
    "database": {"level": 1, "signs": [{"service": "postgresql", "is": BROKEN}]},
    "redis": {"level": 1, "signs": [{"service": "redis", "is": BROKEN}]},
    "minio": {"level": 1, "signs": [{"service": "minio", "is": BROKEN}]},
    "network": {"level": 3, "signs": [{"nodes_down": 2, "mains": ["up", "slow"]}, {"nodes_down": 2}]},
    "blackout": {"level": 4, "signs": [{"nodes_down": 3, "mains": ["refused", "unreachable"]}, {"nodes_down": 3}]},
}


@pytest.fixture
def plan(tmp_path: Path) -> Plan:
    path = ("postgresql", "backend", "ollama", "frontend")
    return small_plan(tmp_path, NODES, SERVICES, SCENARIOS, critical_path=path)


def found(state: State, detail: str = "") -> Reading:
    return Reading(state, AT, None, detail)


def topology(mains: State | None = None, **says: State | tuple[State, str]) -> Topology:
    """Everything up except what is said; a node that is unreachable takes its services with it."""
    read = {name: found(*says[name]) if isinstance(says.get(name), tuple) else None for name in says}
    nodes = {name: read.get(name) or found(_state(says.get(name))) for name in NODES}
    services = {}
    for name, service in SERVICES.items():
        gone = nodes[service["on"]].state in (State.UNREACHABLE, State.REFUSED)
        default = State.UNREACHABLE if gone and name not in says else _state(says.get(name))
        services[name] = read.get(name) or found(default)
    return Topology(nodes, services, AT, found(mains) if mains else None)


def _state(said: State | tuple[State, str] | None) -> State:
    return said if isinstance(said, State) else State.UP


def names(diagnosis: Diagnosis) -> list[str]:
    return [each.scenario for each in diagnosis.suggestions]


def test_nothing_is_wrong_when_everything_is_up_or_slow(plan: Plan) -> None:
    assert diagnose(plan, topology()) == Diagnosis(None)
    assert diagnose(plan, topology(backend=State.SLOW)) == Diagnosis(None)


def test_what_was_never_looked_at_or_is_unknown_is_no_disaster(plan: Plan) -> None:
    assert diagnose(plan, Topology()) == Diagnosis(None)
    assert diagnose(plan, topology(postgresql=State.UNKNOWN, macmini=State.UNKNOWN)) == Diagnosis(None)


@pytest.mark.parametrize(
    ("says", "level", "suggested"),
    [
        ({"postgresql": State.REFUSED}, 1, ["database"]),
        ({"postgresql": State.REFUSED, "backend": State.DAMAGED}, 1, ["database", "macmini"]),
        ({"redis": State.REFUSED, "backend": State.REFUSED}, 1, ["redis", "macmini"]),
        ({"backend": State.REFUSED}, 1, ["macmini"]),
        ({"minio": State.DAMAGED, "console": State.REFUSED}, 1, ["minio"]),
        ({"ollama": State.REFUSED}, 1, ["desktop"]),
        ({"frontend": State.UNREACHABLE}, 1, ["laptop"]),
        ({"desktop": State.UNREACHABLE}, 2, ["desktop"]),
        ({"laptop": State.UNREACHABLE}, 2, ["laptop"]),
        ({"macmini": State.UNREACHABLE}, 2, ["macmini"]),
        ({"macmini": State.REFUSED, "backend": State.REFUSED}, 2, ["macmini"]),
        ({"macmini": State.DAMAGED, "postgresql": State.REFUSED, "backend": State.REFUSED}, 2, ["macmini"]),
        (
            {"postgresql": State.REFUSED, "redis": State.REFUSED, "backend": State.REFUSED, "minio": State.REFUSED},
            2,
            ["macmini", "database", "redis", "minio"],
        ),
        ({"desktop": State.UNREACHABLE, "laptop": State.UNREACHABLE}, 3, ["network", "desktop", "laptop"]),
    ],
)
def test_the_likely_cause_comes_first(plan: Plan, says: dict[str, State], level: int, suggested: list[str]) -> None:
    diagnosis = diagnose(plan, topology(**says))
    assert (diagnosis.level, names(diagnosis)) == (level, suggested)


@pytest.mark.parametrize(
    ("says", "suggested"),
    [
        (
            {"frontend": State.REFUSED, "ollama": State.REFUSED, "postgresql": State.DAMAGED},
            ["database", "desktop", "laptop"],
        ),
        (
            {"minio": State.REFUSED, "redis": State.REFUSED, "postgresql": State.REFUSED},
            ["macmini", "database", "redis", "minio"],
        ),
        ({"ollama": State.REFUSED, "redis": State.DAMAGED}, ["redis", "desktop"]),
        ({"desktop": State.UNREACHABLE, "postgresql": State.DAMAGED}, ["database", "desktop"]),
        ({"laptop": State.UNREACHABLE, "minio": State.DAMAGED}, ["laptop", "minio"]),
    ],
)
def test_several_faults_come_in_the_order_of_the_critical_path(
    plan: Plan, says: dict[str, State], suggested: list[str]
) -> None:
    assert names(diagnose(plan, topology(**says))) == suggested


ALL = dict.fromkeys(NODES, State.UNREACHABLE)


@pytest.mark.parametrize(
    ("mains", "level", "first", "reason"),
    [
        (None, 3, "network", "None of the 3 nodes answers"),
        (State.UP, 3, "network", "None of the 3 nodes answers, and the site has power"),
        (State.UNREACHABLE, 4, "blackout", "None of the 3 nodes answers, nor do the mains"),
        (State.REFUSED, 4, "blackout", "None of the 3 nodes answers, nor do the mains"),
    ],
)
def test_a_dead_network_and_a_blackout_are_told_apart_by_the_mains_alone(
    plan: Plan, mains: State | None, level: int, first: str, reason: str
) -> None:
    diagnosis = diagnose(plan, topology(mains, **ALL))
    assert (diagnosis.level, names(diagnosis)[0]) == (level, first)
    assert {"network", "blackout"} == set(names(diagnosis)[:2])
    assert names(diagnosis)[2:] == ["macmini", "desktop", "laptop"]
    assert diagnosis.suggestions[0].reason.en == reason


def test_a_node_whose_ssh_alone_is_down_is_no_node_down(plan: Plan) -> None:
    up = {"backend": State.UP, "minio": State.UP, "console": State.UP}
    behind = (State.UNREACHABLE, "SSH of macmini: no answer")
    diagnosis = diagnose(plan, topology(macmini=State.UNREACHABLE, postgresql=behind, redis=behind, **up))
    assert diagnosis == Diagnosis(1)


def test_a_service_behind_an_ssh_that_fails_is_not_taken_for_broken(plan: Plan) -> None:
    behind = (State.UNREACHABLE, "SSH of macmini: its host key is not known")
    assert diagnose(plan, topology(postgresql=behind, redis=behind)) == Diagnosis(None)


def test_reasons_name_the_service_and_the_reading_in_both_languages(plan: Plan) -> None:
    broken = topology(postgresql=(State.DAMAGED, "table users is missing"), backend=(State.DAMAGED, "/ answers 503"))
    first, second = diagnose(plan, broken).suggestions
    assert first.reason.en == "PostgreSQL is damaged: table users is missing"
    assert first.reason.ko == "PostgreSQL: 손상 (테이블 users 없음)"
    assert second.reason.ko == "backend: 손상 (PostgreSQL 장애의 영향일 수 있음)"
    assert second.reason.en == "backend is damaged: it needs PostgreSQL, which is damaged"


def test_reasons_of_nodes(plan: Plan) -> None:
    def reason(**says: Any) -> str:
        return diagnose(plan, topology(**says)).suggestions[0].reason.en

    assert reason(desktop=State.UNREACHABLE) == "Desktop is down: neither SSH nor any of its services answers"
    assert reason(macmini=(State.DAMAGED, "folder ~/x is missing")) == "Mac mini is damaged: folder ~/x is missing"
    assert reason(desktop=State.UNREACHABLE, laptop=State.REFUSED) == "2 of 3 nodes are down: Desktop, Laptop"
    three: dict[str, Any] = {"postgresql": State.REFUSED, "redis": State.REFUSED, "minio": State.REFUSED}
    assert reason(**three) == "3 services of Mac mini are down: PostgreSQL, redis, minio"
    assert reason(ollama=(State.REFUSED, "port 11434 refuses connections")) == "ollama refuses connections"


def test_a_sign_with_a_reason_of_its_own_says_that(tmp_path: Path) -> None:
    sign = {"service": "ollama", "reason": {"en": "Look at the tray icon", "ko": "트레이 아이콘 확인"}}
    plan = small_plan(tmp_path, NODES, SERVICES, {"gpu": {"signs": [sign]}})
    suggestion = diagnose(plan, topology(ollama=State.REFUSED)).suggestions[0]
    assert suggestion.reason.within("ko") == "트레이 아이콘 확인"


def test_all_keys_of_a_sign_must_hold(tmp_path: Path) -> None:
    sign = {"service": "ollama", "node": "macmini", "is": ["refused", "unreachable"]}
    plan = small_plan(tmp_path, NODES, SERVICES, {"both": {"signs": [sign]}})
    assert diagnose(plan, topology(ollama=State.REFUSED)).suggestions == ()
    assert names(diagnose(plan, topology(ollama=State.REFUSED, macmini=State.UNREACHABLE))) == ["both"]


def test_a_fault_no_scenario_knows_still_has_a_level(tmp_path: Path) -> None:
    plan = small_plan(tmp_path, NODES, SERVICES)
    assert diagnose(plan, topology(ollama=State.REFUSED)) == Diagnosis(1)
    assert diagnose(plan, topology(**ALL)) == Diagnosis(3)


def test_dependencies_that_form_a_ring_are_no_problem(tmp_path: Path) -> None:
    services = {
        "a": {"on": "desktop", "port": 1, "probe": {"tcp": {}}, "depends_on": ["b"]},
        "b": {"on": "desktop", "port": 2, "probe": {"tcp": {}}, "depends_on": ["a"]},
    }
    plan = small_plan(tmp_path, NODES, services, {"x": {"signs": [{"service": "a"}]}}, critical_path=("a",))
    broken = Topology({}, {"a": found(State.REFUSED), "b": found(State.REFUSED)}, AT)
    assert names(diagnose(plan, broken)) == ["x"]
