"""The status update, ready to paste: in Korean and English, as of the moment it was opened or renewed.

It stands still while one reads; that the run went on meanwhile is said. Observers read and copy, operators may also
write it to a file.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from pathlib import Path

from textual import work
from textual.app import ComposeResult

from screens import keys
from screens.base import SubScreen
from screens.copying import copy
from screens.keys import bound
from screens.painting import Ink, Line, line, paragraph
from screens.situation import Situation
from screens.widgets.frame import Edge, Frame
from screens.widgets.lines import LinesPane
from screens.words import time_of_day
from sparkdr_tui.errors import SparkdrError
from sparkdr_tui.language import _, current
from sparkdr_tui.plan.model import Language
from sparkdr_tui.record.quiet_update import quiet_update
from sparkdr_tui.record.update import update
from sparkdr_tui.writing import whole

FOLDER = "updates"
"""In the state folder."""
_NAMES: dict[Language, str] = {"en": "English", "ko": "한국어"}


def text_of(situation: Situation, language: Language) -> str:
    """The update of a situation."""
    run, now = situation.run, situation.now
    if run is None or situation.forecast is None:
        return quiet_update(situation.plan, situation.topology, now, language)
    return update(run, now, situation.forecast, language)


def text_lines(text: str, width: int) -> list[Line]:
    """The text as it will be pasted, broken to the width: what a line begins with stands out."""
    found: list[Line] = []
    for row in text.splitlines():
        name, colon, rest = row.partition(": ")
        if found and colon and len(name) < 24:
            wrapped = paragraph(f"{name}:{colon[1:]}{rest}", width)
            first = wrapped[0].text
            lead = len(name) + 1
            wrapped[0] = line(Ink(first[:lead], "link"), Ink(first[lead:]))
            found += wrapped
        else:
            found += paragraph(row, width, "plain" if found else "strong")
    return found


class UpdatePane(LinesPane):
    """The text."""

    def __init__(self) -> None:
        super().__init__(id="update")
        self.text = ""

    def say(self, text: str) -> None:
        """Show another text."""
        self.text = text
        self.redraw()

    def draw(self, situation: Situation, width: int) -> Sequence[Line]:
        """The text, with a little air around it."""
        return [line(), *text_lines(self.text, width - 2)]


class UpdateScreen(SubScreen):
    """What everybody may do with it: read and copy."""

    BINDINGS = bound("update.copy", "update.language", "update.renew")

    def __init__(self) -> None:
        super().__init__()
        self.language: Language = current()
        self.pane = UpdatePane()
        self.edge, self.foot = Edge("top"), Edge("bottom")
        self._of: Situation | None = None

    def compose_body(self) -> ComposeResult:
        """The text in a frame."""
        with Frame(classes="page"):
            yield self.edge
            yield self.pane
            yield self.foot

    def on_mount(self) -> None:
        """The text of now."""
        super().on_mount()
        self.action_renew()
        self.pane.focus()

    def name_panes(self) -> None:
        """Say what it is, of when, and in which language."""
        at = _("as of {time}").format(time=time_of_day(self._of.now)) if self._of else ""
        name = Ink(f" · {_NAMES[self.language]}")
        self.edge.say(line(Ink(_("Status update"), "title"), name), line(Ink(at, "dim")))

    def show(self, situation: Situation) -> None:
        """The text stays as it is; that there is more to say by now is told."""
        super().show(situation)
        later = self._of is not None and _place(situation) != _place(self._of)
        says = _("the run went on: {key} says it anew").format(key=keys.shown("update.renew")) if later else ""
        self.foot.say(line(Ink(says, "warn")))

    @property
    def text(self) -> str:
        """What is shown."""
        return text_of(self._of, self.language) if self._of is not None else ""

    def action_renew(self) -> None:
        """Say it as of now."""
        self._of = self.cockpit.situation
        self._say()

    def action_other_language(self) -> None:
        """Say the same in the other language."""
        self.language = "en" if self.language == "ko" else "ko"
        self._say()

    def _say(self) -> None:
        self.pane.say(self.text)
        self.name_panes()
        self.show(self.cockpit.situation)

    def action_copy(self) -> None:
        """Copy what is shown."""
        copy(self.cockpit, self.text, f"{_('Status update')} · {_NAMES[self.language]}")


class WritingUpdateScreen(UpdateScreen):
    """An operator's: it may also be written to a file."""

    BINDINGS = bound("update.write")

    @work(exclusive=True)
    async def action_write(self) -> None:
        """Write what is shown to a file, and say where."""
        if self._of is None:
            return
        name = file_name(self._of, self.language)
        try:
            path = await asyncio.to_thread(write, self.cockpit.state_folder / FOLDER, name, self.text)
        except SparkdrError as problem:
            self.cockpit.tell_problem(problem)
        else:
            self.cockpit.tell(_("Written: {path}").format(path=path))


def file_name(situation: Situation, language: Language) -> str:
    """Which run, which moment, which language."""
    run = situation.run.run if situation.run is not None else re.sub(r"\W+", "-", situation.plan.name)
    return f"{run}_{situation.now.astimezone():%Y%m%d_%H%M%S}_{language}.txt"


def write(folder: Path, name: str, text: str) -> Path:
    """Write an update; raises `SparkdrError`."""
    path = folder / name
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with whole(path, 0o600) as file:
            file.write(text.encode())
    except OSError as problem:
        why = problem.strerror or str(problem)
        raise SparkdrError(_("{path} cannot be written: {why}.").format(path=path, why=why)) from problem
    return path


def _place(situation: Situation) -> tuple[object, ...]:
    """What makes another text: the run's journal went on, or (without a run) a sweep."""
    run = situation.run
    return (run.run, run.n) if run is not None else (None, situation.level, situation.suggestions)
