"""Where everything of a lab is inside its folder, and the two files that describe it. Starts nothing."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from sparkdr_tui.errors import UsageError

OFFSITE_KEYS = ("OFFSITE_ACCESS_KEY", "OFFSITE_SECRET_KEY")
"""The secrets of the lab's plan that open its second place."""


@dataclass(frozen=True, slots=True)
class Layout:
    """The places inside a lab's folder."""

    folder: Path

    @property
    def plan(self) -> Path:
        """The plan folder whose inventory is this lab."""
        return self.folder / "plan"

    @property
    def state(self) -> Path:
        """The operator's journals."""
        return self.folder / "state"

    @property
    def seed(self) -> Path:
        """Journals of the runs that made the first backups."""
        return self.folder / "seed"

    @property
    def saved(self) -> Path:
        """What a fault put aside before it broke something."""
        return self.folder / "saved"

    @property
    def repositories(self) -> Path:
        """Bare git repositories that stand for the ones on the internet."""
        return self.folder / "git"

    @property
    def system(self) -> Path:
        """The commands that every node has, as links to this machine's."""
        return self.folder / "system" / "bin"

    @property
    def keys(self) -> Path:
        """Host keys of the nodes."""
        return self.folder / "keys"

    @property
    def temporary(self) -> Path:
        """TMPDIR of everything in the lab."""
        return self.folder / "tmp"

    @property
    def drive(self) -> Path:
        """The external drive of the Mac mini: outside its home, so that it survives the machine."""
        return self.folder / "volumes" / "macmini" / "Backup"

    @property
    def offsite(self) -> Path:
        """What the second place holds: far from the site, so that it survives everything there."""
        return self.folder / "offsite"

    @property
    def log(self) -> Path:
        """The supervisor's log."""
        return self.folder / "lab.log"

    @property
    def card(self) -> Path:
        """`lab.json`, for outsiders; there once the lab is ready."""
        return self.folder / "lab.json"

    @property
    def inner(self) -> Path:
        """`inner.json`, for the supervisor and its door; only its owner can read it."""
        return self.folder / "inner.json"

    @property
    def servers(self) -> Path:
        """Pid and time of birth of supervised servers: some wipe the lab's mark from sight."""
        return self.folder / "servers.json"

    def home(self, node: str) -> Path:
        """The home of a node's user."""
        return self.folder / "nodes" / node


@dataclass(frozen=True, slots=True)
class LabNode:
    """A node as the lab has it: `ssh_inner` is where its SSH server listens behind the switch."""

    id: str
    title: str
    os: str
    user: str
    address: str
    ssh_port: int
    ssh_inner: int
    home: str
    token: str


@dataclass(frozen=True, slots=True)
class LabService:
    """A service as the lab has it: `host:port` outside the switch, `127.0.0.1:inner` behind it."""

    id: str
    node: str
    host: str
    port: int
    inner: int
    plan_port: int
    """The port in the built-in plan: where scripts on the node believe it is."""


@dataclass(frozen=True, slots=True)
class Inventory:
    """All that makes this lab this lab."""

    id: str
    folder: str
    door: int
    token: str
    nodes: Mapping[str, LabNode]
    services: Mapping[str, LabService]
    secrets: Mapping[str, str]
    """Values of the plan's secrets."""
    mains: int = 0
    """The port of 127.0.0.1 that tells whether the site has power."""
    offsite: int = 0
    """The port of 127.0.0.1 where the second place is."""
    pid: int = 0
    """The supervisor; 0 before it runs."""
    born: str = ""
    """When it was started: with its pid it names one process for ever."""

    @property
    def layout(self) -> Layout:
        """The places inside its folder."""
        return Layout(Path(self.folder))

    def on(self, node: str) -> dict[str, LabService]:
        """The services of a node."""
        return {name: each for name, each in self.services.items() if each.node == node}


def write_inner(inventory: Inventory) -> None:
    """Keep the inventory where only its owner reads it."""
    write_private(inventory.layout.inner, json.dumps(asdict(inventory), indent=1))


def read_inner(layout: Layout) -> Inventory | None:
    """The inventory of the lab in this folder; None when there is none or it was never finished."""
    try:
        raw: dict[str, Any] = json.loads(layout.inner.read_text(encoding="utf-8"))
        raw["nodes"] = {name: LabNode(**each) for name, each in raw["nodes"].items()}
        raw["services"] = {name: LabService(**each) for name, each in raw["services"].items()}
        return Inventory(**raw)
    except PermissionError as error:
        raise UsageError(f"The lab in {layout.folder} belongs to somebody else.", str(error)) from error
    except (FileNotFoundError, NotADirectoryError, ValueError, KeyError, TypeError):
        return None


def read_servers(layout: Layout) -> list[tuple[int, str]]:
    """The servers that were started here, each by pid and time of birth; most of them are long gone."""
    try:
        return [(int(pid), str(born)) for pid, born in json.loads(layout.servers.read_text(encoding="utf-8"))]
    except (FileNotFoundError, ValueError, TypeError):
        return []


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner can read, in one move."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    fresh.replace(path)


def card(inventory: Inventory) -> dict[str, Any]:
    """What `lab.json` says."""
    return {
        "pid": inventory.pid,
        "nodes": {
            name: {"address": node.address, "ssh_port": node.ssh_port, "home": node.home}
            for name, node in inventory.nodes.items()
        },
        "services": {
            name: {"host": each.host, "port": each.port, **_credentials(inventory, name), **_url(each)}
            for name, each in inventory.services.items()
        },
        "offsite": {
            **dict(zip(("access_key", "secret_key"), (inventory.secrets[key] for key in OFFSITE_KEYS), strict=True)),
            "url": f"http://127.0.0.1:{inventory.offsite}",
            "folder": str(inventory.layout.offsite),
        },
    }


def _credentials(inventory: Inventory, service: str) -> dict[str, str]:
    if service == "postgresql":
        return {
            "user": "sparklio_user",
            "password": inventory.secrets["PGPASSWORD"],
            "database": "sparklio_v4",
        }
    if service == "minio":
        return {
            "access_key": inventory.secrets["MINIO_ROOT_USER"],
            "secret_key": inventory.secrets["MINIO_ROOT_PASSWORD"],
        }
    return {}


def _url(service: LabService) -> dict[str, str]:
    plain = service.id in ("postgresql", "redis")
    return {} if plain else {"url": f"http://{service.host}:{service.port}"}


def last_words(path: Path) -> str:
    """The last line of a log that says something."""
    with contextlib.suppress(OSError):
        lines = [line for line in path.read_text(errors="replace")[-4000:].splitlines() if line.strip()]
        if lines:
            return lines[-1].strip()[:300]
    return "it said nothing"
