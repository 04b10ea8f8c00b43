"""What is read off a node about its schedule, whatever `crontab -l` says there; and the scripts that ask and change."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from sparkdr_tui.backups.schedule import crontab, installed
from sparkdr_tui.backups.schedule.installed import Found, Standing, Survey, Wishes, look, survey
from sparkdr_tui.backups.schedule.jobs import jobs_on
from sparkdr_tui.errors import SparkdrError
from sparkdr_tui.plan.load import load
from sparkdr_tui.plan.runbook import Plan
from sparkdr_tui.reach.local import LocalShell
from sparkdr_tui.recover import scheduling
from tests.engine.command_line import sparkdr
from tests.engine.plans import change
from tests.engine.test_builtin_plan import GNU_ONLY

PLAN = """
name: Here
nodes:
  here:
    title: Here
    role: all
    criticality: high
    address: 127.0.0.1
    os: linux
    env: {{ PATH: "{tools}:/usr/bin:/bin" }}
services: {{ web: {{ title: Web, on: here, port: 1, probe: {{ tcp: {{}} }} }} }}
schedules: {{ hourly: {{ runbook: dump, on: here, minute: 5, log: ~/backup.log }} }}
"""
DUMP = "id: dump\ntitle: Dump\nsteps: [{id: one, title: Dump it, on: here, shell: 'true'}]\n"


@pytest.fixture
def plan(tmp_path: Path) -> Plan:
    """A plan of this machine, where `crontab` is what a test says."""
    folder = tmp_path / "plan"
    folder.mkdir()
    (tmp_path / "tools").mkdir()
    (folder / "plan.yaml").write_text(PLAN.format(tools=tmp_path / "tools"), encoding="utf-8")
    (folder / "dump.yaml").write_text(DUMP, encoding="utf-8")
    return load(folder)


def answers(tmp_path: Path, name: str, script: str) -> str:
    """A command on the node's PATH."""
    tool = tmp_path / "tools" / name
    tool.write_text(f"#!/bin/sh\n{script}\n")
    tool.chmod(0o755)
    return str(tool)


@pytest.mark.parametrize(
    ("script", "table", "refused"),
    [
        ("echo 'crontab: no crontab for woosun' >&2; exit 1", b"", ""),
        ("echo 'no crontab for root' >&2; exit 1", b"", ""),
        ("exit 0", b"", ""),
        (r"printf '5 * * * * x\r\n\n# \377no end'", b"5 * * * * x\r\n\n# \xffno end", ""),
        ("echo 'crontab: tmp: Operation not permitted' >&2; exit 1", None, "crontab: tmp: Operation not permitted"),
        ("echo 'You (woosun) are not allowed to use this program' >&2; exit 1", None, "You (woosun) are not allowed"),
    ],
)
async def test_a_crontab_is_read_to_the_last_byte_and_none_is_not_one_that_is_refused(
    script: str, table: bytes | None, refused: str, plan: Plan, tmp_path: Path
) -> None:
    answers(tmp_path, "crontab", script)
    found = await look(plan, "here", LocalShell())
    assert found.crontab == table
    assert found.refused.startswith(refused) and bool(found.refused) == bool(refused)


async def test_the_program_that_jobs_were_installed_with_is_kept_as_long_as_it_is_there(
    plan: Plan, tmp_path: Path
) -> None:
    program = answers(tmp_path, "chosen once", "true")
    answers(tmp_path, "sparkdr-tui", "true")
    answers(tmp_path, "crontab", f"cat '{tmp_path}/table' 2>/dev/null")
    seen = await survey(plan, "here", LocalShell(), Wishes(program=program))
    assert seen.standing(plan.name, "cron") == {"hourly": Standing.MISSING}
    (tmp_path / "table").write_bytes(crontab.with_jobs(b"", plan.name, seen.jobs))
    again = await survey(plan, "here", LocalShell(), Wishes())
    assert again.standing(plan.name, "cron") == {"hourly": Standing.CURRENT}
    (tmp_path / "tools" / "chosen once").unlink()
    other = await survey(plan, "here", LocalShell(), Wishes())
    assert other.ground.program == str(tmp_path / "tools" / "sparkdr-tui")
    assert other.standing(plan.name, "cron") == {"hourly": Standing.DIFFERS}


async def test_a_program_and_a_plan_that_are_not_there_are_named(plan: Plan, tmp_path: Path) -> None:
    answers(tmp_path, "crontab", "exit 0")
    with pytest.raises(SparkdrError, match="There is no /no/such on here"):
        await survey(plan, "here", LocalShell(), Wishes(program="/no/such"))
    answers(tmp_path, "sparkdr-tui", "true")
    with pytest.raises(SparkdrError, match="there is no /no/plan") as refused:
        await survey(plan, "here", LocalShell(), Wishes(plan="/no/plan"))
    assert "--plan-there" in refused.value.hint


async def test_a_job_that_the_plan_no_longer_has_is_seen(plan: Plan, tmp_path: Path) -> None:
    answers(tmp_path, "sparkdr-tui", "true")
    answers(tmp_path, "crontab", "exit 0")
    seen = await survey(plan, "here", LocalShell(), Wishes())
    (job,) = jobs_on(plan, "here", seen.ground)
    lines = crontab.block(plan.name, [job]).replace(b"# hourly", b"# nightly")
    later = Survey("here", Found(seen.found.home, "here", lines), seen.ground, seen.jobs)
    assert later.standing(plan.name, "cron") == {"hourly": Standing.MISSING, "nightly": Standing.DIFFERS}


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        (["--install", "--remove"], "opposites"),
        (["--cron", "--launchd"], "choose one"),
        (["--program", "bin/sparkdr-tui"], "bin/sparkdr-tui is no absolute path"),
        (["--plan-there", "plan"], "plan is no absolute path"),
        (["--remove", "--cron"], "whatever it was installed with"),
    ],
)
def test_options_that_contradict_each_other_are_refused(options: list[str], complaint: str, plan: Plan) -> None:
    said = sparkdr("--plan", plan.folder, "backup", "schedule", *options)
    assert said.status == 2 and complaint in said.err


def test_a_plan_that_schedules_nothing_says_where_to_write_it(plan: Plan) -> None:
    change(plan.folder, "plan.yaml", "schedules: ", "backup_sets: {} #")
    said = sparkdr("--plan", plan.folder, "backup", "schedule")
    assert said.status == 2 and "Write `schedules:` into plan.yaml." in said.err


SCRIPTS = {
    "look": installed._LOOK,
    "try": installed._TRY,
    "prepare": scheduling._TRY,
    "crontab": scheduling._CRONTAB,
    "agents": scheduling._AGENTS,
}


@pytest.mark.parametrize("name", SCRIPTS)
def test_scripts_are_plain_bash_that_a_mac_reads_too(name: str, tmp_path: Path) -> None:
    file = tmp_path / f"{name}.sh"
    file.write_text(f"#!/bin/bash\nset -euo pipefail\n{SCRIPTS[name]}", encoding="utf-8")
    shellcheck = Path(sys.executable).with_name("shellcheck")
    done = subprocess.run(
        [str(shellcheck), "--exclude=SC2329,SC2317", str(file)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout
    for forbidden in GNU_ONLY:
        assert not re.search(forbidden, SCRIPTS[name]), forbidden
