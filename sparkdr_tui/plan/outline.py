"""The plan as a tree of labels in one language, for whoever draws it. Labels are texts, never markup."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from sparkdr_tui.plan.backup_sets import BackupSet
from sparkdr_tui.plan.drills import Drill
from sparkdr_tui.plan.graph import with_needs
from sparkdr_tui.plan.model import Contact, Language, Node, Scenario, Service, Text, format_duration
from sparkdr_tui.plan.runbook import Danger, Plan, Runbook, Step
from sparkdr_tui.plan.schedules import Schedule

_WORDS = {
    "nodes": Text(en="Nodes", ko="노드"),
    "critical path": Text(en="Critical path", ko="중요 경로"),
    "scenarios": Text(en="Scenarios", ko="재해 시나리오"),
    "runbooks": Text(en="Runbooks", ko="복구 절차"),
    "backup sets": Text(en="Backup sets", ko="백업 세트"),
    "schedules": Text(en="What runs by itself", ko="자동 실행 일정"),
    "team": Text(en="Team", ko="재해 대응 팀"),
    "external": Text(en="External support", ko="외부 지원"),
    "escalation": Text(en="Escalation", ko="에스컬레이션 절차"),
    "drills": Text(en="Drills", ko="정기 훈련"),
    "level": Text(en="level {}", ko="Level {}"),
    "port": Text(en="port {}", ko="포트 {}"),
    "every": Text(en="every {}", ko="{}마다"),
    "hourly at": Text(en="every hour at :{}", ko="매시 {}분"),
    "daily at": Text(en="every day at {}", ko="매일 {}"),
    "monthly at": Text(en="first Monday of the month at {}", ko="매월 첫째 월요일 {}"),
    "keep": Text(en="kept {}", ko="{} 보관"),
    "after": Text(en="after {}", ko="선행: {}"),
    "at once": Text(en="at once", ko="바로 시작"),
    "optional": Text(en="optional", ko="선택"),
    Danger.DISRUPTS.value: Text(en="disrupts", ko="중단됨"),
    Danger.DESTROYS.value: Text(en="destroys", ko="데이터 삭제"),
    "quarter": Text(en="quarter {}", ko="{}분기"),
    "first monday": Text(en="first Monday of the month", ko="매월 첫째 월요일"),
}


@dataclass(frozen=True, slots=True)
class Branch:
    """A label, and what belongs under it."""

    label: str
    children: tuple[Branch, ...] = ()


def outline(plan: Plan, language: Language) -> Branch:
    """The whole plan, each part where a reader looks for it; parts with nothing in them are left out."""

    def group(word: str, children: Iterable[Branch]) -> Branch:
        return Branch(_WORDS[word].within(language), tuple(children))

    contacts = plan.contacts
    parts = [
        group("nodes", (_node(plan, name, node, language) for name, node in plan.nodes.items())),
        group("critical path", (Branch(plan.services[s].title.within(language)) for s in plan.critical_path)),
        group("scenarios", (_scenario(name, each, language) for name, each in plan.scenarios.items())),
        group("runbooks", (_runbook(each, language) for each in plan.runbooks.values())),
        group("backup sets", (_backup_set(name, each, language) for name, each in plan.backup_sets.items())),
        group("schedules", (_schedule(name, each, language) for name, each in plan.schedules.items())),
        group("team", (_contact(name, each, language) for name, each in contacts.team.items())),
        group("external", (_contact(name, each, language) for name, each in contacts.external.items())),
        group("escalation", (Branch(_line(s.title.within(language), ", ".join(s.who))) for s in contacts.escalation)),
        group("drills", (_drill(name, each, language) for name, each in plan.drills.items())),
    ]
    return Branch(_line(plan.name, plan.version), tuple(part for part in parts if part.children))


def _line(*parts: str) -> str:
    """The parts that are there, as one line."""
    return " · ".join(" ".join(part.split()) for part in parts if part)


def _word(word: str, language: Language, *values: object) -> str:
    return _WORDS[word].within(language).format(*values)


def _node(plan: Plan, name: str, node: Node, language: Language) -> Branch:
    services = (_service(key, each, language) for key, each in plan.services.items() if each.on == name)
    label = _line(name, node.title.within(language), node.role.within(language), node.os, ", ".join(node.address))
    return Branch(label, tuple(services))


def _service(name: str, service: Service, language: Language) -> Branch:
    rto = f"RTO {format_duration(service.rto)}" if service.rto is not None else ""
    rpo = f"RPO {format_duration(service.rpo)}" if service.rpo is not None else ""
    return Branch(_line(name, service.title.within(language), _word("port", language, service.port), rto, rpo))


def _scenario(name: str, scenario: Scenario, language: Language) -> Branch:
    label = _line(
        name,
        scenario.title.within(language),
        _word("level", language, scenario.level),
        scenario.priority.within(language),
        f"RTO {format_duration(scenario.rto)}",
        "→ " + ", ".join(scenario.runbooks) if scenario.runbooks else "",
    )
    return Branch(label, tuple(Branch(_line(each.within(language))) for each in scenario.impact))


def _runbook(runbook: Runbook, language: Language) -> Branch:
    label = _line(runbook.id, runbook.title.within(language), ", ".join(runbook.restores))
    return Branch(label, tuple(_steps(runbook, language)))


def _steps(runbook: Runbook, language: Language) -> Iterator[Branch]:
    usual: tuple[str, ...] = ()
    for step, needs in with_needs(runbook.steps):
        after = _word("after", language, ", ".join(needs)) if needs else _word("at once", language)
        yield Branch(_line(_step(step, language), after if needs != usual else ""))
        usual = (step.id,)


def _step(step: Step, language: Language) -> str:
    return _line(
        step.id,
        step.title.within(language),
        f"{step.kind} {step.include}" if step.include else step.kind,
        step.on or "",
        _word(step.danger.value, language) if step.danger is not Danger.SAFE else "",
        _word("optional", language) if step.optional else "",
        format_duration(step.expect) if step.expect is not None else "",
    )


def _backup_set(name: str, backup_set: BackupSet, language: Language) -> Branch:
    every, keep = format_duration(backup_set.every), format_duration(backup_set.keep)
    place = f"{backup_set.on}:{backup_set.dir}/{backup_set.name}"
    title = backup_set.title.within(language)
    second = f"→ {backup_set.copy_to.where}" if backup_set.copy_to else ""
    return Branch(_line(name, title, place, _word("every", language, every), _word("keep", language, keep), second))


def _schedule(name: str, each: Schedule, language: Language) -> Branch:
    hour, minute = each.clock
    if hour is None:
        when = _word("hourly at", language, f"{minute:02}")
    else:
        when = _word("monthly at" if each.monthly else "daily at", language, f"{hour:02}:{minute:02}")
    return Branch(_line(name, each.runbook, each.on, when))


def _contact(name: str, contact: Contact, language: Language) -> Branch:
    role, scope = contact.role.within(language), contact.scope.within(language)
    return Branch(_line(name, role, contact.name, contact.phone, contact.email, scope))


def _drill(name: str, drill: Drill, language: Language) -> Branch:
    quarter = _word("quarter", language, drill.when.quarter) if drill.when.quarter else ""
    monthly = _word("first monday", language) if drill.when.monthly else ""
    return Branch(_line(name, drill.title.within(language), quarter or monthly, f"→ {drill.runbook}"))
