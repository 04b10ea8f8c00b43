"""`paths`: every file and folder the program uses, and whether it is there."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from sparkdr_tui.commands.place import Place, console, here, write_json
from sparkdr_tui.config import default_path
from sparkdr_tui.errors import SparkdrError
from sparkdr_tui.language import FOLDER, _


@dataclass(frozen=True, slots=True)
class Used:
    """A file or folder, and what is to be said of it."""

    name: str
    path: Path
    what: str


def register(app: typer.Typer) -> None:
    """Add the commands of this room."""
    app.command("paths", help=_("Every file and folder the program uses."), rich_help_panel=_("Settings"))(paths)


def paths(
    context: typer.Context,
    as_json: Annotated[bool, typer.Option("--json", help=_("One JSON document with stable keys."))] = False,
) -> None:
    """Print them."""
    found = used(here(context))
    if as_json:
        write_json({each.name: {"path": str(each.path), "exists": each.path.exists()} for each in found})
        return
    from rich import box
    from rich.table import Table

    table = Table(_("what"), _("path"), "", box=box.SIMPLE)
    for each in found:
        table.add_row(each.what, str(each.path), "" if each.path.exists() else _("not there"))
    console().print(table, soft_wrap=True)


def used(place: Place) -> list[Used]:
    """All of them; those that hang on the plan only where it can be read."""
    from sparkdr_tui.plan.load import builtin
    from sparkdr_tui.record.lock import NAME, ROUTINE

    plan = (place.plan or builtin()).absolute()
    found = [
        Used("plan", plan, _("plan")),
        Used("config", (place.config or default_path()).absolute(), _("config file")),
    ]
    state = _state(place)
    if state is not None:
        found += [
            Used("state", state, _("state: journals, reports of crashes")),
            Used("runs", state / "runs", _("runs, each with its journal and logs")),
            Used("operator_lock", state / NAME, _("who drives a run")),
            Used("routine_lock", state / ROUTINE, _("which backup runs by itself")),
        ]
    found.append(Used("locale", FOLDER, _("translations")))
    program = shutil.which("sparkdr-tui")
    return [*found, *([Used("program", Path(program), _("program"))] if program else [])]


def _state(place: Place) -> Path | None:
    try:
        return place.state_folder(place.load())
    except SparkdrError:
        return place.state.absolute() if place.state else None
