"""The operator at a plain terminal: each step that waits is put before them, and their line becomes a decision.

While nobody types, the run goes on and is told; nothing here waits longer than a moment.
"""

from __future__ import annotations

import os
import select
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from sparkdr_tui.backups.catalog import Backup, list_backups, rpo_of
from sparkdr_tui.commands.driving import ABORTED, EVERY
from sparkdr_tui.errors import SparkdrError
from sparkdr_tui.figures import size
from sparkdr_tui.language import _, current
from sparkdr_tui.plan.drills import AFTER
from sparkdr_tui.plan.graph import inputs
from sparkdr_tui.plan.runbook import Danger, Plan
from sparkdr_tui.record import decisions as d
from sparkdr_tui.record.calling import call_line, whom
from sparkdr_tui.record.escalation import standing
from sparkdr_tui.record.losses import loses, loss, lost
from sparkdr_tui.record.state import Phase, RunState, StepState
from sparkdr_tui.report.outcome import backup_line, promises
from sparkdr_tui.text import one_line

if TYPE_CHECKING:
    from rich.console import Console

    from sparkdr_tui.reach.pool import Reach
    from sparkdr_tui.watch.lookout import Lookout

PATIENCE = 30.0
"""Seconds to wait for a list of backups."""
Answer = Callable[[str], Iterator[d.Decision]]


