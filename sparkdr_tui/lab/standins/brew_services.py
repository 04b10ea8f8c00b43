"""`brew services`: Homebrew's view of the supervisor's units."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Collection, Mapping
from typing import Any

from sparkdr_tui.lab.door import DoorError, ask
from sparkdr_tui.lab.standins.terminal import columns, err, out, split_options

WITH_SERVICE = ("minio", "ollama", "postgresql@15", "redis")
"""Formulae that declare a service."""
_OWN_UNITS: Mapping[str, tuple[str, ...]] = {
    "minio": ("@PREFIX@/bin/minio", "server", "@PREFIX@/var/minio"),
    "ollama": ("@PREFIX@/bin/ollama", "serve"),
}
Unit = Mapping[str, Any]


def services(arguments: list[str], installed: Collection[str]) -> int:
    """`brew services COMMAND …`."""
    options, operands = split_options(arguments)
    command, names = (operands[0], operands[1:]) if operands else ("list", [])
    units = _units(installed)
    user, home = os.environ.get("USER", ""), os.environ.get("HOME", "")
    if command in ("list", "ls"):
        out((services_json if "--json" in options else services_table)(units, user, home))
        return 0
    if command == "cleanup":
        out("All user-space services OK, nothing cleaned...")
        return 0
    if command not in _CHANGES and command != "info":
        err(f"Error: Unknown subcommand: {command}")
        return 1
    if "--all" in options:
        names = list(units)
    if not names:
        err("Error: Formula(e) missing, please provide a formula name or use `--all`.")
        return 1
    for name in names:
        if name not in units:
            err(f"Error: Formula `{name}` is not installed.")
            return 1
    if command == "info":
        entries = [service_json(name, units[name], user, home) for name in names]
        texts = [service_text(name, units[name], user) for name in names]
        out(json.dumps(entries, indent=2) if "--json" in options else "\n\n".join(texts))
        return 0
    return max(_CHANGES[command](name, units[name]) for name in names)


def services_table(units: Mapping[str, Unit], user: str, home: str) -> str:
    """What `brew services list` prints."""
    rows = [("Name", "Status", "User", "File")]
    for name, unit in sorted(units.items()):
        status = f"error  {unit.get('exit') or 1}" if unit["status"] == "error" else _status(unit)
        loaded = _status(unit) != "none"
        rows.append((name, status, user if loaded else "", _agent(name, "~") if loaded else ""))
    return columns(rows)


def services_json(units: Mapping[str, Unit], user: str, home: str) -> str:
    """What `brew services list --json` prints."""
    entries = [
        {
            "name": name,
            "status": _status(unit),
            "user": user if _status(unit) != "none" else None,
            "file": _agent(name, home),
            "exit_code": unit.get("exit"),
        }
        for name, unit in sorted(units.items())
    ]
    return json.dumps(entries, indent=2)


def service_text(name: str, unit: Unit, user: str) -> str:
    """What `brew services info NAME` prints."""
    running, loaded = unit["status"] == "started", _status(unit) != "none"
    lines = [f"{name} ({_label(name)})", f"Running: {str(running).lower()}", f"Loaded: {str(loaded).lower()}"]
    lines += ["Schedulable: false"]
    if running:
        lines += [f"User: {user}", f"PID: {unit.get('pid')}"]
    return "\n".join(lines)


def service_json(name: str, unit: Unit, user: str, home: str) -> dict[str, Any]:
    """One entry of what `brew services info --json` prints."""
    running, loaded = unit["status"] == "started", _status(unit) != "none"
    log = f"{home}/homebrew/var/log/{name}.log"
    return {
        "name": name,
        "service_name": _label(name),
        "running": running,
        "loaded": loaded,
        "schedulable": False,
        "pid": unit.get("pid") if running else None,
        "exit_code": unit.get("exit"),
        "user": user if loaded else None,
        "status": _status(unit),
        "file": _agent(name, home),
        "command": f"{home}/homebrew/opt/{name}/bin/{name}",
        "log_path": log,
        "error_log_path": log,
    }


def _start(name: str, unit: Unit) -> int:
    if unit["status"] == "started":
        out(f"Service `{name}` already started, use `brew services restart {name}` to restart.")
        return 0
    try:
        if name in _OWN_UNITS and name not in ask("units")["units"]:
            _define(name)
        ask("unit", do="start", name=name)
    except DoorError as error:
        err("Bootstrap failed: 5: Input/output error")
        err("Try re-running the command as root for richer errors.")
        err(f"Error: Failure while executing; `/bin/launchctl bootstrap gui/501 {_agent(name, '~')}` exited with 5.")
        err(error.message)
        return 1
    out(f"==> Successfully started `{name}` (label: {_label(name)})")
    return 0


def _define(name: str) -> None:
    """The unit of a formula whose server is itself a stand-in."""
    prefix = f"{os.environ['HOME']}/homebrew"
    words = [word.replace("@PREFIX@", prefix) for word in _OWN_UNITS[name]]
    ask("define", name=name, argv=words, log=f"{prefix}/var/log/{name}.log")


def _stop(name: str, unit: Unit) -> int:
    if _status(unit) == "none":
        err(f"Warning: Service `{name}` is not started.")
        return 0
    out(f"Stopping `{name}`... (might take a while)")
    ask("unit", do="stop", name=name)
    out(f"==> Successfully stopped `{name}` (label: {_label(name)})")
    return 0


def _restart(name: str, unit: Unit) -> int:
    if _status(unit) != "none":
        _stop(name, unit)
    return _start(name, {"status": "none"})


def _kill(name: str, unit: Unit) -> int:
    if unit["status"] != "started":
        err(f"Warning: Service `{name}` is not started.")
        return 0
    out(f"Killing `{name}`... (might take a while)")
    ask("unit", do="kill", name=name)
    out(f"==> Successfully stopped `{name}` (label: {_label(name)})")
    return 0


_CHANGES: Mapping[str, Callable[[str, Unit], int]] = {
    "start": _start,
    "run": _start,
    "stop": _stop,
    "restart": _restart,
    "kill": _kill,
}


def _units(installed: Collection[str]) -> dict[str, Unit]:
    """Units that belong to installed formulae."""
    known: dict[str, Unit] = ask("units")["units"]
    return {name: known.get(name, {"status": "none"}) for name in installed if name in WITH_SERVICE}


def _status(unit: Unit) -> str:
    """A stopped LaunchAgent is not loaded: Homebrew calls that none."""
    return "none" if unit["status"] == "stopped" else str(unit["status"])


def _label(name: str) -> str:
    return f"homebrew.mxcl.{name}"


def _agent(name: str, home: str) -> str:
    return f"{home}/Library/LaunchAgents/{_label(name)}.plist"
