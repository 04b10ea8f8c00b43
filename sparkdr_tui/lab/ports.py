"""Ports and addresses on loopback: which are free, which are being listened on."""

from __future__ import annotations

import contextlib
import random
import socket
import struct
import sys
from pathlib import Path

from sparkdr_tui.errors import SparkdrError

_FIRST, _LAST = 20_000, 32_000
"""Below the range from which systems give ports to outgoing connections."""
_LINUX = sys.platform.startswith("linux")
_HERE = ("127.0.0.1", "0.0.0.0")
_SOCK_DIAG, _BY_FAMILY, _REQUEST_DUMP, _DONE, _ERROR, _LISTEN = 4, 20, 0x301, 3, 2, 10
"""Numbers of Linux: netlink's family for sockets, its messages, and the state of a listener."""


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
    if not _LINUX:
        return None
    return {port for address, port, _ in sockets() if address in _HERE}


def answers(port: int) -> bool:
    """Whether something on 127.0.0.1 takes a connection on `port`.

    A list that is read while it changes may lack an entry: only a connection that is refused says no.
    """
    return port in (listening() or ()) or connects(port)


def connects(port: int) -> bool:
    """Try a connection."""
    with socket.socket() as probe:
        probe.settimeout(0.2)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def sockets() -> list[tuple[str, int, str]]:
    """Every IPv4 listener of this machine (Linux): address, port and inode.

    The kernel is asked for listeners only: its table of all connections takes it a hundred times as long.
    """
    try:
        return _ask_kernel()
    except OSError:
        return _read_table()


def _ask_kernel() -> list[tuple[str, int, str]]:
    found: list[tuple[str, int, str]] = []
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, _SOCK_DIAG) as line:
        line.settimeout(1.0)
        body = struct.pack("=BBBxI", socket.AF_INET, socket.IPPROTO_TCP, 0, 1 << _LISTEN) + bytes(48)
        line.send(struct.pack("=IHHII", 16 + len(body), _BY_FAMILY, _REQUEST_DUMP, 1, 0) + body)
        while True:
            data, at = line.recv(1 << 17), 0
            while at < len(data):
                length, kind = struct.unpack_from("=IH", data, at)
                if kind == _DONE:
                    return found
                if kind == _ERROR:
                    raise OSError("the kernel does not list its sockets")
                (port,) = struct.unpack_from("!H", data, at + 20)
                (inode,) = struct.unpack_from("=I", data, at + 84)
                found.append((socket.inet_ntoa(data[at + 24 : at + 28]), port, str(inode)))
                at += (length + 3) & ~3


def _read_table() -> list[tuple[str, int, str]]:
    found = []
    with contextlib.suppress(OSError), Path("/proc/net/tcp").open() as table:
        next(table)
        for line in table:
            fields = line.split(None, 10)
            if int(fields[3], 16) == _LISTEN:
                address, _, port = fields[1].partition(":")
                raw = int(address, 16).to_bytes(4, sys.byteorder)
                found.append((socket.inet_ntoa(raw), int(port, 16), fields[9]))
    return found
