"""What the door can be asked: facts and units by a node's stand-ins, everything else by the lab's owner."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sparkdr_tui.errors import SparkdrError
from sparkdr_tui.lab import hands, packages, ports, processes
from sparkdr_tui.lab.breaking import break_it
from sparkdr_tui.lab.control import NodeVerb, Request, Verb
from sparkdr_tui.lab.faults import FAULTS
from sparkdr_tui.lab.layout import LabService
from sparkdr_tui.lab.mending import mend
from sparkdr_tui.lab.node import environment
from sparkdr_tui.lab.supervisor import Supervisor
from sparkdr_tui.lab.units import Unit

Answer = dict[str, Any]


class NodeVerbs:
    """For stand-ins: each sees its own node."""

    def __init__(self, supervisor: Supervisor) -> None:
        self._lab = supervisor

    def table(self) -> Mapping[str, NodeVerb]:
        """Verbs by name."""
        return {
            "facts": self.facts,
            "units": self.units,
            "unit": self.unit,
            "define": self.define,
            "forget": self.forget,
            "packages": self.packages,
            "install": self.install,
            "uninstall": self.uninstall,
            "mounts": self.mounts,
            "ping": self.ping,
            "listening": self.listening,
        }

    async def facts(self, node: str, request: Request) -> Answer:
        """Who and where this node is, and where everything else is."""
        lab, inventory = self._lab, self._lab.inventory
        it = inventory.nodes[node]
        units = {unit.port: name for name, unit in lab.units.on(node).items() if unit.port}
        return {
            "node": node,
            "title": it.title,
            "os": it.os,
            "address": it.address,
            "dir": inventory.folder,
            "home": it.home,
            "lab": inventory.id,
            "python": sys.executable,
            "power": lab.nodes[node].powered if node in lab.nodes else False,
            "network": not lab.switch.swallows(node),
            "services": {
                s.id: {
                    "inner": s.inner,
                    "outer": s.port,
                    "unit": units.get(s.inner),
                    "listening": ports.answers(s.inner),
                }
                for s in inventory.on(node).values()
            },
            "others": {
                s.id: {"node": s.node, "host": s.host, "port": s.port}
                for s in inventory.services.values()
                if s.node != node
            },
            "nodes": {n.id: {"address": n.address, "ssh_port": n.ssh_port} for n in inventory.nodes.values()},
        }

    async def units(self, node: str, request: Request) -> Answer:
        """What is supervised here."""
        return {"units": {name: unit.entry() for name, unit in self._lab.units.on(node).items()}}

    async def unit(self, node: str, request: Request) -> Answer:
        """Start, stop, restart or kill a unit, or say how it is."""
        units = self._lab.units
        unit = units.get(node, str(request["name"]))
        do = request.get("do", "status")
        if do not in ("start", "stop", "restart", "kill", "status"):
            raise SparkdrError(f"a unit cannot {do!r}")
        if do in ("stop", "restart", "kill"):
            await units.stop(unit, signal.SIGKILL if do == "kill" else None)
        self._lab.switch.refresh()
        if do in ("start", "restart"):
            await units.start(unit)
        self._lab.switch.refresh()
        return unit.entry()

    async def define(self, node: str, request: Request) -> Answer:
        """Make a supervised process known."""
        inventory = self._lab.inventory
        home = inventory.nodes[node].home
        port = request.get("port")
        unit = Unit(
            node=node,
            name=str(request["name"]),
            argv=tuple(map(str, request["argv"])),
            cwd=Path(str(request.get("cwd") or home)),
            log=Path(str(request.get("log") or f"{home}/.logs/{request['name']}.log")),
            env=environment(inventory, node) | {str(k): str(v) for k, v in (request.get("env") or {}).items()},
            port=int(port) if port else None,
        )
        self._lab.units.define(unit)
        return unit.entry()

    async def forget(self, node: str, request: Request) -> Answer:
        """Stop a unit and know it no more."""
        await self._lab.units.forget(self._lab.units.get(node, str(request["name"])))
        return {}

    async def packages(self, node: str, request: Request) -> Answer:
        """What is installed here."""
        return {"installed": packages.installed(self._lab.inventory) if node == "macmini" else []}

    async def install(self, node: str, request: Request) -> Answer:
        """Install a package."""
        with self._lab.spawn.undisturbed():
            await packages.install(self._lab.inventory, self._lab.spawn, self._lab.units, str(request["name"]))
        return {}

    async def uninstall(self, node: str, request: Request) -> Answer:
        """Take a package away."""
        await packages.uninstall(self._lab.inventory, self._lab.units, str(request["name"]))
        return {}

    async def mounts(self, node: str, request: Request) -> Answer:
        """Volumes that are mounted here, apart from the system's."""
        drive = {"device": "/dev/disk4s1", "path": str(self._lab.layout.drive), "type": "apfs"}
        return {"mounts": [drive] if node == "macmini" and self._lab.plugged else []}

    async def ping(self, node: str, request: Request) -> Answer:
        """Whether packets come back."""
        to = str(request["to"])
        found = [n.id for n in self._lab.inventory.nodes.values() if to in (n.id, n.address)]
        if to in ("127.0.0.1", "localhost") and node not in found:
            found = [node]
        target = node if node in found else found[0] if found else None
        away = target != node and target is not None and self._lab.switch.swallows(target)
        cut_off = target != node and self._lab.switch.swallows(node)
        reachable = target is not None and not away and not cut_off
        return {"reachable": reachable, "ms": 0.05 if target == node else 0.6 if reachable else None}

    async def listening(self, node: str, request: Request) -> Answer:
        """This node's services that listen, by the plan's port and the inner one."""
        pids, wanted = self._lab.listeners(), int(request.get("port") or 0)
        return {
            "sockets": [
                {
                    "port": s.plan_port,
                    "inner": s.inner,
                    "service": s.id,
                    "pid": pids.get(s.inner),
                    "command": processes.command_of(pids.get(s.inner, 0)),
                }
                for s in self._lab.inventory.on(node).values()
                if ports.answers(s.inner) and _is_about(s, wanted)
            ]
        }


