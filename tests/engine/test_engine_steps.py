"""The life of a step, on real processes of this machine."""

from __future__ import annotations

from pathlib import Path

import pytest

from sparkdr_tui.record import decisions as d
from sparkdr_tui.record.decisions import RunRequest
from sparkdr_tui.record.journal import verify
from sparkdr_tui.record.state import Phase
from sparkdr_tui.recover import actions
from tests.engine.local_runs import PASSWORD, bench

TWO = """
id: mend
title: Mend
steps:
  - { id: one, title: One, on: here, shell: 'echo "hello $WHO from $RUN_ID"' }
  - { id: two, title: Two, on: here, shell: 'echo again' }
"""


def test_a_run_of_safe_steps_completes_and_its_chain_is_intact(tmp_path: Path) -> None:
    with bench(tmp_path, TWO) as b:
        run = b.open()
        assert b.engine.wait(20)
        assert b.state.outcome == "completed"
        assert b.log("one") == f"hello world from {run.name}\n"
        checked = verify(run)
        assert checked.ok
        assert checked.records == b.state.n


def test_at_pace_each_every_step_waits_for_the_operator(tmp_path: Path) -> None:
    with bench(tmp_path, TWO) as b:
        b.open(RunRequest("mend", pace="each"))
        b.until_phase("one", Phase.ASKED)
        assert b.phases()["two"] is Phase.PENDING
        b.engine.submit(d.Confirm("one"))
        b.until_phase("two", Phase.ASKED)
        b.engine.submit(d.SetPace("danger"))
        assert b.engine.wait(20)
        assert b.state.outcome == "completed"


def test_a_skip_needs_a_reason_flags_what_needed_the_step_and_is_never_a_plain_success(tmp_path: Path) -> None:
    with bench(tmp_path, TWO) as b:
        b.open(RunRequest("mend", pace="each"))
        b.until_phase("one", Phase.ASKED)
        b.engine.submit(d.Skip("one", "  "))
        assert b.until(lambda s: s.refused is not None).steps["one"].phase is Phase.ASKED
        b.engine.submit(d.Skip("one", "done by hand"))
        assert b.until_phase("two", Phase.ASKED).steps["two"].flagged
        b.engine.submit(d.Confirm("two"))
        assert b.engine.wait(20)
        assert b.state.outcome == "completed with exceptions"
        assert b.state.exceptions == ("one",)


FAILS_ONCE = """
id: mend
title: Mend
steps:
  - id: one
    title: One
    on: here
    shell: |
      echo "attempt $ATTEMPT"
      test -e "$FOLDER/ready" || { echo 'No space left on device'; exit 7; }
    hint:
      - { on: No space, say: Free some space. }
      - { on: never seen, say: Not this one. }
"""


def test_a_failed_step_says_status_tail_and_hint_and_a_retry_runs_it_again(tmp_path: Path) -> None:
    with bench(tmp_path, FAILS_ONCE) as b:
        b.open()
        step = b.until_phase("one", Phase.FAILED).steps["one"]
        assert step.exit_status == 7
        assert step.tail[-1] == "No space left on device"
        assert [hint.en for hint in step.hints] == ["Free some space."]
        (tmp_path / "ready").touch()
        b.engine.submit(d.Retry("one"))
        assert b.engine.wait(20)
        assert b.state.outcome == "completed"
        assert b.log("one") == "attempt 2\n"


def test_a_failed_step_can_be_marked_done_with_a_reason_which_is_an_exception(tmp_path: Path) -> None:
    with bench(tmp_path, FAILS_ONCE) as b:
        b.open()
        b.until_phase("one", Phase.FAILED)
        b.engine.submit(d.MarkDone("one", "did it on the console"))
        assert b.engine.wait(20)
        assert b.state.outcome == "completed with exceptions"


DESTROYS = """
id: mend
title: Mend
inputs: { DB: { default: "it's $(touch $FOLDER/owned)" } }
steps:
  - id: drop
    title: Drop
    on: here
    danger: destroys
    confirm: { type: $WHO, show: "echo \\"database $DB has 3 rows\\"" }
    shell: echo "dropped $DB"
  - { id: tidy, title: Tidy, on: here, optional: true, shell: echo tidy }
"""


