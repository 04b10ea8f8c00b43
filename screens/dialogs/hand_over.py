"""Handing the run over: what that means, and exactly what the next operator has to type."""

from __future__ import annotations

import socket

from textual.app import ComposeResult

from screens.copying import copy
from screens.dialogs.base import Dialog, Draws, TextPane
from screens.keys import bound
from screens.painting import Ink, Line, line, paragraph
from screens.situation import Situation
from screens.words import said
from sparkdr_tui.language import _, later
from sparkdr_tui.record.home import cockpit, resuming


def about_handing_over(holder: str) -> Draws:
    """What becomes of the run, before it is let go."""

    def draw(situation: Situation, width: int) -> list[Line]:
        run = situation.run
        if run is None:
            return []
        found = [line(Ink(run.run, "strong"), Ink(f"  {said(run.opened.title)}")), line()]
        if any(step.phase.busy for step in run.steps.values()):
            found += [*paragraph(_("A step is running: let it end first, or cancel it."), width, "warn"), line()]
        text = _("You let go of the run; it waits until {who} takes it up. Your cockpit goes on watching.")
        found += [*paragraph(text.format(who=holder), width), line(), *what_to_type(situation, width), line()]
        return [*found, *paragraph(_("What should they know? It goes into the journal; enter alone will do."), width)]

    return draw


def command(situation: Situation) -> str:
    """What opens a cockpit that offers the run."""
    return cockpit(situation.plan, situation.folder) if situation.folder is not None else ""


def what_to_type(situation: Situation, width: int) -> list[Line]:
    """The cockpit, which offers the run; and the command that needs none."""
    if situation.folder is None:
        return []
    host = socket.gethostname().split(".")[0]
    return [
        *paragraph(_("On this machine ({host}): type this, then press enter on the run.").format(host=host), width),
        *paragraph(command(situation), width, "strong", indent=2),
        *paragraph(_("Without a screen:"), width, "dim"),
        *paragraph(resuming(situation.plan, situation.folder), width, "dim", indent=2),
    ]


class HandedOverDialog(Dialog[None]):
    """The run was let go: once more what to type, to be read out or pasted."""

    BINDINGS = bound("handed.copy", "dialog.close")

    def __init__(self, holder: str) -> None:
        super().__init__(later("Handed over"))
        self._holder = holder

    def compose_body(self) -> ComposeResult:
        """What to type."""
        yield TextPane(self._say)

    def _say(self, situation: Situation, width: int) -> list[Line]:
        text = _("The run waits for {who}. Nothing goes on until they take it up.").format(who=self._holder)
        return [*paragraph(text, width), line(), *what_to_type(situation, width)]

    def action_copy(self) -> None:
        """Copy what to type."""
        if self.situation is not None:
            copy(self.cockpit, command(self.situation), command(self.situation))
