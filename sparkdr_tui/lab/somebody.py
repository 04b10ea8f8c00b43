"""PostgreSQL refuses to run as root: whom it runs as instead, and what that somebody may touch.

Best is a user namespace of its own, where root's files stay readable; where none can be had, it is `nobody`.
"""

from __future__ import annotations

import functools
import os
import shutil
import subprocess
import sys
from pathlib import Path

from sparkdr_tui.errors import SparkdrError

_NOBODY = 65534


def run(argv: list[str]) -> list[str]:
    """The command line that runs a program as somebody who is not root."""
    return [*_prefix(), *argv]


def give(path: Path, within: Path) -> None:
    """Let that somebody have a file or folder, and pass through the folders above it, up to `within`."""
    if "setpriv" not in "".join(_prefix()[:1]):
        return
    for each in [path, *(path.rglob("*") if path.is_dir() else ())]:
        os.chown(each, _NOBODY, _NOBODY, follow_symlinks=False)
    for folder in path.parents:
        folder.chmod(folder.stat().st_mode | 0o011)
        if folder == within:
            break


@functools.cache
def _prefix() -> tuple[str, ...]:
    if os.geteuid() != 0:
        return ()
    unshare = shutil.which("unshare") if sys.platform.startswith("linux") else None
    if unshare is not None:
        apart = (unshare, "--user", "--map-user=1000", "--map-group=1000", "--")
        if subprocess.run([*apart, "true"], capture_output=True, check=False).returncode == 0:
            return apart
    setpriv = shutil.which("setpriv")
    if setpriv is None:
        raise SparkdrError("PostgreSQL refuses to run as root.", "Start the lab as an ordinary user.")
    return (setpriv, f"--reuid={_NOBODY}", f"--regid={_NOBODY}", "--clear-groups", "--")
