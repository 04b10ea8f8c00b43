"""`backup list`: which backups there are, how old, and what is known of each. Looks only, and cannot act."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from sparkdr_tui.commands.place import JsonOption, console, here, write_json
from sparkdr_tui.errors import UsageError
from sparkdr_tui.language import _, current
from sparkdr_tui.text import one_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from rich.console import Console, RenderableType
    from rich.table import Table
    from rich.text import Text

    from sparkdr_tui.backups.catalog import Backup
    from sparkdr_tui.backups.looking import SetLook
    from sparkdr_tui.backups.offsite import Second
    from sparkdr_tui.plan.runbook import Plan

WIDE = 110
"""Columns from which on names and verifications have room."""
MOST = 40
"""Backups of a set that are shown unless all are asked for."""
FAILED = 1


def register(app: typer.Typer) -> None:
    """Add the commands of this room."""
    app.command("list", help=_("Which backups there are, how old, and what is known of each."))(listing)


def listing(
    context: typer.Context,
    backup_set: Annotated[
        str | None, typer.Argument(metavar="[SET]", help=_("Its backups, newest first; without it one line a set."))
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help=_("Every backup, however many."))] = False,
    as_json: JsonOption = False,
) -> None:
    """Look at one backup set or at all of them; fails where one of them cannot be seen."""
    place = here(context)
    plan = place.load()
    names = chosen_sets(plan, backup_set)
    import asyncio

    looks, seconds = asyncio.run(_look(plan, names))
    now = datetime.now(UTC)
    from sparkdr_tui.commands import copies

    if as_json:
        from sparkdr_tui.report.backups import set_document

        whole = everything or backup_set is not None
        sets = {
            name: set_document(plan, look, now, whole=whole)
            | {"copy": copies.document(plan, name, seconds.get(name), now)}
            for name, look in looks.items()
        }
        write_json({"plan": plan.name, "at": now.isoformat(), "sets": sets})
    else:
        out = console()
        _tell(out, plan, looks, now, one=backup_set, everything=everything)
        for line in copies.told(plan, seconds, now):
            out.print(line)
    if any(look.problem for look in looks.values()):
        raise typer.Exit(FAILED)


async def _look(plan: Plan, names: Sequence[str]) -> tuple[Mapping[str, SetLook], Mapping[str, Second]]:
    """The sets and their second places, side by side."""
    import asyncio

    from sparkdr_tui.backups.looking import look_at_all
    from sparkdr_tui.backups.offsite import second_places
    from sparkdr_tui.reach.pool import Reach

    reach = Reach(plan)
    try:
        return await asyncio.gather(look_at_all(plan, names), second_places(plan, reach, names))
    finally:
        await reach.close()


def chosen_sets(plan: Plan, backup_set: str | None) -> tuple[str, ...]:
    """The set that was asked for, or all; raises `UsageError` for one the plan does not have."""
    if backup_set is None:
        return tuple(plan.backup_sets)
    if backup_set not in plan.backup_sets:
        raise UsageError(
            _("The plan has no backup set {name}.").format(name=one_line(backup_set, 60)),
            _("It has: {names}").format(names=", ".join(sorted(plan.backup_sets)) or _("none")),
        )
    return (backup_set,)


# -- as people read it -------------------------------------------------------------------------------


def _tell(
    out: Console, plan: Plan, looks: Mapping[str, SetLook], now: datetime, one: str | None, everything: bool
) -> None:
    from sparkdr_tui.commands.backup_words import legend, tell_problems

    if not looks:
        out.print(_("The plan has no backup sets."))
        return
    if one is None and not everything:
        for place, names in _by_place(plan, looks):
            out.print(place, style="bold", soft_wrap=True)
            out.print(_sets(plan, [looks[name] for name in names], now, out.width))
    else:
        for look in looks.values():
            _tell_set(out, plan, look, now, everything)
    tell_problems(out, ((look.set, look.problem, look.hint) for look in looks.values()))
    if any(look.catalog.backups for look in looks.values()):
        out.print(legend(out.width), style="bright_black")


def _by_place(plan: Plan, looks: Mapping[str, SetLook]) -> Iterable[tuple[str, list[str]]]:
    """The sets under where they are kept."""
    from sparkdr_tui.report.backups import place_of

    found: dict[str, list[str]] = {}
    for name in looks:
        node = plan.nodes[plan.backup_sets[name].on]
        found.setdefault(f"{node.title.within(current())}  {place_of(plan, name)}", []).append(name)
    return found.items()


def _sets(plan: Plan, looks: Sequence[SetLook], now: datetime, width: int) -> Table:
    from sparkdr_tui.backups.catalog import changes
    from sparkdr_tui.backups.words import bytes_of
    from sparkdr_tui.commands import backup_words as words

    wide = width >= WIDE
    heads = [_("backup set"), *([_("newest")] if wide else []), _("age / RPO"), "", _("size"), _("change")]
    heads += [_("facts"), *([_("verified")] if wide else []), _("count")]
    table = _table(heads, width, right=(_("size"), _("change"), _("count")))
    for look in looks:
        newest = look.newest
        if newest is None:
            old = words.age_and_rpo(plan, look.set, None, now)
            table.add_row(look.set, *(["—"] if wide else []), old, _nothing(plan, look))
            continue
        cells: list[RenderableType] = [look.set]
        cells += [_time(newest.taken_at)] if wide else []
        cells += [words.age_and_rpo(plan, look.set, newest, now), words.band(plan, look.set, newest, now)]
        cells += [bytes_of(newest), words.change(newest, changes(look.catalog.backups).get(newest.path))]
        cells += [words.facts(newest), *([words.verified(newest, now)] if wide else []), _count(look)]
        table.add_row(*cells)
    return table


def _nothing(plan: Plan, look: SetLook) -> Text:
    """That there is no newest one; why nothing was seen is told below the table, a cell is too narrow for it."""
    from rich.text import Text

    if look.problem:
        return Text("✖ " + _("not seen"), style="red")
    if look.catalog.backups:
        return Text("✖ " + _("none usable"), style="red")
    missed = not plan.backup_sets[look.set].optional
    return Text(("✖ " if missed else "· ") + _("none"), style="red" if missed else "bright_black")


def _count(look: SetLook) -> str:
    """How many there are, and how many of them are of no use."""
    there = [each for each in look.catalog.backups if each.exists]
    bad = sum(not each.usable for each in there)
    return f"{len(there)} " + _("({bad} bad)").format(bad=bad) if bad else str(len(there))


def _tell_set(out: Console, plan: Plan, look: SetLook, now: datetime, everything: bool) -> None:
    from sparkdr_tui.figures import span
    from sparkdr_tui.report.backups import place_of

    declared = plan.backup_sets[look.set]
    node = plan.nodes[declared.on].title.within(current())
    title = f"{look.set} · {declared.title.within(current())}"
    out.print(title, style="bold", soft_wrap=True)
    kept = _("every {every}, kept {keep}").format(
        every=span(declared.every.total_seconds()), keep=span(declared.keep.total_seconds())
    )
    out.print(f"{node}  {place_of(plan, look.set)}/{declared.name} · {kept}", style="bright_black", soft_wrap=True)
    backups = look.catalog.backups
    if look.problem:
        return
    if not backups:
        out.print("✖ " + _("there is no backup"), style="red")
    else:
        shown = backups if everything else backups[:MOST]
        out.print(_backups(plan, look, shown, now, out.width))
        if len(shown) < len(backups):
            more = _("{count} older ones; --all shows them").format(count=len(backups) - len(shown))
            out.print(f"  … {more}", style="bright_black")
    if look.catalog.leftovers:
        text = _("{count} pieces of interrupted backups, which pruning clears away in time")
        out.print("  " + text.format(count=len(look.catalog.leftovers)), style="bright_black")


def _backups(plan: Plan, look: SetLook, shown: Sequence[Backup], now: datetime, width: int) -> Table:
    from sparkdr_tui.backups.catalog import changes
    from sparkdr_tui.backups.words import age, bytes_of
    from sparkdr_tui.commands import backup_words as words

    wide = width >= WIDE
    heads = [
        _("name") if wide else _("stamp"),
        _("age"),
        _("against RPO"),
        _("size"),
        _("change"),
        _("facts"),
        *([_("verified")] if wide else []),
        "",
    ]
    table = _table(heads, width, right=(_("age"), _("size"), _("change")))
    grown, newest = changes(look.catalog.backups), look.newest
    begin, _stamp, _end = plan.backup_sets[look.set].name.partition("{stamp}")
    for each in shown:
        name = each.name if wide else each.name[len(begin) : len(begin) + 15]
        band = words.band(plan, look.set, each, now)
        if each is not newest:
            band.stylize("bright_black")  # that an older one is old is no alarm
        cells: list[RenderableType] = [name, age(each, now), band]
        cells += [bytes_of(each), words.change(each, grown.get(each.path)), words.facts(each)]
        cells += [words.verified(each, now)] if wide else []
        table.add_row(*cells, words.standing(each) if each is not newest else _("◂ newest"))
    return table


def _table(heads: Sequence[str], width: int, right: Sequence[str]) -> Table:
    """A table whose columns stand close; nothing in its first one is ever cut off."""
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE, pad_edge=False, padding=(0, 1, 0, 0) if width < WIDE else (0, 1))
    for at, head in enumerate(heads):
        table.add_column(head, justify="right" if head in right else "left", no_wrap=at == 0, overflow="fold")
    return table


def _time(at: datetime) -> str:
    return at.astimezone().strftime("%Y-%m-%d %H:%M")
