"""The history: runs of the state folder, one of them looked back at. Reads; an operator may write a report."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from textual import on
from textual.app import ComposeResult
from textual.containers import Container
from textual.message import Message
from textual.widgets import Input

from screens import keys
from screens.base import SubScreen
from screens.keys import bound
from screens.painting import Ink, Line, line, paragraph
from screens.past import Known, Listed, PastLooks, Reviewed, Told
from screens.past_run import PastRunScreen
from screens.report_page import OperatorReportScreen, ReportScreen
from screens.situation import Situation
from screens.widgets.filter_line import FilterInput, FilterLine
from screens.widgets.frame import Edge, Frame
from screens.widgets.incident_bar import IncidentBar
from screens.widgets.lines import LinesPane, PickPane
from screens.widgets.run_review import beside, review_lines, whole_lines
from screens.widgets.runs_list import KINDS, chosen, columns, heading, kinds_word, next_kinds, row
from sparkdr_tui.language import _, current, ngettext
from sparkdr_tui.record.past import Entry, Judged
from sparkdr_tui.report.content import Content


class RunsPane(PickPane):
    """The list. What is drawn is made anew when something in it is another."""

    def __init__(self) -> None:
        super().__init__(id="runs")
        self.listed: Listed | None = None
        self.judged: dict[str, Judged] = {}
        self.kinds = 0
        self.needle = ""
        self._made: tuple[object, Sequence[Line]] = (None, ())
        self._changes = 0

    @property
    def entries(self) -> tuple[Entry, ...]:
        """What is shown."""
        return chosen(self.listed.entries, KINDS[self.kinds], self.needle) if self.listed else ()

    @property
    def entry(self) -> Entry | None:
        """The run under the cursor."""
        known = self.listed.entries if self.listed else ()
        return next((each for each in known if each.id == self.cursor), None)

    def changed(self) -> None:
        """Draw anew."""
        self._changes += 1
        self.redraw()
        self.refresh()

    def draw(self, situation: Situation, width: int) -> Sequence[Line]:
        """A line for each run; without one, what to do."""
        live = any(each.live for each in self.entries)
        key = (self._changes, width, current(), situation.now if live else situation.now.date())
        if self._made[0] != key:
            self._made = (key, self._draw(situation, width))
        return self._made[1]

    def _draw(self, situation: Situation, width: int) -> list[Line]:
        entries = self.entries
        if entries:
            table = columns(entries, width)
            return [row(each, self.judged.get(each.id), table, situation.now) for each in entries]
        return [line(), *(each for text in self._nothing(situation) for each in paragraph(text, width, "dim", 2))]

    def _nothing(self, situation: Situation) -> list[str]:
        if self.listed is None:
            return [_("Reading the runs …")]
        if self.listed.problem:
            return [self.listed.problem]
        if self.needle:
            return [_("No run has “{text}” in it.").format(text=self.needle), _("esc shows all of them again.")]
        if self.listed.entries:
            return [_("There is no run of this kind."), _("t shows other kinds.")]
        if situation.observing:
            return [_("There is no run yet."), _("One that an operator starts is shown here and in the cockpit.")]
        return [
            _("There is no run yet."),
            _("esc goes back: enter on a scenario starts one. d there holds a drill, which is kept here too."),
        ]


class HeadPane(LinesPane, can_focus=False):
    """What the columns of the list hold."""

    def __init__(self, runs: RunsPane) -> None:
        super().__init__(id="runs-head")
        self._runs = runs

    def draw(self, situation: Situation, width: int) -> Sequence[Line]:
        """One line, as wide as the lines below."""
        entries = self._runs.entries
        return [heading(columns(entries, self._runs.width)) if entries else line()]


class ReviewPane(LinesPane):
    """The run under the cursor; or what is to be said beside it, where there is room for that."""

    def __init__(self, *, id: str, beside: bool) -> None:
        super().__init__(id=id)
        self._beside = beside
        self.content: Content | None = None
        self.problem = ""
        self.left = False
        self._made: tuple[object, Sequence[Line]] = (None, ())

    def tell(self, content: Content | None, problem: str, *, left: bool) -> None:
        """Show another run, from its beginning."""
        if content is None or self.content is None or content.state.run != self.content.state.run:
            self.scroll_home(animate=False, immediate=True)
        self.content, self.problem, self.left = content, problem, left
        self.redraw()
        self.refresh()

    def draw(self, situation: Situation, width: int) -> Sequence[Line]:
        """All of it; made once for each width."""
        wide = not self.screen.has_class("-narrow")
        key = (id(self.content), self.problem, self.left, width, wide, current())
        if self._made[0] != key:
            self._made = (key, self._draw(situation, width, wide=wide))
        return self._made[1]

    def _draw(self, situation: Situation, width: int, *, wide: bool) -> list[Line]:
        if self.content is None:
            return paragraph(self.problem, width, "bad") if self.problem and not self._beside else []
        if self._beside:
            return beside(self.content, width)[1]
        draws = review_lines if wide else whole_lines
        return draws(situation.plan, self.content, width, left=self.left)


class HistoryScreen(SubScreen):
    """What observers see of it: everything, and nothing that writes."""

    BINDINGS = bound("past.open", "past.report", "past.kinds", "past.filter")
    LOOKS_AGAIN = 3.0
    """Seconds between two looks at the list."""

    class Heard(Message):
        """The looks have something to tell."""

        def __init__(self, news: Told) -> None:
            super().__init__()
            self.news = news

    def __init__(self, state_folder: Path, locks: Path) -> None:
        super().__init__()
        self._state_folder, self._locks = state_folder, locks
        self._looks = PastLooks(state_folder, locks, lambda news: self.post_message(self.Heard(news)))
        self.runs = RunsPane()
        self._review = ReviewPane(id="review", beside=False)
        self._beside = ReviewPane(id="beside", beside=True)
        self._filter = FilterLine()
        self._reviewed: dict[str, Reviewed] = {}

    def compose_body(self) -> ComposeResult:
        """The live run's bar while there is one, the list, and the run under the cursor."""
        yield IncidentBar(id="bar")
        with Container(id="history"):
            with Frame(id="runs-frame"):
                yield Edge("top", id="runs-edge")
                yield HeadPane(self.runs)
                yield self.runs
                yield self._filter
                yield Edge("bottom")
            with Container(id="past"):
                with Frame(id="review-frame"):
                    yield Edge("top", id="review-edge")
                    yield self._review
                    yield Edge("bottom")
                with Frame(id="beside-frame"):
                    yield Edge("top", id="beside-edge")
                    yield self._beside
                    yield Edge("bottom")

    def on_mount(self) -> None:
        """Begin to look; the list has the focus."""
        super().on_mount()
        self.runs.focus()
        self._looks.start()
        self.set_interval(self.LOOKS_AGAIN, self._looks.look)

    def name_panes(self) -> None:
        """What is in the edges, and what to type."""
        self._filter.input.placeholder = _("words of a run: its number, title, who, how it ended")
        self._say_what()
        self._name_review()

    def on_unmount(self) -> None:
        """Look no more."""
        self._looks.stop()

    def show(self, situation: Situation) -> None:
        """The bar of a run that lives is never out of sight."""
        self.set_class(situation.live, "-live")
        super().show(situation)

    # -- what is found -------------------------------------------------------------------------------

    def on_history_screen_heard(self, message: Heard) -> None:
        """Take in what was found."""
        match message.news:
            case Listed() as listed:
                self._listed(listed)
            case Known(judged):
                self.runs.judged.update(judged)
                self.runs.changed()
            case Reviewed() as reviewed:
                self._reviewed[reviewed.id] = reviewed
                self._show_review()

    def _listed(self, listed: Listed) -> None:
        first = self.runs.listed is None
        before = {each.id: each for each in self.runs.listed.entries} if self.runs.listed else {}
        for each in listed.entries:
            if before.get(each.id) != each:
                self._reviewed.pop(each.id, None)
        self.runs.listed = listed
        self._shown(to_top=first)

    def _shown(self, *, to_top: bool = False) -> None:
        """Another list is shown: find out what became of its runs."""
        self.runs.changed()
        entries = self.runs.entries
        if to_top and entries:
            self.runs.move_to(entries[0].id, by_hand=False)
        self._looks.judge(entries, self.cockpit.situation.now)
        self.query_one(HeadPane).redraw()
        self._say_what()
        self._show_review()
        self.refresh_bindings()

    def _say_what(self) -> None:
        """How many runs are shown, of which kinds, and how many are not."""
        listed, shown = self.runs.listed, self.runs.entries
        count = ngettext("{count} run", "{count} runs", len(shown)).format(count=len(shown)) if listed else ""
        found = [Ink(f"/{self.runs.needle} · ", "key")] if self.runs.needle else []
        backups = sum(each.kind == "routine" for each in listed.entries) if listed else 0
        hidden = backups if "routine" not in KINDS[self.runs.kinds] else 0
        end = [] if hidden and self.size.width < 80 else [Ink(kinds_word(KINDS[self.runs.kinds]), "dim")]
        if hidden:
            text = ngettext("{count} backup not shown", "{count} backups not shown", hidden).format(count=hidden)
            end += [Ink(f" · {text} " if end else f"{text} ", "dim"), Ink(keys.shown("past.kinds"), "key")]
        title = line(Ink(_("History"), "title"), Ink(f" · {count}" if count else "", "dim"))
        self.query_one("#runs-edge", Edge).say(title, line(found, end))

    @on(PickPane.Moved)
    def _moved(self, event: PickPane.Moved) -> None:
        if event.pane is self.runs:
            self._show_review()
            self.refresh_bindings()

    def _show_review(self) -> None:
        """Show the run under the cursor; look back at it where that was not done yet."""
        entry = self.runs.entry if self.runs.cursor in {each.id for each in self.runs.entries} else None
        known = self._reviewed.get(entry.id) if entry else None
        if entry is not None and known is None:
            self._looks.review(entry, self.cockpit.situation.now)
        problem = (known.problem if known else "") or (entry.problem if entry else "")
        for pane in (self._review, self._beside):
            pane.tell(known.content if known else None, problem, left=entry is not None and entry.interrupted)
        self._name_review()

    def _name_review(self) -> None:
        entry = self.runs.entry
        known = self._reviewed.get(entry.id) if entry else None
        self.query_one("#review-edge", Edge).say(line(Ink(entry.id if entry else "", "title")))
        title = beside(known.content, self._beside.width)[0] if known and known.content else ""
        self.query_one("#beside-edge", Edge).say(line(Ink(title, "title")))

    # -- keys ----------------------------------------------------------------------------------------

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """What is about a run needs one that can be read."""
        if action in ("open_run", "report", "write_report"):
            return self.runs.entry is not None and self.runs.entry.summary is not None
        if action in ("kinds", "filter"):
            return self.runs.listed is not None and bool(self.runs.listed.entries)
        return super().check_action(action, parameters)

    @on(PickPane.Picked)
    def action_open_run(self) -> None:
        """The whole run: one that is under way in the cockpit, where nothing else is; else on a page of its own."""
        entry = self.runs.entry
        if entry is None or entry.summary is None:
            return
        now = self.cockpit.situation
        ours = entry.summary.lab == now.plan.lab and entry.kind != "routine"
        if entry.live and ours and (not now.live or now.folder == entry.folder):
            self.app.pop_screen()
            self.cockpit.follow(entry.folder)
            return
        self.app.push_screen(PastRunScreen(self._state_folder, self._locks, entry, self.reading))

    def reading(self, folder: Path) -> ReportScreen:
        """The page that shows a report."""
        return ReportScreen(self._state_folder, folder)

    def action_report(self) -> None:
        """Read the report."""
        entry = self.runs.entry
        if entry is not None and entry.summary is not None:
            self.app.push_screen(self.reading(entry.folder))

    def action_kinds(self) -> None:
        """Show other kinds."""
        if self.runs.listed is not None:
            self.runs.kinds = next_kinds(self.runs.listed.entries, self.runs.kinds)
            self._shown(to_top=True)

    def action_filter(self) -> None:
        """Ask for words."""
        self._filter.ask(self.runs.needle)

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        self.runs.needle = event.value.strip()
        self._shown(to_top=True)

    @on(Input.Submitted)
    def _asked(self) -> None:
        self._filter.leave()
        self.runs.focus()

    @on(FilterInput.Left)
    def _left(self) -> None:
        self._filter.leave()
        self.runs.needle = ""
        self._shown()
        self.runs.focus()

    def action_back(self) -> None:
        """All runs again, then back."""
        if self.runs.needle:
            self._left()
        else:
            super().action_back()


class OperatorHistoryScreen(HistoryScreen):
    """With the key that writes a report."""

    BINDINGS = bound("past.write")

    def reading(self, folder: Path) -> ReportScreen:
        """The page that shows a report, and writes it."""
        return OperatorReportScreen(self._state_folder, folder)

    def action_write_report(self) -> None:
        """Write the report of the run under the cursor."""
        entry = self.runs.entry
        if entry is not None and entry.summary is not None:
            self.app.push_screen(OperatorReportScreen(self._state_folder, entry.folder, write=True))
