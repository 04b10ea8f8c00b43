"""`backup run` and `backup verify`: the runbooks that make backups and restore them into scratch, run as any other."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta
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

DAILY, HOURLY, VERIFY = "backup-daily", "backup-hourly", "backup-verify"
"""Runbooks that are taken where the plan has them; else those of its backup sets are."""
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
    place = here(context)
    plan = place.load()
    runbooks = _made_by(plan, sets) if sets else _every_hour(plan) if hourly else _every_day(plan)
    raise typer.Exit(_run_each(place, plan, [_request(each, yes) for each in runbooks], yes, as_json, wait))


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
    place = here(context)
    plan = place.load()
    if backup_set is not None:
        requests = [_verification(plan, backup_set, backup, yes)]
    elif backup != "newest":
        raise UsageError(_("--backup needs the backup set that it belongs to."))
    else:
        requests = [_request(each, yes) for each in _verified_by(plan)]
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


def _request(runbook: str, yes: bool, **inputs: str) -> RunRequest:
    """A run in which only what disrupts something would ask, and nothing of this does."""
    from sparkdr_tui.record.decisions import RunRequest

    return RunRequest(runbook=runbook, mode="routine", pace="none" if yes else "danger", inputs=inputs)


# -- which runbooks ------------------------------------------------------------------------------------


def _every_day(plan: Plan) -> list[str]:
    """What makes every backup."""
    if DAILY in plan.runbooks:
        return [DAILY]
    return _known(each.made_by for each in plan.backup_sets.values() if not each.optional)


def _every_hour(plan: Plan) -> list[str]:
    """What makes the backups that are due every hour."""
    if HOURLY in plan.runbooks:
        return [HOURLY]
    hour = timedelta(hours=1)
    return _known(each.made_by for each in plan.backup_sets.values() if each.every <= hour and not each.optional)


def _made_by(plan: Plan, names: Sequence[str]) -> list[str]:
    """What makes backups of these sets; a runbook of everyday work may be named itself."""
    found: list[str | None] = []
    for name in names:
        declared, book = plan.backup_sets.get(name), plan.runbooks.get(name)
        if declared is not None:
            if declared.made_by is None:
                raise UsageError(
                    _("No runbook makes backups of {set}.").format(set=name), _("Name one in plan.yaml (made_by).")
                )
            found.append(declared.made_by)
        elif book is not None and book.routine:
            found.append(name)
        else:
            raise _no_set(plan, name)
    return _known(found)


def _verified_by(plan: Plan) -> list[str]:
    """What verifies the newest backup of every set."""
    if VERIFY in plan.runbooks:
        return [VERIFY]
    return _known(each.verified_by for each in plan.backup_sets.values() if not each.optional)


def _verification(plan: Plan, name: str, backup: str, yes: bool) -> RunRequest:
    """The run that verifies one backup of a set."""
    from sparkdr_tui.plan.graph import inputs

    declared = plan.backup_sets.get(name)
    if declared is None:
        raise _no_set(plan, name)
    if declared.verified_by is None:
        raise UsageError(
            _("No runbook verifies backups of {set}.").format(set=name), _("Name one in plan.yaml (verified_by).")
        )
    if backup == "newest":
        return _request(declared.verified_by, yes)
    picks = [key for key, each in inputs(plan, declared.verified_by).items() if each.pick == name]
    if not picks:
        raise UsageError(
            _("Runbook {runbook} has no input that picks a backup of {set}.").format(
                runbook=declared.verified_by, set=name
            )
        )
    _need_backup(plan, name, backup)
    return _request(declared.verified_by, yes, **{picks[0]: backup})


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


def _known(runbooks: Iterable[str | None]) -> list[str]:
    """Each runbook once; raises `UsageError` when there is none."""
    found = list(dict.fromkeys(name for name in runbooks if name is not None))
    if not found:
        raise UsageError(
            _("The plan names no runbook for this."),
            _("Name them in plan.yaml, at its backup sets (made_by, verified_by)."),
        )
    return found


def _no_set(plan: Plan, name: str) -> UsageError:
    return UsageError(
        _("The plan has no backup set {name}.").format(name=one_line(name, 60)),
        _("It has: {names}").format(names=", ".join(sorted(plan.backup_sets)) or _("none")),
    )
