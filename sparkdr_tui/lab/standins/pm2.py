"""`pm2`: keeps a list of processes in `~/.pm2`; the processes themselves are the supervisor's units."""

from __future__ import annotations

import json
import os
import shutil
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from sparkdr_tui.lab.door import DoorError, ask
from sparkdr_tui.lab.standins.pm2_tables import Process, as_json, status, table
from sparkdr_tui.lab.standins.terminal import err, out

_NOT_INHERITED = ("SPARKDR_", "SSH_", "OLDPWD", "PWD", "SHLVL", "_")


def pm2(arguments: list[str]) -> int:
    """`pm2 COMMAND …`."""
    command, rest = (arguments[0], arguments[1:]) if arguments else ("list", [])
    found = _COMMANDS.get(command)
    if found is None:
        err(f"error: unknown command {command}")
        return 1
    return found(rest)


def _start(arguments: list[str]) -> int:
    words, _, own = _split(arguments)
    name = _option(arguments, "--name", "-n")
    if not words:
        err("[PM2][ERROR] Please provide a script or a name")
        return 1
    known = _processes()
    there = next((each for each in known if each["name"] == (name or words[0])), None)
    if there is not None:
        if status(_units().get(there["name"], {})) == "online" and name:
            err("[PM2][ERROR] Script already launched, add -f option to force re-execution")
            return 1
        return _restart([there["name"], "--update-env"])
    script = shutil.which(words[0])
    if script is None:
        err(f"[PM2][ERROR] Script not found: {Path(words[0]).absolute()}")
        return 1
    fresh: Process = {
        "id": max((each["id"] for each in known), default=-1) + 1,
        "name": name or Path(words[0]).stem,
        "argv": [script, *own],
        "cwd": str(Path.cwd()),
        "env": _environment(),
        "restarts": 0,
        "started": time.time(),
    }
    out(f"[PM2] Starting {script} in fork_mode (1 instance)")
    _write(_list_file(), [*known, fresh])
    _define(fresh)
    _begin(fresh["name"])
    out("[PM2] Done.")
    return _list([])


def _restart(arguments: list[str]) -> int:
    fresh = "--update-env" in arguments

    def again(each: Process) -> None:
        each["restarts"], each["started"] = each["restarts"] + 1, time.time()
        if fresh:
            each["env"] = _environment()
        if fresh or each["name"] not in _units():
            _define(each)
        _end(each["name"])
        _begin(each["name"])

    if not fresh:
        out("Use --update-env to update environment variables")
    return _on_each("restart", arguments, again)


def _stop(arguments: list[str]) -> int:
    return _on_each("stop", arguments, lambda each: _end(each["name"]))


def _delete(arguments: list[str]) -> int:
    def forget(each: Process) -> None:
        if each["name"] in _units():
            ask("forget", name=each["name"])
        _write(_list_file(), [other for other in _processes() if other["name"] != each["name"]])

    return _on_each("delete", arguments, forget)


def _list(_: list[str]) -> int:
    out(table(_processes(), _units(), os.environ.get("USER", ""), time.time()))
    return 0


def _jlist(_: list[str]) -> int:
    out(as_json(_processes(), _units(), os.environ.get("HOME", "")))
    return 0


def _pid(arguments: list[str]) -> int:
    units = _units()
    for each in _processes():
        if not arguments or arguments[0] in (each["name"], str(each["id"])):
            out(str(units.get(each["name"], {}).get("pid") or 0))
    return 0


def _describe(arguments: list[str]) -> int:
    units = _units()
    found = [each for each in _processes() if arguments and arguments[0] in (each["name"], str(each["id"]))]
    if not found:
        err(f"[PM2][WARN] {arguments[0] if arguments else ''} doesn't exist")
        return 1
    for each in found:
        out(f" Describing process with id {each['id']} - name {each['name']}")
        out(f"│ status            │ {status(units.get(each['name'], {}))}\n│ exec cwd          │ {each['cwd']}")
        out(f"│ script path       │ {each['argv'][0]}\n│ script args       │ {' '.join(each['argv'][1:])}")
    return 0


def _save(_: list[str]) -> int:
    dump = _folder() / "dump.pm2"
    out("[PM2] Saving current process list...")
    _write(dump, _processes())
    out(f"[PM2] Successfully saved in {dump}")
    return 0


def _resurrect(_: list[str]) -> int:
    dump = _folder() / "dump.pm2"
    out("[PM2] Resurrecting")
    if not dump.is_file():
        err(f"[PM2][ERROR] No processes saved; DUMP file doesn't exist\n[PM2][ERROR] {dump}")
        return 1
    known, units = {each["name"]: each for each in _processes()}, _units()
    for each in _read(dump):
        if each["name"] in known and status(units.get(each["name"], {})) == "online":
            continue
        known[each["name"]] = each | {"started": time.time()}
        out(f"[PM2] Restoring processes located in {dump}\n[PM2] Process {each['argv'][0]} restored")
        if each["name"] not in units:
            _define(each)
        _begin(each["name"])
    _write(_list_file(), list(known.values()))
    return _list([])


