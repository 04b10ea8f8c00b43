"""What a restored backup loses: from its snapshot to the incident, whenever that turns out to have been."""

from __future__ import annotations

from datetime import timedelta

import pytest

from sparkdr_tui.plan.model import State, Text
from sparkdr_tui.plan.runbook import Danger
from sparkdr_tui.record import events as e
from sparkdr_tui.record.losses import loss, losses, lost_of
from sparkdr_tui.record.state import RunState
from sparkdr_tui.report.document import run_document
from sparkdr_tui.report.outcome import promises
from sparkdr_tui.report.timeline import timeline
from tests.engine.recorded import START, Told, after, ended, opened, outline, recorded, seen, started, told

CHECK = outline("check").model_copy(update={"uses": ("PG_BACKUP",)})
SWAP = outline("swap", "check").model_copy(update={"uses": ("PG_BACKUP",), "danger": Danger.DESTROYS})
CLEAN = outline("clean", "swap", optional=True).model_copy(update={"uses": ("PG_BACKUP",)})
FIRST = opened(CHECK, SWAP, CLEAN).model_copy(
    update={"services": {"postgresql": Text(en="PostgreSQL", ko="포스트그레")}}
)


def chosen(minutes_before: float, rpo: float | None = 3600) -> e.InputChosen:
    """A backup whose snapshot began so long before the run was opened."""
    taken = START - timedelta(minutes=minutes_before)
    fact = e.BackupFact(
        set="postgres", path="/b/postgres_1.sql.gz", taken_at=taken, size=12_400_000, complete=True,
        services=("postgresql",), loses=max(0.0, minutes_before * 60), rpo=rpo,
    )  # fmt: skip
    return e.InputChosen(name="PG_BACKUP", value=fact.path, backup=fact)


def run(*events: Told) -> RunState:
    return told(*events, first=FIRST)


def restored() -> tuple[Told, ...]:
    return (started("check"), ended("check"), started("swap"), ended("swap"))


def test_a_backup_loses_what_lies_between_its_snapshot_and_the_incident() -> None:
    found = loss(run(chosen(47)), "PG_BACKUP")
    assert found is not None
    assert (found.seconds, found.met, found.later, found.restored) == (47 * 60, True, False, False)


def test_an_incident_that_began_earlier_loses_less() -> None:
    moved = e.IncidentMoved(incident_at=after(-30 * 60))
    found = losses(run(chosen(47), moved))
    assert [each.seconds for each in found] == [17 * 60]
    assert losses(run(moved, chosen(47))) == found  # whatever was known when it was chosen


def test_an_incident_moved_past_the_rpo_says_so() -> None:
    state = run(e.IncidentMoved(incident_at=after(-600)), chosen(75), *restored())
    assert [(each.seconds, each.met) for each in losses(state)] == [(65 * 60, False)]


def test_a_backup_made_after_the_incident_loses_nothing_and_may_hold_the_damage() -> None:
    found = loss(run(chosen(5), e.IncidentMoved(incident_at=after(-600))), "PG_BACKUP")
    assert found is not None
    assert (found.seconds, found.later) == (0, True)


def test_without_an_rpo_nobody_can_say_whether_it_was_met() -> None:
    found = loss(run(chosen(47, rpo=None), *restored()), "PG_BACKUP")
    assert found is not None and found.met is None


@pytest.mark.parametrize(
    ("events", "is_restored"),
    [
        ((), False),
        ((started("check"), ended("check")), False),
        (restored(), True),
        ((e.StepSkipped(step="check", reason="trusted"), started("swap"), ended("swap")), True),
        ((started("check"), ended("check"), e.StepSkipped(step="swap", reason="no")), False),
        ((started("check"), ended("check"), started("swap"), ended("swap", "failed")), False),
    ],
)
def test_it_counts_as_restored_once_the_step_that_puts_it_in_place_is_done(
    events: tuple[Told, ...], is_restored: bool
) -> None:
    state = run(chosen(47), *events)
    assert [each.restored for each in losses(state)] == [is_restored]
    assert lost_of(state, "postgresql") == (47 * 60 if is_restored else None)
    assert lost_of(state, "redis") is None


def test_an_input_that_picks_no_backup_loses_nothing() -> None:
    assert losses(run(e.InputChosen(name="REF", value="main"))) == ()


# -- how it is told ------------------------------------------------------------------------------------


def kept(state: RunState) -> list[tuple[str, bool | None]]:
    return [(each.text, each.kept) for each in promises(state, after(600))]


def test_the_outcome_says_what_was_lost_against_the_rpo() -> None:
    up = seen("postgresql", State.UP)
    state = run(chosen(47), seen("postgresql", State.DAMAGED), *restored(), (120, up), e.RunClosed(outcome="completed"))
    assert kept(state) == [
        ("said: 2:00 / RTO 30m · met", True),
        ("said: 2:01 / RTO 30m · not restored", False),
        ("PostgreSQL: 47m lost / RPO 1h · met · postgres_1.sql.gz", True),
    ]


def test_the_outcome_of_an_old_backup_is_a_missed_rpo() -> None:
    assert kept(run(chosen(75), *restored()))[-1] == (
        "PostgreSQL: 1h 15m lost / RPO 1h · missed · postgres_1.sql.gz",
        False,
    )


def test_the_outcome_of_a_backup_made_after_the_incident_says_so() -> None:
    state = run(chosen(5), e.IncidentMoved(incident_at=after(-600)), *restored())
    assert kept(state)[-1] == (
        "PostgreSQL: 0s lost / RPO 1h · met · postgres_1.sql.gz"
        " · made after the incident began: it may hold the damage",
        True,
    )


def test_a_backup_that_was_chosen_and_never_used_met_nothing() -> None:
    assert kept(run(chosen(75)))[-1] == ("PostgreSQL: postgres_1.sql.gz not restored", None)


def test_the_document_has_it_by_input_and_by_service() -> None:
    document = run_document(run(chosen(47), *restored()), after(600))
    assert document["inputs"]["PG_BACKUP"]["loss"] == {
        "lost_s": 2820.0, "rpo_s": 3600.0, "met": True, "later": False, "restored": True,
    }  # fmt: skip
    assert document["objectives"]["postgresql"]["lost_s"] == 2820.0
    assert document["objectives"]["backend"]["lost_s"] is None


def test_the_timeline_says_it_when_chosen_and_again_when_the_incident_is_moved() -> None:
    records = recorded(chosen(47), e.IncidentMoved(incident_at=after(-30 * 60)), chosen(5), first=FIRST)
    moments = list(timeline(records))
    assert moments[1].text == "PG_BACKUP: postgres_1.sql.gz · 12.4 MB · restoring it loses 47m (RPO 1h)"
    assert moments[2].more == ("PG_BACKUP: postgres_1.sql.gz · 12.4 MB · restoring it loses 17m (RPO 1h)",)
    assert moments[3].text.endswith("made after the incident began: it may hold the damage")
    assert moments[3].mark.glyph == "▲"
