"""Backups as programs read them: one document with stable keys for a backup, a set, the newest of a set. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta
from string import Template
from typing import Any

from sparkdr_tui.backups.catalog import Backup, age_band, changes, rpo_of
from sparkdr_tui.backups.looking import SetLook
from sparkdr_tui.backups.words import FACTS
from sparkdr_tui.plan.runbook import Plan


def place_of(plan: Plan, set_id: str) -> str:
    """The folder of a set, with the variables of its node put in."""
    declared = plan.backup_sets[set_id]
    return Template(declared.dir).safe_substitute(plan.nodes[declared.on].env)


def set_document(plan: Plan, look: SetLook, now: datetime, *, whole: bool) -> dict[str, Any]:
    """A set: what it promises, its newest backup, what all of them amount to; with `whole` every one of them."""
    declared, backups = plan.backup_sets[look.set], look.catalog.backups
    grown = changes(backups)
    newest = look.newest
    there = [each for each in backups if each.exists]
    return {
        "set": look.set,
        "title": declared.title.model_dump(),
        "on": declared.on,
        "dir": place_of(plan, look.set),
        "rpo_s": _seconds(rpo_of(plan, look.set)),
        "every_s": _seconds(declared.every),
        "keep_s": _seconds(declared.keep),
        "count": len(there),
        "usable": sum(each.usable for each in there),
        "size": sum(each.size for each in there),
        "leftovers": [each.name for each in look.catalog.leftovers],
        "newest": backup_document(plan, newest, grown.get(newest.path), now) if newest else None,
        "problem": look.trouble or None,
        "hint": look.hint or None,
        **({"backups": [backup_document(plan, b, grown.get(b.path), now) for b in backups]} if whole else {}),
    }


def backup_document(plan: Plan, backup: Backup, change: int | None, now: datetime) -> dict[str, Any]:
    """One backup with its four facts."""
    rpo = rpo_of(plan, backup.set)
    return {
        "name": backup.name,
        "path": backup.path,
        "taken_at": backup.taken_at.isoformat(),
        "age_s": _age(backup, now),
        "rpo_s": _seconds(rpo),
        "band": age_band(backup, rpo, now).value,
        "size": backup.size,
        "size_is_whole": backup.counted,
        "change": change,
        **{fact: getattr(backup, fact) for fact in FACTS},
        "usable": backup.usable,
        "verified_at": backup.verified_at.isoformat() if backup.verified_at else None,
        "verified_by": backup.verified_by or None,
        "verification_failed": backup.failed,
        "detail": backup.detail or None,
        "made_by": backup.made_by or None,
    }


def newest_document(plan: Plan, look: SetLook, now: datetime) -> dict[str, Any]:
    """The newest usable backup of a set at a glance."""
    backup, rpo = look.newest, rpo_of(plan, look.set)
    return {
        "newest": backup.path if backup else None,
        "taken_at": backup.taken_at.isoformat() if backup else None,
        "age_s": _age(backup, now) if backup else None,
        "size": backup.size if backup else None,
        "rpo_s": _seconds(rpo),
        "band": age_band(backup, rpo, now).value,
        **{fact: getattr(backup, fact) if backup else None for fact in FACTS},
        "verified_at": backup.verified_at.isoformat() if backup and backup.verified_at else None,
        "verified_by": backup.verified_by or None if backup else None,
        "problem": look.trouble or None,
    }


def _age(backup: Backup, now: datetime) -> float:
    return round((now - backup.taken_at).total_seconds(), 1)


def _seconds(length: timedelta | None) -> float | None:
    return None if length is None else length.total_seconds()
