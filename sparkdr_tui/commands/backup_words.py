"""A backup in the cells of a table: its age against the RPO, its size, its four facts. Runs nothing."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from sparkdr_tui.backups import words
from sparkdr_tui.backups.catalog import Backup, age_band, rpo_of
from sparkdr_tui.figures import span
from sparkdr_tui.language import _
from sparkdr_tui.plan.runbook import Plan
from sparkdr_tui.report.marks import of_band, of_fact


def age_and_rpo(plan: Plan, set_id: str, backup: Backup | None, now: datetime) -> str:
    """How old it is, and how old it may be."""
    rpo = rpo_of(plan, set_id)
    return f"{words.age(backup, now) if backup else '—'} / {span(rpo.total_seconds()) if rpo else '—'}"


def band(plan: Plan, set_id: str, backup: Backup | None, now: datetime) -> Text:
    """Its age in RPOs: shape, word and colour."""
    mark = of_band(age_band(backup, rpo_of(plan, set_id), now))
    return Text(f"{mark.glyph} {mark.word}", style=mark.colour)


def facts(backup: Backup) -> Text:
    """The four facts, as shapes, in the order of the legend."""
    marks = [of_fact(getattr(backup, fact)) for fact in words.FACTS]
    return Text(" ").join(Text(mark.glyph, style=mark.colour) for mark in marks)


def legend(width: int) -> str:
    """What the shapes of the facts stand for."""
    order = " · ".join(words.fact_word(fact) for fact in words.FACTS)
    shapes = "  ".join(f"{of_fact(known).glyph} {of_fact(known).word}" for known in (True, False, None))
    said = _("facts: {order}").format(order=order)
    return f"{said}   {shapes}" if cell_len(said) + cell_len(shapes) + 3 <= width else f"{said}\n{shapes}"


def change(backup: Backup, grown: int | None) -> Text:
    """How much bigger or smaller it is than the one before it; half as big is worth a look."""
    if grown is None:
        return Text("—", style="bright_black")
    return Text(words.change(backup, grown), style="yellow" if words.shrank(backup, grown) else "")


def verified(backup: Backup, now: datetime) -> Text:
    """When it was verified last, by which run, and that this failed where it did."""
    when = span((now - backup.verified_at).total_seconds()) if backup.verified_at else ""
    parts = [part for part in (when, backup.verified_by) if part]
    if backup.failed:
        return Text(" · ".join([_("failed"), *parts]), style="red")
    return Text(" · ".join(parts) or "—", style="" if parts else "bright_black")


def standing(backup: Backup) -> Text:
    """What speaks against using it, in a word."""
    return Text(words.against_word(words.against(backup)), style="red")


def tell_problems(out: Console, found: Iterable[tuple[str, str, str]]) -> None:
    """Set, problem and hint, where there is a problem: each reason once, however many sets share it."""
    told: dict[tuple[str, str], list[str]] = {}
    for name, problem, hint in found:
        if problem:
            told.setdefault((problem, hint), []).append(name)
    for (problem, hint), names in told.items():
        out.print(f"✖ {', '.join(names)}: {problem}", style="red", soft_wrap=True)
        if hint:
            out.print(f"  {hint}", soft_wrap=True)
