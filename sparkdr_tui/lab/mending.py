"""Brings a lab back to health, whatever was broken: puts back what faults took away, starts what does not run."""

from __future__ import annotations

import asyncio
import contextlib
import http.client
import logging
import os
import signal

from sparkdr_tui.errors import SparkdrError
from sparkdr_tui.lab import keeping, packages, ports, processes, seed, servers
from sparkdr_tui.lab.breaking import kill_service
from sparkdr_tui.lab.supervisor import Supervisor, together
from sparkdr_tui.plan.model import HttpProbe

log = logging.getLogger(__name__)


async def mend(lab: Supervisor) -> None:
    """Everything healthy; data as it was before the fault that destroyed it, else as in a new lab."""
    wake(lab)
    await lab.mains.on()
    await lab.open_second_place()
    for node in lab.inventory.nodes:
        await lab.nodes[node].start()
    lab.network = lab.plugged = True
    lab.settle_network()
    await _put_back(lab)
    await _furnish(lab)
    await _start_all(lab)
    await _fill(lab)
    await _restart_what_is_unwell(lab)
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


async def _empty_macmini(lab: Supervisor) -> None:
    """Nothing of the new machine may run when the old one's home comes back."""
    for unit in list(lab.units.on("macmini").values()):
        await lab.units.forget(unit)
    await asyncio.to_thread(processes.end_all, lab.inventory.id, "macmini", 2.0)


async def _furnish(lab: Supervisor) -> None:
    """Homes and packages as they were, also where no fault but somebody took them."""
    with lab.spawn.undisturbed():
        for node in lab.inventory.nodes:
            await lab.make_home(node)
    if not (servers.postgres_data(lab.inventory) / "PG_VERSION").exists():
        await lab.make_database_server()
    for name in {*packages.installed(lab.inventory), *packages.FIRST}:
        await packages.install(lab.inventory, lab.spawn, lab.units, name)


async def _fill(lab: Supervisor) -> None:
    """Data that nothing put back."""
    if not await seed.is_sound(lab.inventory, lab.spawn):
        log.info("making the database anew")
        await seed.refill_postgres(lab.inventory, lab.spawn)
    await asyncio.to_thread(seed.refill_redis, lab.inventory)
    await asyncio.to_thread(seed.refill_s3, lab.inventory)


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


async def _restart_what_is_unwell(lab: Supervisor) -> None:
    """A server may listen and answer nothing but errors, its files having been taken from under it."""
    services = (await lab.plan()).services
    for name in ("ollama", "comfyui", "backend", "frontend"):
        probe = services[name].probe.http
        if probe is not None and not await asyncio.to_thread(_answers, lab, name, probe):
            log.info("%s is unwell", name)
            await kill_service(lab, name)
            await lab.start_service(name)


def _answers(lab: Supervisor, service: str, probe: HttpProbe) -> bool:
    line = http.client.HTTPConnection("127.0.0.1", lab.inventory.services[service].inner, timeout=5)
    try:
        line.request("GET", probe.path)
        return line.getresponse().status in probe.status
    except (OSError, http.client.HTTPException):
        return False
    finally:
        line.close()
