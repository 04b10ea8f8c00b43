"""What a history draws, without an app: rows in their columns, bars against the RTO, reports as lines of cells."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from queue import SimpleQueue

import pytest
from rich.cells import cell_len

from screens.painting import Line
from screens.past import Listed, PastLooks, Told
from screens.widgets.blocks import report_lines, table_lines
from screens.widgets.run_bars import bar, run_bars
from screens.widgets.run_review import share, whole_lines
from screens.widgets.runs_list import KINDS, chosen, columns, heading, next_kinds, row
from sparkdr_tui import language
from sparkdr_tui.plan.model import Text
from sparkdr_tui.record.past import Entry, History, in_order, judged
from sparkdr_tui.report.blocks import table
from sparkdr_tui.report.making import look_back, make
from sparkdr_tui.report.parts import sections
from sparkdr_tui.report.trend import PastRun
from tests.engine.storied import NODE
from tests.screens.pasts import past
from tests.screens.stage import NOON, sample_plan

WIDTHS = [56, 60, 76, 80, 116, 196]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return past(tmp_path_factory.mktemp("state"))


@pytest.fixture(scope="module")
def entries(folder: Path) -> tuple[Entry, ...]:
    return in_order(History(folder, folder).entries())


def texts(lines: list[Line]) -> str:
    return "\n".join(each.text for each in lines)


def drawn(entries: tuple[Entry, ...], folder: Path, width: int) -> list[Line]:
    table = columns(entries, width)
    return [row(each, judged(each.folder, NOON), table, NOON) for each in entries]


# -- the list ------------------------------------------------------------------------------------------


def test_what_is_unfinished_stands_on_top_and_the_rest_is_newest_first(entries: tuple[Entry, ...]) -> None:
    assert (entries[0].id, entries[0].interrupted) == ("INC-0004", True)
    assert all(one.at >= other.at for one, other in pairwise(entries[1:]))


def test_a_damaged_journal_is_listed_with_its_problem(entries: tuple[Entry, ...], folder: Path) -> None:
    damaged = next(each for each in entries if each.id == "INC-0005")
    assert damaged.summary is None and "Line 1" in damaged.problem
    said = texts(drawn((damaged,), folder, 116))
    assert "journal damaged" in said and "Line 1 of" in said


def test_a_journal_whose_chain_is_broken_is_called_damaged_though_it_can_be_read(tmp_path: Path) -> None:
    state = past(tmp_path)
    journal = state / "runs" / "INC-0001" / "journal.jsonl"
    journal.write_bytes(journal.read_bytes().replace(b'"exit_status":null', b'"exit_status":0', 1))
    entry = next(each for each in History(state, state).entries() if each.id == "INC-0001")
    assert "journal damaged" in texts(drawn((entry,), state, 116))


def test_each_row_says_how_it_ended_and_what_became_of_its_promises(entries: tuple[Entry, ...], folder: Path) -> None:
    said = {each.item: each.text for each in drawn(entries, folder, 130)}
    assert (
        "completed, 1 exception" in said["INC-0003"] and "✖ missed" in said["INC-0003"] and "✔ met" in said["INC-0003"]
    )
    assert "✔ INC-0001" in said["INC-0001"] and "✔ met" in said["INC-0001"] and "mina@macbook" in said["INC-0001"]
    assert said["DRL-0001"].count("DRILL Q4: database damage") == 1
    assert "nobody drives it" in said["INC-0004"] and "0:40" in said["INC-0004"]  # up to its last record, not to now


@pytest.mark.parametrize("lang", ["en", "ko"])
@pytest.mark.parametrize("width", WIDTHS)
def test_rows_stand_under_their_headings_and_are_never_too_wide(
    entries: tuple[Entry, ...], folder: Path, width: int, lang: str
) -> None:
    language.use(lang)  # type: ignore[arg-type]
    table = columns(entries, width)
    rows = drawn(entries, folder, width)
    assert heading(table).cells <= width
    assert {each.cells for each in rows if each.item != "INC-0005"} == {heading(table).cells}
    assert all(each.cells <= width for each in rows)
    at = cell_len(heading(table).text[: heading(table).text.index("RTO")])
    kept = next(each for each in rows if each.item == "INC-0003").text
    assert cell_len(kept[: kept.index("✖")]) == at


def test_backups_are_shown_only_when_they_are_asked_for(entries: tuple[Entry, ...]) -> None:
    assert not any(each.kind == "routine" for each in chosen(entries, KINDS[0], ""))
    assert sum(each.kind == "routine" for each in chosen(entries, KINDS[1], "")) == 3
    assert {each.kind for each in chosen(entries, ("drill",), "")} == {"drill", "incident"}  # what is unfinished stays
    assert next(each.id for each in chosen(entries, ("drill",), "")) == "INC-0004"


def test_kinds_of_which_there_is_no_run_are_not_offered(entries: tuple[Entry, ...]) -> None:
    only = tuple(each for each in entries if each.kind == "incident")
    assert next_kinds(only, 0) == 0
    walked, at = [], 0
    for _turn in range(6):
        at = next_kinds(entries, at)
        walked.append(at)
    assert walked == [1, 2, 3, 4, 5, 0]


def test_a_run_is_found_by_any_of_its_words_in_either_language(entries: tuple[Entry, ...]) -> None:
    for needle in ("drl-0001", "q4 손상", "Damage q4", "2026-11-03"):
        assert [each.id for each in chosen(entries, KINDS[1], needle) if not each.live] == ["DRL-0001"], needle
    assert chosen(entries, KINDS[1], "no such words") == ()


# -- bars ----------------------------------------------------------------------------------------------


def test_a_bar_shows_the_rto_as_a_line_and_what_is_beyond_it_in_another_pattern() -> None:
    late, kept = past_run(elapsed=1500, rto=1000), past_run(elapsed=500, rto=1000)
    assert "".join(piece.text for piece in bar(late, 2000, 20)) == "██████████┊▓▓▓▓"
    assert "".join(piece.text for piece in bar(kept, 2000, 20)) == "█████     ┊"


def test_an_rto_far_above_every_run_is_told_and_flattens_nothing() -> None:
    lines = run_bars([past_run(elapsed=10, rto=9000), past_run(elapsed=20, rto=9000)], "INC-0001", 60)
    assert "An RTO of 2h 30m is above this chart." in texts(lines)
    assert "┊" not in lines[0].text and lines[1].text.count("█") > 20


def test_a_step_that_took_little_still_shows(folder: Path) -> None:
    assert "".join(piece.text for piece in share(1, 1, 1000, 20)) == "█░"
    assert "".join(piece.text for piece in share(500, 500, 1000, 20)) == "█" * 10 + "░" * 10


def past_run(elapsed: float, rto: float) -> PastRun:
    return PastRun("INC-0001", "incident", NOON, "completed", elapsed, Text(en="PG", ko="PG"), elapsed, rto, True)


# -- one run -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("width", WIDTHS)
def test_a_run_is_told_with_its_promises_its_trouble_its_times_and_the_runs_before(
    entries: tuple[Entry, ...], folder: Path, width: int
) -> None:
    among = sorted((each.summary for each in entries if each.summary), key=lambda each: each.opened_at, reverse=True)
    lines = whole_lines(sample_plan(), look_back(folder / "runs" / "INC-0003", among, NOON), width, left=False)
    said = texts(lines)
    assert "✖ Backend: 16:33 / RTO 15m · missed" in said and "✔ PostgreSQL: 14:10 / RTO 30m · met" in said
    assert "✖ 3 Restore beside the damaged database · attempt 1" in " ".join(said.split())
    assert "machine 9:56" in said and "waiting for a person 5:06" in said
    assert [name for name in ("INC-0001", "INC-0002", "DRL-0001", "LAB-0001") if f" {name} " in said] == [
        "INC-0001", "INC-0002", "DRL-0001",
    ]  # fmt: skip  # a lab's run is of another plan
    assert all(each.cells <= width for each in lines)


@pytest.mark.parametrize("width", [40, 56, 78, 116])
def test_the_whole_report_fits_every_width(folder: Path, width: int) -> None:
    content = make(folder / "runs" / "INC-0003", folder, datetime(2026, 11, 23, tzinfo=UTC)).content
    lines = report_lines("A report", sections(content), width)
    assert all(each.cells <= width for each in lines)
    for words in ("no space left on device", "joon@desk took over", NODE.en):
        assert words in " ".join(texts(lines).split())


def test_a_table_that_has_no_room_is_written_one_cell_under_the_other() -> None:
    found = table(("step", "reason"), [("Restore beside the damaged database", "no space left on the device")])[0]
    assert [each.text.split()[0] for each in table_lines(found, 16) if each.text.strip()][:1] == ["step"]
    assert next(iter(table_lines(found, 80))).text.split() == ["step", "reason"]


def test_runs_that_nobody_may_read_are_told_and_looked_for_again(tmp_path: Path) -> None:
    (tmp_path / "runs").symlink_to(tmp_path / "runs")
    told: SimpleQueue[Told] = SimpleQueue()
    looks = PastLooks(tmp_path, tmp_path, told.put)
    looks.start()
    try:
        first = told.get(timeout=20)
        assert isinstance(first, Listed) and "cannot be read" in first.problem
        (tmp_path / "runs").unlink()
        looks.look()
        assert told.get(timeout=20) == Listed(())
    finally:
        looks.stop()
