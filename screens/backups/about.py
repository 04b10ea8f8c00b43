"""All that is known of the set or the backup under the cursor, in words: facts, when, by whom, what to do. Pure."""

from __future__ import annotations

from datetime import datetime

from screens.backups import marks
from screens.backups.shelf import began, loses
from screens.backups.stock import Known, Stock
from screens.painting import Ink, Line, Piece, cut_line, fit, gauge, line, paragraph, spread
from screens.situation import Situation
from screens.words import clock, minute, said, size
from sparkdr_tui.backups import offsite, words
from sparkdr_tui.backups.catalog import Backup, age_band, rpo_of
from sparkdr_tui.backups.due import next_due
from sparkdr_tui.backups.schedule.jobs import when
from sparkdr_tui.figures import span
from sparkdr_tui.language import _, ngettext
from sparkdr_tui.reach.pool import is_here
from sparkdr_tui.report.backups import place_of
from sparkdr_tui.report.marks import of_band, of_fact, of_outcome

_LABEL = 10


def about_set(situation: Situation, stock: Stock, set_id: str, width: int) -> list[Line]:
    """A set: what it promises, how it stands, what comes next."""
    plan, known = situation.plan, stock.known(set_id)
    declared = plan.backup_sets[set_id]
    node = said(plan.nodes[declared.on].title)
    rpo = rpo_of(plan, set_id)
    promise = _("every {every}, kept {keep}").format(
        every=span(declared.every.total_seconds()), keep=span(declared.keep.total_seconds())
    )
    found = [spread(line(Ink(said(declared.title), "strong")), line(Ink(set_id, "dim")), width)]
    found += paragraph(f"{node}  {place_of(plan, set_id)}/{declared.name}", width, "dim")
    found += [line(Ink(f"{promise} · RPO {span(rpo.total_seconds()) if rpo else '—'}", "dim"))]
    found += _problem(situation, known, node, width)
    if (stops := marks.stopped_of(plan, known, situation.now)) is not None:
        text = _("Its job has stopped: last made {last}, due every {every}.").format(
            last=stamp(stops.last), every=span(stops.every.total_seconds())
        )
        found += [line(), *_marked("✖", "bad", text, width)]
    found.append(line())
    if known.newest is not None:
        found += _newest(situation, known, known.newest, width)
    found += _coming(situation, known, width)
    found += _second(situation, known, width)
    found += _runs(situation, stock, set_id, width)
    return [*found, *_chosen(situation, set_id, width)]


def about_backup(situation: Situation, known: Known, backup: Backup, width: int) -> list[Line]:
    """One backup: what is known of it and who established that, and what becomes of it."""
    found = [*paragraph(backup.name, width, "strong"), *paragraph(backup.path, width, "dim"), line()]
    taken = _("{at}, {age} old").format(at=stamp(backup.taken_at), age=words.age(backup, situation.now))
    found += _told(_("taken"), taken, width)
    found += [_row(_("loses"), width, *loses(situation, backup))]
    grown = known.shelf.grown.get(backup.path)
    change = words.change(backup, grown)
    found += [
        _row(
            _("size"),
            width,
            words.bytes_of(backup),
            Ink(f"  {change}", "warn" if words.shrank(backup, grown) else "dim"),
        )
    ]
    found += _told(_("made by"), backup.made_by or "—", width)
    if (fate := known.shelf.fates.get(backup.name)) is not None:
        expires = fate.at + situation.plan.backup_sets[known.set].keep
        found += _told(_("kept"), words.reason(fate), width)
        if expires > situation.now:
            found += paragraph(_("expires {at}").format(at=stamp(expires)), width, "dim", _LABEL)
    found += [line(), *fact_lines(backup, situation.now, width)]
    if backup.rows:
        found += [line(), line(Ink(_("Rows when it was made"), "link"))]
        wide = max(len(f"{count:,}") for count in backup.rows.values())
        found += [
            line("  ", Ink(f"{count:>{wide},}"), Ink(f"  {table}", "dim")) for table, count in backup.rows.items()
        ]
    return found


def fact_lines(backup: Backup, now: datetime, width: int) -> list[Line]:
    """The four facts, each with its word; who verified it, and what that said."""
    found: list[Line] = []
    for fact in words.FACTS:
        mark = of_fact(getattr(backup, fact))
        end = line(Ink(mark.word, marks.ink_of(mark)))
        found.append(spread(line(Ink(f"{mark.glyph} ", marks.ink_of(mark)), words.fact_word(fact)), end, width))
    if backup.verified_at is None:
        return [*found, *paragraph(_("Nobody has verified it."), width, "dim", 2)]
    told = marks.verified(backup, now)
    by = f" · {backup.verified_by}" if backup.verified_by else ""
    found += [line("  ", Ink(_("verified"), "dim"), " ", told, Ink(by, "dim"))]
    return [*found, *(paragraph(backup.detail, width, "bad" if backup.failed else "dim", 2) if backup.detail else [])]


# -- parts of a set ------------------------------------------------------------------------------------


def _problem(situation: Situation, known: Known, node: str, width: int) -> list[Line]:
    """Why it cannot be seen now, and from when what is shown is."""
    declared = situation.plan.backup_sets[known.set]
    found: list[Line] = []
    if known.problem and situation.observing and not is_here(situation.plan.nodes[declared.on]):
        text = _("Observers hold no keys, so the backups on {node} cannot be listed from here; the journals tell this:")
        found = [line(), *_marked("·", "dim", text.format(node=node), width, "plain")]
    elif known.problem:
        found = [line(), *_marked("✖", "bad", known.problem, width)]
        found += paragraph(f"→ {known.hint}", width, "plain", 2) if known.hint else []
    if known.problem and known.shelf.at is not None:
        text = _("What follows is as it was seen at {at}.").format(at=minute(known.shelf.at))
        found += paragraph(text, width, "warn", 2)
    return found


