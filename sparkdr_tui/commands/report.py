"""`report`: a run told for people who were not there, and for programs. Reads journals; changes no run."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Literal

import typer

from sparkdr_tui.commands.place import here, say
from sparkdr_tui.commands.runs import one_run
from sparkdr_tui.language import _, use
from sparkdr_tui.report.writing import keep_off, written


def register(app: typer.Typer) -> None:
    """Add the commands of this room."""
    app.command(
        "report",
        help=_("A run told from its journal: what happened, who did what, were the objectives met."),
        rich_help_panel=_("Look"),
    )(report)


def report(
    context: typer.Context,
    run: Annotated[str | None, typer.Argument(metavar="[RUN]", help=_("Its id; the newest without it."))] = None,
    wanted: Annotated[
        Literal["md", "html", "json", "update"],
        typer.Option(
            "--format",
            help=_(
                "Markdown, one HTML file that needs nothing else, one JSON document, or a status update in a few lines,"
                " ready to paste into a chat or a mail."
            ),
        ),
    ] = "md",
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FILE", help=_("Write it there; else it is printed."))
    ] = None,
    lang: Annotated[Literal["en", "ko"] | None, typer.Option("--lang", help=_("Language of the report."))] = None,
) -> None:
    """Print or write the report; status 1 when the journal is not as it was written."""
    place = here(context)
    state_folder = place.state_folder(place.load())
    if lang:
        use(lang)
    from sparkdr_tui.report.links import Links
    from sparkdr_tui.report.making import make

    folder = one_run(state_folder, run)
    made = make(folder, state_folder, datetime.now(UTC))
    target = _target(output, folder, "txt" if wanted == "update" else wanted)
    text = made.render(wanted, Links.between(target.parent if target else Path.cwd(), folder))
    if target is None:
        sys.stdout.write(text)
    else:
        with written(target) as file:
            file.write(text.encode())
        say(_("The report of {run} is in {path}").format(run=folder.name, path=target))
    if not made.content.journal.ok:
        problem = made.content.journal.problem
        say(_("The journal is not as it was written: {why}").format(why=problem))
        raise typer.Exit(1)


def _target(output: Path | None, folder: Path, wanted: str) -> Path | None:
    """The file to write; never one of the run's own."""
    if output is None or str(output) == "-":
        return None
    target = output / f"{folder.name}.{wanted}" if output.is_dir() else output
    keep_off(target, folder)
    return target
