"""Calls, roles, escalation and handing over in a real run: what is recorded, what is refused, who drives afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from sparkdr_tui.errors import SparkdrError
from sparkdr_tui.plan.model import State
from sparkdr_tui.record import decisions as d
from sparkdr_tui.record import events as e
from sparkdr_tui.record.decisions import RunRequest
from sparkdr_tui.record.escalation import standing
from sparkdr_tui.record.journal import JournalReader
from sparkdr_tui.record.lock import holder
from sparkdr_tui.record.runs import unfinished
from sparkdr_tui.record.state import Phase, RunState
from sparkdr_tui.recover.engine import Engine
from sparkdr_tui.watch.topology import Reading, Topology
from tests.engine.command_line import at_terminal, sparkdr
from tests.engine.local_runs import PLAN, Bench, Sweeps, bench

WEB_DOWN = """
scenarios:
  web-down:
    title: Web is down
    level: 1
    priority: first
    rto: 10m
    impact: [Nobody can log in]
    affects: [web]
    signs: [{ service: web, reason: the web refuses }]
    runbooks: [mend]
    contacts: [webmaster]
  all-down:
    title: All is down
    level: 4
    priority: first
    rto: 10m
    impact: [Nobody can work]
    signs: [{ nodes_down: 1, reason: nothing answers }]
    runbooks: [mend]
"""
PEOPLE = """
team:
  webmaster: { role: Webmaster, name: Ada, phone: "1", scope: web }
  lead: { role: Lead, scope: all }
escalation:
  - { id: owner, title: The owner, levels: [1, 2], who: [$owner], escalate_after: 5m }
  - { id: lead, title: The lead, levels: [3, 4], who: [lead] }
"""
SLEEPS = """
id: mend
title: Mend
restores: [web]
steps:
  - { id: sleep, title: Sleep, on: here, shell: "sleep 60" }
  - { id: say, title: Say, on: here, shell: "echo hello $WHO" }
