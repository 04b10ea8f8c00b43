"""`check`: would a recovery with this plan, from this machine, work? It looks, and changes nothing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sparkdr_tui.commands.place import console, here, write_json
from sparkdr_tui.language import _, current, use

if TYPE_CHECKING:
    from rich.console import Console

    from sparkdr_tui.plan.runbook import Plan
    from sparkdr_tui.readiness.findings import Finding
    from sparkdr_tui.readiness.levels import Level
    from sparkdr_tui.readiness.seen import Seen
    from sparkdr_tui.readiness.telling import Entry
    from sparkdr_tui.readiness.uses import Course

GLYPHS: dict[Level, tuple[str, str]] = {
    "stop": ("✖", "red"), "warn": ("▲", "yellow"), "unknown": ("·", "bright_black"), "ok": ("✔", "green"),
}  # fmt: skip
LABEL = 20
"""Cells that the name of what a finding is about may take."""


def register(app: typer.Typer) -> None:
    """Add the commands of this room."""
    app.command(
        "check",
        help=_("Readiness: would a recovery work? The plan, nodes, backups and drills; nothing is changed."),
        rich_help_panel=_("Plan and lab"),
    )(check)


def check(
    context: typer.Context,
    as_json: Annotated[bool, typer.Option("--json", help=_("One JSON document with stable keys."))] = False,
    quiet: Annotated[
        bool, typer.Option("--quiet", "-q", help=_("Only what is not in order; nothing where all is (for cron)."))
    ] = False,
    offline: Annotated[bool, typer.Option("--offline", help=_("Contact no node."))] = False,
) -> None:
    """Print every finding; status 1 when one of them would stop a recovery."""
    import asyncio
    from datetime import UTC, datetime

    from sparkdr_tui.readiness.checking import judge
    from sparkdr_tui.readiness.here import look_here
    from sparkdr_tui.readiness.looking import look
    from sparkdr_tui.readiness.needed import courses
    from sparkdr_tui.readiness.seen import Seen

    place = here(context)
    plan = place.load()
    state_folder = place.state_folder(plan)
    runs = courses(plan)
    now = datetime.now(UTC)
    if offline:
        seen = Seen(now, look_here(plan, state_folder, now), None)
    else:
        seen = asyncio.run(look(plan, state_folder, runs, now))
    found = judge(plan, seen, runs)
    if as_json:
        write_json(_document(plan, seen, runs, found))
    else:
        tell(found, quiet=quiet)
        if not quiet:
            _sum_up(console(), seen, found)
    if any(each.state == "stop" for each in found):
        raise typer.Exit(1)


# -- for people --------------------------------------------------------------------------------------


def tell(found: Sequence[Finding], *, quiet: bool) -> None:
    """Section by section, the gravest first; quietly only what is not in order."""
    from sparkdr_tui.readiness.telling import entries, heading, in_order

    out = console()
    for state, (glyph, colour) in GLYPHS.items():
        section = [each for each in found if each.state == state and not (quiet and state == "ok")]
        if section:
            out.print(f"{glyph} {heading(state)}", style=f"{colour} bold")
            _print(out, [*(in_order(section) if state == "ok" else entries(section))])
            out.print()


def _print(out: Console, told: Sequence[Entry]) -> None:
    """What it is about, the reason and what to do, in columns; nothing after the last word of a line."""
    from rich.cells import cell_len, set_cell_size
    from rich.text import Text

    width = min(LABEL, max(cell_len(each.label) for each in told))
    left = max(20, out.width - width - 4)
    for each in told:
        label = each.label
        lines = [*Text(each.reason).wrap(out, left)]
        lines += [*Text(f"→ {each.todo}", style="dim").wrap(out, left)] if each.todo else []
        if cell_len(label) > width:
            out.print(f"  {label}", style="bold", soft_wrap=True)
            label = ""
        for at, line in enumerate(lines):
            line.rstrip()
            name = set_cell_size(label if at == 0 else "", width)
            out.print(Text.assemble("  ", (name, "bold"), "  ", line), soft_wrap=True)


def _sum_up(out: Console, seen: Seen, found: Sequence[Finding]) -> None:
    """The last line, where eyes are: how much there is to do, as it was counted out above."""
    from sparkdr_tui.readiness.telling import summary

    stops = any(each.state == "stop" for each in found)
    out.print(summary(found, offline=seen.there is None), style="red bold" if stops else "green", soft_wrap=True)


def _counts(found: Sequence[Finding]) -> dict[str, int]:
    return {state: sum(each.state == state for each in found) for state in GLYPHS}


# -- for programs ------------------------------------------------------------------------------------


def _document(plan: Plan, seen: Seen, runs: dict[str, Course], found: Sequence[Finding]) -> dict[str, Any]:
    """Stable keys; texts in both languages (what a node or a library said is in that of the program)."""
    from sparkdr_tui.readiness.checking import judge

    spoken = current()
    told: dict[str, tuple[Finding, ...]] = {}
    for language in ("en", "ko"):
        use("ko" if language == "ko" else "en")
        told[language] = judge(plan, seen, runs)
    use(spoken)
    counts = _counts(found)
    return {
        "plan": plan.name,
        "at": seen.at.isoformat(),
        "offline": seen.there is None,
        "ready": not counts["stop"],
        "counts": counts,
        "findings": [
            {
                "state": en.state,
                "check": en.check,
                "subject": en.subject,
                "node": en.node,
                "reason": {"en": en.reason, "ko": ko.reason},
                "todo": {"en": en.todo, "ko": ko.todo} if en.todo else None,
            }
            for en, ko in zip(told["en"], told["ko"], strict=True)
        ],
    }
