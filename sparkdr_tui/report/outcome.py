"""What was promised, in a line each: what a backup would lose before it is used, and what became of every objective."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePosixPath

from sparkdr_tui.figures import clock, size, span
from sparkdr_tui.language import _, current
from sparkdr_tui.record.losses import Loss, loses, losses
from sparkdr_tui.record.state import Clock, RunState


@dataclass(frozen=True, slots=True)
class Promise:
    """A promise and what became of it; `kept` None: nobody can say (yet)."""

    text: str
    kept: bool | None


def promises(state: RunState, now: datetime) -> Iterator[Promise]:
    """Every objective of the run at `now`, recovery times first."""
    at = state.moment(now)
    yield from (_recovery_time(each, at) for each in state.clocks.values() if each.rto is not None)
    yield from (_recovery_point(state, each) for each in losses(state))


def backup_line(found: Loss) -> str:
    """The backup that an input chose, and what restoring it loses."""
    backup = found.backup
    said = loses(found.seconds, found.later, backup.rpo)
    return f"{found.input}: {PurePosixPath(backup.path).name} · {size(backup.size)} · {said}"


def _recovery_time(each: Clock, at: datetime) -> Promise:
    missed = (each.left(at) or 0) < 0
    verdict = _("missed") if missed else _("met") if each.restored else _("not restored")
    text = f"{each.title.within(current())}: {clock(each.elapsed(at))} / RTO {span(each.rto or 0)} · {verdict}"
    return Promise(text, each.restored and not missed)


def _recovery_point(state: RunState, each: Loss) -> Promise:
    """Whose data, from which backup, how much of it is lost, and whether that is within the RPO."""
    titles = {name: said for name in each.backup.services if (said := state.opened.services.get(name))}
    whose = ", ".join(said.within(current()) for said in titles.values()) or each.backup.set
    backup = PurePosixPath(each.backup.path).name
    if not each.restored:
        return Promise(_("{whose}: {backup} not restored").format(whose=whose, backup=backup), None)
    amount = _("{time} lost").format(time=span(each.seconds))
    after = [_("made after the incident began: it may hold the damage")] if each.later else []
    if each.backup.rpo is None:
        return Promise(" · ".join([f"{whose}: {amount}", backup, *after]), None)
    verdict = _("met") if each.met else _("missed")
    against = f"{whose}: {amount} / RPO {span(each.backup.rpo)}"
    return Promise(" · ".join([against, verdict, backup, *after]), each.met)
