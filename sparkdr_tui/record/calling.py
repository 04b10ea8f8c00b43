"""Whom to call now, and how long until the path moves up by itself: the line that every view of a run has. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from sparkdr_tui.figures import clock
from sparkdr_tui.language import _, current
from sparkdr_tui.plan.runbook import Plan
from sparkdr_tui.record.escalation import standing
from sparkdr_tui.record.state import RunState


def call_line(plan: Plan, run: RunState, now: datetime) -> str:
    """`call DBA (Ada, 010-1234-5678) · escalates in 4:32`; empty where there is nothing to say."""
    return " · ".join(_parts(plan, run, now))


def _parts(plan: Plan, run: RunState, now: datetime) -> Iterator[str]:
    found = standing(run, now)
    if found is None or not run.live or not run.begun:
        return
    if found.recovered:
        yield _("everything is back: go on watching")
        return
    if found.call is not None:
        text = _("calling {who}") if found.calling else _("call {who}")
        yield text.format(who=whom(plan, run, found.call))
    elif (reached := [name for name, result in found.results.items() if result == "reached"]) != []:
        yield _("reached: {who}").format(who=", ".join(_role(plan, run, name) for name in reached))
    if found.deadline is not None:
        yield _("escalates in {time}").format(time=clock((found.deadline - now).total_seconds()))


def whom(plan: Plan, run: RunState, contact: str) -> str:
    """Somebody with name and number, as far as the plan has them."""
    known = plan.contacts.team.get(contact) or plan.contacts.external.get(contact)
    more = ", ".join(part for part in (known.name, known.phone) if part) if known else ""
    return f"{_role(plan, run, contact)} ({more})" if more else _role(plan, run, contact)


def _role(plan: Plan, run: RunState, contact: str) -> str:
    known = plan.contacts.team.get(contact) or plan.contacts.external.get(contact)
    role = known.role if known else run.opened.contacts.get(contact)
    return role.within(current()) if role else contact
