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
from screens.painting import Ink, Line, Piece, fit, line, paragraph
from screens.situation import Situation
from screens.widgets.columns import widest
from screens.widgets.lines import PickPane
from screens.widgets.meaning import rpo_of, trust
from screens.widgets.rows import RowsPane
from screens.words import said, size, span
from sparkdr_tui.backups.catalog import Backup
from sparkdr_tui.language import _, later
from sparkdr_tui.record.losses import lost

Lists = Callable[[str, Callable[[Looked], None]], None]
"""Looks at a set and tells what it found."""


class BackupsPane(RowsPane):
    """The backups of a set, newest first; only those that are visible are drawn."""

    def __init__(self, set_id: str, current: str, began: datetime | None) -> None:
        super().__init__(id="backups")
        self.backups: Sequence[Backup] | None = None
        self.problem = ""
        self._set_id, self._current, self._began = set_id, current, began
        self._by_path: dict[str, Backup] = {}
        self._wide = 0

    def know(self, looked: Looked) -> None:
        """What the catalogue found."""
        self.backups, self.problem = looked.backups, looked.problem
        self._by_path = {each.path: each for each in looked.backups}
        self._wide = max((cell_len(each.name) for each in looked.backups), default=0)
        if self._current in self._by_path:
            self.cursor = self._current
        self.have(tuple(self._by_path))
        self.move_to(self.cursor, by_hand=False)
        self.screen.refresh_bindings()

    def empty(self, situation: Situation, width: int) -> list[Line]:
        """Why there is nothing to choose."""
        if self.problem:
            return paragraph(self.problem, width, "bad")
        if self.backups is None:
            return [line(Ink(_("looking …"), "dim"))]
        return [line(Ink(_("There is no backup in this set."), "bad"))]

    def row(self, situation: Situation, item: str, width: int) -> Line:
        """One backup."""
        backup = self._by_path[item]
        age = lost(backup.taken_at, self._began or situation.now)
        rpo = rpo_of(situation.plan, self._set_id)
        late = rpo is not None and age > rpo
        after = self._began is not None and backup.taken_at > self._began
        ink = "warn" if after else "bad" if late else "plain"
        sound = "good" if backup.verified_at else "dim" if backup.complete else "warn"
        sound = sound if backup.usable else "bad"
        return line(
            Ink(" ▸ " if backup.path == self._current else "   ", "key"),
            self._called(situation, backup, width),
            "  ",
            Ink(fit(trust(backup, situation.now), _trusts()), sound),
            "  ",
            Ink(_("after the incident began") if after else _("loses {age}").format(age=span(age)), ink),
            item=backup.path,
            head=True,
        )

    def _called(self, situation: Situation, backup: Backup, width: int) -> list[Piece]:
        """Its name and size; where there is no room for all of them, its stamp: when says which."""
        whole = 3 + self._wide + 2 + 8 + 2 + _trusts() + 2 + self._losing()
        if whole <= width:
            return [fit(backup.name, self._wide), "  ", Ink(fit(size(backup.size), 8, "right"), "dim")]
        begin, _stamp, _end = situation.plan.backup_sets[self._set_id].name.partition("{stamp}")
        return [backup.name.removeprefix(begin)[:15]]

    def _losing(self) -> int:
        """Cells of what restoring one loses."""
        newest = self.backups[0].taken_at if self.backups else None
        after = self._began is not None and newest is not None and newest > self._began
        loses = _("loses {age}").format(age=span(7 * 86400 - 1))
        return widest([loses, *([_("after the incident began")] if after else [])])


def _trusts() -> int:
    """Cells of the widest thing that is said of a backup's being whole."""
    ago = _("verified {age} ago").format(age=span(7 * 86400 - 1))
    return widest((_("damaged"), ago, _("completeness unknown"), _("complete, not verified"), _("incomplete")))


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
