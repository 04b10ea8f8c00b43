"""A dry run finds what would stop a run, says what cannot be known, and changes nothing. On this machine alone."""

from __future__ import annotations

import hashlib
import socket
import textwrap
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from sparkdr_tui.errors import UsageError
from sparkdr_tui.plan.load import load
from sparkdr_tui.reach.pool import Reach
from sparkdr_tui.readiness.asking import answer
from sparkdr_tui.record.decisions import RunRequest
from sparkdr_tui.record.lock import OperatorLock
from sparkdr_tui.recover.rehearsal import Rehearsal, rehearse
from tests.engine.command_line import process, sparkdr
from tests.engine.local_runs import PASSWORD, PLAN
from tests.engine.test_engine_runs import backup

SHELL = """
id: mend
title: Mend
steps:
  - { id: one, title: One, on: here, shell: 'SCRIPT', expect: 10s }
"""


@pytest.fixture(autouse=True)
def _password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEST_DB_PASSWORD", PASSWORD)


def plan_folder(tmp_path: Path, runbook: str, port: int = 1) -> Path:
    folder = tmp_path / "plan"
    folder.mkdir(exist_ok=True)
    (tmp_path / "backups").mkdir(exist_ok=True)
    (folder / "plan.yaml").write_text(PLAN.format(folder=tmp_path, port=port) + "state: ../state\n", encoding="utf-8")
    (folder / "mend.yaml").write_text(textwrap.dedent(runbook), encoding="utf-8")
    return folder


async def dry(tmp_path: Path, runbook: str, port: int = 1, **request: Any) -> Rehearsal:
    plan = load(plan_folder(tmp_path, runbook, port))
    reach = Reach(plan)
    try:
        return await rehearse(plan, RunRequest("mend", **request), reach, tmp_path / "state", datetime.now(UTC))
    finally:
        await reach.close()


def said(found: Rehearsal, *states: str) -> list[str]:
    """The findings of these states, as lines."""
    return [f"{each.step or '-'} {each.subject}: {each.reason}" for each in found.findings if each.state in states]


def with_script(script: str) -> str:
    return SHELL.replace("SCRIPT", script)


# -- scripts -------------------------------------------------------------------------------------------


async def test_a_run_that_could_go_well_has_nothing_that_stops_it(tmp_path: Path) -> None:
    found = await dry(tmp_path, with_script('ls "$FOLDER" | wc -l'))
    assert found.stops == 0
    assert said(found, "warn", "stop", "unknown") == []
    assert "- here: 2 commands are there" in said(found, "ok")
    assert "- secrets: 1 secret is there" in said(found, "ok")


async def test_a_command_that_is_not_there_would_stop_the_run(tmp_path: Path) -> None:
    found = await dry(tmp_path, with_script("no-such-tool-here --now"))
    assert said(found, "stop") == ["one here: no-such-tool-here is not there, for step 1"]
    assert "PATH" in next(each.todo for each in found.findings if each.state == "stop")


@pytest.mark.parametrize(
    ("runbook", "reason"),
    [
        (with_script("if command -v no-such-tool; then no-such-tool; fi"), "the script looks for it itself"),
        (with_script(". venv/bin/activate; no-such-tool"), "the script reads venv/bin/activate first"),
        (
            """
            id: mend
            title: Mend
            steps:
              - { id: get, title: Get, on: here, shell: brew install no-such-tool || true }
              - { id: one, title: One, on: here, shell: no-such-tool }
            """,
            "step 1 may install it before",
        ),
        (
            """
            id: mend
            title: Mend
            steps:
              - { id: get, title: Get, on: here, shell: pip install no-such-tool, verify: { shell: no-such-tool -V } }
            """,
            "step 1 may install it before",
        ),
    ],
)
async def test_a_command_that_may_be_there_by_then_is_not_known(tmp_path: Path, runbook: str, reason: str) -> None:
    found = await dry(tmp_path, runbook)
    assert any("no-such-tool is not there" in line and reason in line for line in said(found, "unknown"))
    assert not any("no-such-tool" in line for line in said(found, "stop"))


async def test_what_the_run_can_do_without_is_a_warning(tmp_path: Path) -> None:
    optional = with_script("no-such-tool").replace("title: One,", "title: One, optional: true,")
    assert (await dry(tmp_path, optional)).stops == 0
    undo = with_script("ls").replace("expect: 10s", "undo: no-such-tool, expect: 10s")
    assert said(await dry(tmp_path, undo), "warn") == [
        "one here: no-such-tool is not there, for step 1: the undo would fail"
    ]


async def test_words_that_only_running_would_tell_are_named(tmp_path: Path) -> None:
    found = await dry(tmp_path, with_script('tool=ls; "$tool" x'))
    assert said(found, "unknown") == ['one here: the script runs “"$tool"”, which only running it would tell']


async def test_a_variable_that_nothing_sets_would_stop_the_run(tmp_path: Path) -> None:
    found = await dry(tmp_path, with_script('ls "$FOLDERS" "$HOME" "$RUN_ID" "$PGPASSWORD" ${MAYBE:-x}'))
    assert said(found, "stop") == ["one $FOLDERS: the script reads $FOLDERS, which nothing sets"]


