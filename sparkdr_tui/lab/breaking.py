"""Breaks what runs in a lab, really; each function is a fault of `faults.py`."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import struct
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path

from sparkdr_tui.errors import SparkdrError
from sparkdr_tui.lab import keeping, ports, processes, seed, servers, shims, standins
from sparkdr_tui.lab.supervisor import Supervisor

_PAGE = 8192
_FUTURE = 0x7FFF_FFF0
"""A transaction number that no lab gets to."""


async def break_it(lab: Supervisor, fault: str) -> None:
    """Bring one fault about."""
    await _FAULTS[fault](lab)
    lab.switch.refresh()
    lab.faults[fault] = None


# -- one service -------------------------------------------------------------------------------------


async def postgres_down(lab: Supervisor) -> None:
    """As after a crash: the next start replays the log."""
    await lab.units.stop(lab.units.get("macmini", servers.POSTGRES), signal.SIGQUIT)


async def redis_down(lab: Supervisor) -> None:
    """Without a last snapshot."""
    await lab.units.stop(lab.units.get("macmini", servers.REDIS), signal.SIGKILL)


def killed(service: str) -> Callable[[Supervisor], Awaitable[None]]:
    """A fault that kills whatever listens for a service."""

    async def kill(lab: Supervisor) -> None:
        await kill_service(lab, service)

    return kill


async def kill_service(lab: Supervisor, service: str) -> None:
    """Kill what listens, and what would start it again."""
    spec = lab.inventory.services[service]
    for unit in lab.units.on(spec.node).values():
        if unit.port == spec.inner:
            await lab.units.stop(unit, signal.SIGKILL)
    pid = lab.listeners().get(spec.inner)
    if pid is not None:
        family = processes.family([pid])
        for each in family:
            with contextlib.suppress(ProcessLookupError):
                os.kill(each, signal.SIGKILL)
    await _until_silent(spec.inner)


async def _until_silent(port: int) -> None:
    deadline = asyncio.get_running_loop().time() + 10
    while ports.answers(port):
        if asyncio.get_running_loop().time() > deadline:
            raise SparkdrError(f"what listens on port {port} would not go")
        await asyncio.sleep(0.02)


# -- lost data ---------------------------------------------------------------------------------------


async def postgres_corrupt(lab: Supervisor) -> None:
    """Two tables are gone, and with them the foreign keys that pointed there."""
    await keep_database(lab)
    script = "SET client_min_messages = warning; DROP TABLE IF EXISTS workflows, agents CASCADE;"
    await seed.psql(lab.inventory, lab.spawn, script)


async def postgres_corrupt_pages(lab: Supervisor) -> None:
    """Pages of `workflows` and of an index of it are overwritten, as a dying disk does."""
    heap, index = await _files_of(lab, "workflows", "workflows_by_user")
    await keep_database(lab)
    await lab.units.stop(lab.units.get("macmini", servers.POSTGRES))
    await asyncio.to_thread(_spoil, heap, index)
    await lab.start_service("postgresql")


async def keep_database(lab: Supervisor) -> None:
    """Keep a copy of the data folder, unless the database is already broken."""
    if not await seed.is_sound(lab.inventory, lab.spawn):
        return
    await lab.units.stop(lab.units.get("macmini", servers.POSTGRES))
    await asyncio.to_thread(keeping.keep_copy, lab.layout, "postgresql", servers.postgres_data(lab.inventory))
    await lab.start_service("postgresql")


async def _files_of(lab: Supervisor, *relations: str) -> list[Path]:
    columns = ", ".join(f"pg_relation_filepath('{name}')" for name in relations)
    try:
        said = await seed.psql(lab.inventory, lab.spawn, f"CHECKPOINT; SELECT {columns};")
    except SparkdrError as error:
        raise SparkdrError("The tables are lost already: mend the lab first.") from error
    return [servers.postgres_data(lab.inventory) / name for name in said.split("|")]


def _spoil(heap: Path, index: Path) -> None:
    """A page without a head; rows of a time to come; an index page without a head."""
    pages = heap.stat().st_size // _PAGE
    _overwrite(heap, pages // 2 * _PAGE, b"\xa5" * 512)
    with heap.open("r+b") as file:
        start = pages // 4 * _PAGE
        file.seek(start)
        page = file.read(_PAGE)
        for slot in range(5):
            offset = struct.unpack_from("<I", page, 24 + 4 * slot)[0] & 0x7FFF
            file.seek(start + offset)
            file.write(struct.pack("<I", _FUTURE))
    _overwrite(index, index.stat().st_size // _PAGE // 2 * _PAGE, b"\x5a" * 512)


def _overwrite(path: Path, offset: int, content: bytes) -> None:
    with path.open("r+b") as file:
        file.seek(offset)
        file.write(content)


async def redis_lost(lab: Supervisor) -> None:
    """An empty keyspace, and no snapshot to start again from."""
    unit = lab.units.get("macmini", servers.REDIS)
    await lab.units.stop(unit)
    await asyncio.to_thread(keeping.keep_away, lab.layout, "redis", servers.redis_data(lab.inventory))
    servers.redis_data(lab.inventory).mkdir()
    await lab.units.start(unit)


async def minio_lost(lab: Supervisor) -> None:
    """An empty data folder."""
    await kill_service(lab, "minio")
    data = Path(lab.shell_env("macmini")["MINIO_DATA"])
    await asyncio.to_thread(keeping.keep_away, lab.layout, "minio", data)
    await asyncio.to_thread(data.mkdir)
    await lab.start_service("minio")


# -- nodes and network -------------------------------------------------------------------------------


async def network_down(lab: Supervisor) -> None:
    """Nothing arrives, in no direction; what was connected hangs."""
    lab.network = False
    lab.settle_network()


def off(*nodes: str) -> Callable[[Supervisor], Awaitable[None]]:
    """A fault that takes the power from nodes; without names, from all of them."""

    async def power_off_all(lab: Supervisor) -> None:
        for node in nodes or tuple(lab.inventory.nodes):
            await power_off(lab, node)

    return power_off_all


async def power_off(lab: Supervisor, node: str) -> None:
    """The node answers nothing any more, and nothing runs on it."""
    lab.switch.cut(node)
    lab.nodes[node].stop()
    units = [unit for unit in lab.units.on(node).values() if unit.pid is not None]
    await asyncio.gather(*(lab.units.stop(unit, signal.SIGKILL) for unit in units))
    await asyncio.to_thread(processes.end_all, lab.inventory.id, node, 0.0)
    lab.units.lost(node)


async def blackout(lab: Supervisor) -> None:
    """Every node is off, and so is all that needs the mains."""
    lab.mains.off()
    await off()(lab)


async def macmini_blank(lab: Supervisor) -> None:
    """A new Mac, set up so far that SSH lets the operator in; the drive with the backups is plugged in."""
    await power_off(lab, "macmini")
    await _new_macmini(lab)
    await lab.nodes["macmini"].start()
    lab.settle_network()


async def site_lost(lab: Supervisor) -> None:
    """What stood at the site is gone or without power; a new Mac mini and a new, empty drive lie there, packed."""
    await blackout(lab)
    await _new_macmini(lab)
    lab.plugged = False
    backups = lab.layout.drive / "sparklio_v4"
    if backups.exists():
        await asyncio.to_thread(keeping.keep_away, lab.layout, "drive", backups)


async def _new_macmini(lab: Supervisor) -> None:
    home = lab.layout.home("macmini")
    for unit in list(lab.units.on("macmini").values()):
        await lab.units.forget(unit)
    await asyncio.to_thread(keeping.keep_away, lab.layout, "macmini", home)
    for name in standins.COMMANDS["macmini"].get("bin", ()):
        shims.write_shim(home / "bin" / name, name)
    home.mkdir(exist_ok=True)
    for name in ("Desktop", "Documents", "Downloads", "Library"):
        (home / name).mkdir(exist_ok=True)


_FAULTS: Mapping[str, Callable[[Supervisor], Awaitable[None]]] = {
    "backend-down": killed("backend"),
    "postgres-down": postgres_down,
    "postgres-corrupt": postgres_corrupt,
    "postgres-corrupt-pages": postgres_corrupt_pages,
    "redis-down": redis_down,
    "redis-lost": redis_lost,
    "minio-down": killed("minio"),
    "minio-lost": minio_lost,
    "ollama-down": killed("ollama"),
    "comfyui-down": killed("comfyui"),
    "frontend-down": killed("frontend"),
    "desktop-off": off("desktop"),
    "macmini-off": off("macmini"),
    "macmini-blank": macmini_blank,
    "laptop-off": off("laptop"),
    "network-down": network_down,
    "blackout": blackout,
    "site-lost": site_lost,
}
