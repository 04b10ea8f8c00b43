"""What did not go by the book: steps left out, marked done, undone; attempts that failed, with their last lines."""

from __future__ import annotations

from collections.abc import Iterator

from sparkdr_tui.language import _
from sparkdr_tui.report.blocks import Block, Cell, Excerpt, Items, Part, Says, Section, table
from sparkdr_tui.report.content import Content, Failure, Undone
from sparkdr_tui.report.people import ENGINE, Decided, Deed
from sparkdr_tui.report.words import at, step_name


def exceptions(content: Content) -> Section:
    """Steps that were skipped, marked done or undone, with reasons, in the order in which it came about."""
    found = [(each.at, _decided(content, each)) for each in content.decided]
    found += [(each.at, _undone(content, each)) for each in content.undone]
    columns = (_("when"), _("step"), _("decision"), _("reason"), _("who"), _("log"))
    rows = (row for _at, row in sorted(found, key=lambda each: each[0]))
    return Section("exceptions", _("Skipped, marked done, undone"), table(columns, rows))


def _undone(content: Content, each: Undone) -> tuple[Cell | str, ...]:
    said = {
        True: Cell("↶ " + _("undone"), "warn"),
        False: Cell("✖ " + _("could not be undone"), "bad"),
        None: Cell("◌ " + _("being undone")),
    }
    when = at(each.at, content.state.opened_at)
    return when, step_name(content, each.step), said[each.ok], each.detail, each.by, Cell(_("log"), log=each.log)


def _decided(content: Content, each: Decided) -> tuple[Cell | str, ...]:
    step = content.steps[each.step].step
    said = _("skipped") if each.deed is Deed.SKIPPED else _("marked done")
    optional = _("optional") if step.outline.optional else ""
    loud = each.deed is Deed.MARKED or not step.outline.optional
    return (
        at(each.at, content.state.opened_at),
        step_name(content, each.step),
        Cell(("» " if each.deed is Deed.SKIPPED else "▲ ") + said, "warn" if loud else "plain", more=optional),
        each.reason,
        "" if each.by == ENGINE else each.by,
        "",
    )


def failures(content: Content) -> Section:
    """Attempts that did not end well."""
    return Section("failures", _("Failures and retries"), tuple(_failure(content, each) for each in content.failures))


def _failure(content: Content, each: Failure) -> Part:
    parts = [at(each.at, content.state.opened_at), step_name(content, each.step)]
    parts.append(_("attempt {number}").format(number=each.attempt))
    status = _("exit status {status}").format(status=each.exit_status) if each.exit_status else ""
    title = Cell(" · ".join([*parts, _(each.ending)]), "bad", more=status)
    return Part(title, tuple(_blocks(content, each)))


def _blocks(content: Content, each: Failure) -> Iterator[Block]:
    if each.detail:
        yield Says(each.detail)
    if each.tail:
        yield Excerpt(each.tail)
    items = [Cell("→ " + hint) for hint in each.hints]
    items += [Cell(_("full log: {path}").format(path=each.log), log=each.log)] if each.log else []
    items.append(Cell(_what_then(content, each)))
    yield Items(tuple(items))


def _what_then(content: Content, each: Failure) -> str:
    if each.again:
        return _("It was tried again.")
    step = content.steps[each.step].step
    if step.marked:
        return _("It was marked done by hand.")
    if step.phase.settled:
        return _("It was left out.")
    return _("Nothing was done about it.") if not content.state.live else _("It waits for the operator.")
