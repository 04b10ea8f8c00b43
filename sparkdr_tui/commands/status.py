"""`status`: one look at services, nodes, level, suggested scenarios, backups and the current run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from sparkdr_tui.commands.place import console, here, write_json, write_json_line
from sparkdr_tui.figures import clock, latency, span, time_of_day
from sparkdr_tui.language import _, current

if TYPE_CHECKING:
    from datetime import datetime

    from rich.console import Group, RenderableType
    from rich.table import Table
    from rich.text import Text

    from sparkdr_tui.commands.situation import Situation
    from sparkdr_tui.plan.model import Service
    from sparkdr_tui.plan.runbook import Plan
    from sparkdr_tui.record.forecast import ClockForecast, Forecast
    from sparkdr_tui.record.state import RunState
    from sparkdr_tui.watch.topology import Reading

EVERY = 5.0
"""Seconds between two looks with --watch."""
WIDE = 110
"""Columns from which on the names of backups have room."""


def register(app: typer.Typer) -> None:
    """Add the commands of this room."""
    app.command(
        "status",
        help=_("One look: services, nodes, level, suggested scenarios, backups, the current run."),
        rich_help_panel=_("Look"),
    )(status)


def status(
    context: typer.Context,
    as_json: Annotated[bool, typer.Option("--json", help=_("One JSON document with stable keys."))] = False,
    watch: Annotated[bool, typer.Option("--watch", help=_("Look again every few seconds, until ctrl+c."))] = False,
) -> None:
    """Print what is true now."""
    place = here(context)
    plan = place.load()
    import asyncio
    from threading import Event

    from sparkdr_tui.commands.situation import document, look

    state_folder = place.state_folder(plan)
    out = console()
    while True:
        seen = asyncio.run(look(plan, state_folder))
        if as_json and watch:
            write_json_line(document(plan, seen))
        elif as_json:
            write_json(document(plan, seen))
        else:
            if watch and out.is_terminal:
                out.clear()
            out.print(_told(plan, seen, out.width))
        if not watch:
            return
        Event().wait(EVERY)


# -- as people read it -------------------------------------------------------------------------------


def _told(plan: Plan, seen: Situation, width: int) -> Group:
    from rich.console import Group

    from sparkdr_tui.commands.copies import told
    from sparkdr_tui.record.forecast import forecast

    parts: list[RenderableType] = [_headline(plan, seen), *_suggestions(plan, seen), _services(plan, seen)]
    if seen.backups:
        parts += [_backups(plan, seen, width), *_late(plan, seen), *told(plan, seen.copies, seen.at)]
    if seen.run is not None:
        parts.append(_run(seen.run, forecast(seen.run, seen.at, seen.earlier), left=seen.interrupted))
        parts += _call(plan, seen.run, seen.at)
    if drills := _drills(seen):
        parts.append(drills)
    return Group(*parts)


def _headline(plan: Plan, seen: Situation) -> Text:
    from rich.text import Text

    level = seen.diagnosis.level
    said = _("nothing is down") if level is None else _("level {level}").format(level=level)
    state = (said, "green" if level is None else "red bold")
    return Text.assemble((plan.name, "bold"), " · ", state, " · ", time_of_day(seen.at))


def _suggestions(plan: Plan, seen: Situation) -> list[Text]:
    from rich.text import Text

    lines = []
    for each in seen.diagnosis.suggestions:
        scenario = plan.scenarios[each.scenario]
        line = Text.assemble(
            ("▸ ", "yellow"),
            (scenario.title.within(current()), "bold"),
            f" · RTO {span(scenario.rto.total_seconds())} · {each.reason.within(current())}",
        )
        if scenario.runbooks:
            line.append(f"  →  sparkdr-tui run {scenario.runbooks[0]}", style="bright_black")
        lines.append(line)
    return lines


def _services(plan: Plan, seen: Situation) -> Table:
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE, show_header=False, pad_edge=False)
    for node_id, node in plan.nodes.items():
        title = f"{node.title.within(current())} ({node_id})"
        table.add_row(title, "", *_cells(seen.topology.nodes.get(node_id)), style="bold")
        for name, service in plan.services.items():
            if service.on == node_id:
                title = f"  {service.port} {service.title.within(current())}"
                table.add_row(title, _promise(service), *_cells(seen.topology.services.get(name)))
    return table


def _cells(reading: Reading | None) -> tuple[Text, str, str]:
    """State, latency and detail."""
    from rich.text import Text

    from sparkdr_tui.plan.model import State
    from sparkdr_tui.report.marks import of_state
    from sparkdr_tui.watch import details

    mark = of_state(reading.state if reading else State.UNKNOWN)
    answered = latency(reading.latency) if reading and reading.latency is not None else ""
    return (
        Text(f"{mark.glyph} {mark.word}", style=mark.colour),
        answered,
        details.said(reading.detail) if reading else "",
    )


def _promise(service: Service) -> str:
    promised = (("RTO", service.rto), ("RPO", service.rpo))
    return " ".join(f"{word} {span(length.total_seconds())}" for word, length in promised if length)


def _backups(plan: Plan, seen: Situation, width: int) -> Table:
    from rich import box
    from rich.table import Table
    from rich.text import Text

    from sparkdr_tui.commands.backup_words import age_and_rpo, band, facts

    table = Table(_("backup set"), _("newest"), _("age / RPO"), "", _("facts"), box=box.SIMPLE, pad_edge=False)
    for name, look in seen.backups.items():
        newest = look.newest
        if newest is None:
            table.add_row(name, "—", age_and_rpo(plan, name, None, seen.at), Text(look.trouble, style="red"))
            continue
        age = age_and_rpo(plan, name, newest, seen.at)
        shown = newest.name if width >= WIDE else newest.taken_at.astimezone().strftime("%Y-%m-%d %H:%M")
        table.add_row(name, shown, age, band(plan, name, newest, seen.at), facts(newest))
    return table


def _late(plan: Plan, seen: Situation) -> list[Text]:
    """The sets whose job has stopped, and where to look."""
    from rich.text import Text

    from sparkdr_tui.report.marks import of_outcome

    lines = []
    for name, it in seen.late.items():
        said = _("{set}: its job has stopped: last made {last}, due every {every}.").format(
            set=name,
            last=it.stopped.last.astimezone().strftime("%Y-%m-%d %H:%M"),
            every=span(it.stopped.every.total_seconds()),
        )
        line = Text.assemble(("▲ ", "red"), (said, "red"))
        if it.attempt is not None:
            outcome = of_outcome(it.attempt.outcome).word
            line.append(f"  {it.attempt.id} {outcome}  →  sparkdr-tui runs show {it.attempt.id}", style="bright_black")
        elif plan.schedules:
            line.append("  →  sparkdr-tui backup schedule", style="bright_black")
        lines.append(line)
    return lines


def _drills(seen: Situation) -> Text | None:
    """The drill that is most urgent, and how many more there are; None where nothing is to be done."""
    from rich.text import Text

    from sparkdr_tui.record.drills import Standing
    from sparkdr_tui.report.drill_words import standing_line
    from sparkdr_tui.report.marks import of_standing

    waiting = sorted((each for each in seen.drills if each.standing is not Standing.DONE), key=lambda it: it.urgency)
    if not waiting:
        return None
    mark = of_standing(waiting[0].standing)
    line = Text.assemble((f"{mark.glyph} ", mark.colour), standing_line(waiting[0]))
    if more := len(waiting) - 1:
        line.append(" · " + _("{count} more: sparkdr-tui drill list").format(count=more), style="bright_black")
    return line


def _run(run: RunState, foreseen: Forecast, *, left: bool) -> Text:
    from rich.text import Text

    done = sum(step.phase.settled for step in run.steps.values())
    line = Text.assemble(
        ("◌ ", "yellow") if left else ("▶ ", "cyan"),
        (run.run, "bold"),
        (" " + _("DRILL") if run.opened.mode == "drill" else "", "magenta"),
        f" {run.opened.title.within(current())} · "
        + _("{done} of {total} steps").format(done=done, total=len(run.steps))
        + f" · {run.operator}",
    )
    if left:
        line.append(" · " + _("interrupted: nobody drives it"), style="yellow")
    for each in foreseen.clocks:
        if each.left is not None and not each.restored:
            text = _("{service} RTO {left} left").format(service=each.service, left=clock(each.left))
            line.append(f" · {text}{'' if left else _likely(each)}", style="red" if each.left < 0 else "")
    return line


def _call(plan: Plan, run: RunState, now: datetime) -> list[Text]:
    """Whom to call, and when the path moves up by itself."""
    from rich.text import Text

    from sparkdr_tui.record.calling import call_line

    said = call_line(plan, run, now)
    return [Text(f"  {said}", style="yellow")] if said else []


def _likely(each: ClockForecast) -> str:
    """What will become of an RTO, by what earlier runs took; nothing where that is not known."""
    from sparkdr_tui.record.forecast import Verdict

    at = time_of_day(each.breach_at)[:5] if each.breach_at else ""
    match each.verdict:
        case Verdict.ON_PACE if each.p50:
            return f" ({_('on pace {at}').format(at=time_of_day(each.p50)[:5])})"
        case Verdict.AT_RISK:
            return f" ({_('at risk at {at}').format(at=at)})"
        case Verdict.WILL_BREACH:
            return f" ({_('will breach at {at}').format(at=at)})"
    return ""
