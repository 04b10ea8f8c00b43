"""What people are told before a drill, in both languages, ready to be pasted into a mail or a chat. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from sparkdr_tui.plan.graph import graph, restores
from sparkdr_tui.plan.model import Language, Text
from sparkdr_tui.plan.runbook import Danger, Plan
from sparkdr_tui.record.drills import DrillStatus

_DAYS = ("월", "화", "수", "목", "금", "토", "일")


def notice(plan: Plan, status: DrillStatus, today: date, on: date | None = None) -> Text:
    """The announcement of a drill; `on` is the day it is held, where somebody has fixed it."""
    if status.turn.opens == status.turn.closes >= today:
        on = on or status.turn.opens
    return Text(en="\n".join(_english(plan, status, today, on)), ko="\n".join(_korean(plan, status, today, on)))


def _english(plan: Plan, status: DrillStatus, today: date, on: date | None) -> Iterator[str]:
    drill, turn = status.drill, status.turn
    yield f"[{plan.name}] Disaster recovery drill: {drill.title.en}"
    yield ""
    if on is not None:
        yield f"When: {_day(on, 'en')}"
    elif turn.closes < today:
        yield f"When: ____ (it was due by {_day(turn.closes, 'en')})"
    else:
        yield f"When: ____ (between {_day(max(turn.opens, today), 'en')} and {_day(turn.closes, 'en')})"
    if drill.scenario is not None:
        yield f"What: we recover from “{plan.scenarios[drill.scenario].title.en}”, as an exercise."
    yield f"Procedure: {plan.runbooks[drill.runbook].title.en} ({drill.runbook}). Please read it again beforehand."
    if interrupted := _interrupted(plan, status, "en"):
        yield f"May be interrupted, unless the drill is held in a lab: {interrupted}"
    if whom := _whom(plan, status, "en"):
        yield f"Takes part: {whom}"


def _korean(plan: Plan, status: DrillStatus, today: date, on: date | None) -> Iterator[str]:
    drill, turn = status.drill, status.turn
    yield f"[{plan.name}] 재해 복구 훈련 안내: {drill.title.ko}"
    yield ""
    if on is not None:
        yield f"일시: {_day(on, 'ko')}"
    elif turn.closes < today:
        yield f"일시: ____ (기한 {_day(turn.closes, 'ko')} 경과)"
    else:
        yield f"일시: ____ ({_day(max(turn.opens, today), 'ko')} ~ {_day(turn.closes, 'ko')} 중)"
    if drill.scenario is not None:
        yield f"내용: “{plan.scenarios[drill.scenario].title.ko}” 상황을 가정한 복구 훈련입니다."
    yield f"절차: {plan.runbooks[drill.runbook].title.ko} ({drill.runbook}). 훈련 전에 다시 읽어 주시기 바랍니다."
    if interrupted := _interrupted(plan, status, "ko"):
        yield f"랩이 아닌 실제 노드에서 진행하면 중단될 수 있는 서비스: {interrupted}"
    if whom := _whom(plan, status, "ko"):
        yield f"참가: {whom}"


def _interrupted(plan: Plan, status: DrillStatus, language: Language) -> str:
    """The services that the runbook may take down on its way."""
    runbook = status.drill.runbook
    if all(each.step.danger is Danger.SAFE for each in graph(plan, runbook)):
        return ""
    affected = plan.scenarios[status.drill.scenario].affects if status.drill.scenario is not None else ()
    names = dict.fromkeys([*restores(plan, runbook), *affected])
    return ", ".join(plan.services[name].title.within(language) for name in names)


def _whom(plan: Plan, status: DrillStatus, language: Language) -> str:
    """Those whom the scenario needs first, by role, and by name where there is one."""
    if status.drill.scenario is None:
        return ""
    known = {**plan.contacts.team, **plan.contacts.external}
    people = [known[name] for name in plan.scenarios[status.drill.scenario].contacts if name in known]
    return ", ".join(each.role.within(language) + (f" ({each.name})" if each.name.strip() else "") for each in people)


def _day(day: date, language: Language) -> str:
    return f"{day:%Y-%m-%d} ({_DAYS[day.weekday()]})" if language == "ko" else f"{day:%A %Y-%m-%d}"
