"""What the lab cannot have for real: HTTP services of the platform, and commands that only a Mac or the internet has.

Every stand-in runs as `python -I -m sparkdr_tui.lab.standins NAME …`: the standard library only, and quick to start.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

HANDLERS: Mapping[str, str] = {
    "brew": "brew:brew",
    "caffeinate": "macos:caffeinate",
    "crontab": "macos:crontab",
    "curl": "fallbacks:curl",
    "defaults": "macos:defaults",
    "diskutil": "macos:diskutil",
    "fdesetup": "macos:fdesetup",
    "halt": "macos:power_switch",
    "id": "macos:identity",
    "ifconfig": "network:ifconfig",
    "install-homebrew": "brew:install_homebrew",
    "ipconfig": "network:ipconfig",
    "launchctl": "launchctl:launchctl",
    "lsof": "sockets:lsof",
    "minio": "minio:minio",
    "mount": "macos:mount",
    "nc": "sockets:nc",
    "netstat": "sockets:netstat",
    "networksetup": "network:networksetup",
    "node": "frontend:node",
    "npm": "frontend:npm",
    "ollama": "ollama:ollama",
    "ollama-app": "ollama:app",
    "open": "macos:nothing",
    "osascript": "macos:nothing",
    "ping": "network:ping",
    "pip": "venv:pip",
    "pm2": "pm2:pm2",
    "pmset": "macos:pmset",
    "poweroff": "macos:power_switch",
    "ps": "fallbacks:ps",
    "python": "venv:python",
    "python3": "venv:python",
    "python3.11": "venv:python",
    "reboot": "macos:power_switch",
    "scutil": "macos:scutil",
    "shasum": "fallbacks:shasum",
    "shutdown": "macos:power_switch",
    "socketfilterfw": "macos:socketfilterfw",
    "sudo": "macos:sudo",
    "sw_vers": "macos:sw_vers",
    "tailscale": "network:tailscale",
    "uvicorn": "backend:uvicorn",
    "whoami": "macos:whoami",
}
"""Name of a stand-in → module and function that is it."""

_LACKING = tuple(
    name
    for name in ("curl", "ps", "shasum")
    if not any(os.access(f"{folder}/{name}", os.X_OK) for folder in ("/usr/bin", "/bin", "/usr/sbin", "/sbin"))
)
"""What a Mac always has and this machine has not: the only real commands that are stood in for."""
_EVERYWHERE = (
    *_LACKING, "crontab", "halt", "id", "ifconfig", "lsof", "mount", "nc", "netstat", "ping", "poweroff", "reboot",
    "shutdown", "sudo", "tailscale", "whoami",
)  # fmt: skip
_MACOS = (
    *_EVERYWHERE, "caffeinate", "defaults", "diskutil", "fdesetup", "ipconfig", "launchctl", "networksetup", "open",
    "osascript", "pmset", "scutil", "socketfilterfw", "sw_vers",
)  # fmt: skip

COMMANDS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "macmini": {"bin": _MACOS, "homebrew/bin": ("brew",)},
    "desktop": {"bin": (*_EVERYWHERE, "ipconfig", "ollama", "ollama-app", "python", "python3")},
    "laptop": {"bin": (*_MACOS, "node", "npm", "pm2")},
}
"""Node → folder in its home → stand-ins on its PATH."""

PACKAGE_COMMANDS: Mapping[str, tuple[str, ...]] = {"minio": ("minio",), "python@3.11": ("python3.11",)}
"""Homebrew package → stand-ins that come with it."""


def furnish(node: str, home: Path) -> None:
    """Put into a node's home what its servers need; `make_repositories` comes first, `.env` files come after."""
    from sparkdr_tui.lab.standins.furniture import furnish as put

    put(node, home)


def make_repositories(folder: Path) -> None:
    """Make the bare git repositories that stand for the ones on the internet, and Homebrew's installer beside them."""
    from sparkdr_tui.lab.standins.repositories import make

    make(folder)
