"""What runs by itself on a node, and when (Cron 설정). Knows no cron, no launchd and no calendar."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Literal

from pydantic import Field, model_validator

from sparkdr_tui.plan.model import Duration, Frozen, Name, Whole

TimeOfDay = Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]
"""Hours and minutes in the node's own time: `02:00`."""


class Schedule(Frozen):
    """A runbook that runs by itself: every hour at a minute, or every day (or one day of a month) at a time.

    `log` is a file on the node, and may name variables of the node's env.
    """

    runbook: Name
    on: Name
    """The node whose user runs it."""
    minute: Whole | None = Field(None, ge=0, le=59)
    at: TimeOfDay | None = None
    monthly: Literal["first monday"] | None = None
    wait: Duration = timedelta(minutes=30)
    """How long it waits while somebody else holds the plan, or while an incident is unfinished."""
    log: str

    @model_validator(mode="after")
    def _one_time(self) -> Schedule:
        if (self.minute is None) == (self.at is None):
            raise ValueError('a schedule has a minute of every hour (minute: 5) or a time of day (at: "02:00")')
        if self.monthly is not None and self.at is None:
            raise ValueError('a monthly schedule needs a time of day (at: "04:00")')
        return self

    @property
    def period(self) -> timedelta:
        """The longest time between two of its runs."""
        if self.monthly is not None:
            return timedelta(days=35)
        return timedelta(hours=1) if self.at is None else timedelta(days=1)

    @property
    def clock(self) -> tuple[int | None, int]:
        """Hour (None: every hour) and minute."""
        if self.at is None:
            assert self.minute is not None  # one of them is there
            return None, self.minute
        hour, _colon, minute = self.at.partition(":")
        return int(hour), int(minute)
