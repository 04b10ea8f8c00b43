"""What macOS brings and Linux does not: mounts, power, firewall, schedules; settings live in the node's home."""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from sparkdr_tui.lab.door import ask
from sparkdr_tui.lab.standins import HANDLERS
from sparkdr_tui.lab.standins.terminal import become, err, out

_ROOT = "/dev/disk3s1s1 on / (apfs, sealed, local, read-only, journaled)"
_DATA = "/dev/disk3s5 on /System/Volumes/Data (apfs, local, journaled, nobrowse)"
_POWER = {"autorestart": "0", "sleep": "0", "disksleep": "10", "displaysleep": "10", "womp": "1", "powernap": "1"}
_SETTING = re.compile(r"[A-Za-z_]\w*\s*=")
_CRON_LINE = re.compile(r"(?:@\w+|(?:[\d*,/-]+\s+){4}[\w*,/-]+)\s+\S")
Mounts = Sequence[Mapping[str, str]]


# -- disks -------------------------------------------------------------------------------------------


def mount(arguments: list[str]) -> int:
    """`mount`: what is mounted; mounting needs hands."""
    if [word for word in arguments if not word.startswith("-") and word != "apfs"]:
        err("mount: the lab's drives are plugged in by hand")
        return 1
    out(mount_table(ask("mounts")["mounts"]))
    return 0


def mount_table(mounts: Mounts) -> str:
    """What `mount` prints on a Mac."""
    return "\n".join([_ROOT, _DATA, *(f"{m['device']} on {m['path']} ({m['type']}, local, journaled)" for m in mounts)])


def diskutil(arguments: list[str]) -> int:
    """`diskutil list|info VOLUME|verifyVolume VOLUME`."""
    command, operands = (arguments[0], arguments[1:]) if arguments else ("list", [])
    mounts: Mounts = ask("mounts")["mounts"]
    if command == "list":
        out(disk_list(mounts))
        return 0
    wanted = operands[-1] if operands else ""
    found = next((m for m in mounts if wanted in (m["path"], m["device"], Path(m["path"]).name)), None)
    if found is None:
        err(f"Could not find disk: {wanted}")
        return 1
    if command == "info":
        out(disk_info(found))
    elif command.lower() == "verifyvolume":
        out(f"Started file system verification on {Path(found['device']).name} {Path(found['path']).name}")
        out(f"The volume {found['device']} appears to be OK\nFile system check exit code is 0")
    elif command == "mount":
        out(f"Volume {Path(found['path']).name} on {found['device']} mounted")
    else:
        err(f"diskutil: did not recognize verb {command!r}")
        return 1
    return 0


def disk_list(mounts: Mounts) -> str:
    """What `diskutil list` prints: the internal disk, then what is plugged in."""
    lines = [
        "/dev/disk3 (synthesized):",
        "   #:                       TYPE NAME                    SIZE       IDENTIFIER",
    ]
    lines += ["   1:                APFS Volume Macintosh HD            15.0 GB    disk3s1"]
    for m in mounts:
        device = Path(m["device"]).name
        lines += ["", f"/dev/{device[:5]} (external, physical):"]
        lines += [f"   1:                APFS Volume {Path(m['path']).name:<23} 2.0 TB     {device}"]
    return "\n".join(lines)


def disk_info(mounted: Mapping[str, str]) -> str:
    """What `diskutil info` prints of a volume."""
    device = Path(mounted["device"]).name
    fields = {
        "Device Identifier": device,
        "Device Node": mounted["device"],
        "Volume Name": Path(mounted["path"]).name,
        "Mounted": "Yes",
        "Mount Point": mounted["path"],
        "File System Personality": "APFS",
        "Read-Only Volume": "No",
        "Device Location": "External",
    }
    return "\n".join(f"   {name + ':':<26} {value}" for name, value in fields.items())


# -- power, firewall, version ------------------------------------------------------------------------


