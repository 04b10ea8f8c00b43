"""What is copied reaches the terminal's clipboard and a file of the operator's own; an observer writes no file."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from screens.copying import FILE, copy, keep
from sparkdr_tui.errors import SparkdrError
from tests.screens.stage import Hands, Readings, Recorder, cockpit, sample_plan, screen_text, shown, swept, until


def test_what_is_copied_is_kept_for_its_owner_alone_and_replaces_what_was_there(tmp_path: Path) -> None:
    folder = tmp_path / "not" / "there"
    keep(folder, "first")
    assert keep(folder, "010-5555-0101 김지영").read_text(encoding="utf-8") == "010-5555-0101 김지영\n"
    assert stat.S_IMODE((folder / FILE).stat().st_mode) == 0o600
    assert [each.name for each in folder.iterdir()] == [FILE]


def test_a_link_in_the_way_is_replaced_and_what_it_points_to_stays(tmp_path: Path) -> None:
    precious = tmp_path / "precious"
    precious.write_text("mine")
    (tmp_path / FILE).symlink_to(precious)
    keep(tmp_path, "text")
    assert precious.read_text() == "mine" and not (tmp_path / FILE).is_symlink()


def test_a_folder_that_cannot_be_written_is_said_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(SparkdrError, match="cannot be written"):
        keep(tmp_path / "file", "text")


async def test_an_operators_copy_is_in_both_places_and_harmless(tmp_path: Path) -> None:
    hands = Hands()
    app = cockpit(tmp_path, Readings(swept(hands.at)), hands, Recorder(tmp_path, sample_plan(), hands))
    async with app.run_test(size=(120, 36), notifications=True) as pilot:
        copy(app, "a \x1b[31mred\x1b[0m word", "a word")
        assert app.clipboard == "a red word"
        await until(pilot, lambda: (tmp_path / FILE).exists())
        await until(pilot, shown(pilot, "Copied: a word", FILE))
        assert (tmp_path / FILE).read_text() == "a red word\n"
        copy(app, "", "nothing")
        await until(pilot, shown(pilot, "There is nothing to copy."))
        assert app.clipboard == "a red word"


async def test_an_observers_copy_is_in_the_clipboard_alone(tmp_path: Path) -> None:
    hands = Hands()
    app = cockpit(tmp_path, Readings(swept(hands.at)), hands, None)
    async with app.run_test(size=(120, 36), notifications=True) as pilot:
        copy(app, "a word", "a word")
        await until(pilot, shown(pilot, "Copied: a word"))
        assert app.clipboard == "a word" and "copied.txt" not in screen_text(pilot)
        await app.workers.wait_for_complete()
        assert not (tmp_path / FILE).exists()
