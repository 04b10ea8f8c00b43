"""A folder of YAML becomes a `Plan`, or every error in it at once, with file and line. Contacts no node."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from sparkdr_tui.plan import source as yaml
from sparkdr_tui.plan.model import Contacts, DrillsFile, PlanFile, ScenariosFile
from sparkdr_tui.plan.problems import PlanError, PlanErrors, shown
from sparkdr_tui.plan.runbook import Plan, Runbook
from sparkdr_tui.plan.source import Source
from sparkdr_tui.plan.wording import worded

__all__ = ["PlanError", "PlanErrors", "builtin", "load"]

_INIT = "'sparkdr-tui plan init' makes a copy of the built-in plan to edit"
_KINDS: dict[str, type[BaseModel]] = {
    "plan.yaml": PlanFile,
    "scenarios.yaml": ScenariosFile,
    "contacts.yaml": Contacts,
    "drills.yaml": DrillsFile,
}
M = TypeVar("M", bound=BaseModel)


def builtin() -> Path:
    """The folder of the built-in plan: inside the package once installed, beside it in a checkout."""
    package = Path(__file__).resolve().parent.parent
    inside = package / "runbooks"
    return inside if inside.is_dir() else package.parent / "runbooks"


def load(folder: Path) -> Plan:
    """Read the plan in `folder`; raises `PlanErrors` with everything that is wrong with it."""
    found = _Found()
    contents = _contents(folder, found)
    for name, content in contents.items():
        found.read(name, content)
    for name, source in found.sources.items():
        found.check(source, _KINDS.get(name, Runbook))
    found.stop_if_wrong()
    return _plan(folder, contents, found)


@dataclass(slots=True)
class _Found:
    """What came of the files so far: their data, their models, their errors (by file and path)."""

    sources: dict[str, Source] = field(default_factory=dict)
    models: dict[str, BaseModel] = field(default_factory=dict)
    errors: list[tuple[yaml.Path, PlanError]] = field(default_factory=list)

    def add(self, file: str, message: str, hint: str = "", line: int = 0) -> None:
        self.errors.append(((), PlanError(file, line, message, hint)))

    def read(self, name: str, content: bytes) -> None:
        try:
            self.sources[name] = yaml.read(shown(name), content)
        except yaml.Unreadable as refused:
            self.errors.append(((), refused.error))

    def check(self, source: Source, model: type[BaseModel]) -> None:
        try:
            self.models[source.file] = model.model_validate(source.data)
        except ValidationError as error:
            self.errors.extend(worded(source, model, error))

    def stop_if_wrong(self) -> None:
        if self.errors:
            raise PlanErrors(error for _, error in self.errors)

    def one(self, name: str, kind: type[M]) -> M | None:
        model = self.models.get(name)
        return model if isinstance(model, kind) else None


def _contents(folder: Path, found: _Found) -> dict[str, bytes]:
    """The bytes of every plan file, by name, sorted."""
    place = shown(str(folder), 200)
    try:
        names = sorted(entry.name for entry in folder.iterdir())
    except FileNotFoundError:
        raise PlanErrors([PlanError(place, 0, "there is no such folder", _INIT)]) from None
    except NotADirectoryError:
        raise PlanErrors([PlanError(place, 0, "not a folder: a plan is a folder of YAML files", _INIT)]) from None
    except (OSError, ValueError) as error:
        raise PlanErrors([PlanError(place, 0, f"cannot be read: {_reason(error)}")]) from None
    contents: dict[str, bytes] = {}
    for name in names:
        if name.startswith(".") or not name.lower().endswith((".yaml", ".yml")):
            continue
        if not name.endswith(".yaml"):
            found.add(shown(name), "would not be read: plan files end in .yaml", "rename it")
        elif (content := _content(folder / name, found)) is not None:
            contents[name] = content
    if "plan.yaml" not in names:
        raise PlanErrors([PlanError(place, 0, "no plan.yaml in this folder", _INIT)])
    return contents


def _content(path: Path, found: _Found) -> bytes | None:
    """The bytes of one file, unless it is no file, cannot be read or is too large."""
    name = shown(path.name)
    try:
        status = path.stat()
        if stat.S_ISDIR(status.st_mode):
            found.add(name, "is a folder, not a file")
            return None
        if not stat.S_ISREG(status.st_mode):
            found.add(name, "is no ordinary file")
            return None
        with path.open("rb") as file:
            content = file.read(yaml.MAX_BYTES + 1)
    except OSError as error:
        found.add(name, f"cannot be read: {_reason(error)}")
        return None
    if len(content) > yaml.MAX_BYTES:
        size = max(status.st_size, len(content)) / 1_000_000
        found.add(name, f"too large: {size:.1f} MB, and a plan file has at most 1 MB")
        return None
    return content


def _reason(error: OSError | ValueError) -> str:
    return (error.strerror or "unknown reason") if isinstance(error, OSError) else shown(str(error))


def _plan(folder: Path, contents: Mapping[str, bytes], found: _Found) -> Plan:
    """The plan out of models that are all there and correct."""
    file = found.one("plan.yaml", PlanFile)
    assert file is not None
    scenarios = found.one("scenarios.yaml", ScenariosFile)
    drills = found.one("drills.yaml", DrillsFile)
    return Plan(
        folder=folder.resolve(),
        digest=_digest(contents),
        name=file.name,
        version=file.version,
        lab=file.lab,
        state=(folder / Path(file.state).expanduser()).resolve() if file.state else None,
        hands=file.hands,
        nodes=file.nodes,
        services=file.services,
        critical_path=file.critical_path,
        backup_sets=file.backup_sets,
        secrets=file.secrets,
        scenarios=scenarios.scenarios if scenarios else {},
        contacts=found.one("contacts.yaml", Contacts) or Contacts(team={}),
        drills=drills.drills if drills else {},
        runbooks={model.id: model for model in found.models.values() if isinstance(model, Runbook)},
    )


def _digest(contents: Mapping[str, bytes]) -> str:
    """sha256 over names and bytes, each with its length, so that no two plans read alike."""
    digest = hashlib.sha256()
    for name, content in sorted(contents.items()):
        raw = os.fsencode(name)
        digest.update(b"%d %d\n" % (len(raw), len(content)) + raw + content)
    return digest.hexdigest()
