"""`drill list` and `drill next`: the calendar of drills. Looks only; `drill_start.py` starts one."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sparkdr_tui.commands.place import JsonOption, console, here, write_json
from sparkdr_tui.errors import UsageError
from sparkdr_tui.figures import span
from sparkdr_tui.language import _, current
from sparkdr_tui.text import one_line

if TYPE_CHECKING:
    from rich.console import Console

    from sparkdr_tui.plan.model import Text
    from sparkdr_tui.plan.runbook import Plan
    from sparkdr_tui.record.drills import DrillStatus, Turn

IcsOption = Annotated[bool, typer.Option("--ics", help=_("As iCalendar, to FILE or to standard output."))]
FileArgument = Annotated[Path | None, typer.Argument(metavar="[FILE]", help=_("Where --ics writes to."))]


def group() -> typer.Typer:
    """The commands of the calendar that look."""
    drill = typer.Typer(help=_("Drills: which one is due, what to announce, and holding one."))
    drill.callback(invoke_without_command=True)(_without_command)
    drill.command("list", help=_("Every drill: when it was last held, when it is due."))(list_drills)
    drill.command("next", help=_("The drill that comes next, and what to announce."))(next_drill)
    return drill


def _without_command(context: typer.Context) -> None:
    if context.invoked_subcommand is None:
        list_drills(context)


def list_drills(
    context: typer.Context, file: FileArgument = None, ics: IcsOption = False, as_json: JsonOption = False
) -> None:
    """Print every drill."""
    _one_way_out(file, ics, as_json)
    now = datetime.now(UTC)
    plan, found = _look(context, now)
    if ics:
        from sparkdr_tui.record.drills import day_of
        from sparkdr_tui.report.ics import series

        _write(series(plan, now, day_of(now, None)), file)
    elif as_json:
        write_json({"plan": plan.name, "at": now.isoformat(), "drills": [drill_document(each) for each in found]})
    elif not found:
        typer.echo(_("The plan has no drills."))
    else:
        _print(console(), found)


def next_drill(
    context: typer.Context,
    file: FileArgument = None,
    on: Annotated[
        str | None, typer.Option("--on", metavar="DATE", help=_("The day on which it will be held, like 2026-12-07."))
    ] = None,
    ics: IcsOption = False,
    as_json: JsonOption = False,
) -> None:
    """Print the drill that comes next, with its announcement."""
    from sparkdr_tui.record.drills import day_of
    from sparkdr_tui.report.notice import notice

    _one_way_out(file, ics, as_json)
    day = None if on is None else _day(on)
    now = datetime.now(UTC)
    today = day_of(now, None)
    plan, found = _look(context, now)
    first = min(found, key=lambda each: each.urgency, default=None)
    if first is None:
        raise UsageError(_("The plan has no drills."))
    said = notice(plan, first, today, day)
    if ics:
        from sparkdr_tui.report.ics import once

        _write(once(plan, first, now, today, day), file)
    elif as_json:
        write_json({**drill_document(first), "plan": plan.name, "announcement": said.model_dump()})
    else:
        _tell(console(), first, said)


# -- for people --------------------------------------------------------------------------------------


def _print(out: Console, found: tuple[DrillStatus, ...]) -> None:
    from rich import box
    from rich.table import Table
    from rich.text import Text

    from sparkdr_tui.report.drill_words import held_line
    from sparkdr_tui.report.marks import of_standing

    table = Table(_("drill"), _("window"), _("state"), _("last held"), box=box.SIMPLE, pad_edge=False)
    for each in found:
        mark = of_standing(each.standing)
        title = Text.assemble(each.drill.title.within(current()), "\n", (each.id, "bright_black"))
        held = held_line(each.last) + ("\n" + _("{run} is unfinished").format(run=each.running) if each.running else "")
        table.add_row(title, _days(each.turn), Text(f"{mark.glyph} {mark.word}", style=mark.colour), held)
    out.print(table)


def _tell(out: Console, first: DrillStatus, said: Text) -> None:
    from sparkdr_tui.report.drill_words import held_line, standing_line

    out.print(standing_line(first), style="bold", soft_wrap=True)
    out.print(_("Last held: {held}").format(held=held_line(first.last)), soft_wrap=True)
    ahead = span(first.drill.announce.total_seconds())
    out.print(_("To be announced {time} before it is held.").format(time=ahead), soft_wrap=True)
    out.print(_("To hold it: sparkdr-tui drill start {name}").format(name=first.id), soft_wrap=True)
    for head, text in (("English", said.en), ("한국어", said.ko)):
        out.print(f"\n── {head} ──", style="bright_black")
        out.print(text, soft_wrap=True)


def _days(turn: Turn) -> str:
    return f"{turn.opens}" if turn.opens == turn.closes else f"{turn.opens}\n– {turn.closes}"


# -- for programs ------------------------------------------------------------------------------------


def drill_document(each: DrillStatus) -> dict[str, Any]:
    """A drill as programs read it."""
    last = each.last
    return {
        "id": each.id,
        "title": each.drill.title.model_dump(),
        "when": each.drill.when.model_dump(exclude_none=True),
        "scenario": each.drill.scenario,
        "runbook": each.drill.runbook,
        "state": each.standing.value,
        "opens": each.turn.opens.isoformat(),
        "closes": each.turn.closes.isoformat(),
        "announce": each.turn.announce.isoformat(),
        "running": each.running,
        "last": None
        if last is None
        else {
            "run": last.run,
            "opened_at": last.opened_at.isoformat(),
            "closed_at": last.closed_at.isoformat() if last.closed_at else None,
            "outcome": last.outcome,
            "rto_met": last.rto_met,
        },
    }


# -- inside ------------------------------------------------------------------------------------------


def _look(context: typer.Context, now: datetime) -> tuple[Plan, tuple[DrillStatus, ...]]:
    from sparkdr_tui.record.drills import drill_statuses

    place = here(context)
    plan = place.load()
    return plan, drill_statuses(plan, place.state_folder(plan), now)


def _one_way_out(file: Path | None, ics: bool, as_json: bool) -> None:
    if file is not None and not ics:
        raise UsageError(_("A file is written with --ics only."))
    if ics and as_json:
        raise UsageError(_("--ics and --json exclude each other."))


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        hint = _("Write it like 2026-12-07.")
        raise UsageError(_("--on {text} is no date.").format(text=one_line(text, 40)), hint) from None


def _write(calendar: str, file: Path | None) -> None:
    """To a file, or as it is to whoever reads standard output."""
    if file is None:
        typer.echo(calendar, nl=False)
        return
    from sparkdr_tui.report.writing import written

    with written(file) as out:
        out.write(calendar.encode())
    typer.echo(_("Written: {file}").format(file=file))
