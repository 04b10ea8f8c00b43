"""What a person does with their hands, done by the lab when a manual step is confirmed."""

from __future__ import annotations

import shlex

from sparkdr_tui.errors import SparkdrError
from sparkdr_tui.lab.breaking import break_it, power_off
from sparkdr_tui.lab.faults import FAULTS
from sparkdr_tui.lab.supervisor import Supervisor

KNOWN = (
    "power-on NODE…, power-off NODE…, power-on all, network-up, network-down, plug-drive, unplug-drive, break FAULT…"
)


async def do(lab: Supervisor, what: str) -> None:
    """Do one thing, or several separated by `;`."""
    for each in what.split(";"):
        words = shlex.split(each)
        if words:
            await _one(lab, words[0], words[1:])


async def _one(lab: Supervisor, verb: str, objects: list[str]) -> None:
    nodes = list(lab.inventory.nodes) if objects == ["all"] else objects
    unknown = [node for node in nodes if node not in lab.inventory.nodes]
    if verb in ("power-on", "power-off") and nodes and not unknown:
        for node in nodes:
            await (power_on(lab, node) if verb == "power-on" else power_off(lab, node))
    elif verb in ("network-up", "network-down"):
        lab.network = verb == "network-up"
        lab.settle_network()
    elif verb in ("plug-drive", "unplug-drive"):
        lab.plugged = verb == "plug-drive"
    elif verb == "break" and objects and set(objects) <= set(FAULTS):
        for fault in objects:
            await break_it(lab, fault)
    else:
        raise SparkdrError(f"The lab's hands cannot {verb} {' '.join(objects)}".rstrip() + ".", f"They know: {KNOWN}.")


async def power_on(lab: Supervisor, node: str) -> None:
    """The machine boots: SSH answers, services wait for somebody to start them. One that runs is left alone."""
    await lab.mains.on()
    if not lab.nodes[node].powered:
        await lab.nodes[node].start()
        lab.settle_network()
