"""`backup list` and `backup prune` on this machine: what they print, what they delete, how they end."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from sparkdr_tui.plan.load import builtin, load
from tests.engine.command_line import at_terminal, process, sparkdr
from tests.engine.local_runs import PASSWORD
from tests.engine.test_pruning_runs import names, put, runbook, with_sides

PLAN = """
name: Here
state: ../state
nodes:
  here:
    title: Here
    role: everything
    criticality: high
    address: 127.0.0.1
    os: linux
    env: {{ FOLDER: {folder}, BACKUP_MOUNT: {folder}/drive }}
services:
  web: {{ title: Web, on: here, port: 1, probe: {{ tcp: {{ timeout: 1s }} }}, rto: 10m, rpo: 1h }}
backup_sets:
  notes:
    title: Notes
    on: here
    dir: $FOLDER/backups
    name: "notes_{{stamp}}.sql.gz"
    every: 1h
    keep: 7d
    services: [web]
  papers:
    {{ title: Papers, on: here, dir: $FOLDER/backups, name: "papers_{{stamp}}/", every: 1d, keep: 30d }}
  away:
    title: Away
    on: here
    dir: $FOLDER/drive/x
    name: "away_{{stamp}}"
    every: 1d
    keep: 30d
    must_be_mounted: true
  gone:
    title: Gone
    on: here
    dir: $FOLDER/drive/x
    name: "gone_{{stamp}}"
    every: 1d
    keep: 30d
    must_be_mounted: true
