"""The life of a run: inputs, clocks, abort, reopening, one operator at a time. Real processes, no lab."""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from sparkdr_tui.errors import HeldError, SparkdrError, UsageError
from sparkdr_tui.plan.model import State
from sparkdr_tui.record import decisions as d
from sparkdr_tui.record.decisions import RunRequest
from sparkdr_tui.record.journal import verify
from sparkdr_tui.record.state import Phase
from sparkdr_tui.recover import driver
from sparkdr_tui.recover.engine import Engine
from sparkdr_tui.watch.topology import Reading, Topology
from tests.engine.local_runs import Bench, Sweeps, bench

PICKS = """
id: mend
title: Mend
inputs: { BACKUP: { pick: notes } }
steps:
  - { id: check, title: Check, on: here, shell: 'gzip -t "$BACKUP"' }
  - { id: use, title: Use, on: here, danger: disrupts, shell: 'basename "$BACKUP"' }
"""


def backup(folder: Path, stamp: str, body: bytes) -> Path:
    """A complete backup of the bench's set."""
    path = folder / "backups" / f"notes_{stamp}.sql.gz"
    path.parent.mkdir(exist_ok=True)
    data = gzip.compress(body)
    path.write_bytes(data)
    taken = datetime.strptime(stamp, "%Y%m%d_%H%M%S").replace(tzinfo=UTC)
    path.with_name(path.name + ".manifest").write_text(
        f"manifest 1\nsize {len(data)}\nsha256 {hashlib.sha256(data).hexdigest()}\n"
        f"snapshot {taken:%Y-%m-%dT%H:%M:%SZ}\nrows public.notes 3\ntool test 1\n"
    )
    return path


def test_the_newest_backup_is_chosen_and_what_it_loses_is_in_the_journal(tmp_path: Path) -> None:
    backup(tmp_path, "20260101_020000", b"old")
    newest = backup(tmp_path, "20260102_020000", b"new")
    incident = datetime(2026, 1, 2, 2, 47, tzinfo=UTC)
    with bench(tmp_path, PICKS) as b:
        b.open(RunRequest("mend", pace="none", incident_at=incident))
        assert b.engine.wait(20)
        chosen = b.state.inputs["BACKUP"]
        assert chosen.value == str(newest)
        assert chosen.backup is not None
        assert chosen.backup.loses == 47 * 60
        assert chosen.backup.rpo == 3600
        assert b.log("use") == newest.name + "\n"


def test_choosing_another_backup_runs_the_steps_that_used_the_first_again(tmp_path: Path) -> None:
    older = backup(tmp_path, "20260101_020000", b"old")
    newest = backup(tmp_path, "20260102_020000", b"new")
    newest.write_bytes(newest.read_bytes()[:10])
    newest.with_name(newest.name + ".manifest").unlink()
    newer = backup(tmp_path, "20260103_020000", b"newest")
    newer.write_bytes(newer.read_bytes()[:-6] + b"broken")  # same size: only reading it tells
    with bench(tmp_path, PICKS) as b:
        b.open(RunRequest("mend", pace="danger"))
        b.until_phase("check", Phase.FAILED)
        assert b.phases()["use"] is Phase.PENDING
        b.engine.submit(d.Choose("BACKUP", older.name))
        b.engine.submit(d.Retry("check"))
        b.until_phase("use", Phase.ASKED)
        b.engine.submit(d.Choose("BACKUP", "notes_20200101_000000.sql.gz"))
        b.until(lambda s: s.refused is not None)
        assert b.state.inputs["BACKUP"].value == str(older)
        b.engine.submit(d.Confirm("use"))
        assert b.engine.wait(20)
        assert b.log("use") == older.name + "\n"


def test_without_any_backup_the_step_fails_in_words_and_a_retry_looks_again(tmp_path: Path) -> None:
    with bench(tmp_path, PICKS) as b:
        b.open()
        step = b.until_phase("check", Phase.FAILED).steps["check"]
        assert "notes" in step.detail
        backup(tmp_path, "20260101_020000", b"at last")
        b.engine.submit(d.Retry("check"))
        assert b.engine.wait(20)
        assert b.state.outcome == "completed"


WAITS = """
id: mend
title: Mend
restores: [web]
steps:
  - { id: one, title: One, on: here, danger: disrupts, shell: echo }
"""


def seen(state: State) -> Topology:
    now = datetime.now(UTC)
    return Topology({}, {"web": Reading(state, now)}, now)


def test_an_rto_clock_stops_at_health_and_runs_on_when_the_service_goes_down_again(tmp_path: Path) -> None:
    with bench(tmp_path, WAITS) as b:
        hour_ago = datetime.now(UTC) - timedelta(hours=1)
        b.open(RunRequest("mend", pace="danger", incident_at=hour_ago))
        b.until_phase("one", Phase.ASKED)
        b.sweeps.tell(seen(State.REFUSED))
        b.sweeps.tell(seen(State.UP))
        clock = b.until(lambda s: s.clocks["web"].restored).clocks["web"]
        assert clock.elapsed(datetime.now(UTC) + timedelta(hours=5)) == pytest.approx(3600, abs=30)
        b.sweeps.tell(seen(State.REFUSED))
        b.until(lambda s: not s.clocks["web"].restored)


