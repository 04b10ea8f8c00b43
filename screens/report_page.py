"""The report of a run, read inside the app by everybody; an operator may write it as a file beside the run."""

from __future__ import annotations

import asyncio
from pathlib import Path

from textual import work

from screens import naming
from screens.dialogs.line import LineDialog
from screens.keys import bound
from screens.page_screen import PageScreen
from screens.painting import Line, line, paragraph
from screens.situation import Situation
from screens.widgets.blocks import report_lines
from sparkdr_tui.errors import SparkdrError
from sparkdr_tui.language import _
from sparkdr_tui.report.links import Links
from sparkdr_tui.report.making import Made, make
from sparkdr_tui.report.parts import sections
from sparkdr_tui.report.parts.summary import headline
from sparkdr_tui.report.writing import keep_off, written

NAME = "report.html"


class ReportScreen(PageScreen):
    """The report, to be read and searched."""

    def __init__(self, state_folder: Path, folder: Path) -> None:
        super().__init__()
        self._state_folder, self._folder = state_folder, folder
        self._made: Made | None = None

    def on_mount(self) -> None:
        """Make the report."""
        super().on_mount()
        self.page.write(lambda width: paragraph(_("The report is being made …"), width, "dim"))
        self._make()

    def heading(self) -> str:
        """Whose report it is."""
        return _("Report of {run}").format(run=self._folder.name)

    @work
    async def _make(self) -> None:
        try:
            self._made = await asyncio.to_thread(make, self._folder, self._state_folder, self.cockpit.situation.now)
        except (SparkdrError, ValueError) as problem:
            said = str(problem)
            self.page.write(lambda width: paragraph(said, width, "bad"))
            return
        self.page.write(self._lines)
        self.refresh_bindings()
        self.ready()

    def ready(self) -> None:
        """The report is there."""

    def _lines(self, width: int) -> list[Line]:
        assert self._made is not None
        content = self._made.content
        return report_lines(headline(content), sections(content), width)


class OperatorReportScreen(ReportScreen):
    """With the key that writes it."""

    BINDINGS = bound("past.write")

    def __init__(self, state_folder: Path, folder: Path, *, write: bool = False) -> None:
        super().__init__(state_folder, folder)
        self._at_once = write

    def ready(self) -> None:
        """Whoever came to write is asked where to."""
        if self._at_once:
            self._at_once = False
            self.action_write_report()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """There has to be something to write."""
        if action == "write_report":
            return self._made is not None
        return super().check_action(action, parameters)

    @work
    async def action_write_report(self) -> None:
        """Ask where to, write it, and name the file."""
        made = self._made
        if made is None:
            return
        dialog = LineDialog(_("Write the report as an HTML file"), self._about, self._refuses, value=NAME)
        text = await self.app.push_screen_wait(dialog)
        if not text:
            return
        target = naming.place(self._folder, text)
        try:
            await asyncio.to_thread(write_html, made, self._folder, target)
        except SparkdrError as problem:
            self.cockpit.tell_problem(problem)
            return
        self.cockpit.tell(_("The report of {run} is in {path}").format(run=self._folder.name, path=target))

    def _about(self, situation: Situation, width: int) -> list[Line]:
        text = _("One file that needs nothing else: for a mail, or for whoever was not there.")
        place = _("A name is taken in {folder}; any other path will do.").format(folder=self._folder)
        return [*paragraph(text, width), *paragraph(place, width, "dim"), line()]

    def _refuses(self, text: str) -> str:
        return naming.refuses(self._folder, text)


def write_html(made: Made, folder: Path, target: Path) -> None:
    """The report as one file; raises `SparkdrError`."""
    keep_off(target, folder)
    text = made.render("html", Links.between(target.parent, folder))
    with written(target) as file:
        file.write(text.encode())
