"""`contacts`: whom to call, and the escalation path, as the plan says."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sparkdr_tui.commands.place import console, here, write_json
from sparkdr_tui.language import _, current

if TYPE_CHECKING:
    from rich.table import Table

    from sparkdr_tui.plan.model import Contact, EscalationStage
    from sparkdr_tui.plan.runbook import Plan

OWNER = "$owner"


def register(app: typer.Typer) -> None:
    """Add the commands of this room."""
    app.command("contacts", help=_("Whom to call, and the escalation path."), rich_help_panel=_("Look"))(contacts)


def contacts(
    context: typer.Context,
    as_json: Annotated[bool, typer.Option("--json", help=_("One JSON document with stable keys."))] = False,
) -> None:
    """Print the plan's contacts."""
    plan = here(context).load()
    if as_json:
        write_json(document(plan))
        return
    out = console()
    out.print(_table(_("Team"), plan.contacts.team))
    if plan.contacts.external:
        out.print(_table(_("Outside support"), plan.contacts.external))
    if plan.contacts.escalation:
        out.print(_("Escalation"), style="bold")
        for stage in plan.contacts.escalation:
            out.print(_stage(plan, stage), soft_wrap=True)


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


def _stage(plan: Plan, stage: EscalationStage) -> str:
    """One box of the path on a line: where it starts, who acts, when the next one is called."""
    from sparkdr_tui.plan.model import format_duration

    people = {**plan.contacts.external, **plan.contacts.team}
    names = [
        _("the scenario's contacts") if who == OWNER else people[who].role.within(current())
        for who in stage.who
        if who == OWNER or who in people
    ]
    levels = ", ".join(str(level) for level in stage.levels)
    parts = [stage.title.within(current())]
    parts += [_("level {levels}").format(levels=levels)] if levels else []
    parts += [", ".join(names)] if names else []
    if stage.escalate_after:
        parts += [_("after {time} go on to the next").format(time=format_duration(stage.escalate_after))]
    return "  ↓ " + " · ".join(parts)
