"""`lsof -i`, `netstat -an`, `nc -z`: which of the node's ports are listened on, as the supervisor sees them."""

from __future__ import annotations

import os
import socket
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sparkdr_tui.lab.door import ask
from sparkdr_tui.lab.standins.node import facts
from sparkdr_tui.lab.standins.terminal import become, err, out

_REAL_LSOF = ("/usr/bin/lsof", "/usr/sbin/lsof")
Listener = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class LsofQuery:
    """What `lsof` was asked: port 0 is every port."""

    port: int = 0
    udp: bool = False
    only_pids: bool = False
    listening: bool = True


def lsof(arguments: list[str]) -> int:
    """`lsof -i [TCP]:PORT [-sTCP:LISTEN] [-n] [-P] [-t]`; anything else is the real one's."""
    query = lsof_query(arguments)
    if query is None:
        return _real(arguments)
    if query.udp or not query.listening:
        return 1
    found = ask("listening", port=query.port)["sockets"] if query.port else ask("listening")["sockets"]
    if not found:
        return 1
    if any(not each.get("pid") for each in found) and _real_lsof():
        ports = [f"-iTCP:{each['inner']}" for each in found]
        return _real([word for word in arguments if word.startswith(("-s", "-n", "-P", "-t"))] + ports)
    if query.only_pids:
        out("\n".join(str(pid) for pid in sorted({each["pid"] for each in found})))
    else:
        out(lsof_table(found, os.environ.get("USER", ""), query.port))
    return 0


def lsof_query(arguments: Sequence[str]) -> LsofQuery | None:
    """What the command line asks; None when it is about files."""
    address, pids, listening = None, False, True
    words = iter(arguments)
    for word in words:
        if word == "-i":
            address = next(words, "")
        elif word.startswith("-i"):
            address = word[2:]
        elif word.startswith("-s"):
            listening = word[2:].upper() in ("TCP:LISTEN", "")
        elif word.startswith("-") and not word.startswith("--"):
            pids = pids or "t" in word
        else:
            return None
    if address is None:
        return None
    protocol, _, port = address.rpartition(":")
    protocol, number = (protocol, port) if port.isdigit() else (address, "0")
    return LsofQuery(int(number), protocol.split("@")[0].lower() == "udp", pids, listening)


def lsof_table(listeners: Sequence[Listener], user: str, asked: int = 0) -> str:
    """What `lsof -i` prints on a Mac."""
    lines = [f"{'COMMAND':<9} {'PID':>5} {'USER':>8}   FD   TYPE             DEVICE SIZE/OFF NODE NAME"]
    for each in listeners:
        pid, port = int(each["pid"] or 0), asked or each["port"]
        device = f"0x{(pid * 2654435761) & 0xFFFFFFFFFFFF:016x}"
        name = f"TCP localhost:{port} (LISTEN)"
        lines.append(f"{str(each['command'])[:9]:<9} {pid:>5} {user:>8}    7u  IPv4 {device} {'0t0':>8}  {name}")
    return "\n".join(lines)


def netstat(arguments: list[str]) -> int:
    """`netstat -an`: on the desktop as Windows prints it."""
    here, listeners = facts(), ask("listening")["sockets"]
    windows = here["os"] == "windows"
    out((netstat_windows if windows else netstat_macos)(listeners, str(here["address"])))
    return 0


def netstat_macos(listeners: Sequence[Listener], address: str) -> str:
    """The table of a Mac: the port of the plan on the node's address, and the one behind it."""
    lines = ["Active Internet connections (including servers)"]
    lines += [f"{'Proto Recv-Q Send-Q  Local Address':<44}{'Foreign Address':<23}(state)"]
    for each in listeners:
        places = (f"{address}.{each['port']}", f"127.0.0.1.{each['inner']}")
        lines += [f"tcp4       0      0  {local:<23}{'*.*':<23}LISTEN" for local in places]
    return "\n".join(lines)


def netstat_windows(listeners: Sequence[Listener], address: str) -> str:
    """The table of Windows."""
    lines = ["", "Active Connections", "", f"  {'Proto':<7}{'Local Address':<23}{'Foreign Address':<23}State"]
    for each in listeners:
        places = (f"{address}:{each['port']}", f"127.0.0.1:{each['inner']}")
        lines += [f"  {'TCP':<7}{local:<23}{'0.0.0.0:0':<23}LISTENING" for local in places]
    return "\n".join(lines)


def nc(arguments: list[str]) -> int:
    """`nc -z [-v] [-w SECONDS] [-G SECONDS] HOST PORT`."""
    operands: list[str] = []
    deadline, words = 5.0, iter(arguments)
    for word in words:
        if word in ("-w", "-G"):
            deadline = float(next(words, "5"))
        elif not word.startswith("-"):
            operands.append(word)
    if len(operands) != 2 or not any(word.startswith("-") and "z" in word for word in arguments):
        err("usage: nc -z [-v] [-w seconds] host port")
        return 1
    host, port = operands[0], int(operands[1])
    try:
        socket.create_connection((host, port), deadline).close()
    except OSError as error:
        err(f"nc: connectx to {host} port {port} (tcp) failed: {error.strerror or 'Operation timed out'}")
        return 1
    err(f"Connection to {host} port {port} [tcp/*] succeeded!")
    return 0


def _real_lsof() -> str:
    return next((path for path in _REAL_LSOF if Path(path).is_file()), "")


def _real(arguments: Sequence[str]) -> int:
    program = _real_lsof()
    if not program:
        err("lsof: the lab answers -i only")
        return 1
    return become([program, *arguments])
