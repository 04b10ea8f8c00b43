"""One attempt of one step, from the journal's `step.started` to its truthful end; and what is asked before it."""

from __future__ import annotations

import asyncio
import hashlib
import re
from collections.abc import Coroutine
from dataclasses import dataclass
from string import Template
from typing import TYPE_CHECKING, Any

from sparkdr_tui.errors import SparkdrError
from sparkdr_tui.language import _
from sparkdr_tui.plan.graph import PlannedStep
from sparkdr_tui.plan.model import Text
from sparkdr_tui.reach.credentials import known_secrets, node_env
from sparkdr_tui.reach.shell import ConnectionLost, Script
from sparkdr_tui.record import events as e
from sparkdr_tui.record.logs import LogWriter
from sparkdr_tui.record.state import Phase
from sparkdr_tui.recover import actions, always, inputs, variables
from sparkdr_tui.recover.redact import Redactor
from sparkdr_tui.text import Sanitizer, one_line, sanitize

if TYPE_CHECKING:
    from sparkdr_tui.recover.driver import Driver

SHOW = 30.0
"""Seconds for the read-only script that shows what a destroying step is about to lose."""
TAIL = 12
"""Lines of the log that a failure carries."""


@dataclass(frozen=True, slots=True)
class Ended:
    """How the work of an attempt ended."""

    ending: e.Ending
    detail: str = ""
    status: int | None = None
    gone: bool | None = None


class StepLog:
    """The log of an attempt: bytes from outside go in, masked and sanitised ones come to the disk."""

    def __init__(self, run: Driver, name: str) -> None:
        self.name = f"logs/{name}.log"
        self._writer = LogWriter(run.folder / self.name)
        self._redactor = Redactor(known_secrets(run.plan))
        self._sanitizer = Sanitizer()

    def write(self, chunk: bytes) -> None:
        """Take what a node said."""
        self._writer.write(self._sanitizer.feed(self._redactor.feed(chunk)))

    def close(self) -> LogWriter:
        """Flush what was held back; the writer then knows size, sha256 and the last lines."""
        self._writer.write(self._sanitizer.feed(self._redactor.close()) + self._sanitizer.close())
        self._writer.close()
        return self._writer


def environment(run: Driver, planned: PlannedStep) -> dict[str, str]:
    """The environment of a step's scripts as of now; raises `SparkdrError` where a secret is missing."""
    of_node = node_env(run.plan, planned.step.on) if planned.step.on else {}
    chosen = variables.values(run.known, {name: event.value for name, event in run.state.inputs.items()})
    number = run.state.steps[planned.id].attempt + 1
    of_run = variables.of_run(run.state.run, run.state.opened.stamp, planned.id, number)
    if planned.step.always:
        of_run |= always.told(run.state, planned.id)
    return variables.environment(planned, of_node, chosen, of_run)


async def ask(run: Driver, planned: PlannedStep, stop: asyncio.Event) -> None:
    """Put the step before the operator, with what it would lose; where nothing is due, there is nothing to ask."""
    await inputs.settle(run, planned.id)
    if run.state.steps[planned.id].phase is not Phase.READY:
        return
    if inputs.nothing_due(run, planned.id):
        await attempt(run, planned, stop)
        return
    confirm, chosen = planned.step.confirm, _chosen(run, planned)
    facts: tuple[str, ...] = ()
    phrase = None
    try:
        env = environment(run, planned)
        if confirm is not None:
            phrase = Template(confirm.type).safe_substitute(env)
            if (missing := _missing(run, planned)) is not None:
                raise SparkdrError(missing)
            facts = await _facts(run, planned, env)
    except SparkdrError as problem:
        facts = (_("Could not look: {why}").format(why=one_line(problem.message)),)
    if run.state.steps[planned.id].phase is Phase.READY and _chosen(run, planned) == chosen:
        run.record(e.StepAsked(step=planned.id, phrase=phrase, facts=facts))


def _chosen(run: Driver, planned: PlannedStep) -> list[e.InputChosen | None]:
    """What the step's inputs are now: whoever is asked must be asked about these."""
    return [run.state.inputs.get(name) for name in run.state.steps[planned.id].outline.uses]


async def _facts(run: Driver, planned: PlannedStep, env: dict[str, str]) -> tuple[str, ...]:
    assert planned.step.confirm is not None
    show, node = planned.step.confirm.show, planned.step.on
    if show is None or node is None:
        return ()
    shell = await run.reach.shell(node)
    result = await shell.run(Script(actions.script_of(run.plan, planned, show), env), SHOW)
    redactor = Redactor(known_secrets(run.plan))
    output = redactor.feed(result.output) + redactor.close()
    lines = sanitize(output.decode(errors="replace")).splitlines()
    if result.status:
        lines.append(_("(looking ended with exit status {status})").format(status=result.status))
    return tuple(one_line(line) for line in lines if line.strip())[:40]


