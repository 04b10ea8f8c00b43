"""The backups that unfinished runs use: nobody may delete those. Changes no run."""

from __future__ import annotations

from pathlib import Path

from sparkdr_tui.errors import SparkdrError
from sparkdr_tui.language import _
from sparkdr_tui.record.fold import fold_all
from sparkdr_tui.record.journal import read
from sparkdr_tui.record.runs import unfinished


def pins(state_folder: Path) -> dict[str, dict[str, str]]:
    """By backup set: the file name of each backup that an unfinished run chose, and that run.

    Raises `SparkdrError` where a journal cannot be read: nobody knows then what its run uses.
    """
    found: dict[str, dict[str, str]] = {}
    for run in unfinished(state_folder):
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
