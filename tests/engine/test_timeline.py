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
from tests.engine.recorded import (
    PATH,
    SAID,
    Told,
    after,
    called,
    ended,
    journals,
    opened,
    outline,
    recorded,
    seen,
    started,
)


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


def test_calls_roles_and_the_way_up_are_told_in_words_at_their_moments(korean: None) -> None:
    language.use("en")
    role = Text(en="DBA", ko="DBA")
    told: tuple[Told, ...] = (
        (10, e.ContactTried(contact="dba", role=role, name="Ada", result="calling", stage="owner")),
        (20, e.ContactTried(contact="dba", role=role, name="Ada", result="reached", stage="owner", note="comes")),
        (30, e.RoleGiven(role="command", holder="Grace", before="Ada")),
        (40, e.LevelRaised(level=2, reason=SAID)),
        (400, e.NoteAdded(text="still here")),
        (410, e.Escalated(stage="team", reason="no end in sight")),
        (420, called("sysadmin")),
    )
    found = list(timeline(recorded(*told, first=opened(level=1, path=PATH))))[1:]
    assert [(f"{each.mark.glyph} {each.text}", each.more, each.at) for each in found] == [
        ("· calling DBA (Ada)", (), after(10)),
        ("✔ reached DBA (Ada)", ("comes",), after(20)),
        ("· Grace commands from here on", ("before: Ada",), after(30)),
        ("▲ level 2 from here on: said", (), after(40)),
        ("▲ escalation: lead (not recovered in time)", (), after(320)),
        ("· note: still here", (), after(400)),
        ("▲ escalated by hand: team", ("no end in sight",), after(410)),
        ("✖ did not reach said", (), after(420)),
    ]
    language.use("ko")
    korean_lines = told_lines(*told, first=opened(level=1, path=PATH))
    assert "▲ 에스컬레이션: lead (시간 안에 복구되지 않음)" in korean_lines
    assert "✔ DBA (Ada) 연락됨" in korean_lines


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
