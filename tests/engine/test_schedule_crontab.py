"""Jobs as crontab lines: what they say, and that every byte of a crontab outside our marks stays as it is."""

from __future__ import annotations

import shlex
import subprocess
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sparkdr_tui.backups.schedule import crontab
from sparkdr_tui.backups.schedule.jobs import Ground, Job, for_sh, jobs_on, log_path, slug, words
from sparkdr_tui.errors import SparkdrError
from sparkdr_tui.lab.standins.macos import refused_line
from sparkdr_tui.plan.load import builtin, load
from sparkdr_tui.plan.schedules import Schedule

GROUND = Ground("/opt/it's here/sparkdr-tui", "/Users/woosun", "/Users/woosun/the 100% plan")
NAME = "Sparklio V4"


def job(name: str = "hourly", ground: Ground = GROUND, log: str = "/var/log/a b.log", **when: Any) -> Job:
    """A job as a schedule would make it."""
    it = Schedule.model_validate({"runbook": f"backup-{name}", "on": "macmini", "log": log, **(when or {"minute": 5})})
    return Job(name, it, words(it, ground), log)


JOBS = (job(), job("daily", at="02:00"))
foreign = st.lists(
    st.one_of(
        st.binary(max_size=30),
        st.sampled_from(
            [b"MAILTO=me", b"# >>> conda >>>", b"5 * * * * /bin/true", b"SHELL=/bin/zsh\r", b"", b"\xff\xfe"]
        ),
    ),
    max_size=8,
).map(b"\n".join)
"""Crontabs of other people: with and without a last end of line, with carriage returns, with bytes that are no text."""


@given(foreign)
def test_everything_outside_the_marks_is_kept_byte_for_byte(before: bytes) -> None:
    after = crontab.with_jobs(before, NAME, JOBS)
    assert crontab.without_jobs(after, NAME) == before
    assert after == crontab.block(NAME, JOBS) + before


@given(foreign)
def test_installing_twice_changes_nothing_more(before: bytes) -> None:
    once = crontab.with_jobs(before, NAME, JOBS)
    assert crontab.with_jobs(once, NAME, JOBS) == once


@given(foreign)
def test_removing_what_is_not_there_changes_nothing(before: bytes) -> None:
    assert crontab.without_jobs(before, NAME) == before


@given(foreign, foreign)
def test_a_block_is_renewed_where_it_stands(before: bytes, after: bytes) -> None:
    before = before and before.rstrip(b"\n") + b"\n"
    old = before + crontab.block(NAME, [job("old")]) + after
    assert crontab.with_jobs(old, NAME, JOBS) == before + crontab.block(NAME, JOBS) + after


@given(foreign)
def test_two_plans_stand_side_by_side(before: bytes) -> None:
    both = crontab.with_jobs(crontab.with_jobs(before, NAME, JOBS), "Another (plan)", [job("other")])
    assert set(crontab.installed(both, NAME)) == {"hourly", "daily"}
    assert set(crontab.installed(both, "Another (plan)")) == {"other"}
    assert crontab.without_jobs(both, NAME) == crontab.with_jobs(before, "Another (plan)", [job("other")])


@pytest.mark.parametrize("cut", ["begin", "end", "twice", "order", "inside"])
def test_marks_that_somebody_damaged_are_refused(cut: str) -> None:
    begin, end = crontab.marks(NAME)
    damaged = {
        "begin": f"5 * * * * x\n{end}\n",
        "end": f"{begin}\n5 * * * * x\n",
        "twice": f"{begin}\n{end}\n{begin}\n{end}\n",
        "order": f"{end}\n{begin}\n",
        "inside": f"{begin}\n{crontab.marks('other')[0]}\n{end}\n",
    }[cut].encode()
    with pytest.raises(SparkdrError, match="damaged; nothing was changed") as refused:
        crontab.with_jobs(damaged, NAME, JOBS)
    assert begin in refused.value.hint
    with pytest.raises(SparkdrError, match="damaged; nothing was changed"):
        crontab.without_jobs(damaged, NAME)


def test_marks_are_known_again_after_an_editor_gave_them_carriage_returns() -> None:
    saved = (b"MAILTO=me\n" + crontab.block(NAME, JOBS) + b"# mine\n").replace(b"\n", b"\r\n")
    assert crontab.without_jobs(saved, NAME) == b"MAILTO=me\r\n# mine\r\n"


