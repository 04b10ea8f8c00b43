"""`check` on the command line: its exit status, its document, its lines; on this machine alone."""

from __future__ import annotations

import json
import textwrap
from pathlib import Path
from typing import Any

import asyncssh
import pytest
from rich.cells import cell_len

from sparkdr_tui.commands.check import tell
from sparkdr_tui.readiness.findings import Finding
from tests.engine.command_line import Said, at_terminal, process, sparkdr
from tests.engine.local_runs import PASSWORD, PLAN
from tests.engine.plans import change, sample_plan_folder

MEND = """
id: mend
title: Mend
steps:
  - { id: look, title: Look, on: here, shell: 'ls "$FOLDER"', expect: 1s, timeout: 10s }
"""
SCENARIOS = """
scenarios:
  broken: { title: Broken, level: 1, priority: high, rto: 1h, impact: [none], runbooks: [mend] }
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The sample plan with everything it asks for in place on this machine."""
    folder = sample_plan_folder(tmp_path)
    key = asyncssh.generate_private_key("ssh-ed25519").export_public_key().decode()
    (folder / "known_hosts").write_text("".join(f"127.0.0.{n} {key}" for n in (1, 2, 3)), encoding="utf-8")
    for name in ("keys/macmini", "secrets/minio-user", "secrets/minio-password"):
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text("something long", encoding="utf-8")
        path.chmod(0o600)
    change(folder, "plan.yaml", "{ env: SPARKDR_PGPASSWORD }", "{ file: secrets/minio-user }")
    return folder