def test_what_destroys_is_shown_and_typed_before_it_runs(tmp_path: Path) -> None:
    with bench(tmp_path, DESTROYS) as b:
        b.open(RunRequest("mend", pace="danger"))
        step = b.until_phase("drop", Phase.ASKED).steps["drop"]
        assert step.phrase == "world"
        assert step.facts == ("database it's $(touch $FOLDER/owned) has 3 rows",)
        b.engine.submit(d.Confirm("drop", "wrld"))
        assert b.until(lambda s: s.refused is not None).steps["drop"].phase is Phase.ASKED
        b.engine.submit(d.Confirm("drop", "world"))
        b.until_phase("drop", Phase.DONE)
        assert b.log("drop") == "dropped it's $(touch $FOLDER/owned)\n"
        assert not (tmp_path / "owned").exists()


def test_an_optional_step_is_left_out_when_nobody_is_asked_and_that_is_no_exception(tmp_path: Path) -> None:
    with bench(tmp_path, DESTROYS) as b:
        b.open()
        assert b.engine.wait(20)
        assert b.phases() == {"drop": Phase.DONE, "tidy": Phase.SKIPPED}
        assert b.state.outcome == "completed"


SLEEPS = """
id: mend
title: Mend
steps:
  - id: one
    title: One
    on: here
    timeout: {timeout}
    shell: |
      sleep 300 & echo $! >"$FOLDER/child"
      echo started
      wait
"""


def gone(pid: int) -> bool:
    stat = Path(f"/proc/{pid}/stat")
    try:
        return stat.read_text().rsplit(")", 1)[1].split()[0] == "Z"
    except FileNotFoundError:
        return True


@pytest.mark.parametrize("how", ["cancelled", "timed out"])
def test_the_end_of_a_running_step_is_the_end_of_its_whole_process_group(tmp_path: Path, how: str) -> None:
    with bench(tmp_path, SLEEPS.format(timeout="2s" if how == "timed out" else "5m")) as b:
        b.open()
        b.until(lambda _s: (tmp_path / "child").exists() and (tmp_path / "child").read_text().strip() != "")
        if how == "cancelled":
            b.engine.submit(d.Cancel("one"))
        step = b.until_phase("one", Phase.CANCELLED, Phase.TIMED_OUT).steps["one"]
        assert step.phase.value == how
        assert step.gone is True
        assert gone(int((tmp_path / "child").read_text()))


MEETS = 'touch "$FOLDER/{mine}"; until test -e "$FOLDER/{other}"; do sleep 0.05; done'
SIDE_BY_SIDE = f"""
id: mend
title: Mend
steps:
  - {{ id: left, title: Left, on: here, timeout: 20s, shell: '{MEETS.format(mine="l", other="r")}' }}
  - {{ id: right, title: Right, on: here, needs: [], timeout: 20s, shell: '{MEETS.format(mine="r", other="l")}' }}
  - {{ id: after, title: After, on: here, needs: [left, right], shell: 'echo both' }}
"""


def test_steps_that_do_not_need_each_other_run_side_by_side(tmp_path: Path) -> None:
    with bench(tmp_path, SIDE_BY_SIDE) as b:
        b.open()
        assert b.engine.wait(30)
        assert b.state.outcome == "completed"


VERIFIES = """
id: mend
title: Mend
restores: [web]
steps:
  - { id: one, title: One, on: here, shell: echo fine, verify: { service: web } }
"""


def test_success_is_what_the_check_says_not_the_exit_status(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(actions, "SETTLE", 1.0)
    with bench(tmp_path, VERIFIES) as b:
        b.open()
        step = b.until_phase("one", Phase.FAILED).steps["one"]
        assert "web is refused" in step.detail


UNDOES = """
id: mend
title: Mend
steps:
  - { id: one, title: One, on: here, shell: 'touch "$FOLDER/made"', undo: 'rm "$FOLDER/made"' }
  - { id: two, title: Two, on: here, danger: disrupts, shell: echo two }
"""


def test_an_undone_step_waits_for_the_operator(tmp_path: Path) -> None:
    with bench(tmp_path, UNDOES) as b:
        b.open(RunRequest("mend", pace="danger"))
        b.until_phase("two", Phase.ASKED)
        b.engine.submit(d.Undo("one"))
        state = b.until_phase("one", Phase.CANCELLED)
        assert state.steps["one"].undone
        assert not (tmp_path / "made").exists()
        assert state.steps["two"].phase is Phase.PENDING


def test_secrets_of_the_plan_never_reach_the_log(tmp_path: Path) -> None:
    with bench(tmp_path, TWO.replace("echo again", 'echo "password $PGPASSWORD ${#PGPASSWORD}"')) as b:
        b.open()
        assert b.engine.wait(20)
        assert PASSWORD not in b.log("two")
        assert b.log("two").startswith("password ")
        assert str(len(PASSWORD)) in b.log("two")
