"""A node, asked by one script of `questions.py`, and how its answer is read. Reading is a pure function."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from sparkdr_tui.errors import SparkdrError
from sparkdr_tui.language import _
from sparkdr_tui.plan.model import Node
from sparkdr_tui.plan.runbook import Plan
from sparkdr_tui.reach.pool import Reach
from sparkdr_tui.reach.shell import Script, Unreachable
from sparkdr_tui.readiness.questions import Questions
from sparkdr_tui.text import one_line, sanitize

DEADLINE = 30.0
"""Seconds that a node gets to answer."""
_TOOL = re.compile(r"[A-Za-z0-9_./+@-]+")
DF = re.compile(r"\s(\d+)\s+(\d+)\s+(\d+)\s+\d+%\s+(\S.*)")
"""Size, used and free in KiB and the mount point, in a line of `df -Pk`."""
_ANSWER = re.compile(r"^asked (tool|missing|stub|version|disk|may|said|clock) (\S+) ?(.*)$", re.MULTILINE)


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
    reason: str = ""
    """The bare fact of the problem, in English, where it is that the node cannot be reached."""
    there: Mapping[str, str] = field(default_factory=dict)
    """Commands and where they are."""
    missing: frozenset[str] = frozenset()
    stubs: frozenset[str] = frozenset()
    """Commands that are there and only offer to install what they are named after."""
    versions: Mapping[str, str] = field(default_factory=dict)
    """What commands say of their version, as they say it."""
    disks: tuple[Disk, ...] = ()
    may: Mapping[str, str] = field(default_factory=dict)
    """Variables that name a folder which is there: whether it may be read (`r`) and written (`w`)."""
    said: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Lines of other commands, as they came, by the kind of question."""
    clock: float | None = None
    """Its clock, in seconds since 1970."""
    ahead: float | None = None
    """Seconds that its clock is certainly ahead of ours; negative: behind."""


async def ask(
    plan: Plan,
    name: str,
    questions: Questions,
    tools: Iterable[str],
    reach: Reach,
    places: Mapping[str, str] = MappingProxyType({}),
) -> NodeSeen:
    """Ask a node; which commands it has, and how much is free where its folders are, it always says.

    `places` are more folders, by the variable that the answer calls them.
    """
    node = plan.nodes[name]
    env = {
        **node.env,
        **places,
        "ASKED_TOOLS": " ".join(sorted({tool for tool in tools if _TOOL.fullmatch(tool)})),
        "ASKED_FOLDERS": " ".join((*folders(node), *places)),
    }
    text = questions.windows if node.os == "windows" else questions.posix
    try:
        async with asyncio.timeout(DEADLINE):
            shell = await reach.shell(name)
            began = time.time()
            result = await shell.run(Script(text, env), DEADLINE)
    except TimeoutError:
        return NodeSeen(_("it did not answer within {seconds:.0f} s").format(seconds=DEADLINE))
    except Unreachable as problem:
        return NodeSeen(one_line(problem.message), problem.hint, problem.reason)
    except SparkdrError as problem:
        return NodeSeen(one_line(problem.message), problem.hint)
    found = answer(sanitize(result.text))
    return replace(found, ahead=ahead(found.clock, began, time.time()))


def folders(node: Node) -> tuple[str, ...]:
    """The variables of a node that name a place on its disks, and the one that names its home."""
    if node.os == "windows":
        return ("USERPROFILE", *(name for name, value in node.env.items() if re.match(r"[A-Za-z]:\\", value)))
    found = (name for name, value in node.env.items() if value.startswith(("/", "~/")) and ":" not in value)
    return ("HOME", *found)


def ahead(clock: float | None, began: float, ended: float) -> float | None:
    """How far a clock that was read between two moments of ours is off at the least; it says whole seconds."""
    if clock is None:
        return None
    return min(0.0, clock + 1 - began) or max(0.0, clock - ended)


def answer(text: str) -> NodeSeen:
    """What a node said, as data; lines that are none of ours are left out."""
    there: dict[str, str] = {}
    missing: set[str] = set()
    stubs: set[str] = set()
    versions: dict[str, str] = {}
    disks: list[Disk] = []
    may: dict[str, str] = {}
    said: dict[str, list[str]] = {}
    clock: float | None = None
    for kind, name, rest in _ANSWER.findall(text):
        match kind:
            case "tool":
                there[name] = rest
            case "missing":
                missing.add(name)
            case "stub":
                stubs.add(name)
            case "version":
                versions[name] = rest.strip()
            case "may":
                may[name] = rest
            case "said":
                said.setdefault(name, []).append(rest)
            case "clock" if name.isdecimal():
                clock = float(name)
            case "disk" if found := DF.search(f" {rest}"):
                disks.append(Disk(name, found[4], int(found[3]) * 1024))
    return NodeSeen(
        there=there,
        missing=frozenset(missing),
        stubs=frozenset(stubs),
        versions=versions,
        disks=tuple(disks),
        may=may,
        said={name: tuple(lines) for name, lines in said.items()},
        clock=clock,
    )
