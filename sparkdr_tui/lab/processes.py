"""Which processes belong to a lab, and how they end. Only processes that carry a lab's mark are ever ended."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterable
from pathlib import Path

from sparkdr_tui.lab import ports

MARK = "SPARKDR_LAB"
"""Environment variable that every process of a lab carries; its value is the lab's id."""
NODE_MARK = "SPARKDR_LAB_NODE"
_PROC = Path("/proc")
_LINUX = sys.platform.startswith("linux")
_PR_SET_CHILD_SUBREAPER = 36


def become_subreaper() -> None:
    """Let processes whose parent ended become children of this one (Linux; elsewhere they go to init)."""
    if not _LINUX:
        return
    import ctypes

    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def alive(pid: int) -> bool:
    """Whether the process is there and no zombie."""
    if pid <= 0:
        return False
    if _LINUX:
        return _stat(pid)[1] not in ("", "Z", "X")
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def marked(lab: str, node: str | None = None) -> set[int]:
    """Processes that carry the mark of this lab (and of this node of it)."""
    wanted = [f"{MARK}={lab}".encode()] + ([f"{NODE_MARK}={node}".encode()] if node else [])
    if not _LINUX:
        return _marked_by_ps(lab, node)
    found = set()
    for entry in _PROC.iterdir():
        if not entry.name.isdigit():
            continue
        with contextlib.suppress(OSError):
            environment = set((entry / "environ").read_bytes().split(b"\0"))
            if all(each in environment for each in wanted):
                found.add(int(entry.name))
    return found


def family(roots: Iterable[int]) -> set[int]:
    """These processes and everything below them: a server may have wiped the environment of its children."""
    children: dict[int, list[int]] = {}
    for pid, parent in _parents().items():
        children.setdefault(parent, []).append(pid)
    found: set[int] = set()
    waiting = list(roots)
    while waiting:
        pid = waiting.pop()
        if pid not in found:
            found.add(pid)
            waiting += children.get(pid, [])
    return found


def ancestors() -> set[int]:
    """This process and everything above it: never to be ended from below."""
    parents = _parents()
    pid, found = os.getpid(), set()
    while pid > 0 and pid not in found:
        found.add(pid)
        pid = parents.get(pid, 0)
    return found


def end(pids: Iterable[int], grace: float = 5.0) -> set[int]:
    """End processes, kindly, after `grace` seconds for good; returns those that would not go."""
    left = {(pid, birth(pid)) for pid in pids if alive(pid)}
    for sign, patience in ((signal.SIGTERM, grace), (signal.SIGKILL, 5.0)):
        for pid, _ in left:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(pid, sign)
                if sign is signal.SIGTERM:
                    os.kill(pid, signal.SIGCONT)
        deadline = time.monotonic() + patience
        while left and time.monotonic() < deadline:
            left = {(pid, born) for pid, born in left if alive(pid) and birth(pid) == born}
            if left:
                time.sleep(0.02)
    return {pid for pid, _ in left}


def end_all(lab: str, node: str | None = None, grace: float = 5.0, known: Iterable[tuple[int, str]] = ()) -> set[int]:
    """End every process of a lab (of one node of it) but this one; returns those that would not go.

    `known`: servers that wipe the mark from sight, each by pid and time of birth.
    """
    left: set[int] = set()
    for _ in range(3):
        spared = ancestors()
        roots = marked(lab, node) | {pid for pid, born in known if birth(pid) == born}
        found = {pid for pid in family(roots - spared) - spared if alive(pid)}
        if not found:
            return set()
        left = end(found, grace)
    return left


def birth(pid: int) -> str:
    """When a process was started, as the system counts it: with its pid it names one process for ever."""
    if _LINUX:
        return _stat(pid)[2]
    said = subprocess.run(["ps", "-o", "lstart=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return said.stdout.strip()


def orphans(known: set[int]) -> set[int]:
    """Children of this process that have ended and that nobody here waits for."""
    if not _LINUX:
        return set()
    found = set()
    for task in (_PROC / "self" / "task").iterdir():
        with contextlib.suppress(OSError):
            found |= {int(pid) for pid in (task / "children").read_text().split()}
    return {pid for pid in found - known if _stat(pid)[1] == "Z"}


def listeners(lab: str) -> dict[int, int]:
    """Which process of a lab listens on which port (Linux; elsewhere nothing is said)."""
    if not _LINUX:
        return {}
    inodes = {f"socket:[{inode}]": port for _, port, inode in ports.sockets()}
    found: dict[int, int] = {}
    for pid in sorted(family(marked(lab))):
        with contextlib.suppress(OSError):
            for descriptor in (_PROC / str(pid) / "fd").iterdir():
                port = inodes.get(str(descriptor.readlink()))
                if port is not None:
                    found.setdefault(port, pid)
    return found


def command_of(pid: int) -> str:
    """The name of the program that a process runs; empty when it is gone."""
    if _LINUX:
        with contextlib.suppress(OSError):
            return (_PROC / str(pid) / "comm").read_text().strip()
        return ""
    said = subprocess.run(["ps", "-o", "comm=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return said.stdout.strip().rpartition("/")[2]


def _stat(pid: int) -> tuple[int, str, str]:
    """Parent, state letter and time of birth of a process (Linux); empty state when it is gone."""
    if not _LINUX:
        return 0, "", ""
    try:
        raw = (_PROC / str(pid) / "stat").read_text(errors="replace")
    except OSError:
        return 0, "", ""
    fields = raw.rpartition(")")[2].split()
    return int(fields[1]), fields[0], fields[19]


def _parents() -> dict[int, int]:
    if _LINUX:
        pids = [int(entry.name) for entry in _PROC.iterdir() if entry.name.isdigit()]
        return {pid: _stat(pid)[0] for pid in pids}
    said = subprocess.run(["ps", "-axo", "pid=,ppid="], capture_output=True, text=True, check=False).stdout
    return {int(pid): int(parent) for pid, parent in (line.split() for line in said.splitlines() if line.strip())}


def _marked_by_ps(lab: str, node: str | None) -> set[int]:
    said = subprocess.run(["ps", "-axEwwo", "pid=,command="], capture_output=True, text=True, check=False).stdout
    wanted = [f"{MARK}={lab}"] + ([f"{NODE_MARK}={node}"] if node else [])
    return {int(line.split()[0]) for line in said.splitlines() if all(each in line.split() for each in wanted)}
