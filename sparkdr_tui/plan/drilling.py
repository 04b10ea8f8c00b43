"""A runbook as an exercise: its steps with the drill's lists around them, as steps like any other. Runs nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from sparkdr_tui.plan.drills import AFTER, BEFORE, Drill
from sparkdr_tui.plan.includes import PlannedStep
from sparkdr_tui.plan.model import Text
from sparkdr_tui.plan.runbook import Danger, Manual, Plan, Step

_SOURCE = "정기 훈련 / 분기별 재해 복구 훈련 / 체크리스트"


def around(plan: Plan, drill_id: str, steps: Sequence[PlannedStep]) -> tuple[PlannedStep, ...]:
    """The steps of a drill's run: first the list before, which all of them wait for, last the list after."""
    drill = plan.drills[drill_id]
    needed = {need for each in steps for need in each.needs}
    lasts = tuple(each.id for each in steps if each.id not in needed)
    begun = [each if each.needs else replace(each, needs=(BEFORE,)) for each in steps]
    first = PlannedStep(BEFORE, (), _before(drill, breaks(plan, drill)), drill.runbook)
    last = PlannedStep(AFTER, lasts or (BEFORE,), _after(drill), drill.runbook)
    return (first, *begun, last)


def breaks(plan: Plan, drill: Drill) -> tuple[str, ...]:
    """What is broken for the exercise: the drill's faults in a lab, nothing on anybody's real nodes."""
    return drill.fault if plan.lab and plan.hands else ()


def _before(drill: Drill, faults: Sequence[str]) -> Step:
    """The list before; in a lab, confirming it brings the faults about."""
    said = Text(
        en="Nothing is broken for this drill. The clocks start when this list is done.",
        ko="이 훈련을 위해 고장 내는 것은 없습니다. 이 목록을 마치면 시간 측정을 시작합니다.",
    )
    if faults:
        names = ", ".join(faults)
        said = Text(
            en=f"When this list is done, the lab breaks what the drill is about ({names}) and the clocks start.",
            ko=f"이 목록을 마치면 랩에서 훈련 대상 장애({names})를 일으키고 시간 측정을 시작합니다.",
        )
    return Step(
        id=BEFORE,
        title=Text(en="Before the drill", ko="훈련 전 점검"),
        danger=Danger.DISRUPTS if faults else Danger.SAFE,
        manual=Manual(
            say=said, checklist=drill.before, hands="; ".join(f"break {name}" for name in faults) if faults else None
        ),
        expect=timedelta(0),
        timeout=timedelta(minutes=10),
        source=_SOURCE,
    )


def _after(drill: Drill) -> Step:
    return Step(
        id=AFTER,
        title=Text(en="After the drill", ko="훈련 후 정리"),
        manual=Manual(
            say=Text(
                en="What went wrong and what is to be improved belongs into the notes of this run (n).",
                ko="문제점과 개선 사항은 이 실행의 메모(n)에 남기십시오.",
            ),
            checklist=drill.after,
        ),
        expect=timedelta(0),
        source=_SOURCE,
    )
