"""A journal loses nothing it acknowledged, and shows what was done to it."""

from __future__ import annotations

import json
import os
import resource
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sparkdr_tui.errors import SparkdrError, UsageError
from sparkdr_tui.plan.model import State, Text
from sparkdr_tui.record import events as e
from sparkdr_tui.record.fold import fold_all
from sparkdr_tui.record.journal import Journal, JournalReader, next_run, read, runs, unfinished, verify
from sparkdr_tui.record.logs import LogWriter
from sparkdr_tui.record.runs import run_folder

START = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)


class Ticking:
    """A clock that goes on by a second at each look."""

    def __init__(self, now: datetime = START) -> None:
        self.now = now

    def __call__(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now


def opened(run: str = "INC-0001") -> e.RunOpened:
    return e.RunOpened(
        run=run,
        runbook="database",
        title=Text(en="PostgreSQL recovery", ko="데이터베이스 복구"),
        mode="incident",
        plan="Sparklio V4",
        plan_digest="0" * 64,
        program="0",
        incident_at=START,
        pace="each",
        stamp="20261123_030000",
        steps=(e.StepOutline(id="stop", title=Text(en="Stop", ko="중지"), action="shell"),),
    )


def begun(folder: Path, run: str = "INC-0001") -> Journal:
    journal = Journal.create(folder, "mina", Ticking())
    journal.append(opened(run))
    return journal


def test_what_was_appended_is_read_back(tmp_path: Path) -> None:
    journal = begun(tmp_path)
    said = [journal.append(e.NoteAdded(text="줄\n바꿈"), "joon"), journal.append(e.StepStarted(step="stop", attempt=1))]
    records = read(tmp_path)
    assert records[1:] == said
    assert [(r.n, r.by) for r in records] == [(1, "mina"), (2, "joon"), (3, "mina")]
    assert verify(tmp_path).ok and verify(tmp_path).records == 3


def test_a_journal_is_never_begun_twice(tmp_path: Path) -> None:
    begun(tmp_path)
    with pytest.raises(SparkdrError, match="already holds a run"):
        Journal.create(tmp_path, "joon")


def test_a_reader_sees_only_what_is_new_and_waits_for_the_file(tmp_path: Path) -> None:
    reader = JournalReader(tmp_path / "journal.jsonl")
    assert reader.poll() == []
    journal = begun(tmp_path)
    assert [r.n for r in reader.poll()] == [1]
    assert reader.poll() == []
    journal.append(e.NoteAdded(text="x"))
    assert [r.n for r in reader.poll()] == [2]


@given(st.integers(0, 400))
def test_a_journal_torn_anywhere_loses_at_most_its_last_line(
    tmp_path_factory: pytest.TempPathFactory, cut: int
) -> None:
    folder = tmp_path_factory.mktemp("torn")
    journal = begun(folder)
    journal.append(e.NoteAdded(text="before"))
    safe = journal.path.stat().st_size
    journal.append(e.NoteAdded(text="y" * 300))
    journal.close()
    whole = journal.path.stat().st_size
    os.truncate(journal.path, min(safe + cut, whole))
    intact = safe + cut >= whole
    reader = JournalReader(folder)
    assert len(reader.poll()) == (3 if intact else 2)
    assert verify(folder).torn == (cut > 0 and not intact)
    again = Journal.open(folder, "joon", Ticking())
    assert again.torn == (cut > 0 and not intact)
    again.append(e.RunReopened())
    again.close()
    assert [type(r.event) for r in reader.poll()] == [e.RunReopened]
    assert verify(folder).ok and not verify(folder).torn


@pytest.mark.parametrize("damage", ["changed", "removed", "inserted", "swapped", "nonsense"])
def test_a_journal_that_was_tampered_with_is_found_out(tmp_path: Path, damage: str) -> None:
    journal = begun(tmp_path)
    for number in range(6):
        journal.append(e.NoteAdded(text=f"note {number}"))
    journal.close()
    lines = journal.path.read_bytes().splitlines(keepends=True)
    if damage == "changed":
        lines[3] = lines[3].replace(b"note 2", b"note 9")
    elif damage == "removed":
        del lines[3]
    elif damage == "inserted":
        lines.insert(3, lines[2])
    elif damage == "swapped":
        lines[3], lines[4] = lines[4], lines[3]
    else:
        lines[3] = b"\xff\x00 not json\n"
    journal.path.write_bytes(b"".join(lines))
    found = verify(tmp_path)
    assert not found.ok
    assert found.broken_at == (5 if damage == "changed" else 4)
    assert found.problem


def test_a_damaged_line_stops_a_reader_with_its_number_after_what_came_before(tmp_path: Path) -> None:
    journal = begun(tmp_path)
    with journal.path.open("ab") as file:
        file.write(b'{"n":2}\n')
    reader = JournalReader(tmp_path)
    assert len(reader.poll()) == 1
    with pytest.raises(SparkdrError, match=r"Line 2 of .* is damaged"):
        reader.poll()


@pytest.mark.parametrize("how", ["gone", "folder gone", "cut short", "replaced"])
def test_a_reader_says_that_the_journal_is_no_longer_the_one_that_it_followed(tmp_path: Path, how: str) -> None:
    journal = begun(tmp_path / "one")
    reader = JournalReader(journal.path)
    journal.append(e.NoteAdded(text="what was read"))
    assert len(reader.poll()) == 2
    match how:
        case "gone":
            journal.path.unlink()
        case "folder gone":
            shutil.rmtree(journal.path.parent)
        case "cut short":
            os.truncate(journal.path, journal.path.stat().st_size - 1)
        case "replaced":
            other = begun(tmp_path / "two")
            other.append(e.NoteAdded(text="what was READ"))
            other.append(e.NoteAdded(text="more"))
            shutil.copy(other.path, journal.path)
    with pytest.raises(SparkdrError, match=f"Journal {how.removeprefix('folder ')}: .*journal.jsonl"):
        reader.poll()


def test_events_and_keys_of_a_newer_program_do_not_stop_a_reader(tmp_path: Path) -> None:
    journal = begun(tmp_path)
    first = journal.path.read_bytes()
    newer = json.loads(first) | {"n": 2, "event": {"type": "call.answered", "who": {"x": 1}}, "mood": "calm"}
    extra = json.loads(first) | {"n": 3, "event": {"type": "note.added", "text": "hello", "colour": "red"}}
    journal.path.write_bytes(first + json.dumps(newer).encode() + b"\n" + json.dumps(extra).encode() + b"\n")
    records = read(tmp_path)
    assert isinstance(records[1].event, e.UnknownEvent) and records[1].event.type == "call.answered"
    state = fold_all(records)
    assert state is not None and state.n == 3 and state.notes[0][2] == "hello"


@contextmanager
def no_file_larger_than(size: int) -> Iterator[None]:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_full_disk_is_said_plainly_and_leaves_the_journal_whole(tmp_path: Path) -> None:
    journal = begun(tmp_path)
    with (
        no_file_larger_than(journal.path.stat().st_size + 50),
        pytest.raises(SparkdrError, match="cannot be written") as problem,
    ):
        journal.append(e.NoteAdded(text="z" * 500))
    assert "make room" in problem.value.hint
    assert verify(tmp_path).ok and not verify(tmp_path).torn
    journal.append(e.NoteAdded(text="room again"))
    assert verify(tmp_path).records == 2


def test_two_writers_cannot_mix_their_lines(tmp_path: Path) -> None:
    first = begun(tmp_path)
    second = Journal.open(tmp_path, "joon", Ticking())
    second.append(e.OperatorChanged(operator="joon", before="mina", forced=True))
    with pytest.raises(SparkdrError, match="Somebody else writes"):
        first.append(e.NoteAdded(text="late"))
    assert verify(tmp_path).ok and verify(tmp_path).records == 2


def test_a_log_that_was_changed_is_found_out(tmp_path: Path) -> None:
    journal = begun(tmp_path)
    log = LogWriter(tmp_path / "logs/stop.1.log")
    log.write(b"all is well\n")
    log.close()
    journal.append(e.StepStarted(step="stop", attempt=1, log="logs/stop.1.log"))
    journal.append(e.StepFinished(step="stop", attempt=1, ending="done", log_bytes=log.size, log_sha256=log.sha256))
    assert verify(tmp_path).ok
    (tmp_path / "logs/stop.1.log").write_bytes(b"all was well\n")
    found = verify(tmp_path)
    assert not found.ok and "logs/stop.1.log" in found.problem and found.broken_at is None


# -- the runs of a state folder --------------------------------------------------------------------------


def test_runs_are_numbered_by_mode_and_no_number_is_given_twice(tmp_path: Path) -> None:
    got: list[str] = []
    threads = [threading.Thread(target=lambda: got.append(next_run(tmp_path, "incident")[0])) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(got) == [f"INC-{number:04}" for number in range(1, 9)]
    assert next_run(tmp_path, "drill")[0] == "DRL-0001"
    assert next_run(tmp_path, "lab") == ("LAB-0001", tmp_path / "runs" / "LAB-0001")


def test_runs_are_listed_newest_first_with_how_they_ended(tmp_path: Path) -> None:
    for at in range(3):
        run, folder = next_run(tmp_path, "incident")
        journal = Journal.create(folder, "mina", Ticking(START + timedelta(hours=at)))
        journal.append(opened(run))
        if at == 1:
            journal.append(e.OperatorChanged(operator="joon", before="mina"))
            journal.append(e.NoteAdded(text='not "type":"run.closed" yet'))
            journal.append(e.RunClosed(outcome="completed with exceptions"))
    found = runs(tmp_path)
    assert [run.id for run in found] == ["INC-0003", "INC-0002", "INC-0001"]
    assert [run.outcome for run in found] == [None, "completed with exceptions", None]
    assert [run.operator for run in found] == ["mina", "joon", "mina"]
    assert found[1].closed_at == START + timedelta(hours=1, seconds=4)
    assert [run.id for run in unfinished(tmp_path)] == ["INC-0003", "INC-0001"]


def test_broken_folders_among_the_runs_hide_no_others(tmp_path: Path) -> None:
    run, folder = next_run(tmp_path, "lab")
    begun(folder, run).append(e.ServiceObserved(service="redis", state=State.REFUSED))
    for name, content in [("LAB-0007", b"\x00garbage\n"), ("LAB-0008", b""), ("LAB-0009", b'{"half'), ("notes", b"x")]:
        (tmp_path / "runs" / name).mkdir()
        (tmp_path / "runs" / name / "journal.jsonl").write_bytes(content)
    (tmp_path / "runs" / "LAB-0010").mkdir()
    (tmp_path / "runs" / "LAB-0011").write_text("a file")
    assert [run.id for run in runs(tmp_path)] == ["LAB-0001"]
    assert next_run(tmp_path, "lab")[0] == "LAB-0012"
    assert not verify(tmp_path / "runs" / "LAB-0008").ok
    assert runs(tmp_path / "nowhere") == ()


def test_a_run_that_is_not_there_is_refused_with_those_that_are(tmp_path: Path) -> None:
    run, folder = next_run(tmp_path, "lab")
    begun(folder, run)
    assert run_folder(tmp_path, "lab-0001") == folder
    for wrong in ("LAB-0002", "../runs", "", "x\x1b[31m"):
        with pytest.raises(UsageError, match="There is no run") as problem:
            run_folder(tmp_path, wrong)
        assert "LAB-0001" in problem.value.hint and "\x1b" not in problem.value.message
