"""The built-in plan is correct: it loads, its graphs can be drawn, and it speaks both languages."""

from __future__ import annotations

import pytest

from sparkdr_tui.plan.graph import graph
from sparkdr_tui.plan.load import builtin, load
from sparkdr_tui.plan.outline import Branch, outline
from sparkdr_tui.plan.runbook import Plan


@pytest.fixture(scope="module")
def plan() -> Plan:
    return load(builtin())


def test_it_loads_without_errors(plan: Plan) -> None:
    assert plan.name == "Sparklio V4"
    assert set(plan.nodes) == {"macmini", "desktop", "laptop"}


def test_every_runbook_is_a_graph(plan: Plan) -> None:
    for name in plan.runbooks:
        placed = {step.id for step in graph(plan, name)}
        assert all(need in placed for step in graph(plan, name) for need in step.needs)


def test_it_has_the_ports_of_the_document(plan: Plan) -> None:
    assert {service.port for service in plan.services.values()} == {8000, 5432, 6379, 9000, 9001, 11434, 8188, 3000}


def test_it_is_outlined_in_both_languages(plan: Plan) -> None:
    def size(branch: Branch) -> int:
        return 1 + sum(size(child) for child in branch.children)

    assert size(outline(plan, "ko")) == size(outline(plan, "en")) > 50
