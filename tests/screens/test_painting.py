"""Lines are cut, padded and wrapped by cells; nothing from outside reaches a terminal as a command."""

from __future__ import annotations

import pytest
from rich.cells import cell_len

from screens.painting import (
    Ink,
    chunks,
    cut,
    fit,
    gauge,
    harmless,
    line,
    paragraph,
    sparkline,
    spread,
    wrap,
)


@pytest.mark.parametrize("width", range(12))
@pytest.mark.parametrize("text", ["PostgreSQL", "데이터베이스 복구", "a데b이c", "", "…"])
def test_a_text_is_fitted_into_exactly_so_many_cells(text: str, width: int) -> None:
    assert cell_len(fit(text, width)) == width
    assert cell_len(fit(text, width, "right")) == width
    assert cell_len(cut(text, width)) <= width


def test_what_is_cut_ends_in_an_ellipsis() -> None:
    assert cut("데이터베이스", 7) == "데이터…"
    assert cut("database", 8) == "database"
    assert cut("database", 5) == "data…"


def test_words_are_kept_whole_where_they_fit_and_broken_where_they_do_not() -> None:
    assert wrap("the damaged database", 11) == ["the damaged", "database"]
    assert wrap("복구우선순위 높음", 6) == ["복구우", "선순위", "높음"]
    assert wrap("one\n\ntwo", 20) == ["one", "", "two"]


def test_a_line_that_is_cut_into_pieces_loses_nothing() -> None:
    text = "COPY 테이블 20000건 " * 9
    assert "".join(chunks(text, 7)) == text
    assert all(cell_len(part) <= 7 for part in chunks(text, 7))
    assert chunks("", 7) == [""]


@pytest.mark.parametrize("width", [5, 12, 20, 39, 40, 41, 80])
def test_the_end_of_a_line_stays_at_the_right_and_the_start_gives_way(width: int) -> None:
    whole = spread(line(Ink("손상된 데이터베이스 옆에 복원")), line("12 lines"), width)
    assert whole.cells <= width
    if width >= 21:
        assert whole.cells == width
        assert whole.text.endswith("12 lines")


def test_a_bar_is_always_as_wide_as_it_should_be() -> None:
    for share in (-1, 0, 0.01, 0.5, 0.97, 1, 7):
        full, rest = gauge(share, 8)
        assert len(full.text + rest.text) == 8
    assert gauge(0.5, 8)[0].text == "━━━━"


def test_a_sparkline_shows_what_is_unusual_and_where_no_answer_came() -> None:
    assert sparkline([0.010] * 9, 4) == "▃▃▃▃"
    calm_then_slow = sparkline([0.010] * 9 + [0.200], 4)
    assert calm_then_slow[:3] == "▁▁▁"
    assert calm_then_slow[3] == "█"
    assert sparkline([0.01, None], 4).endswith("·")
    assert sparkline([], 4) == "    "


@pytest.mark.parametrize(
    "hostile", ["\x1b]52;c;aGVsbG8=\x07text", "\x1b[2Jtext", "te\x9b31mxt", "te\u202ext", "te\x00xt"]
)
def test_no_command_for_the_terminal_is_drawn(hostile: str) -> None:
    drawn = harmless(hostile)
    assert drawn.isprintable()
    assert "xt" in drawn


def test_markup_is_only_text() -> None:
    assert harmless("[bold]x[/bold] [/var/log]") == "[bold]x[/bold] [/var/log]"


def test_a_paragraph_is_indented_under_its_first_word() -> None:
    lines = paragraph("one two three", 10, indent=4, first="  · ")
    assert [each.text for each in lines] == ["  · one", "    two", "    three"]
