"""`backup`: the commands on backup sets, each in a room of its own. Runs nothing itself."""

from __future__ import annotations

import typer

from sparkdr_tui.commands import backup_listing, backup_pruning, backup_runs, scheduling
from sparkdr_tui.language import _


def group() -> typer.Typer:
    """The commands of the group."""
    app = typer.Typer(no_args_is_help=True, help=_("The backup sets: list, make, verify, schedule, prune."))
    for room in (backup_listing, backup_runs, backup_pruning, scheduling):
        room.register(app)
    return app