def test_cron_and_sh_hand_the_program_exactly_the_words_of_the_job(tmp_path: Path) -> None:
    """As cron does: what is before the command is a time, a backslash before a percent sign goes, sh reads the rest."""
    program = tmp_path / "it's 100% a program"
    program.write_text('#!/bin/sh\nfor word in "$@"; do echo "<$word>"; done\necho oops >&2\n')
    program.chmod(0o755)
    log = tmp_path / "log of $(touch x) it's.txt"
    it = job(ground=Ground(str(program), "/home", "/plans/the 100% plan"), log=str(log))
    line = crontab.line(it)
    time, command = " ".join(line.split(" ")[:5]), line.split(" ", 5)[5]
    assert time == "5 * * * *"
    assert "%" not in command.replace("\\%", "")
    for _ in range(2):  # the second time it goes on where the log ended
        subprocess.run(
            ["/bin/sh", "-c", command.replace("\\%", "%")], env={"HOME": str(tmp_path)}, cwd=tmp_path, check=True
        )
    said = [
        f"<{word}>" for word in ("--plan", "/plans/the 100% plan", "run", "backup-hourly", "--yes", "--wait", "30m")
    ]
    assert log.read_text(encoding="utf-8").splitlines() == [*said, "oops"] * 2
    assert not (tmp_path / "x").exists()


@pytest.mark.parametrize(
    ("when", "time"),
    [
        ({"minute": 0}, "0 * * * *"),
        ({"at": "02:05"}, "5 2 * * *"),
        ({"at": "04:30", "monthly": "first monday"}, "30 4 1-7 * *"),
    ],
)
def test_times_become_the_five_columns_of_cron(when: dict[str, Any], time: str) -> None:
    line = crontab.line(job(**when))
    assert line.startswith(f"{time} ")
    assert refused_line(line.encode()) is None


def test_a_monthly_job_runs_on_the_monday_among_the_first_seven_days() -> None:
    it = job(at="04:30", monthly="first monday")
    command = for_sh(it)
    assert command.startswith('[ "$(date +%u)" = 1 ] && ')
    assert '"$(date +\\%u)"' in crontab.line(it)


def test_a_path_that_cron_would_read_in_its_own_way_is_refused() -> None:
    plan = load(builtin())
    for path in ("/plans/a\nb", "/plans/a\\%b"):
        with pytest.raises(SparkdrError, match="A schedule cannot name"):
            jobs_on(plan, "macmini", Ground("/bin/sparkdr-tui", "/Users/woosun", path))
    with pytest.raises(SparkdrError, match="too long for cron"):
        crontab.line(job(ground=Ground("/" + "x" * 1000, "/home")))


def test_the_built_in_plan_runs_postgresql_and_redis_hourly_and_everything_at_two_as_its_document_says() -> None:
    plan = load(builtin())
    hourly, daily, monthly = jobs_on(plan, "macmini", Ground("/opt/homebrew/bin/sparkdr-tui", "/Users/woosun"))
    assert crontab.line(daily).startswith("0 2 * * * /opt/homebrew/bin/sparkdr-tui run backup-daily --yes --wait 4h >>")
    assert crontab.line(hourly).startswith("5 * * * * /opt/homebrew/bin/sparkdr-tui run backup-hourly --yes")
    assert crontab.line(monthly).startswith("0 4 1-7 * * [ ")
    assert daily.log == "/Users/woosun/sparklio_ai_marketing_studio/logs/backup.log"
    assert timedelta(0) < hourly.schedule.wait < timedelta(hours=1)


def test_logs_are_absolute_on_the_node() -> None:
    node = load(builtin()).nodes["macmini"]
    for text, path in (("~/x.log", "/Users/w/x.log"), ("x.log", "/Users/w/x.log"), ("/x.log", "/x.log")):
        it = Schedule.model_validate({"runbook": "r", "on": "macmini", "minute": 1, "log": text})
        assert log_path(node, it, "/Users/w") == path


@given(st.text(max_size=60), st.text(max_size=60))
def test_no_two_plans_share_a_label(one: str, other: str) -> None:
    assert (slug(one) == slug(other)) == (one == other)
    assert slug(one).isascii() and shlex.quote(slug(one)) == slug(one)
