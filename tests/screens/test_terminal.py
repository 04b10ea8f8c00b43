"""In a real terminal: the title says the state; signals and crashes leave the terminal as it was."""

from __future__ import annotations

import os
import pty
import re
import select
import signal
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.screens.stage import DAMAGED, Hands, Story, sample_plan

ROOT = Path(__file__).parents[2]
PROGRAM = """
import sys
from pathlib import Path
from screens.app import CockpitApp
from sparkdr_tui import crash
from tests.screens.stage import DAMAGED, Hands, Readings, Recorder, cockpit, sample_plan, swept

folder, kind = Path(sys.argv[1]), sys.argv[2]
hands, plan = Hands(), sample_plan()
crash.prepare(folder, lambda: ["hunter2-secret"])
helm = None if kind == "observe" else Recorder(folder, plan, hands)
app = cockpit(folder, Readings(swept(hands.at, DAMAGED)), hands, helm)
if kind == "crash":
    def action_contacts(scenario: str) -> None:
        password = "local-secret"
        raise RuntimeError("cannot open with hunter2-secret")
    app.open_contacts = action_contacts
app.run()
sys.exit(app.return_code or 0)
"""


class Terminal:
    """A program in a terminal of its own, 120×36."""

    def __init__(self, folder: Path, kind: str) -> None:
        self.master, slave = pty.openpty()
        termios.tcsetwinsize(slave, (36, 120))
        self.before = termios.tcgetattr(slave)
        self.slave = slave
        # The size is the terminal's, whatever the test runner says of its own.
        ours = {name: value for name, value in os.environ.items() if name not in ("COLUMNS", "LINES")}
        environment = {**ours, "TERM": "xterm-256color", "TZ": "UTC", "PYTHONPATH": str(ROOT)}
        self.process = subprocess.Popen(
            [sys.executable, "-c", PROGRAM, str(folder), kind],
            stdin=slave, stdout=slave, stderr=slave, env=environment, cwd=ROOT, start_new_session=True,
        )  # fmt: skip
        self.seen = ""

    def press(self, keys: str) -> None:
        os.write(self.master, keys.encode())

    def until(self, condition: Callable[[str], object], seconds: float = 90) -> None:
        deadline = time.monotonic() + seconds
        while not condition(self.seen):
            ready, _w, _x = select.select([self.master], [], [], 0.1)
            if ready:
                self.seen += os.read(self.master, 65536).decode(errors="replace")
            assert time.monotonic() < deadline, self.seen[-3000:]

    def ended(self) -> int:
        """Its exit status; everything it wrote is in `seen`."""
        self.until(lambda _seen: self.process.poll() is not None)
        while select.select([self.master], [], [], 0.2)[0]:
            self.seen += os.read(self.master, 65536).decode(errors="replace")
        return self.process.wait()

    @property
    def titles(self) -> list[str]:
        return re.findall(r"\x1b\]2;([^\x07]*)\x07", self.seen)

    def is_as_before(self) -> bool:
        """Line discipline, screen, cursor, mouse and title are the ones from before."""
        now = termios.tcgetattr(self.slave)
        left = [
            self.seen.rfind(on) < self.seen.rfind(off)
            for on, off in (("?1049h", "?1049l"), ("?25l", "?25h"), ("?1003h", "?1003l"))
        ]
        return now[:4] == self.before[:4] and all(left) and "\x1b[23;0t" in self.seen


@contextmanager
def terminal(folder: Path, kind: str = "operate") -> Iterator[Terminal]:
    opened = Terminal(folder, kind)
    try:
        yield opened
    finally:
        if opened.process.poll() is None:
            opened.process.kill()
            opened.process.wait()
        os.close(opened.master)
        os.close(opened.slave)


def test_the_title_says_what_is_suggested_and_who_is_waited_for(tmp_path: Path) -> None:
    hands = Hands()
    with terminal(tmp_path, "observe") as t:
        t.until(lambda _seen: "▲ PostgreSQL corrupted · sparkdr" in t.titles)
        story = Story(tmp_path, sample_plan(), hands).observe(DAMAGED).ask("stop-clients")
        t.until(lambda _seen: "? INC-0042 step 1 waits for you" in t.titles)
        story.start("stop-clients").close()
        t.until(lambda _seen: "▶ INC-0042 step 1 of 9" in t.titles)
        story.finish("stop-clients", ending="failed")
        t.until(lambda _seen: "✖ INC-0042 a step failed" in t.titles)
        t.press("q")
        assert t.ended() == 0
        assert t.is_as_before()


def test_being_told_to_end_restores_the_terminal(tmp_path: Path) -> None:
    with terminal(tmp_path) as t:
        t.until(lambda seen: "Topology" in seen)
        t.process.send_signal(signal.SIGTERM)
        assert t.ended() == 128 + signal.SIGTERM
        assert t.is_as_before()


def test_losing_the_terminal_ends_the_program_and_not_the_run(tmp_path: Path) -> None:
    story = Story(tmp_path, sample_plan(), Hands()).ask("stop-clients")
    journal = (story.folder / "journal.jsonl").read_bytes()
    with terminal(tmp_path) as t:
        t.until(lambda seen: "INC-0042" in seen)
        t.process.send_signal(signal.SIGHUP)
        assert t.ended() == 128 + signal.SIGHUP
    assert (story.folder / "journal.jsonl").read_bytes() == journal


def test_a_crash_is_one_line_for_the_person_and_a_file_without_secrets(tmp_path: Path) -> None:
    with terminal(tmp_path, "crash") as t:
        t.until(lambda seen: "Topology" in seen)
        t.press("c")
        assert t.ended() == 1
        assert t.is_as_before()
        said = re.sub(r"\s+", " ", t.seen.rpartition("?1049l")[2])
        assert "The screen failed: RuntimeError. Runs are not harmed." in said
        assert "secret" not in said and "Traceback" not in said
        (trace,) = tmp_path.glob("crash-*.txt")
        written = trace.read_text(encoding="utf-8")
        assert "open_contacts" in written and "secret" not in written
        assert trace.stat().st_mode & 0o077 == 0


def test_nothing_moves_on_the_screen_at_rest(tmp_path: Path) -> None:
    with terminal(tmp_path) as t:
        t.until(lambda seen: "Switch everything on" in seen)
        time.sleep(1.5)
        t.until(lambda _seen: True)
        while select.select([t.master], [], [], 0.3)[0]:
            os.read(t.master, 65536)
        quiet = 0
        deadline = time.monotonic() + 3
        while time.monotonic() < deadline:
            if select.select([t.master], [], [], 0.1)[0]:
                quiet += len(os.read(t.master, 65536))
        assert quiet < 600, quiet  # a frozen clock leaves nothing to tick
