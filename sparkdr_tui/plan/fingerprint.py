"""What a runbook contains, as a hash: the same for the same steps, however its file is laid out or commented."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from sparkdr_tui.plan.graph import runbooks
from sparkdr_tui.plan.includes import places_of
from sparkdr_tui.plan.runbook import Plan, Runbook


def fingerprint(plan: Plan, runbook_id: str) -> str:
    """sha256 (hex) over a runbook and everything that it includes, at its place."""
    text = json.dumps(_content(plan, plan.runbooks[runbook_id]), ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def fingerprints(plan: Plan, runbook_id: str) -> dict[str, str]:
    """Of every runbook that a run of `runbook_id` (or of several as one) goes through, included ones too."""
    found = {inner.id for book in runbooks(plan, runbook_id) for _path, inner in places_of(plan, book)}
    return {name: fingerprint(plan, name) for name in sorted(found)}


def _content(plan: Plan, book: Runbook) -> Any:
    """Plain data; what is not said is left out, so that a new key of the model changes no hash of an old file."""
    whole = book.model_dump(mode="json", exclude_defaults=True)
    for step, data in zip(book.steps, whole["steps"], strict=True):
        if step.include is not None:
            data["include"] = _content(plan, plan.runbooks[step.include])
    return whole
