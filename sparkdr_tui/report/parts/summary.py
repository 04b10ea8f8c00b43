"""The first half minute of a report: what happened, when, who, how it ended, whether the objectives were met. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from sparkdr_tui.figures import clock, date_and_time, span, zone
from sparkdr_tui.language import _, current, ngettext
from sparkdr_tui.plan.graph import apart
from sparkdr_tui.record.state import Phase
from sparkdr_tui.report.blocks import Cell, Facts, Section, Tone, marked
from sparkdr_tui.report.content import Content
from sparkdr_tui.report.marks import Mark, of_outcome, of_state
from sparkdr_tui.report.people import Deed
from sparkdr_tui.report.services import ServiceTime
from sparkdr_tui.report.words import at, mode, rto_verdict, service_name, step_name, whose

_SECOND = 1.0
_QUIET = 600.0
"""Seconds without a record after which a run under way is said to be quiet: perhaps nobody drives it."""
_MANY = 8
"""More names than these are counted, not listed."""


def headline(content: Content) -> str:
    """The title of the report."""
    opened = content.state.opened
    return f"{content.state.run} · {opened.title.within(current())}"


def verdict(content: Content) -> Cell:
    """How the run ended, in a word."""
    return marked(_mark(content))


def _mark(content: Content) -> Mark:
    if content.state.live:
        return Mark("▶", "cyan", _("not over yet"))
    return of_outcome(content.state.outcome)


def summary(content: Content) -> Section:
    """The section that somebody who has half a minute reads."""
    pairs: list[tuple[str, tuple[Cell, ...]]] = [
        (_("What happened"), tuple(_what(content))),
        (_("When"), tuple(_when(content))),
        (_("Who"), tuple(_who(content))),
        (_("Outcome"), tuple(_outcome(content))),
        (_("Recovery time (RTO)"), tuple(_recovery_times(content))),
        (_("Lost data (RPO)"), tuple(_recovery_points(content))),
        (_("Worth knowing"), tuple(_notable(content))),
    ]
    return Section("summary", _("Summary"), (Facts(tuple(pair for pair in pairs if pair[1])),))


def _what(content: Content) -> Iterator[Cell]:
    opened = content.state.opened
    text = _("{kind}: {title}, plan {plan}").format(
        kind=mode(opened.mode), title=opened.title.within(current()), plan=opened.plan
    )
    parts = [_("level {level}").format(level=opened.level)] if opened.level else []
    parts += [_("scenario {name}").format(name=", ".join(apart(opened.scenario)))] if opened.scenario else []
    yield Cell(text, more=" · ".join(parts))
    ill = [f"{service_name(content, each.service)} ({of_state(each.state).word})" for each in content.first]
    if ill:
        yield Cell(_("Not in order when it began: {names}").format(names=_listed(ill)))


def _when(content: Content) -> Iterator[Cell]:
    state = content.state
    zoned = zone(state.opened_at)
    wait = (state.opened_at - state.incident_at).total_seconds()
    if wait >= _SECOND:
        began = _("The incident began {at}; the run was opened {time} later.")
        yield Cell(began.format(at=date_and_time(state.incident_at), time=span(wait)), more=zoned)
    else:
        yield Cell(_("Opened {at}").format(at=date_and_time(state.opened_at)), more=zoned)
    if wait <= -_SECOND and state.clocks:
        yield Cell(_("The clocks count from {at} on.").format(at=at(state.incident_at, state.opened_at)))
    took = clock((content.at - state.opened_at).total_seconds())
    text = _("Not over yet at {at}, after {time}") if state.live else _("Ended {at}, after {time}")
    split = _("machines worked {machine}, people were waited for {person}")
    yield Cell(
        text.format(at=at(content.at, state.opened_at), time=took),
        more=split.format(machine=clock(content.machine), person=clock(content.person)),
    )
    quiet = (content.at - state.at).total_seconds()
    if state.live and quiet >= _QUIET:
        text = _("nothing was recorded for {time}: the last record is of {at}")
        yield Cell(text.format(time=span(quiet), at=at(state.at, state.opened_at)), "warn")


def _who(content: Content) -> Iterator[Cell]:
    yield Cell(", ".join(each.name for each in content.people))
    for person in content.people:
        for act in person.did(Deed.TOOK_OVER):
            text = _("{name} took over from {before} at {at}")
            yield Cell(text.format(name=act.by, before=act.about, at=at(act.at, content.state.opened_at)), "warn")


def _outcome(content: Content) -> Iterator[Cell]:
    state = content.state
    settled = sum(step.phase.settled for step in state.steps.values())
    steps = _("{done} of {total} steps").format(done=settled, total=len(state.steps))
    yield Cell(verdict(content).text, verdict(content).tone, more=steps)
    if state.outcome_reason:
        yield Cell(state.outcome_reason)
    if state.live:
        for name, step in state.steps.items():
            if step.phase.busy:
                yield Cell(_("under way: {step}").format(step=step_name(content, name)))
            elif step.phase is Phase.ASKED or step.phase.stuck:
                yield Cell(_("waits for the operator: {step}").format(step=step_name(content, name)), "warn")


def _recovery_times(content: Content) -> Iterator[Cell]:
    """How many were met, and each of them; of very many only those that were not."""
    promised = [each for each in content.services if each.left is not None]
    if not promised:
        if content.services:
            yield Cell(_("nothing was promised"), "dim")
        return
    kept = sum(each.kept is True for each in promised)
    text = ngettext("{kept} of {count} service met it", "{kept} of {count} services met it", len(promised))
    yield Cell(text.format(kept=kept, count=len(promised)), _tone(each.kept for each in promised))
    for each in promised:
        if len(promised) <= _MANY or each.kept is not True:
            yield _against(content, each)


def _against(content: Content, each: ServiceTime) -> Cell:
    """A service's time against its RTO."""
    found = rto_verdict(each, live=content.state.live)
    took = f"{clock(each.elapsed)} / RTO {span(each.clock.rto or 0)}"
    more = " · ".join(filter(None, [took, found.more]))
    return Cell(f"{each.clock.title.within(current())}: {found.text}", found.tone, more=more)


