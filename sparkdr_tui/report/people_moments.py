"""What the records about people mean, in a line each: calls, roles, the level, and how the path moved up. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from sparkdr_tui.language import _, current
from sparkdr_tui.plan.model import Text
from sparkdr_tui.record import events as e
from sparkdr_tui.record.escalation import why
from sparkdr_tui.record.state import Cause, Move, RunState
from sparkdr_tui.report.marks import Mark

UP = Mark("▲", "yellow", "")
_FACT = Mark("·", "default", "")
_REACHED = Mark("✔", "green", "")
_NOT_REACHED = Mark("✖", "yellow", "")


def of_people(event: object, run: RunState) -> tuple[Mark, str, tuple[str, ...]] | None:
    """What an event about people means, and what belongs under it."""
    match event:
        case e.ContactTried():
            more = (event.note,) if event.note else ()
            return _mark(event.result), _called(event), more
        case e.RoleGiven():
            before = (_("before: {name}").format(name=event.before),) if event.before else ()
            return _FACT, given(event), before
        case e.Escalated():
            text = _("escalated by hand: {stage}").format(stage=stage_title(run, event.stage))
            return UP, text, (event.reason,) if event.reason else ()
        case e.LevelRaised():
            text = _("level {level} from here on: {reason}")
            return UP, text.format(level=event.level, reason=event.reason.within(current())), ()
        case e.Notified():
            text = _("{name} was notified: {occasion}") if event.ok else _("{name} could not be notified: {occasion}")
            said = text.format(name=event.to, occasion=occasion(event.occasion))
            return (_FACT if event.ok else UP), said, (event.why,) if event.why else ()
    return None


def occasion(found: str) -> str:
    """What somebody is notified of."""
    match found:
        case "opened":
            return _("the run was opened")
        case "waiting":
            return _("a step waits for a person")
        case "escalated":
            return _("the path moved up")
        case "at-risk":
            return _("an RTO is at risk")
        case "missed":
            return _("an RTO was missed")
        case "closed":
            return _("the run is over")
    return found


def moves(before: RunState | None, after: RunState) -> Iterator[Move]:
    """How the path moved up by itself between two states; what a hand did is told by its own record."""
    if after.position is None or before is None or before.position is None:
        return
    yield from (move for move in after.position.moves[len(before.position.moves) :] if move.why is not Cause.HAND)


def moved(run: RunState, move: Move) -> str:
    """Where the path moved to, and why."""
    stage = run.opened.path[move.stage].title.within(current())
    return _("escalation: {stage} ({why})").format(stage=stage, why=why(move.why))


def person(role: Text, name: str) -> str:
    """Somebody by role, with the name where it is known."""
    return f"{role.within(current())} ({name})" if name else role.within(current())


def stage_title(run: RunState, stage: str | None) -> str:
    """A stage of the path as people know it."""
    found = next((each for each in run.opened.path if each.id == stage), None)
    return found.title.within(current()) if found else stage or ""


def result(found: e.CallResult) -> str:
    """What came of a call."""
    match found:
        case "calling":
            return _("being called")
        case "reached":
            return _("answered")
        case "not reached":
            return _("no answer")


def role(found: e.Role) -> str:
    """A role of the run."""
    match found:
        case "command":
            return _("commander")
        case "operate":
            return _("operator")
        case "write":
            return _("scribe")


def given(event: e.RoleGiven) -> str:
    """Who has which role from here on."""
    match event.role:
        case "command":
            text = _("{name} commands from here on")
        case "operate":
            text = _("{name} is to operate from here on")
        case "write":
            text = _("{name} writes down what happens from here on")
    return text.format(name=event.holder)


def _called(event: e.ContactTried) -> str:
    who = person(event.role, event.name)
    match event.result:
        case "calling":
            text = _("calling {who}")
        case "reached":
            text = _("reached {who}")
        case "not reached":
            text = _("did not reach {who}")
    return text.format(who=who)


def _mark(found: e.CallResult) -> Mark:
    return {"reached": _REACHED, "not reached": _NOT_REACHED, "calling": _FACT}[found]
