"""What the steps of a runbook took in earlier runs on the same plan: what a forecast learns from. Only reads."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sparkdr_tui.errors import SparkdrError
from sparkdr_tui.plan.drills import AFTER, BEFORE
from sparkdr_tui.plan.graph import apart
from sparkdr_tui.record import events as e
from sparkdr_tui.record.journal import JournalReader
from sparkdr_tui.record.runs import runs

_RUNS = 30
"""Earlier runs that are looked at."""


@dataclass(frozen=True, slots=True)
class _Took:
    """An attempt that ended well."""

    step: str
    seconds: float
    script: str | None


def same_plan(one: e.RunOpened, other: e.RunOpened) -> bool:
    """Whether two runs are of one plan: a lab has the name of the plan that it copies, and teaches it nothing."""
    return (one.plan, _in_lab(one)) == (other.plan, _in_lab(other))


def _in_lab(opened: e.RunOpened) -> bool:
    return opened.lab or opened.mode == "lab"


def history(state_folder: Path, opened: e.RunOpened, before: datetime | None = None) -> dict[str, list[float]]:
    """What each step of a run's runbook took in the runs of the same plan, in seconds; newest runs first.

    Only attempts that ended well tell, drills like incidents, and only where the step did then what it does now: the
    same kind of action on the same node, and the script that the newest run had.
    Runs of a runbook alone and runs of several as one tell about each other. With `before`, only runs that were opened
    earlier than that.
    """
    wanted = set(apart(opened.runbook))
    steps = {each.id: each for each in opened.steps}
    found: dict[str, list[_Took]] = {}
    for first, records in _earlier(state_folder, opened, before):
        then = {each.id: each for each in first.steps}
        for took in _took(records):
            name = _called(took.step, apart(first.runbook), wanted)
            if name and _alike(steps.get(name), then.get(took.step)):
                found.setdefault(name, []).append(took)
    return {name: [each.seconds for each in took if each.script == took[0].script] for name, took in found.items()}


def _alike(now: e.StepOutline | None, then: e.StepOutline | None) -> bool:
    return now is None or then is None or (now.action, now.on) == (then.action, then.on)


def _earlier(
    state_folder: Path, opened: e.RunOpened, before: datetime | None
) -> Iterator[tuple[e.RunOpened, list[e.Record]]]:
    """The newest runs that tell something, with their records."""
    wanted = set(apart(opened.runbook))
    count = 0
    for run in runs(state_folder):
        if not wanted & set(apart(run.runbook)) or (before is not None and run.opened_at >= before):
            continue
        try:
            records = JournalReader(run.folder).poll()
        except SparkdrError:
            continue
        first = records[0].event if records else None
        if isinstance(first, e.RunOpened) and same_plan(first, opened):
            yield first, records
            count += 1
        if count == _RUNS:
            return


def _called(step: str, among: tuple[str, ...], wanted: set[str]) -> str | None:
    """What a step of a run of the runbooks `among` is called in a run of those `wanted`; None where it is no part."""
    if step in (BEFORE, AFTER):
        return None  # a drill's own lists take as long as people take
    book, name = (among[0], step) if len(among) == 1 else (step.partition(".")[0], step.partition(".")[2])
    if book not in wanted:
        return None
    return name if len(wanted) == 1 else f"{book}.{name}"


def _took(records: Sequence[e.Record]) -> Iterator[_Took]:
    started: dict[str, tuple[datetime, str | None]] = {}
    for record in records:
        match record.event:
            case e.StepStarted(step=step):
                started[step] = record.at, record.event.script_sha256
            case e.StepFinished(step=step, ending="done") if step in started:
                since, script = started.pop(step)
                yield _Took(step, max(0.0, (record.at - since).total_seconds()), script)
