"""Hears what a process does to the world around it, through Python's audit hooks: no mock, nothing is kept from it.

`python -m tests.ear REPORT ARGUMENT...` runs the program under an ear from its first moment, and writes what was heard.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

_CHANGES = (
    "os.chflags", "os.chmod", "os.chown", "os.exec", "os.fork", "os.forkpty", "os.kill", "os.killpg", "os.link",
    "os.mkdir", "os.posix_spawn", "os.remove", "os.rename", "os.rmdir", "os.setxattr", "os.spawn", "os.startfile",
    "os.symlink", "os.system", "os.truncate", "os.utime", "pty.spawn", "shutil.", "signal.pthread_kill",
    "socket.bind", "subprocess.Popen", "tempfile.", "webbrowser.open",
)  # fmt: skip
_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_NOWHERE = (os.devnull, "/dev/tty")


class Ear:
    """Hears what is changed or started, and which files are opened. It can be closed, but never taken out again."""

    def __init__(self) -> None:
        self.listening = True
        self.changes: list[str] = []
        self.opened: set[str] = set()
        sys.addaudithook(self._hear)

    def _hear(self, event: str, said: tuple[Any, ...]) -> None:
        if not self.listening:
            return
        if event == "open" and not isinstance(said[0], int):
            name = os.fsdecode(said[0])
            self.opened.add(name)
            if said[2] & _WRITES and name not in _NOWHERE:
                self.changes.append(f"open {name} {said[1]}")
        elif event.startswith(_CHANGES) and not (event == "os.kill" and said[1] == 0):  # 0 only asks who lives
            self.changes.append(f"{event} {said}")

    def close(self) -> dict[str, list[str]]:
        """What was heard."""
        self.listening = False
        return {"changes": self.changes, "opened": sorted(self.opened)}


def main(report: Path, *arguments: str) -> int:
    """Run the program; its exit status."""
    ear = Ear()
    from sparkdr_tui import cli

    status = cli.run(arguments)
    report.write_text(json.dumps(ear.close()), encoding="utf-8")
    return status


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), *sys.argv[2:]))
