"""The lines of a journal: where it is, how its bytes become lines, and a line a record."""

from __future__ import annotations

import hashlib
from pathlib import Path

from pydantic import ValidationError

from sparkdr_tui.errors import SparkdrError
from sparkdr_tui.language import _
from sparkdr_tui.record import events as e

NAME = "journal.jsonl"
LOGS = "logs"


def file_of(path: Path) -> Path:
    """The journal of a run's folder; a journal's own path stays what it is."""
    return path if path.suffix == ".jsonl" else path / NAME


def complete(data: bytes) -> list[bytes]:
    """The whole lines of a journal, without their ends; a torn last one is left out."""
    return data[: data.rfind(b"\n") + 1].split(b"\n")[:-1]


def parse(line: bytes, path: Path, number: int) -> e.Record:
    """One line of a journal; keys that a newer program added are left out."""
    try:
        return e.RECORD.validate_json(line, extra="ignore")
    except ValidationError as problem:
        first = problem.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"][:2])
        raise SparkdrError(
            _("Line {number} of {path} is damaged: {why}").format(
                number=number, path=path, why=f"{where}: {first['msg']}".strip(": ")
            ),
            _("`sparkdr-tui runs verify` says what of the journal can be trusted."),
        ) from None


def digest(line: bytes) -> str:
    """What the next line says of this one."""
    return hashlib.sha256(line).hexdigest()


def file_digest(path: Path) -> str:
    """sha256 of a file; empty when it cannot be read."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return ""