@pytest.fixture
def local(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A plan of this machine alone."""
    monkeypatch.setenv("TEST_DB_PASSWORD", PASSWORD)
    folder = tmp_path / "plan"
    folder.mkdir()
    (tmp_path / "backups").mkdir()
    text = PLAN.format(folder=tmp_path, port=1) + "state: ../state\n"
    (folder / "plan.yaml").write_text(text, encoding="utf-8")
    (folder / "mend.yaml").write_text(textwrap.dedent(MEND), encoding="utf-8")
    (folder / "scenarios.yaml").write_text(SCENARIOS, encoding="utf-8")
    return folder


def of(said: Said, check: str, subject: str | None = None) -> list[dict[str, Any]]:
    """The findings of a kind."""
    found = said.document["findings"]
    return [each for each in found if each["check"] == check and subject in (None, each["subject"])]


def test_nothing_is_in_the_way_of_a_plan_that_is_ready(folder: Path) -> None:
    said = sparkdr("--plan", folder, "check", "--offline", "--json")
    assert said.status == 0
    assert set(said.document) == {"plan", "at", "offline", "ready", "counts", "findings"}
    assert (said.document["ready"], said.document["offline"]) == (True, True)
    for finding in said.document["findings"]:
        assert set(finding) == {"state", "check", "subject", "node", "reason", "todo"}
        assert finding["reason"]["en"] and finding["reason"]["ko"]
    (plan,) = [each for each in said.document["findings"] if each["state"] == "ok" and each["check"] == "plan"]
    assert plan["reason"]["en"].startswith("valid") and plan["reason"]["ko"].startswith("유효함")


@pytest.mark.parametrize(
    ("missing", "check", "subject"),
    [
        ("known_hosts", "host-key", "known_hosts"),
        ("keys/macmini", "keys", "macmini"),
        ("secrets/minio-user", "secrets", "MINIO_USER"),
    ],
)
def test_what_would_stop_a_recovery_is_named_and_the_status_is_1(
    missing: str, check: str, subject: str, folder: Path
) -> None:
    (folder / missing).unlink()
    said = sparkdr("--plan", folder, "check", "--offline", "--json")
    assert said.status == 1 and said.document["ready"] is False
    assert [each["state"] for each in of(said, check, subject)] == ["stop"]


def test_a_node_that_known_hosts_does_not_know_is_named_and_one_address_of_two_is_a_warning(folder: Path) -> None:
    text = (folder / "known_hosts").read_text().splitlines()
    (folder / "known_hosts").write_text(text[0] + "\n")
    said = sparkdr("--plan", folder, "check", "--offline", "--json")
    assert said.status == 1
    assert [(each["state"], each["subject"]) for each in of(said, "host-key")] == [
        ("stop", "desktop"),
        ("warn", "macmini"),
    ]
    (folder / "known_hosts").write_text("no key at all\n127.0.0.1 ssh-ed25519 ???\n")
    assert sparkdr("--plan", folder, "check", "--offline").status == 1


def test_secrets_that_others_can_read_are_named(folder: Path) -> None:
    (folder / "secrets" / "minio-user").chmod(0o644)
    said = sparkdr("--plan", folder, "check", "--offline", "--json")
    assert [each["reason"]["en"] for each in of(said, "secrets") if each["state"] == "warn"] == [
        f"others can read {folder}/secrets/minio-user"
    ]


@pytest.mark.parametrize(("password", "known"), [("Postgres", True), ("sparklio_user", True), ("3fk29sd0a", False)])
def test_a_password_that_everybody_tries_first_is_recognised(password: str, known: bool, folder: Path) -> None:
    (folder / "secrets" / "minio-user").write_text(password)
    said = sparkdr("--plan", folder, "check", "--offline", "--json")
    assert bool(of(said, "passwords", "postgresql")) is known


def test_a_state_folder_that_cannot_be_one_would_stop_a_recovery(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    said = sparkdr("--plan", folder, "--state", tmp_path / "file", "check", "--offline")
    assert said.status == 1
    assert "--state" in said.out


def test_people_read_what_is_pressing_first_and_a_line_that_sums_it_up(folder: Path) -> None:
    said = sparkdr("--plan", folder, "check", "--offline")
    assert said.status == 0
    assert said.out.index("▲ ") < said.out.index("✔ ")
    assert said.out.rstrip().endswith("No node was contacted.")
    assert "Nothing here would stop a recovery" in said.out.splitlines()[-1]
    assert "\x1b" not in said.out
    quiet = sparkdr("--plan", folder, "check", "--offline", "--quiet")
    assert "✔" not in quiet.out and "No node" not in quiet.out and "▲" in quiet.out


def test_where_all_is_in_order_cron_gets_nothing_to_mail(capsys: pytest.CaptureFixture[str]) -> None:
    in_order = Finding("ok", "reach", "macmini", "lets us in at 127.0.0.1", node="macmini")
    tell([in_order], quiet=True)
    assert capsys.readouterr().out == ""
    tell([in_order], quiet=False)
    assert "lets us in" in capsys.readouterr().out


@pytest.mark.parametrize("language", ["en", "ko"])
@pytest.mark.parametrize("columns", [80, 120])
def test_no_line_is_longer_than_the_terminal_nor_ends_in_spaces(folder: Path, language: str, columns: int) -> None:
    (folder / "keys" / "macmini").unlink()
    said = process("--lang", language, "--plan", folder, "check", "--offline", env={"COLUMNS": str(columns)})
    assert said.status == 1
    for line in said.out.splitlines()[:-1]:
        assert cell_len(line) <= columns and line == line.rstrip()


def test_nodes_that_do_not_answer_stop_and_nothing_on_them_is_said_to_be_in_order(folder: Path) -> None:
    change(folder, "plan.yaml", "port: 22, ", "port: 1, ")
    change(folder, "plan.yaml", "ssh: { user: gpu }", "ssh: { user: gpu, port: 1 }")
    (folder / "keys" / "macmini").write_bytes(asyncssh.generate_private_key("ssh-ed25519").export_private_key())
    said = sparkdr("--plan", folder, "check", "--json")
    assert said.status == 1
    assert [(each["state"], each["subject"]) for each in of(said, "reach")] == [
        ("stop", "macmini"), ("stop", "desktop"), ("unknown", "macmini"), ("unknown", "desktop"),
    ]  # fmt: skip
    assert all(each["state"] != "ok" for each in said.document["findings"] if each["node"])


def test_this_machine_as_a_node_is_looked_at_without_ssh(local: Path) -> None:
    said = sparkdr("--plan", local, "check", "--json")
    assert [each["state"] for each in of(said, "reach")] == ["ok"]
    assert [each["state"] for each in of(said, "tools")] == ["ok"]
    assert [(each["state"], each["reason"]["en"]) for each in of(said, "services", "web")] == [
        ("warn", "refused now: port 1 refuses connections")
    ]
    (found,) = of(said, "backups")
    assert (found["state"], found["reason"]["en"]) == ("warn", "there is no backup")
    assert said.status == 0


def test_a_recovery_that_was_left_unfinished_is_named_since_it_holds_up_every_job(local: Path) -> None:
    with at_terminal("--plan", local, "run", "mend", env={"TEST_DB_PASSWORD": PASSWORD}) as at:
        at.expect("? 1 ")
        at.process.terminate()
        at.expect("stays unfinished")
        at.end()
    found = of(sparkdr("--plan", local, "check", "--offline", "--json"), "state")
    (left,) = [each for each in found if "INC-0001" in each["reason"]["en"]]
    assert left["state"] == "warn" and "resume INC-0001" in left["todo"]["en"]


def test_a_runbook_is_proven_by_a_drill_until_it_changes(local: Path) -> None:
    def state() -> tuple[str, str]:
        (found,) = of(sparkdr("--plan", local, "check", "--offline", "--json"), "runbooks")
        return found["state"], found["reason"]["en"]

    assert state() == ("warn", "never passed a drill")
    assert sparkdr("--plan", local, "run", "mend", "--yes").status == 0
    assert state() == ("warn", "never passed a drill")  # an incident is no drill
    assert sparkdr("--plan", local, "run", "mend", "--yes", "--drill").status == 0
    assert state()[0] == "ok" and "(DRL-0001)" in state()[1]
    change(local, "mend.yaml", "title: Look", "title:   'Look'")
    change(local, "mend.yaml", "steps:", "# In peace.\nsteps:")
    assert state()[0] == "ok"
    change(local, "mend.yaml", 'ls "$FOLDER"', 'ls -l "$FOLDER"')
    assert state()[0] == "warn" and state()[1].startswith("changed since it last passed a drill (DRL-0001, ")


def test_a_drill_of_an_older_program_proves_nothing_about_what_the_runbook_is_now(local: Path, tmp_path: Path) -> None:
    assert sparkdr("--plan", local, "run", "mend", "--yes", "--drill").status == 0
    journal = tmp_path / "state" / "runs" / "DRL-0001" / "journal.jsonl"
    first, *rest = journal.read_text().splitlines()
    opened = json.loads(first)
    assert list(opened["event"].pop("contents")) == ["mend"]
    journal.write_text("\n".join([json.dumps(opened), *rest]) + "\n")
    (found,) = of(sparkdr("--plan", local, "check", "--offline", "--json"), "runbooks")
    assert found["state"] == "unknown" and "not recorded" in found["reason"]["en"]


def test_the_lists_around_a_drill_that_nobody_ticked_do_not_make_its_runbook_fail(local: Path) -> None:
    text = """
    drills:
      monthly: { title: Monthly, when: { monthly: first monday }, runbook: mend, before: [Tell], after: [Write] }
    """
    (local / "drills.yaml").write_text(textwrap.dedent(text), encoding="utf-8")
    held = sparkdr("--plan", local, "drill", "start", "monthly", "--yes", "--confirm", "Here")
    assert "completed with exceptions" in held.out
    said = sparkdr("--plan", local, "check", "--offline", "--json")
    assert [each["state"] for each in of(said, "runbooks", "mend")] == ["ok"]
    assert [each["state"] for each in of(said, "drills")] == ["ok"]
