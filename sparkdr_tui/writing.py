"""A file is there under its name once it is whole: written beside it, flushed to the disk, then renamed."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import BinaryIO


@contextmanager
def whole(target: Path, mode: int) -> Iterator[BinaryIO]:
    """A file to fill that takes the name of `target` at the end, or leaves no trace; raises `OSError`."""
    made: Path | None = None
    try:
        with NamedTemporaryFile(dir=target.parent, prefix=f".{target.name[:60]}.", delete=False) as file:
            made = Path(file.name)
            yield file  # type: ignore[misc]
            file.flush()
            os.fsync(file.fileno())
        made.chmod(mode)
        made.replace(target)
        made = None
        _sync_folder(target.parent)
    finally:
        if made is not None:
            made.unlink(missing_ok=True)


def _sync_folder(folder: Path) -> None:
    fd = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
