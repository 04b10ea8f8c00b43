"""A file that a person names in a dialog: where that is, and why it will not do. Writes nothing."""

from __future__ import annotations

from pathlib import Path

from sparkdr_tui.language import _


def place(folder: Path, text: str) -> Path:
    """Where a file of this name is; one that is no path of its own is in `folder`."""
    try:
        return folder / Path(text).expanduser()
    except RuntimeError:  # `~somebody` of whom this machine knows nothing
        return folder / text


def refuses(folder: Path, text: str) -> str:
    """Why nothing can be written there; empty when it can."""
    target = place(folder, text)
    try:
        if not text or not text.isprintable() or target.is_dir():
            return _("Name a file.")
        return "" if target.parent.is_dir() else _("There is no folder {path}.").format(path=target.parent)
    except OSError as problem:
        why = problem.strerror or str(problem)
        return _("{path} cannot be written: {why}.").format(path=target, why=why)
