"""Rows of a log: no row is wider than the pane, nothing is lost, and whatever a node printed is only text."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from screens.widgets.log_rows import rows_of, visible
from sparkdr_tui.text import LONGEST_LINE, Sanitizer

HOSTILE = {
    "clipboard": (b"\x1b]52;c;ZXZpbA==\x07copied", "copied"),
    "cursor": (b"\x1b[2J\x1b[1;1Hgone", "gone"),
    "C1 control": ("\x9b31mred\x9b0m\x85next".encode(), "rednext"),
    "markup": (b"[red]markup[/] [/var/log] [@click=app.quit]x[/]", "[red]markup[/] [/var/log] [@click=app.quit]x[/]"),
    "invalid UTF-8": (b"a\xff\xc3b", "a\ufffd\ufffdb"),
    "NUL": (b"a\x00b", "ab"),
    "bidi override": ("a\u202eb\u2066c".encode(), "abc"),
    "zero width": ("pass\u200bword\u2060\ufeff\u00ad".encode(), "password"),
    "joined emoji": ("\U0001f468\u200d\U0001f469\ufe0f.".encode(), "\U0001f468\U0001f469."),
    "tabs": ("a\t한글\tb\t\tc".encode(), "a       한글    b               c"),
    "progress": (b" 10%\r 50%\r100%\n", "100%"),
    "taken apart": (unicodedata.normalize("NFD", "데이터베이스").encode(), "데이터베이스"),
    "line separators": ("a\u2028b\u2029c".encode(), "a b c"),
}


def through(data: bytes) -> list[str]:
    """What is in the log of a node that printed this."""
    sanitizer = Sanitizer()
    kept = sanitizer.feed(data) + sanitizer.close()
    return kept.decode().split("\n")[:-1]


@pytest.mark.parametrize("name", HOSTILE)
def test_what_a_node_prints_is_text(name: str) -> None:
    printed, expected = HOSTILE[name]
    (line,) = through(printed)
    shown = visible(line)
    assert shown == expected
    assert cell_len(shown) == sum(cell_len(letter) for letter in shown)


@pytest.mark.parametrize("name", [name for name in HOSTILE if name not in ("progress", "C1 control")])
def test_a_file_that_nobody_sanitised_does_no_more_harm(name: str) -> None:
    printed, expected = HOSTILE[name]
    assert visible(printed.decode(errors="replace")) == expected


texts = st.text(
    st.one_of(
        st.characters(),
        st.sampled_from("a b한글가́e\u0301\u0300\t\x1b[]\x9b\u200d\ufe0f\U0001f468\U0001f1f0\U0001f1f7☁️"),
    ),
    max_size=120,
)


@settings(max_examples=60)
@given(texts, st.integers(2, 40), st.text(max_size=3))
def test_no_row_is_wider_than_the_pane_and_nothing_is_lost(text: str, width: int, needle: str) -> None:
    rows = rows_of(7, text, None, width, needle)
    parts = ["".join(piece.text for piece in row.text) for row in rows]
    assert all(cell_len(part) <= width for part in parts)
    assert "".join(parts) == visible(text)
    assert all(letter.isprintable() or unicodedata.category(letter) in ("Zs", "Co", "Cn") for letter in visible(text))
    assert not any(unicodedata.combining(part[0]) for part in parts[1:] if part)
    whole = rows_of(7, text, None, None, needle)
    assert len(whole) == 1 and "".join(piece.text for piece in whole[0].text) == visible(text)


def test_what_is_searched_for_is_marked_across_the_border_of_a_row() -> None:
    rows = rows_of(0, "xxxneedlexxx", None, 6, "needle")
    assert [[(piece.text, piece.name) for piece in row.text] for row in rows] == [
        [("xxx", "plain"), ("nee", "match")],
        [("dle", "match"), ("xxx", "plain")],
    ]


def test_a_line_of_a_megabyte_comes_in_lines_of_a_screens_size() -> None:
    lines = through("긴 줄 ".encode() * 250_000 + b"\n")
    assert max(map(len, lines)) <= LONGEST_LINE + 1
    assert sum(line.count("줄") for line in lines) == 250_000
