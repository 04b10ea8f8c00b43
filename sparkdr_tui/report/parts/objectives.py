"""What was promised and what became of it: the RTO of every service with the reason, the RPO of what was restored."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from sparkdr_tui.figures import clock, size, span
from sparkdr_tui.language import _, current
from sparkdr_tui.record.losses import Loss
from sparkdr_tui.report.blocks import Block, Cell, Column, Part, Section, table
from sparkdr_tui.report.content import Content
from sparkdr_tui.report.services import ServiceTime, Took
from sparkdr_tui.report.words import at, backup_name, promised, rpo_verdict, rto_verdict, step_name, whose


def objectives(content: Content) -> Section:
    """The section."""
    return Section("objectives", _("Objectives"), tuple(_blocks(content)))


def _blocks(content: Content) -> Iterator[Block]:
    times = table(
        (_("service"), Column("RTO", number=True), Column(_("took"), number=True), _("verdict"), _("why")),
        (_time(content, each) for each in content.services),
    )
    if times:
        yield Part(Cell(_("Recovery time (RTO)")), times)
    points = table(
        (_("data"), _("backup"), _("taken"), Column(_("size"), number=True), Column("RPO", number=True),
         Column(_("lost"), number=True), _("verdict")),
        (_point(content, each) for each in content.losses),
    )  # fmt: skip
    if points:
        yield Part(Cell(_("Lost data (RPO)")), points)


def _time(content: Content, each: ServiceTime) -> tuple[Cell | str, ...]:
    return (
        each.clock.title.within(current()),
        promised(each.clock.rto),
        clock(each.elapsed),
        rto_verdict(each, live=content.state.live),
        " · ".join(_reasons(content, each)),
    )


def _reasons(content: Content, each: ServiceTime) -> Iterator[str]:
    """Where the time went, from the start of the clock to its end."""
    if each.clock.restored and not each.clock.seen_down:
        yield _("was not seen down")
        return
    if each.clock.outage_at is not None:
        yield _("went down at {at}").format(at=at(each.clock.outage_at, content.state.opened_at))
    if each.before >= 1:
        yield _("{time} before the run was opened").format(time=clock(each.before))
    if each.machine >= 1:
        text = _("machines {time}").format(time=clock(each.machine))
        yield text + _longest(content, each.work)
    if each.person >= 1:
        text = _("waiting for a person {time}").format(time=clock(each.person))
        yield text + _longest(content, each.waits)


def _longest(content: Content, found: Iterable[Took]) -> str:
    said = ", ".join(f"{step_name(content, each.step)} {clock(each.seconds)}" for each in found)
    return " " + _("(longest: {steps})").format(steps=said) if said else ""


def _point(content: Content, each: Loss) -> tuple[Cell | str, ...]:
    backup = each.backup
    checked = ""
    if backup.verified_at:
        checked = _("verified {at}").format(at=at(backup.verified_at, content.state.opened_at))
    elif backup.complete is not True:
        checked = _("not known to be complete")
    return (
        whose(content, each),
        Cell(backup_name(backup), code=True, more=checked),
        at(backup.taken_at, content.state.opened_at),
        size(backup.size),
        promised(backup.rpo),
        span(each.seconds) if each.restored else "—",
        rpo_verdict(each),
    )
