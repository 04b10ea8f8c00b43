"""A new user in tmux, 80×24, in Korean, with what the README says; and somebody who watches from a second window."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from sparkdr_tui.lab import processes
from sparkdr_tui.lab.layout import Layout, read_inner
from sparkdr_tui.record.fold import fold_all
from sparkdr_tui.record.journal import read

PROGRAM = [sys.executable, "-m", "sparkdr_tui", "--lang", "ko"]
HERE = Path(__file__).parents[2]

pytestmark = pytest.mark.skipif(
    shutil.which("tmux") is None and "CI" not in os.environ, reason="needs tmux (apt install tmux, brew install tmux)"
)


class Tmux:
    """A tmux server of the test's own, its windows 80×24."""

    def __init__(self, folder: Path) -> None:
        self._tmux = ["tmux", "-S", str(folder / "tmux"), "-f", os.devnull]

    def __call__(self, *arguments: str) -> str:
        done = subprocess.run([*self._tmux, *arguments], capture_output=True, text=True, timeout=20)
        return done.stdout

    def open(self, window: str, *arguments: str) -> None:
        """Run the program in a window of its own; its first one starts the server."""
        new = (
            ["new-window", "-d"]
            if self("list-windows")
            else ["new-session", "-d", "-s", "main", "-x", "80", "-y", "24"]
        )
        known = {name: os.environ[name] for name in ("HOME", "PATH", "USER") if name in os.environ}
        given = [f"{name}={value}" for name, value in {**known, "LANG": "C.UTF-8", "PYTHONPATH": str(HERE)}.items()]
        self(*new, "-n", window, shlex.join(["env", *given, *PROGRAM, *arguments]))

    def press(self, window: str, *keys: str) -> None:
        self("send-keys", "-t", f"main:{window}", *keys)

    def screen(self, window: str) -> str:
        return self("capture-pane", "-p", "-t", f"main:{window}")

    def until(self, window: str, *texts: str, seconds: float = 90) -> None:
        self.wait(lambda: all(text in self.screen(window) for text in texts), lambda: self.screen(window), seconds)

    def wait(self, condition: Callable[[], bool], says: Callable[[], str], seconds: float = 90) -> None:
        deadline = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < deadline, says()
            time.sleep(0.1)


@pytest.fixture
def tmux(tmp_path: Path) -> Iterator[Tmux]:
    server = Tmux(tmp_path)
    yield server
    server("kill-server")


def test_a_new_user_recovers_the_desktop_in_korean_while_somebody_watches(tmux: Tmux, tmp_path: Path) -> None:
    lab = tmp_path / "lab"
    tmux.open("work", "lab", "--dir", str(lab))
    tmux.until("work", "2 시나리오", "Mac mini (Backend) 장애")
    inventory = read_inner(Layout(lab))
    assert inventory is not None
    tmux.open("watch", "--plan", str(lab / "plan"), "observe")
    subprocess.run([*PROGRAM, "lab", "break", "desktop-off", "--dir", str(lab)], check=True, cwd=HERE, timeout=60)

    tmux.until("work", "▸ 2 Desktop (GPU 서버) 장애", "추천: Desktop")
    tmux.press("work", "Enter")
    tmux.until("work", "실행 시작", "복구 절차")
    tmux.press("work", "Enter")
    tmux.until("work", "체크리스트 열기")
    tmux.press("work", "Enter")
    tmux.until("work", "3개 중 0개")
    for ticked in (1, 2, 3):
        tmux.press("work", "Space")
        tmux.until("work", f"3개 중 {ticked}개")
        tmux.press("work", "j")
    tmux.press("work", "Enter")
    tmux.until("work", "✔ 1 Desktop")
    for step in (2, 3, 4):
        tmux.until("work", f"? {step} ")
        tmux.press("work", "Enter")
        tmux.until("work", f"✔ {step} ")
    tmux.until("work", "완료됨", "RTO 달성")
    tmux.until("watch", "관찰자", "완료됨", "RTO 달성")
    assert "LAB-0001" in tmux("display-message", "-p", "-t", "main:work", "#{pane_title}")
    (run,) = (lab / "plan").parent.glob("**/runs/LAB-0001")
    state = fold_all(read(run))
    assert state is not None and state.outcome == "completed"

    tmux.press("watch", "q")
    tmux.press("work", "q")
    tmux.wait(lambda: not tmux("list-windows"), lambda: tmux.screen("work"))
    assert not [pid for pid in processes.family(processes.marked(inventory.id)) if processes.alive(pid)]
