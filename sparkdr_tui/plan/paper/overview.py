"""Nodes, services, objectives, the environment that scripts need, backup sets."""

from __future__ import annotations

import shlex
from collections.abc import Iterator

from sparkdr_tui.plan.model import Node
from sparkdr_tui.plan.paper import markdown as md
from sparkdr_tui.plan.paper.words import Voice
from sparkdr_tui.plan.schedules import Schedule


def overview(voice: Voice) -> Iterator[str]:
    """What to do first, the nodes, what a level means."""
    yield from md.heading(3, voice.word("first"))
    yield from md.numbered(voice.word(f"first {number}") for number in range(1, 5))
    yield from md.heading(3, voice.word("nodes"))
    head = ("node", "role", "criticality", "address", "system", "login")
    yield from md.table([voice.word(each) for each in head], (_node(voice, node) for node in voice.plan.nodes.values()))
    yield from md.heading(3, voice.word("levels"))
    yield from md.bullets(voice.word(f"level {level}") for level in range(1, 5))


def _node(voice: Voice, node: Node) -> list[str]:
    ssh = node.ssh
    login = f"ssh{f' -p {ssh.port}' if ssh.port != 22 else ''} {ssh.user}@{node.address[0]}" if ssh else ""
    return [
        f"**{voice.said(node.title)}**",
        voice.said(node.role),
        voice.word(node.criticality),
        ", ".join(md.code(each) for each in node.address),
        node.os,
        md.code(login) if login else voice.word("here"),
    ]


def objectives(voice: Voice) -> Iterator[str]:
    """Every service with its port, what was promised for it, and the order in which services come back."""
    head = [voice.word("service"), voice.word("node"), voice.word("port"), "RTO", "RPO"]
    rows = [
        [
            f"**{voice.said(each.title)}**",
            voice.node(each.on),
            str(each.port),
            voice.time(each.rto),
            voice.time(each.rpo),
            ", ".join(map(voice.service, each.depends_on)),
            voice.said(each.note),
        ]
        for each in voice.plan.services.values()
    ]
    yield from md.table([*head, voice.word("depends"), voice.word("note")], rows)
    if voice.plan.critical_path:
        yield from md.heading(3, voice.word("critical path"), "critical-path")
        path = " → ".join(f"**{voice.service(name)}**" for name in voice.plan.critical_path)
        yield from (voice.word("restored in"), "", path, "")


def environment(voice: Voice) -> Iterator[str]:
    """What scripts find in their environment, as lines to paste; secrets by their place only."""
    plan = voice.plan
    if not any(node.env or node.secrets for node in plan.nodes.values()):
        return
    yield from (voice.word("environment text"), "", voice.word("strict"))
    for name, node in plan.nodes.items():
        if node.env or node.secrets:
            yield from md.heading(3, voice.said(node.title), f"environment-{name}")
            lines = _powershell(node) if node.os == "windows" else _posix(node)
            yield from (md.fence("\n".join(lines), "powershell" if node.os == "windows" else "sh"), "")
    yield from _secrets(voice)


def _posix(node: Node) -> Iterator[str]:
    for name, value in node.env.items():
        at_home = value == "~" or value.startswith("~/")
        yield (
            f'export {name}="$HOME"{shlex.quote(value[1:]) if value[1:] else ""}'
            if at_home
            else (f"export {name}={shlex.quote(value)}")
        )
    yield "export RUN_ID=by-hand RUN_STAMP=$(date +%Y%m%d_%H%M%S) STEP=by-hand ATTEMPT=1"
    for name in node.secrets:
        yield f"read -rs {name} && export {name}"


def _powershell(node: Node) -> Iterator[str]:
    for name, value in node.env.items():
        quoted = value.replace("'", "''")
        yield f"$env:{name} = '{quoted}'"
    yield "$env:RUN_ID = 'by-hand'; $env:RUN_STAMP = Get-Date -Format yyyyMMdd_HHmmss"
    yield "$env:STEP = 'by-hand'; $env:ATTEMPT = '1'"
    for name in node.secrets:
        yield f"$env:{name} = Read-Host {name}"


def _secrets(voice: Voice) -> Iterator[str]:
    rows = []
    for name, secret in voice.plan.secrets.items():
        place = ("secret env", secret.env) if secret.env is not None else ("secret file", secret.file)
        nodes = (voice.said(node.title) for node in voice.plan.nodes.values() if name in node.secrets)
        rows.append([md.code(name), voice.word(place[0], md.code(place[1] or "")), ", ".join(nodes)])
    if rows:
        yield from md.heading(3, voice.word("secrets"), "secrets")
        yield from md.table([voice.word("secret"), voice.word("kept"), voice.word("used on")], rows)


def backups(voice: Voice) -> Iterator[str]:
    """What is backed up, where it lies, how often, for how long."""
    head = ("set", "node", "place", "of", "every", "keep", "mounted", "made by", "second place")
    rows = [
        [
            f"{md.anchor(f'backup-{name}')}**{voice.said(each.title)}**",
            voice.node(each.on),
            md.code(f"{each.dir}/{each.name}"),
            ", ".join(map(voice.service, each.services)),
            voice.time(each.every),
            voice.time(each.keep),
            voice.word("yes") if each.must_be_mounted else "",
            voice.runbook(each.made_by) if each.made_by else "",
            md.code(each.copy_to.where) if each.copy_to else "",
            voice.time(each.rpo or min((r for s in each.services if (r := voice.plan.services[s].rpo)), default=None)),
        ]
        for name, each in voice.plan.backup_sets.items()
    ]
    yield from md.table([*(voice.word(each) for each in head), "RPO"], rows)
    if voice.plan.schedules:
        yield from md.heading(3, voice.word("schedule"), "schedule")
        yield from (voice.word("schedule text"), "")
        yield from md.table(
            [voice.word(each) for each in ("runbook", "node", "due", "log")],
            (
                [voice.runbook(it.runbook), voice.node(it.on), _due(voice, it), md.code(it.log)]
                for it in voice.plan.schedules.values()
            ),
        )


def _due(voice: Voice, it: Schedule) -> str:
    hour, minute = it.clock
    if hour is None:
        return voice.word("hourly at", f"{minute:02}")
    return voice.word("monthly at" if it.monthly else "daily at", f"{hour:02}:{minute:02}")
