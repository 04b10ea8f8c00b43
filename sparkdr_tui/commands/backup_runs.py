"""`backup run` and `backup verify`: the runbooks that make backups and restore them into scratch, run as any other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from sparkdr_tui.commands.operating import JsonLinesOption, YesOption, somebody_or_yes
from sparkdr_tui.commands.place import Place, here
from sparkdr_tui.commands.waiting import WaitOption, conduct_in_turn
from sparkdr_tui.errors import SparkdrError, UsageError
from sparkdr_tui.language import _
from sparkdr_tui.text import one_line

if TYPE_CHECKING:
    from sparkdr_tui.plan.runbook import Plan
    from sparkdr_tui.record.decisions import RunRequest
    from sparkdr_tui.record.events import Pace

FAILED = 1


def register(app: typer.Typer) -> None:
    """Add the commands of this room."""
    app.command("run", help=_("Make backups: the daily ones, or those of sets."))(make)
    app.command("verify", help=_("Restore backups into scratch, and record beside each what was found."))(verify)


def make(
    context: typer.Context,
    sets: Annotated[
        list[str] | None,
        typer.Argument(metavar="SET", help=_("Backup sets, or runbooks that make backups; else --daily.")),
    ] = None,
    hourly: Annotated[bool, typer.Option("--hourly", help=_("What is backed up every hour."))] = False,
    daily: Annotated[bool, typer.Option("--daily", help=_("Everything."))] = False,
    yes: YesOption = False,
    wait: WaitOption = None,
    as_json: JsonLinesOption = False,
) -> None:
    """Make backups; each runbook is a run of its own, and one that fails keeps no other from being run."""
    somebody_or_yes(yes, as_json)
    if (hourly, daily, bool(sets)).count(True) > 1:
        raise UsageError(_("Name backup sets, or --hourly, or --daily: one of them."))
    from sparkdr_tui.record import routine

    place = here(context)
    plan = place.load()
    runbooks = routine.making(plan, sets) if sets else routine.every_hour(plan) if hourly else routine.every_day(plan)
    requests = [routine.request(each, _pace(yes)) for each in runbooks]
    raise typer.Exit(_run_each(place, plan, requests, yes, as_json, wait))


def verify(
    context: typer.Context,
    backup_set: Annotated[
        str | None, typer.Argument(metavar="SET", help=_("A backup set; without it the newest of every set."))
    ] = None,
    backup: Annotated[
        str, typer.Option("--backup", metavar="NAME", help=_("The name of a backup of the set, as “backup list” says."))
    ] = "newest",
    yes: YesOption = False,
    wait: WaitOption = None,
    as_json: JsonLinesOption = False,
) -> None:
    """Verify backups. What runs is not touched; a backup that is not what it should be fails the run."""
    somebody_or_yes(yes, as_json)
    from sparkdr_tui.record import routine

    place = here(context)
    plan = place.load()
    if backup_set is not None:
        requests = [routine.verification(plan, backup_set, backup, _pace(yes))]
        if backup != routine.NEWEST:
            _need_backup(plan, backup_set, backup)
    elif backup != routine.NEWEST:
        raise UsageError(_("--backup needs the backup set that it belongs to."))
    else:
        requests = [routine.request(each, _pace(yes)) for each in routine.verifying(plan)]
    raise typer.Exit(_run_each(place, plan, requests, yes, as_json, wait))


def _run_each(
    place: Place, plan: Plan, requests: Sequence[RunRequest], yes: bool, as_json: bool, wait: str | None
) -> int:
    """One run after the other; the worst exit status. Whoever breaks one off wants none of the others."""
    worst = 0
    for request in requests:
        status = conduct_in_turn(plan, place.state_folder(plan), request, yes, as_json, wait)
        if status not in (0, FAILED):
            return status
        worst = max(worst, status)
    return worst


def _pace(yes: bool) -> Pace:
    return "none" if yes else "danger"


def _need_backup(plan: Plan, name: str, backup: str) -> None:
    """Refuse a name that no backup of the set has, before a run is opened."""
    import asyncio

    from sparkdr_tui.backups.looking import look_at_all

    look = asyncio.run(look_at_all(plan, [name]))[name]
    if look.problem:
        raise SparkdrError(look.problem, look.hint)
    if not any(backup in (each.name, each.path) and each.exists for each in look.catalog.backups):
        raise UsageError(
            _("There is no backup {name} of {set}.").format(name=one_line(backup, 80), set=name),
            _("“sparkdr-tui backup list {set}” says which there are.").format(set=name),
        )