def _recovery_points(content: Content) -> Iterator[Cell]:
    restored = [each for each in content.losses if each.restored]
    if not restored:
        if content.losses:
            yield Cell(_("nothing was restored from a backup"), "dim")
        return
    promised = [each for each in restored if each.met is not None]
    kept = sum(each.met is True for each in promised)
    if promised:
        text = ngettext(
            "{kept} of {count} restored backup is within it",
            "{kept} of {count} restored backups are within it",
            len(promised),
        )
        yield Cell(text.format(kept=kept, count=len(promised)), _tone(each.met for each in promised))
    worst = max(restored, key=lambda each: each.seconds)
    yield Cell(_("at most {time} of work is lost").format(time=span(worst.seconds)), more=whose(content, worst))
    for each in restored:
        if each.met is False or each.later:
            why = (
                _("made after the incident began: it may hold the damage")
                if each.later
                else _("{time} lost").format(time=span(each.seconds)) + f" / RPO {span(each.backup.rpo or 0)}"
            )
            yield Cell(f"{whose(content, each)}: {why}", "bad" if each.met is False else "warn")


def _notable(content: Content) -> Iterator[Cell]:
    """What keeps this from being a plain success."""
    steps = content.state.steps.values()
    skipped = [each.outline.id for each in steps if each.phase is Phase.SKIPPED and not each.outline.optional]
    marked_done = [each.outline.id for each in steps if each.marked]
    failed = list(dict.fromkeys(each.step for each in content.failures))
    for names, text in (
        (skipped, _("skipped: {names}")),
        (marked_done, _("marked done by hand: {names}")),
        (failed, _("attempts that did not end well: {names}")),
    ):
        if names:
            yield Cell(text.format(names=_listed([step_name(content, name) for name in names])), "warn")
    if not content.journal.ok:
        yield Cell("✖ " + _("The journal is not as it was written: {why}").format(why=content.journal.problem), "bad")


def _listed(names: list[str]) -> str:
    shown = ", ".join(names[:_MANY])
    left = len(names) - _MANY
    return f"{shown}, " + ngettext("{count} more", "{count} more", left).format(count=left) if left > 0 else shown


def _tone(kept: Iterable[bool | None]) -> Tone:
    found = list(kept)
    return "bad" if False in found else "plain" if None in found else "good"
