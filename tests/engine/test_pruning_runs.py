"""Pruning as a run: the built-in plan's own script on a folder of this machine, through the engine."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from sparkdr_tui.backups.catalog import list_backups
from sparkdr_tui.plan.graph import graph, inputs
from sparkdr_tui.plan.load import builtin, load
from sparkdr_tui.plan.runbook import Plan, Step
from sparkdr_tui.reach.local import LocalShell
from sparkdr_tui.reach.shell import Result, Script
from sparkdr_tui.record import decisions as d
from sparkdr_tui.record.decisions import RunRequest
from sparkdr_tui.record.events import Pace
from sparkdr_tui.record.journal import read
from sparkdr_tui.record.state import Phase
from sparkdr_tui.recover.engine import Engine
from sparkdr_tui.report.timeline import timeline
from tests.engine.local_runs import Bench, bench

MANIFEST = "manifest 1\nsize 4\nsnapshot {at}\nrun INC-0001\n"
HOSTILE = [
    "$(touch hacked) 'x\" .sql.gz",
    "notes_20200101_000000.sql.gz\nsecond line",
    "notes_20200101_000000.sql.gz.mine",
]


@pytest.fixture(scope="module")
def plan() -> Plan:
    return load(builtin())


def step_of(plan: Plan, name: str = "postgres") -> Step:
    return next(step for step in plan.runbooks["backup-prune"].steps if step.id == name)


def runbook(plan: Plan) -> str:
    """The built-in plan's step for a set, on the small plan's set and folder."""
    step = step_of(plan)
    assert step.shell and step.confirm and step.confirm.show and step.verify[0].shell
    return json.dumps(
        {
            "id": "mend",
            "title": "Prune",
            "inputs": {"PRUNE_NOTES": {"expired": "notes"}},
            "steps": [
                {
                    "id": "notes",
                    "title": "Delete",
                    "on": "here",
                    "danger": "destroys",
                    "env": {
                        "EXPIRED": "$PRUNE_NOTES",
                        "BEGIN": "notes_",
                        "END": ".sql.gz",
                        "BACKUP_DIR": "$FOLDER/backups",
                    },
                    "confirm": {"type": "notes", "show": step.confirm.show.posix},
                    "shell": step.shell.posix,
                    "verify": {"shell": step.verify[0].shell.posix},
                }
            ],
        }
    )


def put(folder: Path, days: float, manifest: bool = True, verified: str = "") -> str:
    """A backup of that age with everything that lies beside one; its name."""
    at = datetime.now() - timedelta(days=days)
    name = f"notes_{at:%Y%m%d_%H%M%S}.sql.gz"
    (folder / name).write_bytes(b"data")
    (folder / f"{name}.sha256").write_text(f"00  {name}\n")
    if manifest:
        (folder / f"{name}.manifest").write_text(MANIFEST.format(at=at.astimezone(UTC).isoformat()))
    if verified:
        (folder / f"{name}.verified").write_text(verified)
    return name


def names(folder: Path) -> set[str]:
    return {each.name for each in folder.iterdir()}


def with_sides(*found: str) -> set[str]:
    return {f"{name}{side}" for name in found for side in ("", ".manifest", ".sha256")}


def opens(b: Bench, pace: Pace = "none", **values: str) -> Path:
    return b.open(RunRequest("mend", pace=pace, inputs=values))


def test_exactly_what_is_due_goes_with_what_lies_beside_it_and_the_journal_names_it(tmp_path: Path, plan: Plan) -> None:
    with bench(tmp_path, runbook(plan)) as b:
        folder = tmp_path / "backups"
        stays = [put(folder, 0.1), put(folder, 6.9)]
        goes = [put(folder, 30), put(folder, 7.1), put(folder, 9, manifest=False)]
        (folder / ".notes_20200101_000000.sql.gz.part").touch()
        os.utime(folder / ".notes_20200101_000000.sql.gz.part", (0, 0))
        for foreign in HOSTILE:
            (folder / foreign).touch()
        run = opens(b)
        assert b.engine.wait(30)
        assert b.state.outcome == "completed", b.log("notes")
        assert names(folder) == with_sides(*stays) | set(HOSTILE)
        chosen = b.state.inputs["PRUNE_NOTES"]
        assert set(chosen.value.splitlines()) == {*goes, ".notes_20200101_000000.sql.gz.part"}
        assert chosen.expired is not None and (chosen.expired.count, chosen.expired.left) == (4, 0)
        assert b.log("notes").count("deleted: ") == 4
        moments = [moment for moment in timeline(read(run)) if "4 past their keep, 12 B" in moment.text]
        assert len(moments) == 1 and f"  {goes[0]}" in moments[0].more
        assert not list(tmp_path.rglob("hacked"))


def test_after_ten_days_of_failed_backups_with_a_moved_clock_the_last_good_one_is_still_there(
    tmp_path: Path, plan: Plan
) -> None:
    made = Bench(tmp_path, runbook(plan), 1)
    folder = tmp_path / "backups"
    good, before = put(folder, 0.5), put(folder, 1.5)
    for day in range(1, 10):
        (folder / put(folder, -day, manifest=False)).write_bytes(b"")
    moved = datetime.now(UTC) + timedelta(days=10)
    engine = Engine(made.plan, made.state_folder, "tester", made.sweeps, lambda: moved)
    with engine:
        made.engine, made.run = engine, engine.open(RunRequest("mend", pace="none"))
        assert engine.wait(30)
    assert made.state.outcome == "completed", made.log("notes")
    assert good in names(folder) and f"{good}.manifest" in names(folder)
    assert before not in names(folder)


def test_whoever_deletes_sees_the_list_and_types_the_name_of_the_set(tmp_path: Path, plan: Plan) -> None:
    with bench(tmp_path, runbook(plan)) as b:
        folder = tmp_path / "backups"
        kept, goes = put(folder, 0.1), put(folder, 8)
        opens(b, "danger")
        step = b.until_phase("notes", Phase.ASKED).steps["notes"]
        assert step.phrase == "notes"
        assert step.facts == (goes, "1 to be deleted")
        b.engine.submit(d.Confirm("notes", "redis"))
        b.until(lambda state: state.refused is not None)
        assert names(folder) == with_sides(kept, goes)
        b.engine.submit(d.Confirm("notes", "notes"))
        assert b.engine.wait(30)
        assert names(folder) == with_sides(kept)


def test_nothing_goes_by_itself_while_a_recovery_is_unfinished(tmp_path: Path, plan: Plan) -> None:
    made = Bench(tmp_path, runbook(plan), 1)
    kept, goes = put(tmp_path / "backups", 0.1), put(tmp_path / "backups", 8)
    with made.engine:
        opens(made, "danger")
        made.until_phase("notes", Phase.ASKED)
    with Engine(made.plan, made.state_folder, "cron", made.sweeps) as engine:
        made.engine = engine
        opens(made)
        state = made.until_phase("notes", Phase.FAILED)
        assert "INC-0001" in state.missing["PRUNE_NOTES"] and "unfinished" in state.missing["PRUNE_NOTES"]
    assert names(tmp_path / "backups") == with_sides(kept, goes)


def test_nobody_is_asked_where_nothing_is_due(tmp_path: Path, plan: Plan) -> None:
    with bench(tmp_path, runbook(plan)) as b:
        kept = put(tmp_path / "backups", 0.1)
        opens(b, "each")
        assert b.engine.wait(30)
        assert b.state.outcome == "completed"
        assert names(tmp_path / "backups") == with_sides(kept)


def meanwhile_another_one_is_due(folder: Path, listed: str, newer: str) -> set[str]:
    return {put(folder, 50), newer}


def meanwhile_the_newer_one_is_damaged(folder: Path, listed: str, newer: str) -> set[str]:
    (folder / newer).write_bytes(b"")
    return {listed, newer}


@pytest.mark.parametrize("meanwhile", [meanwhile_another_one_is_due, meanwhile_the_newer_one_is_damaged])
def test_between_the_question_and_the_answer_the_list_only_gets_shorter(
    tmp_path: Path, plan: Plan, meanwhile: Callable[[Path, str, str], set[str]]
) -> None:
    with bench(tmp_path, runbook(plan)) as b:
        folder = tmp_path / "backups"
        newer, listed = put(folder, 0.1), put(folder, 8)
        opens(b, "danger")
        b.until_phase("notes", Phase.ASKED)
        stay = meanwhile(folder, listed, newer)
        b.engine.submit(d.Confirm("notes", "notes"))
        assert b.engine.wait(30)
        assert names(folder) == with_sides(*stay)


def test_a_set_that_is_left_alone_is_not_even_looked_at(tmp_path: Path, plan: Plan) -> None:
    with bench(tmp_path, runbook(plan)) as b:
        old = [put(tmp_path / "backups", 8), put(tmp_path / "backups", 9)]
        opens(b, PRUNE_NOTES="")
        assert b.engine.wait(30)
        assert b.state.outcome == "completed"
        assert names(tmp_path / "backups") == with_sides(*old)


def test_the_operator_may_name_some_of_what_is_due_and_nothing_else(tmp_path: Path, plan: Plan) -> None:
    with bench(tmp_path, runbook(plan)) as b:
        folder = tmp_path / "backups"
        kept, one, other = put(folder, 0.1), put(folder, 8), put(folder, 9)
        opens(b, "danger", PRUNE_NOTES=kept)
        b.until(lambda state: "it stays" in state.missing.get("PRUNE_NOTES", ""))
        assert "it stays" in b.until_phase("notes", Phase.ASKED).steps["notes"].facts[0]
        b.engine.submit(d.Choose("PRUNE_NOTES", one))
        b.until(lambda state: "PRUNE_NOTES" in state.inputs and state.inputs["PRUNE_NOTES"].value == one)
        b.until_phase("notes", Phase.ASKED)
        b.engine.submit(d.Confirm("notes", "notes"))
        assert b.engine.wait(30)
        assert names(folder) == with_sides(kept, other)


def test_asking_for_what_is_not_due_fails_where_nobody_is_asked_and_deletes_nothing(tmp_path: Path, plan: Plan) -> None:
    with bench(tmp_path, runbook(plan)) as b:
        folder = tmp_path / "backups"
        kept, due = put(folder, 0.1), put(folder, 8)
        opens(b, PRUNE_NOTES=f"{due}\n{kept}")
        assert f"{kept} is not due" in b.until_phase("notes", Phase.FAILED).steps["notes"].detail
        assert names(folder) == with_sides(kept, due)


def test_a_folder_that_cannot_be_listed_fails_the_step_and_says_why(tmp_path: Path, plan: Plan) -> None:
    with bench(tmp_path, runbook(plan)) as b:
        (tmp_path / "backups").rmdir()
        opens(b)
        step = b.until_phase("notes", Phase.FAILED).steps["notes"]
        assert "cannot be read" in step.detail
        (tmp_path / "backups").mkdir()
        put(tmp_path / "backups", 0.1)
        b.engine.submit(d.Retry("notes"))
        b.until(lambda state: state.steps["notes"].phase in (Phase.DONE, Phase.ASKED) or not state.live)
        assert b.engine.wait(30)
        assert b.state.outcome == "completed"


# -- the script by itself ----------------------------------------------------------------------------


def prune(plan: Plan, folder: Path, expired: str, end: str = ".sql.gz", path: str = "") -> Result:
    """Run the built-in script on a folder, with that list."""
    step = step_of(plan)
    assert step.shell and step.shell.posix
    env = {"BACKUP_DIR": str(folder), "EXPIRED": expired, "BEGIN": "notes_", "END": end}
    env["PATH"] = f"{path}:{os.environ['PATH']}" if path else os.environ["PATH"]
    return asyncio.run(LocalShell().run(Script(step.shell.posix, env), 60))


def test_the_script_itself_refuses_a_list_that_holds_what_must_stay(tmp_path: Path, plan: Plan) -> None:
    old, verified, newest = put(tmp_path, 9), put(tmp_path, 8, verified="at x\nresult ok\n"), put(tmp_path, 7.5)
    before = names(tmp_path)
    for bad, why in [
        (newest, "the newest complete backup"),
        (verified, "the newest verified backup"),
        ("../notes_20200101_000000.sql.gz", "a name with a slash"),
        ("/etc/passwd", "a name with a slash"),
        ("redis_20200101_000000.rdb", "no name of this set"),
        ("notes_20200101_000000.sql.gz.manifest", "no name of this set"),
        ("*", "no name of this set"),
        ("-rf", "no name of this set"),
        ("$(touch hacked)", "no name of this set"),
    ]:
        result = prune(plan, tmp_path, f"{old}\n{bad}")
        assert result.status == 1, bad
        assert f"is {why}" in result.text
        assert names(tmp_path) == before
    assert prune(plan, tmp_path, "").status == 0
    assert names(tmp_path) == before
    assert prune(plan, tmp_path, f"\n{old}\n\n").status == 0
    assert names(tmp_path) == before - with_sides(old)


def test_a_newest_backup_that_was_cut_off_keeps_nobody_from_pruning_and_protects_no_other(
    tmp_path: Path, plan: Plan
) -> None:
    """What the list leaves out is the last that is whole; the script must not take a damaged one for that."""
    with bench(tmp_path, runbook(plan)) as b:
        folder = tmp_path / "backups"
        old, good = put(folder, 30), put(folder, 9)
        cut = put(folder, 8, verified="at x\nresult ok\n")
        (folder / cut).write_bytes(b"da")
        opens(b)
        assert b.engine.wait(30)
        assert b.state.outcome == "completed", b.log("notes")
        assert names(folder) == with_sides(good)
        assert set(b.state.inputs["PRUNE_NOTES"].value.splitlines()) == {old, cut}
        result = prune(plan, folder, good)
        assert (result.status, "is the newest complete backup" in result.text) == (1, True)


DIES = """#!/bin/sh
# An rm that dies with its script after CALLS calls, in the middle of a folder where it meets one.
n=$(cat "$0.count"); echo $((n + 1)) >"$0.count"
if [ "$n" -ge CALLS ]; then
  for each; do /bin/rm -f "$each/deep/a"; done
  kill -9 $PPID
