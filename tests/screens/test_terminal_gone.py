"""A terminal that is closed under the cockpit (tmux kill-session, a lost SSH connection)."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from pathlib import Path

SAMPLE = Path(__file__).parent / "sample"


def test_the_cockpit_ends_when_its_terminal_goes_away(tmp_path: Path) -> None:
    master, slave = pty.openpty()
    cockpit = subprocess.Popen(
        [sys.executable, "-c", "from sparkdr_tui.cli import main; main()", "--plan", str(SAMPLE), "--state", str(tmp_path)],
        stdin=slave, stdout=slave, stderr=slave, start_new_session=True, cwd=Path(__file__).parents[2],
        env={**os.environ, "TERM": "xterm-256color"},
    )  # fmt: skip
    os.close(slave)
    try:
        seen = b""
        while b"Topology" not in seen:
            seen += os.read(master, 65536)
        os.close(master)
        assert cockpit.wait(30) != 0
    finally:
        cockpit.kill()
        cockpit.wait()
