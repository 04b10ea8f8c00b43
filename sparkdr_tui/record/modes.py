"""Who may read what is kept: what is made in a state folder has the permissions of the folder that it is made in.

So the state folder alone says who may watch (read) and who may operate (write); never everybody. Best effort: a file
system without permissions keeps none.
"""

from __future__ import annotations

import contextlib
import os
import stat
from pathlib import Path

_FOLDER = 0o2775
_FILE = 0o664


def make_folder(folder: Path, *, exist_ok: bool = False) -> None:
    """Make a folder like the one that it is in."""
    try:
        folder.mkdir()
    except FileExistsError:
        if not exist_ok:
            raise
        return
    with contextlib.suppress(OSError):
        folder.chmod(_mode(folder.parent) & _FOLDER | 0o700)


def file_mode(folder: Path) -> int:
    """The permissions of a file in a folder."""
    return _mode(folder) & _FILE | 0o600


def settle(descriptor: int, folder: Path) -> None:
    """Give an open file of ours the permissions of a file in `folder`."""
    with contextlib.suppress(OSError):
        if stat.S_IMODE(os.fstat(descriptor).st_mode) != (mode := file_mode(folder)):
            os.fchmod(descriptor, mode)


def _mode(folder: Path) -> int:
    return stat.S_IMODE(folder.stat().st_mode)
