"""`backup prune`: deletes what is past its keep, as a run, so that the journal holds what was deleted."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sparkdr_tui.commands.operating import JsonLinesOption, YesOption, conduct, somebody_or_yes
from sparkdr_tui.commands.place import console, here, write_json
from sparkdr_tui.errors import UsageError
from sparkdr_tui.language import _

if TYPE_CHECKING:
    from sparkdr_tui.plan.runbook import Plan

FAILED = 1


def register(app: typer.Typer) -> None:
    """Add the commands of this room."""
    app.command("prune", help=_("Delete what is past its keep; never the newest complete or verified backup."))(prune)


def prune(
    context: typer.Context,
    backup_set: Annotated[str | None, typer.Argument(metavar="[SET]", help=_("Only this set."))] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help=_("Only list what would go, and what stays and why."))
    ] = False,
    yes: YesOption = False,
    as_json: JsonLinesOption = False,
) -> None:
    """Show what would go; without --dry-run, run the runbook that deletes it."""
    from sparkdr_tui.commands.backup_listing import chosen_sets

    if not dry_run:
        somebody_or_yes(yes, as_json)
    place = here(context)
    plan = place.load()
    names = chosen_sets(plan, backup_set)
    state_folder = place.state_folder(plan)
    if dry_run:
        raise typer.Exit(_look(plan, state_folder, names, as_json))
    raise typer.Exit(_act(plan, state_folder, names, yes, as_json))


def _look(plan: Plan, state_folder: Path, names: tuple[str, ...], as_json: bool) -> int:
    from sparkdr_tui.commands import backup_retention as retention
    from sparkdr_tui.record.turn import recovery

    now = datetime.now(UTC)
    unfinished = recovery(plan, state_folder)
    found = retention.look_ahead(plan, state_folder, names, now)
    if as_json:
        write_json({**retention.document(plan, found, now), "unfinished": unfinished.message if unfinished else None})
    else:
        retention.tell(console(), plan, found, now)
        if unfinished:
            text = _("{unfinished} Nothing goes by itself before it is closed.").format(unfinished=unfinished.message)
            console().print(text, style="yellow")
    return FAILED if any(each.problem for each in found.values()) else 0


def _act(plan: Plan, state_folder: Path, names: tuple[str, ...], yes: bool, as_json: bool) -> int:
    from sparkdr_tui.commands.backup_retention import pruned_sets, pruning_runbook
    from sparkdr_tui.record.decisions import RunRequest

    runbook = pruning_runbook(plan)
    pruned = pruned_sets(plan, runbook)
    if runbook is None or not set(names) & set(pruned):
        raise UsageError(
            _("No runbook of the plan deletes expired backups of {names}.").format(names=", ".join(names)),
            _("One that does has an input for each set: under “inputs”, with “expired: SET”."),
        )
    if not yes and not _something_due(plan, state_folder, [name for name in names if name in pruned]):
        console().print(_("Nothing is past its keep: there is nothing to delete."))
        return 0
    left_alone = {each: "" for name, each in pruned.items() if name not in names}
    request = RunRequest(runbook, mode="routine", pace="none" if yes else "danger", inputs=left_alone)
    return conduct(plan, state_folder, lambda engine: engine.open(request), yes, as_json)


def _something_due(plan: Plan, state_folder: Path, names: list[str]) -> bool:
    """Whether there is anything to ask about; what cannot be seen is left to the run, which says why."""
    from sparkdr_tui.backups.retention import due
    from sparkdr_tui.commands import backup_retention as retention

    now = datetime.now(UTC)
    found = retention.look_ahead(plan, state_folder, names, now)
    retention.tell(console(), plan, found, now)
    return any(each.problem or due(each.fates) for each in found.values())