async def attempt(run: Driver, planned: PlannedStep, stop: asyncio.Event) -> None:
    """Run the step once and record how it ended."""
    name, number = planned.id, run.state.steps[planned.id].attempt + 1
    await inputs.settle(run, name)
    phase = run.state.steps[name].phase
    if phase is Phase.SKIPPED or (phase is not Phase.READY and not planned.step.always):
        return  # settled in the meantime; what is always done waits for nothing when the run is aborted
    log = StepLog(run, f"{name}.{number}")
    shell = planned.step.shell
    text = actions.variant(run.plan, planned, shell) if shell else None
    digest = hashlib.sha256(text.encode()).hexdigest() if text else None
    env, problem = _environment(run, planned)
    run.record(e.StepStarted(step=name, attempt=number, log=log.name, script_sha256=digest))
    if problem is not None:
        ended = Ended("failed", problem)
    else:
        doing = _doing(run, planned, env, log)
        limit = planned.step.timeout.total_seconds() if planned.step.timeout else None
        ended = await _bounded(_work(run, doing), doing, stop, limit)
    written = log.close()
    well = ended.ending == "done"
    tail = () if well else written.tail(TAIL)
    run.record(
        e.StepFinished(
            step=name,
            attempt=number,
            ending=ended.ending,
            exit_status=ended.status,
            detail=one_line(sanitize(ended.detail)),
            tail=tail,
            hints=() if well else _hints(planned, "\n".join([*tail, ended.detail])),
            log_bytes=written.size,
            log_sha256=written.sha256,
            gone=ended.gone,
        )
    )
    run.sweep_now()
    fetched = planned.step.s3.offsite if planned.step.s3 and planned.step.s3.direction == "restore" else None
    if well and fetched is not None:
        await inputs.choose_missing(run, inputs.picking(run, fetched))


def _doing(run: Driver, planned: PlannedStep, env: dict[str, str], log: StepLog) -> actions.Attempt:
    last = 0.0

    def progress(done: float, total: float) -> None:
        nonlocal last
        now = asyncio.get_running_loop().time()
        if done >= total or now - last >= 1.0:
            last = now
            run.record(e.StepProgressed(step=planned.id, done=done, total=total))

    return actions.Attempt(run.plan, planned, run.reach, env, log.write, run.observe, progress)


def _environment(run: Driver, planned: PlannedStep) -> tuple[dict[str, str], str | None]:
    """The step's environment, or what of it is missing."""
    if (missing := _missing(run, planned)) is not None:
        return {}, missing
    try:
        return environment(run, planned), None
    except SparkdrError as problem:
        return {}, problem.message


def _missing(run: Driver, planned: PlannedStep) -> str | None:
    """The first input of the step that has no value, and why."""
    for wanted in run.state.steps[planned.id].outline.uses:
        # What was due may be in use by now: a list that cannot be looked at again is no list.
        needed = wanted not in run.state.inputs or run.known[wanted].expired is not None
        if wanted in run.state.missing and needed:
            return f"{wanted}: {run.state.missing[wanted]}"
    return None


async def undo(run: Driver, planned: PlannedStep, stop: asyncio.Event) -> None:
    """Run the step's undo and record how it ended."""
    count = sum(".undo." in each for each in run.state.steps[planned.id].logs) + 1
    log = StepLog(run, f"{planned.id}.undo.{count}")
    env, problem = _environment(run, planned)
    run.record(e.UndoStarted(step=planned.id, log=log.name))
    if problem is None:
        doing = _doing(run, planned, env, log)
        limit = planned.step.timeout.total_seconds() if planned.step.timeout else None
        ended = await _bounded(actions.undo(doing), doing, stop, limit)
    else:
        ended = Ended("failed", problem)
    log.close()
    detail = one_line(sanitize(ended.detail))
    run.record(e.UndoFinished(step=planned.id, ok=ended.ending == "done", detail=detail))
    run.sweep_now()


async def _work(run: Driver, doing: actions.Attempt) -> None:
    await actions.perform(doing)
    if doing.planned.step.verify:
        run.record(e.StepVerifying(step=doing.planned.id))
        await actions.check(doing)


async def _bounded(
    work: Coroutine[Any, Any, None], doing: actions.Attempt, stop: asyncio.Event, limit: float | None
) -> Ended:
    """Let the work end by itself, by the operator's cancel or by its timeout; then nothing of it may be left."""
    task = asyncio.ensure_future(work)
    stopped = asyncio.ensure_future(stop.wait())
    try:
        await asyncio.wait({task, stopped}, timeout=limit, return_when=asyncio.FIRST_COMPLETED)
        if task.done():
            return _ended(task)
        gone = await _end_job(doing)
        if stop.is_set():
            return Ended("cancelled", _gone_text(gone), gone=gone)
        reached = _("It took longer than {limit:.0f} s.").format(limit=limit or 0)
        return Ended("timed out", f"{reached} {_gone_text(gone)}".strip(), gone=gone)
    finally:
        stopped.cancel()
        task.cancel()
        await asyncio.wait({task})


def _ended(task: asyncio.Task[None]) -> Ended:
    try:
        task.result()
    except actions.Failed as problem:
        return Ended("failed", problem.message, problem.status)
    except ConnectionLost as problem:
        return Ended("unknown", problem.message)
    except SparkdrError as problem:
        return Ended("failed", str(problem))
    return Ended("done")


async def _end_job(doing: actions.Attempt) -> bool | None:
    """End what runs on the node; None when nothing did."""
    if doing.job is None:
        return None
    try:
        return await doing.job.cancel()
    except SparkdrError:
        return False


def _gone_text(gone: bool | None) -> str:
    if gone is None:
        return ""
    return _("Nothing of it is left on the node.") if gone else _("Parts of it may still run on the node.")


def _hints(planned: PlannedStep, text: str) -> tuple[Text, ...]:
    """What to try: hints whose pattern is in the text, and those that always apply."""
    return tuple(hint.say for hint in planned.step.hint if hint.on is None or re.search(hint.on, text))