"""


def put_people(folder: Path) -> None:
    (folder / "plan").mkdir(parents=True)
    (folder / "plan" / "scenarios.yaml").write_text(WEB_DOWN, encoding="utf-8")
    (folder / "plan" / "contacts.yaml").write_text(PEOPLE, encoding="utf-8")


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Bench]:
    """A run of two steps, each of which waits for the operator."""
    put_people(tmp_path)
    with bench(tmp_path, SLEEPS, plan=PLAN) as made:
        made.open(RunRequest("mend"))
        made.until_phase("sleep", Phase.ASKED)
        yield made


def facts(made: Bench) -> list[e.Event | e.UnknownEvent]:
    assert made.run is not None
    return [record.event for record in JournalReader(made.run).poll()]


def refusals(made: Bench) -> list[str]:
    return [fact.why for fact in facts(made) if isinstance(fact, e.DecisionRefused)]


def refused(made: Bench, decision: d.Decision) -> str:
    """Why a decision is refused."""
    before = len(refusals(made))
    made.engine.submit(decision)
    made.until(lambda _state: len(refusals(made)) > before)
    return refusals(made)[-1]


def test_the_journal_knows_the_path_its_people_and_what_the_disaster_means(run: Bench) -> None:
    opened = run.state.opened
    assert [(each.id, each.who, each.escalate_after) for each in opened.path] == [
        ("owner", ("webmaster",), 300),
        ("lead", ("lead",), None),
    ]
    assert {name: role.en for name, role in opened.contacts.items()} == {"webmaster": "Webmaster", "lead": "Lead"}
    assert [each.en for each in opened.impact] == ["Nobody can log in"]
    assert run.state.roles["operate"].holder == "tester"


def test_a_call_is_recorded_with_who_that_is_and_where_the_path_was(run: Bench) -> None:
    run.engine.submit(d.TryContact("webmaster", "calling"))
    run.engine.submit(d.TryContact("webmaster", "reached", note="is on the way\x1b[31m\n"))
    run.engine.submit(d.TryContact("lead", "not reached", name="Grace"))
    tried = run.until(lambda state: len(state.tried) == 3).tried
    assert [(each.by, each.call.name, each.call.result, each.call.stage) for each in tried] == [
        ("tester", "Ada", "calling", "owner"),
        ("tester", "Ada", "reached", "owner"),
        ("tester", "Grace", "not reached", "owner"),
    ]
    assert tried[1].call.note == "is on the way" and tried[1].call.role.en == "Webmaster"


def test_a_role_is_given_and_the_journal_says_who_had_it(run: Bench) -> None:
    run.engine.submit(d.GiveRole("command", "Grace", "lead"))
    run.engine.submit(d.GiveRole("command", "Ada"))
    found = run.until(lambda state: "command" in state.roles and state.roles["command"].holder == "Ada").roles[
        "command"
    ]
    assert found.before == "Grace" and found.contact is None
    assert run.engine.driving == run.run


def test_what_cannot_be_is_refused_and_says_why(run: Bench) -> None:
    assert refused(run, d.TryContact("nobody", "reached")) == "The run has no contact nobody."
    assert refused(run, d.GiveRole("write", " ")) == "Say who."
    assert refused(run, d.GiveRole("write", "Ada", "nobody")) == "The run has no contact nobody."
    assert refused(run, d.HandOver("")) == "Say who."
    run.engine.submit(d.Escalate("too long"))
    run.until(lambda state: state.position is not None and state.position.stage == 1)
    assert e.Escalated(stage="lead", reason="too long") in facts(run)
    assert refused(run, d.Escalate("more")) == "There is nothing above “The lead”."


def test_a_plan_without_a_path_cannot_escalate(tmp_path: Path) -> None:
    with bench(tmp_path, SLEEPS) as made:
        made.open(RunRequest("mend"))
        made.until_phase("sleep", Phase.ASKED)
        assert refused(made, d.Escalate()) == "The plan has no escalation path."


def test_a_run_is_not_handed_over_while_a_step_runs(run: Bench) -> None:
    run.engine.submit(d.Confirm("sleep"))
    run.until_phase("sleep", Phase.RUNNING)
    assert "let it end" in refused(run, d.HandOver("Bob"))
    assert run.engine.driving == run.run


def test_who_hands_over_drives_no_more_and_the_next_one_takes_it_up_without_force(run: Bench) -> None:
    run.engine.submit(d.HandOver("bob", "restore is next"))
    assert run.engine.wait(20)  # and raises nothing: it is no failure
    assert run.engine.driving is None and run.run is not None
    assert holder(run.state_folder) is None
    assert [each.id for each in unfinished(run.state_folder)] == [run.run.name]
    with pytest.raises(SparkdrError, match="No run is under way here"):
        run.engine.submit(d.Confirm("sleep"))
    assert facts(run)[-2:] == [
        e.NoteAdded(text="restore is next"),
        e.RoleGiven(role="operate", holder="bob", before="tester"),
    ]
    sweeps = Sweeps()
    with Engine(run.plan, run.state_folder, "bob", sweeps) as second:
        second.reopen(run.run)
        assert second.driving == run.run
        assert e.OperatorChanged(operator="bob", before="tester", forced=False) in facts(run)
        second.submit(d.Skip("sleep", "not now"))
        run.until_phase("say", Phase.ASKED)
        second.submit(d.Confirm("say"))
        run.until_phase("say", Phase.DONE)
        assert run.log("say").endswith("hello world\n")
    assert run.state.operator == "bob" and run.state.roles["operate"].holder == "bob"


def swept(state: State) -> Topology:
    now = datetime.now(UTC)
    return Topology({"here": Reading(state, now)}, {"web": Reading(state, now)}, at=now)


def level_raised(state: RunState) -> bool:
    return state.level == 4


def test_what_two_sweeps_in_a_row_find_graver_raises_the_level_and_moves_the_path(run: Bench) -> None:
    for state in (State.UNREACHABLE, State.UP, State.UNREACHABLE):
        run.sweeps.tell(swept(state))
    run.engine.submit(d.AddNote("one alone says nothing"))
    run.until(lambda state: bool(state.notes))
    assert run.state.level == 1
    run.sweeps.tell(swept(State.UNREACHABLE))
    graver = run.until(level_raised)
    found = standing(graver, graver.at)
    assert found is not None and found.stage.id == "lead"
    raised = [fact for fact in facts(run) if isinstance(fact, e.LevelRaised)]
    assert [(each.level, each.reason.en) for each in raised] == [(4, "nothing answers")]


def test_what_a_step_of_ours_takes_down_raises_nothing(tmp_path: Path) -> None:
    put_people(tmp_path)
    disrupting = SLEEPS.replace("title: Sleep,", "title: Sleep, danger: disrupts,")
    with bench(tmp_path, disrupting) as made:
        made.open(RunRequest("mend"))
        made.until_phase("sleep", Phase.ASKED)
        made.engine.submit(d.Confirm("sleep"))
        made.until_phase("sleep", Phase.RUNNING)
        for _each in range(4):
            made.sweeps.tell(swept(State.UNREACHABLE))
        made.engine.submit(d.AddNote("seen"))
        made.until(lambda state: bool(state.notes))
        assert made.state.level == 1


def test_at_a_plain_terminal_calls_are_recorded_and_the_run_is_handed_over(tmp_path: Path) -> None:
    put_people(tmp_path)
    Bench(tmp_path, SLEEPS, port=1)  # writes the plan
    with at_terminal("--plan", tmp_path / "plan", "--state", tmp_path / "state", "run", "mend") as terminal:
        terminal.expect("☎ call Webmaster (Ada, 1) · escalates in ")
        terminal.expect("5:00", "4:5")
        terminal.expect("1 Sleep")
        terminal.type("c")
        terminal.expect("Was Webmaster (Ada, 1) reached? y or n:")
        terminal.type("n")
        terminal.expect("did not reach Webmaster (Ada)")
        terminal.expect("escalation: The lead (nobody was reached)")
        terminal.expect("☎ call Lead")
        terminal.type("h")
        terminal.expect("Hand over to whom?")
        terminal.type("bob")
        terminal.expect("Run INC-0001 is handed over to bob.")
        assert terminal.end() == 0
    assert holder(tmp_path / "state") is None
    shown = sparkdr("--plan", tmp_path / "plan", "--state", tmp_path / "state", "report", "INC-0001")
    for words in ("## Calls and roles", "✖ no answer", "| bob | operator | tester |", "nobody was reached"):
        assert words in shown.out, shown.out


def test_where_time_alone_has_moved_the_path_a_hand_moves_it_on_from_there(tmp_path: Path) -> None:
    put_people(tmp_path)
    above = """, escalate_after: 5m }
  - { id: vendor, title: The vendor, who: [lead], escalate_after: 5m }
  - { id: board, title: The board, who: [lead] }
"""
    path = PEOPLE.replace("who: [lead] }\n", f"who: [lead]{above}")
    (tmp_path / "plan" / "contacts.yaml").write_text(path, encoding="utf-8")
    made, late = Bench(tmp_path, SLEEPS, port=1), [timedelta()]
    made.engine = Engine(made.plan, made.state_folder, "tester", made.sweeps, lambda: datetime.now(UTC) + late[0])
    with made.engine:
        made.open(RunRequest("mend"))
        made.until_phase("sleep", Phase.ASKED)
        late[0] = timedelta(minutes=6)  # nothing is recorded meanwhile: everybody waits for a person
        made.engine.submit(d.TryContact("lead", "calling"))
        assert made.until(lambda state: bool(state.tried)).tried[0].call.stage == "lead"
        late[0] = timedelta(minutes=11)
        made.engine.submit(d.Escalate("nobody answers"))
        made.until(lambda _state: e.Escalated(stage="board", reason="nobody answers") in facts(made))
        assert refused(made, d.Escalate()) == "There is nothing above “The board”."
