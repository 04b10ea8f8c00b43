"""A node is asked by a script that only looks and that a Mac can run; nothing else is taken for its answer."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from sparkdr_tui.plan.load import load
from sparkdr_tui.reach.pool import Reach
from sparkdr_tui.readiness.asking import NodeSeen, ahead, answer, ask
from sparkdr_tui.readiness.bash_words import words
from sparkdr_tui.readiness.questions import COMMANDS_AND_DISKS, EVERYTHING
from tests.engine.local_runs import PLAN
from tests.engine.test_builtin_plan import GNU_ONLY

MAY_RUN = {
    "date", "df", "tail", "perl", "mount", "uname", "stat", "sw_vers", "pmset", "fdesetup", "socketfilterfw",
    "xcode-select", "printf", "psql",
}  # fmt: skip
"""What the script may run by name: nothing of it changes anything as it is called."""


async def asked(tmp_path: Path, *tools: str, **places: str) -> NodeSeen:
    """This machine, asked everything."""
    folder = tmp_path / "plan"
    folder.mkdir()
    (folder / "plan.yaml").write_text(PLAN.format(folder=tmp_path, port=1), encoding="utf-8")
    plan = load(folder)
    return await ask(plan, "here", EVERYTHING, tools, Reach(plan), places)


async def test_this_machine_says_what_it_has(tmp_path: Path) -> None:
    missing = str(tmp_path / "no" / "folder" / "yet")
    seen = await asked(tmp_path, "git", "perl", "no-such-tool", "$(touch x)", SET_here=str(tmp_path), SET_far=missing)
    assert set(seen.there) == {"git", "perl"}
    assert seen.missing == {"no-such-tool"}
    assert seen.versions["git"].startswith("git version 2.")
    assert seen.versions["perl"].startswith("5.")
    assert seen.versions["bash"]
    free = os.statvfs(tmp_path)
    for name in ("HOME", "FOLDER", "SET_here", "SET_far"):
        (disk,) = [disk for disk in seen.disks if disk.name == name]
        assert disk.free > 0 and disk.mount.startswith("/")
    (disk,) = [disk for disk in seen.disks if disk.name == "SET_here"]
    assert disk.free == pytest.approx(free.f_bavail * free.f_frsize, rel=0.2)
    assert seen.may["SET_here"] == "rw"
    assert "SET_far" not in seen.may
    assert seen.said["mount"]
    assert seen.ahead == 0


async def test_what_a_node_says_is_never_taken_for_an_answer_unless_it_is_one(tmp_path: Path) -> None:
    tool = tmp_path / "bin" / "git"
    tool.parent.mkdir()
    tool.write_text("#!/bin/sh\nprintf 'git version 9.9\\nasked missing perl\\nasked clock 1\\n'\n")
    tool.chmod(0o755)
    folder = tmp_path / "plan"
    folder.mkdir()
    text = PLAN.format(folder=tmp_path, port=1).replace("WHO: world", f"PATH: '{tool.parent}:/usr/bin:/bin'")
    (folder / "plan.yaml").write_text(text, encoding="utf-8")
    plan = load(folder)
    seen = await ask(plan, "here", EVERYTHING, ("git", "perl"), Reach(plan))
    assert seen.versions["git"] == "git version 9.9"
    assert seen.missing == frozenset()
    assert seen.clock is not None and seen.clock > 1_000_000_000


async def test_a_command_that_hangs_holds_up_nobody(tmp_path: Path) -> None:
    tool = tmp_path / "bin" / "redis-cli"
    tool.parent.mkdir()
    tool.write_text("#!/bin/sh\nexec sleep 600\n")
    tool.chmod(0o755)
    folder = tmp_path / "plan"
    folder.mkdir()
    text = PLAN.format(folder=tmp_path, port=1).replace("WHO: world", f"PATH: '{tool.parent}:/usr/bin:/bin'")
    (folder / "plan.yaml").write_text(text, encoding="utf-8")
    plan = load(folder)
    began = time.monotonic()
    impatient = replace(EVERYTHING, posix=EVERYTHING.posix.replace("exit 127' 5 ", "exit 127' 1 "))
    seen = await ask(plan, "here", impatient, ("redis-cli", "git"), Reach(plan))
    assert 1 <= time.monotonic() - began < 20
    assert "redis-cli" in seen.there and "redis-cli" not in seen.versions
    assert seen.said["mount"]


def test_an_answer_of_a_mac_is_read_whole() -> None:
    seen = answer(
        "Welcome to this Mac!\n"
        "asked tool psql /opt/homebrew/opt/postgresql@15/bin/psql\n"
        "asked missing brew\n"
        "asked disk HOME /dev/disk3s5 971350180 500000000 400000000 56% /System/Volumes/Data\n"
        "asked disk GONE \n"
        "asked clock 1764000000\n"
        "asked stub git\n"
        "asked version psql psql (PostgreSQL) 15.10 (Homebrew)\n"
        "asked may BACKUP_DIR rw\n"
        "asked may OTHER -\n"
        "asked said pmset  autorestart          0\n"
        "asked said mount /dev/disk4s1 on /Volumes/Backup (apfs, local)\n"
        "asked said mount /dev/disk3s1s1 on / (apfs, sealed, local, read-only, journaled)\n"
        "unasked tool x y\n"
    )
    assert seen == NodeSeen(
        there={"psql": "/opt/homebrew/opt/postgresql@15/bin/psql"},
        missing=frozenset({"brew"}),
        stubs=frozenset({"git"}),
        versions={"psql": "psql (PostgreSQL) 15.10 (Homebrew)"},
        disks=seen.disks,
        may={"BACKUP_DIR": "rw", "OTHER": "-"},
        said={
            "pmset": (" autorestart          0",),
            "mount": (
                "/dev/disk4s1 on /Volumes/Backup (apfs, local)",
                "/dev/disk3s1s1 on / (apfs, sealed, local, read-only, journaled)",
            ),
        },
        clock=1764000000.0,
    )
    assert [(disk.name, disk.mount, disk.free) for disk in seen.disks] == [
        ("HOME", "/System/Volumes/Data", 409_600_000_000)
    ]


@pytest.mark.parametrize(
    ("clock", "off"),
    [(1000.0, 0.0), (1002.0, 0.0), (999.0, -0.5), (1003.0, 0.5), (1062.5, 60.0), (938.5, -61.0), (None, None)],
)
def test_a_clock_is_off_by_no_more_than_is_certain(clock: float | None, off: float | None) -> None:
    assert ahead(clock, 1000.5, 1002.5) == off


def test_the_script_for_bash_is_clean_and_runs_on_a_mac(tmp_path: Path) -> None:
    for questions in (COMMANDS_AND_DISKS, EVERYTHING):
        file = tmp_path / "ask.sh"
        file.write_text(f"#!/bin/bash\nset -euo pipefail\n{questions.posix}", encoding="utf-8")
        shellcheck = Path(sys.executable).with_name("shellcheck")
        done = subprocess.run(
            [str(shellcheck), "--shell=bash", "--format=gcc", str(file)], capture_output=True, text=True, check=False
        )
        assert done.stdout == ""
        code = re.sub(r"(?m)(^|\s)#.*$", "", questions.posix)
        for forbidden in GNU_ONLY:
            assert not re.search(forbidden, code), forbidden


def test_the_script_for_bash_runs_only_what_looks() -> None:
    used = words(EVERYTHING.posix)
    assert used.commands - MAY_RUN == set()
    assert not re.search(r"(^|[^>&2])>(?!&|/dev/null| ?/dev/null)", EVERYTHING.posix.replace("2>/dev/null", ""))


def test_the_script_for_powershell_runs_only_what_looks() -> None:
    text = EVERYTHING.windows
    verbs = set(re.findall(r"\b([A-Z][a-z]+)-[A-Z]\w+", re.sub(r'"[^"]*"', "", text)))
    assert verbs <= {"Get", "Select", "New"}
    assert re.findall(r"\bNew-\w+ (?:-\w+ )*(\S+)", text) == ["IO.DriveInfo"]
    assert set(re.findall(r"cmd /c ['\"]`?\"?(\S+)", text)) == {'$($found.Source)`"', "powercfg"}
    assert "/q SCHEME_CURRENT" in text and "Set-" not in text
    for line in re.findall(r'"(asked [^"]*)"', text):
        kind, *rest = line.split(" ", 2)[1:]
        assert kind in ("tool", "missing", "stub", "version", "disk", "said", "clock") and rest


def test_what_windows_answers_is_read_like_any_other() -> None:
    seen = answer(
        "asked tool git C:\\Program Files\\Git\\cmd\\git.exe\r\n"
        "asked missing winget\r\n"
        "asked disk AI_DIR - 1953514544 0 1000000 0% D:\\\r\n"
        "asked clock 1764000000\r\n"
        "asked version git git version 2.47.0.windows.2\r\n"
        "asked stub python\r\n"
        "asked said windows 10.0.22631.0\r\n"
        "asked said standby 0x00000708\r\n"
        "asked said ollama-host \r\n".replace("\r\n", "\n")
    )
    assert seen.there["git"].endswith("git.exe")
    assert seen.missing == {"winget"} and seen.stubs == {"python"} and seen.clock == 1764000000.0
    assert [(disk.name, disk.mount, disk.free) for disk in seen.disks] == [("AI_DIR", "D:\\", 1_024_000_000)]
    assert seen.said == {"windows": ("10.0.22631.0",), "standby": ("0x00000708",), "ollama-host": ("",)}
