"""Ports and addresses on loopback: which are free, which are being listened on."""

from __future__ import annotations

import contextlib
import random
import socket
import sys
from pathlib import Path

from sparkdr_tui.errors import SparkdrError

_FIRST, _LAST = 20_000, 32_000
"""Below the range from which systems give ports to outgoing connections."""
_LISTEN = "0A"


def free_block(size: int) -> list[int]:
    """Neighbouring ports of 127.0.0.1 that nobody uses."""
    for _ in range(200):
        start = random.randrange(_FIRST, _LAST - size)
        block = list(range(start, start + size))
        if all(is_free("127.0.0.1", port) for port in block):
            return block
    raise SparkdrError("No free ports on 127.0.0.1.", f"The lab looked for {size} between {_FIRST} and {_LAST}.")


def is_free(host: str, port: int) -> bool:
    """Whether a server could listen there now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
            probe.listen(1)
        except (OSError, OverflowError):
            return False
    return True


def listening() -> set[int] | None:
    """Ports with an IPv4 listener on 127.0.0.1 or on every address; None where the system does not say."""
    if not sys.platform.startswith("linux"):
        return None
    found = set()
    with contextlib.suppress(OSError), Path("/proc/net/tcp").open() as table:
        next(table)
        for line in table:
            fields = line.split(None, 4)
            if fields[3] == _LISTEN and (fields[1].startswith("0100007F:") or fields[1].startswith("00000000:")):
                found.add(int(fields[1][9:], 16))
    return found


def answers(port: int) -> bool:
    """Whether something on 127.0.0.1 takes a connection on `port`."""
    known = listening()
    if known is not None:
        return port in known
    with socket.socket() as probe:
        probe.settimeout(0.2)
        return probe.connect_ex(("127.0.0.1", port)) == 0
