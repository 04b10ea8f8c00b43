"""A drill is a run with its lists around it: what is recorded, what is measured, where it may be held."""

from __future__ import annotations

import socket
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from sparkdr_tui.commands.situation import current_run
from sparkdr_tui.errors import UsageError
from sparkdr_tui.plan.graph import graph
from sparkdr_tui.plan.load import PlanErrors, load
from sparkdr_tui.plan.model import State
from sparkdr_tui.readiness.here import passed
from sparkdr_tui.record import decisions as d
from sparkdr_tui.record import events as e
from sparkdr_tui.record.decisions import RunRequest
from sparkdr_tui.record.events import Pace
from sparkdr_tui.record.forecast import forecast
from sparkdr_tui.record.history import history
from sparkdr_tui.record.journal import read
from sparkdr_tui.record.lock import holder
from sparkdr_tui.record.state import Phase
from tests.engine.command_line import Terminal, at_terminal, process, sparkdr
from tests.engine.local_runs import PASSWORD, PLAN, Bench, bench
from tests.engine.recorded import START, after, ended, opened, outline, seen, started, told

SECRETS = {"TEST_DB_PASSWORD": PASSWORD, "COLUMNS": "200"}
BOOK = """
id: mend
title: Mend it
restores: [web]
steps:
  - { id: one, title: First, on: here, shell: "true" }
  - { id: beside, title: Beside, on: here, needs: [], shell: "true" }
  - { id: two, title: Second, on: here, needs: [one], danger: disrupts, shell: "true" }
  - { id: tidy, title: Tidy up, on: here, needs: [one], optional: true, shell: "true" }
"""
DRILLS = """
drills:
  q3:
    title: Everything broke
    when: { quarter: 3 }
    runbook: mend
    before: [It was announced, The procedure was read]
    after: [Problems are written down]
    fault: it-broke
"""
HANDS = "import pathlib, sys; pathlib.Path(sys.argv[1], 'hands').write_text(sys.argv[2])"
ALL = ("drill-before", "one", "beside", "two", "tidy", "drill-after")


def lab_plan(folder: Path) -> str:
    """The plan of the bench as a lab's, whose hands write down what they are told."""
    hands = f"[{sys.executable}, -c, \"{HANDS}\", '{folder}']"
    return f"{PLAN}\nlab: true\nhands: {hands}\n"