def _newest(situation: Situation, known: Known, newest: Backup, width: int) -> list[Line]:
    plan, now = situation.plan, situation.now
    rpo = rpo_of(plan, known.set)
    mark = of_band(age_band(newest, rpo, now))
    found = _told(_("newest"), newest.name, width)
    age = Ink(words.age(newest, now), marks.ink_of(mark))
    if rpo is None:
        found.append(_row(_("age"), width, age))
    else:
        word = Ink(f"  {mark.glyph} {mark.word}", marks.ink_of(mark))
        found.append(_row(_("age"), width, age, Ink(f" / {span(rpo.total_seconds())}", "dim"), word))
        bar = gauge((now - newest.taken_at) / rpo, min(30, width - _LABEL), marks.ink_of(mark))
        found.append(_row("", width, *bar))
    shelf = known.shelf
    count = ngettext("{count} backup, {size}", "{count} backups, {size}", len(shelf.paths))
    count = count.format(count=f"{len(shelf.paths):,}", size=size(shelf.size))
    bad = " · " + _("{bad} of no use").format(bad=shelf.bad) if shelf.bad else ""
    found.append(_row(_("all"), width, count, Ink(bad, "warn")))
    if left := len(shelf.catalog.leftovers):
        text = _("{count} pieces of interrupted backups, which pruning clears away in time")
        found += paragraph(text.format(count=left), width, "dim", _LABEL)
    return [*found, line(), *fact_lines(newest, now, width), line()]


def _coming(situation: Situation, known: Known, width: int) -> list[Line]:
    """When the next one is due, and by what."""
    plan = situation.plan
    due = next_due(plan, known.set, known.shelf.catalog.backups[:1], situation.now)
    if plan.backup_sets[known.set].optional:
        return _told(_("next"), _("when somebody wants one: it is optional"), width, "dim")
    if due is None:
        return _told(_("next"), _("nothing is scheduled: somebody has to think of it"), width, "warn")
    near = abs((due.at - situation.now).total_seconds()) < 86400
    at = minute(due.at) if near else stamp(due.at)
    if due.schedule is None:
        text = _("due {at}; nothing is scheduled: somebody has to think of it").format(at=at)
        return _told(_("next"), text, width, "warn")
    return _told(_("next"), f"{at} · {when(due.schedule)}", width)


def _second(situation: Situation, known: Known, width: int) -> list[Line]:
    plan, declared = situation.plan, situation.plan.backup_sets[known.set]
    if declared.copy_to is None:
        text = _("no second place: whatever takes this one takes every backup")
        return _told(_("off-site"), text, width, "dim" if declared.optional else "warn")
    told, rpo = marks.copied(plan, known, situation.now), offsite.copy_rpo(plan, known.set)
    against = f" / {span(rpo.total_seconds())}" if rpo else ""
    found = [_row(_("off-site"), width, told, Ink(against, "dim"))]
    found += paragraph(declared.copy_to.where, width, "dim", _LABEL)
    if known.second is not None and known.second.problem:
        found += paragraph(known.second.problem, width, "warn", _LABEL)
    return found


def _runs(situation: Situation, stock: Stock, set_id: str, width: int) -> list[Line]:
    """The last runs that made and verified one, as their journals tell."""
    known = stock.attempts(set_id)
    found: list[Line] = []
    for label, run in ((_("last made"), known.made), (_("verified"), known.verified)):
        if run is not None:
            mark, ended = of_outcome(run.outcome), run.closed_at
            found.append(_row(label, width, Ink(f"{mark.glyph} {mark.word}", marks.ink_of(mark)), f" · {run.id}"))
            took = " · " + clock((ended - run.opened_at).total_seconds()) if ended else ""
            ago = _("{age} ago").format(age=span((situation.now - run.opened_at).total_seconds()))
            found.append(_row("", width, Ink(ago + took, "dim")))
    if not found and situation.observing:
        found = _told(_("last made"), _("no journal tells of one"), width, "dim")
    return found


def _chosen(situation: Situation, set_id: str, width: int) -> list[Line]:
    """What the journal of the run that is shown knows of the set: the backup that it restores."""
    run = situation.run
    found: list[Line] = []
    for chosen in run.inputs.values() if run is not None else ():
        fact = chosen.backup
        if run is None or fact is None or fact.set != set_id:
            continue
        found += [line(), line(Ink(_("Chosen in {run}").format(run=run.run), "link"))]
        found += paragraph(fact.path.rsplit("/", 1)[-1], width, "plain", 2)
        verified = _("verified") if fact.verified_at else _("not verified")
        taken = _("taken {at}").format(at=stamp(fact.taken_at))
        found += paragraph(f"{size(fact.size)} · {taken} · {verified}", width, "dim", 2)
        if began(situation) is not None and fact.loses is not None:
            found += paragraph(_("restoring it loses {time}").format(time=span(fact.loses)), width, "plain", 2)
    return found


# -- lines ---------------------------------------------------------------------------------------------


def stamp(at: datetime) -> str:
    """The local date and time, to the minute."""
    return at.astimezone().strftime("%Y-%m-%d %H:%M")


def _row(label: str, width: int, *pieces: Piece) -> Line:
    return cut_line(line(Ink(fit(label, _LABEL), "dim"), pieces), width)


def _told(label: str, text: str, width: int, ink: str = "plain") -> list[Line]:
    return paragraph(text, width, ink, _LABEL, Ink(label, "dim"))


def _marked(glyph: str, ink: str, text: str, width: int, words_ink: str = "") -> list[Line]:
    return paragraph(text, width, words_ink or ink, 2, Ink(f"{glyph} ", ink))
