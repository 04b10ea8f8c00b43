"""Whom to call and when to call further, and the calendar of drills."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from sparkdr_tui.plan.drills import Drill
from sparkdr_tui.plan.model import Contact, EscalationStage
from sparkdr_tui.plan.notify import Notify
from sparkdr_tui.plan.paper import markdown as md
from sparkdr_tui.plan.paper.scenarios import contact
from sparkdr_tui.plan.paper.words import Voice

_BLANK = "&nbsp;" * 12
"""Room to write what nobody has filled in yet."""


def contacts(voice: Voice) -> Iterator[str]:
    """The team, outside support, and the way upwards."""
    known = voice.plan.contacts
    if known.team:
        yield from md.heading(3, voice.word("team"))
        yield from _people(voice, known.team, "scope")
    if known.external:
        yield from md.heading(3, voice.word("external"))
        yield from _people(voice, known.external, "purpose")
    if known.escalation:
        yield from md.heading(3, voice.word("escalation"), "escalation")
        yield from md.numbered(_stage(voice, each) for each in known.escalation)
    if voice.plan.notify:
        yield from md.heading(3, voice.word("notified"))
        yield from md.bullets(_notified(voice, each) for each in voice.plan.notify)


def _people(voice: Voice, people: Mapping[str, Contact], scope: str) -> Iterator[str]:
    outside = scope == "purpose"
    head = ["role", *([] if outside else ["name"]), "phone", *([] if outside else ["email"]), scope]
    rows = []
    for name, each in people.items():
        fields = [each.phone] if outside else [each.name, each.phone, each.email]
        known = [md.text(field) if field.strip() else _BLANK for field in fields]
        rows.append([f"{md.anchor(f'contact-{name}')}**{voice.said(each.role)}**", *known, voice.said(each.scope)])
    yield from md.table([voice.word(each) for each in head], rows)


def _stage(voice: Voice, stage: EscalationStage) -> str:
    who = ", ".join(voice.word("owner") if each == "$owner" else contact(voice, each) for each in stage.who)
    parts = [
        f"**{voice.said(stage.title)}**" + (f": {who}" if who else ""),
        voice.word("starts", ", ".join(map(str, stage.levels))) if stage.levels else "",
        voice.word("next", voice.time(stage.escalate_after)) if stage.escalate_after else "",
    ]
    return " · ".join(part for part in parts if part)


def _notified(voice: Voice, target: Notify) -> str:
    occasions = ", ".join(voice.word(f"when {each}") for each in target.on)
    return f"{md.code(target.to)}: {occasions}" + (f" ({voice.word('drills too')})" if target.drills else "")


def drills(voice: Voice) -> Iterator[str]:
    """When, with which runbook, and what belongs before and after."""
    for name, each in voice.plan.drills.items():
        yield from md.heading(3, voice.said(each.title), f"drill-{name}")
        yield from md.bullets(
            [
                f"{voice.word('due')}: {_due(voice, each)}",
                f"{voice.word('runbook')}: {voice.runbook(each.runbook)}",
                _scenario(voice, each),
            ]
        )
        for word, items in (("before", each.before), ("after", each.after)):
            if items:
                yield from (f"**{voice.word(word)}**", "", *md.bullets(f"[ ] {voice.said(item)}" for item in items))


def _due(voice: Voice, drill: Drill) -> str:
    when = voice.word("quarter", drill.when.quarter) if drill.when.quarter else voice.word("first monday")
    return f"{when} ({voice.word('announce', voice.time(drill.announce))})"


def _scenario(voice: Voice, drill: Drill) -> str:
    if drill.scenario is None:
        return ""
    title = voice.said(voice.plan.scenarios[drill.scenario].title)
    return f"{voice.word('scenario')}: {md.link(title, f'scenario-{drill.scenario}')}"
