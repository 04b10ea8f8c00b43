"""What a journal means to a person, line by line, in both languages."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sparkdr_tui import language
from sparkdr_tui.plan.model import State, Text
from sparkdr_tui.record import events as e
from sparkdr_tui.record.fold import fold_all
from sparkdr_tui.report.document import run_document
from sparkdr_tui.report.timeline import timeline
from tests.engine.recorded import Told, after, ended, journals, opened, outline, recorded, seen, started


@pytest.fixture
def korean() -> Iterator[None]:
    language.use("ko")
    yield
    language.use("en")


def told_lines(*events: Told, first: e.RunOpened | None = None) -> list[str]:
    return [f"{moment.mark.glyph} {moment.text}" for moment in timeline(recorded(*events, first=first))]


@given(journals())
def test_any_journal_has_a_timeline(records: list[e.Record]) -> None:
    for moment in timeline(records):
        assert moment.text.strip() and "\n" not in moment.text


@given(journals(), st.integers(-100, 10_000))
def test_any_journal_has_a_document_that_is_json(records: list[e.Record], seconds: int) -> None:
    state = fold_all(records)
    assert state is not None
    document = run_document(state, after(seconds))
    assert json.loads(json.dumps(document, allow_nan=False)) == document


def test_a_run_is_told_from_its_opening_to_its_end() -> None:
    first = opened(outline("stop", expect=5), outline("drop", "stop", optional=True))
    lines = told_lines(
        seen("backend", State.UP),
        seen("postgresql", State.DAMAGED),
        (10, started("stop")),
        e.StepProgressed(step="stop", done=1, total=2),
        (52, e.StepFinished(step="stop", attempt=1, ending="failed", exit_status=3, detail="no", tail=("last",))),
        e.StepMarked(step="stop", reason="by hand"),
        e.StepSkipped(step="drop", reason="later"),
        (60, seen("postgresql", State.UP)),
        e.RunClosed(outcome="completed with exceptions"),
        first=first,
    )
    assert lines == [
        "▶ INC-0001 · said · mina",
        "▲ postgresql damaged",
        "▶ 1 said",
        "✖ 1 said · 0:42 / 0:05 · failed · exit status 3",
        "✔ 1 said marked done: by hand",
        "» 2 said skipped: later",
        "● postgresql up",
        "▲ INC-0001 completed with exceptions",
    ]


def test_a_failure_carries_what_it_said_what_to_try_and_where_its_log_is() -> None:
    failed = ended("stop", "failed").model_copy(
        update={"detail": "exit 3", "tail": ("last words",), "hints": (Text(en="look there", ko="저기를 보라"),)}
    )
    moment = list(timeline(recorded(started("stop"), failed)))[-1]
    assert moment.more == ("exit 3", "│ last words", "→ look there")
    assert moment.log == "logs/stop.1.log"


@pytest.mark.usefixtures("korean")
def test_the_texts_of_the_plan_are_told_in_the_language_in_use() -> None:
    assert "말" in told_lines(started("stop"))[-1]
