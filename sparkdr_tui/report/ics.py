"""The calendar of drills as iCalendar (RFC 5545), for whatever calendar people keep. Pure; writes no file."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta

from sparkdr_tui import __version__
from sparkdr_tui.language import _, current
from sparkdr_tui.plan.drills import Drill
from sparkdr_tui.plan.runbook import Plan
from sparkdr_tui.record.drills import DrillStatus, turns

_OCTETS = 75
"""A line's most, without its end; more goes into lines that begin with a space."""
_RULES = {"quarter": "FREQ=YEARLY", "monthly": "FREQ=MONTHLY;BYDAY=1MO"}


def series(plan: Plan, now: datetime, today: date) -> str:
    """Every drill of the plan, again and again."""
    return _calendar(plan, (_repeated(plan, name, drill, now, today) for name, drill in plan.drills.items()))


def once(plan: Plan, status: DrillStatus, now: datetime, today: date, on: date | None = None) -> str:
    """One turn of one drill, what is left of it; `on` is the day it is held, where somebody has fixed it."""
    turn = status.turn
    uid = f"{status.id}-{turn.opens:%Y%m%d}"
    days = (on, on) if on is not None else (max(turn.opens, today), max(turn.closes, today))
    return _calendar(plan, [_event(plan, uid, (status.id, status.drill), days, now)])


def escaped(text: str) -> str:
    """A text as a value: what separates values or ends lines is escaped; other control characters are left out."""
    for mark, said in (("\\", "\\\\"), (";", "\\;"), (",", "\\,"), ("\r\n", "\\n"), ("\n", "\\n")):
        text = text.replace(mark, said)
    return "".join(each for each in text if each >= " " and each != "\x7f")


def folded(line: str) -> str:
    """A line in pieces of 75 octets at most, never cut inside a letter."""
    pieces, piece, room = [], "", _OCTETS
    for letter in line:
        size = len(letter.encode())
        if size > room:
            pieces.append(piece)
            piece, room = "", _OCTETS - 1  # the space that a further piece begins with
        piece += letter
        room -= size
    return "\r\n ".join([*pieces, piece])


# -- inside ------------------------------------------------------------------------------------------


def _calendar(plan: Plan, events: Iterable[Sequence[str]]) -> str:
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        f"PRODID:-//sparkdr-tui//{__version__}//{current().upper()}",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
        "X-WR-CALNAME:" + escaped(_("{plan}: drills").format(plan=plan.name)),
        *(line for event in events for line in event),
        "END:VCALENDAR",
    ]
    return "".join(f"{folded(line)}\r\n" for line in lines)


def _repeated(plan: Plan, name: str, drill: Drill, now: datetime, today: date) -> list[str]:
    """From the turn that began last on: what is due or overdue is in the calendar too."""
    turn, _following = turns(drill, today)
    rule = _RULES["quarter" if drill.when.quarter is not None else "monthly"]
    return _event(plan, name, (name, drill), (turn.opens, turn.closes), now, f"RRULE:{rule}")


def _event(
    plan: Plan, uid: str, what: tuple[str, Drill], days: tuple[date, date], now: datetime, *more: str
) -> list[str]:
    name, drill = what
    first, last = days
    title = drill.title.within(current())
    return [
        "BEGIN:VEVENT",
        f"UID:{uid}.{hashlib.sha256(plan.name.encode()).hexdigest()[:12]}@sparkdr-tui",
        f"DTSTAMP:{now.astimezone(UTC):%Y%m%dT%H%M%SZ}",
        f"DTSTART;VALUE=DATE:{first:%Y%m%d}",
        f"DTEND;VALUE=DATE:{last + timedelta(days=1):%Y%m%d}",
        *more,
        f"SUMMARY:{escaped(f'{plan.name} · {title}')}",
        f"DESCRIPTION:{escaped(_description(plan, name, drill))}",
        "CATEGORIES:" + escaped(_("disaster recovery drill")),
        "TRANSP:TRANSPARENT",
        *_alarms(drill, title, long=last > first),
        "END:VEVENT",
    ]


def _description(plan: Plan, name: str, drill: Drill) -> str:
    runbook = plan.runbooks[drill.runbook]
    lines = [_("Runbook: {title} ({id})").format(title=runbook.title.within(current()), id=drill.runbook)]
    if drill.scenario is not None:
        lines.append(_("Scenario: {title}").format(title=plan.scenarios[drill.scenario].title.within(current())))
    for head, items in ((_("Before:"), drill.before), (_("After:"), drill.after)):
        if items:
            lines += ["", head, *(f"[ ] {item.within(current())}" for item in items)]
    return "\n".join([*lines, "", f"sparkdr-tui drill start {name}"])


def _alarms(drill: Drill, title: str, long: bool) -> Iterator[str]:
    """When it is to be announced, the day before it begins, and of a long one a week before it is over."""
    day = timedelta(days=1)
    yield from _alarm(f"-{_duration(drill.announce)}", _("Announce: {title}").format(title=title))
    if drill.announce != day:
        yield from _alarm("-P1D", _("Tomorrow: {title}").format(title=title))
    if long:
        said = _("One week left: {title}").format(title=title)
        yield from _alarm("-P7D", said, ";RELATED=END")


def _alarm(trigger: str, said: str, parameter: str = "") -> list[str]:
    return [
        "BEGIN:VALARM",
        "ACTION:DISPLAY",
        f"DESCRIPTION:{escaped(said)}",
        f"TRIGGER{parameter}:{trigger}",
        "END:VALARM",
    ]


def _duration(length: timedelta) -> str:
    """`P7D`, `PT36H`, `PT90M`: in the largest unit that leaves nothing over."""
    seconds = int(length.total_seconds())
    if seconds % 86400 == 0:
        return f"P{seconds // 86400}D"
    return f"PT{seconds // 3600}H" if seconds % 3600 == 0 else f"PT{seconds // 60}M"
