"""Leaving while a run lives: what goes on, and how to come back."""

from __future__ import annotations

from collections.abc import Sequence

from screens.dialogs.hand_over import what_to_type
from screens.painting import Ink, Line, line, paragraph
from screens.situation import Situation
from screens.words import said
from sparkdr_tui.language import _


def about_leaving(situation: Situation, width: int) -> Sequence[Line]:
    """What leaving means for the run."""
    run = situation.run
    if run is None:
        return []
    busy = [step for step in run.steps.values() if step.phase.busy]
    found = [line(Ink(run.run, "strong"), Ink(f"  {said(run.opened.title)}")), line()]
    for step in busy:
        text = _("“{step}” is running: leaving ends it, and its state will be unknown.")
        found += [*paragraph(text.format(step=said(step.outline.title)), width, "warn"), line()]
    found += paragraph(_("The run stays unfinished. Its journal keeps everything."), width)
    return [*found, line(), *what_to_type(situation, width)]
