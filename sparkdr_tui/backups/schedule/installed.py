"""What of a plan's schedule is installed on a node: read off its crontab and its launchd agents. It only looks."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal

from sparkdr_tui.backups.schedule import crontab, launchd
from sparkdr_tui.backups.schedule.jobs import Ground, Job, jobs_on, option
from sparkdr_tui.errors import SparkdrError
from sparkdr_tui.language import _
from sparkdr_tui.plan.load import builtin
from sparkdr_tui.plan.model import Node
from sparkdr_tui.plan.runbook import Plan
from sparkdr_tui.reach.pool import Reach, is_here
from sparkdr_tui.reach.shell import Script, Shell
from sparkdr_tui.text import one_line, sanitize

Kind = Literal["cron", "launchd"]
DEADLINE = 30.0

HEX = r"""
enc() { perl -0777 -ne 'print unpack "H*", $_'; }
dec() { printf '%s' "$1" | perl -0777 -ne 'print pack "H*", $_'; }
"""
"""Bytes as hexadecimal digits, so that no line of anybody's crontab is ever taken for something else."""
_LOOK = (
    HEX
    + r"""
say() { echo "$1 $2"; }
say home "$(printf %s "$HOME" | enc)"
say host "$(hostname | enc)"
if command -v crontab >/dev/null; then
  if text=$(crontab -l 2>/dev/null | enc); then
    say crontab "$text"
  else
    say refused "$( (crontab -l 2>&1 >/dev/null || :) | enc)"
  fi
fi
if command -v launchctl >/dev/null; then
  say launchd ""
  for file in "$HOME/$FOLDER/$PREFIX"*.plist; do
    [ -f "$file" ] || continue
    label=${file##*/}
    label=${label%.plist}
    loaded=no
    if launchctl print "gui/$(id -u)/$label" >/dev/null 2>&1; then loaded=yes; fi
    echo "agent $(printf %s "$label" | enc) $loaded $(enc <"$file")"
  done
fi
say end ""
"""
)
_TRY = (
    HEX
    + r"""
printf '%s\n' "$PROGRAMS" | while IFS= read -r each; do
  case "$each" in
    /*) if [ -f "$each" ] && [ -x "$each" ]; then echo "program $(printf %s "$each" | enc)"; fi ;;
  esac
  if [ "$each" = PATH ] && found=$(command -v sparkdr-tui); then
    case "$found" in /*) echo "program $(printf %s "$found" | enc)" ;; esac
  fi
done
printf '%s\n' "$PLANS" | while IFS= read -r each; do
  if [ -n "$each" ] && [ -f "$each/plan.yaml" ]; then echo "plan $(printf %s "$each" | enc)"; fi
done
echo "end "
"""
)


class Standing(StrEnum):
    """How a job stands on its node."""

    CURRENT = "current"
    MISSING = "missing"
    DIFFERS = "differs"
    UNLOADED = "unloaded"
    """The property list is there, and launchd does not know it."""


@dataclass(frozen=True, slots=True)
class Agent:
    """A property list of the plan on the node."""

    content: bytes
    loaded: bool