def test_a_service_never_seen_down_counts_as_restored_only_once_the_work_is_done(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as web, bench(tmp_path, WAITS, web.getsockname()[1]) as b:
        b.open(RunRequest("mend", pace="danger"))
        assert not b.until_phase("one", Phase.ASKED).clocks["web"].restored
        b.engine.submit(d.Confirm("one"))
        assert b.engine.wait(20)
        assert b.state.clocks["web"].restored


def test_the_incident_can_be_set_back_but_not_into_the_future(tmp_path: Path) -> None:
    with bench(tmp_path, WAITS) as b:
        b.open(RunRequest("mend", pace="danger"))
        b.until_phase("one", Phase.ASKED)
        earlier = datetime.now(UTC) - timedelta(minutes=20)
        b.engine.submit(d.SetIncident(datetime.now(UTC) + timedelta(hours=1)))
        b.engine.submit(d.SetIncident(earlier))
        state = b.until(lambda s: s.incident_at == earlier)
        assert state.clocks["web"].since == earlier
        assert state.refused is not None


LONG = """
id: mend
title: Mend
steps:
  - { id: one, title: One, on: here, shell: 'echo $$ >"$FOLDER/pid"; sleep 300' }
  - { id: two, title: Two, on: here, shell: echo two }
"""


def test_an_aborted_run_ends_what_runs_and_says_so(tmp_path: Path) -> None:
    with bench(tmp_path, LONG) as b:
        b.open()
        b.until(lambda _s: (tmp_path / "pid").exists())
        b.engine.submit(d.Abort("wrong machine"))
        assert b.engine.wait(30)
        assert b.state.outcome == "aborted"
        assert b.state.steps["one"].phase is Phase.CANCELLED
        with pytest.raises(SparkdrError):
            b.engine.submit(d.Confirm("two"))


def test_a_run_left_behind_is_taken_up_with_its_running_step_unknown(tmp_path: Path) -> None:
    with bench(tmp_path, LONG.replace("sleep 300", "sleep 30")) as b:
        run = b.open()
        b.until(lambda _s: (tmp_path / "pid").exists())
    assert b.state.live
    again = Bench(tmp_path, LONG, 1)
    with again.engine:
        again.engine.reopen(run)
        again.run = run
        again.until_phase("one", Phase.UNKNOWN)
        again.engine.submit(d.MarkDone("one", "looked: it had ended"))
        assert again.engine.wait(20)
        assert again.state.outcome == "completed with exceptions"
        assert verify(run).ok
    os.killpg(int((tmp_path / "pid").read_text()), signal.SIGKILL)


def test_a_run_whose_service_is_not_healthy_at_the_end_is_no_plain_success(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(driver, "SETTLE", 1.0)
    with bench(tmp_path, WAITS) as b:
        b.open()
        assert b.engine.wait(20)
        assert b.state.outcome == "completed with exceptions"
        assert "web: refused" in b.state.outcome_reason


def test_only_one_operator_at_a_time_and_taking_over_stops_the_first(tmp_path: Path) -> None:
    with bench(tmp_path, WAITS.replace("restores: [web]\n", "")) as b:
        run = b.open(RunRequest("mend", pace="danger"))
        b.until_phase("one", Phase.ASKED)
        second = Engine(b.plan, b.state_folder, "second", Sweeps())
        with second:
            with pytest.raises(HeldError):
                second.open(RunRequest("mend"))
            second.reopen(run, take_over=True)
            b.engine.submit(d.Confirm("one"))
            with pytest.raises(HeldError):
                b.engine.wait(10)
            assert b.state.operator == "second"
            second.submit(d.Confirm("one"))
            assert second.wait(20)
            assert verify(run).ok


def test_a_request_the_plan_does_not_know_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    with bench(tmp_path, WAITS) as b:
        for request in (RunRequest("mnd"), RunRequest("mend", inputs={"NO": "x"}), RunRequest("mend", scenario="no")):
            with pytest.raises(UsageError):
                b.engine.open(request)
        assert not b.state_folder.exists() or not list(b.state_folder.glob("runs/*"))


KILLED = """
import sys, time
from pathlib import Path
from tests.engine.local_runs import Bench
runbook, folder = Path(sys.argv[1]).read_text(), Path(sys.argv[2])
b = Bench(folder, runbook, 1)
b.engine.start()
print(b.open(), flush=True)
time.sleep(600)
"""


def test_after_kill_minus_nine_the_journal_holds_and_the_run_can_be_taken_up(tmp_path: Path) -> None:
    text = tmp_path / "runbook"
    text.write_text(LONG)
    process = subprocess.Popen(
        [sys.executable, "-c", KILLED, str(text), str(tmp_path)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    run = Path(process.stdout.readline().strip())
    deadline = time.monotonic() + 20
    while not (tmp_path / "pid").exists():
        assert time.monotonic() < deadline
        time.sleep(0.02)
    process.kill()
    process.wait()
    process.stdout.close()
    # A line that was being written when the power went.
    with (run / "journal.jsonl").open("a") as journal:
        journal.write(json.dumps({"n": 99})[:5])
    with bench(tmp_path, LONG) as b:
        b.engine.reopen(run)
        b.run = run
        b.until_phase("one", Phase.UNKNOWN)
        b.engine.submit(d.Abort("only a test"))
        assert b.engine.wait(20)
    assert verify(run).ok
    os.killpg(int((tmp_path / "pid").read_text()), signal.SIGKILL)
