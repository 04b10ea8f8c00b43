"""`plan`: the plan as a tree, its schemas, and a copy of the built-in one to edit."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from sparkdr_tui.commands.place import console, here, write_json
from sparkdr_tui.errors import UsageError
from sparkdr_tui.language import _, current

if TYPE_CHECKING:
    from pydantic import BaseModel
    from rich.tree import Tree

    from sparkdr_tui.plan.outline import Branch
    from sparkdr_tui.plan.runbook import Plan

FileKind = Literal["plan", "scenarios", "contacts", "drills", "runbook"]


def register(app: typer.Typer) -> None:
    """Add the commands of this room."""
    plan = typer.Typer(help=_("The plan: show it, its schemas, make a copy to edit."), no_args_is_help=True)
    plan.command("show", help=_("The plan as a tree."))(show)
    plan.command("schema", help=_("The JSON Schema of a file of the plan, for editors; of all of them by name."))(
        schema
    )
    plan.command("print", help=_("The whole plan as a Markdown document, to keep on paper."))(print_plan)
    plan.command("init", help=_("Copy the built-in plan into a new folder, to edit."))(init)
    app.add_typer(plan, name="plan", rich_help_panel=_("Plan and lab"))


def show(
    context: typer.Context,
    as_json: Annotated[bool, typer.Option("--json", help=_("One JSON document with stable keys."))] = False,
) -> None:
    """Print the plan."""
    from sparkdr_tui.plan.outline import outline

    plan = here(context).load()
    if as_json:
        write_json(_document(plan))
    else:
        console().print(_tree(outline(plan, current())), soft_wrap=True)


def schema(
    kind: Annotated[FileKind | None, typer.Argument(help=_("Which file; all of them without it."))] = None,
) -> None:
    """Print the JSON Schema of a kind of file."""
    from sparkdr_tui.plan.schema import schemas

    found = schemas()
    write_json(found if kind is None else found[kind])


def print_plan(
    context: typer.Context,
    lang: Annotated[Literal["en", "ko"] | None, typer.Option("--lang", help=_("Language of the document."))] = None,
) -> None:
    """Print the plan as a document; its text is the plan's and nothing else."""
    from sparkdr_tui.plan.paper import document

    plan = here(context).load()
    sys.stdout.write(document(plan, lang or current(), datetime.now(UTC).astimezone().date()))


def init(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help=_("A folder that does not exist yet, or is empty."))],
) -> None:
    """Copy the built-in plan."""
    from sparkdr_tui.plan.load import builtin

    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UsageError(
            _("{folder} is there already, and not empty.").format(folder=folder),
            _("Nothing was written; name another folder."),
        )
    try:
        shutil.copytree(builtin(), folder, dirs_exist_ok=True)
    except OSError as problem:
        raise UsageError(
            _("{folder} cannot be written: {why}.").format(folder=folder, why=problem.strerror)
        ) from problem
    typer.echo(_("The plan is in {folder}. Edit it, then: sparkdr-tui --plan {folder} check").format(folder=folder))


def _tree(branch: Branch) -> Tree:
    from rich.tree import Tree

    tree = Tree(branch.label)
    tree.children.extend(_tree(child) for child in branch.children)
    return tree


def _document(plan: Plan) -> dict[str, Any]:
    def dumped(things: Mapping[str, BaseModel]) -> dict[str, Any]:
        return {name: thing.model_dump(mode="json", by_alias=True) for name, thing in things.items()}

    return {
        "name": plan.name,
        "version": plan.version,
        "folder": str(plan.folder),
        "digest": plan.digest,
        "lab": plan.lab,
        "nodes": dumped(plan.nodes),
        "services": dumped(plan.services),
        "critical_path": list(plan.critical_path),
        "backup_sets": dumped(plan.backup_sets),
        "scenarios": dumped(plan.scenarios),
        "contacts": plan.contacts.model_dump(mode="json"),
        "drills": dumped(plan.drills),
        "runbooks": dumped(plan.runbooks),
    }
