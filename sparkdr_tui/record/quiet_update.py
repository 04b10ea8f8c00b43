"""The status update of a plan without a run: what the last sweep saw, and what it looks like. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from sparkdr_tui.plan.model import Language, State
from sparkdr_tui.plan.runbook import Plan
from sparkdr_tui.record.update_words import Voice
from sparkdr_tui.watch.diagnosis import diagnose
from sparkdr_tui.watch.topology import Topology

_FINE = (State.UP, State.SLOW, State.UNKNOWN)


def quiet_update(plan: Plan, topology: Topology, now: datetime, language: Language) -> str:
    """The lines of an update while nobody recovers anything; ends with a newline."""
    voice = Voice(language)
    head = f"[{plan.name}] {voice.word('quiet')} · {voice.clock(now, now)} {now.astimezone().tzname()}"
    return (
        "\n".join([head, *(f"{voice.word(key)}: {text}" for key, text in _parts(plan, topology, voice) if text)]) + "\n"
    )


def _parts(plan: Plan, topology: Topology, voice: Voice) -> Iterator[tuple[str, str]]:
    down = {name: each.state for name, each in topology.services.items() if each.state not in _FINE}
    known = any(each.state is not State.UNKNOWN for each in topology.services.values())
    said = ", ".join(
        voice.word("state", voice.said(plan.services[name].title), voice.word(state.value))
        for name, state in down.items()
        if name in plan.services
    )
    yield "now", said or voice.word("all up" if known else "not seen")
    found = diagnose(plan, topology)
    if found.suggestions and (scenario := plan.scenarios.get(found.suggestions[0].scenario)):
        yield "looks like", f"{voice.said(scenario.title)} · {voice.word('level', found.level or scenario.level)}"
        yield "impact", "; ".join(voice.said(each) for each in scenario.impact)
