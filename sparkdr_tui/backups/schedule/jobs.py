"""The jobs of a node: each schedule of the plan with the exact words that run it there. Pure; reaches nothing."""

from __future__ import annotations

import itertools
import re
import shlex
from dataclasses import dataclass
from hashlib import sha256
from string import Template

from sparkdr_tui.errors import SparkdrError
from sparkdr_tui.language import _
from sparkdr_tui.plan.graph import graph
from sparkdr_tui.plan.model import Node, format_duration
from sparkdr_tui.plan.runbook import Plan
from sparkdr_tui.plan.schedules import Schedule
from sparkdr_tui.text import one_line

MONDAY = '[ "$(date +%u)" = 1 ]'
"""True on Mondays, for sh: neither cron nor launchd can say “the first Monday”."""


@dataclass(frozen=True, slots=True)
class Ground:
    """Where jobs stand on their node, as absolute paths there."""

    program: str
    home: str
    plan: str | None = None
    """None: the built-in plan."""
    state: str | None = None
    """None: the folder of journals that the plan or the platform says."""


@dataclass(frozen=True, slots=True)
class Job:
    """One schedule, ready to be written down."""

    name: str
    schedule: Schedule
    words: tuple[str, ...]
    log: str


def nodes(plan: Plan) -> tuple[str, ...]:
    """The nodes that something is scheduled on."""
    return tuple(dict.fromkeys(each.on for each in plan.schedules.values()))


def jobs_on(plan: Plan, node_id: str, ground: Ground) -> tuple[Job, ...]:
    """The jobs of a node; raises `SparkdrError` for a path that could not be written into a schedule."""
    found = tuple(
        Job(name, each, words(each, ground), log_path(plan.nodes[node_id], each, ground.home))
        for name, each in plan.schedules.items()
        if each.on == node_id
    )
    for word in (word for job in found for word in (*job.words, job.log)):
        if not word.isprintable() or "\\" in word:
            raise SparkdrError(
                _("A schedule cannot name {path}: it has a character that cron reads in its own way.").format(
                    path=one_line(word)
                ),
                _("Use a path without backslashes and control characters."),
            )
    return found


def words(schedule: Schedule, ground: Ground) -> tuple[str, ...]:
    """The command line, word by word; nothing in it is looked up in PATH."""
    place = (*(("--plan", ground.plan) if ground.plan else ()), *(("--state", ground.state) if ground.state else ()))
    return (ground.program, *place, "run", schedule.runbook, "--yes", "--wait", format_duration(schedule.wait))


def log_path(node: Node, schedule: Schedule, home: str) -> str:
    """The log as an absolute path on the node."""
    path = Template(schedule.log).safe_substitute(node.env)
    return (
        f"{home}{path[1:]}" if path == "~" or path.startswith("~/") else path if path[:1] == "/" else f"{home}/{path}"
    )


def for_sh(job: Job) -> str:
    """The command as sh reads it, its output at the end of the log."""
    guard = f"{MONDAY} && " if job.schedule.monthly else ""
    return f"{guard}{shlex.join(job.words)} >>{shlex.quote(job.log)} 2>&1"


def option(command: tuple[str, ...], name: str) -> str | None:
    """The value of an option in the words of a job that is installed already."""
    return next((after for word, after in itertools.pairwise(command) if word == name), None)


def when(schedule: Schedule) -> str:
    """When it runs, as people read it."""
    hour, minute = schedule.clock
    if hour is None:
        return _("every hour at :{minute:02}").format(minute=minute)
    if schedule.monthly:
        return _("first Monday of the month at {hour:02}:{minute:02}").format(hour=hour, minute=minute)
    return _("every day at {hour:02}:{minute:02}").format(hour=hour, minute=minute)


def slug(plan_name: str) -> str:
    """The plan's name as part of a label; a few letters of its hash keep two plans apart whose names look alike."""
    plain = re.sub(r"[^a-z0-9]+", "-", plan_name.lower()).strip("-")[:40]
    return f"{plain or 'plan'}-{sha256(plan_name.encode()).hexdigest()[:6]}"


def unseen_secrets(plan: Plan, node_id: str) -> tuple[str, ...]:
    """Secrets that the jobs of a node need and would not find: those of the environment, which no job has."""
    jobs = [each.runbook for each in plan.schedules.values() if each.on == node_id]
    places = {planned.step.on for runbook in jobs for planned in graph(plan, runbook)} - {None}
    needed = {name for place in places if place for name in plan.nodes[place].secrets}
    return tuple(name for name, secret in plan.secrets.items() if name in needed and secret.env is not None)
