"""The words that several parts of a report share: names of steps, verdicts, moments. Pure."""

from __future__ import annotations

from datetime import datetime
from pathlib import PurePosixPath

from sparkdr_tui.figures import clock, date_and_time, span, time_of_day
from sparkdr_tui.language import _, current
from sparkdr_tui.record import events as e
from sparkdr_tui.record.losses import Loss
from sparkdr_tui.report.blocks import Cell
from sparkdr_tui.report.content import Content
from sparkdr_tui.report.services import ServiceTime


def mode(found: str) -> str:
    """What kind of run it was."""
    match found:
        case "incident":
            return _("Incident")
        case "drill":
            return _("Drill")
        case "lab":
            return _("Run in the lab")
        case "routine":
            return _("Routine work")
    return found


def step_name(content: Content, step: str | None) -> str:
    """A step as the list of steps has it: number and title; nothing where there is no such step."""
    found = content.steps.get(step or "")
    return "" if found is None else f"{found.number} {found.step.outline.title.within(current())}"


def node_name(content: Content, node: str | None) -> str:
    """A node's title."""
    title = content.state.opened.nodes.get(node or "")
    return title.within(current()) if title else node or ""


def service_name(content: Content, service: str) -> str:
    """A service's title."""
    title = content.state.opened.services.get(service)
    return title.within(current()) if title else service


def at(moment: datetime, beside: datetime) -> str:
    """A moment: the time of day where `beside` is on the same day, else with its date."""
    same = moment.astimezone().date() == beside.astimezone().date()
    return time_of_day(moment) if same else date_and_time(moment)


def rto_verdict(found: ServiceTime, *, live: bool) -> Cell:
    """Met, missed by how much, or what else there is to say."""
    if found.left is None:
        return Cell(_("nothing promised"), "dim")
    if found.left < 0:
        by = _("missed by {time}").format(time=clock(-found.left))
        still = "" if found.clock.restored else _("still down") if live else _("not restored")
        return Cell(f"✖ {by}", "bad", more=still)
    if found.clock.restored:
        return Cell("✔ " + _("met"), "good")
    if live:
        return Cell("▶ " + _("{time} left").format(time=clock(found.left)))
    return Cell("▲ " + _("not restored"), "warn")


def rpo_verdict(found: Loss) -> Cell:
    """Whether what was lost is within what was promised."""
    after = _("made after the incident began: it may hold the damage") if found.later else ""
    if not found.restored:
        return Cell("· " + _("not restored"), "dim", more=after)
    if found.met is None:
        return Cell(_("nothing promised"), "dim", more=after)
    return Cell("✔ " + _("met"), "good", more=after) if found.met else Cell("✖ " + _("missed"), "bad", more=after)


def whose(content: Content, found: Loss) -> str:
    """The services whose data a backup holds, else the name of its set."""
    return ", ".join(service_name(content, each) for each in found.backup.services) or found.backup.set


def backup_name(fact: e.BackupFact) -> str:
    """A backup without its folder."""
    return PurePosixPath(fact.path).name


def minutes(seconds: float | None) -> str:
    """A length of time, or nothing."""
    return "" if seconds is None else clock(seconds)


def promised(seconds: float | None) -> str:
    """An objective, or a dash."""
    return "—" if seconds is None else span(seconds)
