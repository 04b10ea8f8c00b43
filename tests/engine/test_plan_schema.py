"""The JSON Schemas accept what the loader accepts, shorthands included, and refuse what is plainly wrong."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from sparkdr_tui.plan.load import builtin
from sparkdr_tui.plan.reading import read
from sparkdr_tui.plan.schema import schemas
from tests.engine.plans import FILES


def mistakes(name: str, content: str) -> list[str]:
    """What the schema of a file's kind says about it."""
    kind = Path(name).stem if Path(name).stem in schemas() else "runbook"
    data: Any = read(name, content.encode()).data
    return [error.json_path for error in Draft202012Validator(schemas()[kind]).iter_errors(data)]


def test_there_is_a_schema_for_every_kind_of_file() -> None:
    assert list(schemas()) == ["plan", "scenarios", "contacts", "drills", "runbook"]
    for schema in schemas().values():
        Draft202012Validator.check_schema(schema)


@pytest.mark.parametrize("name", FILES)
def test_the_sample_plan_is_valid(name: str) -> None:
    assert mistakes(name, FILES[name]) == []


@pytest.mark.parametrize("path", sorted(builtin().glob("*.yaml")), ids=lambda path: path.name)
def test_the_built_in_plan_is_valid(path: Path) -> None:
    assert mistakes(path.name, path.read_text(encoding="utf-8")) == []


STEP = "id: x\ntitle: x\nsteps:\n  - id: a\n    title: x\n    on: n\n    "


@pytest.mark.parametrize(
    "step",
    [
        "shell: ls",
        "shell: { posix: ls, powershell: dir }",
        "shell: ls\n    hint: Try again",
        "shell: ls\n    hint: { en: Try again, ko: 다시 }",
        "shell: ls\n    hint: { on: full, say: { en: Make room, ko: 비우기 } }",
        "shell: ls\n    hint: [Try again, { en: a, ko: b }, { on: full, say: c }]",
        "shell: ls\n    verify: { service: s, is: up }",
        "shell: ls\n    verify: [{ service: s, is: [up, slow] }, { shell: ls }]",
        "shell: ls\n    timeout: 1h 30m",
        "wait: { service: s, is: up }",
    ],
)
def test_every_shorthand_is_valid(step: str) -> None:
    assert mistakes("x.yaml", STEP + step) == []


@pytest.mark.parametrize(
    "step",
    ["shel: ls", "shell: 5", "shell: { bash: ls }", "shell: ls\n    timeout: 30", "shell: ls\n    timeout: soon",
     "shell: ls\n    danger: kills", "wait: { service: s, is: broken }"],
)  # fmt: skip
def test_what_the_loader_refuses_the_schema_refuses(step: str) -> None:
    assert mistakes("x.yaml", STEP + step)
