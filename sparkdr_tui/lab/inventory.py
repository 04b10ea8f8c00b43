"""What makes a lab this lab: its addresses, ports, tokens and passwords, and the plan folder that names them.

The plan folder is a copy of the built-in plan; only the inventory in plan.yaml differs.
"""

from __future__ import annotations

import re
import secrets
import shutil
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from sparkdr_tui.lab import offsite, ports
from sparkdr_tui.lab.layout import OFFSITE_KEYS, Inventory, LabNode, LabService, Layout, write_private
from sparkdr_tui.plan.load import builtin

_ADDRESS = re.compile(r"\b(\d+\.\d+\.\d+\.\d+|localhost)(?::(\d+))?")
_LOOPBACK = ("localhost", "127.0.0.1", "0.0.0.0")
_SSH = 22
_USER = "operator"


def draw_up(folder: Path) -> Inventory:
    """Choose addresses and ports that are free now, and make up tokens and passwords."""
    raw = _yaml().load(builtin() / "plan.yaml")
    nodes: Mapping[str, Any] = raw["nodes"]
    services: Mapping[str, Any] = raw["services"]
    numbers = iter(ports.free_block(2 * (len(nodes) + len(services)) + 3))
    layout = Layout(folder)
    lab_nodes, lab_services = {}, {}
    for name, node in nodes.items():
        wanted = {id_: each["port"] for id_, each in services.items() if each["on"] == name}
        address, outer = _outer_ports(_loopback(node["address"]), wanted, numbers)
        lab_nodes[name] = LabNode(
            id=name,
            title=node["title"] if isinstance(node["title"], str) else node["title"]["en"],
            os=node["os"],
            user=node.get("ssh", {}).get("user", _USER),
            address=address,
            ssh_port=_ssh_port(address, numbers),
            ssh_inner=next(numbers),
            home=str(layout.home(name)),
            token=secrets.token_hex(16),
        )
        for id_, port in outer.items():
            lab_services[id_] = LabService(id_, name, address, port, next(numbers), wanted[id_])
    return Inventory(
        id=secrets.token_hex(8),
        folder=str(folder),
        door=next(numbers),
        token=secrets.token_hex(16),
        nodes=lab_nodes,
        services={id_: lab_services[id_] for id_ in services},
        secrets={name: _made_up(name) for name in (*raw.get("secrets", {}), *OFFSITE_KEYS)},
        mains=next(numbers),
        offsite=next(numbers),
    )


def write_plan(inventory: Inventory) -> None:
    """Copy the built-in plan and put this lab's inventory into its plan.yaml, comments and all."""
    layout = inventory.layout
    shutil.copytree(builtin(), layout.plan)
    yaml = _yaml()
    file = layout.plan / "plan.yaml"
    raw = yaml.load(file)
    raw["lab"] = True
    raw["state"] = "../state"
    raw["mains"] = {"address": "127.0.0.1", "port": inventory.mains}
    raw["hands"] = [sys.executable, "-I", "-m", "sparkdr_tui.lab.by_hand", inventory.folder]
    translate = _Translation(inventory, raw)
    for name, node in raw["nodes"].items():
        it = inventory.nodes[name]
        node["address"] = it.address
        node["os"] = "linux"
        node["ssh"] = {"user": it.user, "port": it.ssh_port, "key": "keys/operator"}
        node.pop("hostnames", None)
        env = node.setdefault("env", {})
        for key, value in env.items():
            env[key] = translate.value(name, key, str(value))
    for id_, service in raw["services"].items():
        service["port"] = inventory.services[id_].port
    for backup_set in raw.get("backup_sets", {}).values():
        promised = "services" in backup_set or "rpo" in backup_set
        if promised and not backup_set.get("optional"):
            backup_set["copy_to"] = offsite.copy_to(inventory)
    for key in inventory.secrets:
        raw["secrets"][key] = {"file": f"secrets/{key}"}
        write_private(layout.plan / "secrets" / key, inventory.secrets[key])
    with file.open("w", encoding="utf-8") as target:
        yaml.dump(raw, target)


