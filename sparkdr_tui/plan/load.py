"""A folder of YAML becomes a `Plan`, or every error in it at once, with file and line. Contacts no node."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from sparkdr_tui.plan.files import DrillsFile, PlanFile, ScenariosFile
from sparkdr_tui.plan.model import Contacts
from sparkdr_tui.plan.names import CONTACTS, DRILLS, PLAN, SCENARIOS
from sparkdr_tui.plan.problems import PlanError, PlanErrors, shown
from sparkdr_tui.plan.reading import MAX_BYTES, Unreadable, read
from sparkdr_tui.plan.references import errors
from sparkdr_tui.plan.runbook import Plan, Runbook
from sparkdr_tui.plan.source import Source
from sparkdr_tui.plan.wording import worded

__all__ = ["PlanError", "PlanErrors", "builtin", "load"]

_INIT = "'sparkdr-tui plan init' makes a copy of the built-in plan to edit"
_KINDS: dict[str, type[BaseModel]] = {
    PLAN: PlanFile,
    SCENARIOS: ScenariosFile,
    CONTACTS: Contacts,
    DRILLS: DrillsFile,
}
MOST_ERRORS = 100
"""So many of one file, and so many wrong names; after that there is no use in more."""
M = TypeVar("M", bound=BaseModel)


def builtin() -> Path:
    """The folder of the built-in plan: inside the package once installed, beside it in a checkout."""
    package = Path(__file__).resolve().parent.parent
    inside = package / "runbooks"
    return inside if inside.is_dir() else package.parent / "runbooks"


def load(folder: Path, instead: Mapping[str, bytes] | None = None) -> Plan:
    """Read the plan in `folder`; raises `PlanErrors` with everything that is wrong with it.

    The files named by `instead` are read as if these bytes were in them.
    """
    found = _Found()
    contents = {**_contents(folder, found), **(instead or {})}
    for name, content in contents.items():
        if content is not None:
            found.read(name, content)
    for name in found.sources:
        found.check(name, _KINDS.get(name, Runbook))
    found.name(errors(found.sources, contents))
    found.stop_if_wrong()
    return _plan(folder, contents, found)


@dataclass(slots=True)
class _Found:
    """What came of the files so far: their data, their models, their errors."""

    sources: dict[str, Source] = field(default_factory=dict)
    models: dict[str, BaseModel] = field(default_factory=dict)
    errors: list[PlanError] = field(default_factory=list)

    def add(self, file: str, message: str, hint: str = "") -> None:
        """Take an error of a file as a whole."""
        self.errors.append(PlanError(file, 0, message, hint))

    def read(self, name: str, content: bytes) -> None:
        """Take the data of a file, or why it cannot be read."""
        try:
            self.sources[name] = read(shown(name, 100), content)
        except Unreadable as refused:
            self.errors.append(refused.error)

    def check(self, name: str, model: type[BaseModel]) -> None:
        """Take the model of a file, or what is wrong with it."""
        source = self.sources[name]
        try:
            self.models[name] = model.model_validate(source.data)
        except ValidationError as error:
            self.errors.extend(islice(worded(source, model, error), MOST_ERRORS))
            if error.error_count() > MOST_ERRORS:
                self.add(source.file, f"{error.error_count()} errors, of which {MOST_ERRORS} are shown")

    def name(self, errors: Iterable[PlanError]) -> None:
        """Take errors of names; what they say about a value goes before what its form alone says."""
        named = list(islice(errors, MOST_ERRORS))
        places = {(error.file, error.path) for error in named}
        self.errors = [each for each in self.errors if (each.file, each.path) not in places] + named

    def stop_if_wrong(self) -> None:
        """Raise `PlanErrors` if there are any."""
        if self.errors:
            raise PlanErrors(self.errors)

    def one(self, name: str, kind: type[M]) -> M | None:
        """The model of a file."""
        model = self.models.get(name)
        return model if isinstance(model, kind) else None


def _contents(folder: Path, found: _Found) -> dict[str, bytes | None]:
    """The bytes of every plan file, by name, sorted; None where it cannot be read."""
    place = shown(str(folder), 200)
    contents: dict[str, bytes | None] = {}
    for name in _names(folder, place):
        if name.startswith(".") or not name.lower().endswith((".yaml", ".yml")):
            continue
        if name.endswith(".yaml"):
            contents[name] = _content(folder / name, found)
        elif not (folder / name).is_dir():
            found.add(shown(name, 100), "not read: the files of a plan end in .yaml", "rename it")
    if PLAN not in contents:
        raise PlanErrors([PlanError(place, 0, "no plan.yaml in this folder", _INIT), *found.errors])
    return contents


def _names(folder: Path, place: str) -> list[str]:
    """What is in the folder, sorted."""
    try:
        return sorted(entry.name for entry in folder.iterdir())
    except FileNotFoundError:
        raise PlanErrors([PlanError(place, 0, "there is no such folder", _INIT)]) from None
    except NotADirectoryError:
        raise PlanErrors([PlanError(place, 0, "not a folder: a plan is a folder of YAML files", _INIT)]) from None
    except (OSError, ValueError) as error:
        raise PlanErrors([PlanError(place, 0, f"cannot be read: {_reason(error)}")]) from None


def _content(path: Path, found: _Found) -> bytes | None:
    """The bytes of one file, unless it is no file, cannot be read or is too large."""
    name = shown(path.name, 100)
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            found.add(name, "is a folder, not a file" if stat.S_ISDIR(status.st_mode) else "is no ordinary file")
            return None
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except OSError as error:
        found.add(name, f"cannot be read: {_reason(error)}")
        return None
    if len(content) > MAX_BYTES:
        size = max(status.st_size, len(content)) / 1_000_000
        found.add(name, f"too large: {size:.1f} MB, and a file of a plan has at most 1 MB")
        return None
    return content


def _reason(error: OSError | ValueError) -> str:
    return (error.strerror or "unknown reason") if isinstance(error, OSError) else shown(str(error))


def _plan(folder: Path, contents: Mapping[str, bytes | None], found: _Found) -> Plan:
    """The plan out of models that are all there and correct."""
    file = found.one(PLAN, PlanFile)
    assert file is not None
    scenarios = found.one(SCENARIOS, ScenariosFile)
    drills = found.one(DRILLS, DrillsFile)
    return Plan(
        folder=folder.resolve(),
        digest=_digest(contents),
        name=file.name,
        version=file.version,
        lab=file.lab,
        state=_state(folder, file.state) if file.state else None,
        hands=file.hands,
        nodes=file.nodes,
        services=file.services,
        critical_path=file.critical_path,
        backup_sets=file.backup_sets,
        secrets=file.secrets,
        scenarios=scenarios.scenarios if scenarios else {},
        contacts=found.one(CONTACTS, Contacts) or Contacts(team={}),
        drills=drills.drills if drills else {},
        runbooks={model.id: model for model in found.models.values() if isinstance(model, Runbook)},
        mains=file.mains,
        schedules=file.schedules,
        notify=file.notify,
    )


def _state(folder: Path, state: str) -> Path:
    """The folder of the journals; relative to the plan's."""
    try:
        return (folder / Path(state).expanduser()).resolve()
    except (RuntimeError, OSError) as error:
        reason = shown(str(error))
        raise PlanErrors([PlanError(PLAN, 0, f"state: '{shown(state)}' leads nowhere: {reason}")]) from None


def _digest(contents: Mapping[str, bytes | None]) -> str:
    """sha256 over names and bytes, each with its length, so that no two plans read alike."""
    digest = hashlib.sha256()
    for name, content in sorted(contents.items()):
        raw, whole = os.fsencode(name), content or b""
        digest.update(b"%d %d\n" % (len(raw), len(whole)) + raw + whole)
    return digest.hexdigest()
