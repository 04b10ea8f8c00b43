"""`runs`: what happened. Reads journals; changes nothing and cannot act."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from sparkdr_tui.commands.export import export
from sparkdr_tui.commands.place import console, here, write_json
from sparkdr_tui.errors import UsageError
from sparkdr_tui.figures import span
from sparkdr_tui.language import _, current

if TYPE_CHECKING:
    from sparkdr_tui.record.journal import Verification
    from sparkdr_tui.record.runs import RunSummary

QUIET = 5
"""Backup runs that went well, in a list of all runs: of them there are more than twenty a day."""


def register(app: typer.Typer) -> None:
    """Add the commands of this room."""
    runs = typer.Typer(help=_("What happened: list the runs, show one, verify their journals."))
    runs.callback(invoke_without_command=True)(_without_command)
    runs.command("list", help=_("Every run of this plan, newest first."))(list_runs)
    runs.command("show", help=_("One run: its timeline and how it ended."))(show)
    runs.command("verify", help=_("Whether journals and logs are as they were written."))(verify_runs)
    runs.command("export", help=_("One run as an archive: journal, logs, reports, and what they must hash to."))(export)
    app.add_typer(runs, name="runs", rich_help_panel=_("Look"))


def _without_command(context: typer.Context) -> None:
    if context.invoked_subcommand is None:
        list_runs(context)


def list_runs(
    context: typer.Context,
    mode: Annotated[
        Literal["incident", "drill", "lab", "routine"] | None,
        typer.Option("--mode", help=_("Only these; routine are backups and their verification.")),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help=_("One JSON document with stable keys."))] = False,
) -> None:
    """Print a line for each run; of backups that went well, the newest few stand for all unless they are asked for."""
    from sparkdr_tui.record.lock import guarded
    from sparkdr_tui.record.runs import runs

    place = here(context)
    plan = place.load()
    state_folder = place.state_folder(plan)
    found = [run for run in runs(state_folder) if mode in (None, run.mode)]
    left = _interrupted(found, guarded(plan, state_folder))
    if as_json:
        write_json([_summary(run, run.id in left) for run in found])
        return
    if not found:
        typer.echo(_("There is no run yet."))
        return
    from rich import box
    from rich.table import Table

    quiet = [run for run in found if run.mode == "routine" and run.outcome == "completed"][QUIET:]
    if mode is None:
        found = [run for run in found if run not in quiet]
    table = Table(_("run"), _("when"), _("runbook"), _("outcome"), _("took"), _("operator"), box=box.SIMPLE)
    for run in found:
        took = (run.closed_at or run.at or run.opened_at) - run.opened_at
        when = run.opened_at.astimezone().strftime("%Y-%m-%d %H:%M:%S")
        kind = _("DRILL") + " · " if run.mode == "drill" else ""
        title = f"{kind}{run.runbook} · {run.title.within(current())}"
        ended = _("interrupted: nobody drives it") if run.id in left else _(run.outcome or "unfinished")
        table.add_row(run.id, when, title, ended, span(took.total_seconds()), run.operator)
    out = console()
    out.print(table)
    if mode is None and quiet:
        more = _("{count} older backup runs that went well: --mode routine lists them")
        out.print("  … " + more.format(count=len(quiet)), style="bright_black")


def show(
    context: typer.Context,
    run: Annotated[str | None, typer.Argument(metavar="[RUN]", help=_("Its id; the newest without it."))] = None,
    as_json: Annotated[bool, typer.Option("--json", help=_("One JSON document with stable keys."))] = False,
) -> None:
    """Print one run."""
    from sparkdr_tui.commands.telling import Teller
    from sparkdr_tui.record.fold import fold_all
    from sparkdr_tui.record.history import history
    from sparkdr_tui.record.journal import read
    from sparkdr_tui.report.document import run_document

    state_folder = _state_folder(context)
    folder = one_run(state_folder, run)
    records = read(folder)
    if as_json:
        state = fold_all(records)
        assert state is not None  # read() raises where there is no record
        earlier = history(state_folder, state.opened, before=state.opened_at)
        write_json(run_document(state, datetime.now(UTC), earlier))
        return
    teller = Teller(console(), folder)
    for record in records:
        teller.tell(record)
    teller.sum_up()


def verify_runs(
    context: typer.Context,
    run: Annotated[str | None, typer.Argument(metavar="[RUN]", help=_("Its id; all runs without it."))] = None,
    as_json: Annotated[bool, typer.Option("--json", help=_("One JSON document with stable keys."))] = False,
) -> None:
    """Verify journals; status 1 when one of them is not as it was written."""
    from sparkdr_tui.record.journal import verify
    from sparkdr_tui.record.runs import run_folders

    state_folder = _state_folder(context)
    folders = [one_run(state_folder, run)] if run else list(run_folders(state_folder))
    found = [(folder, verify(folder)) for folder in folders]
    if as_json:
        write_json([_verification(folder, each) for folder, each in found])
    else:
        for folder, each in found:
            typer.echo(_told(folder, each))
        if not found:
            typer.echo(_("There is no run yet."))
    if not all(each.ok for _folder, each in found):
        raise typer.Exit(1)


# -- inside ------------------------------------------------------------------------------------------


def _state_folder(context: typer.Context) -> Path:
    place = here(context)
    return place.state_folder(place.load())


def one_run(state_folder: Path, run: str | None) -> Path:
    """The folder of the run asked for, or of the newest; no backup stands before an incident."""
    from sparkdr_tui.record.runs import run_folder, runs

    if run is not None:
        return run_folder(state_folder, run)
    for each in sorted(runs(state_folder), key=lambda found: found.mode == "routine"):
        return each.folder
    raise UsageError(_("There is no run in {folder} yet.").format(folder=state_folder))


def _interrupted(found: list[RunSummary], locks: Path) -> set[str]:
    """Those that nobody closed and nobody drives."""
    from sparkdr_tui.record.attended import holding, interrupted

    return {run.id for run in found if run.live and interrupted(run.id, run.live, holding(locks, run.mode))}


def _summary(run: RunSummary, left: bool) -> dict[str, Any]:
    return {
        "id": run.id,
        "runbook": run.runbook,
        "title": run.title.model_dump(),
        "mode": run.mode,
        "drill": run.drill,
        "scenario": run.scenario,
        "operator": run.operator,
        "opened_at": run.opened_at.isoformat(),
        "closed_at": run.closed_at.isoformat() if run.closed_at else None,
        "outcome": run.outcome,
        "live": run.live,
        "interrupted": left,
        "folder": str(run.folder),
    }


def _verification(folder: Path, found: Verification) -> dict[str, Any]:
    return {
        "id": folder.name,
        "ok": found.ok,
        "records": found.records,
        "torn": found.torn,
        "broken_at": found.broken_at,
        "problem": found.problem,
        "head": found.head,
    }


def _told(folder: Path, found: Verification) -> str:
    torn = _(" (a half-written last line does not count)") if found.torn else ""
    if found.ok:
        return f"✔ {folder.name}  " + _("intact, {count} records").format(count=found.records) + torn
    where = _("line {number}: ").format(number=found.broken_at) if found.broken_at else ""
    return f"✖ {folder.name}  {where}{found.problem}{torn}"
