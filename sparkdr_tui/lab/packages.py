"""What `brew install` brings to the Mac mini of the lab: links to real programs, stand-ins, first data folders."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from sparkdr_tui.errors import SparkdrError
from sparkdr_tui.lab import servers
from sparkdr_tui.lab.layout import Inventory
from sparkdr_tui.lab.shims import link, write_shim
from sparkdr_tui.lab.standins import PACKAGE_COMMANDS
from sparkdr_tui.lab.units import Spawner, Units

FIRST = (servers.POSTGRES, servers.REDIS, "python@3.11", "git", "minio")
"""What the Mac mini has when the lab is new."""


def installed(inventory: Inventory) -> list[str]:
    """The packages that are there; the list lives and dies with the home."""
    try:
        found: list[str] = json.loads(_list(inventory).read_text())
    except (FileNotFoundError, ValueError):
        return []
    return found


async def install(inventory: Inventory, spawn: Spawner, units: Units, name: str) -> None:
    """Bring a package; PostgreSQL makes its data folder as Homebrew does: trusting, owned by the user."""
    prefix = servers.homebrew(inventory)
    if name == servers.POSTGRES:
        _link_all(servers.postgres_bin(), prefix / "opt" / name / "bin")
        if not servers.postgres_data(inventory).exists():
            await servers.make_trusting_postgres(inventory, spawn)
        units.define(servers.postgres_unit(inventory))
    elif name == servers.REDIS:
        for program in ("redis-server", "redis-cli"):
            link(prefix / "bin" / program, servers.redis_program(program))
        if not servers.redis_conf(inventory).exists():
            servers.make_redis(inventory)
        units.define(servers.redis_unit(inventory))
    elif name == "git":
        found = shutil.which("git")
        if found is None:
            raise SparkdrError("The lab needs git on this machine.")
        link(prefix / "bin" / "git", found)
    for command in PACKAGE_COMMANDS.get(name, ()):
        write_shim(prefix / "bin" / command, command)
    _write(inventory, sorted({*installed(inventory), name}))


async def uninstall(inventory: Inventory, units: Units, name: str) -> None:
    """Take a package away; its data stays, as with Homebrew."""
    prefix = servers.homebrew(inventory)
    if name in units.on("macmini"):
        await units.forget(units.get("macmini", name))
    if name == servers.POSTGRES:
        shutil.rmtree(prefix / "opt" / name, ignore_errors=True)
    commands = {servers.REDIS: ("redis-server", "redis-cli"), "git": ("git",)}.get(name, PACKAGE_COMMANDS.get(name, ()))
    for command in commands:
        (prefix / "bin" / command).unlink(missing_ok=True)
    _write(inventory, [each for each in installed(inventory) if each != name])


def _link_all(source: Path, target: Path) -> None:
    for program in source.iterdir():
        link(target / program.name, program)


def _list(inventory: Inventory) -> Path:
    return servers.homebrew(inventory) / ".lab-packages.json"


def _write(inventory: Inventory, names: list[str]) -> None:
    _list(inventory).parent.mkdir(parents=True, exist_ok=True)
    _list(inventory).write_text(json.dumps(names))
