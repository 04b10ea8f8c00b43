"""`check`: would a recovery with this plan, from this machine, work? It looks, and changes nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sparkdr_tui.commands.place import console, here, write_json
from sparkdr_tui.language import _, current, ngettext, use

if TYPE_CHECKING:
    from rich.console import Console

    from sparkdr_tui.plan.runbook import Plan
    from sparkdr_tui.readiness.findings import Finding
    from sparkdr_tui.readiness.levels import Level
    from sparkdr_tui.readiness.seen import Seen
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
    out = console()
    for state, (glyph, colour) in GLYPHS.items():
        section = [each for each in found if each.state == state and not (quiet and state == "ok")]
        if section:
            out.print(f"{glyph} {_heading(state)}", style=f"{colour} bold")
            _print(out, list(_in_order(section) if state == "ok" else _entries(section)))
            out.print()


def _heading(state: Level) -> str:
    match state:
        case "stop":
            return _("Would stop a recovery")
        case "warn":
            return _("Would be better otherwise")
        case "unknown":
            return _("Not known")
    return _("In order")


def _print(out: Console, entries: Sequence[tuple[str, str, str]]) -> None:
    """What it is about, the reason and what to do, in columns; nothing after the last word of a line."""
    from rich.cells import cell_len, set_cell_size
    from rich.text import Text

    width = min(LABEL, max(cell_len(label) for label, _reason, _todo in entries))
    left = max(20, out.width - width - 4)
    for label, reason, todo in entries:
        lines = [*Text(reason).wrap(out, left)]
        lines += [*Text(f"→ {todo}", style="dim").wrap(out, left)] if todo else []
        if cell_len(label) > width:
            out.print(f"  {label}", style="bold", soft_wrap=True)
            label = ""
        for at, line in enumerate(lines):
            line.rstrip()
            name = set_cell_size(label if at == 0 else "", width)
            out.print(Text.assemble("  ", (name, "bold"), "  ", line), soft_wrap=True)


def _entries(found: Sequence[Finding]) -> Iterator[tuple[str, str, str]]:
    """What is the same of several things is said once, and so is what to do about several things of one kind."""
    merged: dict[tuple[str, str, str], list[str]] = {}
    for each in found:
        merged.setdefault((each.check, each.reason, each.todo), []).append(each.subject)
    rows = list(merged.items())
    for at, ((check, reason, todo), subjects) in enumerate(rows):
        following = rows[at + 1][0] if at + 1 < len(rows) else ("", "", "")
        same = (check, todo) == (following[0], following[2])
        subjects = list(dict.fromkeys(subjects))
        label = subjects[0] if len(subjects) == 1 else _kind(check)
        text = reason if len(subjects) == 1 else f"{reason}: {', '.join(subjects)}"
        yield label, text, "" if same else todo


def _in_order(found: Sequence[Finding]) -> Iterator[tuple[str, str, str]]:
    """One paragraph for each thing; things of which the same is said share one."""
    told: dict[str, list[str]] = {}
    kinds = {each.subject: each.check for each in found}
    for each in found:
        several = each.check in ("runbooks", "drills")
        label, text = (_kind(each.check), f"{each.subject} {each.reason}") if several else (each.subject, each.reason)
        told.setdefault(label, []).append(text)
    alike: dict[str, list[str]] = {}
    for label, texts in told.items():
        alike.setdefault(" · ".join(dict.fromkeys(texts)), []).append(label)
    for text, labels in alike.items():
        alone = len(labels) == 1
        yield (labels[0], text, "") if alone else (_kind(kinds[labels[0]]), f"{', '.join(labels)}: {text}", "")


def _kind(check: str) -> str:
    """What several findings of one kind are about."""
    names = {
        "contacts": _("contacts"), "passwords": _("passwords"), "secrets": _("secrets"), "keys": _("keys"),
        "reach": _("nodes"), "host-key": _("host keys"), "tools": _("commands"), "versions": _("versions"),
        "clock": _("clocks"), "system": _("nodes"), "disk": _("disks"), "mount": _("drives"),
        "services": _("services"), "credentials": _("credentials"), "backups": _("backups"), "rpo": _("backups"),
        "verified": _("verification"), "copies": _("off-site copies"), "offsite": _("off-site copies"),
        "schedule": _("schedule"), "drills": _("drills"), "runbooks": _("runbooks"),
    }  # fmt: skip
    return names.get(check, check)


def _sum_up(out: Console, seen: Seen, found: Sequence[Finding]) -> None:
    """The last line, where eyes are: how much there is to do, as it was counted out above."""
    lines = {state: len([*_entries([each for each in found if each.state == state])]) for state in GLYPHS}
    stops, better, unknown = lines["stop"], lines["warn"], lines["unknown"]
    said = _("Nothing here would stop a recovery")
    if stops:
        said = ngettext("{count} thing would stop a recovery", "{count} things would stop a recovery", stops)
    parts = [said.format(count=stops)]
    parts += [_("{count} would be better otherwise").format(count=better)] if better else []
    parts += [_("{count} not known").format(count=unknown)] if unknown else []
    line = "; ".join(parts) + "."
    if seen.there is None:
        line += " " + _("No node was contacted.")
    out.print(line, style="red bold" if stops else "green", soft_wrap=True)


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
