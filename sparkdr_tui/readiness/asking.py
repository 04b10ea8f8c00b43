"""One script that asks a node for commands and disks, and how its answer is read. It looks, and never changes."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from sparkdr_tui.errors import SparkdrError
from sparkdr_tui.language import _
from sparkdr_tui.plan.model import Node
from sparkdr_tui.plan.runbook import Plan
from sparkdr_tui.reach.pool import Reach
from sparkdr_tui.reach.shell import Script
from sparkdr_tui.text import one_line, sanitize

DEADLINE = 30.0
"""Seconds that a node gets to answer."""
_TOOL = re.compile(r"[A-Za-z0-9_./+@-]+")
DF = re.compile(r"\s(\d+)\s+(\d+)\s+(\d+)\s+\d+%\s+(\S.*)")
"""Size, used and free in KiB and the mount point, in a line of `df -Pk`."""
_SAID = re.compile(r"asked (tool|missing|disk) (\S+) ?(.*)")

POSIX = r"""
for tool in $ASKED_TOOLS; do
  if found=$(command -v -- "$tool" 2>/dev/null); then
    printf 'asked tool %s %s\n' "$tool" "$found"
  else
    printf 'asked missing %s\n' "$tool"
  fi
done
for name in $ASKED_FOLDERS; do
  at=${!name}
  while [ -n "$at" ] && [ ! -e "$at" ]; do
    case "$at" in
      */*) at=${at%/*} ;;
      *) at= ;;
    esac
  done
  printf 'asked disk %s %s\n' "$name" "$(df -Pk "${at:-/}" 2>/dev/null | tail -n 1)"
done
"""
WINDOWS = r"""
foreach ($tool in ($env:ASKED_TOOLS -split ' ')) {
  if (-not $tool) { continue }
  $found = Get-Command -Name $tool -ErrorAction SilentlyContinue | Select-Object -First 1
  if ($found) { "asked tool $tool $($found.Source)" } else { "asked missing $tool" }
}
foreach ($name in ($env:ASKED_FOLDERS -split ' ')) {
  if (-not $name) { continue }
  $disk = New-Object IO.DriveInfo ([IO.Path]::GetPathRoot([Environment]::GetEnvironmentVariable($name)))
  $free = [long]($disk.AvailableFreeSpace / 1024)
  "asked disk $name - $([long]($disk.TotalSize / 1024)) 0 $free 0% $($disk.Name)"
}
"""


@dataclass(frozen=True, slots=True)
class Disk:
    """Where a folder of a node is, and how much is free there, in bytes; `name` is the variable that names it."""

    name: str
    mount: str
    free: int


@dataclass(frozen=True, slots=True)
class NodeSeen:
    """What a node said; `problem`: why it could not be asked."""

    problem: str = ""
    hint: str = ""
    there: Mapping[str, str] = field(default_factory=dict)
    """Commands and where they are."""
    missing: frozenset[str] = frozenset()
    disks: tuple[Disk, ...] = ()


async def ask(plan: Plan, name: str, tools: Iterable[str], reach: Reach) -> NodeSeen:
    """Which commands a node has, and how much is free where its folders are."""
    node = plan.nodes[name]
    env = {
        **node.env,
        "ASKED_TOOLS": " ".join(sorted({tool for tool in tools if _TOOL.fullmatch(tool)})),
        "ASKED_FOLDERS": " ".join(folders(node)),
    }
    try:
        async with asyncio.timeout(DEADLINE):
            shell = await reach.shell(name)
            result = await shell.run(Script(WINDOWS if node.os == "windows" else POSIX, env), DEADLINE)
    except TimeoutError:
        return NodeSeen(_("it did not answer within {seconds:.0f} s").format(seconds=DEADLINE))
    except SparkdrError as problem:
        return NodeSeen(one_line(problem.message), problem.hint)
    return answer(sanitize(result.text))


def folders(node: Node) -> tuple[str, ...]:
    """The variables of a node that name a place on its disks, and the one that names its home."""
    if node.os == "windows":
        return ("USERPROFILE", *(name for name, value in node.env.items() if re.match(r"[A-Za-z]:\\", value)))
    found = (name for name, value in node.env.items() if value.startswith(("/", "~/")) and ":" not in value)
    return ("HOME", *found)


def answer(text: str) -> NodeSeen:
    """What a node said, as data; lines that are none of ours are left out."""
    there: dict[str, str] = {}
    missing: set[str] = set()
    disks: list[Disk] = []
    for kind, name, rest in _SAID.findall(text):
        if kind == "tool":
            there[name] = rest
        elif kind == "missing":
            missing.add(name)
        elif found := DF.search(f" {rest}"):
            disks.append(Disk(name, found[4], int(found[3]) * 1024))
    return NodeSeen(there=there, missing=frozenset(missing), disks=tuple(disks))
