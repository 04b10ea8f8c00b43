"""The screen of the drills: the calendar, and the drill under the cursor. Looks only; `operator.py` holds one."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from textual import on, work
from textual.app import ComposeResult
from textual.containers import Container

from screens.base import SubScreen
from screens.copying import copy
from screens.drills.lines import about, calendar
from screens.keys import bound
from screens.painting import Ink, Line, line, paragraph
from screens.situation import Situation
from screens.widgets.frame import Edge, Frame
from screens.widgets.incident_bar import IncidentBar
from screens.widgets.lines import LinesPane, PickPane
from sparkdr_tui.errors import SparkdrError
from sparkdr_tui.language import _, current, ngettext
from sparkdr_tui.record.drills import DrillStatus, Standing, day_of, drill_statuses
from sparkdr_tui.report.notice import notice


class CalendarPane(PickPane):
    """The drills of the plan, in its order."""

    def __init__(self) -> None:
        super().__init__(id="calendar")
        self.found: tuple[DrillStatus, ...] | None = None

    @property
    def drill(self) -> DrillStatus | None:
        """The drill under the cursor."""
        return next((each for each in self.found or () if each.id == self.cursor), None)

    def draw(self, situation: Situation, width: int) -> Sequence[Line]:
        """Where each of them stands; without any, what to do."""
        if self.found:
            compact = self.screen.has_class("-narrow")
            return calendar(self.found, today(situation), width, self.cursor, compact=compact)
        texts = [_("Looking at the drills …")]
        if self.found is not None:
            texts = [
                _("The plan has no drills."),
                _("Write them into drills.yaml of the plan: what, when, and the lists before and after."),
                _("“sparkdr-tui plan init DIR” makes a copy of the built-in plan, which has five."),
            ]
        return [line(), *(each for text in texts for each in paragraph(text, width, "dim", 2))]


class AboutPane(LinesPane):
    """The drill under the cursor."""

    def __init__(self, drills: CalendarPane) -> None:
        super().__init__(id="drill")
        self._drills = drills

    def draw(self, situation: Situation, width: int) -> Sequence[Line]:
        """Its goal, its lists, who takes part."""
        drill = self._drills.drill
        return about(situation.plan, drill, width) if drill is not None else []


def today(situation: Situation) -> date:
    """The day it is here."""
    return day_of(situation.now, None)


class DrillsScreen(SubScreen):
    """What observers see of it."""

    BINDINGS = bound("drill.copy")
    LOOKS_AGAIN = 5.0
    """Seconds between two looks at the runs."""

    def __init__(self, state_folder: Path) -> None:
        super().__init__()
        self._state_folder = state_folder
        self.drills = CalendarPane()
        self._about = AboutPane(self.drills)
        self._problem = ""
        """Why the latest look saw nothing: said once."""

    def compose_body(self) -> ComposeResult:
        """The live run's bar while there is one; the calendar and the drill side by side."""
        yield IncidentBar(id="bar")
        with Container(id="drills"):
            with Frame(id="calendar-frame"):
                yield Edge("top", id="calendar-edge")
                yield self.drills
                yield Edge("bottom")
            with Frame(id="drill-frame"):
                yield Edge("top", id="drill-edge")
                yield self._about
                yield Edge("bottom")

    def on_mount(self) -> None:
        """Begin to look; the calendar has the focus."""
        super().on_mount()
        self.drills.focus()
        self._look()
        self.set_interval(self.LOOKS_AGAIN, self._look)

    def name_panes(self) -> None:
        """What is due, and which drill is shown."""
        found = self.drills.found or ()
        urgent = [each for each in found if each.standing in (Standing.OVERDUE, Standing.DUE)]
        text = ngettext("{count} to be held", "{count} to be held", len(urgent)).format(count=len(urgent))
        end = Ink(text if urgent else _("nothing is due") if found else "", "warn" if urgent else "dim")
        self.query_one("#calendar-edge", Edge).say(line(Ink(_("Drills"), "title")), line(end))
        drill = self.drills.drill
        self.query_one("#drill-edge", Edge).say(line(Ink(drill.id if drill else "", "title")))

    def show(self, situation: Situation) -> None:
        """The bar of a run that lives is never out of sight."""
        self.set_class(situation.live, "-live")
        super().show(situation)
        self.refresh_bindings()

    @work(exclusive=True, group="drills")
    async def _look(self) -> None:
        situation = self.cockpit.situation
        first = self.drills.found is None
        try:
            found = await asyncio.to_thread(drill_statuses, situation.plan, self._state_folder, situation.now)
        except (SparkdrError, OSError) as problem:
            if str(problem) != self._problem:
                self._problem = str(problem)
                self.cockpit.tell(self._problem, "error")
            return
        self._problem = ""
        if found == self.drills.found:
            return
        self.drills.found = found
        if first and found:
            self.drills.cursor = min(found, key=lambda each: each.urgency).id
        self._shown()

    def _shown(self) -> None:
        self.drills.redraw()
        self._about.redraw()
        self.name_panes()
        self.refresh_bindings()

    @on(PickPane.Moved)
    def _moved(self) -> None:
        self._about.scroll_home(animate=False)
        self._shown()

    def action_copy(self) -> None:
        """Copy the announcement of the drill, in the language in use."""
        drill = self.drills.drill
        if drill is not None:
            situation = self.cockpit.situation
            text = notice(situation.plan, drill, today(situation)).within(current())
            copy(self.cockpit, text, _("the announcement"))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Copying needs a drill."""
        if action == "copy":
            return self.drills.drill is not None
        return super().check_action(action, parameters)
