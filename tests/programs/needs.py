"""Programs of the system that tests here need. Where one is missing its tests are skipped, and say what to install."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest


def program(*names: str) -> str | None:
    """Where one of these is; servers are often not on the PATH of ordinary people."""
    path = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/sbin"])
    return next((str(Path(found).resolve()) for name in names if (found := shutil.which(name, path=path))), None)


def needs(package: str, *names: str) -> pytest.MarkDecorator:
    """Skips without the program; in CI nothing may be missing."""
    missing = program(*names) is None and not os.environ.get("CI")
    return pytest.mark.skipif(missing, reason=f"needs {names[0]} (apt install {package})")
