"""`launchctl`: the supervisor's units as Homebrew's agents, and other agents as a list that is kept and never run."""

from __future__ import annotations

import json
import os
import plistlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from xml.parsers.expat import ExpatError

from sparkdr_tui.lab.door import ask
from sparkdr_tui.lab.standins.terminal import err, out

_PREFIX = "homebrew.mxcl."


def launchctl(arguments: list[str]) -> int:
    """`launchctl list|print|bootstrap|bootout|load|unload|kickstart|kill|enable|disable …`."""
    command, operands = (arguments[0], arguments[1:]) if arguments else ("", [])
    words = [word for word in operands if not word.startswith("-")]
    last = words[-1] if words else ""
    match command:
        case "list":
            return _list(last)
        case "print":
            return _print(_label(last))
        case "bootstrap" | "load":
            return _load(Path(last))
        case "bootout" | "unload" | "remove":
            return _unload(_label_of(last))
        case "kickstart" | "start" | "stop":
            return _change(_label(last), "stop" if command == "stop" else "restart" if "-k" in operands else "start")
        case "enable" | "disable" | "managername" | "setenv" | "getenv":
            return 0
    err(f"Unrecognized subcommand: {command}\nUsage: launchctl <subcommand> ... | help [subcommand]")
    return 64


def list_table(units: Mapping[str, Mapping[str, Any]], agents: Mapping[str, str]) -> str:
    """What `launchctl list` prints."""
    rows = ["PID\tStatus\tLabel"]
    for name, unit in sorted(units.items()):
        if unit["status"] not in ("none", "stopped"):
            rows.append(f"{unit.get('pid') or '-'}\t{unit.get('exit') or 0}\t{_PREFIX}{name}")
    rows += [f"-\t0\t{label}" for label in sorted(agents)]
    return "\n".join(rows)


def _list(label: str) -> int:
    units, agents = _units(), _agents()
    if not label:
        out(list_table(units, agents))
        return 0
    unit = units.get(label.removeprefix(_PREFIX))
    if label not in agents and (unit is None or unit["status"] in ("none", "stopped")):
        err(f'Could not find service "{label}" in domain for port')
        return 113
    pid = f'\t"PID" = {unit["pid"]};\n' if unit and unit.get("pid") else ""
    out(f'{{\n\t"Label" = "{label}";\n{pid}\t"LastExitStatus" = {(unit or {}).get("exit") or 0};\n}};')
    return 0


def _print(label: str) -> int:
    unit = _units().get(label.removeprefix(_PREFIX))
    if label not in _agents() and (unit is None or unit["status"] in ("none", "stopped")):
        err(f'Bad request.\nCould not find service "{label}" in domain for user gui: {os.getuid()}')
        return 113
    running = bool(unit and unit.get("pid"))
    out(f"gui/{os.getuid()}/{label} = {{\n\tstate = {'running' if running else 'not running'}")
    if running and unit:
        out(f"\tpid = {unit['pid']}")
    out(f"\tlast exit code = {(unit or {}).get('exit') or '(never exited)'}\n}}")
    return 0


def _load(plist: Path) -> int:
    if not plist.is_file():
        err("Bootstrap failed: 5: Input/output error")
        return 5
    label = _label_of(str(plist))
    if not _is_job(plist):
        err("Bootstrap failed: 5: Input/output error")
        return 5
    if label.startswith(_PREFIX):
        return _change(label, "start")
    if label in _agents():
        err("Bootstrap failed: 5: Input/output error\nservice already bootstrapped")
        return 5
    _keep(_agents() | {label: str(plist)})
    return 0


def _is_job(plist: Path) -> bool:
    """Whether launchd could run it: a label, and a program that is named by its whole path."""
    try:
        found = plistlib.loads(plist.read_bytes())
        return bool(found["Label"]) and str(found["ProgramArguments"][0]).startswith("/")
    except (OSError, LookupError, TypeError, ValueError, plistlib.InvalidFileException, ExpatError):
        return False


def _unload(label: str) -> int:
    if label.startswith(_PREFIX):
        return _change(label, "stop")
    agents = _agents()
    if label not in agents:
        err("Boot-out failed: 3: No such process")
        return 3
    _keep({name: path for name, path in agents.items() if name != label})
    return 0


def _change(label: str, do: str) -> int:
    name = label.removeprefix(_PREFIX)
    if name in _units():
        ask("unit", do=do, name=name)
        return 0
    if label in _agents():
        return 0
    err(f'Could not find service "{label}" in domain for user gui: {os.getuid()}')
    return 113


def _label(target: str) -> str:
    """The label in `gui/501/LABEL`."""
    return target.rpartition("/")[2]


def _label_of(target: str) -> str:
    """The label that a property list names, or that the target is."""
    if not target.endswith(".plist"):
        return _label(target)
    try:
        return str(plistlib.loads(Path(target).read_bytes())["Label"])
    except (OSError, KeyError, plistlib.InvalidFileException, ValueError):
        return Path(target).stem


def _units() -> Mapping[str, Mapping[str, Any]]:
    units: Mapping[str, Mapping[str, Any]] = ask("units")["units"]
    return units


def _file() -> Path:
    return Path(os.environ.get("HOME", "/nonexistent")) / ".launchd-agents.json"


def _agents() -> dict[str, str]:
    try:
        found: dict[str, str] = json.loads(_file().read_text())
    except (OSError, ValueError):
        return {}
    return found


def _keep(agents: Mapping[str, str]) -> None:
    _file().write_text(json.dumps(dict(agents)))