async def test_a_value_of_a_step_that_names_nothing_would_stop_the_run(tmp_path: Path) -> None:
    runbook = with_script("ls").replace("expect: 10s", "env: { WHERE: $NOWHERE/x, OK: $FOLDER/y }, expect: 10s")
    assert said(await dry(tmp_path, runbook), "stop") == [
        "one $NOWHERE: “$NOWHERE/x” names $NOWHERE, which nothing sets"
    ]


async def test_a_placeholder_that_a_script_reads_is_a_warning(tmp_path: Path) -> None:
    folder = plan_folder(tmp_path, with_script('ls "$WHO"'))
    text = (folder / "plan.yaml").read_text().replace("WHO: world", 'WHO: "[YOUR_NAME]"')
    (folder / "plan.yaml").write_text(text)
    plan = load(folder)
    found = await rehearse(plan, RunRequest("mend"), Reach(plan), tmp_path / "state", datetime.now(UTC))
    assert said(found, "warn") == ["one here.env.WHO: still holds the placeholder [YOUR_NAME]"]


async def test_a_secret_that_is_not_there_would_stop_the_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TEST_DB_PASSWORD")
    found = await dry(tmp_path, with_script("ls"))
    assert said(found, "stop") == ["- PGPASSWORD: The secret PGPASSWORD is not there."]


# -- backups -------------------------------------------------------------------------------------------

PICKS = """
id: mend
title: Mend
inputs: { BACKUP: { pick: notes } }
steps:
  - { id: use, title: Use, on: here, danger: disrupts, shell: 'gunzip -t "$BACKUP"', expect: 5s }
"""


def stamp(ago: timedelta) -> str:
    return (datetime.now(UTC) - ago).strftime("%Y%m%d_%H%M%S")


async def test_the_backup_that_would_be_taken_is_shown_with_what_it_loses(tmp_path: Path) -> None:
    backup(tmp_path, stamp(timedelta(hours=5)), b"old")
    newest = backup(tmp_path, stamp(timedelta(minutes=47)), b"new")
    found = await dry(tmp_path, PICKS)
    (line,) = [line for line in said(found, "ok") if line.startswith("use BACKUP")]
    assert newest.name in line and "47m old · restoring it loses 47m (RPO 1h)" in line
    assert found.picked["BACKUP"].path == str(newest)
    assert found.stops == 0


async def test_a_backup_older_than_the_rpo_is_a_warning_and_so_is_one_younger_than_the_incident(tmp_path: Path) -> None:
    backup(tmp_path, stamp(timedelta(hours=5)), b"old")
    (line,) = said(await dry(tmp_path, PICKS), "warn")
    assert "restoring it loses 5h (RPO 1h)" in line
    ago = datetime.now(UTC) - timedelta(hours=6)
    (line,) = said(await dry(tmp_path, PICKS, incident_at=ago), "warn")
    assert "made after the incident began" in line


async def test_without_a_backup_or_with_a_wrong_one_the_run_would_stop(tmp_path: Path) -> None:
    assert said(await dry(tmp_path, PICKS), "stop") == ["use notes: there is no backup"]
    made = backup(tmp_path, stamp(timedelta(minutes=5)), b"new")
    wrong = await dry(tmp_path, PICKS, inputs={"BACKUP": "notes_20200101_000000.sql.gz"})
    assert said(wrong, "stop") == ["use notes: There is no backup notes_20200101_000000.sql.gz of this set."]
    made.write_bytes(b"")
    (line,) = said(await dry(tmp_path, PICKS), "stop")
    assert line == "use notes: none of its backups can be used: damaged or half-written"


async def test_what_the_plan_does_not_have_is_refused_as_a_run_would_be(tmp_path: Path) -> None:
    with pytest.raises(UsageError):
        await dry(tmp_path, PICKS, inputs={"BACKUPS": "x"})
    with pytest.raises(UsageError):
        await dry(tmp_path, PICKS, scenario="none")


# -- the course of it ----------------------------------------------------------------------------------


async def test_a_service_that_is_needed_and_not_brought_back_would_stop_the_run(tmp_path: Path) -> None:
    waits = """
    id: mend
    title: Mend
    steps:
      - { id: wait, title: Wait, wait: { service: web }, timeout: 5s, expect: 1s }
    """
    (line,) = said(await dry(tmp_path, waits), "stop")
    assert line == "wait web: step 1 needs Web, which is refused, and this run does not bring it back"
    assert said(await dry(tmp_path, waits.replace("steps:", "restores: [web]\n    steps:")), "stop") == []
    with socket.create_server(("127.0.0.1", 0)) as web:
        assert said(await dry(tmp_path, waits, web.getsockname()[1]), "stop") == []


MANUAL = """
id: mend
title: Mend
restores: [web]
steps:
  - { id: press, title: Press, manual: { say: Press it }, expect: 1m }
  - { id: get, title: Get, on: here, shell: git clone x y, expect: 2m }
  - { id: up, title: Up, wait: { service: web }, expect: 30s }
"""


