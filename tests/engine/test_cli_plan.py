"""The plan on the command line: shown, described, copied; and whom to call."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from sparkdr_tui.plan.load import builtin, load
from sparkdr_tui.plan.model import Text
from sparkdr_tui.record import events as e
from sparkdr_tui.record.escalation import path_of
from tests.engine.command_line import sparkdr
from tests.engine.plans import change, sample_plan_folder
from tests.engine.recorded import START
from tests.engine.storied import kept, opening, story

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


def test_contacts_say_where_the_run_under_way_is_and_whom_to_call(tmp_path: Path) -> None:
    folder = sample_plan_folder(tmp_path)
    path = path_of(load(folder), "database")
    first = opening(path=path, contacts={name: Text(en=name, ko=name) for name in ("lead", "dba", "apple")})
    role = Text(en="DBA", ko="DBA")
    reached = e.ContactTried(contact="dba", role=role, result="reached")
    told = [*story()[:13], (200.0, "mina", e.Escalated(stage="lead")), (210.0, "mina", reached)]
    kept(tmp_path / "state", told, first=first, days=(datetime.now(UTC) - START) / timedelta(days=1) - 300 / 86400)
    said = sparkdr("--plan", folder, "contacts")
    assert said.status == 0
    where = said.out[said.out.index("Escalation of INC-0001") :].splitlines()
    assert where[1].startswith("  ↓ Owner acts · level 1, 2 · DBA · after 30m")
    assert where[2].startswith("  ▶ Tell the lead · level 3, 4 · Lead · after 15m")
    assert "you are here since" in where[3] and "(moved up by hand)" in where[3]
    assert "call Lead (Kim, 02-000-0000) · escalates in 1" in where[4]
    document = sparkdr("--plan", folder, "contacts", "--json").document["run"]
    assert document["id"] == "INC-0001" and document["escalation"]["stage"] == "lead"
    assert document["escalation"]["call"] == "lead" and document["escalation"]["why"] == "by hand"


def test_a_contact_is_never_read_as_markup(tmp_path: Path) -> None:
    folder = sample_plan_folder(tmp_path)
    change(folder, "contacts.yaml", "name: Kim", 'name: "[bold]Kim[/var] :smile:"')
    assert "[bold]Kim[/var] :smile:" in sparkdr("--plan", folder, "contacts").out


def test_a_contact_is_filled_in_from_the_command_line(tmp_path: Path) -> None:
    folder = sample_plan_folder(tmp_path)
    said = sparkdr("--plan", folder, "contacts", "set", "dba", "--name", "박민수", "--phone", "010-5555-0199 ")
    assert (said.status, said.out) == (0, "DBA · 박민수 · 010-5555-0199\n")
    assert sparkdr("--plan", folder, "contacts", "--json").document["team"]["dba"]["phone"] == "010-5555-0199"


def test_a_contact_that_cannot_be_changed_says_why(tmp_path: Path) -> None:
    folder = sample_plan_folder(tmp_path)
    for arguments, reason in (
        (["dba"], "Nothing to change."),
        (["nobody", "--name", "x"], "no contact nobody"),
        (["dba", "--name", "a\nb"], "One line of text"),
    ):
        said = sparkdr("--plan", folder, "contacts", "set", *arguments)
        assert said.status == 2 and reason in said.err
    said = sparkdr("contacts", "set", "dba", "--name", "x")
    assert said.status == 2 and "plan init DIR" in said.err


def test_the_plan_folder_can_come_from_the_environment(tmp_path: Path) -> None:
    from tests.engine.command_line import process

    folder = sample_plan_folder(tmp_path)
    said = process("contacts", "--json", env={"SPARKDR_PLAN": str(folder)})
    assert said.document["plan"] == "Sample"
