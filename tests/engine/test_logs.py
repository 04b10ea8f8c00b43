"""A log of any size: any line of it, where it speaks of what, and when; written without loss."""

from __future__ import annotations

import hashlib
import os
import random
import tracemalloc
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sparkdr_tui.errors import SparkdrError
from sparkdr_tui.record import lineindex, logfile
from sparkdr_tui.record.logfile import LogFile
from sparkdr_tui.record.logs import LogWriter


def opened(path: Path) -> LogFile:
    log = LogFile(path)
    log.refresh()
    return log


# -- writing -------------------------------------------------------------------------------------------


def test_a_log_knows_its_size_its_hash_and_its_last_lines(tmp_path: Path) -> None:
    log = LogWriter(tmp_path / "logs" / "restore.1.log")
    log.write(b"one\ntwo\n")
    log.write(b"")
    log.write("셋\n".encode() * 3)
    log.close()
    content = log.path.read_bytes()
    assert (log.size, log.sha256) == (len(content), hashlib.sha256(content).hexdigest())
    assert log.tail(2) == ("셋", "셋")
    assert log.tail(99) == ("one", "two", "셋", "셋", "셋")
    assert LogWriter(tmp_path / "empty.log").tail(5) == ()


def test_the_last_lines_of_a_huge_log_do_not_keep_it_in_memory(tmp_path: Path) -> None:
    log = LogWriter(tmp_path / "big.log")
    chunk = b"".join(b"line %05d with some more text\n" % at for at in range(2000))
    tracemalloc.start()
    for _at in range(200):
        log.write(chunk)
    held, _peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert held < 1_000_000
    assert log.tail(2) == ("line 01998 with some more text", "line 01999 with some more text")
    assert log.size == 200 * len(chunk)


def test_when_lines_came_is_noted_once_a_second(tmp_path: Path) -> None:
    now = iter([1000.0, 1000.4, 1001.2, 1060.0])
    log = LogWriter(tmp_path / "x.log", clock=lambda: next(now))
    for _at in range(4):
        log.write(b"a line\n")
    log.close()
    assert (tmp_path / "x.log.times").read_text() == "0 1000\n14 1001\n21 1060\n"
    found = opened(log.path)
    assert [found.time_at(line) for line in range(4)] == [
        datetime.fromtimestamp(at, UTC) for at in (1000, 1000, 1001, 1060)
    ]
    assert found.time_at(4) is None


def test_a_log_that_cannot_be_written_is_said_plainly(tmp_path: Path) -> None:
    (tmp_path / "logs").write_text("")
    with pytest.raises(SparkdrError, match="cannot be written"):
        LogWriter(tmp_path / "logs" / "x.log")


# -- reading -------------------------------------------------------------------------------------------


@pytest.fixture
def small_blocks() -> Iterator[None]:
    block, stride = lineindex.BLOCK, logfile._STRIDE
    lineindex.BLOCK, logfile._STRIDE = 16, 24
    yield
    lineindex.BLOCK, logfile._STRIDE = block, stride


lines = st.lists(st.text("abE 한\x00", max_size=12), max_size=40)


@pytest.mark.usefixtures("small_blocks")
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(lines, st.lists(st.integers(0, 400), max_size=5), st.text("abE한", min_size=1, max_size=4), st.integers(0, 40))
def test_it_reads_like_a_list_of_its_lines_however_the_file_grew(
    tmp_path_factory: pytest.TempPathFactory, expected: list[str], cuts: list[int], needle: str, start: int
) -> None:
    path = tmp_path_factory.mktemp("log") / "x.log"
    data = "".join(line + "\n" for line in expected).encode()
    log = LogFile(path)
    assert log.refresh() == 0
    new, done = 0, 0
    for cut in sorted({min(cut, len(data)) for cut in cuts} | {len(data)}):
        with path.open("ab") as file:
            file.write(data[done:cut])
        done = cut
        new += log.refresh()
    assert new == log.line_count == len(expected)
    assert log.lines(0, 1000) == expected
    assert [log.line(at) for at in range(len(expected))] == expected
    assert log.lines(start, start + 3) == expected[start : start + 3]
    hits = [at for at, line in enumerate(expected) if needle.lower() in line.lower()]
    assert log.find_next(needle, start) == next((at for at in hits if at >= start), None)
    assert log.find_previous(needle, start) == next((at for at in reversed(hits) if at <= start), None)
    log.close()


