"""What a rehearsal asks the world: read-only scripts, lists and questions, side by side, each with a deadline."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

from sparkdr_tui.backups.catalog import list_backups
from sparkdr_tui.errors import SparkdrError
from sparkdr_tui.language import _
from sparkdr_tui.plan.model import Node
from sparkdr_tui.plan.runbook import Plan, Sql
from sparkdr_tui.reach.pool import Reach
from sparkdr_tui.reach.shell import Script
from sparkdr_tui.record.lock import holder
from sparkdr_tui.recover import clients
from sparkdr_tui.recover.rehearsal.findings import DatabaseSeen, Disk, NodeSeen, Rehearsed, Seen, SetSeen
from sparkdr_tui.recover.rehearsal.resolving import missing_secrets
from sparkdr_tui.text import one_line, sanitize
from sparkdr_tui.watch.sweep import sweep

DEADLINE = 30.0
"""Seconds that a node gets to answer."""
_TOOL = re.compile(r"[A-Za-z0-9_./+@-]+")
_DF = re.compile(r"\s(\d+)\s+(\d+)\s+(\d+)\s+\d+%\s+(\S.*)")
_SAID = re.compile(r"rehearsal (tool|missing|disk) (\S+) ?(.*)")

POSIX = r"""
for tool in $REHEARSE_TOOLS; do
  if found=$(command -v -- "$tool" 2>/dev/null); then
    printf 'rehearsal tool %s %s\n' "$tool" "$found"
  else
    printf 'rehearsal missing %s\n' "$tool"
  fi
done
for name in $REHEARSE_FOLDERS; do
  at=${!name}
  while [ -n "$at" ] && [ ! -e "$at" ]; do
    case "$at" in
      */*) at=${at%/*} ;;
      *) at= ;;
    esac
  done
  printf 'rehearsal disk %s %s\n' "$name" "$(df -Pk "${at:-/}" 2>/dev/null | tail -n 1)"
done
"""
WINDOWS = r"""
foreach ($tool in ($env:REHEARSE_TOOLS -split ' ')) {
  if (-not $tool) { continue }
  $found = Get-Command -Name $tool -ErrorAction SilentlyContinue | Select-Object -First 1
  if ($found) { "rehearsal tool $tool $($found.Source)" } else { "rehearsal missing $tool" }
}
foreach ($name in ($env:REHEARSE_FOLDERS -split ' ')) {
  if (-not $name) { continue }
  $disk = New-Object IO.DriveInfo ([IO.Path]::GetPathRoot([Environment]::GetEnvironmentVariable($name)))
  $free = [long]($disk.AvailableFreeSpace / 1024)
  "rehearsal disk $name - $([long]($disk.TotalSize / 1024)) 0 $free 0% $($disk.Name)"
}
"""


async def look(run: Rehearsed, reach: Reach) -> Seen:
    """Ask everything that has to be known; what cannot be asked is part of the answer."""
    nodes, sets, databases = nodes_of(run), sets_of(run), databases_of(run)
    topology, said, listed, measured = await asyncio.gather(
        sweep(run.plan, reach),
        asyncio.gather(*(_node(run, name, reach) for name in nodes)),
        asyncio.gather(*(_set(run.plan, name, reach) for name in sets)),
        asyncio.gather(*(_database(run.plan, name, reach) for name in databases)),
    )
    return Seen(
        topology=topology,
        nodes=dict(zip(nodes, said, strict=True)),
        sets=dict(zip(sets, listed, strict=True)),
        databases=dict(zip(databases, measured, strict=True)),
        holder=holder(Path(run.state_folder)),
        missing_secrets=missing_secrets(run),
    )


def nodes_of(run: Rehearsed) -> tuple[str, ...]:
    """The nodes that the run reaches: for scripts, or for files that it copies."""
    mirrors = (
        (each.step.on or run.plan.services[s3.service].on) for each in run.steps.values() if (s3 := each.step.s3)
    )
    return tuple(dict.fromkeys((*(use.node for use in run.uses), *mirrors)))


def sets_of(run: Rehearsed) -> tuple[str, ...]:
    """The backup sets that the run picks from, and those that it makes a backup of."""
    picked = (each.pick for each in run.inputs.values() if each.pick is not None)
    return tuple(dict.fromkeys((*picked, *made_by(run))))


def made_by(run: Rehearsed) -> tuple[str, ...]:
    """The backup sets that the run makes a backup of."""
    books = {each.runbook for each in run.steps.values()}
    return tuple(name for name, each in run.plan.backup_sets.items() if each.made_by in books)


def databases_of(run: Rehearsed) -> tuple[str, ...]:
    """The databases that backups are restored beside."""
    picked = [run.plan.backup_sets[each.pick] for each in run.inputs.values() if each.pick is not None]
    services = dict.fromkeys(name for each in picked for name in each.services)
    return tuple(name for name in services if run.plan.services[name].probe.postgres)


# -- nodes ---------------------------------------------------------------------------------------------


async def _node(run: Rehearsed, name: str, reach: Reach) -> NodeSeen:
    """Which commands are there, and how much is free where its folders are."""
    node = run.plan.nodes[name]
    tools = {tool for use in run.uses if use.node == name for tool in use.words.commands if _TOOL.fullmatch(tool)}
    env = {
        **node.env,
        "REHEARSE_TOOLS": " ".join(sorted(tools)),
        "REHEARSE_FOLDERS": " ".join(folders(node)),
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
        elif found := _DF.search(f" {rest}"):
            disks.append(Disk(name, found[4], int(found[3]) * 1024))
    return NodeSeen(there=there, missing=frozenset(missing), disks=tuple(disks))


# -- backups and databases -----------------------------------------------------------------------------


async def _set(plan: Plan, name: str, reach: Reach) -> SetSeen:
    try:
        async with asyncio.timeout(DEADLINE):
            return SetSeen(await list_backups(plan, name, await reach.shell(plan.backup_sets[name].on)))
    except TimeoutError:
        return SetSeen(problem=_("listing them took longer than {seconds:.0f} s").format(seconds=DEADLINE))
    except SparkdrError as problem:
        return SetSeen(problem=one_line(problem.message), hint=problem.hint)


async def _database(plan: Plan, service: str, reach: Reach) -> DatabaseSeen:
    """How big it is and where it lies, as far as its server tells us."""
    size = await _asked(plan, service, "SELECT pg_database_size(current_database())", reach)
    place = await _asked(plan, service, "SELECT current_setting('data_directory')", reach)
    node = plan.services[service].on
    free: int | None = None
    if place and plan.nodes[node].os != "windows":
        script = Script('df -Pk "$PLACE" | tail -n 1', {"PLACE": place})
        try:
            async with asyncio.timeout(DEADLINE):
                said = await (await reach.shell(node)).run(script, DEADLINE)
        except (TimeoutError, SparkdrError):
            return DatabaseSeen(_number(size), None, place)
        found = _DF.search(sanitize(said.text))
        free = int(found[3]) * 1024 if found else None
    return DatabaseSeen(_number(size), free, place)


async def _asked(plan: Plan, service: str, query: str, reach: Reach) -> str:
    """A server's answer; empty where it gives none."""
    try:
        async with asyncio.timeout(DEADLINE):
            return await clients.query(plan, Sql(service=service, query=query), reach)
    except (TimeoutError, SparkdrError):
        return ""


def _number(said: str) -> int | None:
    return int(said) if said.isdecimal() else None
