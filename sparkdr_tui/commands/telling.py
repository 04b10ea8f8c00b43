"""A run told on the command line, record by record: as lines for people, or as JSON lines for programs."""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from sparkdr_tui.commands.place import write_json_line
from sparkdr_tui.figures import clock, time_of_day
from sparkdr_tui.language import _
from sparkdr_tui.record.events import RECORD, Record
from sparkdr_tui.record.fold import fold
from sparkdr_tui.record.state import RunState
from sparkdr_tui.report.marks import of_outcome
from sparkdr_tui.report.outcome import promises

if TYPE_CHECKING:
    from rich.console import Console

    from sparkdr_tui.report.timeline import Moment


class Teller:
    """Lines for people; nothing that a node said is read as markup."""

    def __init__(self, out: Console, folder: Path, before: Callable[[], None] = lambda: None) -> None:
        self._out = out
        self._folder = folder
        self._before = before
        """Called before anything is printed: whoever asks makes way."""
        self.state: RunState | None = None

    def tell(self, record: Record) -> None:
        """One more record."""
        from sparkdr_tui.report.timeline import moments_of

        before, self.state = self.state, fold(self.state, record)
        for moment in moments_of(record, before, self.state):
            self._print(moment)

    def _print(self, moment: Moment) -> None:
        self._before()
        self._out.print(time_of_day(moment.at), style="bright_black", end=" ")
        self._out.print(f"{moment.mark.glyph} {moment.text}", style=moment.mark.colour, soft_wrap=True)
        for line in moment.more:
            self._out.print(f"           {line}", soft_wrap=True)
        if moment.log:
            self._out.print("           " + _("log: {path}").format(path=self._folder / moment.log), soft_wrap=True)

    def sum_up(self) -> None:
        """How it ended, against what was promised."""
        state = self.state
        if state is None:
            return
        self._before()
        now = datetime.now(UTC)
        machine, person = state.split(now)
        mark = of_outcome(state.outcome)
        self._out.print()
        self._out.print(f"{mark.glyph} {state.run} {mark.word}", style=f"{mark.colour} bold", end="")
        times = _("machine {machine}, you {person}").format(machine=clock(machine), person=clock(person))
        self._out.print(f" · {times}")
        for name in state.exceptions:
            step = state.steps[name]
            self._out.print(f"  » {name}: {step.reason}", style="yellow", soft_wrap=True)
        for each in promises(state, now):
            colour = {True: "green", False: "red", None: "default"}[each.kept]
            self._out.print(f"  {each.text}", style=colour, soft_wrap=True)
        self._out.print("  " + _("journal: {path}").format(path=self._folder / "journal.jsonl"), soft_wrap=True)


class JsonTeller:
    """JSON lines: every record as it is in the journal, and one document at the end."""

    def __init__(self) -> None:
        self.state: RunState | None = None

    def tell(self, record: Record) -> None:
        """One more record."""
        self.state = fold(self.state, record)
        sys.stdout.write(RECORD.dump_json(record).decode() + "\n")
        sys.stdout.flush()

    def sum_up(self) -> None:
        """The run as one document."""
        from sparkdr_tui.report.document import run_document

        if self.state is not None:
            write_json_line({"type": "summary", **run_document(self.state, datetime.now(UTC))})
