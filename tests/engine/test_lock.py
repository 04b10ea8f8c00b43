"""One operator at a time: nobody gets in beside a living one, and nobody is kept out by a dead one."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from sparkdr_tui.errors import HeldError, SparkdrError
from sparkdr_tui.record.lock import NAME, OperatorLock, holder

HOLDS = """
import sys
from pathlib import Path
from sparkdr_tui.record.lock import OperatorLock
lock = OperatorLock.acquire(Path(sys.argv[1]), "mina")
lock.drives("INC-0007")
print("held", flush=True)
sys.stdin.readline()
print(lock.held(), flush=True)
sys.stdin.readline()
"""


@pytest.fixture
def other(tmp_path: Path) -> subprocess.Popen[str]:
    """Another process that holds the folder."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDS, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    return process


def end(process: subprocess.Popen[str]) -> None:
    process.kill()
    process.communicate()


def test_a_second_operator_is_refused_and_told_who_where_and_how(tmp_path: Path, other: subprocess.Popen[str]) -> None:
    with pytest.raises(HeldError, match="INC-0007 is driven by mina on ") as refused:
        OperatorLock.acquire(tmp_path, "joon")
    assert str(other.pid) in refused.value.message and "--take-over" in refused.value.hint
    assert refused.value.exit_code == 3
    found = holder(tmp_path)
    assert found is not None and (found.name, found.run, found.pid) == ("mina", "INC-0007", other.pid)
    end(other)


def test_whoever_is_taken_over_from_learns_of_it(tmp_path: Path, other: subprocess.Popen[str]) -> None:
    mine = OperatorLock.acquire(tmp_path, "joon", take_over=True)
    assert mine.before is not None and mine.before.name == "mina"
    assert other.stdin is not None and other.stdout is not None
    other.stdin.write("\n")
    other.stdin.flush()
    assert other.stdout.readline() == "False\n"
    assert mine.held()
    end(other)


def test_a_dead_operator_keeps_nobody_out(tmp_path: Path, other: subprocess.Popen[str]) -> None:
    end(other)
    assert holder(tmp_path) is None
    lock = OperatorLock.acquire(tmp_path, "joon")
    assert lock.held() and lock.before is None


def test_a_zombie_is_dead(tmp_path: Path, other: subprocess.Popen[str]) -> None:
    other.kill()
    os.waitid(os.P_PID, other.pid, os.WEXITED | os.WNOWAIT)  # ended, but nobody has taken its status yet
    assert holder(tmp_path) is None
    end(other)


def test_another_process_with_the_same_number_is_not_the_holder(tmp_path: Path) -> None:
    OperatorLock.acquire(tmp_path, "mina")
    path = tmp_path / NAME
    path.write_text(json.dumps(json.loads(path.read_text()) | {"started": "1"}))
    assert holder(tmp_path) is None


def test_a_holder_on_another_host_is_believed_to_be_alive(tmp_path: Path) -> None:
    OperatorLock.acquire(tmp_path, "mina")
    path = tmp_path / NAME
    path.write_text(json.dumps(json.loads(path.read_text()) | {"host": "elsewhere", "pid": 999_999_999}))
    with pytest.raises(HeldError, match="elsewhere"):
        OperatorLock.acquire(tmp_path, "joon")


def test_after_release_the_folder_is_free_and_only_ones_own_hold_is_released(tmp_path: Path) -> None:
    first = OperatorLock.acquire(tmp_path, "mina")
    second = OperatorLock.acquire(tmp_path, "joon", take_over=True)
    first.release()
    assert second.held()
    first.drives("INC-0001")
    assert second.held()
    second.release()
    assert holder(tmp_path) is None and not second.held()
    assert OperatorLock.acquire(tmp_path, "mina").before is None


def test_of_many_at_once_one_gets_it(tmp_path: Path) -> None:
    got: list[str] = []

    def try_it(name: str) -> None:
        try:
            OperatorLock.acquire(tmp_path, name)
        except HeldError:
            return
        got.append(name)

    threads = [threading.Thread(target=try_it, args=(f"operator {at}",)) for at in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(got) == 1


@pytest.mark.parametrize("content", [b"", b"garbage\x00", b'{"token": 1}'])
def test_a_file_that_no_operator_wrote_holds_nobody_up(tmp_path: Path, content: bytes) -> None:
    (tmp_path / NAME).write_bytes(content)
    assert OperatorLock.acquire(tmp_path, "mina").held()


def test_a_state_folder_that_cannot_be_written_is_said_plainly(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(SparkdrError, match="cannot be held"):
        OperatorLock.acquire(tmp_path / "file" / "state", "mina")


def test_a_name_from_outside_cannot_write_on_the_terminal(tmp_path: Path) -> None:
    OperatorLock.acquire(tmp_path, "mi\x1b]52;c;eA==\x07na")
    with pytest.raises(HeldError) as refused:
        OperatorLock.acquire(tmp_path, "joon")
    assert "\x1b" not in refused.value.message
