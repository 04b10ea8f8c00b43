"""What restoring the chosen backups loses, against what was promised: reckoned anew, since incidents can be moved."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sparkdr_tui.figures import span
from sparkdr_tui.language import _
from sparkdr_tui.plan.runbook import Danger
from sparkdr_tui.record import events as e
from sparkdr_tui.record.state import Phase, RunState


@dataclass(frozen=True, slots=True)
class Loss:
    """What is lost with the backup that an input chose."""

    input: str
    backup: e.BackupFact
    seconds: float
    """From its snapshot to the incident; 0 when it was made later."""
    later: bool
    """It was made after the incident began, so it may hold the damage."""
    restored: bool
    """The steps that put it in place are done."""

    @property
    def met(self) -> bool | None:
        """Whether the RPO is kept; None without one."""
        return None if self.backup.rpo is None else self.seconds <= self.backup.rpo


def lost(taken_at: datetime, incident_at: datetime) -> float:
    """Seconds of work that a snapshot taken then does not hold."""
    return max(0.0, (incident_at - taken_at).total_seconds())


def loses(seconds: float, later: bool, rpo: float | None) -> str:
    """What restoring a backup loses, against the RPO."""
    if later:
        return _("made after the incident began: it may hold the damage")
    promised = _(" (RPO {rpo})").format(rpo=span(rpo)) if rpo is not None else ""
    return _("restoring it loses {time}").format(time=span(seconds)) + promised


def loss(state: RunState, name: str) -> Loss | None:
    """What the backup chosen for input `name` loses, by when the incident began as it is known now."""
    chosen = state.inputs.get(name)
    if chosen is None or chosen.backup is None or not _puts_back(state):
        return None
    backup = chosen.backup
    return Loss(
        input=name,
        backup=backup,
        seconds=lost(backup.taken_at, state.incident_at),
        later=backup.taken_at > state.incident_at,
        restored=_restored(state, name),
    )


def losses(state: RunState) -> tuple[Loss, ...]:
    """Of every input that picked a backup."""
    return tuple(found for name in state.inputs if (found := loss(state, name)) is not None)


def lost_of(state: RunState, service: str) -> float | None:
    """The most that was lost of a service's data by what was restored; None where nothing was."""
    return max(
        (each.seconds for each in losses(state) if each.restored and service in each.backup.services), default=None
    )


def _puts_back(state: RunState) -> bool:
    """Whether a backup takes the place of anything: a run that only restores into scratch loses nothing."""
    return any(step.outline.danger is not Danger.SAFE for step in state.steps.values())


def _restored(state: RunState, name: str) -> bool:
    """Whether the steps that use the input are done: those that destroy, where there are such, tell alone."""
    users = [step for step in state.steps.values() if name in step.outline.uses and not step.outline.optional]
    placing = [step for step in users if step.outline.danger is Danger.DESTROYS] or users
    return bool(placing) and all(step.phase is Phase.DONE for step in placing)
