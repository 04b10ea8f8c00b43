"""What servers find in a node's home when the lab is new: checkouts, virtual environments, models, a built frontend."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path

from sparkdr_tui.lab.standins import frontend, ollama_models, repositories, venv

_GITCONFIG = "[user]\n\tname = Woosun\n\temail = woosun@sparklio.example\n[init]\n\tdefaultBranch = main\n"

MODELS = ("llama2:13b", "codellama:7b", "mistral:7b")
"""The models of the platform."""


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
    for name in MODELS:
        ollama_models.add(home / ".ollama" / "models", ollama_models.REGISTRY[name])


def _laptop(home: Path) -> None:
    project = _checkout(home, repositories.PROJECT, home / repositories.PROJECT)
    package = json.loads((project / "frontend" / "package.json").read_text(encoding="utf-8"))
    frontend.install(project / "frontend", package)
    if not (project / "frontend" / ".next").exists():
        frontend.build(project / "frontend")


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
