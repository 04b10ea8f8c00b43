"""`brew`: services are the supervisor's units, packages are what it links into the node's Homebrew."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path

from sparkdr_tui.lab.door import ask
from sparkdr_tui.lab.shims import write_shim
from sparkdr_tui.lab.standins.brew_services import WITH_SERVICE, services
from sparkdr_tui.lab.standins.node import online
from sparkdr_tui.lab.standins.terminal import err, out, split_options

VERSIONS = {
    "git": "2.47.1",
    "minio": "20241107005220.0.0",
    "minio-mc": "20241121172154.0.0",
    "node": "22.12.0",
    "ollama": "0.5.1",
    "postgresql@15": "15.10",
    "python@3.11": "3.11.11",
    "redis": "7.2.6",
}
"""Formulae that the lab's Homebrew knows."""


def brew(arguments: list[str]) -> int:
    """`brew COMMAND …`."""
    command, rest = (arguments[0], arguments[1:]) if arguments else ("help", [])
    found = _COMMANDS.get(command)
    if found is None:
        err(f"Error: Unknown command: brew {command}")
        return 1
    return found(rest)


def install_homebrew(_: list[str]) -> int:
    """What Homebrew's installer does: `brew` is there."""
    if not online():
        err("curl: (6) Could not resolve host: github.com\nFailed during: git fetch --quiet --force origin")
        return 1
    out(f"==> This script will install:\n{_prefix() / 'bin' / 'brew'}\n==> Downloading and installing Homebrew...")
    write_shim(_prefix() / "bin" / "brew", "brew")
    out("==> Installation successful!")
    return 0


def _install(arguments: list[str]) -> int:
    _, names = split_options(arguments)
    for name in names:
        if name not in VERSIONS:
            err(f'Warning: No available formula with the name "{name}".')
            err(f"Error: No formulae or casks found for {name}.")
            return 1
    if not online():
        err("curl: (6) Could not resolve host: ghcr.io\nError: Failed to download resource from ghcr.io")
        return 1
    installed = _installed()
    for name in names:
        if name in installed:
            err(f"Warning: {name} {VERSIONS[name]} is already installed and up-to-date.")
            err(f"To reinstall {VERSIONS[name]}, run:\n  brew reinstall {name}")
        else:
            _pour(name)
    return 0


def _reinstall(arguments: list[str]) -> int:
    for name in (names := split_options(arguments)[1]):
        if name not in VERSIONS:
            err(f'Error: No available formula with the name "{name}".')
            return 1
    for name in names:
        _pour(name)
    return 0


def _postinstall(arguments: list[str]) -> int:
    for name in split_options(arguments)[1]:
        if name not in _installed():
            err(f"Error: No such keg: {_prefix()}/Cellar/{name}")
            return 1
        ask("install", name=name)
        out(f"==> Postinstalling {name}")
    return 0


def _pour(name: str) -> None:
    version = VERSIONS[name]
    out(f"==> Fetching {name}\n==> Downloading https://ghcr.io/v2/homebrew/core/{name.replace('@', '/')}/blobs/sha256")
    out(f"==> Pouring {name}--{version}.arm64_sequoia.bottle.tar.gz")
    ask("install", name=name)
    if name == "postgresql@15":
        out(f"==> Caveats\n{name} is keg-only, which means it was not symlinked into {_prefix()}.")
    if name in WITH_SERVICE:
        out(f"To start {name} now and restart at login:\n  brew services start {name}")
    out(f"==> Summary\n🍺  {_prefix()}/Cellar/{name}/{version}: 42 files, 24.6MB")


def _uninstall(arguments: list[str]) -> int:
    installed = _installed()
    for name in split_options(arguments)[1]:
        if name not in installed:
            err(f"Error: No such keg: {_prefix()}/Cellar/{name}")
            return 1
        ask("uninstall", name=name)
        out(f"Uninstalling {_prefix()}/Cellar/{name}/{VERSIONS.get(name, '1.0')}... (42 files, 24.6MB)")
    return 0


def _list(arguments: list[str]) -> int:
    options, names = split_options(arguments)
    installed = _installed()
    lacking = [name for name in names if name not in installed]
    for name in names or installed:
        if name in installed:
            out(f"{name} {VERSIONS.get(name, '1.0')}" if "--versions" in options else name)
    if lacking and "--versions" not in options:
        err("\n".join(f"Error: No such keg: {_prefix()}/Cellar/{name}" for name in lacking))
    return 1 if lacking else 0


def _show_prefix(arguments: list[str]) -> int:
    options, names = split_options(arguments)
    for name in names:
        if name not in VERSIONS:
            err(f'Error: No available formula with the name "{name}".')
            return 1
        if "--installed" in options and name not in _installed():
            err(f"Error: The following formulae are not installed:\n{name}")
            return 1
    out("\n".join(str(_prefix() / "opt" / name) for name in names) or str(_prefix()))
    return 0


def _show_formula(arguments: list[str]) -> int:
    installed = _installed()
    for name in split_options(arguments)[1]:
        if name not in VERSIONS:
            err(f'Error: No available formula with the name "{name}".')
            return 1
        state = f"{_prefix()}/Cellar/{name}/{VERSIONS[name]} *" if name in installed else "Not installed"
        out(f"==> {name}: stable {VERSIONS[name]} (bottled)\nhttps://formulae.brew.sh/formula/{name}\n{state}")
    return 0


def _installed() -> list[str]:
    return sorted(str(name) for name in ask("packages")["installed"])


def _prefix() -> Path:
    return Path(os.environ.get("HOME", "/")) / "homebrew"


def _say(text: str) -> Callable[[list[str]], int]:
    def command(_: list[str]) -> int:
        if text:
            out(text)
        return 0

    return command


def _shellenv(_: list[str]) -> int:
    prefix = _prefix()
    out(f'export HOMEBREW_PREFIX="{prefix}";\nexport PATH="{prefix}/bin:{prefix}/sbin${{PATH+:$PATH}}";')
    return 0


_COMMANDS: Mapping[str, Callable[[list[str]], int]] = {
    "services": lambda rest: services(rest, _installed()),
    "install": _install,
    "reinstall": _reinstall,
    "postinstall": _postinstall,
    "uninstall": _uninstall,
    "remove": _uninstall,
    "list": _list,
    "ls": _list,
    "leaves": _list,
    "info": _show_formula,
    "--prefix": _show_prefix,
    "shellenv": _shellenv,
    "--version": _say("Homebrew 4.4.11"),
    "-v": _say("Homebrew 4.4.11"),
    "update": _say("Already up-to-date."),
    "upgrade": _say(""),
    "outdated": _say(""),
    "cleanup": _say(""),
    "doctor": _say("Your system is ready to brew."),
    "help": _say("Example usage:\n  brew services start FORMULA\n  brew install FORMULA...\n  brew list [FORMULA...]"),
}
