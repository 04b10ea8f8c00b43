"""`run` and `resume` on this machine: what they print, what they ask, how they end."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import time
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from tests.engine.command_line import Terminal, at_terminal, environment, process
from tests.engine.local_runs import PASSWORD, PLAN

SECRETS = {"TEST_DB_PASSWORD": PASSWORD, "COLUMNS": "200"}
TWO_STEPS = """
id: mend
title: Mend it
steps:
  - {id: one, title: First, on: here, shell: 'echo "hello $WHO"', expect: 1s}
  - {id: two, title: Second, on: here, danger: disrupts, shell: 'test ! -e "$FOLDER/broken"', hint: Mend it by hand}
"""


def plan(tmp_path: Path, runbook: str = TWO_STEPS) -> Path:
    """A plan of this machine with one runbook."""
    folder = tmp_path / "plan"
    folder.mkdir()
    (folder / "plan.yaml").write_text(PLAN.format(folder=tmp_path, port=1) + "state: ../state\n", encoding="utf-8")
    (folder / "mend.yaml").write_text(textwrap.dedent(runbook), encoding="utf-8")
    return folder


# -- without asking ----------------------------------------------------------------------------------


def test_a_run_that_goes_well_ends_with_0_and_says_so(tmp_path: Path) -> None:
    said = process("--plan", plan(tmp_path), "run", "mend", "--yes", env=SECRETS)
    assert said.status == 0, said
    assert "1 First" in said.out and "✔ 2 Second" in said.out
    assert "INC-0001 completed" in said.out
    assert not said.err


def test_a_step_that_fails_aborts_and_says_what_to_do(tmp_path: Path) -> None:
    folder = plan(tmp_path)
    (tmp_path / "broken").touch()
    said = process("--plan", folder, "run", "mend", "--yes", env=SECRETS)
    assert said.status == 1
    assert "exit status 1" in said.out
    assert "Mend it by hand" in said.out
    assert str(tmp_path / "state" / "runs" / "INC-0001" / "logs" / "two.1.log") in said.out
    assert "aborted" in said.out


def test_json_lines_are_the_journal_and_then_a_summary(tmp_path: Path) -> None:
    said = process("--plan", plan(tmp_path), "run", "mend", "--yes", "--json", env=SECRETS)
    assert said.status == 0
    *records, summary = said.documents
    journal = (tmp_path / "state" / "runs" / "INC-0001" / "journal.jsonl").read_text(encoding="utf-8")
    assert said.out.splitlines()[:-1] == journal.splitlines()
    assert [record["n"] for record in records] == list(range(1, len(records) + 1))
    assert (summary["type"], summary["id"], summary["outcome"]) == ("summary", "INC-0001", "completed")
    assert [step["phase"] for step in summary["steps"]] == ["done", "done"]


def test_a_drill_is_counted_apart(tmp_path: Path) -> None:
    said = process("--plan", plan(tmp_path), "run", "mend", "--yes", "--drill", env=SECRETS)
    assert said.status == 0
    assert "DRL-0001" in said.out


@pytest.mark.parametrize(
    ("arguments", "about"),
    [(["nosuch"], "nosuch"), (["mend", "--scenario", "x"], "x"), (["mend", "--input", "X=1"], "X")],
)
def test_what_the_plan_does_not_have_is_refused_and_leaves_no_run(
    arguments: list[str], about: str, tmp_path: Path
) -> None:
    said = process("--plan", plan(tmp_path), "run", "--yes", *arguments, env=SECRETS)
    assert said.status == 2
    assert about in said.err
    assert not (tmp_path / "state" / "runs").exists()


def test_what_a_node_says_is_never_read_as_markup(tmp_path: Path) -> None:
    runbook = """
        id: mend
        title: Mend it
        steps:
          - {id: one, title: "[bold]First[/x]", on: here, shell: "printf '[red]no\\\\033[31m [/var/log]'; exit 3"}
        """
    said = process("--plan", plan(tmp_path, runbook), "run", "mend", "--yes", env=SECRETS)
    assert said.status == 1
    assert "[bold]First[/x]" in said.out and "[red]no [/var/log]" in said.out
    assert "\x1b" not in said.out


# -- at a terminal -----------------------------------------------------------------------------------


def terminal(plan_folder: Path, *arguments: str) -> AbstractContextManager[Terminal]:
    """A command on this plan, at a terminal of its own."""
    return at_terminal("--plan", plan_folder, *arguments, env=SECRETS)


def test_each_step_is_asked_and_enter_runs_it(tmp_path: Path) -> None:
    with terminal(plan(tmp_path), "run", "mend") as at:
        at.expect("? 1 First")
        at.type("")
        at.expect("? 2 Second · Here · disrupts")
        at.type("")
        at.expect("INC-0001 completed")
        assert at.end() == 0


def test_a_step_is_left_out_only_with_a_reason(tmp_path: Path) -> None:
    with terminal(plan(tmp_path), "run", "mend") as at:
        at.expect("? 1 First")
        at.type("s")
        at.expect("Why is it left out?")
        at.type("not needed")
        at.expect("skipped: not needed")
        at.expect("? 2 Second")
        at.type("")
        at.expect("completed with exceptions")
        assert at.end() == 0


def test_a_step_that_failed_can_be_tried_again(tmp_path: Path) -> None:
    folder = plan(tmp_path)
    (tmp_path / "broken").touch()
    with terminal(folder, "run", "mend") as at:
        at.expect("? 1 First")
        at.type("")
        at.expect("? 2 Second")
        at.type("")
        at.expect("Mend it by hand")
        at.expect("r retry")
        (tmp_path / "broken").unlink()
        at.type("r")
        at.expect("attempt 2")
        at.expect("INC-0001 completed")
        assert at.end() == 0


def test_q_aborts_with_a_reason_and_status_4(tmp_path: Path) -> None:
    with terminal(plan(tmp_path), "run", "mend") as at:
        at.expect("? 1 First")
        at.type("q")
        at.expect("Why is the run aborted?")
        at.type("wrong runbook")
        at.expect("wrong runbook")
        assert at.end() == 4


def test_being_told_to_end_leaves_the_run_to_be_resumed(tmp_path: Path) -> None:
    folder = plan(tmp_path)
    with terminal(folder, "run", "mend") as at:
        at.expect("? 1 First")
        at.process.terminate()
        at.expect("resume INC-0001")
        assert at.end() == 130
    said = process("--plan", folder, "resume", "--yes", env=SECRETS)
    assert said.status == 0, said
    assert "INC-0001 completed" in said.out


def test_ctrl_c_ends_nothing_and_a_second_one_leaves_the_run_to_be_resumed(tmp_path: Path) -> None:
    folder = plan(tmp_path)
    with terminal(folder, "run", "mend") as at:
        at.expect("? 1 First")
        at.process.send_signal(signal.SIGINT)
        at.expect("Nothing was ended")
        at.process.send_signal(signal.SIGINT)
        at.expect("resume INC-0001")
        assert at.end() == 130
    assert process("--plan", folder, "runs", "list", "--json", env=SECRETS).document[0]["live"] is True
    with terminal(folder, "resume") as at:
        at.expect("? 1 First")
        at.type("")
        at.expect("? 2 Second")
        at.type("")
        at.expect("INC-0001 completed")
        assert at.end() == 0


def test_a_second_operator_is_refused_with_status_3(tmp_path: Path) -> None:
    folder = plan(tmp_path)
    with terminal(folder, "run", "mend") as at:
        at.expect("? 1 First")
        said = process("--plan", folder, "run", "mend", "--yes", env={**SECRETS, "SPARKDR_OPERATOR": "mina"})
        assert said.status == 3
        assert "tester" in said.err and "--wait 30m" in said.err
        taken = process("--plan", folder, "resume", "--take-over", "--yes", env={**SECRETS, "SPARKDR_OPERATOR": "mina"})
        assert taken.status == 0, taken
        assert at.end() == 3


def test_an_interrupted_run_without_a_terminal_ends_what_runs(tmp_path: Path) -> None:
    runbook = """
        id: mend
        title: Mend it
        steps:
          - {id: slow, title: Slow, on: here, shell: "echo $$ >$FOLDER/pid; exec sleep 300"}
        """
    folder = plan(tmp_path, runbook)
    command = [sys.executable, "-m", "sparkdr_tui", "--plan", str(folder), "run", "mend", "--yes"]
    with subprocess.Popen(command, env=environment(SECRETS), stdout=subprocess.PIPE, stderr=subprocess.PIPE) as running:
        pid = _pid(tmp_path / "pid")
        running.send_signal(signal.SIGINT)
        out, _err = running.communicate(timeout=40)
    assert running.returncode == 130
    assert "aborted" in out.decode()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def _pid(file: Path, seconds: float = 20) -> int:
    deadline = time.monotonic() + seconds
    while not file.exists() or not file.read_text(encoding="utf-8").strip():
        assert time.monotonic() < deadline, "the step never began"
        time.sleep(0.02)
    return int(file.read_text(encoding="utf-8"))
