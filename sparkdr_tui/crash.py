"""When something happens that nobody expected: the stack goes into a file, without values and with secrets masked."""

from __future__ import annotations

import os
import re
import sys
import tempfile
import traceback
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path

from sparkdr_tui.text import sanitize

_SECRET_NAME = re.compile(r"PASS|SECRET|TOKEN|KEY|CREDENTIAL", re.IGNORECASE)
_SHORTEST = 4

_folder: Path | None = None
_secrets: Callable[[], Iterable[str]] = tuple


def prepare(folder: Path | None, secrets: Callable[[], Iterable[str]]) -> None:
    """Where a crash is written (else among the temporary files), and what must not be in it (asked for only then)."""
    global _folder, _secrets
    _folder, _secrets = folder, secrets


def write_crash(error: BaseException) -> Path | None:
    """Write down where it happened; the file, or None where none can be written."""
    now = datetime.now(UTC)
    text = f"{now.isoformat()} {sys.version}\n{''.join(traceback.format_exception(error))}"
    for folder in (_folder, Path(tempfile.gettempdir())):
        if folder is None:
            continue
        path = folder / f"crash-{now:%Y%m%d-%H%M%S}-{os.getpid()}.txt"
        try:
            folder.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except OSError:
            continue
        with os.fdopen(descriptor, "w", encoding="utf-8", errors="backslashreplace") as file:
            file.write(sanitize(_masked(text)))
        return path
    return None


def _masked(text: str) -> str:
    """The text without the values of the plan's secrets and of variables that sound like secrets."""
    named = (value for name, value in os.environ.items() if _SECRET_NAME.search(name))
    for value in sorted({*_secrets(), *named}, key=len, reverse=True):
        if len(value) >= _SHORTEST:
            text = text.replace(value, "•••")
    return text
