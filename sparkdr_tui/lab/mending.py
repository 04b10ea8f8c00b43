"""Brings a lab back to health, whatever was broken: puts back what faults took away, starts what does not run."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal

from sparkdr_tui.errors import SparkdrError
from sparkdr_tui.lab import keeping, packages, ports, processes, seed, servers
from sparkdr_tui.lab.breaking import kill_service
from sparkdr_tui.lab.supervisor import Supervisor, together
from sparkdr_tui.lab.switch import Mode

log = logging.getLogger(__name__)


async def mend(lab: Supervisor) -> None:
    """Everything healthy; data as it was before the fault that destroyed it."""
    wake(lab)
    await lab.mains.on()
    for node in lab.inventory.nodes:
        await lab.nodes[node].start()
    lab.switch.set_mode(Mode.PASS)
    lab.plugged = True
    await _put_back(lab)
    await _start_all(lab)
    if not await seed.is_sound(lab.inventory, lab.spawn):
        log.info("making the database anew")
        await seed.refill_postgres(lab.inventory, lab.spawn)
    lab.faults.clear()
    lab.switch.refresh()


def wake(lab: Supervisor) -> None:
    """Let go on what somebody stopped with SIGSTOP."""
    for pid in processes.marked(lab.inventory.id) | {
        u.pid for n in lab.inventory.nodes for u in lab.units.on(n).values() if u.pid
    }:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(pid, signal.SIGCONT)


async def _put_back(lab: Supervisor) -> None:
    what = {each.what for each in keeping.kept(lab.layout)}
    if "macmini" in what:
        await _empty_macmini(lab)
    if "postgresql" in what and servers.POSTGRES in lab.units.on("macmini"):
        await lab.units.stop(lab.units.get("macmini", servers.POSTGRES))
    if "redis" in what and servers.REDIS in lab.units.on("macmini"):
        await lab.units.stop(lab.units.get("macmini", servers.REDIS), signal.SIGKILL)
    if "minio" in what:
        await kill_service(lab, "minio")
    await asyncio.to_thread(keeping.put_back, lab.layout)
    for name in packages.installed(lab.inventory):
        await packages.install(lab.inventory, lab.spawn, lab.units, name)


async def _empty_macmini(lab: Supervisor) -> None:
    """Nothing of the new machine may run when the old one's home comes back."""
    for unit in list(lab.units.on("macmini").values()):
        await lab.units.forget(unit)
    await asyncio.to_thread(processes.end_all, lab.inventory.id, "macmini", 2.0)


async def _start_all(lab: Supervisor) -> None:
    async def start(service: str) -> None:
        if not ports.answers(lab.inventory.services[service].inner):
            await lab.start_service(service)

    await together(*(start(each) for each in ("postgresql", "redis", "minio", "ollama", "comfyui")))
    await together(start("backend"), start("frontend"))
    silent = [name for name, each in lab.inventory.services.items() if not ports.answers(each.inner)]
    if "minio-console" in silent:
        await kill_service(lab, "minio")
        await lab.start_service("minio")
        silent.remove("minio-console")
    if silent:
        raise SparkdrError(f"These still do not listen: {', '.join(silent)}", f"See {lab.layout.log}")
