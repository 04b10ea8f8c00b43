"""The status update: every word of it, in both languages, whatever the program itself speaks."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sparkdr_tui import language
from sparkdr_tui.plan.model import Language, State, Text
from sparkdr_tui.record import events as e
from sparkdr_tui.record.fold import fold_all
from sparkdr_tui.record.forecast import forecast
from sparkdr_tui.record.update import next_at, update
from tests.engine.command_line import sparkdr
from tests.engine.plans import sample_plan_folder
from tests.engine.recorded import after, journals, stage
from tests.engine.storied import FAILED, Said, kept, opening, records, seen, story

HISTORY = [20.0, 30.0, 40.0, 60.0]
FIRST = opening(
    answers=(Text(en="PostgreSQL corrupted", ko="PostgreSQL 데이터베이스 손상"),),
    impact=(
        Text(en="User data may be lost", ko="사용자 데이터 손실 위험"),
        Text(en="Workflow history is lost", ko="워크플로우 히스토리 손실"),
    ),
    path=(stage("owner", "dba", levels=(1,), minutes=5), stage("lead", "lead")),
    contacts={"dba": Text(en="DBA", ko="DBA"), "lead": Text(en="Lead", ko="총괄")},
)


@pytest.fixture(autouse=True)
def seoul(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with monkeypatch.context() as patch:
        patch.setenv("TZ", "Asia/Seoul")
        time.tzset()
        yield
    time.tzset()


def said(
    told: Iterable[Said],
    tongue: Language,
    later: float = 8,
    history: list[float] | None = None,
    first: e.RunOpened = FIRST,
) -> str:
    """The update so many seconds after the last record."""
    state = fold_all(records(first, tuple(told)))
    assert state is not None
    now = state.at + timedelta(seconds=later)
    return update(state, now, forecast(state, now, dict.fromkeys(state.steps, history or [])), tongue)


def test_an_update_of_a_run_under_way_says_all_that_people_ask_for() -> None:
    told = [*story()[:13], (331.0, "mina@macbook", e.RoleGiven(role="command", holder="Grace"))]
    assert said(told, "en", history=HISTORY) == (
        "[INCIDENT] INC-0001 PostgreSQL corrupted · Sparklio V4 · level 1\n"
        "Impact: User data may be lost; Workflow history is lost\n"
        "Since: 11:58 KST (7 min ago)\n"
        "Now: PostgreSQL damaged, Backend refused\n"
        "Doing: step 3 of 7, Restore beside the damaged database\n"
        "Done: 2 of 7 steps\n"
        "Expected back: about 12:08, by 12:11 in nine of ten recoveries\n"
        "RTO: Backend (15 min) by 12:13: on pace\n"
        "Escalation: lead, since 12:05\n"
        "In charge: Grace commands, mina@macbook operates\n"
        "Next update: 12:20\n"
    )
    assert said(told, "ko", history=HISTORY) == (
        "[장애] INC-0001 PostgreSQL 데이터베이스 손상 · Sparklio V4 · Level 1\n"
        "영향: 사용자 데이터 손실 위험; 워크플로우 히스토리 손실\n"
        "발생: 11:58 KST (7분 경과)\n"
        "현재 상태: PostgreSQL 손상, 백엔드 연결 거부\n"
        "조치: 손상된 데이터베이스 옆에 복원 (7단계 중 3단계) 진행 중\n"
        "진행: 전체 7단계 중 2단계 완료\n"
        "복구 예상: 12:08경, 늦어도 12:11 (과거 복구 10회 중 9회 기준)\n"
        "RTO: 백엔드 (15분) 12:13까지, 준수 예상\n"
        "에스컬레이션: lead (12:05부터)\n"
        "담당: 지휘 Grace, 운영 mina@macbook\n"
        "다음 공유: 12:20\n"
    )


def test_what_was_skipped_is_not_done() -> None:
    names = [step.id for step in FIRST.steps]
    told = [*story()[:13], (331.0, "mina@macbook", e.StepSkipped(step=names[-1], reason="kept until tomorrow"))]
    assert "Done: 2 of 7 steps, 1 skipped\n" in said(told, "en")
    assert "진행: 전체 7단계 중 2단계 완료, 1단계 건너뜀\n" in said(told, "ko")


def test_an_update_of_a_run_that_is_over_says_how_it_ended_and_what_it_cost() -> None:
    assert said(story(), "en", later=90_000) == (
        "[INCIDENT] INC-0001 PostgreSQL corrupted · Sparklio V4 · level 1\n"
        "Outcome: recovered, with exceptions; done by other means: Look at the first pages with your own eyes\n"
        "Impact: User data may be lost; Workflow history is lost\n"
        "Took: 16 min (11:58 KST to 12:14)\n"
        "RTO: missed: Backend (took 16 min, allowed 15 min) · met: PostgreSQL (took 14 min, allowed 30 min)\n"
        "Data: PostgreSQL: the last 58 min before the incident are lost (RPO 1 h met)\n"
        "In charge: nobody named to command yet, joon@desk operates\n"
    )
    assert said(story(), "ko", later=90_000) == (
        "[장애] INC-0001 PostgreSQL 데이터베이스 손상 · Sparklio V4 · Level 1\n"
        "결과: 예외와 함께 복구 완료; 다른 방법으로 완료: 첫 화면들을 직접 눈으로 확인\n"
        "영향: 사용자 데이터 손실 위험; 워크플로우 히스토리 손실\n"
        "소요: 16분 (11:58 KST ~ 12:14)\n"
        "RTO: 초과: 백엔드 (16분 소요, 목표 15분) · 준수: PostgreSQL (14분 소요, 목표 30분)\n"
        "데이터: PostgreSQL 장애 직전 58분 분량 손실 (RPO 1시간 준수)\n"
        "담당: 지휘자 미지정, 운영 joon@desk\n"
    )


def test_the_language_of_the_program_changes_nothing() -> None:
    before = language.current()
    try:
        language.use("ko")
        korean = said(story()[:13], "en")
    finally:
        language.use(before)
    assert korean == said(story()[:13], "en")


def line(text: str, word: str) -> str:
    return next(each for each in text.splitlines() if each.startswith(word))


def test_ninety_percent_are_named_only_where_earlier_runs_say_so() -> None:
    assert line(said(story()[:13], "en"), "Expected back") == "Expected back: about 12:12"
    unknown = FIRST.model_copy(
        update={"steps": tuple(step.model_copy(update={"expect": None}) for step in FIRST.steps)}
    )
    assert line(said(story()[:13], "en", first=unknown), "Expected back") == "Expected back: not known yet"
    assert line(said(story()[:13], "ko", first=unknown), "복구 예상") == "복구 예상: 아직 알 수 없음"


def test_an_objective_that_is_missed_or_will_be_is_said_so_by_name() -> None:
    told = story()[:13]
    assert line(said(told, "en"), "RTO") == "RTO: at risk: Backend (15 min, due 12:13)"
    assert line(said(told, "en", later=170), "RTO") == "RTO: will be missed: Backend (15 min, due 12:13)"
    late = line(said(told, "en", later=2000), "RTO")
    assert late == "RTO: missed: PostgreSQL (30 min, due 12:28), Backend (15 min, due 12:13)"
    late = line(said(told, "ko", later=720), "RTO")
    assert late == "RTO: 초과: 백엔드 (15분, 12:13까지) · 초과 위험: PostgreSQL (30분, 12:28까지)"


@pytest.mark.parametrize(
    ("told", "english", "korean"),
    [
        (
            story()[:1],
            "step 1 of 7, Stop what writes to the database: next",
            "데이터베이스에 쓰는 서비스 중지 (7단계 중 1단계) 곧 시작",
        ),
        (
            story()[:4],
            "step 1 of 7, Stop what writes to the database: waiting for the operator's yes",
            "데이터베이스에 쓰는 서비스 중지 (7단계 중 1단계) 운영자 확인 대기",
        ),
        (
            [*story()[:13], (330.0, "engine", FAILED)],
            "step 3 of 7, Restore beside the damaged database: failed, deciding how to go on",
            "손상된 데이터베이스 옆에 복원 (7단계 중 3단계) 실패, 대응 결정 중",
        ),
        (story()[:-1], "the work is done, making sure that all is well", "작업 완료, 정상 여부 확인 중"),
    ],
)
def test_what_is_being_done_is_said_as_it_is(told: list[Said], english: str, korean: str) -> None:
    assert line(said(told, "en"), "Doing") == f"Doing: {english}"
    assert line(said(told, "ko"), "조치") == f"조치: {korean}"


def test_a_drill_and_a_lab_are_never_taken_for_an_outage() -> None:
    for mode, word in (("drill", "[DRILL] "), ("lab", "[LAB] ")):
        text = said(story()[:13], "en", first=FIRST.model_copy(update={"mode": mode})).splitlines()
        assert text[0].startswith(word) and text[1] == "This is an exercise. Nothing is really down."
    over = said(story(), "ko", first=FIRST.model_copy(update={"mode": "drill"})).splitlines()
    assert over[1] == "훈련 상황입니다. 실제 장애가 아닙니다."
    assert over[2] == "결과: 예외와 함께 완료; 다른 방법으로 완료: 첫 화면들을 직접 눈으로 확인"


def test_an_aborted_run_says_why_what_is_not_back_and_promises_no_next_update() -> None:
    told: list[Said] = [
        (1, "engine", seen("postgresql", State.DAMAGED)),
        (60, "mina@macbook", e.RunClosed(outcome="aborted", reason="the vendor\n takes over")),
    ]
    text = said(told, "en")
    assert line(text, "Outcome") == "Outcome: aborted before everything was recovered; the vendor takes over"
    assert (
        line(text, "RTO")
        == "RTO: not restored: PostgreSQL (took 3 min, allowed 30 min), Backend (took 3 min, allowed 15 min)"
    )
    assert line(text, "Data") == "Data: no backup was restored"
    assert "Next update" not in text


def test_the_next_update_is_on_full_five_minutes_and_never_later_than_promised() -> None:
    for seconds in range(0, 900, 7):
        now = after(seconds)
        due = next_at(now)
        assert due.minute % 5 == 0 and due.second == 0
        assert timedelta(minutes=10) < due - now <= timedelta(minutes=15)


@given(journals(), st.sampled_from(("en", "ko")), st.integers(0, 100_000))
def test_any_journal_has_an_update_of_a_few_plain_lines(records: list[e.Record], tongue: Language, later: int) -> None:
    state = fold_all(records)
    assert state is not None
    text = update(state, after(later), forecast(state, after(later), {}), tongue)
    assert text.endswith("\n") and 3 <= len(text.splitlines()) <= 13
    assert all(each.strip() and each == each.rstrip() for each in text.splitlines())


def test_the_command_line_prints_it_and_writes_it(tmp_path: Path) -> None:
    folder = sample_plan_folder(tmp_path)
    kept(tmp_path / "state", first=FIRST)
    printed = sparkdr("--plan", folder, "report", "--format", "update", "--lang", "ko")
    assert printed.status == 0
    assert printed.out.startswith("[장애] INC-0001 PostgreSQL 데이터베이스 손상 · Sparklio V4 · Level 1\n결과: ")
    out = tmp_path / "out"
    out.mkdir()
    assert sparkdr("--plan", folder, "report", "--format", "update", "-o", out).status == 0
    assert (out / "INC-0001.txt").read_text(encoding="utf-8").startswith("[INCIDENT] INC-0001 ")
