"""The terminal left to another program: a pager gets text, ctrl+c is for it alone, and the screen is there again."""

from __future__ import annotations

import errno
import os
import shlex
import sys
from pathlib import Path
from typing import BinaryIO

import pytest

from screens.leaving import LeavingScreen, pager
from screens.outside import _fed
from sparkdr_tui.errors import SparkdrError
from tests.screens.stage import Hands, Readings, Recorder, Story, cockpit, sample_plan, shown, swept, take_up, until
from tests.screens.test_terminal import terminal

PAGER = """
import os, signal, sys
from pathlib import Path
signal.signal(signal.SIGINT, signal.SIG_IGN)
Path(sys.argv[1]).write_bytes(sys.stdin.buffer.read())
print("PAGER", os.environ["LESSSECURE"], flush=True)
open("/dev/tty").readline()
"""


def told(folder: Path) -> Story:
    """A run with a log into which somebody put what no node's output would be let through."""
    story = Story(folder, sample_plan(), Hands()).ask("stop-clients")
    writer = story.start("stop-clients", "the first line")
    writer.close()
    with writer.path.open("ab") as file:
        file.write(b"\x1b]52;c;ZXZpbA==\x07\x1b[31mred\x1b[0m \xff\x00 [b]x[/b]\n" + "한글\n".encode())
    return story


def test_a_pager_gets_the_log_as_text_and_gives_the_terminal_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told(tmp_path)
    got, script = tmp_path / "got", tmp_path / "pager.py"
    script.write_text(PAGER)
    monkeypatch.setenv("PAGER", shlex.join([sys.executable, str(script), str(got)]))
    with terminal(tmp_path) as t:
        t.until(lambda seen: "INC-0042" in seen)
        t.press("\r")
        t.until(lambda seen: "the first line" in seen)
        t.press("P")
        t.until(lambda seen: "PAGER 1" in seen)
        assert got.read_text() == "the first line\nred \ufffd [b]x[/b]\n한글\n"
        t.press("\x03\x1a\x03\r")
        t.until(lambda seen: "Topology" in seen.rpartition("PAGER 1")[2])
        assert "\x1b]52" not in t.seen
        t.until(lambda seen: seen.rpartition("PAGER 1")[2].count("▶ INC-0042 step 1 of 9"))  # the title too
        t.press("c")
        t.until(lambda seen: "Contacts" in seen.rpartition("PAGER 1")[2])
        t.press("q")
        t.until(lambda seen: "Leave while the run lives?" in seen)
        t.press("y")
        assert t.ended() == 0
        assert t.is_as_before()


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [("", ["less"]), ("nowhere-to-be-found -x", ["less"]), ("'", ["less"]), ("cat -v", ["cat", "-v"])],
)
def test_the_pager_is_the_operators_or_less(monkeypatch: pytest.MonkeyPatch, wanted: str, expected: list[str]) -> None:
    monkeypatch.setenv("PAGER", wanted)
    monkeypatch.setattr("shutil.which", lambda name: None if name == "nowhere-to-be-found" else f"/usr/bin/{name}")
    assert pager() == expected


def test_no_pager_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.which", lambda _name: None)
    with pytest.raises(SparkdrError, match="no pager"):
        pager()


async def test_a_terminal_that_cannot_be_left_is_said(tmp_path: Path) -> None:
    told(tmp_path)
    hands, plan = Hands(), sample_plan()
    app = cockpit(tmp_path, Readings(swept(hands.at)), hands, Recorder(tmp_path, plan, hands))
    async with app.run_test(size=(120, 36), notifications=True) as pilot:
        await take_up(pilot)
        await until(pilot, shown(pilot, "the first line"))
        await pilot.press("P")
        await until(pilot, shown(pilot, "This terminal cannot be left to another program."))


async def test_o_asks_for_a_node_where_none_is_meant_and_takes_the_one_that_is_picked(tmp_path: Path) -> None:
    hands, plan = Hands(), sample_plan()
    app = cockpit(tmp_path, Readings(swept(hands.at)), hands, Recorder(tmp_path, plan, hands))
    async with app.run_test(size=(120, 36), notifications=True) as pilot:
        screen = app.screen
        assert isinstance(screen, LeavingScreen) and screen._node_meant() is None
        await pilot.press("o")
        await until(pilot, shown(pilot, "Choose a node here, then press o"))
        assert screen.focused is screen.topology and screen._node_meant() == "macmini"
        await pilot.press("j")
        assert screen._node_meant() == "desktop"
        await pilot.press("G")
        assert screen._node_meant() == "laptop"


async def test_the_step_says_on_which_node_the_shell_is(tmp_path: Path) -> None:
    hands, plan = Hands(), sample_plan()
    Story(tmp_path, plan, hands).ask("stop-clients")
    app = cockpit(tmp_path, Readings(swept(hands.at)), hands, Recorder(tmp_path, plan, hands))
    async with app.run_test(size=(120, 36)) as pilot:
        await take_up(pilot)
        screen = app.screen
        assert isinstance(screen, LeavingScreen) and screen._node_meant() == "macmini"
        screen.recovery.steps.move_to("healthy", by_hand=True)  # runs nowhere: it waits for the backend
        assert screen._node_meant() == "macmini"
        screen.recovery.steps.move_to("ask-users", by_hand=True)
        assert screen._node_meant() is None


async def test_an_observer_leaves_the_screen_for_nothing(tmp_path: Path) -> None:
    told(tmp_path)
    hands = Hands()
    app = cockpit(tmp_path, Readings(swept(hands.at)), hands, None)
    async with app.run_test(size=(120, 36)) as pilot:
        await until(pilot, shown(pilot, "the first line"))
        bound = {binding.binding.action for binding in app.screen.active_bindings.values()}
        assert not {"open_shell", "page_log"} & bound
        await pilot.press("o", "P")
        assert not hasattr(app.screen, "action_open_shell")


def test_what_cannot_be_read_is_said_to_the_pager_and_it_waits_for_no_more() -> None:
    read, write = os.pipe()

    def feed(into: BinaryIO) -> None:
        into.write(b"the first line\n")
        raise PermissionError(errno.EACCES, "Permission denied")

    _fed(feed, os.fdopen(write, "wb"))
    with os.fdopen(read, "rb") as pipe:
        assert pipe.read() == b"the first line\nPermission denied\n"
