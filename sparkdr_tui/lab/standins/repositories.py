"""The git repositories of the lab, made with the real git: fixed authors and dates, no configuration of anybody's."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from sparkdr_tui.lab.shims import write_shim
from sparkdr_tui.lab.standins import sources

PROJECT = "sparklio_ai_marketing_studio"
COMFYUI = "ComfyUI"
CONTROLNET = "comfyui_controlnet_aux"


@dataclass(frozen=True, slots=True)
class Commit:
    """One commit on main: the files it changes, and a tag on it where it was released."""

    date: str
    message: str
    files: Mapping[str, str]
    tag: str = ""


def histories() -> dict[str, tuple[Commit, ...]]:
    """Every repository with its commits, oldest first."""
    return {
        PROJECT: (
            Commit("2025-01-06T09:00:00+0900", "Sparklio V4", sources.project(), "v4.0.0"),
            Commit("2025-01-13T17:30:00+0900", "Back up every night", sources.project_scripts(), "v4.0.1"),
            Commit("2025-01-15T11:20:00+0900", "Scrape the backend's metrics", sources.project_monitoring()),
        ),
        COMFYUI: (Commit("2025-01-04T12:00:00+0000", "ComfyUI", sources.comfyui(), "v0.3.7"),),
        CONTROLNET: (Commit("2025-01-02T12:00:00+0000", "ControlNet preprocessors", sources.controlnet()),),
    }


def make(folder: Path) -> None:
    """Make `NAME.git` for each of them in `folder`, and `homebrew-install.sh`."""
    folder.mkdir(parents=True, exist_ok=True)
    write_shim(folder / "homebrew-install.sh", "install-homebrew")
    for name, commits in histories().items():
        bare = folder / f"{name}.git"
        git("init", "--quiet", "--bare", "--template=", "--initial-branch=main", str(bare))
        git("-C", str(bare), "fast-import", "--quiet", stdin=fast_import(commits))


def fast_import(commits: Sequence[Commit]) -> bytes:
    """The commits as `git fast-import` reads them."""
    stream = b""
    for commit in commits:
        who = f"A Team <a-team@sparklio.example> {_stamp(commit.date)}"
        stream += f"commit refs/heads/main\nauthor {who}\ncommitter {who}\n".encode() + _data(commit.message + "\n")
        for path, text in sorted(commit.files.items()):
            mode = "100755" if path.endswith(".sh") else "100644"
            stream += f"M {mode} inline {path}\n".encode() + _data(text)
        if commit.tag:
            stream += f"reset refs/tags/{commit.tag}\nfrom refs/heads/main\n\n".encode()
    return stream


def clone(bare: Path, folder: Path) -> None:
    """A checkout of main whose origin is the bare repository."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    git("clone", "--quiet", "--template=", f"file://{bare}", str(folder))


def git(*arguments: str, stdin: bytes = b"") -> None:
    """Run git without anybody's configuration."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    env = clean | {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    subprocess.run(["git", *arguments], input=stdin, env=env, check=True, capture_output=True)


def _data(text: str) -> bytes:
    raw = text.encode()
    return b"data %d\n%s\n" % (len(raw), raw)


def _stamp(date: str) -> str:
    from datetime import datetime

    moment = datetime.strptime(date, "%Y-%m-%dT%H:%M:%S%z")
    return f"{int(moment.timestamp())} {date[-5:]}"