fi
exec /bin/rm "$@"
"""


@pytest.mark.parametrize("of_folders", [False, True])
@pytest.mark.parametrize("calls", range(5))
def test_an_interruption_never_leaves_something_that_looks_complete_and_is_not(
    tmp_path: Path, plan: Plan, calls: int, of_folders: bool
) -> None:
    folder, tools = tmp_path / "backups", tmp_path / "tools"
    folder.mkdir()
    tools.mkdir()
    (tools / "rm").write_text(DIES.replace("CALLS", str(calls)))
    (tools / "rm").chmod(0o755)
    (tools / "rm.count").write_text("0")
    end = "" if of_folders else ".sql.gz"
    old, _newest = (put(folder, days, verified="result failed\n") for days in (9, 1))
    if of_folders:
        old = _into_folders(folder, old)
    prune(plan, folder, old, end, str(tools))
    there = names(folder)
    if f"{old}.manifest" in there or f"{old}.verified" in there:
        assert old in there
    if of_folders and old in there:
        assert (folder / old / "deep" / "a").exists()  # what is half gone has no backup's name any more
    assert prune(plan, folder, old, end).status == 0
    assert not any(name.startswith(old) for name in names(folder))


def _into_folders(folder: Path, name: str) -> str:
    """Make backups that are folders of those that are files; the new name of one."""
    for each in list(folder.iterdir()):
        each.rename(folder / each.name.replace(".sql.gz", ""))
    for each in [one for one in folder.iterdir() if not one.suffix]:
        each.unlink()
        (each / "deep").mkdir(parents=True)
        for content in "ab":
            (each / "deep" / content).write_text("x")
    return name.removesuffix(".sql.gz")


# -- the built-in plan -------------------------------------------------------------------------------


def test_every_set_of_the_built_in_plan_is_pruned_by_a_step_that_knows_its_names(plan: Plan) -> None:
    book = plan.runbooks["backup-prune"]
    declared = {each.expired: name for name, each in book.inputs.items()}
    assert set(declared) == set(plan.backup_sets)
    for name, backup_set in plan.backup_sets.items():
        step = step_of(plan, name)
        begin, _stamp, end = backup_set.name.partition("{stamp}")
        assert step.env == {"EXPIRED": f"${declared[name]}", "BEGIN": begin, "END": end.removesuffix("/")}
        assert step.on == backup_set.on and backup_set.dir == "$BACKUP_DIR"
        assert step.confirm is not None and step.confirm.type == name


def test_the_daily_backup_prunes_only_once_every_new_backup_is_complete(plan: Plan) -> None:
    steps = {planned.id: planned for planned in graph(plan, "backup-daily")}
    before: set[str] = set()
    ahead = [need for name, planned in steps.items() if name == "prune.mounted" for need in planned.needs]
    while ahead:
        before.add(name := ahead.pop())
        ahead += steps[name].needs
    assert before == {name for name in steps if not name.startswith(("prune.", "offsite."))}
    assert all("prune.mounted" in steps[f"prune.{name}"].needs for name in plan.backup_sets)
    assert {each.expired for each in inputs(plan, "backup-daily").values() if each.expired} == set(plan.backup_sets)


def test_what_pruning_leaves_is_listed_as_before(tmp_path: Path, plan: Plan) -> None:
    with bench(tmp_path, runbook(plan)) as b:
        put(tmp_path / "backups", 8)
        kept = put(tmp_path / "backups", 1)
        opens(b)
        assert b.engine.wait(30)
        (found,) = asyncio.run(list_backups(b.plan, "notes", LocalShell()))
        assert (found.name, found.complete, found.made_by) == (kept, True, "INC-0001")
