"""Backup sets of the built-in plan in a home of their own: real files, made at chosen ages, listed by a real shell."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path

import pytest

from sparkdr_tui.backups.facts import Backup
from sparkdr_tui.plan.load import builtin, load
from sparkdr_tui.plan.runbook import Plan
from tests.screens.stage import NOON

GOOD = "result ok\nintact yes\nrestored yes\nrun BAK-0031\ndetail tables and rows as they should be\n"
BAD = "result failed\nintact no\nrestored no\nrun BAK-0032\ndetail its hash is not that of the manifest\n"


@dataclass(frozen=True, slots=True)
class Made:
    """A backup of a set: how many minutes old, how big, and what a verification said an hour after."""

    minutes: float
    size: int = 1000
    verified: str = ""
    whole: bool = True


@cache
def _builtin() -> Plan:
    return load(builtin())


def plan_of_sets(monkeypatch: pytest.MonkeyPatch, home: Path, now: datetime = NOON, **sets: Sequence[Made]) -> Plan:
    """The built-in plan, its backups below `home`: those of each set named here (`minio_assets`: of minio-assets)."""
    folder = home / "backups"
    folder.mkdir(parents=True)
    monkeypatch.setenv("HOME", str(home))
    plan = _builtin()
    declared = {name: each.model_copy(update={"must_be_mounted": False}) for name, each in plan.backup_sets.items()}
    for name, made in sets.items():
        for each in made:
            _make(folder, declared[name.replace("_", "-")].name, each, now)
    macmini = plan.nodes["macmini"]
    there = macmini.model_copy(update={"env": {**macmini.env, "BACKUP_DIR": "~/backups"}})
    return replace(plan, nodes={**plan.nodes, "macmini": there}, backup_sets=declared)


def _make(folder: Path, pattern: str, made: Made, now: datetime) -> None:
    at = now - timedelta(minutes=made.minutes)
    path = folder / pattern.replace("{stamp}", f"{at.astimezone():%Y%m%d_%H%M%S}").rstrip("/")
    if pattern.endswith("/"):
        path.mkdir()
    else:
        path.write_bytes(b"x" * made.size)
    stated = made.size if made.whole else made.size + 1
    facts = f"manifest 1\nsize {stated}\nsha256 {'0' * 64}\nsnapshot {at:%Y-%m-%dT%H:%M:%SZ}\n"
    facts += "run BAK-0030\nrows public.users 200\n"
    path.with_name(path.name + ".manifest").write_text(facts)
    if made.verified:
        verified = f"at {min(at + timedelta(hours=1), now):%Y-%m-%dT%H:%M:%SZ}\n{made.verified}"
        path.with_name(path.name + ".verified").write_text(verified)


def many(count: int, now: datetime = NOON) -> tuple[Backup, ...]:
    """A backup every hour, for a long time."""
    found = []
    for hours in range(count):
        at = now - timedelta(hours=hours)
        name = f"postgres_{at:%Y%m%d_%H%M%S}.sql.gz"
        found.append(Backup("postgres", f"/backups/{name}", name, at, 10**6 + hours, True, stamped_at=at))
    return tuple(found)
