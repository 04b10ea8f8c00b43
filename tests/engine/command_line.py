"""The command line as its users have it: in a process of its own, or in this one where that is quicker."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any

from sparkdr_tui import cli, language

FREE = ("SPARKDR_PLAN", "SPARKDR_STATE", "SPARKDR_OPERATOR", "LC_ALL", "LC_MESSAGES", "LANG", "COLUMNS", "FORCE_COLOR")


@dataclass(frozen=True, slots=True)
class Said:
    """What a command said, and how it ended."""

    status: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        """The one JSON document on stdout."""
        return json.loads(self.out)

    @property
    def documents(self) -> list[Any]:
        """The JSON documents on stdout, one a line."""
        return [json.loads(line) for line in self.out.splitlines()]


def environment(changes: Mapping[str, str] | None = None) -> dict[str, str]:
    """This environment, with nothing in it that would change what the program does."""
    kept = {name: value for name, value in os.environ.items() if name not in FREE}
    return {**kept, "LANG": "C.UTF-8", "SPARKDR_OPERATOR": "tester", **(changes or {})}


def process(*arguments: str | Path, env: Mapping[str, str] | None = None, timeout: float = 60) -> Said:
    """Run the program in a process of its own, with nobody at its terminal."""
    done = subprocess.run(
        [sys.executable, "-m", "sparkdr_tui", *map(str, arguments)],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        env=environment(env),
        timeout=timeout,
        check=False,
    )
    return Said(done.returncode, done.stdout, done.stderr)


def sparkdr(*arguments: str | Path) -> Said:
    """Run the program in this process."""
    with _streams() as (out, err):
        status = cli.run([str(each) for each in arguments])
    return Said(status, out.getvalue(), err.getvalue())


@contextmanager
def _streams() -> Iterator[tuple[StringIO, StringIO]]:
    """Streams and settings that a command may change, put back afterwards."""
    before = sys.stdin, sys.stdout, sys.stderr, dict(os.environ)
    out, err = StringIO(), StringIO()
    sys.stdin, sys.stdout, sys.stderr = StringIO(), out, err
    for name in FREE:
        os.environ.pop(name, None)
    os.environ["SPARKDR_OPERATOR"] = "tester"
    try:
        yield out, err
    finally:
        sys.stdin, sys.stdout, sys.stderr = before[:3]
        os.environ.clear()
        os.environ.update(before[3])
        language.use("en")
