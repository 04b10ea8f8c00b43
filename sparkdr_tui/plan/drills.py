"""The exercises of a plan (정기 훈련): what, when, and the lists that come around them. Knows no calendar."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, model_validator

from sparkdr_tui.plan.model import Duration, Frozen, Name, Text, Whole

BEFORE, AFTER = "drill-before", "drill-after"
"""The steps of a drill's run that hold its lists; no step of a runbook may be called so."""


def _as_list(value: object) -> object:
    return [value] if isinstance(value, str) else value


Faults = Annotated[tuple[Name, ...], BeforeValidator(_as_list, json_schema_input_type=Name | tuple[Name, ...])]


class DrillWhen(Frozen):
    """Once a quarter, or on the first weekday of a month."""

    quarter: Whole | None = Field(None, ge=1, le=4)
    monthly: Literal["first monday"] | None = None

    @model_validator(mode="after")
    def _one(self) -> DrillWhen:
        if (self.quarter is None) == (self.monthly is None):
            raise ValueError("a drill is due by quarter or monthly: exactly one of them")
        return self


class Drill(Frozen):
    """An exercise of the calendar (정기 훈련)."""

    title: Text
    when: DrillWhen
    scenario: Name | None = None
    runbook: Name
    before: tuple[Text, ...] = ()
    after: tuple[Text, ...] = ()
    announce: Duration = timedelta(days=7)
    """How long before it begins people are told."""
    fault: Faults = ()
    """Lab only: what the lab breaks once the list before is done, so that there is something to recover from."""