def _logs(arguments: list[str]) -> int:
    words, _, _ = _split(arguments)
    count = int(_option(arguments, "--lines") or 15)
    for each in _processes():
        if not words or words[0] in (each["name"], str(each["id"])):
            path = _folder() / "logs" / f"{each['name']}-out.log"
            out(f"{path} last {count} lines:")
            if path.is_file():
                lines = path.read_text(errors="replace").splitlines()[-count:]
                out("\n".join(f"{each['id']}|{each['name']} | {line}" for line in lines))
    return 0


def _kill(_: list[str]) -> int:
    for each in _processes():
        _end(each["name"])
    out("[PM2] [v] All Applications Stopped\n[PM2] [v] PM2 Daemon Stopped")
    return 0


def _startup(_: list[str]) -> int:
    out("[PM2] Init System found: launchd\n[PM2] [v] Command successfully executed.")
    return 0


def _version(_: list[str]) -> int:
    out("5.4.3")
    return 0


_COMMANDS: Mapping[str, Callable[[list[str]], int]] = {
    "start": _start,
    "restart": _restart,
    "reload": _restart,
    "stop": _stop,
    "delete": _delete,
    "del": _delete,
    "list": _list,
    "ls": _list,
    "status": _list,
    "jlist": _jlist,
    "pid": _pid,
    "describe": _describe,
    "show": _describe,
    "save": _save,
    "resurrect": _resurrect,
    "logs": _logs,
    "kill": _kill,
    "startup": _startup,
    "--version": _version,
    "-v": _version,
}


# -- what is kept ------------------------------------------------------------------------------------


def _on_each(action: str, arguments: list[str], change: Callable[[Process], None]) -> int:
    words, _, _ = _split(arguments)
    wanted = words[0] if words else ""
    known = _processes()
    found = [each for each in known if wanted in (each["name"], str(each["id"]), "all")]
    if not found:
        err(f"[PM2][ERROR] Process or Namespace {wanted} not found")
        return 1
    for each in found:
        out(f"[PM2] Applying action {action}ProcessId on app [{each['name']}](ids: [ {each['id']} ])")
        if action == "restart":
            _write(_list_file(), known)
        change(each)
        out(f"[PM2] [{each['name']}]({each['id']}) ✓")
    if action == "restart":
        _write(_list_file(), known)
    return _list([])


def _define(process: Process) -> None:
    log = _folder() / "logs" / f"{process['name']}-out.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    keys = {key: process[key] for key in ("name", "argv", "cwd", "env")}
    ask("define", **keys, log=str(log))


def _begin(name: str) -> None:
    """Start a unit; like pm2, do not mind whether it stays: the list says `errored`."""
    try:
        ask("unit", do="start", name=name)
    except DoorError as error:
        err(f"[PM2][WARN] {error.message}")


def _end(name: str) -> None:
    if _units().get(name, {}).get("status") == "started":
        ask("unit", do="stop", name=name)


def _units() -> Mapping[str, Any]:
    units: Mapping[str, Any] = ask("units")["units"]
    return units


def _environment() -> dict[str, str]:
    """What a process of pm2 inherits: the shell's environment, without what belongs to this shell alone."""
    return {key: value for key, value in os.environ.items() if not key.startswith(_NOT_INHERITED)}


def _folder() -> Path:
    return Path(os.environ.get("HOME", "/")) / ".pm2"


def _list_file() -> Path:
    return _folder() / "processes.json"


def _processes() -> list[Process]:
    return _read(_list_file())


def _read(path: Path) -> list[Process]:
    try:
        found: list[Process] = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return []
    return found


def _write(path: Path, processes: Sequence[Process]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(processes))


def _option(arguments: Sequence[str], *names: str) -> str:
    for at, word in enumerate(arguments[:-1]):
        if word in names:
            return arguments[at + 1]
    return next((word.partition("=")[2] for word in arguments if word.startswith(tuple(f"{n}=" for n in names))), "")


def _split(arguments: Sequence[str]) -> tuple[list[str], list[str], list[str]]:
    """Operands, options, and what comes after `--`."""
    before = list(arguments[: arguments.index("--")]) if "--" in arguments else list(arguments)
    after = list(arguments[len(before) + 1 :])
    operands: list[str] = []
    options: list[str] = []
    words = iter(before)
    for word in words:
        if word in ("--name", "-n", "--lines", "--cwd"):
            options += [word, next(words, "")]
        else:
            (options if word.startswith("-") else operands).append(word)
    return operands, options, after
