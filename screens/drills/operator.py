"""The drills with hands: holding one, after it was said what will happen, and writing the calendar to a file."""

from __future__ import annotations

import asyncio
from pathlib import Path

from textual import on, work

from screens import naming
from screens.dialogs.line import LineDialog
from screens.dialogs.typed import TypedDialog
from screens.drills.asking import DrillDialog, at_stake_lines
from screens.drills.screen import DrillsScreen, today
from screens.keys import bound
from screens.painting import Line, line, paragraph
from screens.situation import Situation
from screens.starting import StartingScreen
from screens.widgets.lines import PickPane
from sparkdr_tui.errors import SparkdrError
from sparkdr_tui.language import _, later
from sparkdr_tui.record.drills import drill_request
from sparkdr_tui.report.ics import series
from sparkdr_tui.report.writing import written

NAME = "drills.ics"


class OperatorDrillsScreen(DrillsScreen):
    """Only this one holds drills and writes files."""

    BINDINGS = bound("drill.start", "drill.write")

    def __init__(self, state_folder: Path, home: StartingScreen) -> None:
        super().__init__(state_folder)
        self._home = home

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """No drill is begun while a run lives; a calendar needs drills."""
        if action == "start_drill":
            return self.drills.drill is not None and not self.cockpit.situation.live
        if action == "write_calendar":
            return bool(self.drills.found)
        return super().check_action(action, parameters)

    @on(PickPane.Picked)
    async def _picked(self) -> None:
        await self.run_action("start_drill")

    @work
    async def action_start_drill(self) -> None:
        """Say what will happen and ask for the pace; on the plan's own nodes, for the plan's name too."""
        drill, plan = self.drills.drill, self.cockpit.situation.plan
        if drill is None:
            return
        pace = await self.app.push_screen_wait(DrillDialog(drill))
        if pace is None:
            return
        if not plan.lab:
            facts = at_stake_lines(plan, drill.id)
            typed = TypedDialog(later("This drill is held on real nodes"), facts, plan.name)
            if await self.app.push_screen_wait(typed) is None:
                return
        if await self._home.begin(drill_request(plan, drill.id, pace)) and self.is_current:
            self.app.pop_screen()

    @work
    async def action_write_calendar(self) -> None:
        """Ask where to, write it, and name the file."""
        text = await self.app.push_screen_wait(
            LineDialog(later("Write the calendar of drills"), self._where, self._refuses, value=NAME)
        )
        if not text:
            return
        target = naming.place(Path.cwd(), text)
        try:
            await asyncio.to_thread(write_calendar, self.cockpit.situation, target)
        except SparkdrError as problem:
            self.cockpit.tell_problem(problem)
            return
        self.cockpit.tell(_("Written: {file}").format(file=target))

    def _where(self, situation: Situation, width: int) -> list[Line]:
        text = _("An iCalendar file: every drill, again and again, with when to announce it.")
        place = _("A name is taken in {folder}; any other path will do.").format(folder=Path.cwd())
        return [*paragraph(text, width), *paragraph(place, width, "dim"), line()]

    def _refuses(self, text: str) -> str:
        return naming.refuses(Path.cwd(), text)


def write_calendar(situation: Situation, target: Path) -> None:
    """The calendar as a file; raises `SparkdrError`."""
    text = series(situation.plan, situation.now, today(situation))
    with written(target) as file:
        file.write(text.encode())