def pmset(arguments: list[str]) -> int:
    """`pmset -g`, `pmset [-a] NAME VALUE…`."""
    settings = _settings("power", _POWER)
    if arguments[:1] == ["-g"]:
        out(power_text(settings))
        return 0
    words = [word for word in arguments if not word.startswith("-")]
    if not words or len(words) % 2 or any(name not in _POWER for name in words[::2]):
        err("Usage: pmset <options>\nSee pmset(1) for details")
        return 64
    _keep("power", settings | dict(zip(words[::2], words[1::2], strict=True)))
    return 0


def power_text(settings: Mapping[str, str]) -> str:
    """What `pmset -g` prints."""
    lines = [f" {name:<20} {value}" for name, value in settings.items()]
    return "\n".join(["System-wide power settings:", "Currently in use:", *lines])


def fdesetup(arguments: list[str]) -> int:
    """`fdesetup status|isactive`."""
    on = _settings("filevault", {"on": "0"})["on"] == "1"
    if arguments[:1] == ["isactive"]:
        out(str(on).lower())
        return 0 if on else 1
    if arguments[:1] != ["status"]:
        err("fdesetup: the lab's FileVault says its status only")
        return 1
    out(f"FileVault is {'On' if on else 'Off'}.")
    return 0


def socketfilterfw(arguments: list[str]) -> int:
    """`socketfilterfw --getglobalstate|--setglobalstate on|off|--getblockall|--setblockall on|off|--listapps`."""
    option, value = (arguments[0] if arguments else ""), (arguments[1] if len(arguments) > 1 else "")
    state = _settings("firewall", {"global": "1", "blockall": "0"})
    match option:
        case "--getglobalstate":
            out(f"Firewall is {'enabled' if state['global'] == '1' else 'disabled'}. (State = {state['global']})")
        case "--getblockall":
            out(f"Firewall has block all state set to {'enabled' if state['blockall'] == '1' else 'disabled'}.")
        case "--setglobalstate" | "--setblockall" if value in ("on", "off"):
            name = option.removeprefix("--set").removesuffix("state")
            _keep("firewall", state | {name: str(int(value == "on"))})
            out(
                f"Firewall is {'enabled' if value == 'on' else 'disabled'}."
                if name == "global"
                else "Firewall has set block all."
            )
        case "--listapps":
            out("Total number of apps = 0")
        case _:
            err(f"usage: socketfilterfw [--getglobalstate] [--setglobalstate on | off] … (not: {option})")
            return 1
    return 0


def sw_vers(arguments: list[str]) -> int:
    """`sw_vers [-productVersion]`."""
    fields = {"ProductName": "macOS", "ProductVersion": "15.1.1", "BuildVersion": "24B91"}
    for name, value in fields.items():
        if arguments and arguments[0].lstrip("-").lower() == name.lower():
            out(value)
            return 0
    out("\n".join(f"{name + ':':<16}{value}" for name, value in fields.items()))
    return 0


# -- running other commands --------------------------------------------------------------------------


def sudo(arguments: list[str]) -> int:
    """`sudo [OPTIONS] [NAME=VALUE…] COMMAND…`: runs it as it is; nobody in the lab becomes root."""
    words = list(arguments)
    env: dict[str, str] = {}
    while words and (words[0].startswith("-") or "=" in words[0]):
        word = words.pop(0)
        if word in ("-u", "-g", "-p", "-C") and words:
            words.pop(0)
        elif not word.startswith("-"):
            name, _, value = word.partition("=")
            env[name] = value
        elif word == "--":
            break
    if not words:
        return 0
    command = Path(words[0]).name if Path(words[0]).name in HANDLERS else words[0]
    program = shutil.which(command)
    if program is None:
        err(f"sudo: {words[0]}: command not found")
        return 1
    return become([program, *words[1:]], env)


def caffeinate(arguments: list[str]) -> int:
    """`caffeinate [-i] [-s] [-t SECONDS] COMMAND…`."""
    words = list(arguments)
    seconds = 0.0
    while words and words[0].startswith("-"):
        word = words.pop(0)
        if word in ("-t", "-w") and words:
            seconds = float(words.pop(0)) if word == "-t" else seconds
    if not words:
        time.sleep(seconds)
        return 0
    program = shutil.which(words[0])
    if program is None:
        err(f"caffeinate: {words[0]}: No such file or directory")
        return 1
    return become([program, *words[1:]])


