"""The life of a lab: make it, start everything in it, keep it, end it. One per process; `daemon.py` runs it."""

from __future__ import annotations

import asyncio
import logging
import os
import shutil
import time
from collections.abc import Awaitable, Iterable
from dataclasses import replace

import asyncssh

from sparkdr_tui.errors import SparkdrError
from sparkdr_tui.lab import backing, offsite, packages, ports, processes, project, seed, servers, shims, standins
from sparkdr_tui.lab import inventory as inventories
from sparkdr_tui.lab.layout import Inventory, last_words, read_servers, write_private
from sparkdr_tui.lab.mains import Mains
from sparkdr_tui.lab.node import NodeServer, environment
from sparkdr_tui.lab.standins import furnish
from sparkdr_tui.lab.switch import Mode, Port, Switch
from sparkdr_tui.lab.units import Spawner, Unit, Units
from sparkdr_tui.plan.load import load
from sparkdr_tui.plan.runbook import Plan

log = logging.getLogger(__name__)

BACKUP, BACKUPS = "backup-postgres", "backup-daily"
"""The plan's runbooks that make the lab's backups: of the database alone, and of every set."""
_UP = 15.0


class Supervisor:
    """Everything that runs in a lab, and what it needs to be started again."""

    def __init__(self, inventory: Inventory) -> None:
        self.inventory = replace(inventory, pid=os.getpid(), born=processes.birth(os.getpid()))
        self.layout = inventory.layout
        self.spawn = Spawner()
        self.units = Units(self.spawn, self.layout.servers)
        self.switch = Switch(_ports(inventory))
        self.nodes: dict[str, NodeServer] = {}
        self._plan_env: dict[str, dict[str, str]] = {}
        self.mains = Mains(inventory.mains)
        self.offsite: Unit | None = None
        """The second place, once it was opened."""
        self.plugged = True
        """The external drive is connected."""
        self.network = True
        """Packets arrive."""
        self._loading: Awaitable[Plan]
        self.faults: dict[str, None] = {}
        """What was broken since the last mend, in that order."""

    # -- the beginning -------------------------------------------------------------------------------

    async def make(self) -> None:
        """Make the folders, the plan and the keys of a new lab."""
        layout = self.layout
        for folder in (layout.temporary, layout.saved, layout.state, layout.drive / "sparklio_v4"):
            folder.mkdir(parents=True)
        inventories.write_plan(self.inventory)
        self._make_keys()

    async def _make_homes(self) -> None:
        """Homes with their commands, checkouts and packages; the plan is read when they are there."""
        layout = self.layout
        names = {name for each in standins.COMMANDS.values() for names in each.values() for name in names}
        hidden = names | {"python", "python3.11", "pip"}
        with self.spawn.undisturbed():
            await together(
                asyncio.to_thread(shims.link_system, layout.system, hidden),
                asyncio.to_thread(standins.make_repositories, layout.repositories),
            )
            await together(*(self.make_home(node) for node in self.inventory.nodes))
        for name in packages.FIRST:
            if name != servers.POSTGRES:
                await packages.install(self.inventory, self.spawn, self.units, name)
        self._loading = asyncio.ensure_future(asyncio.to_thread(load, layout.plan))

    async def make_home(self, node: str) -> None:
        """A home as it is on a machine that works, without the data of its servers."""
        home = self.layout.home(node)
        home.mkdir(parents=True, exist_ok=True)
        for folder, names in standins.COMMANDS.get(node, {}).items():
            for name in names:
                shims.write_shim(home / folder / name, name)
        await asyncio.to_thread(furnish, node, home)
        project.write_settings(self.inventory, node)

    async def make_database_server(self) -> None:
        """A new PostgreSQL with no database of ours in it."""
        if servers.POSTGRES in self.units.on("macmini"):
            await self.units.stop(self.units.get("macmini", servers.POSTGRES))
        await asyncio.to_thread(shutil.rmtree, servers.postgres_data(self.inventory), ignore_errors=True)
        await servers.make_postgres(self.inventory, self.spawn)
        await packages.install(self.inventory, self.spawn, self.units, servers.POSTGRES)

    def _make_keys(self) -> None:
        operator = asyncssh.generate_private_key("ssh-ed25519", comment="operator@lab")
        write_private(self.layout.plan / "keys" / "operator", operator.export_private_key().decode())
        public = operator.export_public_key().decode()
        (self.layout.plan / "keys" / "operator.pub").write_text(public)
        known = []
        for name, node in self.inventory.nodes.items():
            key = asyncssh.generate_private_key("ssh-ed25519", comment=name)
            write_private(self.layout.keys / name, key.export_private_key().decode())
            where = node.address if node.ssh_port == 22 else f"[{node.address}]:{node.ssh_port}"
            known.append(f"{where} {key.export_public_key().decode().strip()}\n")
        (self.layout.plan / "known_hosts").write_text("".join(known))

    async def open(self) -> None:
        """Open the nodes' SSH and the switch."""
        authorized = (self.layout.plan / "keys" / "operator.pub").read_text()
        for name in self.inventory.nodes:
            self.nodes[name] = NodeServer(self.inventory, name, self.spawn, authorized)
            await self.nodes[name].start()
        self.switch.start()
        await self.mains.on()

    async def open_second_place(self) -> None:
        """Start the S3 server that is somewhere else, unless it runs."""
        if self.offsite is None:
            self.offsite = offsite.unit(self.inventory)
        await self.units.start(self.offsite)

    async def fill(self) -> None:
        """Make homes and servers, start everything, make its first data and its backups: side by side what can be."""
        homes = asyncio.ensure_future(self._make_homes())

        async def start(service: str) -> None:
            await homes
            await self.start_service(service)

        async def keys() -> None:
            await start("redis")
            await asyncio.to_thread(seed.fill_redis, self.inventory)

        async def objects() -> None:
            await start("minio")
            await asyncio.to_thread(seed.fill_s3, self.inventory)

        async def first_backup() -> None:
            await homes
            await self._back_up(BACKUP)
            await seed.grow_postgres(self.inventory, self.spawn)

        async def database() -> None:
            await servers.make_postgres(self.inventory, self.spawn)
            await packages.install(self.inventory, self.spawn, self.units, servers.POSTGRES)
            await self.start_service("postgresql")
            await seed.fill_postgres(self.inventory, self.spawn)
            await together(first_backup(), start("backend"))

        rest = (start(each) for each in ("ollama", "comfyui", "frontend"))
        await together(database(), keys(), objects(), self.open_second_place(), *rest)
        # The older backup of the database lacks what came since; after these nothing changes.
        if self._backups_are_from_now():
            await asyncio.sleep(1.01 - time.time() % 1)
        await self._back_up(BACKUPS)

    def _backups_are_from_now(self) -> bool:
        """Backups are named by the second: the next one may not begin in that of the last."""
        now = time.strftime("%Y%m%d_%H%M%S")
        return any(now in each.name for each in (self.layout.drive / "sparklio_v4").iterdir())

    async def _back_up(self, runbook: str) -> None:
        await asyncio.to_thread(backing.back_up, await self.plan(), self.layout.seed, runbook)

    async def plan(self) -> Plan:
        """The lab's plan, read once."""
        return await self._loading

    # -- services ------------------------------------------------------------------------------------

    async def start_service(self, service: str) -> None:
        """Start a service the way its runbook does, and wait until it listens."""
        log.info("starting %s", service)
        if service == "postgresql":
            await self.units.start(self.units.get("macmini", servers.POSTGRES))
        elif service == "redis":
            await self.units.start(self.units.get("macmini", servers.REDIS))
        elif service in STARTING:
            await self.run(self.inventory.services[service].node, STARTING[service])
            await self._until_up(service)
        self.switch.refresh()
        log.info("%s listens", service)

    async def run(self, node: str, script: str, timeout: float = 30.0) -> str:
        """Run a script in a node's own shell with the plan's environment; raises `SparkdrError` when it fails."""
        output = self.layout.temporary / f"run.{os.urandom(4).hex()}"
        try:
            with output.open("wb") as target:
                child = await self.spawn(
                    *["/bin/bash", "-euo", "pipefail", "-c", script],
                    stdin=asyncio.subprocess.DEVNULL,
                    stdout=target,
                    stderr=target,
                    cwd=self.layout.home(node),
                    env=self.shell_env(node),
                    start_new_session=True,
                )
                status = await asyncio.wait_for(child.wait(), timeout)
            if status != 0:
                raise SparkdrError(f"A script on {node} ended with {status}: {last_words(output)}")
            return output.read_text(errors="replace")
        except TimeoutError:
            raise SparkdrError(f"A script on {node} did not end in {timeout:g} s.") from None
        finally:
            output.unlink(missing_ok=True)

    def shell_env(self, node: str) -> dict[str, str]:
        """A node's environment with the plan's on top, and what only this lab's servers want to know."""
        inner = {f"LAB_{s.id.upper().replace('-', '_')}_PORT": str(s.inner) for s in self.inventory.on(node).values()}
        if not self._plan_env:
            self._plan_env = inventories.plan_env(self.inventory)
        return environment(self.inventory, node) | self._plan_env[node] | inner

    async def _until_up(self, service: str) -> None:
        inner = self.inventory.services[service].inner
        deadline = asyncio.get_running_loop().time() + _UP
        while not ports.answers(inner):
            if asyncio.get_running_loop().time() > deadline:
                raise SparkdrError(f"{service} does not listen after {_UP:g} s.", f"See {self.layout.log}")
            await asyncio.sleep(0.03)

    def settle_network(self) -> None:
        """Let pass what has power and network; the rest answers nothing."""
        for name, node in self.nodes.items():
            self.switch.set_mode(Mode.PASS if self.network and node.powered else Mode.SWALLOW, [name])

    def listeners(self) -> dict[int, int]:
        """Which process listens on which port of 127.0.0.1."""
        return processes.listeners(self.inventory.id)

    # -- the end -------------------------------------------------------------------------------------

    async def close(self) -> None:
        """Stop everything, servers with data first, and leave no process."""
        running = [unit for node in self.inventory.nodes for unit in self._units(node)]
        running += [self.offsite] if self.offsite is not None else []
        await asyncio.gather(*(self.units.stop(unit) for unit in running))
        for server in self.nodes.values():
            server.stop()
        self.mains.off()
        await self.switch.close()
        left = await asyncio.to_thread(processes.end_all, self.inventory.id, known=read_servers(self.layout))
        if left:
            log.error("these would not end: %s", sorted(left))

    def _units(self, node: str) -> Iterable[Unit]:
        return list(self.units.on(node).values())


