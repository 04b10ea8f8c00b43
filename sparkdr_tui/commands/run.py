"""`run` and `resume`: a run without a screen."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sparkdr_tui.commands.operating import InputsOption, JsonLinesOption, YesOption, conduct, pairs, somebody_or_yes
from sparkdr_tui.commands.place import here
from sparkdr_tui.commands.waiting import WaitOption, conduct_in_turn
from sparkdr_tui.errors import UsageError
from sparkdr_tui.language import _
from sparkdr_tui.text import one_line

if TYPE_CHECKING:
    from sparkdr_tui.record.events import Mode, Pace
    from sparkdr_tui.recover.engine import Engine


def register(app: typer.Typer) -> None:
    """Add the commands of this room."""
    panel = _("Act")
    app.command("run", help=_("Run a runbook without a screen."), rich_help_panel=panel)(run)
    app.command("resume", help=_("Take up an unfinished run."), rich_help_panel=panel)(resume)


def run(
    context: typer.Context,
    runbooks: Annotated[
        list[str], typer.Argument(metavar="RUNBOOK...", help=_("Its id; several are run as one, in the right order."))
    ],
    yes: YesOption = False,
    drill: Annotated[bool, typer.Option("--drill", help=_("An exercise, counted apart from incidents."))] = False,
    inputs: InputsOption = None,
    scenario: Annotated[
        str | None, typer.Option("--scenario", help=_("What it answers, where that is not plain."))
    ] = None,
    incident_at: Annotated[
        str | None,
        typer.Option(
            "--incident-at", metavar="TIME", help=_("When the incident began: 12m (ago), 02:47 or 2026-11-23T02:47.")
        ),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help=_("Check everything the run needs, and change nothing."))
    ] = False,
    wait: WaitOption = None,
    as_json: JsonLinesOption = False,
) -> None:
    """Open a run and drive it to its end."""
    from sparkdr_tui.plan.graph import JOIN
    from sparkdr_tui.record.decisions import RunRequest

    if not dry_run:
        somebody_or_yes(yes, as_json)
    place = here(context)
    plan = place.load()
    mode: Mode = "drill" if drill else "incident"
    pace: Pace = "none" if yes else "each"
    request = RunRequest(
        runbook=JOIN.join(runbooks),
        mode=mode,
        pace=pace,
        scenario=scenario,
        incident_at=_moment(incident_at),
        inputs=pairs(inputs or []),
    )
    if dry_run:
        from sparkdr_tui.commands.rehearsing import rehearse_run

        raise typer.Exit(rehearse_run(plan, place.state_folder(plan), request, as_json))
    raise typer.Exit(conduct_in_turn(plan, place.state_folder(plan), request, yes, as_json, wait))


def resume(
    context: typer.Context,
    run: Annotated[
        str | None, typer.Argument(metavar="[RUN]", help=_("Its id; the newest unfinished without it."))
    ] = None,
    yes: YesOption = False,
    take_over: Annotated[
        bool, typer.Option("--take-over", help=_("Also when another operator holds it; the journal says so."))
    ] = False,
    as_json: JsonLinesOption = False,
) -> None:
    """Take up an unfinished run and drive it to its end."""
    from sparkdr_tui.record.decisions import SetPace

    somebody_or_yes(yes, as_json)
    place = here(context)
    plan = place.load()
    state_folder = place.state_folder(plan)
    folder = _unfinished(state_folder, run, plan.lab)

    def reopen(engine: Engine) -> Path:
        engine.reopen(folder, take_over=take_over)
        if yes:
            engine.submit(SetPace("none"))
        return folder

    raise typer.Exit(conduct(plan, state_folder, reopen, yes, as_json))


# -- what was asked for ------------------------------------------------------------------------------


def _moment(text: str | None) -> datetime | None:
    from sparkdr_tui.report.moments import moment

    if text is None:
        return None
    found = moment(text, datetime.now(UTC))
    if found is None:
        raise UsageError(
            _("--incident-at {text} is no time in the past.").format(text=one_line(text, 40)),
            _("Write how long ago (12m, 1h 30m), the time of day (02:52), or 2026-11-23T02:52."),
        )
    return found


def _unfinished(state_folder: Path, run: str | None, lab: bool) -> Path:
    from sparkdr_tui.record.runs import run_folder, unfinished

    if run is not None:
        return run_folder(state_folder, run)
    for each in unfinished(state_folder, lab):
        return each.folder
    raise UsageError(_("There is no unfinished run in {folder}.").format(folder=state_folder))
