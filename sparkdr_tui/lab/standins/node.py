"""What a stand-in may know about its node without knowing that it is in a lab."""

from __future__ import annotations

import os
from typing import Any

from sparkdr_tui.lab.door import DoorError, ask


def facts() -> dict[str, Any]:
    """What the supervisor says about this node; nothing outside a lab."""
    try:
        return ask("facts")
    except DoorError:
        if "SPARKDR_LAB_DOOR" in os.environ:
            raise
        return {}


def online() -> bool:
    """Whether the internet would be there."""
    return bool(facts().get("network", True))


def inner_port(service: str, default: int) -> int:
    """Where a service of this node listens inside the lab; outside of one, where it always does."""
    found = facts().get("services", {}).get(service)
    return int(found["inner"]) if found else default
