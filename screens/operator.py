"""The operator's cockpit: the same, with hands. Every key ends in a decision handed to the helm, or in nothing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from textual import on, work
from textual.message import Message

from screens import choices, flows, moments
from screens.cockpit import CockpitScreen
from screens.dialogs.backups import BackupsDialog
from screens.dialogs.checklist import ChecklistDialog
from screens.dialogs.confirm import ConfirmDialog
from screens.dialogs.line import LineDialog, needs_words
from screens.dialogs.resume import ResumeDialog
from screens.dialogs.start_run import StartRunDialog
from screens.dialogs.typed import TypedDialog
from screens.keys import bound
from screens.looks import Looked, Looks
from screens.situation import TopologySource
from screens.wheel import Wheel
from screens.widgets.lines import PickPane
from screens.widgets.meaning import sets_used
from sparkdr_tui.errors import HeldError, SparkdrError
from sparkdr_tui.language import _
from sparkdr_tui.plan.runbook import Danger, Plan
from sparkdr_tui.record import decisions as d
from sparkdr_tui.record import events as e
from sparkdr_tui.record.runs import RunSummary
from sparkdr_tui.record.state import RunState, StepState

_ON_STEP = {
    "confirm": choices.may_confirm,
    "skip": choices.may_leave_out,
    "mark": choices.may_leave_out,
    "retry": choices.may_retry,
    "cancel": choices.may_cancel,
    "undo": choices.may_undo,
}
"""Actions on the step under the cursor, and when they are offered."""
_ON_RUN = ("note", "pace", "incident", "abort")


class OperatorScreen(CockpitScreen):
    """Only this screen binds keys that decide; observers get `CockpitScreen`, which has none of them."""

    BINDINGS = bound(
        "run.start",
        "step.confirm",
        "step.skip",
        "step.retry",
        "step.cancel",
        "step.mark",
        "step.undo",
        "run.note",
        "run.pace",
        "run.incident",
        "run.abort",
        "run.resume",
    )

    class Seen(Message):
        """A look at a backup set ended."""

        def __init__(self, looked: Looked) -> None:
            super().__init__()
            self.looked = looked

    def __init__(self, plan: Plan, wheel: Wheel, lookout: TopologySource) -> None:
        super().__init__()
        self._wheel = wheel
        self._looks = Looks(plan, lookout, lambda looked: self.post_message(self.Seen(looked)))
        self._waiting: dict[str, Callable[[Looked], None]] = {}
        self._unfinished: tuple[RunSummary, ...] = ()

    def on_mount(self) -> None:
        """Offer the run that somebody left."""
        super().on_mount()
        self.action_resume()

    # -- what is offered -----------------------------------------------------------------------------

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """A key is offered when its decision would be taken."""
        situation = self.situation
        run = situation.run if situation else None
        driving = situation is not None and situation.live and self._wheel.drives(situation.folder)
        if action in _ON_STEP:
            step = self.recovery.steps.step
            away = action == "confirm" and self.focused is self.scenarios
            return driving and not away and step is not None and _ON_STEP[action](step)
        if action in _ON_RUN:
            return driving
        if action == "start_run":
            choosing = self.focused is self.scenarios or (run is None and self.focused is self.recovery.meaning)
            return choosing and bool(self.scenarios.cursor) and not (run and run.live)
        if action == "resume":
            return not driving and (bool(self._unfinished) or (run is not None and run.live))
        return super().check_action(action, parameters)

    @on(PickPane.Picked)
    async def _picked(self, event: PickPane.Picked) -> None:
        await self.run_action("start_run" if event.pane is self.scenarios else "confirm")

    def _at(self) -> tuple[RunState, StepState] | None:
        run = self.situation.run if self.situation else None
        step = self.recovery.steps.step
        return (run, step) if run is not None and step is not None else None

    def submit(self, decision: d.Decision) -> None:
        """Hand in a decision; what became of it is in the journal."""
        try:
            self._wheel.submit(decision)
        except SparkdrError as problem:
            self.cockpit.tell_problem(problem)

    # -- backups -------------------------------------------------------------------------------------

    def highlighted(self, scenario: str) -> None:
        """Find out which backup the highlighted scenario would use."""
        super().highlighted(scenario)
        if self.situation and scenario:
            for set_id in sets_used(self.situation.plan, scenario):
                self._looks.look(set_id, self.situation.now)

    def list_backups(self, set_id: str, tell: Callable[[Looked], None]) -> None:
        """Look at a set anew, for a dialog that waits for it."""
        self._waiting[set_id] = tell
        self._looks.look(set_id, self.cockpit.situation.now, again=True)

    def on_operator_screen_seen(self, message: Seen) -> None:
        """Show what was found, to the dialog that waits too."""
        looked = message.looked
        self.know_backups({**self._backups, looked.set: looked.best})
        if waiting := self._waiting.pop(looked.set, None):
            waiting(looked)

    # -- starting ------------------------------------------------------------------------------------

    @work
    async def action_start_run(self) -> None:
        """Ask what to run and how, and open it."""
        situation = self.situation
        if situation is None or not situation.plan.scenarios[self.scenarios.cursor].runbooks:
            return
        dialog = StartRunDialog(situation.plan, self.scenarios.cursor, self._backups, self.list_backups)
        choice = await self.app.push_screen_wait(dialog)
        if choice is None:
            return
        try:
            folder = await self._wheel.open(choice.request(situation.plan, self.cockpit.situation.now))
        except SparkdrError as problem:
            self.cockpit.tell_problem(problem)
            return
        self.cockpit.follow(folder)
        self.action_pane("recovery")

    @work
    async def action_resume(self) -> None:
        """Offer the unfinished run."""
        self._unfinished = await self._wheel.unfinished()
        self.refresh_bindings()
        if not self._unfinished:
            return
        run = self._unfinished[0]
        answer = await self.app.push_screen_wait(ResumeDialog(run))
        if answer == "take":
            await self._take_up(run.folder)
        if answer:
            self.cockpit.follow(run.folder)

    async def _take_up(self, folder: Path) -> None:
        try:
            await self._wheel.reopen(folder, take_over=False)
        except HeldError as held:
            if await self.app.push_screen_wait(ConfirmDialog(_("Take over?"), flows.about_holder(held), danger=True)):
                await self._take_over(folder)
        except SparkdrError as problem:
            self.cockpit.tell_problem(problem)

    async def _take_over(self, folder: Path) -> None:
        try:
            await self._wheel.reopen(folder, take_over=True)
        except SparkdrError as problem:
            self.cockpit.tell_problem(problem)

    @work
    async def heard(self, event: e.Event | e.UnknownEvent) -> None:
        """Somebody else may have taken the run over."""
        if isinstance(event, e.OperatorChanged) and not await self._wheel.check_hold():
            self.cockpit.tell(_("{operator} took over the run.").format(operator=event.operator), "warning")
            self.refresh_bindings()

    # -- the step under the cursor -------------------------------------------------------------------

    @work
    async def action_confirm(self) -> None:
        """Run the step that waits: after a key, a phrase or a checklist where it calls for one."""
        at = self._at()
        if at is None or not choices.may_confirm(at[1]):
            return
        run, step = at
        phrase = await self._agreed(run, step)
        if phrase is not None:
            self.submit(d.Confirm(step.outline.id, phrase))

    async def _agreed(self, run: RunState, step: StepState) -> str | None:
        """What was typed (empty where nothing had to be), None when the operator thought better of it."""
        draws = flows.about_step(run, step)
        if step.phrase is not None:
            return await self.app.push_screen_wait(TypedDialog(_("This destroys"), draws, step.phrase))
        if step.outline.action == "manual":
            done = await self.app.push_screen_wait(ChecklistDialog(step, self._ticker(step.outline.id)))
            return "" if done else None
        if choices.asks_a_key(step):
            danger = step.outline.danger is not Danger.SAFE
            yes = await self.app.push_screen_wait(ConfirmDialog(_("Run this step?"), draws, danger=danger))
            return "" if yes else None
        return ""

    def _ticker(self, step: str) -> Callable[[int, bool], None]:
        return lambda item, ticked: self.submit(d.Tick(step, item, ticked))

    @work
    async def action_skip(self) -> None:
        """Skip the step, with a reason."""
        await self._with_reason(_("Skip this step"), d.Skip, _("What needs it will be flagged."))

    @work
    async def action_mark(self) -> None:
        """Mark the step done, with a reason."""
        await self._with_reason(_("Mark this step done"), d.MarkDone, _("Say how it was done: nothing will be run."))

    async def _with_reason(self, heading: str, decision: type[d.Skip | d.MarkDone], text: str) -> None:
        at = self._at()
        if at is None:
            return
        run, step = at
        reason = await self.app.push_screen_wait(LineDialog(heading, flows.about_step(run, step, text)))
        if reason:
            self.submit(decision(step.outline.id, reason))

    @work
    async def action_retry(self) -> None:
        """Run the step again; where it uses a picked backup, ask for the backup first."""
        at = self._at()
        if at is None:
            return
        run, step = at
        for name in choices.picked_inputs(run, step):
            chosen = run.inputs.get(name)
            fact = chosen.backup if chosen else None
            set_id = fact.set if fact else flows.set_of(self.cockpit.situation, run, name)
            if set_id is None:
                continue
            dialog = BackupsDialog(set_id, self.list_backups, fact.path if fact else "", step.detail)
            path = await self.app.push_screen_wait(dialog)
            if path is None:
                return
            if fact is None or path != fact.path:
                self.submit(d.Choose(name, path))
        self.submit(d.Retry(step.outline.id))

    @work
    async def action_cancel(self) -> None:
        """End the step that runs, after a key."""
        await self._with_key(_("Cancel this step?"), d.Cancel, _("Everything it started on the node is ended."))

    @work
    async def action_undo(self) -> None:
        """Run the step's undo, after a key."""
        await self._with_key(_("Undo this step?"), d.Undo, _("Its undo runs on the node."))

    async def _with_key(self, heading: str, decision: type[d.Cancel | d.Undo], text: str) -> None:
        at = self._at()
        if at is None:
            return
        run, step = at
        if await self.app.push_screen_wait(ConfirmDialog(heading, flows.about_step(run, step, text))):
            self.submit(decision(step.outline.id))

    # -- the run -------------------------------------------------------------------------------------

    @work
    async def action_note(self) -> None:
        """Write something down."""
        at = self._at()
        if at is None:
            return
        run, step = at
        text = await self.app.push_screen_wait(LineDialog(_("Write a note"), flows.about_run(run), flows.needs_text))
        if text:
            self.submit(d.AddNote(text, step.outline.id))

    def action_pace(self) -> None:
        """Ask before every step, or only before dangerous ones."""
        run = self.situation.run if self.situation else None
        if run is not None:
            self.submit(d.SetPace("danger" if run.pace == "each" else "each"))

    @work
    async def action_incident(self) -> None:
        """Say when the incident really began."""
        run = self.situation.run if self.situation else None
        if run is None:
            return
        now = self.cockpit.situation.now
        draws = flows.about_run(run, _("When did the incident begin? The clocks of the RTOs start there."))
        text = await self.app.push_screen_wait(
            LineDialog(_("Start of the incident"), draws, lambda text: moments.refuses(text, now))
        )
        if text and (at := moments.moment(text, now)):
            self.submit(d.SetIncident(at))

    @work
    async def action_abort(self) -> None:
        """End the run where it stands, with a reason."""
        run = self.situation.run if self.situation else None
        if run is None:
            return
        draws = flows.about_run(run, _("The run ends where it stands; what runs is cancelled."))
        reason = await self.app.push_screen_wait(LineDialog(_("Abort the run"), draws, needs_words, danger=True))
        if reason:
            self.submit(d.Abort(reason))
