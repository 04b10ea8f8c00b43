"""Whether a node comes back by itself, stays awake and lets others in. Pure: judges what was seen."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from sparkdr_tui.language import _, ngettext
from sparkdr_tui.plan.model import Node
from sparkdr_tui.plan.runbook import Plan
from sparkdr_tui.readiness import macos
from sparkdr_tui.readiness.asking import NodeSeen
from sparkdr_tui.readiness.findings import Finding
from sparkdr_tui.readiness.levels import Level
from sparkdr_tui.readiness.seen import There
from sparkdr_tui.text import one_line

_UNATTENDED = ("critical", "high")
"""Nodes that somebody may have to bring back without standing before them."""


def systems(plan: Plan, there: There) -> Iterator[Finding]:
    """What the systems of the nodes say of themselves."""
    for name, said in there.nodes.items():
        if not said.problem:
            node = plan.nodes[name]
            yield from _mac(name, node, said)
            yield from _windows(name, said)


def _mac(name: str, node: Node, said: NodeSeen) -> Iterator[Finding]:
    def found(level: Level, reason: str, todo: str = "") -> Finding:
        return Finding(level, "system", name, reason, todo, name)

    if release := said.said.get("macos"):
        yield found("ok", f"macOS {one_line(release[0], 20)}")
    if lines := said.said.get("pmset"):
        yield from _power(name, node, macos.power(lines))
    if lines := said.said.get("filevault"):
        on = macos.filevault(lines)
        if on is None:
            yield found("unknown", _("does not say whether FileVault is on"))
        elif on and node.criticality in _UNATTENDED:
            text = _("FileVault is on: after a restart somebody must type the password before there is network and SSH")
            yield found("warn", text, _("Decide who can be there, or turn it off (sudo fdesetup disable) (E31)."))
        else:
            yield found("ok", _("FileVault is on") if on else _("FileVault is off"))
    if lines := said.said.get("firewall"):
        yield from _firewall(name, lines, said.said.get("blockall", ()))
    if (lines := said.said.get("screen")) and node.ssh is not None and node.criticality in _UNATTENDED:
        at_screen = one_line(lines[0], 40)
        if at_screen != node.ssh.user:
            text = _("{user} is not logged in at its screen: services of brew run only then")
            todo = _("Log in there, or let that user log in by itself (System Settings, Users & Groups) (E31).")
            yield found("warn", text.format(user=node.ssh.user), todo)
        else:
            yield found("ok", _("{user} is logged in at its screen").format(user=at_screen))


def _power(name: str, node: Node, settings: Mapping[str, int]) -> Iterator[Finding]:
    """A laptop has no `autorestart`: it has a battery."""
    match settings.get("autorestart"):
        case 0 if node.criticality in _UNATTENDED:
            text = _("stays off after a power failure (autorestart 0)")
            yield Finding("warn", "system", name, text, _("There: sudo pmset autorestart 1 (E31)."), name)
        case 1:
            yield Finding("ok", "system", name, _("starts by itself after a power failure"), node=name)
    minutes = settings.get("sleep")
    if minutes is None:
        yield Finding("unknown", "system", name, _("does not say whether it goes to sleep"), node=name)
    elif minutes:
        one, many = "goes to sleep after {count} minute", "goes to sleep after {count} minutes"
        text = ngettext(one, many, minutes).format(count=minutes)
        reason = _("{said}: then it is not reached, and makes no backup").format(said=text)
        yield Finding("warn", "system", name, reason, _("There: sudo pmset -a sleep 0."), name)
    else:
        yield Finding("ok", "system", name, _("never goes to sleep"), node=name)


def _firewall(name: str, state: tuple[str, ...], blockall: tuple[str, ...]) -> Iterator[Finding]:
    on = macos.firewall(state)
    if on is None:
        yield Finding("unknown", "system", name, _("does not say whether its firewall is on"), node=name)
    elif on and macos.blocks_all(state, blockall):
        text = _("its firewall lets nothing in: other nodes cannot reach its services")
        yield Finding("warn", "system", name, text, _("System Settings, Network, Firewall, Options."), name)
    else:
        yield Finding("ok", "system", name, _("firewall on") if on else _("firewall off"), node=name)


def _windows(name: str, said: NodeSeen) -> Iterator[Finding]:
    if release := said.said.get("windows"):
        yield Finding("ok", "system", name, f"Windows {one_line(release[0], 20)}", node=name)
    else:
        return
    minutes = standby(said.said.get("standby", ()))
    if minutes is None:
        yield Finding("unknown", "system", name, _("does not say whether it goes to sleep"), node=name)
    elif minutes:
        one, many = "goes to sleep after {count} minute", "goes to sleep after {count} minutes"
        text = ngettext(one, many, minutes).format(count=minutes)
        reason = _("{said}: then it is not reached, and makes no backup").format(said=text)
        yield Finding("warn", "system", name, reason, _("There: powercfg /change standby-timeout-ac 0."), name)
    else:
        yield Finding("ok", "system", name, _("never goes to sleep"), node=name)
    if "ollama" in said.there:
        yield from _ollama(name, said.said.get("ollama-host", ()))


def _ollama(name: str, values: tuple[str, ...]) -> Iterator[Finding]:
    """Ollama reads this variable of the user or of the machine; what the plan's scripts find is not what it finds."""
    value = next((each.strip() for each in values if each.strip()), "")
    host = value.removeprefix("http://").split(":")[0]
    if value and host not in ("127.0.0.1", "localhost"):
        yield Finding("ok", "system", name, f"OLLAMA_HOST {one_line(value, 40)}", node=name)
        return
    text = _("OLLAMA_HOST is not set there: Ollama, started anew, answers that machine alone")
    todo = _("There: setx OLLAMA_HOST 0.0.0.0:11434, then start Ollama again (E29).")
    yield Finding("warn", "system", name, text, todo, name)


def standby(values: Sequence[str]) -> int | None:
    """Minutes until a Windows machine on mains power sleeps: of all values that powercfg prints, the last but one."""
    numbers = [int(each, 16) for each in (one.strip() for one in values) if each.startswith("0x")]
    return numbers[-2] // 60 if len(numbers) >= 2 else None
