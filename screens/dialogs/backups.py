"""Which backup to use: each with its age, size, what is known of it, and what restoring it loses."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from rich.cells import cell_len
from textual import on
from textual.app import ComposeResult

from screens.dialogs.base import Dialog, TextPane
from screens.keys import bound
from screens.looks import Looked
from screens.painting import Ink, Line, fit, line, paragraph
from screens.situation import Situation
from screens.widgets.lines import PickPane
from screens.widgets.meaning import rpo_of, trust
from screens.words import said, size, span
from sparkdr_tui.backups.catalog import Backup
from sparkdr_tui.language import _, later
from sparkdr_tui.record.losses import lost

Lists = Callable[[str, Callable[[Looked], None]], None]
"""Looks at a set and tells what it found."""


class BackupsPane(PickPane):
    """The backups of a set, newest first."""

    def __init__(self, set_id: str, current: str, began: datetime | None) -> None:
        super().__init__(id="backups")
        self.backups: Sequence[Backup] | None = None
        self.problem = ""
        self._set_id, self._current, self._began = set_id, current, began

    def know(self, looked: Looked) -> None:
        """What the catalogue found."""
        self.backups, self.problem = looked.backups, looked.problem
        self.redraw()
        if any(each.path == self._current for each in looked.backups):
            self.move_to(self._current, by_hand=False)
        self.screen.refresh_bindings()

    def draw(self, situation: Situation, width: int) -> list[Line]:
        """One line each."""
        if self.problem:
            return paragraph(self.problem, width, "bad")
        if self.backups is None:
            return [line(Ink(_("looking …"), "dim"))]
        if not self.backups:
            return [line(Ink(_("There is no backup in this set."), "bad"))]
        rpo = rpo_of(situation.plan, self._set_id)
        trusts = max(cell_len(trust(each, situation.now)) for each in self.backups)
        begin, _stamp, _end = situation.plan.backup_sets[self._set_id].name.partition("{stamp}")
        whole = max(cell_len(each.name) for each in self.backups)
        heads = [
            line(fit(each.name, whole), "  ", Ink(fit(size(each.size), 8, "right"), "dim")) for each in self.backups
        ]
        found = [self._line(*each, situation, rpo, trusts) for each in zip(self.backups, heads, strict=True)]
        if max(each.cells for each in found) <= width:
            return found
        heads = [line(each.name.removeprefix(begin)[:15]) for each in self.backups]  # when says which
        return [self._line(*each, situation, rpo, trusts) for each in zip(self.backups, heads, strict=True)]

    def _line(self, backup: Backup, head: Line, situation: Situation, rpo: float | None, trusts: int) -> Line:
        age = lost(backup.taken_at, self._began or situation.now)
        late = rpo is not None and age > rpo
        after = self._began is not None and backup.taken_at > self._began
        ink = "warn" if after else "bad" if late else "plain"
        sound = "good" if backup.verified_at else "dim" if backup.complete else "warn"
        sound = sound if backup.usable else "bad"
        return line(
            Ink(" ▸ " if backup.path == self._current else "   ", "key"),
            head.pieces,
            "  ",
            Ink(fit(trust(backup, situation.now), trusts), sound),
            "  ",
            Ink(_("after the incident began") if after else _("loses {age}").format(age=span(age)), ink),
            item=backup.path,
            head=True,
        )


class BackupsDialog(Dialog[str]):
    """Answers with the path of a backup on its node."""

    BINDINGS = bound("dialog.submit")

    def __init__(
        self, set_id: str, look: Lists, current: str = "", why: str = "", began: datetime | None = None
    ) -> None:
        super().__init__(later("Choose a backup"))
        self.set_id, self._look, self._current, self._why, self._began = set_id, look, current, why, began

    def compose_body(self) -> ComposeResult:
        """The set, and its backups."""
        yield TextPane(self._about)
        yield BackupsPane(self.set_id, self._current, self._began)

    def on_mount(self) -> None:
        """Look for them."""
        super().on_mount()
        pane = self.query_one(BackupsPane)
        pane.focus()
        self._look(self.set_id, pane.know)

    def _about(self, situation: Situation, width: int) -> list[Line]:
        declared = situation.plan.backup_sets[self.set_id]
        rpo = rpo_of(situation.plan, self.set_id)
        what = f"{said(declared.title)} · {declared.on}" + (f" · RPO {span(rpo)}" if rpo else "")
        why = paragraph(self._why, width, "warn") if self._why else []
        return [*why, line(Ink(what, "dim")), line()]

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Going on needs a backup."""
        if action == "submit":
            return self.is_mounted and bool(self.query_one(BackupsPane).backups)
        return super().check_action(action, parameters)

    @on(PickPane.Picked)
    def action_submit(self) -> None:
        """Take the one under the cursor."""
        pane = self.query_one(BackupsPane)
        if pane.backups and pane.cursor:
            self.dismiss(pane.cursor)
