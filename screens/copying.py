"""Copying: into the clipboard of the terminal, and into a file, since not every terminal lets itself be asked (OSC 52).

An observer's cockpit writes no file: it has the clipboard alone.
"""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

from sparkdr_tui.errors import SparkdrError
from sparkdr_tui.language import _
from sparkdr_tui.text import sanitize
from sparkdr_tui.writing import whole

if TYPE_CHECKING:
    from screens.app import CockpitApp

FILE = "copied.txt"
"""In the state folder; each copy replaces the one before."""


def copy(app: CockpitApp, text: str, name: str) -> None:
    """Copy a text and say so; `name` is what people call it."""
    if not text:
        app.tell(_("There is nothing to copy."), "warning")
        return
    harmless = sanitize(text)
    app.copy_to_clipboard(harmless)
    if app.situation.observing:
        app.tell(_("Copied: {name}").format(name=name))
    else:
        app.run_worker(_keep(app, harmless, name), group="copying")


async def _keep(app: CockpitApp, text: str, name: str) -> None:
    """The disk may be slow: that is waited for beside the app's work."""
    try:
        path = await asyncio.to_thread(keep, app.state_folder, text)
    except SparkdrError as problem:
        app.tell(_("Copied: {name}").format(name=name))
        app.tell_problem(problem)
    else:
        app.tell(_("Copied: {name}. Where nothing arrives, it is in {path}.").format(name=name, path=path))


def keep(folder: Path, text: str) -> Path:
    """Write what was copied into a file of `folder` that only its owner reads; raises `SparkdrError`."""
    path = folder / FILE
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with whole(path, 0o600) as file:
            file.write((text if text.endswith("\n") else f"{text}\n").encode())
    except OSError as problem:
        why = problem.strerror or str(problem)
        raise SparkdrError(_("{path} cannot be written: {why}.").format(path=path, why=why)) from problem
    return path
