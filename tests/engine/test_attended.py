"""An unfinished run is driven by somebody or was left: what its lock says, and what is known of one that was left."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

from sparkdr_tui.record.attended import adrift, driver, holding, interrupted
from sparkdr_tui.record.lock import NAME, ROUTINE, Holder, OperatorLock
from sparkdr_tui.record.state import Phase
from tests.engine.recorded import START, started, told


def held_by(run: str | None) -> Holder:
    return Holder(token="t", name="mina", host=socket.gethostname(), pid=os.getpid(), started="", at=START, run=run)


def test_a_run_is_driven_by_who_holds_the_lock_for_it() -> None:
    assert driver("INC-0002", held_by("INC-0002")) == held_by("INC-0002")
    assert not interrupted("INC-0002", live=True, held=held_by("INC-0002"))


def test_nobody_drives_a_run_while_its_lock_is_free_or_held_for_another_run() -> None:
    assert interrupted("INC-0002", live=True, held=None)
    assert interrupted("INC-0002", live=True, held=held_by("INC-0003"))


def test_whoever_is_just_opening_a_run_is_believed_to_drive_it() -> None:
    assert not interrupted("INC-0002", live=True, held=held_by(None))


def test_a_run_that_is_closed_was_not_interrupted() -> None:
    assert not interrupted("INC-0002", live=False, held=None)


def test_the_lock_of_a_process_that_was_killed_drives_nothing(tmp_path: Path) -> None:
    program = (
        "import os, sys; from pathlib import Path; from sparkdr_tui.record.lock import OperatorLock\n"
        "OperatorLock.acquire(Path(sys.argv[1]), 'mina').drives('INC-0007'); os.kill(os.getpid(), 9)"
    )
    subprocess.run([sys.executable, "-c", program, str(tmp_path)], check=False)
    assert (tmp_path / NAME).exists()
    assert interrupted("INC-0007", live=True, held=holding(tmp_path, "incident"))


def test_backups_are_driven_under_a_lock_of_their_own(tmp_path: Path) -> None:
    lock = OperatorLock.acquire(tmp_path, "mina", lock=ROUTINE)
    lock.drives("BAK-0001")
    assert not interrupted("BAK-0001", live=True, held=holding(tmp_path, "routine"))
    assert interrupted("INC-0001", live=True, held=holding(tmp_path, "incident"))
    lock.release()


def test_what_was_under_way_is_unknown_and_its_time_stands_still() -> None:
    run = adrift(told((10, started("stop")), (15, started("copy"))))
    assert {run.steps[name].phase for name in ("stop", "copy")} == {Phase.UNKNOWN}
    long_after = run.at + timedelta(hours=9)
    assert run.steps["stop"].took(long_after) == 5
    assert sum(run.split(run.at)) == 15
