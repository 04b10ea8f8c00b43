"""The operator's cockpit: the same, with hands. Every key ends in a decision handed to the helm, or in nothing."""

from __future__ import annotations

from collections.abc import Callable

from textual import on, work

from screens import choices, flows, moments
from screens.dialogs.backups import BackupsDialog
from screens.dialogs.checklist import ChecklistDialog
from screens.dialogs.confirm import ConfirmDialog
from screens.dialogs.line import LineDialog, needs_words
from screens.dialogs.typed import TypedDialog
from screens.keys import bound
from screens.leaving import LeavingScreen
from screens.widgets.lines import PickPane
from sparkdr_tui.language import later
from sparkdr_tui.plan.runbook import Danger
from sparkdr_tui.record import decisions as d
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


class OperatorScreen(LeavingScreen):
    """Only this screen binds keys that decide; observers get `CockpitScreen`, which has none of them."""

    # Keys that mean one thing here and another there stand side by side: a class' keys replace those of its bases.
    BINDINGS = bound(
        "run.start",
        "step.confirm",
        "run.mark",
        "step.details",
        "step.skip",
        "step.retry",
        "step.cancel",
        "step.mark",
        "step.undo",
        "run.backup",
        "run.note",
        "run.pace",
        "run.incident",
        "run.abort",
    )

    # -- what is offered -----------------------------------------------------------------------------

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """A key is offered when its decision would be taken."""
        if action in _ON_STEP:
            step = self.recovery.steps.step
            unseen = self.focused is self.scenarios or self.has_class("-whole-log")
            away = action == "confirm" and unseen
            return self.driving and not away and step is not None and _ON_STEP[action](step)
        if action in _ON_RUN:
            return self.driving
        if action == "choose_backup":
            run = self.situation.run if self.situation else None
            return self.driving and run is not None and bool(choices.may_choose(run))
        return super().check_action(action, parameters)

    @on(PickPane.Picked)
    async def _picked(self, event: PickPane.Picked) -> None:
        if event.pane is not self.topology:
            await self.run_action("start_run" if event.pane is self.scenarios else "confirm")

    def _at(self) -> tuple[RunState, StepState] | None:
        run = self.situation.run if self.situation else None
        step = self.recovery.steps.step
        return (run, step) if run is not None and step is not None else None

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
            return await self.app.push_screen_wait(TypedDialog(later("This destroys"), draws, step.phrase))
        if step.outline.action == "manual":
            done = await self.app.push_screen_wait(ChecklistDialog(step, self._ticker(step.outline.id)))
            return "" if done else None
        if choices.asks_a_key(step):
            danger = step.outline.danger is not Danger.SAFE
            yes = await self.app.push_screen_wait(ConfirmDialog(later("Run this step?"), draws, danger=danger))
            return "" if yes else None
        return ""

    def _ticker(self, step: str) -> Callable[[int, bool], None]:
        return lambda item, ticked: self.submit(d.Tick(step, item, ticked))

    @work
    async def action_skip(self) -> None:
        """Skip the step, with a reason."""
        await self._with_reason(later("Skip this step"), d.Skip, later("What needs it will be flagged."))

    @work
    async def action_mark(self) -> None:
        """Mark the step done, with a reason."""
        await self._with_reason(
            later("Mark this step done"), d.MarkDone, later("Say how it was done: nothing will be run.")
        )

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
            if not await self._choose(run, name, step.detail):
                return
        self.submit(d.Retry(step.outline.id))

    @work
    async def action_choose_backup(self) -> None:
        """Choose another backup; the steps that used the first one run again."""
        run = self.situation.run if self.situation else None
        for name in choices.may_choose(run) if run else ():
            if run is None or not await self._choose(run, name, run.missing.get(name, "")):
                return

    async def _choose(self, run: RunState, name: str, why: str) -> bool:
        """Ask which backup an input should have; whether the operator answered."""
        chosen = run.inputs.get(name)
        fact = chosen.backup if chosen else None
        set_id = fact.set if fact else flows.set_of(self.cockpit.situation, run, name)
        if set_id is None:
            return True
        dialog = BackupsDialog(set_id, self.list_backups, fact.path if fact else "", why, run.incident_at)
        path = await self.app.push_screen_wait(dialog)
        if path is not None and (fact is None or path != fact.path):
            self.submit(d.Choose(name, path))
        return path is not None

    @work
    async def action_cancel(self) -> None:
        """End the step that runs, after a key."""
        await self._with_key(later("Cancel this step?"), d.Cancel, later("Everything it started on the node is ended."))

    @work
    async def action_undo(self) -> None:
        """Run the step's undo, after a key."""
        await self._with_key(later("Undo this step?"), d.Undo, later("Its undo runs on the node."))

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
        text = await self.app.push_screen_wait(
            LineDialog(later("Write a note"), flows.about_run(run), flows.needs_text)
        )
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
        draws = flows.about_run(run, later("When did the incident begin? The clocks of the RTOs start there."))
        text = await self.app.push_screen_wait(
            LineDialog(later("Start of the incident"), draws, lambda text: moments.refuses(text, now))
        )
        if text and (at := moments.moment(text, now)):
            self.submit(d.SetIncident(at))

    @work
    async def action_abort(self) -> None:
        """End the run where it stands, with a reason."""
        run = self.situation.run if self.situation else None
        if run is None:
            return
        draws = flows.about_run(run, later("The run ends where it stands; what runs is cancelled."))
        reason = await self.app.push_screen_wait(LineDialog(later("Abort the run"), draws, needs_words, danger=True))
        if reason:
            self.submit(d.Abort(reason))
