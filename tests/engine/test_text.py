"""What comes from outside is harmless after it entered, however it was cut."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sparkdr_tui.text import CONTINUED, LONGEST_LINE, Sanitizer, one_line, sanitize

ODD = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
PARTS = [
    *(
        b"plain text ",
        "한국어 🐘 ".encode(),
        b"\n",
        b"\r",
        b"\r\n",
        b"\t",
        b"\x1b[31m",
        b"\x1b[1;38;5;200m",
        b"\x1b[2K\x1b[1G",
    ),
    *(
        b"\x1b]0;title\x07",
        b"\x1b]52;c;aGk=\x1b\\",
        b"\x1bP1$r0m\x1b\\",
        b"\x1b(B",
        b"\x1b",
        b"\x1b[",
        b"\x1b]",
        b"\x1b]8;;",
    ),
    *(
        b"\x9b31m",
        "\x9b31m".encode(),
        "\x9d0;x\x9c".encode(),
        b"\xff\xfe",
        b"\xed\x95",
        b"\xed\xa0\x80",
        b"\x00\x07\x08",
    ),
    *("\u202eevil\u2066".encode(), "\u2028".encode(), b"x" * 3000, b"y" * 5000, b"\\", b"m", b"G"),
]

streams = st.lists(st.one_of(st.sampled_from(PARTS), st.binary(max_size=6)), max_size=25).map(b"".join)


def cleaned(data: bytes, cuts: list[int]) -> bytes:
    sanitizer = Sanitizer()
    out, start = b"", 0
    for cut in sorted({min(cut, len(data)) for cut in cuts} | {len(data)}):
        out += sanitizer.feed(data[start:cut])
        start = cut
    return out + sanitizer.close()


@given(streams, st.lists(st.integers(0, 40_000), max_size=12))
def test_however_a_stream_is_cut_the_result_is_the_same(data: bytes, cuts: list[int]) -> None:
    assert cleaned(data, cuts) == cleaned(data, [])


@given(st.lists(st.sampled_from(PARTS), max_size=14).map(b"".join))
def test_a_stream_byte_by_byte_gives_the_same(data: bytes) -> None:
    assert cleaned(data, list(range(len(data)))) == cleaned(data, [])


@given(streams)
def test_what_comes_out_is_harmless_utf8_in_whole_lines_of_bounded_length(data: bytes) -> None:
    text = cleaned(data, []).decode()
    assert not ODD.search(text)
    assert text == "" or text.endswith("\n")
    assert all(len(line) <= LONGEST_LINE + 1 for line in text.split("\n"))


@given(st.text())
def test_a_fact_is_harmless_and_sanitising_it_again_changes_nothing(text: str) -> None:
    clean = sanitize(text)
    clean.encode()
    assert not ODD.search(clean)
    assert sanitize(clean) == clean
    assert "\n" not in one_line(text) and len(one_line(text)) <= 200


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        (b"one\r\ntwo\r\n", b"one\ntwo\n"),
        (b"  5%\r 50%\r100%\n", b"100%\n"),
        (b"done\r\r\n", b"done\n"),
        (b"\x1b[1Gpulling 1%\x1b[K\x1b[1Gpulling 2%\x1b[K\n", b"pulling 2%\n"),
        (b"no end", b"no end\n"),
        (b"\x1b[31mERROR\x1b[0m x\n", b"ERROR x\n"),
        (b"a\x1b]52;c;Y2FsYw==\x07b\n", b"ab\n"),
        (b"a\x1b]never ended\nb\n", b"anever ended\nb\n"),
        ("\x1b]8;;http://x\x1b\\링크\x1b]8;;\x1b\\\n".encode(), "링크\n".encode()),
        (b"\xff\n", "\ufffd\n".encode()),
        (b"", b""),
    ],
)
def test_what_a_terminal_would_have_shown_is_what_is_kept(raw: bytes, shown: bytes) -> None:
    assert cleaned(raw, []) == shown


def test_an_overlong_line_goes_on_in_the_next_one() -> None:
    text = cleaned(b"x" * (2 * LONGEST_LINE + 5) + b"\nnext\n", []).decode()
    assert [len(line) for line in text.splitlines()] == [LONGEST_LINE + 1, LONGEST_LINE + 1, 5, 4]
    assert text.replace(CONTINUED + "\n", "") == "x" * (2 * LONGEST_LINE + 5) + "\nnext\n"


def test_a_line_that_never_ends_is_not_held_in_memory() -> None:
    sanitizer = Sanitizer()
    out = sum(len(sanitizer.feed(b"\x1b]z" + b"z" * 1000)) for _ in range(1000))
    assert out > 900_000


def test_the_line_under_way_can_be_seen_before_it_ends() -> None:
    sanitizer = Sanitizer()
    assert sanitizer.feed(b"first\n 10%\r 20%\x1b[3") == b"first\n"
    assert sanitizer.current == " 20%"


def test_a_multi_line_fact_keeps_its_lines() -> None:
    assert sanitize("a\r\nb\rc\x1b[0m\td\ud800") == "a\nb\nc\td\ufffd"
    assert one_line("a\nb  c" * 100, limit=10) == "a b ca b…"
