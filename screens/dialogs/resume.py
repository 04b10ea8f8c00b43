"""An unfinished run was found: take it up, only watch it, or leave it."""

from __future__ import annotations

from typing import Literal

from textual.app import ComposeResult

from screens.dialogs.base import Dialog, TextPane
from screens.keys import bound
from screens.painting import Ink, Line, line, paragraph
from screens.situation import Situation
from screens.words import said, span
from sparkdr_tui.language import _, later
from sparkdr_tui.record.lock import Holder
from sparkdr_tui.record.runs import RunSummary


class ResumeDialog(Dialog[Literal["take", "watch"]]):
    """Answers with what to do with the run."""

    BINDINGS = bound("resume.take", "resume.watch")

    def __init__(self, run: RunSummary, driver: Holder | None = None) -> None:
        super().__init__(later("An unfinished run"))
        self._run, self._driver = run, driver

    def compose_body(self) -> ComposeResult:
        """Which run it is."""
        yield TextPane(self._say)

    def _say(self, situation: Situation, width: int) -> list[Line]:
        ago = span((situation.now - self._run.opened_at).total_seconds())
        return [
            line(Ink(self._run.id, "strong"), Ink(f"  {said(self._run.title)}")),
            *paragraph(_("{operator}, begun {ago} ago").format(operator=self._run.operator, ago=ago), width, "dim"),
            line(),
            *self._handed(width),
            *self._what_then(width),
        ]

    def _handed(self, width: int) -> list[Line]:
        """For whom it was let go, and what they were left to know."""
        if self._driver is not None or not self._run.handed:
            return []
        found = paragraph(_("It was handed over to {who}.").format(who=self._run.handed), width, "strong")
        return [*found, *(paragraph(f"“{self._run.word}”", width) if self._run.word else ()), line()]

    def _what_then(self, width: int) -> list[Line]:
        if self._driver is not None:
            who = _("It is driven by {who}.").format(who=self._driver.within())
            return paragraph(f"{who} " + _("Taking it up means taking it over: that is asked first."), width, "warn")
        return paragraph(_("Steps that were under way are unknown until you decide."), width)

    def action_take(self) -> None:
        """Take it up."""
        self.dismiss("take")

    def action_watch(self) -> None:
        """Only watch."""
        self.dismiss("watch")


class OfferDialog(Dialog[bool]):
    """Somebody else opened a run. Answers whether to watch it; nothing is taken over here."""

    BINDINGS = bound("offer.watch")

    def __init__(self, run: RunSummary, driver: Holder) -> None:
        super().__init__(later("Somebody opened a run"))
        self._run, self._driver = run, driver

    def compose_body(self) -> ComposeResult:
        """Which run it is, and who drives it."""
        yield TextPane(self._say)

    def _say(self, situation: Situation, width: int) -> list[Line]:
        ago = span((situation.now - self._run.opened_at).total_seconds())
        return [
            line(Ink(self._run.id, "strong"), Ink(f"  {said(self._run.title)}")),
            *paragraph(_("{operator}, begun {ago} ago").format(operator=self._run.operator, ago=ago), width, "dim"),
            line(),
            *paragraph(_("It is driven by {who}.").format(who=self._driver.within()), width),
            *paragraph(_("You would watch it; R takes it over then."), width, "dim"),
        ]

    def action_watch(self) -> None:
        """Watch it."""
        self.dismiss(True)
