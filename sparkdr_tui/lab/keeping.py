"""What faults put aside before they destroy something, so that mending can put it back, the latest first."""

from __future__ import annotations

import json
import shutil
from dataclasses import asdict, dataclass
from pathlib import Path

from sparkdr_tui.lab.layout import Layout, write_private


@dataclass(frozen=True, slots=True)
class Kept:
    """A copy of `path` as it was, in the folder of what is kept under `name`."""

    what: str
    name: str
    path: str


def kept(layout: Layout) -> list[Kept]:
    """Everything that is kept, the oldest first."""
    try:
        return [Kept(**each) for each in json.loads(_index(layout).read_text(encoding="utf-8"))]
    except FileNotFoundError:
        return []


def keep_copy(layout: Layout, what: str, path: Path) -> None:
    """Keep a copy; where the latest thing kept is of the same kind, the new one takes its place."""
    entry = _enter(layout, what, path)
    target = layout.saved / entry.name
    if path.is_dir():
        shutil.copytree(path, target, symlinks=True)
    elif path.exists():
        shutil.copy2(path, target)


def keep_away(layout: Layout, what: str, path: Path) -> None:
    """Keep the thing itself; it is gone from where it was."""
    entry = _enter(layout, what, path)
    path.rename(layout.saved / entry.name)


def put_back(layout: Layout) -> list[str]:
    """Put everything back where it was, the latest first, and say what it was."""
    done = []
    for entry in reversed(kept(layout)):
        source, path = layout.saved / entry.name, Path(entry.path)
        _remove(path)
        if source.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            source.rename(path)
        done.append(entry.what)
        _write(layout, kept(layout)[:-1])
    return done


def _enter(layout: Layout, what: str, path: Path) -> Kept:
    entries = kept(layout)
    if entries and entries[-1].what == what:
        _remove(layout.saved / entries.pop().name)
    number = int(entries[-1].name.partition("-")[0]) + 1 if entries else 1
    entry = Kept(what, f"{number:03}-{what}", str(path))
    _remove(layout.saved / entry.name)
    _write(layout, [*entries, entry])
    return entry


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _index(layout: Layout) -> Path:
    return layout.saved / "index.json"


def _write(layout: Layout, entries: list[Kept]) -> None:
    write_private(_index(layout), json.dumps([asdict(each) for each in entries]))