class LabVerbs:
    """For the lab's owner."""

    def __init__(self, supervisor: Supervisor, ending: asyncio.Event) -> None:
        self._lab, self._ending = supervisor, ending
        self._one_at_a_time = asyncio.Lock()

    def table(self) -> Mapping[str, Verb]:
        """Verbs by name."""
        return {
            "stop": self.stop,
            "status": self.status,
            "break": self.break_,
            "mend": self.mend,
            "hands": self.hands,
        }

    async def break_(self, request: Request) -> Answer:
        """Bring a fault about."""
        fault = str(request["fault"])
        if fault not in FAULTS:
            raise SparkdrError(f"The lab knows no fault {fault!r}.", f"Faults: {', '.join(FAULTS)}")
        async with self._one_at_a_time:
            await break_it(self._lab, fault)
        return {}

    async def mend(self, request: Request) -> Answer:
        """Bring everything back to health."""
        async with self._one_at_a_time:
            await mend(self._lab)
        return {}

    async def hands(self, request: Request) -> Answer:
        """Do what a person does with their hands."""
        async with self._one_at_a_time:
            await hands.do(self._lab, str(request["do"]))
        return {}

    async def stop(self, request: Request) -> Answer:
        """End the lab."""
        self._ending.set()
        return {}

    async def status(self, request: Request) -> Answer:
        """What runs."""
        lab = self._lab
        return {
            "pid": lab.inventory.pid,
            "nodes": {
                name: {
                    "address": node.address,
                    "ssh_port": node.ssh_port,
                    "powered": name in lab.nodes and lab.nodes[name].powered,
                    "network": not lab.switch.swallows(name),
                }
                for name, node in lab.inventory.nodes.items()
            },
            "services": {
                name: {"host": s.host, "port": s.port, "listening": ports.answers(s.inner)}
                for name, s in lab.inventory.services.items()
            },
            "faults": list(lab.faults),
        }


def _is_about(service: LabService, port: int) -> bool:
    return not port or port in (service.plan_port, service.inner, service.port)
