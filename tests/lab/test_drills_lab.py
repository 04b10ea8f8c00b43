"""A drill held in a lab: something is really broken, measured, recovered, and the calendar knows of it."""

from __future__ import annotations

from sparkdr_tui.lab.faults import FAULTS
from sparkdr_tui.plan.load import builtin, load
from tests.engine.command_line import process
from tests.lab.everything import difference, everything
from tests.lab.world import World


def test_every_fault_of_a_drill_is_one_that_a_lab_knows() -> None:
    drills = load(builtin()).drills
    assert {fault for drill in drills.values() for fault in drill.fault} <= set(FAULTS)
    assert all(drill.fault for drill in drills.values() if drill.when.quarter)


def test_the_drill_of_the_third_quarter_breaks_the_database_and_brings_it_back(lab: World) -> None:
    before = everything(lab)
    held = process("--plan", lab.plan, "drill", "start", "q3-database", "--yes", "--json", timeout=180)
    assert held.status == 0, held
    assert "postgres-corrupt" in held.err  # said before it is done
    *records, summary = held.documents
    assert (summary["mode"], summary["drill"]) == ("drill", "q3-database")

    events = [record["event"] for record in records]
    broken = next(each for each in events if each["type"] == "service.observed" and each["state"] == "damaged")
    moved = next(each for each in events if each["type"] == "incident.moved")
    assert broken["service"] in ("postgresql", "backend")
    assert moved["incident_at"] == next(
        record["at"] for record in records if record["event"].get("step") == "drill-before"
        and record["event"]["type"] == "step.started"
    )  # fmt: skip
    assert {name: (each["restored"], each["met"]) for name, each in summary["objectives"].items()} == {
        "postgresql": (True, True),
        "backend": (True, True),
    }
    assert all(each["elapsed_s"] > 0 for each in summary["objectives"].values())
    assert not difference(before, everything(lab))

    found = process("--plan", lab.plan, "drill", "list", "--json").document["drills"]
    (third,) = [each for each in found if each["id"] == "q3-database"]
    assert (third["last"]["run"], third["last"]["outcome"]) == (summary["id"], "completed with exceptions")
    assert third["last"]["rto_met"] is True and third["state"] in ("done", "announce")
