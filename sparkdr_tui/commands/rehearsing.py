"""`run --dry-run`: a run rehearsed and told, as lines for people or as one JSON document. Opens no run."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sparkdr_tui.commands.place import console, write_json
from sparkdr_tui.figures import clock
from sparkdr_tui.language import _, current, ngettext

if TYPE_CHECKING:
    from rich.console import Console

    from sparkdr_tui.plan.runbook import Plan
    from sparkdr_tui.record.decisions import RunRequest
    from sparkdr_tui.record.forecast import ClockForecast
    from sparkdr_tui.recover.rehearsal import Finding, Rehearsal

GLYPHS = {"ok": ("✔", "green"), "unknown": ("·", "bright_black"), "warn": ("▲", "yellow"), "stop": ("✖", "red")}


def rehearse_run(plan: Plan, state_folder: Path, request: RunRequest, as_json: bool) -> int:
    """Rehearse and tell; the exit status is 1 when something would stop the run."""
    found = asyncio.run(_rehearse(plan, state_folder, request))
    if as_json:
        write_json(document(found))
    else:
        _tell(found)
    return 1 if found.stops else 0


async def _rehearse(plan: Plan, state_folder: Path, request: RunRequest) -> Rehearsal:
    from sparkdr_tui.reach.pool import Reach
    from sparkdr_tui.recover.rehearsal import rehearse

    reach = Reach(plan)
    try:
        return await rehearse(plan, request, reach, state_folder, datetime.now(UTC))
    finally:
        await reach.close()


# -- for people --------------------------------------------------------------------------------------


def _tell(found: Rehearsal) -> None:
    opened, out = found.run.opened, console()
    count = len(opened.steps)
    steps = ngettext("{count} step", "{count} steps", count).format(count=count)
    head = _("Dry run of {title}: {steps}. Nothing is changed.")
    out.print(head.format(title=opened.title.within(current()), steps=steps), style="bold")
    _findings(out, found, None)
    for step in opened.steps:
        danger = f" · {_(step.danger.value)}" if step.danger.value != "safe" else ""
        expect = f" · {clock(step.expect)}" if step.expect else ""
        node = opened.nodes[step.on].within(current()) if step.on else ""
        where = f" · {node}" if node else ""
        out.print()
        text = f"{found.run.number(step.id)} {step.title.within(current())}{where}{danger}{expect}"
        out.print(text, style="bold", soft_wrap=True)
        _findings(out, found, step.id)
    _sum_up(out, found)


def _findings(out: Console, found: Rehearsal, step: str | None) -> None:
    for finding in found.findings:
        if finding.step == step:
            _line(out, finding)


def _line(out: Console, finding: Finding) -> None:
    glyph, colour = GLYPHS[finding.state]
    out.print(f"  {glyph}", style=colour, end=" ")
    out.print(f"{finding.subject}: {finding.reason}", soft_wrap=True)
    if finding.todo:
        out.print(f"    {finding.todo}", style="dim", soft_wrap=True)


def _sum_up(out: Console, found: Rehearsal) -> None:
    out.print()
    if not found.stops:
        out.print(_("Nothing that can be known beforehand would stop this run."), style="green")
        return
    text = ngettext("{count} thing would stop this run:", "{count} things would stop this run:", found.stops)
    out.print(text.format(count=found.stops), style="red bold")
    for finding in found.findings:
        if finding.state == "stop":
            where = f"{found.run.number(finding.step)} · " if finding.step is not None else ""
            out.print(f"  ✖ {where}{finding.subject}: {finding.reason}", style="red", soft_wrap=True)


# -- for programs ------------------------------------------------------------------------------------


def document(found: Rehearsal) -> dict[str, Any]:
    """The rehearsal as one document; keys as in the document of a run."""
    opened = found.run.opened
    return {
        "runbook": opened.runbook,
        "title": opened.title.model_dump(),
        "mode": opened.mode,
        "scenario": opened.scenario,
        "level": opened.level,
        "incident_at": opened.incident_at.isoformat(),
        "ready": not found.stops,
        "findings": [_finding(each) for each in found.findings],
        "steps": [
            {
                "id": step.id,
                "title": step.title.model_dump(),
                "action": step.action,
                "on": step.on,
                "danger": step.danger.value,
                "optional": step.optional,
                "needs": list(step.needs),
                "expect_s": step.expect,
                "scripts": list(_scripts(found, step.id)),
            }
            for step in opened.steps
        ],
        "inputs": {name: fact.model_dump(mode="json") for name, fact in found.picked.items()},
        "expected": {"p50_s": found.course.p50, "p90_s": found.course.p90, "known": found.course.known},
        "objectives": {each.service: _objective(each) for each in found.course.clocks},
    }


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "state": finding.state,
        "step": finding.step,
        "subject": finding.subject,
        "reason": finding.reason,
        "todo": finding.todo or None,
    }


def _scripts(found: Rehearsal, step: str) -> Iterator[dict[str, Any]]:
    """The scripts that would run, in the variant of their node, with the commands they use."""
    for use in found.run.uses:
        if use.planned.id == step:
            yield {
                "role": use.role,
                "node": use.node,
                "language": "powershell" if use.windows else "posix",
                "commands": sorted(use.words.commands),
                "unsure": list(use.words.unsure),
            }


def _objective(each: ClockForecast) -> dict[str, Any]:
    return {
        "rto_s": each.rto,
        "left_s": None if each.left is None else round(each.left, 3),
        "verdict": each.verdict.value,
        "ready_at": each.p50.isoformat() if each.p50 else None,
    }