@dataclass(frozen=True, slots=True)
class Found:
    """What is installed for the plan on a node, and what there is to install it with."""

    home: str
    host: str
    crontab: bytes | None
    """None: there is no cron, or it is not to be read (`refused`)."""
    refused: str = ""
    launchd: bool = False
    agents: Mapping[str, Agent] = field(default_factory=dict)
    """By label."""


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the person at the command line knows better than the node; `own` is this program, where this is the node."""

    program: str | None = None
    plan: str | None = None
    state: str | None = None
    own: str | None = None


@dataclass(frozen=True, slots=True)
class Survey:
    """A node with its jobs: as they should be, and as they are."""

    node: str
    found: Found
    ground: Ground
    jobs: tuple[Job, ...]

    def standing(self, plan_name: str, kind: Kind) -> dict[str, Standing]:
        """How each job stands, by name; what is installed and no longer wanted counts as different."""
        return _in_crontab(self, plan_name) if kind == "cron" else _in_launchd(self, plan_name)


async def standing(plan: Plan, node_id: str, reach: Reach) -> tuple[Kind, dict[str, Standing]]:
    """Whether the schedule of a node is installed and up to date; raises `SparkdrError` when that cannot be known."""
    seen = await survey(plan, node_id, await reach.shell(node_id), Wishes())
    kind = kind_of(plan.nodes[node_id], plan.name, seen.found)
    return kind, seen.standing(plan.name, kind)


async def survey(plan: Plan, node_id: str, shell: Shell, wishes: Wishes) -> Survey:
    """Look at a node, and say what its jobs are there."""
    found = await look(plan, node_id, shell)
    ground = await _ground(plan, node_id, shell, found, wishes)
    return Survey(node_id, found, ground, jobs_on(plan, node_id, ground))


async def look(plan: Plan, node_id: str, shell: Shell) -> Found:
    """What is installed for the plan on a node."""
    node = plan.nodes[node_id]
    if node.os == "windows":
        raise SparkdrError(_("{node} is a Windows node: it has neither cron nor launchd.").format(node=node_id))
    env = {**node.env, "FOLDER": launchd.FOLDER, "PREFIX": launchd.prefix(plan.name)}
    facts = await _ask(shell, Script(_LOOK, env), node_id)
    agents = {}
    for words in facts.get("agent", []):
        name, loaded, content = (*words.split(" "), "", "")[:3]
        agents[_text(name)] = Agent(bytes.fromhex(content), loaded == "yes")
    refused = _text(facts.get("refused", [""])[0])
    none_yet = "no crontab" in refused.lower()
    return Found(
        home=_text(facts["home"][0]),
        host=one_line(_text(facts["host"][0])),
        crontab=b"" if none_yet else bytes.fromhex(facts["crontab"][0]) if "crontab" in facts else None,
        refused="" if none_yet else one_line(sanitize(refused)),
        launchd="launchd" in facts,
        agents=agents,
    )


def kind_of(node: Node, plan_name: str, found: Found) -> Kind:
    """What the schedule is installed with: what it was installed with before, else what the system prefers."""
    if found.agents:
        return "launchd"
    if found.crontab and crontab.cut(found.crontab, plan_name).block:
        return "cron"
    return "launchd" if node.os == "macos" else "cron"


def installed_words(plan_name: str, found: Found) -> Iterator[tuple[str, ...]]:
    """The words of every job that is installed."""
    for agent in found.agents.values():
        yield launchd.command(agent.content)
    for line in crontab.installed(found.crontab or b"", plan_name).values():
        try:
            parts = shlex.split(line.replace("\\%", "%"))
        except ValueError:
            continue
        if "run" in parts:
            start = next((at for at, word in enumerate(parts) if word.startswith("/")), 0)
            yield tuple(parts[start:])


# -- inside --------------------------------------------------------------------------------------------


async def _ground(plan: Plan, node_id: str, shell: Shell, found: Found, wishes: Wishes) -> Ground:
    """Where the program and the plan are on the node: as wished, as installed before, as found there."""
    before = next((words for words in installed_words(plan.name, found) if words), ())
    known = [before[0] if before else None, "PATH", *_usual(found.home), wishes.own]
    programs = [wishes.program] if wishes.program else known
    here = str(plan.folder)
    plans = [wishes.plan] if wishes.plan else [here if is_here(plan.nodes[node_id]) else option(before, "--plan"), here]
    env = {
        **plan.nodes[node_id].env,
        "PROGRAMS": "\n".join(each for each in programs if each),
        "PLANS": "\n".join(each for each in plans if each),
    }
    facts = await _ask(shell, Script(_TRY, env), node_id)
    program = next(map(_text, facts.get("program", [])), None)
    if program is None:
        raise SparkdrError(
            _("There is no {program} on {node}.").format(program=wishes.program or "sparkdr-tui", node=node_id),
            _("Install it there, or say where it is with --program PATH."),
        )
    own_plan = next(map(_text, facts.get("plan", [])), None)
    if plan.folder == builtin().resolve():
        own_plan = None
    elif own_plan is None:
        raise SparkdrError(
            _("The plan is not on {node}: there is no {path}.").format(node=node_id, path=plans[-1]),
            _("Copy the plan's folder there, and say where it is with --plan-there DIR."),
        )
    return Ground(program, found.home, own_plan, wishes.state or option(before, "--state"))


def _usual(home: str) -> Sequence[str]:
    folders = (f"{home}/.local/bin", "/opt/homebrew/bin", "/usr/local/bin")
    return [f"{folder}/sparkdr-tui" for folder in folders]


async def _ask(shell: Shell, script: Script, node_id: str) -> dict[str, list[str]]:
    """The facts that a script tells, one a line: a key, and what belongs to it."""
    result = await shell.run(script, DEADLINE, 8 << 20)
    facts: dict[str, list[str]] = {}
    for line in result.text.splitlines():
        key, _space, rest = line.partition(" ")
        facts.setdefault(key, []).append(rest)
    if "end" not in facts:
        said = [line for line in sanitize(result.text).splitlines() if line.strip()]
        raise SparkdrError(
            _("The schedule of {node} could not be read.").format(node=node_id), one_line(said[-1]) if said else ""
        )
    return facts


def _text(digits: str) -> str:
    return bytes.fromhex(digits).decode(errors="replace").strip("\n")


def _in_crontab(seen: Survey, plan_name: str) -> dict[str, Standing]:
    lines = crontab.installed(seen.found.crontab or b"", plan_name)
    found = {
        job.name: Standing.MISSING
        if job.name not in lines
        else Standing.CURRENT
        if lines[job.name] == crontab.line(job)
        else Standing.DIFFERS
        for job in seen.jobs
    }
    return found | {name: Standing.DIFFERS for name in lines if name not in found}


def _in_launchd(seen: Survey, plan_name: str) -> dict[str, Standing]:
    found: dict[str, Standing] = {}
    for job in seen.jobs:
        agent = seen.found.agents.get(launchd.label(plan_name, job.name))
        if agent is None:
            found[job.name] = Standing.MISSING
        elif launchd.read(agent.content) != launchd.contents(plan_name, job):
            found[job.name] = Standing.DIFFERS
        else:
            found[job.name] = Standing.CURRENT if agent.loaded else Standing.UNLOADED
    begin = launchd.prefix(plan_name)
    others = (name.removeprefix(begin) for name in seen.found.agents)
    return found | {name: Standing.DIFFERS for name in others if name not in found}
