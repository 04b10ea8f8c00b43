"""The plan as a tree that people read, in either language."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from sparkdr_tui.plan.outline import Branch, outline
from tests.engine.plans import sample_plan


def lines(branch: Branch, depth: int = 0) -> list[str]:
    return ["  " * depth + branch.label, *(line for child in branch.children for line in lines(child, depth + 1))]


def test_services_stand_under_their_node_with_port_and_objectives(tmp_path: Path) -> None:
    found = lines(outline(sample_plan(tmp_path), "en"))
    at = found.index("    macmini · Mac mini · Backend · macos · 127.0.0.1, 127.0.0.2")
    assert found[at + 1] == "      postgresql · PostgreSQL · port 5432 · RTO 30m · RPO 1h"


def test_steps_say_what_they_do_where_and_how_dangerous_they_are(tmp_path: Path) -> None:
    found = [line.strip() for line in lines(outline(sample_plan(tmp_path), "en"))]
    assert "restore · Restore beside · shell · macmini · destroys · 10m" in found
    assert "health · Wait for the database · wait · 5s · after count, clean-cache" in found
    assert "buckets · Buckets · s3 · macmini · 1m · at once" in found
    assert "data · The database · include database" in found


def test_scenarios_contacts_drills_and_backups_are_all_there(tmp_path: Path) -> None:
    tree = outline(sample_plan(tmp_path), "en")
    assert tree.label == "Sample · 1.0"
    assert [part.label for part in tree.children] == [
        "Nodes", "Critical path", "Scenarios", "Runbooks", "Backup sets", "Team", "External support", "Escalation",
        "Drills",
    ]  # fmt: skip


def test_the_same_tree_in_korean(tmp_path: Path) -> None:
    found = [line.strip() for line in lines(outline(sample_plan(tmp_path), "ko"))]
    assert "database · PostgreSQL 데이터베이스 손상 · Level 1 · 최우선 · RTO 30m · → database" in found
    assert "q3 · Q3 · 3분기 · → database" in found


def test_parts_with_nothing_in_them_are_left_out(tmp_path: Path) -> None:
    tree = outline(replace(sample_plan(tmp_path), drills={}, scenarios={}), "en")
    assert not {"Drills", "Scenarios"} & {part.label for part in tree.children}