@pytest.fixture
def web() -> Iterator[int]:
    """A service that is up all the time."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        yield listening.getsockname()[1]


def drill_bench(tmp_path: Path, port: int, plan: str = PLAN, book: str = BOOK) -> Bench:
    (tmp_path / "plan").mkdir(exist_ok=True)
    (tmp_path / "plan" / "drills.yaml").write_text(DRILLS, encoding="utf-8")
    return Bench(tmp_path, book, port, plan)


def request(pace: Pace = "danger") -> RunRequest:
    return RunRequest("mend", mode="drill", pace=pace, drill="q3")


# -- the graph -------------------------------------------------------------------------------------------


def test_all_steps_wait_for_the_list_before_and_the_list_after_waits_for_all(tmp_path: Path) -> None:
    plan = drill_bench(tmp_path, 1).plan
    placed = {each.id: each.needs for each in graph(plan, "mend", "q3")}
    assert tuple(placed) == ALL
    assert placed["drill-before"] == ()
    assert placed["one"] == placed["beside"] == ("drill-before",)
    assert placed["drill-after"] == ("beside", "two", "tidy")
    assert [each.id for each in graph(plan, "mend")] == list(ALL[1:-1])


def test_no_step_of_a_runbook_may_have_the_name_of_a_list(tmp_path: Path) -> None:
    with pytest.raises(PlanErrors, match="drill-after"), bench(tmp_path, BOOK.replace("id: two", "id: drill-after")):
        pass


# -- held by somebody ------------------------------------------------------------------------------------


def test_each_tick_is_recorded_and_nothing_runs_before_the_list_is_done(tmp_path: Path, web: int) -> None:
    b = drill_bench(tmp_path, web)
    with b.engine:
        folder = b.open(request())
        b.until_phase("drill-before", Phase.ASKED)
        b.engine.submit(d.Confirm("drill-before"))
        assert "2 items" in str(b.until(lambda state: state.refused is not None).refused)
        assert all(b.phases()[name] is Phase.PENDING for name in ALL[1:])
        for item in (0, 1):
            b.engine.submit(d.Tick("drill-before", item))
        b.engine.submit(d.Confirm("drill-before"))
        b.until_phase("two", Phase.ASKED)
        b.engine.submit(d.Confirm("two"))
        asked = b.until_phase("drill-after", Phase.ASKED)
        assert asked.work_done and asked.clocks["web"].restored
        b.engine.submit(d.AddNote("the runbook says the wrong port", "drill-after"))
        b.engine.submit(d.Tick("drill-after", 0))
        b.engine.submit(d.Confirm("drill-after"))
        assert b.engine.wait(20)
    ended = b.state
    assert (folder.name, ended.outcome, ended.opened.drill) == ("DRL-0001", "completed", "q3")
    assert ended.opened.title.en == "Everything broke"
    ticks = [record for record in read(folder) if isinstance(record.event, e.ItemTicked)]
    assert [(each.by, each.event.step, each.event.item) for each in ticks if isinstance(each.event, e.ItemTicked)] == [
        ("tester", "drill-before", 0),
        ("tester", "drill-before", 1),
        ("tester", "drill-after", 0),
    ]
    # Nothing was ever down: the clock ran from the list before to the end of the work, not of the list after.
    clock = ended.clocks["web"]
    assert clock.healthy_at == ended.steps["two"].finished_at
    assert ended.steps["drill-before"].started_at == clock.since == ended.incident_at > ended.opened_at


def test_a_drill_is_taken_up_again_with_what_was_ticked(tmp_path: Path, web: int) -> None:
    b = drill_bench(tmp_path, web)
    with b.engine:
        folder = b.open(request())
        b.until_phase("drill-before", Phase.ASKED)
        b.engine.submit(d.Tick("drill-before", 1))
        b.until(lambda state: bool(state.steps["drill-before"].ticked))
    again = drill_bench(tmp_path, web)
    with again.engine:
        again.engine.reopen(folder)
        again.run = folder
        assert again.until_phase("drill-before", Phase.ASKED).steps["drill-before"].ticked == {1}
        again.engine.submit(d.Tick("drill-before", 0))
        again.engine.submit(d.Confirm("drill-before"))
        again.until_phase("two", Phase.ASKED)
        again.engine.submit(d.Abort("enough"))
        assert again.engine.wait(20)


# -- in a lab --------------------------------------------------------------------------------------------


def test_in_a_lab_the_hands_break_what_it_is_about_when_the_list_is_done(tmp_path: Path, web: int) -> None:
    b = drill_bench(tmp_path, web, lab_plan(tmp_path))
    with b.engine:
        folder = b.open(request("none"))
        assert b.engine.wait(20)
    state = b.state
    assert (tmp_path / "hands").read_text(encoding="utf-8") == "break it-broke"
    assert folder.name == "DRL-0001" and state.opened.lab
    assert state.steps["drill-before"].phase is Phase.DONE
    # Nobody was there to tick anything, and the run says so instead of ticking for them.
    assert not any(isinstance(record.event, e.ItemTicked) for record in read(folder))
    assert (state.outcome, state.exceptions) == ("completed with exceptions", ("drill-after",))
    assert set(passed(b.state_folder)) == {"mend"}  # the runbook itself went well


def test_a_lab_whose_hands_fail_goes_no_further(tmp_path: Path, web: int) -> None:
    b = drill_bench(tmp_path, web, f"{PLAN}\nlab: true\nhands: [sh, -c, 'echo it is off; exit 3']\n")
    with b.engine:
        b.open(request("none"))
        state = b.until_phase("drill-before", Phase.FAILED)
        assert not state.begun and state.steps["one"].phase is Phase.PENDING
        assert "it is off" in b.log("drill-before")
        b.engine.submit(d.Abort("no lab"))
        assert b.engine.wait(20)


def test_a_run_of_a_lab_is_not_taken_up_on_the_plans_own_nodes(tmp_path: Path, web: int) -> None:
    b = drill_bench(tmp_path, web, lab_plan(tmp_path))
    with b.engine:
        folder = b.open(request())
        b.until_phase("drill-before", Phase.ASKED)
    real = drill_bench(tmp_path, web)
    with real.engine, pytest.raises(UsageError, match="began in a lab"):
        real.engine.reopen(folder)


def test_a_drill_of_a_lab_that_is_kept_with_the_plans_runs_holds_up_nobody_there(tmp_path: Path, web: int) -> None:
    b = drill_bench(tmp_path, web, lab_plan(tmp_path) + "state: ../lab-state\n")
    with b.engine:
        b.open(request())
        b.until_phase("drill-before", Phase.ASKED)
        assert holder(b.state_folder) is None and holder(tmp_path / "lab-state") is not None
        assert current_run(b.state_folder, lab=False) is None
        assert current_run(b.state_folder, lab=True) is not None
        real = drill_bench(tmp_path, web)
        with real.engine:
            real.open(RunRequest("mend", pace="none"))
            assert real.engine.wait(20)
        assert real.state.outcome == "completed"


def test_what_is_always_done_is_not_told_of_a_list_that_nobody_ticked(tmp_path: Path, web: int) -> None:
    book = (
        BOOK
        + """
  - id: record
    title: Record it
    on: here
    needs: [two]
    always: true
    shell: 'test -z "$UNDONE_STEPS"'
