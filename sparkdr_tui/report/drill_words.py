"""Where a drill stands and when it was last held, in a line. Pure."""

from __future__ import annotations

from sparkdr_tui.language import _, current
from sparkdr_tui.record.drills import DrillStatus, Held, Standing


def standing_line(each: DrillStatus) -> str:
    """Where a drill stands, in one line."""
    name = f"{each.drill.title.within(current())} ({each.id})"
    match each.standing:
        case Standing.OVERDUE:
            return _("{drill} is overdue: it was due by {day}").format(drill=name, day=each.turn.closes)
        case Standing.DUE:
            return _("{drill} is due by {day}").format(drill=name, day=each.turn.closes)
        case Standing.ANNOUNCE:
            return _("{drill} begins on {day} and is to be announced now").format(drill=name, day=each.turn.opens)
        case Standing.DONE:
            return _("{drill} comes next on {day}").format(drill=name, day=each.turn.opens)


def held_line(held: Held | None) -> str:
    """When it was last held, as which run, and how that ended."""
    if held is None:
        return _("never")
    kept = {True: _("RTO met"), False: _("RTO missed"), None: ""}[held.rto_met]
    parts = [f"{held.opened_at.astimezone():%Y-%m-%d}", held.run, _(held.outcome), kept]
    return " · ".join(part for part in parts if part)
