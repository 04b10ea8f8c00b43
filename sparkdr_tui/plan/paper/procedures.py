"""The runbooks: every step in its order, with its script, its checks, and what to try when it fails."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from sparkdr_tui.plan.graph import graph, with_needs
from sparkdr_tui.plan.includes import inputs_of
from sparkdr_tui.plan.model import format_duration
from sparkdr_tui.plan.paper import markdown as md
from sparkdr_tui.plan.paper.steps import step_lines
from sparkdr_tui.plan.paper.words import Voice
from sparkdr_tui.plan.runbook import Runbook


def runbooks(voice: Voice) -> Iterator[str]:
    """Every runbook, in the order of their numbers."""
    for name in voice.numbers:
        yield from _runbook(voice, voice.plan.runbooks[name])


def _runbook(voice: Voice, book: Runbook) -> Iterator[str]:
    yield from md.heading(3, voice.numbered(book.id), f"runbook-{book.id}")
    if book.summary is not None:
        yield from (voice.said(book.summary), "")
    yield from md.bullets(
        [
            f"id: {md.code(book.id)}",
            _named(voice, "restores", ", ".join(map(voice.service, book.restores))),
            _named(voice, "used by", ", ".join(_users(voice, book.id))),
            _named(voice, "expected", _expected(voice, book)),
            _named(voice, "source", md.text(book.source)),
        ]
    )
    inputs = list(_inputs(voice, book))
    if inputs:
        yield from (f"**{voice.word('inputs')}**", "", *md.bullets(inputs))
    places = {step.id: number for number, step in enumerate(book.steps, 1)}
    for number, (step, needs) in enumerate(with_needs(book.steps), 1):
        yield from step_lines(voice, book, number, step, [places[need] for need in needs])


def _named(voice: Voice, word: str, said: str) -> str:
    return f"{voice.word(word)}: {said}" if said else ""


def _users(voice: Voice, name: str) -> Iterator[str]:
    """Where a reader may come from: scenarios, runbooks that include it, backup sets, drills."""
    plan = voice.plan
    for key, scenario in plan.scenarios.items():
        if name in scenario.runbooks:
            yield md.link(voice.said(scenario.title), f"scenario-{key}")
    for key, book in plan.runbooks.items():
        if any(step.include == name for step in book.steps):
            yield voice.runbook(key)
    for key, backup_set in plan.backup_sets.items():
        if name in (backup_set.made_by, backup_set.verified_by):
            yield md.link(voice.said(backup_set.title), f"backup-{key}")
    for key, drill in plan.drills.items():
        if drill.runbook == name:
            yield md.link(voice.said(drill.title), f"drill-{key}")


def _expected(voice: Voice, book: Runbook) -> str:
    """How long it takes when all goes well: along the longest way through what is not optional."""
    ends: dict[str, timedelta] = {}
    steps = {each.id: each for each in graph(voice.plan, book.id)}

    def end(name: str) -> timedelta:
        if name not in ends:
            before = max((end(need) for need in steps[name].needs), default=timedelta(0))
            ends[name] = before + (steps[name].step.expect or timedelta(0))
        return ends[name]

    longest = max((end(name) for name, each in steps.items() if not each.step.optional), default=timedelta(0))
    return voice.word("expected text", format_duration(longest)) if longest else ""


def _inputs(voice: Voice, book: Runbook) -> Iterator[str]:
    for name, each in inputs_of(voice.plan, book).items():
        title = f" ({voice.said(each.title)})" if each.title is not None else ""
        of_set = each.pick or each.expired
        if of_set is not None:
            said = md.link(voice.said(voice.plan.backup_sets[of_set].title), f"backup-{of_set}")
            yield f"{md.code(name)}{title}: {voice.word('pick' if each.pick else 'expired', said)}"
        else:
            yield f"{md.code(name)}{title}: {voice.word('default', md.code(each.default or '') or voice.word('empty'))}"