"""
ENV = {"TEST_DB_PASSWORD": PASSWORD, "COLUMNS": "120"}


@pytest.fixture
def plan(tmp_path: Path) -> Path:
    folder = tmp_path / "plan"
    folder.mkdir()
    (tmp_path / "backups").mkdir()
    (folder / "plan.yaml").write_text(PLAN.format(folder=tmp_path), encoding="utf-8")
    (folder / "mend.yaml").write_text(runbook(load(builtin())), encoding="utf-8")
    return folder


def verified(folder: Path, name: str, text: str) -> None:
    at = (datetime.now(UTC) - timedelta(hours=3)).strftime("%Y-%m-%dT%H:%M:%SZ")
    (folder / f"{name}.verified").write_text(f"at {at}\nrun DRL-0007\n{text}")


def line(out: str, word: str) -> str:
    return next(each for each in out.splitlines() if word in each)


# -- list --------------------------------------------------------------------------------------------


def test_a_line_a_set_says_age_band_and_the_four_facts_and_what_cannot_be_seen(tmp_path: Path, plan: Path) -> None:
    put(tmp_path / "backups", 0.5)
    newest = put(tmp_path / "backups", 0.125)
    verified(tmp_path / "backups", newest, "result ok\nintact yes\n")
    (tmp_path / "backups" / put(tmp_path / "backups", 0.01)).write_bytes(b"")
    said = process("--plan", plan, "backup", "list", env={**ENV, "COLUMNS": "80"})
    assert said.status == 1  # a set that cannot be seen is no good news
    row = line(said.out, "notes")
    assert "3h / 1h" in row and "▲ 2–4× RPO" in row and "✔ ✔ ✔ ·" in row and "3 (1 bad)" in row
    assert "✖ none" in line(said.out, "papers")
    assert "away, gone: The backup drive is not mounted on here" in said.out
    assert said.out.count("Connect it and look again.") == 1
    assert "facts: exists · intact (hash) · complete (manifest) · restored and queried" in said.out
    assert all(len(each) <= 80 for each in said.out.splitlines() if "away, gone: " not in each and "Here" not in each)


def test_a_set_is_listed_newest_first_and_says_who_verified(tmp_path: Path, plan: Path) -> None:
    folder = tmp_path / "backups"
    newest, refused, documents_own = put(folder, 0.01), put(folder, 0.02), put(folder, 1, manifest=False)
    verified(folder, refused, "result failed\nintact yes\nrestored no\ndetail relation missing\n")
    said = sparkdr("--plan", plan, "backup", "list", "notes")
    assert said.status == 0
    rows = [each for each in said.out.splitlines() if " notes_" in each]
    assert [row.split()[0] for row in rows] == [newest, refused, documents_own]
    assert "◂ newest" in rows[0] and "✔ · ✔ ·" in rows[0]
    assert "✔ ✔ ✔ ✖" in rows[1] and "failed · 3h · DRL-0007" in rows[1] and "damaged" in rows[1]
    assert "✔ · · ·" in rows[2]


def test_a_long_list_is_cut_off_unless_all_of_it_is_wanted(tmp_path: Path, plan: Path) -> None:
    for hour in range(50):
        put(tmp_path / "backups", hour / 24)
    short = sparkdr("--plan", plan, "backup", "list", "notes")
    assert short.out.count("notes_2") == 40
    assert "10 older ones; --all shows them" in short.out
    assert sparkdr("--plan", plan, "backup", "list", "notes", "--all").out.count("notes_2") == 50


def test_the_document_of_a_set_has_null_where_nobody_knows(tmp_path: Path, plan: Path) -> None:
    name = put(tmp_path / "backups", 0.25)
    said = sparkdr("--plan", plan, "backup", "list", "notes", "--json")
    found = said.document["sets"]["notes"]
    (backup,) = found["backups"]
    assert backup == found["newest"]
    assert backup["name"] == name and backup["band"] == "beyond" and backup["rpo_s"] == 3600
    assert [backup[fact] for fact in ("exists", "intact", "complete", "restored")] == [True, None, True, None]
    assert (backup["made_by"], backup["verified_by"], backup["usable"]) == ("INC-0001", None, True)
    whole = sparkdr("--plan", plan, "backup", "list", "--json")
    assert whole.document["sets"]["away"]["problem"].startswith("The backup drive is not mounted")
    assert "backups" not in whole.document["sets"]["notes"]


def test_status_says_of_the_newest_what_the_list_says(tmp_path: Path, plan: Path) -> None:
    put(tmp_path / "backups", 0.125)
    listed = sparkdr("--plan", plan, "backup", "list", "--json").document["sets"]["notes"]["newest"]
    seen = sparkdr("--plan", plan, "status", "--json").document["backups"]["notes"]
    assert seen["newest"] == listed["path"]
    for key in ("band", "rpo_s", "size", "exists", "intact", "complete", "restored", "verified_at"):
        assert seen[key] == listed[key]
    assert "▲ 2–4× RPO" in line(sparkdr("--plan", plan, "status").out, "notes")


def test_an_unknown_set_is_a_wrong_usage(plan: Path) -> None:
    for command in (("list",), ("prune", "--dry-run"), ("prune", "--yes")):
        said = sparkdr("--plan", plan, "backup", command[0], "nots", *command[1:])
        assert said.status == 2
        assert "no backup set nots" in said.err and "away, gone, notes, papers" in said.err


# -- prune -------------------------------------------------------------------------------------------


def test_a_dry_run_lists_what_would_go_and_what_stays_and_changes_nothing(tmp_path: Path, plan: Path) -> None:
    folder = tmp_path / "backups"
    last, goes = put(folder, 8), put(folder, 9)
    (folder / put(folder, 1)).write_bytes(b"")
    before = names(folder)
    said = sparkdr("--plan", plan, "backup", "prune", "notes", "--dry-run")
    assert said.status == 0
    assert "1 would go (4 B), 2 stay" in said.out
    assert "past its keep" in line(said.out, goes)
    assert "stays: the newest complete backup" in line(said.out, last)
    document = sparkdr("--plan", plan, "backup", "prune", "notes", "--dry-run", "--json").document
    assert [each["name"] for each in document["sets"]["notes"]["goes"]] == [goes]
    assert {each["why"] for each in document["sets"]["notes"]["stays"]} == {"young", "newest complete"}
    assert (document["runbook"], document["sets"]["notes"]["pruned"]) == ("mend", True)
    assert names(folder) == before
    assert not (tmp_path / "state").exists()


def test_pruning_for_cron_asks_nothing_and_leaves_the_names_in_the_journal(tmp_path: Path, plan: Path) -> None:
    kept, goes = put(tmp_path / "backups", 1), put(tmp_path / "backups", 9)
    said = process("--plan", plan, "backup", "prune", "notes", "--yes", "--json", env=ENV)
    assert said.status == 0, said
    (chosen,) = [each["event"] for each in said.documents if each.get("event", {}).get("type") == "input.chosen"]
    assert chosen["value"] == goes
    assert chosen["expired"] == {"set": "notes", "count": 1, "size": 4, "left": 0, "looked": True}
    assert said.documents[-1]["type"] == "summary" and said.documents[-1]["outcome"] == "completed"
    assert names(tmp_path / "backups") == with_sides(kept)


def test_a_person_sees_the_list_and_types_the_name_of_the_set(tmp_path: Path, plan: Path) -> None:
    kept, goes = put(tmp_path / "backups", 1), put(tmp_path / "backups", 9)
    with at_terminal("--plan", plan, "backup", "prune", "notes", env=ENV) as terminal:
        terminal.expect(f"{goes}  9d  past its keep")
        terminal.expect("1 to be deleted")
        terminal.type("")
        terminal.expect("notes")
        terminal.type("notes")
        assert terminal.end() == 0
    assert names(tmp_path / "backups") == with_sides(kept)


def test_where_nothing_is_due_nobody_is_asked_and_no_run_is_opened(tmp_path: Path, plan: Path) -> None:
    put(tmp_path / "backups", 1)
    with at_terminal("--plan", plan, "backup", "prune", "notes", env=ENV) as terminal:
        terminal.expect("there is nothing to delete")
        assert terminal.end() == 0
    assert not (tmp_path / "state" / "runs").exists()


def test_pruning_what_no_runbook_prunes_is_refused_before_anything_runs(tmp_path: Path, plan: Path) -> None:
    said = sparkdr("--plan", plan, "backup", "prune", "papers", "--yes")
    assert said.status == 2
    assert "No runbook of the plan deletes expired backups of papers" in said.err
    assert not (tmp_path / "state" / "runs").exists()


def test_pruning_without_a_terminal_and_without_yes_is_refused(plan: Path) -> None:
    said = process("--plan", plan, "backup", "prune", env=ENV)
    assert said.status == 2
    assert "--yes" in said.err


def test_a_rehearsal_says_what_would_be_deleted(tmp_path: Path, plan: Path) -> None:
    put(tmp_path / "backups", 1)
    put(tmp_path / "backups", 9)
    before = names(tmp_path / "backups")
    said = sparkdr("--plan", plan, "run", "mend", "--dry-run")
    assert "notes: 1 past their keep would be deleted (4 B), 1 stay" in said.out
    assert names(tmp_path / "backups") == before


def test_an_input_is_a_pick_an_expired_or_a_default_of_a_set_that_is_there(plan: Path) -> None:
    book = json.loads((plan / "mend.yaml").read_text())
    for value, why in (
        ({"expired": "nots"}, "unknown backup set 'nots'"),
        ({"expired": "notes", "pick": "notes"}, "expired: SET"),
        ({}, "expired: SET"),
    ):
        (plan / "mend.yaml").write_text(json.dumps({**book, "inputs": {"PRUNE_NOTES": value}}))
        said = sparkdr("--plan", plan, "backup", "list")
        assert said.status == 2
        assert why in said.err
