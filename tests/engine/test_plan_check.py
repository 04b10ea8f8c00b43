"""What a correct plan still leaves open is said, in both languages, with what to do."""

from __future__ import annotations

from pathlib import Path

import pytest

from sparkdr_tui.plan.check import Finding, static_warnings
from sparkdr_tui.plan.load import load
from tests.engine.plans import change, sample_plan_folder


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The sample plan without anything to complain of, but for what no plan can have yet."""
    folder = sample_plan_folder(tmp_path)
    (folder / "known_hosts").write_text("")
    change(folder, "contacts.yaml", "{ role: DBA,", "{ role: DBA, name: Lee, phone: '1', email: l@example.org,")
    return folder


def findings(folder: Path) -> list[Finding]:
    """Everything but what is in order, and the missing off-site copy."""
    return [each for each in static_warnings(load(folder)) if each.state != "ok" and each.subject != "backup_sets"]


def only(folder: Path) -> tuple[str, str, str]:
    (found,) = findings(folder)
    assert found.reason.ko and found.todo is not None and found.todo.ko
    return found.state, found.subject, found.reason.en


def test_a_plan_in_order_says_so(folder: Path) -> None:
    first, *rest = static_warnings(load(folder))
    assert (first.state, first.subject) == ("ok", "Sample")
    assert first.reason.en == "valid: 2 nodes, 5 services, 2 scenarios, 3 runbooks"
    assert [each.subject for each in rest] == ["backup_sets"]


def test_a_missing_off_site_copy_is_said_naming_the_erratum(folder: Path) -> None:
    assert "E24" in static_warnings(load(folder))[-1].reason.en


def test_every_empty_field_of_a_contact_is_named(folder: Path) -> None:
    change(folder, "contacts.yaml", "name: Kim, phone: 02-000-0000,", 'phone: "[번호]",')
    change(folder, "contacts.yaml", "phone: 1588-6880, ", "")
    assert [(each.subject, each.reason.en, each.reason.ko) for each in findings(folder)] == [
        ("lead", "Lead: name, phone missing", "총괄: 이름, 전화번호 없음"),
        ("apple", "Apple: phone missing", "Apple: 전화번호 없음"),
    ]


def test_a_scenario_without_a_runbook_is_named(folder: Path) -> None:
    change(folder, "scenarios.yaml", "runbooks: [database]", "runbooks: []")
    assert only(folder) == ("warn", "database", "no runbook answers this scenario")


def test_a_service_without_rto_is_named(folder: Path) -> None:
    change(folder, "plan.yaml", "    rto: 15m\n", "")
    assert only(folder) == ("warn", "redis", "has no RTO: nothing says how long it may be down")


def test_a_service_with_data_but_no_rpo_is_named_and_one_without_data_is_not(folder: Path) -> None:
    change(folder, "plan.yaml", "    rto: 15m\n    rpo: 1h\n", "    rto: 15m\n")
    assert only(folder) == ("warn", "redis", "holds data and has no RPO")


def test_a_backup_made_less_often_than_its_rpo_is_named(folder: Path) -> None:
    change(folder, "plan.yaml", "every: 1h", "every: 1d")
    assert only(folder) == ("warn", "postgres", "is made every 1d, its RPO is 1h")


def test_a_backup_set_that_no_runbook_makes_is_named(folder: Path) -> None:
    change(folder, "plan.yaml", "    made_by: backup-postgres\n", "")
    assert only(folder) == ("warn", "postgres", "no runbook makes it")


def test_a_node_that_could_be_any_machine_is_named(folder: Path) -> None:
    change(folder, "plan.yaml", "    ssh: { user: gpu }\n", "")
    assert only(folder)[:2] == ("warn", "desktop")


def test_without_known_hosts_nothing_can_be_reached(folder: Path) -> None:
    (folder / "known_hosts").unlink()
    state, subject, reason = only(folder)
    assert (state, subject) == ("stop", "known_hosts")
    assert "no node is trusted" in reason
    assert static_warnings(load(folder))[1].state == "stop"


def test_placeholders_that_were_never_filled_in_are_named(folder: Path) -> None:
    change(folder, "plan.yaml", "PG_DATABASE: sparklio", 'PG_DATABASE: sparklio\n      REPO: "https://x/[YOUR_REPO]"')
    change(folder, "database.yaml", "SCRATCH: scratch", 'SCRATCH: "/[LATEST]"')
    assert [(each.subject, each.reason.en) for each in findings(folder)] == [
        ("macmini.env.REPO", "still holds the placeholder [YOUR_REPO]"),
        ("database.restore.env.SCRATCH", "still holds the placeholder [LATEST]"),
    ]


def test_steps_without_expectation_or_deadline_are_named(folder: Path) -> None:
    change(folder, "database.yaml", "    expect: 10m\n    timeout: 30m\n", "")
    change(folder, "desktop-gpu.yaml", "    expect: 2m\n", "")
    assert [(each.subject, each.reason.en) for each in findings(folder)] == [
        ("database.restore", "has no expect and no timeout"),
        ("desktop-gpu.power", "has no expect"),
    ]


def test_the_default_credentials_of_minio_are_recognised(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    change(folder, "plan.yaml", "{ file: secrets/minio-user }", "{ env: TEST_MINIO_USER }")
    monkeypatch.setenv("TEST_MINIO_USER", "minioadmin")
    (folder / "secrets").mkdir()
    (folder / "secrets" / "minio-password").write_text("minioadmin\n")
    assert only(folder) == ("warn", "minio", "uses the default credentials everybody knows")
    monkeypatch.setenv("TEST_MINIO_USER", "sparklio")
    assert findings(folder) == []


def test_a_set_that_no_schedule_makes_often_enough_is_named_with_the_erratum(folder: Path) -> None:
    schedule = "schedules: {nightly: {runbook: backup-postgres, on: macmini, at: '02:00', log: ~/backup.log}}\n"
    plan = (folder / "plan.yaml").read_text(encoding="utf-8")
    (folder / "plan.yaml").write_text(plan + schedule, encoding="utf-8")
    late = [each for each in findings(folder) if each.todo and "E13" in each.todo.en]
    assert [(each.subject, each.reason.en) for each in late] == [
        ("postgres", "is to be made every 1h, and a schedule makes it every 1d")
    ]
    (folder / "plan.yaml").write_text(plan + schedule.replace("at: '02:00'", "minute: 5"), encoding="utf-8")
    assert not [each for each in findings(folder) if each.todo and "E13" in each.todo.en]
