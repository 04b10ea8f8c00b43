"""A report as programs read it: the run's document, and beside it everything else that the report says."""

from __future__ import annotations

from typing import Any

from sparkdr_tui.report.content import Content, Failure, StepLine
from sparkdr_tui.report.document import run_document
from sparkdr_tui.report.people import ENGINE, Person
from sparkdr_tui.report.services import ServiceTime, Took
from sparkdr_tui.report.spans import Bar
from sparkdr_tui.report.trend import PastRun


def whole_document(content: Content, history: dict[str, list[float]]) -> dict[str, Any]:
    """One document with stable keys; texts for people are in the language in use."""
    journal, opened = content.journal, content.state.opened
    return {
        **run_document(content.state, content.at, history),
        "at": content.at.isoformat(),
        "live": content.state.live,
        "program": opened.program,
        "lab": opened.lab or opened.mode == "lab",
        "took_s": _seconds((content.at - content.state.opened_at).total_seconds()),
        "recovery": {each.clock.service: _recovery(each) for each in content.services},
        "course": [_bar(each) for each in content.course.bars],
        "waited_s": {name: _seconds(line.waited) for name, line in content.steps.items()},
        "planned": {name: _planned(line) for name, line in content.steps.items()},
        "down_at_first": [
            {"service": each.service, "state": each.state.value, "detail": each.detail} for each in content.first
        ],
        "failures": [_failure(each) for each in content.failures],
        "decided": [
            {"step": each.step, "decision": each.deed.value, "at": each.at.isoformat(), "by": each.by,
             "reason": each.reason}
            for each in content.decided
        ],
        "undone": [
            {"step": each.step, "at": each.at.isoformat(), "by": each.by, "ok": each.ok, "detail": each.detail,
             "log": each.log}
            for each in content.undone
        ],
        "people": [_person(each) for each in content.people],
        "chosen": [
            {"name": each.event.name, "value": each.event.value, "at": each.at.isoformat(), "by": each.by}
            for each in content.chosen
        ],
        "checklists": [
            {
                "step": each.step,
                "items": [
                    {
                        "text": content.steps[each.step].step.outline.checklist[tick.item].model_dump(),
                        "ticked": tick.ticked,
                        "by": tick.by,
                        "at": tick.at.isoformat() if tick.at else None,
                    }
                    for tick in each.ticks
                ],
            }
            for each in content.checklists
        ],
        "timeline": [
            {
                "at": each.moment.at.isoformat(),
                "by": None if each.by == ENGINE else each.by,
                "text": each.moment.text,
                "more": list(each.moment.more),
                "log": each.moment.log,
            }
            for each in content.timeline
        ],
        "earlier": [_past(each) for each in content.earlier],
        "journal": {
            "intact": journal.ok,
            "head": journal.head,
            "records": journal.records,
            "torn": journal.torn,
            "broken_at": journal.broken_at,
            "problem": journal.problem,
        },
    }  # fmt: skip


def _recovery(each: ServiceTime) -> dict[str, Any]:
    """A service's RTO, and where the time went."""
    return {
        "since": each.clock.since.isoformat(),
        "until": each.end.isoformat(),
        "restored": each.clock.restored,
        "seen_down": each.clock.seen_down,
        "elapsed_s": _seconds(each.elapsed),
        "rto_s": each.clock.rto,
        "met": each.kept,
        "before_s": _seconds(each.before),
        "machine_s": _seconds(each.machine),
        "person_s": _seconds(each.person),
        "work": [_took(took) for took in each.work],
        "waits": [_took(took) for took in each.waits],
    }


def _took(found: Took) -> dict[str, Any]:
    return {"step": found.step, "seconds": _seconds(found.seconds)}


def _bar(bar: Bar) -> dict[str, Any]:
    return {
        "step": bar.step,
        "doing": bar.doing.value,
        "attempt": bar.attempt,
        "from": bar.start.isoformat(),
        "until": bar.end.isoformat(),
    }


def _planned(line: StepLine) -> dict[str, Any]:
    expect = line.step.outline.expect
    return {
        "expect_s": expect,
        "p50_s": _seconds(line.likely.p50) if line.likely else None,
        "p90_s": _seconds(line.likely.p90) if line.likely else None,
        "earlier": line.likely.runs if line.likely else 0,
        "took_s": _seconds(line.took),
        "over_s": None if expect is None or line.took is None else _seconds(line.took - expect),
    }


def _failure(each: Failure) -> dict[str, Any]:
    return {
        "step": each.step,
        "at": each.at.isoformat(),
        "attempt": each.attempt,
        "ending": each.ending,
        "exit_status": each.exit_status,
        "detail": each.detail,
        "tail": list(each.tail),
        "hints": list(each.hints),
        "log": each.log,
        "retried": each.again,
    }


def _person(each: Person) -> dict[str, Any]:
    return {
        "name": each.name,
        "from": each.first.isoformat(),
        "until": each.last.isoformat(),
        "acts": [{"at": act.at.isoformat(), "deed": act.deed.value, "about": act.about} for act in each.acts],
    }


def _past(each: PastRun) -> dict[str, Any]:
    return {
        "id": each.run,
        "mode": each.mode,
        "opened_at": each.opened_at.isoformat(),
        "outcome": each.outcome,
        "took_s": _seconds(each.took),
        "service": each.service.model_dump() if each.service else None,
        "elapsed_s": _seconds(each.elapsed),
        "rto_s": each.rto,
        "met": each.kept,
    }


def _seconds(found: float | None) -> float | None:
    return None if found is None else round(found, 3)
