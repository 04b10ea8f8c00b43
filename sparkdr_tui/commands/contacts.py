"""`contacts`: whom to call, and the escalation path, with *you are here* while a run is under way. Acts on no node.

`contacts set` fills in who somebody is.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sparkdr_tui.commands.place import console, here, write_json
from sparkdr_tui.errors import UsageError
from sparkdr_tui.figures import time_of_day
from sparkdr_tui.language import _, current

if TYPE_CHECKING:
    from rich.table import Table

    from sparkdr_tui.plan.model import Contact
    from sparkdr_tui.plan.runbook import Plan
    from sparkdr_tui.record.escalation import Standing
    from sparkdr_tui.record.events import StageOutline
    from sparkdr_tui.record.state import RunState


def register(app: typer.Typer) -> None:
    """Add the commands of this room."""
    group = typer.Typer(help=_("Whom to call, and the escalation path."))
    group.callback(invoke_without_command=True)(contacts)
    group.command("set", help=_("Write name, phone or mail of a contact into the plan; its comments stay."))(change)
    app.add_typer(group, name="contacts", rich_help_panel=_("Look"))


def contacts(
    context: typer.Context,
    as_json: Annotated[bool, typer.Option("--json", help=_("One JSON document with stable keys."))] = False,
) -> None:
    """Print the plan's contacts, and where the run under way is on the path."""
    if context.invoked_subcommand is not None:
        return
    from sparkdr_tui.commands.situation import current_run
    from sparkdr_tui.record.lock import guarded

    place = here(context)
    plan = place.load()
    state_folder = place.state_folder(plan)
    run, now = current_run(state_folder, plan.lab, guarded(plan, state_folder)), datetime.now(UTC)
    if as_json:
        write_json({**document(plan), "run": _run_document(run, now)})
        return
    from sparkdr_tui.record.escalation import path_of, standing

    out = console()
    out.print(_table(_("Team"), plan.contacts.team))
    if plan.contacts.external:
        out.print(_table(_("Outside support"), plan.contacts.external))
    path = run.opened.path if run is not None and run.opened.path else path_of(plan, None)
    where = standing(run, now) if run is not None else None
    if path:
        title = _("Escalation") if where is None or run is None else _("Escalation of {run}").format(run=run.run)
        out.print(title, style="bold")
        for number, stage in enumerate(path):
            out.print(_stage(plan, stage, number, where), soft_wrap=True)
            if run is not None and where is not None and number == where.number:
                for line in _here(plan, run, where, now):
                    out.print(f"      {line}", style="yellow", soft_wrap=True)


def change(
    context: typer.Context,
    who: Annotated[str, typer.Argument(metavar="ID", help=_("As in contacts.yaml: lead, dba, …"))],
    name: Annotated[str | None, typer.Option("--name", help=_("The name."))] = None,
    phone: Annotated[str | None, typer.Option("--phone", help=_("The phone number."))] = None,
    email: Annotated[str | None, typer.Option("--email", help=_("The mail address."))] = None,
) -> None:
    """Write what was given into contacts.yaml."""
    from sparkdr_tui import editing

    values: dict[editing.Field, str | None] = {"name": name, "phone": phone, "email": email}
    given = {field: value.strip() for field, value in values.items() if value is not None}
    if not given:
        raise UsageError(_("Nothing to change."), _("Give --name, --phone or --email."))
    opened = editing.begin(here(context).load().folder)
    plan = editing.save(opened, who, given)
    contact = {**plan.contacts.external, **plan.contacts.team}[who]
    parts = (contact.role.within(current()), contact.name, contact.phone, contact.email)
    console().print(" · ".join(part for part in parts if part), soft_wrap=True)


def document(plan: Plan) -> dict[str, Any]:
    """The contacts as programs read them."""
    return {
        "plan": plan.name,
        "team": {name: contact.model_dump(mode="json") for name, contact in plan.contacts.team.items()},
        "external": {name: contact.model_dump(mode="json") for name, contact in plan.contacts.external.items()},
        "escalation": [
            {
                "id": stage.id,
                "title": stage.title.model_dump(),
                "levels": list(stage.levels),
                "who": list(stage.who),
                "escalate_after_s": stage.escalate_after.total_seconds() if stage.escalate_after else None,
            }
            for stage in plan.contacts.escalation
        ],
    }


def _table(title: str, people: Mapping[str, Contact]) -> Table:
    from rich import box
    from rich.table import Table

    table = Table(
        _("role"), _("name"), _("phone"), _("mail"), _("scope"), title=title, title_justify="left", box=box.SIMPLE
    )
    for each in people.values():
        fields = (each.role.within(current()), each.name, each.phone, each.email, each.scope.within(current()))
        table.add_row(*(field or "—" for field in fields))
    return table


def _run_document(run: RunState | None, now: datetime) -> dict[str, Any] | None:
    """The run under way: where it is on the path."""
    from sparkdr_tui.report.document import escalation

    return None if run is None else {"id": run.run, "escalation": escalation(run, now)}


def _stage(plan: Plan, stage: StageOutline, number: int, where: Standing | None) -> str:
    """One box of the path on a line: where it starts, who acts, when the next one is called."""
    from sparkdr_tui.figures import span
    from sparkdr_tui.plan.model import OWNER

    people = {**plan.contacts.external, **plan.contacts.team}
    owners = any(OWNER in each.who for each in plan.contacts.escalation if each.id == stage.id)
    names = [_("the scenario's contacts")] if owners and not stage.who else []
    here = where is not None and number == where.number
    names += [
        people[who].role.within(current()) + (_came_of_it(where, who) if here else "")
        for who in stage.who
        if who in people
    ]
    levels = ", ".join(str(level) for level in stage.levels)
    parts = [stage.title.within(current())]
    parts += [_("level {levels}").format(levels=levels)] if levels else []
    parts += [", ".join(names)] if names else []
    if stage.escalate_after:
        parts += [_("after {time} go on to the next").format(time=span(stage.escalate_after))]
    mark = "▶" if here else "↓"
    return f"  {mark} " + " · ".join(parts)


def _came_of_it(where: Standing | None, contact: str) -> str:
    """What came of calling somebody of the stage that the path is at."""
    marks = {"reached": " ✔", "not reached": " ✖", "calling": " …"}
    return marks.get(where.results.get(contact, ""), "") if where is not None else ""


def _here(plan: Plan, run: RunState, where: Standing, now: datetime) -> list[str]:
    """What is so at the stage that the path is at."""
    from sparkdr_tui.record.calling import call_line
    from sparkdr_tui.record.escalation import why

    since = time_of_day(where.entered_at)
    you_are_here = _("you are here since {time} ({why})").format(time=since, why=why(where.why))
    return [you_are_here, *([said] if (said := call_line(plan, run, now)) else [])]