class Lines:
    """What is typed, line by line, without ever waiting long."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._held = b""
        self.ended = False

    def poll(self, seconds: float) -> str | None:
        """A line if there is one within `seconds`."""
        if b"\n" not in self._held and not self.ended and select.select([self._descriptor], [], [], seconds)[0]:
            chunk = os.read(self._descriptor, 4096)
            self._held += chunk
            self.ended = not chunk
        line, newline, rest = self._held.partition(b"\n")
        if not newline:
            return None
        self._held = rest
        return line.decode(errors="replace").strip()


class AtTerminal:
    """Asks step by step; one question at a time, the first in the order of the runbook."""

    def __init__(self, plan: Plan, lookout: Lookout, out: Console) -> None:
        self._plan = plan
        self._lookout = lookout
        self._out = out
        self._lines = Lines(sys.stdin.fileno())
        self._about: tuple[object, ...] = ()
        """What the operator was told about last."""
        self._call: tuple[object, ...] = ()
        """Whom the operator was told to call last, and from which stage of the path."""
        self._question = ""
        self._open = False
        """The question stands on the terminal's last line."""
        self._answer: Answer | None = None

    @property
    def left(self) -> bool:
        """Whether the terminal is gone."""
        return self._lines.ended

    def decide(self, state: RunState) -> Iterator[d.Decision]:
        """Put the question that is due, and take a line if one was typed."""
        step = _waiting(state)
        self._put(state, step)
        line = self._lines.poll(EVERY)
        if line is None:
            return
        self._open = False
        if self._answer is not None:
            answer, self._answer = self._answer, None
            yield from answer(line)
        else:
            yield from self._key(state, step, line)

    def make_way(self) -> None:
        """Somebody else prints: the question that stands there is asked again afterwards."""
        if self._open:
            self._out.print()
            self._open = False

    def interrupted(self, state: RunState) -> Iterator[d.Decision]:
        """Say how to abort and how to leave; nothing ends by accident."""
        self.make_way()
        self._out.print(_("Nothing was ended. q and enter aborts the run; x and enter ends the running step."))
        self._out.print(_("Ctrl+c once more leaves: the run stays unfinished and can be resumed."))
        yield from ()

    def status(self, state: RunState) -> int:
        """Whoever is asked has aborted it."""
        return ABORTED

    # -- questions ---------------------------------------------------------------------------------------

    def _put(self, state: RunState, step: StepState | None) -> None:
        """See that the question that is due stands there, with what has to be known before it."""
        if self._answer is None:
            self._tell(state, step)
            self._question = "" if step is None else f"? {_title(state, step)}  [{'  '.join(_keys(step))}]"
        if self._question and not self._open:
            self._out.print(self._question, style="bold", end=" ", soft_wrap=True)
            self._open = True

    def _tell(self, state: RunState, step: StepState | None) -> None:
        """Print, once, what has to be known about `step`."""
        refused = state.refused
        about = () if step is None else (step.outline.id, step.phase, step.attempt, step.ticked, refused)
        self._tell_whom_to_call(state)
        if about == self._about:
            return
        self._about = about
        self.make_way()
        if step is None:
            return
        if refused is not None and refused.step == step.outline.id:
            self._out.print(f"  {refused.why}", style="yellow")
        for line in _before(state, step):
            self._out.print(f"  {line}", soft_wrap=True)

    def _tell_whom_to_call(self, state: RunState) -> None:
        """Print, whenever the path or the one to call is another, whom to call and when it moves up by itself."""
        now = datetime.now(UTC)
        where = standing(state, now)
        call = (where.number, where.call, where.recovered) if where is not None else ()
        if call != self._call:
            self._call = call
            if line := call_line(self._plan, state, now):
                self.make_way()
                key = _("c called") if where is not None and where.call is not None else ""
                self._out.print(f"  ☎ {line}" + (f"  [{key}]" if key else ""), style="yellow", soft_wrap=True)

    def _ask(self, question: str, answer: Answer) -> Iterator[d.Decision]:
        """Ask for one more line, and hand it to `answer`."""
        self._question, self._answer = f"  {question}", answer
        yield from ()

    # -- answers -----------------------------------------------------------------------------------------

    def _key(self, state: RunState, step: StepState | None, line: str) -> Iterator[d.Decision]:
        """What a line means when nothing else was asked for."""
        if line == "q":
            yield from self._ask(_("Why is the run aborted?"), lambda why: _one(d.Abort(why or _("no reason given"))))
        elif line == "n":
            yield from self._ask(_("Note:"), lambda text: _one(d.AddNote(text)))
        elif line == "c":
            yield from self._called(state)
        elif line == "h":
            yield from self._ask(_("Hand over to whom?"), lambda name: _one(d.HandOver(name)))
        elif line == "x":
            busy = next((each.outline.id for each in state.steps.values() if each.phase.busy), None)
            if busy is not None:
                yield d.Cancel(busy)
        elif step is not None:
            yield from self._on_step(state, step, line)

    def _called(self, state: RunState) -> Iterator[d.Decision]:
        """Whether the one to call was reached."""
        where = standing(state, datetime.now(UTC))
        if where is None or where.call is None:
            self._out.print("  " + _("There is nobody to call."), style="yellow")
            return
        contact = where.call

        def reached(line: str) -> Iterator[d.Decision]:
            if line in ("y", "n"):
                yield d.TryContact(contact, "reached" if line == "y" else "not reached")

        question = _("Was {who} reached? y or n:").format(who=whom(self._plan, state, contact))
        yield from self._ask(question, reached)

    def _on_step(self, state: RunState, step: StepState, line: str) -> Iterator[d.Decision]:
        name = step.outline.id
        match line:
            case "" | "y" if step.phase is Phase.ASKED:
                yield from self._confirm(step)
            case "r" if step.phase.stuck:
                yield d.Retry(name)
            case "u" if step.outline.can_undo:
                yield d.Undo(name)
            case "s":
                yield from self._ask(_("Why is it left out?"), lambda why: _one(d.Skip(name, why)))
            case "m":
                yield from self._ask(_("How was it done?"), lambda why: _one(d.MarkDone(name, why)))
            case "b":
                yield from self._choose(state, step)

    def _confirm(self, step: StepState) -> Iterator[d.Decision]:
        """Yes: an item of a checklist, else the step, with what has to be typed where it destroys."""
        name = step.outline.id
        item = next((at for at in range(len(step.outline.checklist)) if at not in step.ticked), None)
        if item is not None:
            yield d.Tick(name, item)
        elif step.phrase is not None:
            question = _("Type “{phrase}” to go on:").format(phrase=step.phrase)
            yield from self._ask(question, lambda typed: _one(d.Confirm(name, typed)))
        else:
            yield d.Confirm(name)

    def _choose(self, state: RunState, step: StepState) -> Iterator[d.Decision]:
        """Another backup for the input that the step reads."""
        picks = {name: choice.pick for name, choice in inputs(self._plan, state.opened.runbook).items() if choice.pick}
        wanted = next((name for name in step.outline.uses if name in picks), None)
        if wanted is None:
            self._out.print("  " + _("This step uses no backup."), style="yellow")
            return
        try:
            found = self._lookout.run(lambda reach: _backups(self._plan, picks[wanted], reach)).result(PATIENCE)
        except (SparkdrError, TimeoutError) as problem:
            self._out.print("  " + one_line(str(problem)) or _("It took too long."), style="red")
            return
        rpo = rpo_of(self._plan, picks[wanted])
        for number, backup in enumerate(found, 1):
            self._out.print(f"  {number:3}  {_backup(state, backup, rpo)}", soft_wrap=True)

        def chosen(line: str) -> Iterator[d.Decision]:
            if line.isdecimal() and 0 < int(line) <= len(found):
                yield d.Choose(wanted, found[int(line) - 1].path)

        yield from self._ask(_("Number of the backup to use:"), chosen)


