"""Who may watch is said by the permissions of the state folder: two accounts, and a third that may not look."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from sparkdr_tui.record.journal import next_run
from tests.engine.command_line import environment
from tests.programs.needs import needs
from tests.programs.pty_client import at_terminal
from tests.screens.stage import DAMAGED, Hands, Story, sample_plan
from tests.screens.test_observer_keys import tree

ROOT = Path(__file__).parents[2]
OPERATOR, WATCHERS = 61001, 61002

pytestmark = [
    needs("util-linux", "setpriv"),
    pytest.mark.skipif(os.getuid() != 0, reason="gives files to another account: only root may"),
]


def as_somebody_else(*groups: int) -> list[str]:
    """A prefix for commands: an account that owns nothing there, and has no rights but those of its groups.

    It is root without what makes root root: this program may be installed where no other account comes in.
    """
    gone = "-dac_override,-dac_read_search,-fowner,-chown,-sys_admin"
    return [
        "setpriv",
        "--bounding-set",
        gone,
        *(("--groups", ",".join(map(str, groups))) if groups else ("--clear-groups",)),
    ]


@pytest.fixture
def state(tmp_path: Path) -> Path:
    """As the README says: of the operator, readable by a group; a run was kept there by an operator with any umask."""
    folder = tmp_path / "state"
    folder.mkdir()
    folder.chmod(0o2750)
    before = os.umask(0o077)
    try:
        run, _folder = next_run(folder, "incident")
        story = Story(folder, sample_plan(), Hands(datetime.now(UTC)), run)
        story.observe(DAMAGED).do("stop-clients").ask("safety-copy")
    finally:
        os.umask(before)
    for each in (folder, *folder.rglob("*")):
        os.chown(each, OPERATOR, WATCHERS)
    folder.chmod(0o2750)
    return folder


def observe(state: Path) -> list[str]:
    plan = ROOT / "tests" / "screens" / "sample"
    return [sys.executable, "-m", "sparkdr_tui", "--plan", str(plan), "--state", str(state), "observe"]


def test_whoever_is_in_the_group_sees_the_run_and_can_touch_nothing(state: Path) -> None:
    before = tree(state)
    with at_terminal([*as_somebody_else(WATCHERS), *observe(state)], environment()) as terminal:
        terminal.until("◉ observer", "INC-0001", "stop-clients says hello")
        terminal.press("q")
        assert terminal.end() == 0
    tries = "echo x >> runs/INC-0001/journal.jsonl; echo x > operator.lock; touch runs/x; mv runs away; rm -rf runs"
    subprocess.run(
        [*as_somebody_else(WATCHERS), "/bin/sh", "-c", tries], cwd=state, stderr=subprocess.DEVNULL, check=False
    )
    assert tree(state) == before


def test_whoever_is_not_in_the_group_is_told_that_they_may_not_look(state: Path) -> None:
    with at_terminal([*as_somebody_else(), *observe(state)], environment()) as terminal:
        assert terminal.end() == 2
        assert "is not readable" in terminal.text


def test_a_run_that_was_kept_for_its_operator_alone_is_not_taken_for_none(state: Path) -> None:
    (state / "runs" / "INC-0001" / "journal.jsonl").chmod(0o600)
    with at_terminal([*as_somebody_else(WATCHERS), *observe(state)], environment()) as terminal:
        terminal.until("runs cannot be seen", "May not be read here")
        terminal.press("q")
        assert terminal.end() == 0
