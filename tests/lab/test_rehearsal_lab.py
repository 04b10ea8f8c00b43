"""A dry run on the lab: it sees what is broken, says what would stop the run, and leaves no trace on any node."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from tests.engine.command_line import Said, process
from tests.lab.world import World

LONG = 180
OF_SERVERS = ("postgresql@15/", "/.logs/", ".log", "lab.json")
"""What running servers write by themselves: their memory, and a line for each request."""


def dry(lab: World, *arguments: str) -> Said:
    return process("--plan", lab.plan, "run", *arguments, "--dry-run", timeout=LONG)


def stops(said: Said) -> list[tuple[str | None, str]]:
    """Where and what would stop the run."""
    assert said.status in (0, 1), said
    found: list[dict[str, Any]] = said.document["findings"]
    return [(each["step"], each["subject"]) for each in found if each["state"] == "stop"]


def traces(folder: Path) -> dict[str, str]:
    """Every file of the lab with what is in it, but what servers write by themselves."""
    return {
        str(each.relative_to(folder)): hashlib.sha256(each.read_bytes()).hexdigest() if each.is_file() else "folder"
        for each in folder.rglob("*")
        if not any(mark in str(each) for mark in OF_SERVERS) and (each.is_dir() or each.is_file())
    }


def test_a_dry_run_of_everything_leaves_no_trace(lab: World) -> None:
    before = traces(lab.folder)
    for runbooks in (("database", "redis", "minio"), ("macmini-hardware",), ("desktop-gpu", "frontend")):
        said = dry(lab, *runbooks)
        assert said.status == 0, said.out
        assert "Nothing that can be known beforehand would stop this run." in said.out
    assert traces(lab.folder) == before


def test_a_run_that_leaves_redis_down_would_wait_for_the_backend_in_vain(lab: World) -> None:
    lab.break_("postgres-corrupt")
    lab.break_("redis-down")
    said = dry(lab, "database", "--json")
    assert stops(said) == [("backend.healthy", "redis")]
    assert said.status == 1
    (todo,) = [each["todo"] for each in said.document["findings"] if each["state"] == "stop"]
    assert todo == "Run both as one: sparkdr-tui run database redis-start"
    assert stops(dry(lab, "database", "redis-start", "--json")) == []


def test_on_a_blank_machine_what_is_missing_stops_one_runbook_and_not_the_one_that_installs_it(lab: World) -> None:
    lab.break_("macmini-blank")
    subjects = {subject for _step, subject in stops(dry(lab, "database", "--json"))}
    assert "macmini" in subjects
    said = dry(lab, "macmini-hardware", "--json")
    assert stops(said) == []
    unknown = [each["reason"] for each in said.document["findings"] if each["state"] == "unknown"]
    assert any(reason.startswith("psql is not there") and "may install it before" in reason for reason in unknown)


def test_a_node_that_is_off_stops_what_begins_there_but_not_what_begins_with_hands(lab: World) -> None:
    lab.break_("macmini-off")
    assert ("restore.check-backup.file", "macmini") in stops(dry(lab, "database", "--json"))
    assert stops(dry(lab, "macmini-start", "--json", "--yes")) == []


def test_a_backup_that_was_cut_off_is_not_the_one_that_would_be_taken(lab: World) -> None:
    newest = dry(lab, "redis", "--json").document["inputs"]["REDIS_BACKUP"]["path"]
    kept = Path(newest).read_bytes()
    try:
        Path(newest).write_bytes(kept[:100])
        found = dry(lab, "redis", "--json").document
        assert found["inputs"].get("REDIS_BACKUP", {}).get("path") != newest
    finally:
        Path(newest).write_bytes(kept)
