"""What an operator leaves the program for: a shell on a node, the log in a pager. Observers get neither."""

from __future__ import annotations

import asyncio
import os
import shlex
import shutil
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from textual import work

from screens.keys import bound
from screens.outside import run_outside
from screens.roles import RolesScreen
from screens.words import clock
from sparkdr_tui.errors import SparkdrError
from sparkdr_tui.language import _
from sparkdr_tui.plan.runbook import Plan
from sparkdr_tui.record import decisions as d
from sparkdr_tui.text import Sanitizer

if TYPE_CHECKING:
    from sparkdr_tui.reach.interactive import Login

_CHUNK = 1 << 16


class LeavingScreen(RolesScreen):
    """A cockpit that can be left for another program, and is as it was when that has ended."""

    BINDINGS = bound("log.pager", "node.shell")

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """A pager needs a log."""
        if action == "page_log":
            has_run = self.situation is not None and self.situation.run is not None
            return has_run and self.recovery.log_pane.path is not None
        return super().check_action(action, parameters)

    # -- a shell -------------------------------------------------------------------------------------

    @work(exclusive=True, group="leaving-the-screen")
    async def action_open_shell(self) -> None:
        """A shell on the node of the step, or on the one picked in the topology; `exit` comes back."""
        node = self._node_meant()
        if node is None:
            self.action_pane("topology")
            self.cockpit.tell(_("Choose a node here, then press o for a shell on it."))
            return
        try:
            way = await asyncio.wrap_future(self.lookout.run(partial(_way, self.cockpit.plan, node)))
            self._in_shell(way)
        except SparkdrError as problem:
            self.cockpit.tell_problem(problem)

    def _node_meant(self) -> str | None:
        """The node that is picked in the topology; elsewhere that of the step, or of the service that it waits for."""
        plan, step = self.cockpit.plan, self.recovery.steps.step
        if self.focused is self.topology:
            node: str | None = self.topology.cursor
        elif step is None:
            node = None
        else:
            services = [plan.services[name].on for name in step.outline.proves if name in plan.services]
            node = step.outline.on or next(iter(services), None)
        return node if node in plan.nodes else None

    def _in_shell(self, way: Login) -> None:
        from sparkdr_tui.reach.interactive import FAILED

        place = f"{way.node} ({way.where})" if way.where else way.node
        step = self.recovery.steps.step
        about = step.outline.id if step else None
        self._note(_("Opened a shell on {place}.").format(place=place), about)
        says = _("A shell on {place}. What runs goes on meanwhile; exit comes back to the cockpit.").format(place=place)
        began = time.monotonic()
        try:
            run_outside(self.cockpit, way.argv, says=says, env=way.env, failed=FAILED if way.where else None)
        finally:
            self.cockpit.say_title_again()
            took = clock(time.monotonic() - began)
            self._note(_("Left the shell on {place} after {time}.").format(place=place, time=took), about)

    def _note(self, text: str, step: str | None) -> None:
        """What somebody did by hand belongs into the journal of the run that lives."""
        if self.driving:
            self.submit(d.AddNote(text, step))

    # -- a pager -------------------------------------------------------------------------------------

    def action_page_log(self) -> None:
        """The log in $PAGER, else in less: as text that no terminal takes for a command."""
        path = self.recovery.log_pane.path
        if path is None:
            return
        try:
            run_outside(self.cockpit, pager(), env={**os.environ, "LESSSECURE": "1"}, feed=partial(_pour, path))
        except SparkdrError as problem:
            self.cockpit.tell_problem(problem)
        self.cockpit.say_title_again()


def pager() -> list[str]:
    """The pager's command line; raises `SparkdrError` where there is none."""
    try:
        wanted = shlex.split(os.environ.get("PAGER", ""))
    except ValueError:
        wanted = []
    for argv in (wanted, ["less"], ["more"]):
        if argv and shutil.which(argv[0]):
            return argv
    raise SparkdrError(_("There is no pager on this machine."), _("Install less, or set PAGER."))


async def _way(plan: Plan, node: str, _reach: Any) -> Login:
    from sparkdr_tui.reach.interactive import login  # brings asyncssh, which the first frame does not wait for

    return await login(plan, node)


def _pour(path: Path, into: BinaryIO) -> None:
    """A log is sanitised when it is written; a file that somebody put in its place is not."""
    sanitizer = Sanitizer()
    try:
        with path.open("rb") as file:
            while chunk := file.read(_CHUNK):
                into.write(sanitizer.feed(chunk))
        into.write(sanitizer.close())
    except FileNotFoundError:
        return
