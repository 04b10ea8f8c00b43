"""What the lab cannot have for real: HTTP services of the platform, and commands that only a Mac or the internet has.

Every stand-in runs as `python -I -m sparkdr_tui.lab.standins NAME …`: the standard library only, and quick to start.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

HANDLERS: Mapping[str, str] = {
    "brew": "brew:brew",
    "minio": "minio:minio",
    "node": "frontend:node",
    "npm": "frontend:npm",
    "ollama": "ollama:ollama",
    "ollama-app": "ollama:app",
    "pip": "venv:pip",
    "pm2": "pm2:pm2",
    "python": "venv:python",
    "python3": "venv:python",
    "python3.11": "venv:python",
    "uvicorn": "backend:uvicorn",
}
"""Name of a stand-in → module and function that is it."""

COMMANDS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "macmini": {"bin": (), "homebrew/bin": ("brew",)},
    "desktop": {"bin": ("ollama", "ollama-app", "python", "python3")},
    "laptop": {"bin": ("node", "npm", "pm2")},
}
"""Node → folder in its home → stand-ins on its PATH."""

PACKAGE_COMMANDS: Mapping[str, tuple[str, ...]] = {"minio": ("minio",), "python@3.11": ("python3.11",)}
"""Homebrew package → stand-ins that come with it."""


def furnish(node: str, home: Path) -> None:
    """Put into a node's home what its servers need; `make_repositories` comes first, `.env` files come after."""
    from sparkdr_tui.lab.standins.furnish import furnish as put

    put(node, home)


def make_repositories(folder: Path) -> None:
    """Make the bare git repositories that stand for the ones on the internet."""
    from sparkdr_tui.lab.standins.repositories import make

    make(folder)
