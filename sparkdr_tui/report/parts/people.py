"""Who did what, with which inputs, what they ticked and what they wrote down."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sparkdr_tui.figures import date_and_time, size
from sparkdr_tui.language import _, current, ngettext
from sparkdr_tui.report.blocks import Cell, Column, Part, Section, table
from sparkdr_tui.report.content import Checklist, Chosen, Content
from sparkdr_tui.report.people import ENGINE, Act, Deed, Person, Tick
from sparkdr_tui.report.words import at, backup_name, step_name

_MANY = 8
"""More steps than these are counted, not numbered."""


def people(content: Content) -> Section:
    """Everybody who acted."""
    columns = (_("who"), _("from"), _("until"), _("did"))
    return Section("people", _("Who did what"), table(columns, (_person(content, each) for each in content.people)))


def _person(content: Content, each: Person) -> tuple[str, ...]:
    opened = content.state.opened_at
    return each.name, at(each.first, opened), at(each.last, opened), " · ".join(_deeds(content, each))


def _deeds(content: Content, person: Person) -> Iterator[str]:
    """What somebody did, kind by kind; steps by their numbers."""
    for deed in Deed:
        acts = person.did(deed)
        if not acts:
            continue
        match deed:
            case Deed.OPENED:
                yield _("opened the run")
            case Deed.RESUMED:
                yield _("took the run up again ({count}×)").format(count=len(acts))
            case Deed.TOOK_OVER:
                yield _("took over from {names}").format(names=", ".join(each.about for each in acts))
            case Deed.CONFIRMED:
                yield ngettext("confirmed step {numbers}", "confirmed steps {numbers}", len(acts)).format(
                    numbers=_numbers(content, acts)
                )
            case Deed.SKIPPED:
                yield ngettext("skipped step {numbers}", "skipped steps {numbers}", len(acts)).format(
                    numbers=_numbers(content, acts)
                )
            case Deed.MARKED:
                yield ngettext("marked step {numbers} done", "marked steps {numbers} done", len(acts)).format(
                    numbers=_numbers(content, acts)
                )
            case Deed.RETRIED:
                yield ngettext("retried step {numbers}", "retried steps {numbers}", len(acts)).format(
                    numbers=_numbers(content, acts)
                )
            case Deed.CHOSE:
                yield _("chose {names}").format(names=", ".join(dict.fromkeys(each.about for each in acts)))
            case Deed.TICKED:
                yield ngettext("ticked {count} item", "ticked {count} items", len(acts)).format(count=len(acts))
            case Deed.MOVED:
                yield _("set the beginning of the incident")
            case Deed.NOTED:
                yield ngettext("wrote {count} note", "wrote {count} notes", len(acts)).format(count=len(acts))
            case Deed.CALLED:
                yield ngettext("made {count} call", "made {count} calls", len(acts)).format(count=len(acts))
            case Deed.GAVE:
                yield _("gave roles to {names}").format(names=", ".join(dict.fromkeys(each.about for each in acts)))
            case Deed.ESCALATED:
                yield _("escalated by hand ({count}×)").format(count=len(acts))
            case Deed.REFUSED:
                yield ngettext("{count} decision was refused", "{count} decisions were refused", len(acts)).format(
                    count=len(acts)
                )
            case Deed.ABORTED:
                yield _("aborted the run")


def _numbers(content: Content, acts: Sequence[Act]) -> str:
    found = [str(content.steps[act.about].number) for act in acts if act.about in content.steps]
    return ", ".join(dict.fromkeys(found)) if len(found) <= _MANY else _("({count} in all)").format(count=len(found))


def chosen(content: Content) -> Section:
    """The inputs of the run; what was chosen anew later stands below what it was before."""
    columns = (_("when"), _("input"), _("value"), _("taken"), Column(_("size"), number=True), _("who"))
    return Section(
        "inputs", _("Inputs and backups"), table(columns, (_chosen(content, each) for each in content.chosen))
    )


def _chosen(content: Content, each: Chosen) -> tuple[Cell | str, ...]:
    backup = each.event.backup
    alone = _("the newest usable one") if each.event.expired is None else _("what is past its keep")
    who = alone if each.by == ENGINE else each.by
    when = at(each.at, content.state.opened_at)
    if backup is None:
        return when, Cell(each.event.name, code=True), Cell(each.event.value, code=True), "", "", who
    value = Cell(backup_name(backup), code=True, more=backup.path)
    return when, Cell(each.event.name, code=True), value, date_and_time(backup.taken_at), size(backup.size), who


def checklists(content: Content) -> Section:
    """Every checklist with its ticks."""
    return Section("checklists", _("Checklists"), tuple(_checklist(content, each) for each in content.checklists))


def _checklist(content: Content, each: Checklist) -> Part:
    items = content.steps[each.step].step.outline.checklist
    done = sum(tick.ticked for tick in each.ticks)
    count = _("{done} of {total}").format(done=done, total=len(each.ticks))
    rows = (_tick(content, items[tick.item].within(current()), tick) for tick in each.ticks)
    return Part(Cell(step_name(content, each.step), more=count), table(("", _("item"), _("who"), _("when")), rows))


def _tick(content: Content, item: str, tick: Tick) -> tuple[Cell | str, ...]:
    if not tick.ticked or tick.at is None:
        return Cell("☐", "warn"), item, "", ""
    who = _("the lab's hands") if tick.by == ENGINE else tick.by or ""
    return Cell("☑", "good"), item, who, at(tick.at, content.state.opened_at)


def notes(content: Content) -> Section:
    """What somebody wrote down."""
    rows = (
        (
            at(each.at, content.state.opened_at),
            each.by,
            Cell(each.text, more=step_name(content, each.step)),
        )
        for each in content.notes
    )
    return Section("notes", _("Notes"), table((_("when"), _("who"), _("note")), rows))