STARTING = {
    "minio": """\
mkdir -p ~/minio "$MINIO_DATA"
nohup minio server "$MINIO_DATA" --address "$MINIO_HOST:$MINIO_PORT" \\
  --console-address "$MINIO_HOST:$MINIO_CONSOLE_PORT" >>~/minio/minio.log 2>&1 </dev/null &
echo $! >"$MINIO_PID"
""",
    "backend": """\
cd "$PROJECT_DIR/backend"
set +u; . venv/bin/activate; set -u
nohup uvicorn app.main:app --host "$BACKEND_HOST" --port "$BACKEND_PORT" >>../logs/backend.log 2>&1 </dev/null &
echo $! >"$BACKEND_PID"
""",
    "ollama": """\
ollama-app start
""",
    "comfyui": """\
cd ~/ComfyUI
nohup venv/bin/python main.py --listen "$COMFYUI_HOST" --port "$COMFYUI_PORT" >>comfyui.log 2>&1 </dev/null &
echo $! >comfyui.pid
""",
    "frontend": """\
cd "$PROJECT_DIR/frontend"
HOSTNAME="$FRONTEND_HOST" PORT="$FRONTEND_PORT" pm2 start npm --name sparklio-frontend -- start
""",
}
"""How each service that launchd does not start is started, as the runbooks do it."""


async def together(*work: Awaitable[object]) -> None:
    """Do things side by side; the first failure is raised once all have ended."""
    results = await asyncio.gather(*work, return_exceptions=True)
    for result in results:
        if isinstance(result, BaseException):
            raise result


def _ports(inventory: Inventory) -> list[Port]:
    ssh = [Port(n.id, "ssh", n.address, n.ssh_port, n.ssh_inner) for n in inventory.nodes.values()]
    return ssh + [Port(s.node, s.id, s.host, s.port, s.inner) for s in inventory.services.values()]
