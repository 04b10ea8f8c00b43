"""A shell on the step's node, in tmux on a lab: the recovery goes on meanwhile, and the cockpit is right after it."""

from __future__ import annotations

from pathlib import Path

from sparkdr_tui.record import events as e
from sparkdr_tui.record.journal import read
from tests.lab.test_cockpit_in_tmux import Tmux, pytestmark, tmux
from tests.lab.world import World

__all__ = ["pytestmark", "tmux"]


def told(run: Path) -> list[str]:
    """What the journal says of notes and of steps that ended, in order."""
    found = []
    for record in read(run):
        if isinstance(record.event, e.NoteAdded):
            found.append(record.event.text)
        elif isinstance(record.event, e.StepFinished):
            found.append(f"{record.event.step} {record.event.ending}")
    return found


def test_the_recovery_goes_on_while_its_operator_is_in_a_shell_on_the_node(
    lab: World, tmux: Tmux, tmp_path: Path
) -> None:
    lab.break_("redis-down")
    tmux.open("work", "--plan", str(lab.plan), "--state", str(tmp_path / "state"))
    tmux.until("work", "추천: Redis")
    tmux.press("work", "Enter")
    tmux.until("work", "실행 시작")
    tmux.press("work", "Enter")
    run = tmp_path / "state" / "runs" / "LAB-0001"
    tmux.until("work", "? 1 ")
    tmux.press("work", "o")
    tmux.until("work", "exit")
    tmux.press("work", "exit", "Enter")
    tmux.until("work", "? 1 ")
    opened, left = told(run)
    assert opened.startswith("Mac mini (woosun@") and opened.endswith(" 셸을 열었습니다.")
    assert left.startswith("Mac mini (woosun@") and left.endswith(" 만에 나왔습니다.")

    tmux.press("work", "s")
    tmux.until("work", "이 단계 건너뛰기")
    tmux.press("work", "by hand", "Enter")
    tmux.until("work", "⏸ 2 ")
    tmux.press("work", "o")
    tmux.until("work", "Mac mini", "exit")
    tmux.press("work", "echo ready $((40 + 2))", "Enter")
    tmux.until("work", "ready 42")
    tmux.press("work", "C-c")
    tmux.press("work", "C-\\")
    tmux.press("work", "Enter")
    tmux.press("work", "echo port $REDIS_PORT, dir $BACKUP_DIR; brew services start redis", "Enter")
    tmux.until("work", f"dir {lab.folder}")  # the shell finds what the steps find
    tmux.wait(lambda: told(run)[-1].endswith(" done"), lambda: tmux.screen("work"))
    assert "brew services start redis" in tmux.screen("work")  # the terminal is still the shell's
    tmux("resize-window", "-t", "main:work", "-x", "100", "-y", "30")
    tmux.press("work", "exit", "Enter")

    tmux.until("work", "✔ 2 ", "완료")
    tmux.wait(lambda: "brew" not in tmux.screen("work"), lambda: tmux.screen("work"))
    assert told(run)[:4] == [opened, left, opened, "healthy done"]  # a run that is over takes no note of leaving
