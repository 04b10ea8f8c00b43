"""The backups that unfinished runs use: nobody may delete those. Changes no run."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

from sparkdr_tui.errors import SparkdrError
from sparkdr_tui.language import _
from sparkdr_tui.record.fold import fold_all
from sparkdr_tui.record.journal import read
from sparkdr_tui.record.runs import RunSummary, open_runs

ABANDONED = timedelta(days=1)
"""Everyday work that was not closed and in which nothing has happened for so long is never taken up again."""


def pins(state_folder: Path, now: datetime) -> dict[str, dict[str, str]]:
    """By backup set: the file name of each backup that an unfinished run chose, and that run.

    Raises `SparkdrError` where a journal cannot be read: nobody knows then what its run uses.
    """
    found: dict[str, dict[str, str]] = {}
    for run in open_runs(state_folder, routine=True):
        if not _uses(run, now):
            continue
        try:
            state = fold_all(read(run.folder))
        except SparkdrError as problem:
            raise SparkdrError(
                _("Which backups run {run} uses is not known: its journal cannot be read.").format(run=run.id),
                _("“sparkdr-tui runs verify {run}” says what is wrong with it.").format(run=run.id),
            ) from problem
        for chosen in state.inputs.values() if state else ():
            if chosen.backup is not None:
                name = chosen.backup.path.rstrip("/").rsplit("/", 1)[-1]
                found.setdefault(chosen.backup.set, {}).setdefault(name, run.id)
    return found


def _uses(run: RunSummary, now: datetime) -> bool:
    """Whether a run may still do something with what it chose."""
    return run.live and (run.mode != "routine" or now - (run.at or run.opened_at) < ABANDONED)
