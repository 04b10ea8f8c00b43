"""What a readiness check finds: one thing looked at, how it stands, why, and what to do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from sparkdr_tui.readiness.levels import Level

Check = Literal[
    "plan", "contacts", "passwords", "offsite",
    "state", "secrets", "keys", "notify",
    "reach", "host-key", "tools", "versions", "clock", "system", "disk", "mount",
    "services", "credentials",
    "backups", "rpo", "verified", "copies", "schedule",
    "drills", "runbooks",
]  # fmt: skip
"""What was looked at, as programs know it: names that stay."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at. `subject` is the node, service, set, person or thing that it is about."""

    state: Level
    check: Check
    subject: str
    reason: str
    todo: str = ""
    node: str | None = None
    """The node it is on, where there is one."""
