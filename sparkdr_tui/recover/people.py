"""What an operator decides about people, and how grave the sweeps say it is: rules, and the facts they make."""

from __future__ import annotations

from datetime import datetime

from sparkdr_tui.language import _, current
from sparkdr_tui.plan.model import Contact, Text
from sparkdr_tui.plan.runbook import Danger, Plan
from sparkdr_tui.record import decisions as d
from sparkdr_tui.record import events as e
from sparkdr_tui.record.escalation import recovered, standing
from sparkdr_tui.record.state import RunState
from sparkdr_tui.text import one_line
from sparkdr_tui.watch.diagnosis import diagnose
from sparkdr_tui.watch.topology import Topology

_NAME = 80
"""Characters of a name."""
_NOTE = 500

SWEEPS = 2
"""So many sweeps in a row have to find it graver: one alone may have lost a packet."""


def refusal(state: RunState, decision: d.PeopleDecision, now: datetime) -> str | None:
    """Why a decision about people cannot be carried out now; None when it can."""
    match decision:
        case d.TryContact(contact=contact):
            return _unknown(state, contact)
        case d.GiveRole(holder=holder, contact=contact):
            if not one_line(holder):
                return _("Say who.")
            return _unknown(state, contact) if contact is not None else None
        case d.Escalate():
            return _escalate(state, now)
        case d.HandOver(holder=holder):
            if not one_line(holder):
                return _("Say who.")
            if any(step.phase.busy for step in state.steps.values()):
                return _("A step is running: let it end, or end it, before somebody else takes over.")
    return None


def _unknown(state: RunState, contact: str) -> str | None:
    if contact in state.opened.contacts:
        return None
    return _("The run has no contact {name}.").format(name=one_line(contact, _NAME))


def _escalate(state: RunState, now: datetime) -> str | None:
    found = standing(state, now)
    if found is None:
        return _("The plan has no escalation path.")
    if not state.begun:
        return _("The drill has not begun.")
    if found.next is None:
        return _("There is nothing above “{stage}”.").format(stage=found.stage.title.within(current()))
    return None


def facts(plan: Plan, state: RunState, decision: d.PeopleDecision, now: datetime) -> list[e.Event]:
    """What a decision that was not refused makes true; time alone may have moved the path since the last record."""
    found = standing(state, now)
    match decision:
        case d.TryContact():
            return [_tried(plan, state, decision, found.stage.id if found else None)]
        case d.GiveRole(role=role, holder=holder, contact=contact):
            return [_given(state, role, holder, contact)]
        case d.Escalate(reason=reason) if found is not None and found.next is not None:
            return [e.Escalated(stage=found.next.id, reason=one_line(reason, _NOTE))]
        case d.HandOver(holder=holder, note=note):
            said = [e.NoteAdded(text=one_line(note, _NOTE))] if one_line(note) else []
            return [*said, _given(state, "operate", holder, None)]
    return []


def _tried(plan: Plan, state: RunState, decision: d.TryContact, stage: str | None) -> e.ContactTried:
    person = contact_of(plan, decision.contact)
    return e.ContactTried(
        contact=decision.contact,
        role=state.opened.contacts[decision.contact],
        name=one_line(decision.name or (person.name if person else ""), _NAME),
        result=decision.result,
        stage=stage,
        note=one_line(decision.note, _NOTE),
    )


def _given(state: RunState, role: e.Role, holder: str, contact: str | None) -> e.RoleGiven:
    before = state.roles.get(role)
    return e.RoleGiven(
        role=role, holder=one_line(holder, _NAME), contact=contact, before=before.holder if before else ""
    )


def contact_of(plan: Plan, contact: str) -> Contact | None:
    """Somebody of the team or outside."""
    return plan.contacts.team.get(contact) or plan.contacts.external.get(contact)


class Gravity:
    """How grave the sweeps of a run say it is; what our own steps stop is no news."""

    def __init__(self) -> None:
        self._graver = 0
        """Sweeps in a row that found it graver than the run knows."""

    def hear(self, plan: Plan, state: RunState, topology: Topology) -> e.LevelRaised | None:
        """What a sweep means: the level has risen, or nothing new."""
        found = diagnose(plan, topology)
        if not _tells(state) or found.level is None or found.level <= (state.level or 0):
            self._graver = 0
            return None
        self._graver += 1
        if self._graver < SWEEPS:
            return None
        self._graver = 0
        return e.LevelRaised(level=found.level, reason=found.suggestions[0].reason if found.suggestions else _SEEN)


_SEEN = Text(en="seen by a sweep", ko="점검에서 확인됨")


def _tells(state: RunState) -> bool:
    """Whether what is broken now is the disaster's doing, and news."""
    disrupting = any(step.phase.busy and step.outline.danger is not Danger.SAFE for step in state.steps.values())
    return bool(state.opened.path) and state.begun and not disrupting and not recovered(state)
