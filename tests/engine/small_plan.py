"""Plans of nodes and services alone, made in a line, for tests of what reaches and watches them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from sparkdr_tui.plan.model import Contacts, Node, Scenario, Secret, Service
from sparkdr_tui.plan.runbook import Plan

NODE = {"title": "Mac mini", "role": "Backend", "criticality": "high", "address": "127.0.0.1", "os": "linux"}
SCENARIO = {"title": "A scenario", "level": 1, "priority": "First", "rto": "1h", "impact": [], "runbooks": []}


def small_plan(
    folder: Path,
    nodes: Mapping[str, Mapping[str, Any]],
    services: Mapping[str, Mapping[str, Any]] | None = None,
    scenarios: Mapping[str, Mapping[str, Any]] | None = None,
    secrets: Mapping[str, Mapping[str, Any]] | None = None,
    critical_path: tuple[str, ...] = (),
) -> Plan:
    """A plan of these nodes, services, scenarios and secrets; what they leave out is filled in."""
    return Plan(
        folder=folder,
        digest="",
        name="Small",
        version="",
        lab=False,
        state=None,
        hands=(),
        nodes=MappingProxyType({id_: Node.model_validate({**NODE, **says}) for id_, says in nodes.items()}),
        services=MappingProxyType(
            {id_: Service.model_validate({"title": id_, **says}) for id_, says in (services or {}).items()}
        ),
        critical_path=critical_path,
        backup_sets={},
        secrets={id_: Secret.model_validate(says) for id_, says in (secrets or {}).items()},
        scenarios={id_: Scenario.model_validate({**SCENARIO, **says}) for id_, says in (scenarios or {}).items()},
        contacts=Contacts(team={}),
        drills={},
        runbooks={},
    )