@pytest.mark.usefixtures("small_blocks")
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(lines, st.text("abE한", min_size=1, max_size=4), lines)
def test_opened_at_its_end_it_reads_the_same_and_no_line_changes_its_number(
    tmp_path_factory: pytest.TempPathFactory, expected: list[str], needle: str, more: list[str]
) -> None:
    path = tmp_path_factory.mktemp("log") / "x.log"
    path.write_bytes("".join(line + "\n" for line in expected).encode())
    log = LogFile(path, at_end=True)
    log.refresh()
    known = {at: log.line(at) for at in range(log.first, log.end)}
    assert list(known.values()) == expected[len(expected) - len(known) :]
    with path.open("ab") as file:
        file.write("".join(line + "\n" for line in more).encode())
    log.refresh()
    while not log.whole:
        asked = iter([False, True])
        log.look_back(lambda asked=asked: next(asked))  # type: ignore[misc]
    everything = [*expected, *more]
    assert log.lines(log.first, log.end) == everything and log.line_count == len(everything)
    assert {at: log.line(at) for at in known} == known
    hits = [at + log.first for at, line in enumerate(everything) if needle.lower() in line.lower()]
    assert log.find_next(needle, log.first) == next(iter(hits), None)
    assert log.find_previous(needle, log.end - 1) == next(reversed(hits), None)
    found: list[int] = []
    at = 0
    while at < log.size:
        offsets, at = log.matching(needle, at)
        found += [log._line_of(offset) for offset in offsets]
    assert found == hits
    log.close()


def test_of_an_overlong_line_the_beginning_is_read(tmp_path: Path) -> None:
    path = tmp_path / "x.log"
    path.write_bytes(b"before\n" + b"x" * 1_000_000 + b"\nafter\n")
    log = opened(path)
    before, long, after = log.lines(0, 9)
    assert (before, after) == ("before", "after")
    assert long == "x" * logfile.LONGEST + f" … +{1_000_000 - logfile.LONGEST:,}"


def test_a_line_that_has_not_ended_waits(tmp_path: Path) -> None:
    path = tmp_path / "x.log"
    path.write_bytes(b"one\ntw")
    log = opened(path)
    assert log.lines(0, 9) == ["one"]
    with path.open("ab") as file:
        file.write(b"o\n")
    assert log.refresh() == 1
    assert log.lines(0, 9) == ["one", "two"]
    assert (log.line(-1), log.line(2), log.lines(5, 9)) == ("", "", [])


def test_a_log_that_was_replaced_by_a_shorter_one_is_read_anew(tmp_path: Path) -> None:
    path = tmp_path / "x.log"
    path.write_bytes(b"one\ntwo\n")
    log = opened(path)
    os.truncate(path, 4)
    log.refresh()
    assert log.lines(0, 9) == ["one"]


@pytest.mark.parametrize(
    ("line", "speaks"),
    [
        ("ERROR:  relation does not exist", True),
        ("psql:x.sql:1: 오류:  없음", True),
        ("복원 실패", True),
        ("Traceback (most recent call last):", True),
        ("bash: brew: command not found", True),
        ("cp: Permission denied", True),
        ("all is well", False),
        ("reign of terror", False),
        ("ON_ERROR_STOP=1", False),
    ],
)
def test_the_first_error_is_found(tmp_path: Path, line: str, speaks: bool) -> None:
    path = tmp_path / "x.log"
    path.write_text(f"COPY 1\n{line}\nCOPY 2\n", encoding="utf-8")
    assert opened(path).find_error() == (1 if speaks else None)


@pytest.mark.usefixtures("small_blocks")
def test_a_word_is_not_taken_for_an_error_at_the_border_of_a_stride(tmp_path: Path) -> None:
    path = tmp_path / "x.log"
    for before in range(60):
        path.write_bytes(b"x" * before + b" terror\n" + b"y" * before + b" error\n")
        log = opened(path)
        assert log.find_error() == 1, before
        log.close()


def test_a_search_can_be_cancelled(tmp_path: Path) -> None:
    path = tmp_path / "x.log"
    path.write_bytes(b"a line\n" * 1_000_000)
    asked: list[int] = []

    def cancelled() -> bool:
        asked.append(1)
        return len(asked) > 2

    log = opened(path)
    assert log.find_next("nothing like it", 0, cancelled) is None
    assert log.find_previous("nothing like it", 999_999, cancelled) is None
    assert log.find_error(0, cancelled) is None
    assert len(asked) == 5


def test_a_log_of_two_hundred_megabytes_is_read_without_holding_it(tmp_path: Path) -> None:
    path = tmp_path / "big.log"
    block = b"".join(b"2026-11-23 03:04:51 COPY %06d rows into public.workflows\n" % at for at in range(20_000))
    count = 200_000_000 // len(block) + 1
    with path.open("wb") as file:
        for _at in range(count):
            file.write(block)
        file.write(b"psql: ERROR:  the last line\n")
    tracemalloc.start()
    log = opened(path)
    total = count * 20_000
    assert log.line_count == total + 1
    for line in random.Random(1).sample(range(total), 200):
        assert log.line(line) == f"2026-11-23 03:04:51 COPY {line % 20_000:06} rows into public.workflows"
    assert log.find_error() == total
    assert log.find_previous("copy 000000", total) == total - 20_000
    assert log.find_next("the LAST line", 5) == total
    _held, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 16_000_000
    log.close()
