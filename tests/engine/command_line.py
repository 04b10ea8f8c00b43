"""The command line as its users have it: in a process of its own, or in this one where that is quicker."""

from __future__ import annotations

import json
import os
import pty
import select
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any

from sparkdr_tui import cli, language

FREE = (
    "SPARKDR_PLAN", "SPARKDR_STATE", "SPARKDR_OPERATOR", "SPARKDR_CONFIG", "SPARKDR_THEME",
    "LC_ALL", "LC_MESSAGES", "LANG", "COLUMNS", "FORCE_COLOR",
)  # fmt: skip


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
    return {**kept, "LANG": "C.UTF-8", "SPARKDR_OPERATOR": "tester", "XDG_CONFIG_HOME": os.devnull, **(changes or {})}


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


class Terminal:
    """The program at a terminal of its own."""

    def __init__(self, arguments: list[str], env: Mapping[str, str]) -> None:
        self.master, slave = pty.openpty()
        command = [sys.executable, "-m", "sparkdr_tui", *arguments]
        self.process = subprocess.Popen(
            command, stdin=slave, stdout=slave, stderr=slave, env=environment(env), start_new_session=True
        )
        os.close(slave)
        self.seen = self.before = ""

    def expect(self, *texts: str, seconds: float = 60) -> str:
        """Wait until one of `texts` is printed, and say which came first; what was before it is forgotten."""
        deadline = time.monotonic() + seconds
        while not (came := [text for text in texts if text in self.seen]):
            assert time.monotonic() < deadline, f"{texts} never came; seen: {self.seen!r}"
            if select.select([self.master], [], [], 0.1)[0]:
                try:
                    self.seen += os.read(self.master, 65536).decode(errors="replace")
                except OSError:  # Linux: the other end is closed
                    assert any(text in self.seen for text in texts), f"{texts} never came; seen: {self.seen!r}"
        first = min(came, key=self.seen.index)
        self.before, self.seen = self.seen.split(first, 1)
        return first

    def upto(self, text: str) -> str:
        """What comes before `text`."""
        self.expect(text)
        return self.before

    def type(self, line: str) -> None:
        """Type a line."""
        os.write(self.master, f"{line}\n".encode())

    def end(self, seconds: float = 60) -> int:
        """Wait for the end; the exit status."""
        return self.process.wait(seconds)


@contextmanager
def at_terminal(*arguments: str | Path, env: Mapping[str, str] | None = None) -> Iterator[Terminal]:
    """The program at a terminal of its own, ended at the end of the block at the latest."""
    found = Terminal([str(each) for each in arguments], {"TERM": "dumb", "COLUMNS": "200", **(env or {})})
    try:
        yield found
    finally:
        if found.process.poll() is None:
            found.process.kill()
            found.process.wait()
        os.close(found.master)


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
    os.environ |= {"SPARKDR_OPERATOR": "tester", "XDG_CONFIG_HOME": os.devnull}
    try:
        yield out, err
    finally:
        sys.stdin, sys.stdout, sys.stderr = before[:3]
        os.environ.clear()
        os.environ.update(before[3])
        language.use("en")