"""
    )
    b = drill_bench(tmp_path, web, book=book)
    with b.engine:
        b.open(request("none"))
        assert b.engine.wait(20)
    assert b.state.steps["record"].phase is Phase.DONE
    assert b.state.exceptions == ("drill-before", "drill-after")


# -- what it measures and teaches ------------------------------------------------------------------------


def drill(*steps: e.StepOutline) -> e.RunOpened:
    around = (outline("drill-before", expect=0), *steps, outline("drill-after", "restore", expect=0))
    return opened(*around).model_copy(update={"mode": "drill", "drill": "q3", "run": "DRL-0001"})


RESTORE = outline("restore", "drill-before", expect=60)


def test_clocks_stand_still_until_the_drill_begins(tmp_path: Path) -> None:
    waiting = told((5, e.ItemTicked(step="drill-before", item=0, ticked=True)), first=drill(RESTORE))
    found = forecast(waiting, after(900), {})
    assert {(each.elapsed, each.left) for each in found.clocks} == {(0, 1800)}
    assert found.known and {each.p50 for each in found.clocks} == {after(960)}
    begun = (started("drill-before"), ended("drill-before"), (900, e.IncidentMoved(incident_at=after(900))))
    assert forecast(told(*begun, first=drill(RESTORE)), after(930), {}).clocks[0].elapsed == 30


def test_what_went_down_is_measured_from_there_on() -> None:
    state = told(
        seen("postgresql", State.UP),
        (60, started("drill-before")),
        (62, seen("postgresql", State.DAMAGED)),
        (63, ended("drill-before")),
        (63, e.IncidentMoved(incident_at=after(60))),
        (70, started("restore")),
        (90, seen("postgresql", State.UP)),
        (95, ended("restore")),
        first=drill(RESTORE),
    )
    clock = state.clocks["postgresql"]
    assert (clock.restored, clock.elapsed(after(500))) == (True, 28)


def test_drills_and_incidents_of_a_runbook_teach_each_other_but_no_lists_and_no_labs(tmp_path: Path) -> None:
    from sparkdr_tui.record.journal import Journal

    def made(run: str, first: e.RunOpened, seconds: float) -> None:
        times = iter([START, START, START + timedelta(seconds=seconds)] * 3)
        journal = Journal.create(tmp_path / "runs" / run, "mina", lambda: next(times))
        journal.append(first.model_copy(update={"run": run}))
        for step in ("drill-before", "restore") if first.drill else ("restore",):
            journal.append(started(step))
            journal.append(ended(step))
            next(times) if step == "drill-before" else None
        journal.close()

    made("INC-0001", opened(outline("restore")), 10)
    made("DRL-0001", drill(RESTORE), 20)
    made("DRL-0002", drill(RESTORE).model_copy(update={"lab": True}), 30)
    incident = opened(outline("restore"))
    assert {name: sorted(took) for name, took in history(tmp_path, incident).items()} == {"restore": [10.0, 20.0]}
    joined = incident.model_copy(update={"runbook": "database+redis"})
    assert history(tmp_path, joined).keys() == {"database.restore"}
    assert history(tmp_path, drill(RESTORE).model_copy(update={"lab": True})) == {"restore": [30.0]}


# -- the command -----------------------------------------------------------------------------------------


@pytest.fixture
def real(tmp_path: Path, web: int) -> Path:
    """The folder of a plan that is no lab's."""
    drill_bench(tmp_path, web)
    return tmp_path / "plan"


def nothing_was_run(tmp_path: Path) -> bool:
    return not (tmp_path / "state" / "runs").exists()


@pytest.mark.parametrize(
    ("arguments", "about"),
    [
        (["q3", "--yes"], '--confirm "Here"'),
        (["q3", "--yes", "--confirm", "There"], "does not repeat"),
        (["q3", "--confirm", "Here"], "no terminal"),
        (["q3"], "no terminal"),
        (["q9", "--yes", "--confirm", "Here"], "It has: q3"),
    ],
)
def test_the_plans_own_nodes_are_left_alone_unless_somebody_repeats_the_plans_name(
    tmp_path: Path, real: Path, arguments: list[str], about: str
) -> None:
    said = process("--plan", real, "--state", tmp_path / "state", "drill", "start", *arguments, env=SECRETS)
    assert said.status == 2
    assert about in said.err
    assert nothing_was_run(tmp_path)


