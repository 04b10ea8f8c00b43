"""`runs export`: a run as one archive for whoever keeps the evidence. Reads the run; changes nothing of it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Literal

import typer

from sparkdr_tui.commands.place import here
from sparkdr_tui.language import _, use
from sparkdr_tui.report.writing import keep_off, written


def export(
    context: typer.Context,
    run: Annotated[str | None, typer.Argument(metavar="[RUN]", help=_("Its id; the newest without it."))] = None,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="FILE", help=_("A .tar.gz or .zip file; else RUN.tar.gz, here.")),
    ] = None,
    lang: Annotated[Literal["en", "ko"] | None, typer.Option("--lang", help=_("Language of the reports."))] = None,
) -> None:
    """Pack a run; status 1 when its journal is not as it was written."""
    from sparkdr_tui.commands.runs import one_run
    from sparkdr_tui.reach.credentials import known_secrets
    from sparkdr_tui.report.export import kind_of, pack, pieces, refuse_secrets
    from sparkdr_tui.report.making import make

    place = here(context)
    plan = place.load()
    state_folder = place.state_folder(plan)
    if lang:
        use(lang)
    folder = one_run(state_folder, run)
    target = output or Path(f"{folder.name}.tar.gz")
    target = target / f"{folder.name}.tar.gz" if target.is_dir() else target
    kind = kind_of(target)
    keep_off(target, folder)
    made = make(folder, state_folder, datetime.now(UTC))
    found = pieces(made, folder)
    refuse_secrets(found, known_secrets(plan))
    with written(target) as file:
        pack(found, folder.name, made.content.state.at, kind, file)
    typer.echo(_("{run} is in {path}: {count} files").format(run=folder.name, path=target, count=len(found)))
    journal = made.content.journal
    typer.echo(_("head of its journal: {head}").format(head=journal.head))
    if made.content.state.live:
        typer.echo(_("It is not over yet: what happens from here on is not in it."))
    if not journal.ok:
        typer.echo(_("The journal is not as it was written: {why}").format(why=journal.problem))
        raise typer.Exit(1)
