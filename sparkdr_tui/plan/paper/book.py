"""The document put together: its title, its contents, and its chapters in the order in which a reader needs them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date

from sparkdr_tui.plan.model import Language
from sparkdr_tui.plan.paper import markdown as md
from sparkdr_tui.plan.paper import overview, people, procedures, scenarios
from sparkdr_tui.plan.paper.words import Voice, voice
from sparkdr_tui.plan.runbook import Plan

_CHAPTERS: tuple[tuple[str, Callable[[Voice], Iterator[str]]], ...] = (
    ("overview", overview.overview),
    ("objectives", overview.objectives),
    ("scenarios", scenarios.scenarios),
    ("contacts", people.contacts),
    ("runbooks", procedures.runbooks),
    ("environment", overview.environment),
    ("backups", overview.backups),
    ("drills", people.drills),
)


def document(plan: Plan, language: Language, printed: date | None = None) -> str:
    """The whole plan; chapters with nothing in them are left out."""
    whose = voice(plan, language)
    chapters = {name: list(write(whose)) for name, write in _CHAPTERS}
    kept = [name for name, lines in chapters.items() if lines]
    lines = [*_title(whose, printed), *_contents(whose, kept)]
    for number, name in enumerate(kept, 1):
        lines += [*md.heading(2, f"{number}. {whose.word(name)}", name), *chapters[name]]
    return "\n".join(_squeezed(lines)).rstrip("\n") + "\n"


def _title(voice: Voice, printed: date | None) -> Iterator[str]:
    plan = voice.plan
    yield from md.heading(1, voice.word("title", md.text(plan.name)))
    parts = [
        voice.word("printed", printed.isoformat()) if printed else "",
        voice.word("version", md.text(plan.version)) if plan.version else "",
        voice.word("digest", md.code(plan.digest[:12])) if plan.digest else "",
    ]
    yield " · ".join(part for part in parts if part)
    yield from ("", voice.word("generated"))


def _contents(voice: Voice, chapters: list[str]) -> Iterator[str]:
    yield from md.heading(2, voice.word("contents"), "contents")
    plan = voice.plan
    inner = {
        "scenarios": [md.link(voice.said(each.title), f"scenario-{name}") for name, each in plan.scenarios.items()],
        "runbooks": [voice.runbook(name) for name in voice.numbers],
    }
    for number, name in enumerate(chapters, 1):
        yield f"{number}. {md.link(voice.word(name), name)}"
        yield from (f"    - {item}" for item in inner.get(name, ()))
    yield ""


def _squeezed(lines: list[str]) -> Iterator[str]:
    """Never two empty lines in a row, and none at either end; a script is one of the `lines` and stays as it is."""
    empty = True
    for line in lines:
        if line or not empty:
            yield line
        empty = not line
