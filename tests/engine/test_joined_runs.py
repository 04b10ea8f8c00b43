"""A run for more than one scenario: opened, resumed, remembered and shown as one."""

from __future__ import annotations

import os
import signal
from contextlib import suppress
from pathlib import Path

import pytest

from sparkdr_tui.errors import SparkdrError, UsageError
from sparkdr_tui.record import decisions as d
from sparkdr_tui.record.decisions import RunRequest
from sparkdr_tui.record.history import history
from sparkdr_tui.record.runs import runs
from sparkdr_tui.record.state import Phase
from tests.engine.command_line import process
from tests.engine.local_runs import PASSWORD, Bench, bench

MEND = """
id: mend
title: { en: Mend, ko: 수리 }
inputs: { HOW: { default: well } }
steps:
  - { id: wipe, title: Wipe, on: here, danger: destroys, confirm: { type: yes }, shell: 'echo wipe >>"$FOLDER/done"' }
  - { id: fix, title: Fix, on: here, shell: 'echo "fix $HOW" >>"$FOLDER/done"' }
  - { id: polish, title: Polish, optional: true, on: here, shell: 'echo polish >>"$FOLDER/done"' }
"""
TIDY = """\
id: tidy
title: { en: Tidy, ko: 정리 }
restores: [web]
steps:
  - { id: sweep, title: Sweep, on: here, shell: 'echo sweep >>"$FOLDER/done"' }
  - { id: rest, title: Rest, on: here, shell: 'echo $$ >"$FOLDER/pid"; test -e "$FOLDER/quick" || sleep 30' }
"""
SCENARIOS = """\
scenarios:
  broken: { title: It is broken, level: 1, priority: high, rto: 1h, impact: [No work], runbooks: [mend] }
  untidy:
    { title: It is untidy, level: 2, priority: low, rto: 1h, impact: [No joy], affects: [web], runbooks: [tidy] }
"""


def folder(tmp_path: Path) -> Path:
    """A plan of this machine with a second runbook, and a scenario for each of them."""
    plan = tmp_path / "plan"
    plan.mkdir()
    (plan / "tidy.yaml").write_text(TIDY, encoding="utf-8")
    (plan / "scenarios.yaml").write_text(SCENARIOS, encoding="utf-8")
    return tmp_path


def done(tmp_path: Path) -> list[str]:
    return (tmp_path / "done").read_text().splitlines()


def test_two_runbooks_are_one_run_with_the_scenarios_of_both(tmp_path: Path) -> None:
    (tmp_path / "quick").touch()
    with bench(folder(tmp_path), MEND) as b:
        b.open(RunRequest("mend+tidy", pace="none", inputs={"HOW": "quickly"}))
        assert b.until(lambda s: not s.live or s.work_done)
        opened = b.state.opened
        assert (opened.runbook, opened.scenario, opened.level) == ("tidy+mend", "untidy+broken", 2)
        assert (opened.title.en, opened.title.ko) == ("Tidy + Mend", "정리 + 수리")
        assert [each.service for each in opened.objectives] == ["web"]
        assert list(b.state.steps) == ["tidy.sweep", "tidy.rest", "mend.wipe", "mend.fix", "mend.polish"]
        assert done(tmp_path) == ["sweep", "wipe", "fix quickly"]


def test_each_runbook_and_each_scenario_of_a_request_must_be_in_the_plan(tmp_path: Path) -> None:
    with bench(folder(tmp_path), MEND) as b:
        with pytest.raises(UsageError, match="no runbook brew"):
            b.engine.open(RunRequest("mend+brew"))
        with pytest.raises(UsageError, match="no scenario loud"):
            b.engine.open(RunRequest("mend+tidy", scenario="broken+loud"))
        assert not (tmp_path / "state" / "runs").exists()


def test_a_joined_run_that_was_left_is_taken_up_where_it_was(tmp_path: Path) -> None:
    with bench(folder(tmp_path), MEND) as b:
        run = b.open(RunRequest("mend+tidy", pace="danger"))
        b.until(lambda _s: (tmp_path / "pid").exists())
    again = Bench(tmp_path, MEND, 1)
    with again.engine:
        again.run = run
        again.engine.reopen(run)
        again.until_phase("tidy.rest", Phase.UNKNOWN)
        again.engine.submit(d.MarkDone("tidy.rest", "it rests"))
        again.until_phase("mend.wipe", Phase.ASKED)
        again.engine.submit(d.Abort("enough"))
        assert again.engine.wait(20)
    os.killpg(int((tmp_path / "pid").read_text()), signal.SIGKILL)


def test_runs_alone_and_runs_as_one_tell_about_each_other(tmp_path: Path) -> None:
    (tmp_path / "quick").touch()
    with bench(folder(tmp_path), MEND) as b:
        for request in ("mend", "mend+tidy"):
            b.open(RunRequest(request, pace="none"))
            b.until(lambda s: s.work_done)
            with suppress(SparkdrError):  # it may have closed by itself in the meantime
                b.engine.submit(d.Abort("seen enough"))
            assert b.engine.wait(20)
    found = {
        ids: history(b.state_folder, b.state.opened.model_copy(update={"runbook": ids}))
        for ids in ("mend", "tidy", "tidy+mend")
    }
    assert {name: len(took) for name, took in found["mend"].items()} == {"wipe": 2, "fix": 2}
    assert {name: len(took) for name, took in found["tidy"].items()} == {"sweep": 1, "rest": 1}
    assert set(found["tidy+mend"]) == {"tidy.sweep", "tidy.rest", "mend.wipe", "mend.fix"}
    assert len(found["tidy+mend"]["mend.fix"]) == 2
    assert [run.scenario for run in runs(b.state_folder)] == ["untidy+broken", "broken"]


def test_the_command_line_takes_several_runbooks_in_any_order(tmp_path: Path) -> None:
    (tmp_path / "quick").touch()
    Bench(folder(tmp_path), MEND, 1)
    plan = ("--plan", tmp_path / "plan", "--state", tmp_path / "state")
    env = {"TEST_DB_PASSWORD": PASSWORD}
    joined = TIDY.replace("restores: [web]\n", "")  # nothing listens here
    (tmp_path / "plan" / "tidy.yaml").write_text(joined, encoding="utf-8")
    said = process(*plan, "run", "tidy", "mend", "--yes", env=env)
    assert said.status == 0, said
    assert "Mend + Tidy" in said.out
    assert done(tmp_path) == ["wipe", "fix well", "sweep"]
    shown = process(*plan, "runs", "show", "--json", env=env).document
    assert (shown["runbook"], shown["scenario"]) == ("mend+tidy", "broken+untidy")
    assert [step["id"] for step in shown["steps"]] == [
        "mend.wipe", "mend.fix", "tidy.sweep", "tidy.rest", "mend.polish",
    ]  # fmt: skip
    again = process(*plan, "run", "mend+tidy", "--yes", "--json", env=env)
    assert again.documents[-1]["runbook"] == "mend+tidy"
