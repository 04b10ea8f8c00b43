"""`check`: would a recovery with this plan, from this machine, work? Today the part that needs no node."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sparkdr_tui.commands.place import console, here, write_json
from sparkdr_tui.errors import SparkdrError
from sparkdr_tui.language import _, current, ngettext

if TYPE_CHECKING:
    from sparkdr_tui.plan.check import Finding
    from sparkdr_tui.plan.runbook import Plan

GLYPHS = {"ok": ("✔", "green"), "warn": ("▲", "yellow"), "stop": ("✖", "red")}


def register(app: typer.Typer) -> None:
    """Add the commands of this room."""
    app.command(
        "check",
        help=_("Readiness: is the plan valid, is what it needs in order. Contacts no node yet."),
        rich_help_panel=_("Plan and lab"),
    )(check)


def check(
    context: typer.Context,
    as_json: Annotated[bool, typer.Option("--json", help=_("One JSON document with stable keys."))] = False,
) -> None:
    """Print every finding; status 1 when one of them would stop a recovery."""
    from sparkdr_tui.plan.check import static_warnings

    place = here(context)
    plan = place.load()
    valid, *rest = static_warnings(plan)
    rest = sorted([*rest, *_from_here(plan, place.state_folder(plan))], key=lambda finding: finding.state != "stop")
    found = [valid, *rest]
    stops = sum(finding.state == "stop" for finding in found)
    if as_json:
        write_json({"plan": plan.name, "ready": not stops, "findings": [_document(finding) for finding in found]})
    else:
        _print(found, stops)
    if stops:
        raise typer.Exit(1)


def _from_here(plan: Plan, state_folder: Path) -> Iterator[Finding]:
    """What the plan cannot know: whether this machine has what it asks for."""
    from sparkdr_tui.plan.check import Finding
    from sparkdr_tui.plan.model import Text
    from sparkdr_tui.reach.credentials import secret

    def said(text: str) -> Text:
        return Text(en=text, ko=text)

    for name in plan.secrets:
        try:
            secret(plan, name)
        except SparkdrError as problem:
            yield Finding("stop", name, said(problem.message), said(problem.hint) if problem.hint else None)
    for name, node in plan.nodes.items():
        key = plan.folder / Path(node.ssh.key).expanduser() if node.ssh and node.ssh.key else None
        if key is not None and not key.is_file():
            yield Finding("stop", name, said(_("Its SSH key {path} is not there.").format(path=key)))
    there = next(each for each in (state_folder, *state_folder.parents) if each.exists())
    if there.is_dir() and os.access(there, os.W_OK | os.X_OK):
        yield Finding("ok", "state", said(_("Runs are kept in {folder}.").format(folder=state_folder)))
    else:
        hint = said(_("Name another folder with --state or SPARKDR_STATE."))
        yield Finding("stop", "state", said(_("{folder} cannot be written.").format(folder=state_folder)), hint)


def _document(finding: Finding) -> dict[str, object]:
    return {
        "state": finding.state,
        "subject": finding.subject,
        "reason": finding.reason.model_dump(),
        "todo": finding.todo.model_dump() if finding.todo else None,
    }


def _print(found: list[Finding], stops: int) -> None:
    out = console()
    for finding in found:
        glyph, colour = GLYPHS[finding.state]
        out.print(glyph, style=colour, end=" ")
        out.print(f"{finding.subject}: {finding.reason.within(current())}", soft_wrap=True)
        if finding.todo:
            out.print(f"  {finding.todo.within(current())}", style="dim", soft_wrap=True)
    if stops:
        one, many = "{count} of them would stop a recovery.", "{count} of them would stop a recovery."
        out.print(ngettext(one, many, stops).format(count=stops), style="red bold")
    else:
        out.print(_("Nothing here would stop a recovery. No node was contacted."), style="green")
