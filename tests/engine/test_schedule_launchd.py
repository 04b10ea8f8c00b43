"""Jobs as property lists of launchd, and what a plan may schedule."""

from __future__ import annotations

import plistlib
import subprocess
from pathlib import Path

import pytest

from sparkdr_tui.backups.schedule import launchd
from sparkdr_tui.backups.schedule.jobs import Ground, jobs_on, unseen_secrets
from sparkdr_tui.plan.load import builtin, load
from tests.engine.plans import change, complaints, sample_plan_folder
from tests.engine.test_schedule_crontab import GROUND, NAME, job

SCHEDULES = """
schedules:
  hourly: { runbook: backup-postgres, on: macmini, minute: 5, log: ~/backup.log }
"""


def test_a_property_list_names_everything_by_its_whole_path_and_leaves_nothing_to_a_shell() -> None:
    found = plistlib.loads(launchd.property_list(NAME, job()))
    assert found["ProgramArguments"] == [
        *(GROUND.program, "--plan", GROUND.plan, "run", "backup-hourly", "--yes", "--wait", "30m")
    ]
    assert found["StartCalendarInterval"] == {"Minute": 5}
    assert found["StandardOutPath"] == found["StandardErrorPath"] == "/var/log/a b.log"
    assert found["Label"].startswith("sparkdr-tui.sparklio-v4-") and found["Label"].endswith(".hourly")
    assert found["RunAtLoad"] is False
    assert launchd.command(launchd.property_list(NAME, job())) == tuple(found["ProgramArguments"])


def test_a_daily_job_has_an_hour_too() -> None:
    assert launchd.contents(NAME, job("daily", at="02:00"))["StartCalendarInterval"] == {"Hour": 2, "Minute": 0}


@pytest.mark.parametrize(("day", "runs"), [(1, True), (2, False)])
def test_a_monthly_job_is_started_on_seven_days_and_runs_on_the_monday_of_them(
    day: int, runs: bool, tmp_path: Path
) -> None:
    program, date = tmp_path / "it's me", tmp_path / "date"
    program.write_text(f'#!/bin/sh\necho "$@" >"{tmp_path}/ran"\n')
    date.write_text(f"#!/bin/sh\necho {day}\n")
    for each in (program, date):
        each.chmod(0o755)
    it = job("test", Ground(str(program), "/home"), at="04:30", monthly="first monday")
    found = launchd.contents(NAME, it)
    assert [each["Day"] for each in found["StartCalendarInterval"]] == [1, 2, 3, 4, 5, 6, 7]
    done = subprocess.run(found["ProgramArguments"], env={"PATH": f"{tmp_path}:/usr/bin:/bin"}, check=False)
    assert done.returncode == 0
    assert (tmp_path / "ran").exists() is runs
    assert launchd.command(launchd.property_list(NAME, it)) == it.words


@pytest.mark.parametrize("content", [b"", b"<plist", b"\0\1\2", b"bplist00", plistlib.dumps([1, 2])])
def test_a_file_that_is_no_property_list_is_simply_not_ours(content: bytes) -> None:
    assert launchd.read(content) == {}
    assert launchd.command(content) == ()


# -- what a plan may say -------------------------------------------------------------------------------


def scheduled(tmp_path: Path, text: str = SCHEDULES) -> Path:
    folder = sample_plan_folder(tmp_path)
    with (folder / "plan.yaml").open("a", encoding="utf-8") as file:
        file.write(text)
    return folder


def test_a_plan_says_what_runs_by_itself(tmp_path: Path) -> None:
    it = load(scheduled(tmp_path)).schedules["hourly"]
    assert (it.runbook, it.on, it.clock) == ("backup-postgres", "macmini", (None, 5))


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("backup-postgres,", "backup-postgre,", "unknown runbook 'backup-postgre'"),
        ("on: macmini, minute", "on: macmin, minute", "unknown node 'macmin'"),
        ("~/backup.log", "$NOWHERE/backup.log", "unknown variable '$NOWHERE'"),
        ("minute: 5", 'minute: 5, at: "02:00"', "a minute of every hour (minute: 5) or a time of day"),
        ("minute: 5", "wait: 5m", "a minute of every hour (minute: 5) or a time of day"),
        ("minute: 5", "minute: 60", "minute"),
        ("minute: 5", 'at: "24:00"', "at"),
        ("minute: 5", "minute: 5, monthly: first monday", "a monthly schedule needs a time of day"),
    ],
)
def test_a_schedule_that_means_nothing_is_refused_with_its_line(
    old: str, new: str, complaint: str, tmp_path: Path
) -> None:
    folder = scheduled(tmp_path)
    change(folder, "plan.yaml", SCHEDULES, SCHEDULES.replace(old, new))
    found = complaints(folder)
    assert any("schedules.hourly" in line and complaint in line for line in found), found


def test_secrets_of_the_environment_are_named_since_no_job_would_find_them() -> None:
    plan = load(builtin())
    assert set(unseen_secrets(plan, "macmini")) == {"PGPASSWORD", "MINIO_ROOT_USER", "MINIO_ROOT_PASSWORD"}
    assert len(jobs_on(plan, "macmini", GROUND)) == len(plan.schedules)
