"""Small executables that stand for a command of a node, and links to real ones."""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Iterable
from pathlib import Path

_HOST = ("/usr/bin", "/bin", "/usr/sbin", "/sbin")
_NOT_ON_A_BARE_MAC = (
    *("psql", "postgres", "initdb", "createdb", "dropdb", "createuser", "dropuser", "pg_", "pgbench", "vacuumdb"),
    *("reindexdb", "clusterdb", "ecpg", "redis-", "node", "npm", "npx", "pm2", "ollama", "brew", "minio", "rclone"),
    *("uvicorn", "tailscale", "systemctl", "powershell", "pwsh", "python3."),
)
"""How the names begin of what a Mac has only after somebody installed it, or never."""


def write_shim(path: Path, name: str) -> None:
    """Make `path` a command that runs the stand-in called `name`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    command = f"exec {shlex.quote(sys.executable)} -I -m sparkdr_tui.lab.standins {shlex.quote(name)}"
    text = f'#!/bin/sh\n{command} "$@"\n'
    if path.is_file() and not path.is_symlink() and path.read_text(errors="replace") == text:
        return
    path.unlink(missing_ok=True)
    path.write_text(text)
    path.chmod(0o755)


def link(path: Path, target: str | Path) -> None:
    """Make `path` a symbolic link to `target`, whatever it was before."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    path.symlink_to(target)


def link_system(folder: Path, without: Iterable[str]) -> None:
    """Link what this machine's system folders hold into `folder`, except what a bare Mac has not, and `without`."""
    folder.mkdir(parents=True, exist_ok=True)
    skipped = {"mc", *without}
    made: set[str] = set()
    for source in filter(os.path.isdir, _HOST):
        with os.scandir(source) as tools:
            for tool in tools:
                if tool.name not in made and tool.name not in skipped and not tool.name.startswith(_NOT_ON_A_BARE_MAC):
                    os.symlink(tool.path, f"{folder}/{tool.name}")  # noqa: PTH211 - over a thousand of them
                    made.add(tool.name)
    if "python3" not in made:
        (folder / "python3").symlink_to(getattr(sys, "_base_executable", sys.executable))
