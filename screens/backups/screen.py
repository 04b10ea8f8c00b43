"""The backup sets, for eyes: sets, the backups of the chosen one, and all that is known of what the cursor is on.

It decides nothing; `operator.py` adds the keys that make and verify backups.
"""

from __future__ import annotations

from collections.abc import Sequence

from textual import on
from textual.app import ComposeResult
from textual.containers import Container
from textual.message import Message

from screens.backups import marks
from screens.backups.about import about_backup, about_set
from screens.backups.sets import SetsHead, SetsPane
from screens.backups.shelf import BackupsHead, BackupsPane
from screens.backups.stock import Known, Stock
from screens.base import SubScreen
from screens.dialogs.base import TextPane
from screens.keys import bound
from screens.painting import Ink, Line, line
from screens.situation import Situation
from screens.widgets.frame import Edge, Frame
from screens.widgets.lines import PickPane
from screens.words import minute, said
from sparkdr_tui.language import _


class BackupsScreen(SubScreen):
    """Three frames; where there is room for two, the sets or the backups of one, and what is known of the chosen."""

    BINDINGS = bound("backups.open", "look.again")

    class News(Message):
        """A look told something."""

        def can_replace(self, message: Message) -> bool:
            """One of many in a row is enough."""
            return isinstance(message, BackupsScreen.News)

    def __init__(self, stock: Stock) -> None:
        super().__init__()
        self.stock = stock
        self.sets = SetsPane(stock)
        self.sets.cursor = stock.chosen
        self.shelf = BackupsPane()
        self.about = TextPane(self._about, id="about")
        self._sets_edge, self._sets_foot = Edge("top"), Edge("bottom")
        self._shelf_edge = Edge("top")

    def compose_body(self) -> ComposeResult:
        """The frames."""
        with Container(id="backups-page"):
            with Frame(id="sets-frame"):
                yield self._sets_edge
                yield SetsHead(self.stock)
                yield self.sets
                yield self._sets_foot
            with Frame(id="shelf-frame"):
                yield self._shelf_edge
                yield BackupsHead()
                yield self.shelf
                yield Edge("bottom")
            with Frame(id="about-frame"):
                yield Edge("top", id="about-edge")
                yield self.about
                yield Edge("bottom")

    def on_mount(self) -> None:
        """Look at every set; the sets have the focus."""
        self.stock.listen(lambda: self.post_message(self.News()))
        super().on_mount()
        self.sets.focus()
        self._know()

    def name_panes(self) -> None:
        """The title that stays; the others say how things are."""
        self.query_one("#about-edge", Edge).say(line(Ink(_("What is known"), "title")))

    def on_unmount(self) -> None:
        """Hear no more."""
        self.stock.listen(None)

    def show(self, situation: Situation) -> None:
        """Show what is true now; look again where the last look is a while ago, or a run ended since."""
        if self.is_current:
            self.stock.look(situation.plan, situation.now, again=self._run_ended(situation))
        super().show(situation)
        self._say_edges()

    def _run_ended(self, situation: Situation) -> bool:
        """Whether a run ended since the last look: it may have made or verified something."""
        run = situation.run
        if run is None or run.live or self.stock.looking or self.stock.seen_after == (run.run, run.at):
            return False
        self.stock.seen_after = (run.run, run.at)
        return True

    # -- what is known -------------------------------------------------------------------------------

    @on(News)
    def _news(self) -> None:
        self.sets.redraw()
        self.query_one(SetsHead).redraw()
        self._know()

    @property
    def known(self) -> Known:
        """What is known of the chosen set."""
        return self.stock.known(self.sets.cursor)

    def _know(self) -> None:
        """Hand on what is known of the chosen set."""
        self.query_one(BackupsHead).know(self.known)
        self.shelf.know(self.known)
        self.about.redraw()
        self._say_edges()
        self.refresh_bindings()

    def _say_edges(self) -> None:
        if self.situation is None:
            return
        plan, declared = self.situation.plan, self.situation.plan.backup_sets.get(self.sets.cursor)
        self._sets_edge.say(line(Ink(_("Backup sets"), "title")), self._looked())
        self._sets_foot.say(end=Ink(marks.legend() if plan.backup_sets else "", "dim"))
        count = len(self.known.shelf.paths)
        title = line(Ink(_("Backups"), "title"), Ink(f" · {said(declared.title)}" if declared else ""))
        self._shelf_edge.say(title, Ink(_("{count} in all").format(count=f"{count:,}") if count else "", "dim"))

    def _looked(self) -> Ink:
        """Which nodes are being looked at, else when they were."""
        if self.situation is None or not self.situation.plan.backup_sets:
            return Ink("")
        plan = self.situation.plan
        nodes = dict.fromkeys(plan.backup_sets[name].on for name in self.stock.looking if name in plan.backup_sets)
        if nodes:
            names = ", ".join(said(plan.nodes[name].title) for name in nodes)
            return Ink(_("looking … {nodes}").format(nodes=names), "live")
        at = self.stock.looked_at
        missed = dict.fromkeys(each.on for name, each in plan.backup_sets.items() if self.stock.known(name).problem)
        if missed and not self.situation.observing:
            names = ", ".join(said(plan.nodes[name].title) for name in missed)
            return Ink(_("✖ not seen: {nodes}").format(nodes=names), "bad")
        return Ink(_("looked at {at}").format(at=minute(at)) if at else "", "dim")

    def _about(self, situation: Situation, width: int) -> Sequence[Line]:
        if self.sets.cursor not in situation.plan.backup_sets:
            return [line()]
        backup = self.shelf.backup
        if self.listing and backup is not None:
            return about_backup(situation, self.known, backup, width)
        return about_set(situation, self.stock, self.sets.cursor, width)

    # -- moving --------------------------------------------------------------------------------------

    @property
    def listing(self) -> bool:
        """Whether the cursor is among the backups, not among the sets."""
        return self.has_class("-listing")

    def on_descendant_focus(self) -> None:
        """The text tells of what the cursor is on."""
        if self.focused in (self.sets, self.shelf):
            self.set_class(self.focused is self.shelf, "-listing")
            self.about.scroll_home(animate=False)
            self.about.redraw()
            self.refresh_bindings()

    @on(PickPane.Moved)
    def _moved(self, event: PickPane.Moved) -> None:
        self.about.scroll_home(animate=False)
        if event.pane is self.sets:
            self.stock.chosen = event.item
            self._know()
        else:
            self.about.redraw()
            self.refresh_bindings()

    @on(PickPane.Picked)
    def _picked(self, event: PickPane.Picked) -> None:
        if event.pane is self.sets:
            self.action_open()

    def action_open(self) -> None:
        """To the backups of the set."""
        self.add_class("-listing")
        self.shelf.focus()

    def action_back(self) -> None:
        """Where the backups hide the sets back to those, else to where one came from."""
        if self.listing and not self.query_one("#sets-frame").display:
            self.remove_class("-listing")
            self.sets.focus()
        else:
            super().action_back()

    def action_again(self) -> None:
        """Look again at every set."""
        self.stock.look(self.cockpit.situation.plan, self.cockpit.situation.now, again=True)
        self._say_edges()

    def ask_anew(self) -> None:
        """What could not be seen says why."""
        self.action_again()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """The backups are opened from the sets."""
        if action == "open":
            return not self.listing and bool(self.known.shelf.paths)
        return super().check_action(action, parameters)
