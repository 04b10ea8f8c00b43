"""The RTO clocks of several services in one run: each starts with its own outage and stops on its own health."""

from __future__ import annotations

import socket
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from sparkdr_tui.plan.model import State
from sparkdr_tui.record import decisions as d
from sparkdr_tui.record import events as e
from sparkdr_tui.record.decisions import RunRequest
from sparkdr_tui.record.state import Clock, Phase
from sparkdr_tui.report.outcome import promises
from sparkdr_tui.watch.topology import Reading, Topology
from tests.engine.local_runs import PLAN, bench
from tests.engine.recorded import Told, after, opened, outline, seen, started, told

RUNBOOK = """
id: mend
title: Mend
restores: [web, store]
steps:
  - { id: store, title: Store, needs: [], wait: { service: store }, timeout: 1m }
  - { id: web, title: Web, needs: [], wait: { service: web }, timeout: 1m }
  - { id: end, title: End, needs: [store, web], on: here, danger: disrupts, shell: echo }
"""


def free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port: int = sock.getsockname()[1]
        return port


def two_services(store: int) -> str:
    """The plan of this machine with a second service."""
    also = f"  store: {{{{ title: Store, on: here, port: {store}, probe: {{{{ tcp: {{{{}}}} }}}}, rto: 1h }}}}\n"
    return PLAN.replace("backup_sets:\n", f"{also}backup_sets:\n")


# -- with an engine ------------------------------------------------------------------------------------


def test_each_clock_of_a_run_stops_when_its_own_service_is_healthy(tmp_path: Path) -> None:
    web, store = free_port(), free_port()
    ago = datetime.now(UTC) - timedelta(minutes=20)
    with bench(tmp_path, RUNBOOK, web, two_services(store)) as b:
        b.open(RunRequest("mend", pace="danger", incident_at=ago))
        b.until(lambda s: all(each.seen_down for each in s.clocks.values()))
        with socket.create_server(("127.0.0.1", store)):
            state = b.until(lambda s: s.clocks["store"].restored)
            assert not state.clocks["web"].restored
            with socket.create_server(("127.0.0.1", web)):
                state = b.until(lambda s: s.clocks["web"].restored)
                b.until_phase("end", Phase.ASKED)
                b.engine.submit(d.Confirm("end"))
                assert b.engine.wait(20)
        clocks = b.state.clocks
        assert clocks["store"].healthy_at and clocks["web"].healthy_at
        assert clocks["store"].healthy_at < clocks["web"].healthy_at
        said = {each.text.split(":")[0]: each.kept for each in promises(b.state, datetime.now(UTC))}
        assert said == {"Web": False, "Store": True}  # 20 minutes are too long for 10, and fine for an hour


def test_what_the_run_itself_stops_is_seen_as_it_was_before_and_its_outage_begins_there(tmp_path: Path) -> None:
    runbook = """
    id: mend
    title: Mend
    restores: [web]
    steps:
      - { id: stop, title: Stop, on: here, danger: disrupts, shell: 'touch "$FOLDER/stopped"' }
      - { id: down, title: Down, wait: { service: web, is: refused }, timeout: 1m }
      - { id: up, title: Up, wait: { service: web }, timeout: 1m }
    """
    port = free_port()
    ago = datetime.now(UTC) - timedelta(hours=3)
    web = socket.create_server(("127.0.0.1", port))
    with bench(tmp_path, runbook, port) as b:
        b.open(RunRequest("mend", pace="none", incident_at=ago))
        b.until(lambda _s: (tmp_path / "stopped").exists())
        web.close()
        state = b.until_phase("down", Phase.DONE)
        assert state.clocks["web"].elapsed(datetime.now(UTC)) < 60
        with socket.create_server(("127.0.0.1", port)):
            assert b.engine.wait(20)
        clock = b.state.clocks["web"]
        assert clock.restored and clock.elapsed(datetime.now(UTC)) < 60
        assert b.state.outcome == "completed"


def test_a_sweep_that_tells_late_what_was_true_before_changes_nothing(tmp_path: Path) -> None:
    runbook = RUNBOOK.replace("[web, store]", "[web]").replace("{ service: store }", "{ service: web, is: refused }")
    with bench(tmp_path, runbook, free_port()) as b:
        swept = datetime.now(UTC)
        b.open(RunRequest("mend", pace="danger"))
        state = b.until(lambda s: s.clocks["web"].seen_down)
        b.sweeps.tell(Topology({}, {"web": Reading(State.UP, swept)}, swept))
        b.engine.submit(d.AddNote("told"))
        state = b.until(lambda s: bool(s.notes))
        assert state.services["web"].state is State.REFUSED
        assert not state.clocks["web"].restored


# -- the fold ------------------------------------------------------------------------------------------


def clocks(*events: Told) -> dict[str, Clock]:
    first = opened(outline("a"), outline("b", "a"), incident_at=after(-600), services=("postgresql", "backend"))
    return dict(told(*events, first=first).clocks)


def test_a_service_that_comes_back_early_keeps_its_time_while_others_are_still_down() -> None:
    found = clocks(
        seen("postgresql", State.DAMAGED), seen("backend", State.REFUSED), started("a"),
        (60, seen("postgresql", State.UP)), (300, seen("backend", State.UP)),
    )  # fmt: skip
    assert [each.elapsed(after(9999)) for each in found.values()] == [660, 900]


def test_what_was_healthy_and_is_stopped_by_the_run_counts_from_there() -> None:
    found = clocks(
        seen("postgresql", State.DAMAGED), seen("backend", State.UP), (30, seen("backend", State.REFUSED)),
        (90, seen("backend", State.UP)), (95, seen("postgresql", State.UP)),
    )  # fmt: skip
    assert found["backend"].elapsed(after(9999)) == 60
    assert found["postgresql"].elapsed(after(9999)) == 695


def test_what_was_restored_and_goes_down_once_more_was_not_restored_yet() -> None:
    once = (seen("backend", State.REFUSED), (30, seen("backend", State.UP)), (60, seen("backend", State.REFUSED)))
    assert not clocks(*once)["backend"].restored
    again = clocks(*once, (90, seen("backend", State.UP)))["backend"]
    assert again.restored and again.elapsed(after(9999)) == 690


@pytest.mark.parametrize("state", [State.UNKNOWN, State.SLOW])
def test_not_knowing_stops_no_clock_and_being_slow_does(state: State) -> None:
    found = clocks(seen("backend", State.REFUSED), (30, seen("backend", state)))["backend"]
    assert found.restored is (state is State.SLOW)


def test_moving_the_incident_moves_the_clocks_of_its_outages_only() -> None:
    moved = e.IncidentMoved(incident_at=after(-1200))
    found = clocks(
        seen("postgresql", State.REFUSED), seen("backend", State.UP), (30, seen("backend", State.REFUSED)), moved
    )
    assert [each.since for each in found.values()] == [after(-1200), after(30)]
