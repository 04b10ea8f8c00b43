"""A program at a terminal of 120×36: what it draws can be waited for, and keys pressed."""

from __future__ import annotations

import os
import pty
import re
import select
import subprocess
import termios
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager


class AtTerminal:
    """Holds the terminal's other end."""

    def __init__(self, command: Sequence[str], env: Mapping[str, str]) -> None:
        self.master, slave = pty.openpty()
        termios.tcsetwinsize(slave, (36, 120))
        self.process = subprocess.Popen(
            command,
            stdin=slave,
            stdout=slave,
            stderr=slave,
            start_new_session=True,
            env={**env, "TERM": "xterm-256color"},
        )
        os.close(slave)
        self.drawn = ""

    @property
    def text(self) -> str:
        """All that was ever drawn, without the colours."""
        return re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", self.drawn)

    def until(self, *texts: str, seconds: float = 60) -> None:
        self.wait(lambda: all(text in self.text for text in texts), seconds)

    def wait(self, condition: Callable[[], object], seconds: float = 60) -> None:
        deadline = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < deadline, self.text[-3000:]
            self._read(0.05)

    def press(self, keys: str) -> None:
        os.write(self.master, keys.encode())

    def end(self) -> int:
        """Its exit status."""
        self.wait(lambda: self.process.poll() is not None)
        while self._read(0.1):
            pass
        return self.process.wait()

    def _read(self, seconds: float) -> bool:
        if not select.select([self.master], [], [], seconds)[0]:
            return False
        try:
            data = os.read(self.master, 65536)
        except OSError:  # nobody is at the other end any more
            time.sleep(0.01)
            return False
        self.drawn += data.decode(errors="replace")
        return bool(data)


@contextmanager
def at_terminal(command: Sequence[str], env: Mapping[str, str]) -> Iterator[AtTerminal]:
    found = AtTerminal(command, env)
    try:
        yield found
    finally:
        if found.process.poll() is None:
            found.process.kill()
            found.process.wait()
        os.close(found.master)
