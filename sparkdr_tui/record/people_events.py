"""The facts of a run that are about people: who was called, who has which role, how far the matter has gone up.

Part of `events.py`, which holds the union and the line of the journal. No behaviour.
"""

from __future__ import annotations

from typing import Literal

from sparkdr_tui.plan.model import Frozen, Text

CallResult = Literal["calling", "reached", "not reached"]
"""`calling`: somebody is at it, and nobody knows yet."""
Role = Literal["command", "operate", "write"]
"""Who decides, whose hands are on the run, who writes down what happens."""


class StageOutline(Frozen):
    """A stage of the escalation path as everybody who follows the run needs to know it."""

    id: str
    title: Text
    levels: tuple[int, ...] = ()
    """Levels that start here; empty: reached only from the stage before."""
    who: tuple[str, ...] = ()
    """Ids of contacts, in the order in which they are called; `$owner` is resolved to those of the scenarios."""
    escalate_after: float | None = None
    """Seconds without a recovery before the next stage."""


class ContactTried(Frozen):
    """Somebody was called, and whether they answered; `name` and `role` as the plan had them then."""

    type: Literal["contact.tried"] = "contact.tried"
    contact: str
    role: Text
    name: str = ""
    result: CallResult
    stage: str | None = None
    """Where the path was at that moment; None where the plan has no path."""
    note: str = ""


class RoleGiven(Frozen):
    """Somebody has a role from here on; `before` is who had it."""

    type: Literal["role.given"] = "role.given"
    role: Role
    holder: str
    contact: str | None = None
    """Whom of the plan's contacts that is."""
    before: str = ""


class Escalated(Frozen):
    """The operator moved the path up by hand, to `stage`. What moves by itself is in no event: the fold knows it."""

    type: Literal["escalated"] = "escalated"
    stage: str
    reason: str = ""


class Notified(Frozen):
    """A notification was sent, or could not be; `to` is the name of the secret that says where, never its value."""

    type: Literal["notified"] = "notified"
    to: str
    occasion: str
    ok: bool
    why: str = ""


class LevelRaised(Frozen):
    """What is seen now is graver than what the run was opened for."""

    type: Literal["level.raised"] = "level.raised"
    level: int
    reason: Text