def identity(arguments: list[str]) -> int:
    """`id -un` names the node's user, whoever runs the lab; other questions are for the real `id`."""
    letters = "".join(word.removeprefix("-") for word in arguments)
    if sorted(letters) == ["n", "u"]:
        return whoami([])
    return become([next(path for path in ("/usr/bin/id", "/bin/id") if Path(path).is_file()), *arguments])


def whoami(_: list[str]) -> int:
    """`whoami`."""
    out(os.environ.get("USER", ""))
    return 0


def power_switch(arguments: list[str]) -> int:
    """`shutdown`, `reboot`, `halt`: refused; power is the lab's to take."""
    err("the lab's nodes are switched with: sparkdr-tui lab break macmini-off")
    return 1


def nothing(arguments: list[str]) -> int:
    """`open`, `osascript`, `say`: there is no desktop to show anything on."""
    return 0


def scutil(arguments: list[str]) -> int:
    """`scutil --get NAME`."""
    out(str(ask("facts")["title"]).replace(" ", "-"))
    return 0


# -- what is kept ------------------------------------------------------------------------------------


def crontab(arguments: list[str]) -> int:
    """`crontab -l|-r|-|FILE`: the node's own, byte for byte, never this machine's; checks lines as cron does."""
    table = _home() / ".crontab"
    if arguments == ["-l"]:
        if not table.is_file():
            err(f"crontab: no crontab for {os.environ.get('USER', '')}")
            return 1
        sys.stdout.buffer.write(table.read_bytes())
    elif arguments == ["-r"]:
        if not table.is_file():
            err(f"crontab: no crontab for {os.environ.get('USER', '')}")
            return 1
        table.unlink()
    elif len(arguments) == 1 and (arguments[0] == "-" or not arguments[0].startswith("-")):
        content = sys.stdin.buffer.read() if arguments[0] == "-" else Path(arguments[0]).read_bytes()
        if (wrong := refused_line(content)) is not None:
            err(f'"{arguments[0]}":{wrong}: bad minute\ncrontab: errors in crontab file, can\'t install')
            return 1
        table.write_bytes(content)
    else:
        err("usage: crontab [-u user] file\n       crontab [-u user] { -l | -r | -e }")
        return 64
    return 0


def refused_line(content: bytes) -> int | None:
    """The number of the first line that cron cannot read: no comment, no setting, no five times and a command."""
    for number, line in enumerate(content.decode(errors="replace").split("\n"), 1):
        bare = line.strip()
        if bare and not bare.startswith("#") and not _SETTING.match(bare) and not _CRON_LINE.match(bare):
            return number
    return None


def defaults(arguments: list[str]) -> int:
    """`defaults read|write DOMAIN KEY [VALUE]`."""
    kept = _settings("defaults", {})
    command, operands = (arguments[0], arguments[1:]) if arguments else ("", [])
    words = [word for word in operands if not word.startswith("-")]
    if command == "write" and len(words) == 3:
        _keep("defaults", kept | {f"{words[0]} {words[1]}": words[2]})
        return 0
    if command == "read" and f"{words[0]} {words[-1]}" in kept:
        out(kept[f"{words[0]} {words[-1]}"])
        return 0
    err(f"The domain/default pair of ({', '.join(words)}) does not exist")
    return 1


def _home() -> Path:
    return Path(os.environ.get("HOME", "/nonexistent"))


def _settings(name: str, first: Mapping[str, str]) -> dict[str, str]:
    kept = _all_settings().get(name, {})
    return {**first, **kept}


def _keep(name: str, values: Mapping[str, str]) -> None:
    whole = _all_settings() | {name: dict(values)}
    (_home() / ".mac-settings.json").write_text(json.dumps(whole))


def _all_settings() -> dict[str, Any]:
    try:
        found: dict[str, Any] = json.loads((_home() / ".mac-settings.json").read_text())
    except (OSError, ValueError):
        return {}
    return found
