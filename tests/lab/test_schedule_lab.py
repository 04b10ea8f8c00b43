"""The schedule on a node: installed over SSH beside what is there, run as cron and launchd would, and taken away."""

from __future__ import annotations

import asyncio
import plistlib
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tests.engine.command_line import Said, sparkdr
from tests.lab.world import World

LONG = 120
CURRENT = dict.fromkeys(("hourly", "daily", "monthly"), "current")
FOREIGN = b"MAILTO=woosun\nSHELL=/bin/false\n30 6 * * * /usr/bin/true # \xec\xbb\xa4\xed\x94\xbc \xff\n# no end of line"


def schedule(lab: World, *arguments: str) -> Said:
    return sparkdr("--plan", lab.plan, "backup", "schedule", *arguments)


def standing(lab: World, *arguments: str) -> dict[str, str]:
    """How each job stands."""
    (node,) = schedule(lab, "--json", *arguments).document["nodes"]
    return {name: each["state"] for name, each in node["jobs"].items()}


def backups(lab: World, kind: str) -> set[str]:
    folder = lab.folder / "volumes" / "macmini" / "Backup" / "sparklio_v4"
    return {each.name for each in folder.glob(f"{kind}_*.manifest")}


def as_by_itself(lab: World, words: list[str]) -> None:
    """Run something as cron and launchd do: nothing of a login is there."""
    home = lab.home("macmini")
    env = {"HOME": str(home), "LOGNAME": "woosun", "SHELL": "/bin/sh", "PATH": "/usr/bin:/bin"}
    subprocess.run(words, env=env, cwd=home, timeout=LONG, check=False)


async def on_the_node(lab: World, command: str) -> None:
    async with lab.ssh("macmini") as shell:
        await shell.run(command, check=True)


def test_cron_lines_stand_beside_what_is_there_and_make_a_backup_when_their_time_comes(lab: World) -> None:
    table = lab.home("macmini") / ".crontab"
    table.write_bytes(FOREIGN)
    try:
        refused = schedule(lab, "--install", "--program", "/nowhere/sparkdr-tui")
        assert refused.status == 1 and "There is no /nowhere/sparkdr-tui on macmini." in refused.err
        assert standing(lab) == dict.fromkeys(CURRENT, "missing")
        assert table.read_bytes() == FOREIGN

        assert standing(lab, "--install") == CURRENT
        installed = table.read_bytes()
        assert installed.endswith(FOREIGN) and installed.startswith(b"# >>> sparkdr-tui (Sparklio V4) >>>\n")
        said = schedule(lab, "--install")
        assert said.status == 0 and "nothing was changed" in said.out
        assert table.read_bytes() == installed

        before = {kind: backups(lab, kind) for kind in ("postgres", "redis")}
        (line,) = (each for each in installed.decode(errors="replace").splitlines() if "run backup-hourly" in each)
        assert line.startswith("5 * * * * ")
        as_by_itself(lab, ["/bin/sh", "-c", line.split(" ", 5)[5].replace("\\%", "%")])
        log = lab.home("macmini") / "sparklio_ai_marketing_studio" / "logs" / "backup.log"
        for kind, old in before.items():
            assert len(backups(lab, kind) - old) == 1, log.read_text(encoding="utf-8")
        assert "completed" in log.read_text(encoding="utf-8")

        begin = installed.index(b"# <<<")
        table.write_bytes(installed[:begin] + installed[begin + 1 :])
        for option in ("--install", "--remove"):
            said = schedule(lab, option)
            assert said.status == 1 and "damaged; nothing was changed" in said.err
        table.write_bytes(installed.replace(b"5 * * * *", b"7 * * * *"))
        assert standing(lab) == CURRENT | {"hourly": "differs"}

        assert schedule(lab, "--remove").status == 0
        assert table.read_bytes() == FOREIGN
        assert "Nothing was installed" in schedule(lab, "--remove").out
    finally:
        table.unlink(missing_ok=True)


@contextmanager
def a_launchd_that_refuses(lab: World, label: str) -> Iterator[None]:
    """launchctl, where loading one job fails."""
    tool = lab.home("macmini") / "bin" / "launchctl"
    real = tool.with_name("launchctl-real")
    tool.rename(real)
    fails = 'echo "Bootstrap failed: 125: Domain does not support specified action" >&2; exit 125'
    tool.write_text(f'#!/bin/sh\ncase "$*" in bootstrap*{label}*) {fails};; esac\nexec "{real}" "$@"\n')
    tool.chmod(0o755)
    try:
        yield
    finally:
        real.replace(tool)


def test_property_lists_are_loaded_by_launchd_and_take_the_place_of_cron_lines(lab: World) -> None:
    home = lab.home("macmini")
    agents = home / "Library" / "LaunchAgents"
    table = home / ".crontab"
    table.write_bytes(FOREIGN)
    try:
        assert standing(lab, "--install") == CURRENT
        with_lines = table.read_bytes()
        with a_launchd_that_refuses(lab, "daily"):
            said = schedule(lab, "--install", "--launchd")
        assert said.status == 1 and "what was there before is back" in said.err and "Nobody is logged in" in said.err
        assert table.read_bytes() == with_lines and not list(agents.iterdir())

        assert standing(lab, "--install", "--launchd") == CURRENT
        assert table.read_bytes() == FOREIGN
        found: dict[str, Any] = {
            each.stem.rpartition(".")[2]: plistlib.loads(each.read_bytes()) for each in agents.iterdir()
        }
        assert found["daily"]["StartCalendarInterval"] == {"Hour": 2, "Minute": 0}
        before = backups(lab, "postgres")
        as_by_itself(lab, found["hourly"]["ProgramArguments"])
        assert len(backups(lab, "postgres") - before) == 1

        asyncio.run(on_the_node(lab, f"launchctl bootout gui/$(id -u)/{found['hourly']['Label']}"))
        assert standing(lab) == CURRENT | {"hourly": "unloaded"}
        assert standing(lab, "--install") == CURRENT

        assert schedule(lab, "--remove").status == 0
        assert not list(agents.iterdir()) and table.read_bytes() == FOREIGN
    finally:
        table.unlink(missing_ok=True)
