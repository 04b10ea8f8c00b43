"""Who is told what of a run without anybody calling them: notifications through Apprise (extra `notify`)."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from sparkdr_tui.plan.model import EnvName, Frozen, Language

Occasion = Literal["opened", "waiting", "escalated", "at-risk", "missed", "closed"]
"""A run was opened; a step has waited for a person for minutes; the path moved up; an objective is at risk, or was
missed; the run is over."""


class Notify(Frozen):
    """Somebody, or a channel, that is told; nobody is told of backups and other everyday work."""

    to: EnvName
    """Name of a secret: an Apprise URL, like `slack://…` or `mailto://…`."""
    on: tuple[Occasion, ...] = Field(("opened", "escalated", "at-risk", "missed", "closed"), min_length=1)
    drills: bool = False
    """Of drills, and of a lab, too; they are marked as such."""
    language: Language | None = None
    """Without it the one that the program speaks where the run is driven."""