async def test_hands_and_downloads_cannot_be_known_beforehand(tmp_path: Path) -> None:
    found = await dry(tmp_path, MANUAL)
    assert [line.split(":")[0] for line in said(found, "unknown")] == ["press hands", "get here"]
    assert found.stops == 0


async def test_hands_would_stop_a_run_that_asks_nobody(tmp_path: Path) -> None:
    (line,) = said(await dry(tmp_path, MANUAL, pace="none"), "stop")
    assert line.startswith("press hands: it is done by hand, and with --yes nobody is asked")


async def test_the_time_along_the_critical_path_is_held_against_the_rto(tmp_path: Path) -> None:
    found = await dry(tmp_path, MANUAL)
    assert (found.course.p50, found.course.p90) == (210, 315)
    assert any(line.startswith("- web: RTO 10m, ") and line.endswith(": enough") for line in said(found, "ok"))
    late = await dry(tmp_path, MANUAL, incident_at=datetime.now(UTC) - timedelta(minutes=8))
    (line,) = said(late, "warn")
    assert line.startswith("- web: RTO 10m, ") and line.endswith(" left: this run would take longer")
    missed = await dry(tmp_path, MANUAL, incident_at=datetime.now(UTC) - timedelta(minutes=18))
    (line,) = said(missed, "warn")
    assert line.endswith(" left: missed already")


async def test_another_operator_at_work_would_stop_the_run(tmp_path: Path) -> None:
    lock = OperatorLock.acquire(tmp_path / "state", "mina")
    try:
        (line,) = said(await dry(tmp_path, with_script("ls")), "stop")
        assert line.startswith("- operator: another operator holds this plan: mina on ")
    finally:
        lock.release()


def test_what_a_node_says_is_read_and_everything_else_left_out() -> None:
    seen = answer(
        "Welcome to this Mac!\n"
        "asked tool psql /opt/homebrew/bin/psql\n"
        "asked missing brew\n"
        "asked disk HOME /dev/disk3s5 971350180 500000000 400000000 56% /System/Volumes/Data\n"
        "asked disk BACKUP_MOUNT map auto_home 10 5 5 50% /Volumes/My Backup\n"
        "asked disk GONE \n"
    )
    assert seen.there == {"psql": "/opt/homebrew/bin/psql"}
    assert seen.missing == {"brew"}
    assert [(disk.name, disk.mount, disk.free) for disk in seen.disks] == [
        ("HOME", "/System/Volumes/Data", 409_600_000_000),
        ("BACKUP_MOUNT", "/Volumes/My Backup", 5120),
    ]


# -- the command line ----------------------------------------------------------------------------------


def everything_below(folder: Path) -> dict[str, str]:
    """Every file and folder, with what is in it."""
    return {
        str(each.relative_to(folder)): hashlib.sha256(each.read_bytes()).hexdigest() if each.is_file() else "folder"
        for each in folder.rglob("*")
    }


def test_a_dry_run_writes_nothing_anywhere(tmp_path: Path) -> None:
    folder = plan_folder(tmp_path, with_script('touch "$FOLDER/touched"'))
    before = everything_below(tmp_path)
    found = process("--plan", folder, "run", "mend", "--dry-run", env={"TEST_DB_PASSWORD": PASSWORD})
    assert (found.status, found.err) == (0, "")
    assert "Nothing that can be known beforehand would stop this run." in found.out
    assert everything_below(tmp_path) == before


def test_the_exit_status_is_1_when_something_would_stop_the_run(tmp_path: Path) -> None:
    folder = plan_folder(tmp_path, with_script("no-such-tool"))
    found = process("--plan", folder, "run", "mend", "--dry-run", env={"TEST_DB_PASSWORD": PASSWORD})
    assert found.status == 1
    assert "1 thing would stop this run:" in found.out
    assert "✖ 1 · here: no-such-tool is not there" in found.out
    assert sparkdr("--plan", folder, "run", "mnd", "--dry-run").status == 2


def test_the_document_has_the_steps_the_findings_and_the_time(tmp_path: Path) -> None:
    backup(tmp_path, stamp(timedelta(minutes=7)), b"new")
    folder = plan_folder(tmp_path, PICKS)
    said = process("--plan", folder, "run", "mend", "--dry-run", "--json", env={"TEST_DB_PASSWORD": PASSWORD})
    document = said.document
    assert (said.status, document["ready"], document["runbook"]) == (0, True, "mend")
    assert document["steps"][0]["scripts"] == [
        {"role": "run", "node": "here", "language": "posix", "commands": ["gunzip"], "unsure": []}
    ]
    assert document["inputs"]["BACKUP"]["set"] == "notes"
    assert document["expected"] == {"p50_s": 5.0, "p90_s": 7.5, "known": True}
    assert {each["state"] for each in document["findings"]} == {"ok"}
    assert set(document["findings"][0]) == {"state", "step", "subject", "reason", "todo"}