def test_what_would_be_interrupted_is_said_before_and_the_wrong_name_runs_nothing(tmp_path: Path, real: Path) -> None:
    arguments = ("--plan", real, "--state", tmp_path / "state", "drill", "start", "q3")
    with at_terminal(*arguments, env=SECRETS) as at:
        at.expect("disrupts: Second · Here")
        at.expect("lab start")
        at.expect("Type “Here”")
        at.type("here")
        at.expect("nothing was run")
        assert at.end() == 4
    assert nothing_was_run(tmp_path)


def test_a_drill_is_held_at_a_terminal_and_its_lists_are_ticked_there(tmp_path: Path, real: Path) -> None:
    state = ("--plan", real, "--state", tmp_path / "state")
    with at_terminal(*state, "drill", "start", "q3", env=SECRETS) as at:
        at.expect("Type “Here”")
        at.type("Here")
        for answered in ("[x] It was announced", "[x] The procedure was read", "✔ 1 Before the drill · 0:00"):
            enter(at, "? 1 Before the drill", answered)
        for step in ("2 First", "3 Beside", "4 Second", "5 Tidy up"):
            enter(at, f"? {step}", f"✔ {step}")
        at.expect("Web: 0:0")  # what was measured stands beside the list that asks for it
        at.expect("[ ] Problems are written down")
        enter(at, "? 6 After the drill", "[x] Problems are written down")
        at.expect("? 6 After the drill")
        at.type("")
        at.expect("DRL-0001 completed")
        assert at.end() == 0
    (listed,) = sparkdr(*state, "drill", "list", "--json").document["drills"]
    assert (listed["last"]["run"], listed["last"]["outcome"], listed["last"]["rto_met"]) == (
        "DRL-0001",
        "completed",
        True,
    )
    assert "DRILL · mend · Everything broke" in sparkdr(*state, "runs", "list").out
    assert sparkdr(*state, "runs", "list", "--json").document[0]["drill"] == "q3"


def enter(at: Terminal, question: str, answered: str) -> None:
    """Answer a question, and see what comes of it: the question may stand there twice, the answer must not."""
    at.expect(question)
    at.type("")
    at.expect(answered)


def test_a_rehearsal_says_that_the_lists_are_left_out_where_nobody_is_asked(tmp_path: Path, real: Path) -> None:
    arguments = ("--plan", real, "--state", tmp_path / "state", "drill", "start", "q3", "--yes", "--dry-run", "--json")
    found = process(*arguments, env=SECRETS).document["findings"]
    assert {each["step"] for each in found if "nobody is asked" in each["reason"]} == {"drill-before", "drill-after"}
    assert nothing_was_run(tmp_path)


def test_without_anybody_there_the_lists_are_skipped_and_that_is_an_exception(tmp_path: Path, real: Path) -> None:
    said = process(
        "--plan", real, "--state", tmp_path / "state", "drill", "start", "q3", "--yes", "--confirm", "Here", "--json",
        env=SECRETS,
    )  # fmt: skip
    assert said.status == 0, said
    *records, summary = said.documents
    assert records[0]["event"]["drill"] == summary["drill"] == "q3"
    assert (summary["outcome"], summary["exceptions"]) == (
        "completed with exceptions",
        ["drill-before", "drill-after"],
    )


def test_the_next_drill_comes_with_an_announcement_in_both_languages(real: Path) -> None:
    said = sparkdr("--plan", real, "drill", "next", "--on", "2026-12-07")
    assert said.status == 0
    assert "When: Monday 2026-12-07" in said.out and "일시: 2026-12-07 (월)" in said.out
    assert "Everything broke" in said.out
    found = sparkdr("--plan", real, "drill", "next", "--json").document
    assert found["id"] == "q3" and "재해 복구 훈련" in found["announcement"]["ko"]
    assert sparkdr("--plan", real, "drill", "next", "--on", "someday").status == 2


def test_a_plan_without_drills_says_so(tmp_path: Path, real: Path) -> None:
    (real / "drills.yaml").unlink()
    assert "no drills" in sparkdr("--plan", real, "drill", "list").out
    assert sparkdr("--plan", real, "drill", "list", "--json").document["drills"] == []
    assert sparkdr("--plan", real, "drill", "next").status == 2


def test_status_says_in_a_line_which_drill_is_to_be_held(tmp_path: Path, real: Path) -> None:
    state = ("--plan", real, "--state", tmp_path / "state")
    said = process(*state, "status", env=SECRETS)
    standing = process(*state, "drill", "list", "--json", env=SECRETS).document["drills"][0]["state"]
    year = datetime.now(UTC).year
    assert standing in ("due", "overdue")
    (line,) = [each for each in said.out.splitlines() if "Everything broke (q3)" in each]
    assert standing in line and (f"{year}-09-30" in line or f"{year - 1}-09-30" in line)
    assert load(real).drills["q3"].fault == ("it-broke",)
