"""`check` on the lab: all that can be in order is; what is broken is found, and holds nobody up."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

from sparkdr_tui.lab import cluster
from tests.engine.command_line import Said, process
from tests.lab.world import World

LONG = 180
Found = tuple[str, str, str]
FRESH: set[Found] = {("warn", "schedule", "macmini")}
"""A fresh lab has no schedule installed."""


def check(lab: World, *arguments: str) -> Said:
    return process("--plan", lab.plan, "check", *arguments, timeout=LONG)


def found(said: Said, *states: str) -> set[Found]:
    """State, kind and subject of the findings in these states, but what a fresh lab has already."""
    known = ("verified", "runbooks", "drills", "contacts", "offsite", "plan", "system")
    findings: list[dict[str, Any]] = said.document["findings"]
    return {
        (each["state"], each["check"], each["subject"])
        for each in findings
        if each["state"] in states and each["check"] not in known
    }


def newest(lab: World, pattern: str) -> Path:
    drive = lab.folder / "volumes" / "macmini" / "Backup" / "sparklio_v4"
    return max(drive.glob(pattern))


def test_a_fresh_lab_is_ready_and_everything_was_looked_at(lab: World) -> None:
    said = check(lab, "--json")
    assert said.status == 0, said
    assert found(said, "stop", "unknown", "warn") == FRESH
    in_order = {each["check"] for each in said.document["findings"] if each["state"] == "ok"}
    assert in_order >= {
        "plan", "state", "secrets", "reach", "host-key", "tools", "versions", "clock", "system", "disk", "mount",
        "services", "credentials", "backups", "rpo", "copies",
    }  # fmt: skip


def test_what_can_be_recovered_is_a_warning_and_does_not_stop(lab: World) -> None:
    backup = newest(lab, "redis_*.rdb")
    older = backup.with_name("redis_20200101_000000.rdb")
    kept = backup.read_bytes()
    try:
        older.write_bytes(kept)
        manifest = backup.with_name(backup.name + ".manifest").read_text().splitlines()
        text = "\n".join(line for line in manifest if not line.startswith("snapshot")) + "\n"
        older.with_name(older.name + ".manifest").write_text(text)
        backup.write_bytes(kept[:100])
        lab.break_("postgres-down")
        said = check(lab, "--json")
    finally:
        backup.write_bytes(kept)
        older.unlink()
        older.with_name(older.name + ".manifest").unlink()
    assert said.status == 0, said
    assert found(said, "stop", "warn", "unknown") - FRESH == {
        ("warn", "services", "postgresql"),
        ("warn", "services", "backend"),
        ("unknown", "credentials", "postgresql"),
        ("unknown", "versions", "postgresql"),
        ("unknown", "disk", "postgresql"),
        ("warn", "backups", "redis"),
        ("warn", "rpo", "redis"),
    }


def test_what_is_out_of_reach_stops_and_holds_nobody_up(lab: World) -> None:
    known_hosts = lab.plan / "known_hosts"
    kept = known_hosts.read_text()
    lines = {line.split()[-1]: line for line in kept.splitlines()}
    other = " ".join(lines["desktop"].split()[1:3])
    changed = {**lines, "laptop": f"{lines['laptop'].split()[0]} {other}"}
    try:
        known_hosts.write_text("\n".join(changed.values()) + "\n")
        cluster.hands(lab.folder, "unplug-drive")
        lab.break_("desktop-off")
        began = time.monotonic()
        said = check(lab, "--json")
        took = time.monotonic() - began
    finally:
        known_hosts.write_text(kept)
        cluster.hands(lab.folder, "plug-drive")
    assert said.status == 1
    assert took < 45
    assert found(said, "stop", "warn") - FRESH == {
        ("stop", "mount", "macmini"),
        ("stop", "reach", "desktop"),
        ("stop", "host-key", "laptop"),
    }
    of_macmini = {each["check"] for each in said.document["findings"] if each["node"] == "macmini"}
    assert {"reach", "tools", "clock", "services", "credentials"} <= of_macmini


def test_a_disk_without_room_for_what_would_be_restored_stops(lab: World) -> None:
    backup = newest(lab, "redis_*.rdb")
    manifest = backup.with_name(backup.name + ".manifest")
    kept, said_of_it = backup.read_bytes(), manifest.read_text()
    size = os.statvfs(backup).f_bavail * os.statvfs(backup).f_frsize * 2
    try:
        os.truncate(backup, size)  # a hole: it takes no room here
        manifest.write_text(said_of_it.replace(f"size {len(kept)}", f"size {size}"))
        said = check(lab, "--json")
    finally:
        backup.write_bytes(kept)
        manifest.write_text(said_of_it)
    assert said.status == 1
    assert {each for each in found(said, "stop") if each[1] == "disk"} == {("stop", "disk", "macmini")}
