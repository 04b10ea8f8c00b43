"""A terminal that is closed under the cockpit (tmux kill-session, a lost SSH connection)."""

from __future__ import annotations

import fcntl
import os
import pty
import signal
import struct
import subprocess
import sys
import termios
from collections.abc import Callable
from pathlib import Path

import pytest

SAMPLE = Path(__file__).parent / "sample"
PROGRAM = [sys.executable, "-c", "from sparkdr_tui.cli import main; main()"]


def _controlled() -> None:
    """Make stdin the terminal that controls this process, so that closing it sends SIGHUP."""
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


def _deaf() -> None:
    """Hear no SIGHUP, like what nohup starts."""
    signal.signal(signal.SIGHUP, signal.SIG_IGN)


@pytest.mark.parametrize(("begin", "size"), [(_controlled, (36, 120)), (_deaf, (24, 80))])
def test_the_cockpit_ends_when_its_terminal_goes_away(
    tmp_path: Path, begin: Callable[[], None], size: tuple[int, int]
) -> None:
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", *size, 0, 0))
    ours = {name: value for name, value in os.environ.items() if name not in ("COLUMNS", "LINES")}
    cockpit = subprocess.Popen(
        [*PROGRAM, "--lang", "en", "--plan", str(SAMPLE), "--state", str(tmp_path)],
        stdin=slave, stdout=slave, stderr=slave, start_new_session=True, preexec_fn=begin,
        cwd=Path(__file__).parents[2], env={**ours, "TERM": "xterm-256color"},
    )  # fmt: skip
    os.close(slave)
    try:
        seen = b""
        while b"Topology" not in seen:
            seen += os.read(master, 65536)
        os.close(master)
        # 120 is Python's own, where it cannot flush to a terminal that is gone.
        assert cockpit.wait(60) in (120, 129)
    finally:
        cockpit.kill()
        cockpit.wait()
