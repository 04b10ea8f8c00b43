"""A file that somebody names: whatever is typed is a path or is refused, and never the end of the screen."""

from __future__ import annotations

from pathlib import Path

import pytest

from screens.naming import place, refuses


def test_a_name_is_taken_in_the_folder_and_a_path_is_taken_as_it_is(tmp_path: Path) -> None:
    assert place(tmp_path, "report.html") == tmp_path / "report.html"
    assert place(tmp_path, "/tmp/report.html") == Path("/tmp/report.html")
    assert place(tmp_path, "~/report.html") == Path.home() / "report.html"
    assert refuses(tmp_path, "report.html") == ""


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "Name a file."),
        (".", "Name a file."),
        ("a\0b", "Name a file."),
        ("nowhere/report.html", "There is no folder"),
        ("~nobody-of-this-machine/report.html", "There is no folder"),
        ("x" * 300, "File name too long"),
        ("x" * 300 + "/report.html", "File name too long"),
    ],
)
def test_what_is_no_file_that_can_be_written_is_refused_with_why(tmp_path: Path, text: str, says: str) -> None:
    assert says in refuses(tmp_path, text)
