"""`backup prune --dry-run`: what would be deleted of each set, what stays, and why. Looks only, and cannot act."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from sparkdr_tui.backups.retention import Fate, Why, due, fates
from sparkdr_tui.backups.words import reason
from sparkdr_tui.figures import size, span
from sparkdr_tui.language import _, ngettext
from sparkdr_tui.plan.graph import inputs
from sparkdr_tui.plan.runbook import Plan

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from rich.console import Console

RUNBOOK = "backup-prune"
"""The runbook that is preferred where several delete what is past its keep."""
NAMED = 20
"""Names that are listed of a set unless all are asked for."""


@dataclass(frozen=True, slots=True)
class Prospect:
    """What pruning a set would come to, or why nobody knows."""

    set: str
    fates: tuple[Fate, ...] = ()
    problem: str = ""
    hint: str = ""


def pruning_runbook(plan: Plan) -> str | None:
    """The runbook whose own inputs name what is past its keep; None where the plan has none."""
    found = [name for name, book in plan.runbooks.items() if any(each.expired for each in book.inputs.values())]
    return RUNBOOK if RUNBOOK in found else found[0] if found else None


def pruned_sets(plan: Plan, runbook: str | None) -> dict[str, str]:
    """The input of the runbook that stands for each set that it prunes, by set."""
    if runbook is None:
        return {}
    return {each.expired: name for name, each in inputs(plan, runbook).items() if each.expired is not None}


def look_ahead(plan: Plan, state_folder: Path, sets: Iterable[str], now: datetime) -> dict[str, Prospect]:
    """What would go of each of these sets now; raises `SparkdrError` where nobody knows what unfinished runs use."""
    import asyncio

    from sparkdr_tui.backups.looking import look_at_all
    from sparkdr_tui.record.pins import pins

    pinned = pins(state_folder, now)
    looks = asyncio.run(look_at_all(plan, sets))
    return {
        name: Prospect(name, problem=look.problem, hint=look.hint)
        if look.problem
        else Prospect(name, fates(look.catalog, plan.backup_sets[name].keep, now, pinned.get(name, {})))
        for name, look in looks.items()
    }


# -- as programs read it -----------------------------------------------------------------------------


def document(plan: Plan, found: Mapping[str, Prospect], now: datetime) -> dict[str, Any]:
    """One document with stable keys."""
    runbook = pruning_runbook(plan)
    pruned = pruned_sets(plan, runbook)
    return {
        "plan": plan.name,
        "at": now.isoformat(),
        "runbook": runbook,
        "sets": {
            name: {
                "keep_s": plan.backup_sets[name].keep.total_seconds(),
                "pruned": name in pruned,
                "goes": [_fate(each, now) for each in due(each.fates)],
                "stays": [_fate(fate, now) for fate in each.fates if fate.stays],
                "problem": each.problem or None,
                "hint": each.hint or None,
            }
            for name, each in found.items()
        },
    }


def _fate(fate: Fate, now: datetime) -> dict[str, Any]:
    return {
        "name": fate.name,
        "at": fate.at.astimezone(UTC).isoformat(),
        "age_s": round((now - fate.at).total_seconds(), 1),
        "size": fate.size,
        "why": fate.why.value,
        "pinned_by": fate.pinned_by or None,
    }


# -- as people read it -------------------------------------------------------------------------------


def tell(out: Console, plan: Plan, found: Mapping[str, Prospect], now: datetime) -> None:
    """Set by set: what goes, and what stays although it is old."""
    from sparkdr_tui.commands.backup_words import tell_problems

    pruned = pruned_sets(plan, pruning_runbook(plan))
    for name, each in found.items():
        keep = span(plan.backup_sets[name].keep.total_seconds())
        if each.problem:
            continue
        goes = due(each.fates)
        freed = size(sum(fate.size for fate in goes))
        stay = len(each.fates) - len(goes)
        text = _("{go} would go ({size}), {stay} stay").format(go=len(goes), size=freed, stay=stay)
        out.print(f"{name} · " + _("kept {keep}").format(keep=keep) + f" · {text}", style="bold", soft_wrap=True)
        if name not in pruned:
            out.print("  ▲ " + _("no runbook of the plan deletes what is past its keep here"), style="yellow")
        _tell_fates(out, each.fates, now)
    tell_problems(out, ((each.set, each.problem, each.hint) for each in found.values()))


def _tell_fates(out: Console, found: tuple[Fate, ...], now: datetime) -> None:
    goes = due(found)
    for fate in goes[:NAMED]:
        _tell_fate(out, "✖", "red", fate, now)
    if len(goes) > NAMED:
        text = _("… and {count} more; --json names all").format(count=len(goes) - NAMED)
        out.print(f"  {text}", style="bright_black")
    young = sum(fate.why is Why.YOUNG for fate in found)
    for fate in found:
        if fate.stays and fate.why is not Why.YOUNG:
            _tell_fate(out, "●", "green", fate, now)
    if young:
        text = ngettext("{count} is not past its keep", "{count} are not past their keep", young)
        out.print(f"  ● {text.format(count=young)}", style="bright_black")


def _tell_fate(out: Console, glyph: str, colour: str, fate: Fate, now: datetime) -> None:
    out.print(f"  {glyph} ", style=colour, end="")
    age = span((now - fate.at).total_seconds())
    out.print(f"{fate.name}  {age}  {reason(fate)}", soft_wrap=True)
