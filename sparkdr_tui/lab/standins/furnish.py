"""What servers find in a node's home when the lab is new: checkouts, virtual environments, models, a built frontend."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from sparkdr_tui.lab.standins import repositories, venv

_GITCONFIG = "[user]\n\tname = Woosun\n\temail = woosun@sparklio.example\n[init]\n\tdefaultBranch = main\n"


def furnish(node: str, home: Path) -> None:
    """Put it there; what is there already stays."""
    if node in _NODES:
        (home / ".gitconfig").write_text(_GITCONFIG)
        _NODES[node](home)


def _macmini(home: Path) -> None:
    project = _checkout(home, repositories.PROJECT, home / repositories.PROJECT)
    (project / "logs").mkdir(exist_ok=True)
    _environment(project / "backend")


def _desktop(home: Path) -> None:
    comfyui = _checkout(home, repositories.COMFYUI, home / repositories.COMFYUI)
    _environment(comfyui)
    node = _checkout(home, repositories.CONTROLNET, comfyui / "custom_nodes" / repositories.CONTROLNET)
    venv.install(comfyui / "venv", venv.requirements(node / "requirements.txt", "requirements.txt"))


def _laptop(home: Path) -> None:
    _checkout(home, repositories.PROJECT, home / repositories.PROJECT)


_NODES: Mapping[str, Callable[[Path], None]] = {"macmini": _macmini, "desktop": _desktop, "laptop": _laptop}


def _checkout(home: Path, name: str, folder: Path) -> Path:
    """A clone of the lab's repository, unless the folder is there."""
    if not folder.exists():
        repositories.clone(home.parents[1] / "git" / f"{name}.git", folder)
    return folder


def _environment(folder: Path) -> None:
    """`venv` beside a requirements file, with what that asks for."""
    venv.make(folder / "venv")
    venv.install(folder / "venv", venv.requirements(folder / "requirements.txt", "requirements.txt"))