async def _backups(plan: Plan, set_id: str, reach: Reach) -> tuple[Backup, ...]:
    return await list_backups(plan, set_id, await reach.shell(plan.backup_sets[set_id].on))


def _backup(state: RunState, backup: Backup, rpo: timedelta | None) -> str:
    """A backup to choose, with what restoring it loses."""
    at, incident = backup.taken_at, state.incident_at
    said = loses(lost(at, incident), at > incident, rpo.total_seconds() if rpo is not None else None)
    unusable = "" if backup.usable else " · " + _("damaged")
    taken = at.astimezone().strftime("%Y-%m-%d %H:%M")
    return f"{taken}  {size(backup.size):>9}  {backup.name} · {said}{unusable}"


def _waiting(state: RunState) -> StepState | None:
    """The first step that waits for the operator; one that did not end well goes first."""
    steps = state.steps.values()
    stuck = next((step for step in steps if step.phase.stuck), None)
    return stuck or next((step for step in steps if step.phase is Phase.ASKED), None)


def _before(state: RunState, step: StepState) -> Iterator[str]:
    """What the operator has to know before answering."""
    outline = step.outline
    backups = (backup_line(found) for name in outline.uses if (found := loss(state, name)))
    if step.phase is not Phase.ASKED:
        yield from backups
        return
    yield from (text.within(current()) for text in (outline.why, outline.note, outline.say) if text is not None)
    yield from step.facts
    yield from backups
    if outline.id == AFTER:
        yield from (each.text for each in promises(state, state.at))
    for at, item in enumerate(outline.checklist):
        yield f"[{'x' if at in step.ticked else ' '}] {item.within(current())}"


def _title(state: RunState, step: StepState) -> str:
    outline = step.outline
    parts = [f"{list(state.steps).index(outline.id) + 1} {outline.title.within(current())}"]
    parts += [state.opened.nodes[outline.on].within(current())] if outline.on else []
    parts += [_(outline.danger.value)] if outline.danger is not Danger.SAFE else []
    parts += [_("optional")] if outline.optional else []
    parts += [_(step.phase.value)] if step.phase.stuck else []
    return " · ".join(parts)


def _keys(step: StepState) -> list[str]:
    """The lines that mean something now."""
    keys = [_("enter run")] if step.phase is Phase.ASKED else [_("r retry")]
    if step.phase is Phase.ASKED and step.outline.action == "manual":
        keys = [_("enter done")]
    keys += [_("u undo")] if step.outline.can_undo and step.phase.stuck else []
    keys += [_("b other backup")] if step.outline.uses else []
    return [*keys, _("s skip"), _("m mark done"), _("n note"), _("h hand over"), _("q abort")]


def _one(decision: d.Decision) -> Iterator[d.Decision]:
    yield decision
