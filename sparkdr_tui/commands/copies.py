"""What is told of the copies in second places: a line for people, an entry for programs. Looks at nothing itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sparkdr_tui.backups.offsite import Second, Standing, copy_band, copy_rpo, standing
from sparkdr_tui.figures import span
from sparkdr_tui.language import _
from sparkdr_tui.plan.runbook import Plan

if TYPE_CHECKING:
    from rich.text import Text

_COLOURS = {Standing.KEPT: "green", Standing.LATE: "yellow", Standing.UNKNOWN: "bright_black"}


def told(plan: Plan, seconds: Mapping[str, Second], now: datetime) -> Iterator[Text]:
    """How old the newest copies are, in one line, then what is wrong, each thing once."""
    from rich.text import Text

    ages = [
        (f"{name} {span((now - each.copy.taken_at).total_seconds())}", _COLOURS[standing(plan, name, each, now)])
        for name, each in seconds.items()
        if each.copy is not None
    ]
    if ages:
        parts = [part for age in ages for part in (" · ", age)]
        yield Text.assemble((_("off-site copies"), "bold"), *parts)
    problems: dict[tuple[str, bool], list[str]] = {}
    for name, each in seconds.items():
        if each.copy is None:
            problems.setdefault((each.problem, each.known), []).append(name)
    for (problem, known), names in problems.items():
        mark = ("✖ ", "red") if known else ("? ", "yellow")
        yield Text.assemble(mark, (_("off-site copies"), "bold"), f" · {', '.join(names)}: {problem}")


def document(plan: Plan, name: str, second: Second | None, now: datetime) -> dict[str, Any] | None:
    """The copy of one set, with stable keys; None where the set names no second place."""
    if second is None:
        return None
    copy, rpo = second.copy, copy_rpo(plan, name)
    return {
        "place": second.where,
        "newest": copy.name if copy else None,
        "taken_at": copy.taken_at.isoformat() if copy else None,
        "age_s": round((now - copy.taken_at).total_seconds(), 1) if copy else None,
        "size": copy.size if copy else None,
        "rpo_s": rpo.total_seconds() if rpo is not None else None,
        "band": copy_band(copy, rpo, now).value,
        "standing": standing(plan, name, second, now).value,
        "unfinished": second.unfinished,
        "problem": second.problem or None,
    }
