"""The plan on the command line: shown, described, copied; and whom to call."""

from __future__ import annotations

from pathlib import Path

import pytest

from sparkdr_tui.plan.load import builtin, load
from tests.engine.command_line import sparkdr
from tests.engine.plans import change, sample_plan_folder

KINDS = ["plan", "scenarios", "contacts", "drills", "runbook"]


def test_the_plan_is_shown_in_both_languages(tmp_path: Path) -> None:
    folder = sample_plan_folder(tmp_path)
    assert "PostgreSQL is damaged" in sparkdr("--lang", "en", "--plan", folder, "plan", "show").out
    assert "PostgreSQL 데이터베이스 손상" in sparkdr("--lang=ko", "--plan", folder, "plan", "show").out


def test_the_built_in_plan_is_shown_where_none_is_named() -> None:
    assert "Sparklio V4" in sparkdr("plan", "show").out


def test_the_plan_as_a_document_has_its_parts(tmp_path: Path) -> None:
    document = sparkdr("--plan", sample_plan_folder(tmp_path), "plan", "show", "--json").document
    assert document["nodes"]["macmini"]["address"] == ["127.0.0.1", "127.0.0.2"]
    assert document["services"]["postgresql"]["rto"] == "30m"
    assert document["runbooks"]["database"]["steps"][0]["id"] == "stop-clients"


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_of_file_has_a_schema(kind: str) -> None:
    document = sparkdr("plan", "schema", kind).document
    assert document["type"] == "object"
    assert document == sparkdr("plan", "schema").document[kind]


def test_a_copy_of_the_built_in_plan_can_be_edited(tmp_path: Path) -> None:
    said = sparkdr("plan", "init", tmp_path / "mine")
    assert said.status == 0
    assert load(tmp_path / "mine").digest == load(builtin()).digest


def test_a_copy_overwrites_nothing(tmp_path: Path) -> None:
    (tmp_path / "precious").write_text("mine", encoding="utf-8")
    said = sparkdr("plan", "init", tmp_path)
    assert said.status == 2
    assert [each.name for each in tmp_path.iterdir()] == ["precious"]


# -- contacts ----------------------------------------------------------------------------------------


def test_contacts_are_listed_with_the_escalation_path(tmp_path: Path) -> None:
    said = sparkdr("--plan", sample_plan_folder(tmp_path), "contacts")
    assert said.status == 0
    for words in ("02-000-0000", "kim@example.org", "1588-6880", "Owner acts", "Tell the lead"):
        assert words in said.out


def test_contacts_as_a_document(tmp_path: Path) -> None:
    document = sparkdr("--plan", sample_plan_folder(tmp_path), "contacts", "--json").document
    assert document["team"]["lead"]["phone"] == "02-000-0000"
    assert document["escalation"][0] == {
        "id": "owner",
        "title": {"en": "Owner acts", "ko": "Owner acts"},
        "levels": [1, 2],
        "who": ["$owner"],
        "escalate_after_s": 1800.0,
    }


def test_a_contact_is_never_read_as_markup(tmp_path: Path) -> None:
    folder = sample_plan_folder(tmp_path)
    change(folder, "contacts.yaml", "name: Kim", 'name: "[bold]Kim[/var] :smile:"')
    assert "[bold]Kim[/var] :smile:" in sparkdr("--plan", folder, "contacts").out


def test_the_plan_folder_can_come_from_the_environment(tmp_path: Path) -> None:
    from tests.engine.command_line import process

    folder = sample_plan_folder(tmp_path)
    said = process("contacts", "--json", env={"SPARKDR_PLAN": str(folder)})
    assert said.document["plan"] == "Sample"
