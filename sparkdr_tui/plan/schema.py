"""A JSON Schema of each kind of file, from the models, so that editors complete and check a plan."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

from sparkdr_tui.plan.files import DrillsFile, PlanFile, ScenariosFile
from sparkdr_tui.plan.model import Contacts
from sparkdr_tui.plan.runbook import Runbook

_KINDS: dict[str, type[BaseModel]] = {
    "plan": PlanFile,
    "scenarios": ScenariosFile,
    "contacts": Contacts,
    "drills": DrillsFile,
    "runbook": Runbook,
}


def schemas() -> dict[str, dict[str, Any]]:
    """One schema per kind of file, by kind."""
    return {
        kind: {"$schema": "https://json-schema.org/draft/2020-12/schema", **model.model_json_schema(by_alias=True)}
        for kind, model in _KINDS.items()
    }
