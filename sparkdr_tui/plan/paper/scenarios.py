"""The scenarios: how each looks, what it does to people, whom to call, which runbooks answer it."""

from __future__ import annotations

from collections.abc import Iterator

from sparkdr_tui.plan.model import Contact, Scenario, Sign, State
from sparkdr_tui.plan.paper import markdown as md
from sparkdr_tui.plan.paper.words import Voice


def scenarios(voice: Voice) -> Iterator[str]:
    """A table of all of them, then each."""
    plan = voice.plan
    rows = [
        [
            str(each.number or ""),
            md.link(voice.said(each.title), f"scenario-{name}"),
            str(each.level),
            voice.said(each.priority),
            voice.time(each.rto),
            voice.runbook(each.runbooks[0]) if each.runbooks else "",
        ]
        for name, each in plan.scenarios.items()
    ]
    head = ("number", "scenario", "level", "priority")
    yield from md.table([*(voice.word(each) for each in head), "RTO", voice.word("runbook")], rows)
    for name, each in plan.scenarios.items():
        yield from _scenario(voice, name, each)


def _scenario(voice: Voice, name: str, each: Scenario) -> Iterator[str]:
    number = f"{voice.word('scenario')} {each.number}: " if each.number else ""
    yield from md.heading(3, number + voice.said(each.title), f"scenario-{name}")
    yield from md.bullets(
        [
            f"{voice.word('level')}: {each.level}",
            f"{voice.word('priority')}: {voice.said(each.priority)} (RTO {voice.time(each.rto)})",
            _listed(voice, "affects", map(voice.service, each.affects)),
            _listed(voice, "call", (contact(voice, who) for who in each.contacts)),
            f"{voice.word('source')}: {md.text(each.source)}" if each.source else "",
        ]
    )
    yield from _group(voice, "impact", md.bullets(voice.said(one) for one in each.impact))
    yield from _group(voice, "signs", md.bullets(_sign(voice, one) for one in each.signs))
    yield from _group(voice, "answers", md.numbered(map(voice.runbook, each.runbooks)))


def _listed(voice: Voice, word: str, items: Iterator[str]) -> str:
    said = ", ".join(items)
    return f"{voice.word(word)}: {said}" if said else ""


def _group(voice: Voice, word: str, items: Iterator[str]) -> Iterator[str]:
    lines = list(items)
    if lines:
        yield from (f"**{voice.word(word)}**", "", *lines)


def contact(voice: Voice, who: str) -> str:
    """Somebody by role, with name and phone as far as they are known, and a link to the rest."""
    found: Contact | None = {**voice.plan.contacts.team, **voice.plan.contacts.external}.get(who)
    if found is None:
        return md.text(who)
    known = " ".join(md.text(part) for part in (found.name, found.phone) if part.strip())
    return md.link(voice.said(found.role), f"contact-{who}") + (f" ({known})" if known else "")


def _sign(voice: Voice, sign: Sign) -> str:
    """What has to be seen, all of it together."""
    parts = []
    states = voice.word("or").join(voice.word(State(state).value) for state in sign.is_)
    if sign.service is not None:
        parts.append(voice.word("sign service", voice.service(sign.service), states))
    if sign.nodes_down is not None:
        parts.append(voice.word("sign nodes", sign.nodes_down))
    if sign.services_down is not None:
        on = [voice.node(sign.node)] if sign.node is not None else []
        parts.append(voice.word("sign services on" if on else "sign services", sign.services_down, *on))
    elif sign.node is not None:
        parts.append(voice.word("sign service", voice.node(sign.node), states))
    reason = f" – {voice.said(sign.reason)}" if sign.reason is not None else ""
    return voice.word("and").join(parts) + reason
