"""The first slice as somebody would try it: the real command line, in processes of its own, on a lab."""

from __future__ import annotations

import gzip
import tarfile
from pathlib import Path

import psycopg
import pytest

from tests.engine.command_line import Said, Terminal, at_terminal, process
from tests.lab.everything import difference, everything
from tests.lab.world import World

LONG = 180
"""Seconds that a command on a lab may take on a busy machine."""


def on(lab: World, *arguments: str | Path) -> Said:
    """A command on the lab's plan."""
    return process("--plan", lab.plan, *arguments, timeout=LONG)


def databases(lab: World) -> set[str]:
    """The names of all databases."""
    it = lab.card["services"]["postgresql"]
    with psycopg.connect(
        host=it["host"], port=it["port"], user=it["user"], password=it["password"], dbname="postgres", connect_timeout=5
    ) as connection:
        return {name for (name,) in connection.execute("SELECT datname FROM pg_database").fetchall()}


def newest(lab: World) -> str:
    """The backup that a restore would take."""
    path: str = on(lab, "status", "--json").document["backups"]["postgres"]["newest"]
    return path


# -- the whole way -----------------------------------------------------------------------------------


@pytest.mark.parametrize("fault", ["postgres-corrupt", "postgres-corrupt-pages"])
def test_a_damaged_database_is_found_and_brought_back_with_every_row(lab: World, fault: str) -> None:
    before, kept = everything(lab), databases(lab)
    assert process("lab", "break", fault, "--dir", lab.folder, timeout=LONG).status == 0

    found = on(lab, "status", "--json").document
    assert found["services"]["postgresql"]["state"] == "damaged"
    assert found["level"] == 1
    assert found["suggestions"][0]["scenario"] == "database"
    assert found["suggestions"][0]["runbooks"][0] == "database"

    run = on(lab, "run", "database", "--yes")
    assert run.status == 0, run.out
    assert not difference(before, everything(lab))
    (damaged,) = databases(lab) - kept
    assert damaged.startswith("sparklio_v4_damaged_")

    assert on(lab, "runs", "verify").status == 0
    after = on(lab, "status", "--json").document
    assert (after["level"], after["suggestions"], after["run"]) == (None, [], None)
    assert {each["state"] for each in after["services"].values()} <= {"up", "slow"}


def test_a_truncated_backup_is_refused_before_anything_is_dropped_and_one_of_the_documents_own_script_restores(
    lab: World,
) -> None:
    good = Path(newest(lab))
    bad, plain = (good.with_name(f"postgres_2026010{day}_000000.sql.gz") for day in (1, 2))
    bad.write_bytes(good.read_bytes()[: good.stat().st_size // 2])
    plain.write_bytes(gzip.compress(gzip.decompress(good.read_bytes())))
    rows = lab.rows()
    lab.break_("postgres-corrupt")
    before = databases(lab)
    try:
        said = on(lab, "run", "database", "--yes", "--input", f"PG_BACKUP={bad}")
        assert said.status == 1, said.out
        assert "1 Check the backup" in said.out and "failed" in said.out
        assert databases(lab) == before
        said = on(lab, "run", "database", "--yes", "--input", f"PG_BACKUP={plain}")
        assert said.status == 0, said.out
        assert lab.rows() == rows
    finally:
        bad.unlink()
        plain.unlink()


# -- at a terminal -----------------------------------------------------------------------------------


def test_an_operator_is_led_through_with_another_backup_where_the_first_is_bad(lab: World, tmp_path: Path) -> None:
    good = Path(newest(lab))
    bad = good.with_name("postgres_20260101_000000.sql.gz")
    bad.write_bytes(good.read_bytes()[:1000])
    rows = lab.rows()
    lab.break_("postgres-corrupt")
    try:
        with at_terminal("--plan", lab.plan, "run", "database", "--input", f"PG_BACKUP={bad}") as at:
            at.expect("? 1 Check the backup", seconds=LONG)
            _others_see_it_and_cannot_act(lab)
            at.type("")
            at.expect("r retry", seconds=LONG)
            at.type("b")
            at.expect("Number of the backup", seconds=LONG)
            at.type("1")
            at.expect(good.name, seconds=LONG)
            _press_through(at)
            assert at.end(LONG) == 0
        assert lab.rows() == rows
        _those_who_were_not_there_are_told(lab, bad, good, tmp_path)
    finally:
        bad.unlink()


def _others_see_it_and_cannot_act(lab: World) -> None:
    seen = on(lab, "status", "--json").document["run"]
    assert (seen["runbook"], seen["operator"], seen["phase"]) == ("database", "tester", "asked")
    refused = on(lab, "run", "database", "--yes")
    assert refused.status == 3
    assert "tester" in refused.err
    report = on(lab, "report", "--format", "json").document
    assert (report["live"], report["journal"]["intact"], report["decided"]) == (True, True, [])


def _those_who_were_not_there_are_told(lab: World, bad: Path, good: Path, folder: Path) -> None:
    """The report says what happened, and its export can be verified elsewhere."""
    report = on(lab, "report", "--format", "json").document
    first, *_later = report["failures"]
    assert (first["step"], first["retried"]) == (report["steps"][0]["id"], True)
    assert [Path(each["value"]).name for each in report["chosen"]] == [bad.name, good.name]
    assert {each["by"] for each in report["chosen"]} == {"tester"}
    assert [each["reason"] for each in report["decided"]] == ["we keep it for now"]
    assert all(each["met"] for each in report["recovery"].values())
    assert report["person_s"] > 0 and report["machine_s"] > 0
    assert on(lab, "runs", "export", "--output", folder / "run.tar.gz").status == 0
    with tarfile.open(folder / "run.tar.gz") as packed:
        packed.extractall(folder, filter="data")
    assert process("--state", folder / report["id"], "runs", "verify").status == 0


def _press_through(at: Terminal) -> None:
    """Enter, the phrase where one is asked for, and the optional last step left out."""
    while True:
        match at.expect("Type “", "· optional", "enter run", "r retry", "LAB-", seconds=LONG):
            case "Type “":
                at.type(at.upto("”"))
            case "· optional":
                at.expect("enter run")
                at.type("s")
                at.expect("Why is it left out?")
                at.type("we keep it for now")
            case "enter run":
                at.type("")
            case "r retry":
                at.type("r")
            case "LAB-":
                if "completed" in at.upto("\n"):
                    return


# -- the lab from the command line -------------------------------------------------------------------


def test_a_lab_is_started_looked_at_and_stopped_from_the_command_line(tmp_path: Path) -> None:
    folder = tmp_path / "lab"
    started = process("lab", "start", "--dir", folder, timeout=LONG)
    assert started.status == 0, started
    assert str(folder / "plan") in started.out
    found = process("lab", "status", "--dir", folder, "--json")
    assert found.status == 0
    assert found.document["running"] is True and found.document["faults"] == []
    assert process("lab", "start", "--dir", folder).status != 0
    assert process("lab", "break", "nosuch", "--dir", folder).status == 2
    assert process("lab", "stop", "--dir", folder, timeout=LONG).status == 0
    stopped = process("lab", "status", "--dir", folder, "--json")
    assert (stopped.status, stopped.document["running"]) == (1, False)


def test_there_is_no_lab_where_none_was_started(tmp_path: Path) -> None:
    for command in ("stop", "status", "mend"):
        said = process("lab", command, "--dir", tmp_path)
        assert said.status == 2
        assert "no lab" in said.err
