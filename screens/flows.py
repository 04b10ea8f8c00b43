"""What the operator is shown and asked before a decision goes in; each flow ends in a decision or in nothing."""

from __future__ import annotations

from collections.abc import Sequence

from screens.dialogs.base import Draws
from screens.painting import Ink, Line, chunks, cut, line, paragraph
from screens.situation import Situation
from screens.words import Says, danger_word, said, say, size, span
from sparkdr_tui.errors import HeldError
from sparkdr_tui.language import _
from sparkdr_tui.plan.graph import inputs, runbooks
from sparkdr_tui.record.losses import Loss, loss
from sparkdr_tui.record.state import RunState, StepState


def about_step(run: RunState, step: StepState, *more: Says) -> Draws:
    """What a step is, why it is there, and what it would lose."""

    def draw(situation: Situation, width: int) -> Sequence[Line]:
        found = [line(Ink(said(step.outline.title), "strong"))]
        where = step.outline.on or ""
        danger = danger_word(step.outline.danger)
        found.append(line(danger, Ink(f"  {where}" if danger.text else where, "dim")))
        found += facts(run, step, width)
        if step.flagged:
            found += [line(), *paragraph(_("A step that this one needs was skipped."), width, "warn")]
        if step.outline.why:
            found += [line(), *paragraph(said(step.outline.why), width)]
        if step.outline.note:
            found += [line(), *paragraph(said(step.outline.note), width, "dim", 2, Ink("! ", "warn"))]
        for text in more:
            found += [line(), *paragraph(say(text), width, "warn")]
        return found

    return draw


def facts(run: RunState, step: StepState, width: int) -> list[Line]:
    """What was found out for the operator to see before it runs, and the backups it would use."""
    found: list[Line] = []
    if step.facts:
        rows = [row for fact in step.facts for row in chunks(fact, width - 2)]
        found = [line(), *(line(Ink("│ ", "edge"), Ink(row)) for row in rows)]
    for name in step.outline.uses:
        if name in run.missing:
            found += [line(), *paragraph(run.missing[name], width, "bad")]
        elif lost := loss(run, name):
            found += [line(), *backup_fact(lost, width)]
    return found


def backup_fact(lost: Loss, width: int) -> list[Line]:
    """The backup that a step would restore, and what that loses as far as is known now."""
    backup = lost.backup
    name = backup.path.rsplit("/", 1)[-1]
    found = [line(Ink(cut(f"{name} · {size(backup.size)}", width)))]
    if lost.later:
        return [*found, *paragraph(_("made after the incident began: it may hold the damage"), width, "warn")]
    text = _("restoring it loses {time}").format(time=span(lost.seconds))
    rpo = f" · RPO {span(backup.rpo)}" if backup.rpo is not None else ""
    return [*found, line(Ink(text + rpo, "bad" if lost.met is False else "plain"))]


def about_run(run: RunState, *texts: Says) -> Draws:
    """The run, and what is to be said of it."""

    def draw(situation: Situation, width: int) -> Sequence[Line]:
        found = [line(Ink(run.run, "strong"), Ink(f"  {said(run.opened.title)}"))]
        for text in texts:
            found += [line(), *paragraph(say(text), width)]
        return found

    return draw


def about_holder(held: HeldError) -> Draws:
    """Who drives the run, and what taking over means."""

    def draw(situation: Situation, width: int) -> Sequence[Line]:
        warning = _("Taking over is written into the journal. Make sure that they know.")
        return [*paragraph(held.message, width), line(), *paragraph(warning, width, "warn")]

    return draw


def set_of(situation: Situation, run: RunState, name: str) -> str | None:
    """The backup set that an input picks from, as the plan says."""
    plan = situation.plan
    declared = inputs(plan, run.opened.runbook).get(name) if runbooks(plan, run.opened.runbook) else None
    return declared.pick if declared else None


def needs_text(text: str) -> str:
    """A note says something."""
    return "" if text.strip() else _("An empty note says nothing.")
