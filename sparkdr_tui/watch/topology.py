"""What probes found, as data: one reading of a node or service, and the latest of all of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sparkdr_tui.plan.model import State

__all__ = ["Reading", "State", "Topology"]


@dataclass(frozen=True, slots=True)
class Reading:
    """One probe's answer: `latency` in seconds (None: no answer), `detail` sanitised, in English, at most one line."""

    state: State
    at: datetime
    latency: float | None = None
    detail: str = ""
    denied: bool = False
    """It answers, and turned our credentials away."""


@dataclass(frozen=True, slots=True)
class Topology:
    """The latest reading of every node (its SSH) and every service, by id; empty before the first sweep."""

    nodes: Mapping[str, Reading] = field(default_factory=dict)
    services: Mapping[str, Reading] = field(default_factory=dict)
    at: datetime | None = None
    mains: Reading | None = None
    """Whether the site has power, where the plan names something that tells."""