def plan_env(inventory: Inventory) -> dict[str, dict[str, str]]:
    """The environment that the lab's plan gives to scripts of each node, secrets included."""
    found = {}
    for name, node in _yaml().load(inventory.layout.plan / "plan.yaml")["nodes"].items():
        home = inventory.nodes[name].home
        env = {
            key: home + value[1:] if value == "~" or value.startswith("~/") else str(value)
            for key, value in node.get("env", {}).items()
        }
        found[name] = env | {key: inventory.secrets[key] for key in node.get("secrets", [])}
    return found


class _Translation:
    """How values of the built-in plan's environment read in this lab."""

    def __init__(self, inventory: Inventory, raw: Any) -> None:
        self._inventory = inventory
        self._node_at = {str(node["address"]): name for name, node in raw["nodes"].items()}
        layout = inventory.layout
        repositories = f"file://{layout.repositories}"
        self._exact = {
            "REPO_URL": f"{repositories}/sparklio_ai_marketing_studio.git",
            "COMFYUI_REPO": f"{repositories}/ComfyUI.git",
            "CONTROLNET_AUX_REPO": f"{repositories}/comfyui_controlnet_aux.git",
            "BREW_INSTALLER": f"file://{layout.repositories / 'homebrew-install.sh'}",
            "BACKUP_DIR": str(layout.drive / "sparklio_v4"),
            "BACKUP_MOUNT": str(layout.drive),
            "AI_DIR": str(layout.home("desktop")),
        }

    def value(self, node: str, key: str, value: str) -> str:
        """What `key` is on `node` of the lab."""
        if key == "PATH":
            return lab_path(self._inventory, node)
        if key in self._exact:
            return self._exact[key]
        if key.endswith("_PORT") or key == "PGPORT":
            return self._own_port(node, value)
        return _ADDRESS.sub(lambda found: self._address(node, found[1], found[2]), value)

    def _own_port(self, node: str, value: str) -> str:
        for service in self._inventory.on(node).values():
            if str(service.plan_port) == value:
                return str(service.inner)
        return value

    def _address(self, node: str, host: str, port: str | None) -> str:
        """This node itself is 127.0.0.1 and the inner port; another one is what the switch shows of it."""
        where = node if host in _LOOPBACK else self._node_at.get(host)
        if where is None:
            return host if port is None else f"{host}:{port}"
        if where == node:
            return "127.0.0.1" if port is None else f"127.0.0.1:{self._own_port(node, port)}"
        address = self._inventory.nodes[where].address
        if port is None:
            return address
        outer = [each.port for each in self._inventory.on(where).values() if str(each.plan_port) == port]
        return f"{address}:{outer[0] if outer else port}"


def lab_path(inventory: Inventory, node: str) -> str:
    """PATH with Homebrew in front, as the plan gives it (E32)."""
    home = inventory.nodes[node].home
    brew = f"{home}/homebrew"
    return f"{brew}/opt/postgresql@15/bin:{brew}/bin:{home}/bin:{inventory.layout.system}"


def _outer_ports(address: str, wanted: Mapping[str, int], numbers: Iterator[int]) -> tuple[str, dict[str, int]]:
    """The node's own loopback address and the plan's ports, or 127.0.0.1 and free ones where any is taken."""
    if all(ports.is_free(address, port) for port in wanted.values()):
        return address, dict(wanted)
    return "127.0.0.1", {name: next(numbers) for name in wanted}


def _ssh_port(address: str, numbers: Iterator[int]) -> int:
    own = address != "127.0.0.1" and ports.is_free(address, _SSH)
    return _SSH if own else next(numbers)


def _loopback(address: Any) -> str:
    """The plan's own address, under 127."""
    first = address if isinstance(address, str) else address[0]
    return "127." + first.split(".", 1)[1] if re.fullmatch(r"\d+(\.\d+){3}", first) else "127.0.0.1"


def _made_up(secret: str) -> str:
    return "sparklio-lab" if secret.endswith("_USER") else secrets.token_urlsafe(18)


def _yaml() -> YAML:
    yaml = YAML()
    yaml.preserve_quotes = True
    yaml.width = 4096
    return yaml
