"""Files that are written where a person said: whole or not at all, and never over what a run recorded."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from sparkdr_tui.errors import UsageError
from sparkdr_tui.language import _
from sparkdr_tui.record.lines import LOGS, NAME
from sparkdr_tui.writing import whole


def keep_off(target: Path, folder: Path) -> None:
    """Refuse to write over what a run recorded."""
    place, own = target.resolve(), folder.resolve()
    if place == own / NAME or own / LOGS in place.parents:
        raise UsageError(
            _("{path} belongs to the run itself; nothing was written.").format(path=target),
            _("Name another file."),
        )


@contextmanager
def written(target: Path) -> Iterator[BinaryIO]:
    """A file to be filled; it is there under its name once it is whole."""
    try:
        with whole(target, 0o666 & ~_umask()) as file:
            yield file
    except OSError as problem:
        why = problem.strerror or str(problem)
        raise UsageError(_("{path} cannot be written: {why}.").format(path=target, why=why)) from problem


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
