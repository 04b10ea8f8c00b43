"""Presses every key on every screen that an observer can reach, and says what the process did to the world meanwhile.

`python -m tests.screens.every_key STATE_FOLDER PLAN_FOLDER`, in a process of its own: an ear stays where it is.
"""

from __future__ import annotations

import asyncio
import json
import string
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from textual import events
from textual.app import App
from textual.keys import Keys, _character_to_key
from textual.pilot import Pilot
from textual.screen import Screen
from textual.widgets import Input

from screens.keys import KEYS
from sparkdr_tui.plan.load import load
from sparkdr_tui.reach.pool import Reach
from tests.ear import Ear
from tests.screens.stage import DAMAGED, Hands, Readings, cockpit, shown, swept, until


def every_key() -> list[str]:
    """The keys of the registry, everything that prints, and what else a keyboard has, with ctrl and without."""
    named = [key for each in KEYS.values() for key in each.key.split(",")]
    printing = [_character_to_key(each) for each in f"{string.digits}{string.ascii_letters}{string.punctuation} 가é"]
    special = [str(each.value) for each in Keys if not each.value.startswith(("<", "ctrl+f", "ctrl+shift", "shift+"))]
    return list(dict.fromkeys([*named, *printing, *special]))


def rare_keys() -> list[str]:
    """What else a terminal can send; nobody binds one of these by accident on one screen alone."""
    special = [str(each.value) for each in Keys if each.value.startswith(("ctrl+f", "ctrl+shift", "shift+"))]
    return [*special, *(f"alt+{each}" for each in f"{string.ascii_lowercase}{string.digits}")]


@dataclass
class Walk:
    """A way through everything that can be reached by keys: in each state every key is pressed."""

    pilot: Pilot[Any]
    seen: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Each state, and the keys that lead there."""
    pressed: int = 0
    offered: set[str] = field(default_factory=set)
    """The ids of all keys that were offered anywhere."""
    screens: set[str] = field(default_factory=set)
    """Where what does not depend on the pane was pressed."""

    @property
    def typing(self) -> bool:
        """Whether keys are letters of a line."""
        return isinstance(self.pilot.app.screen.focused, Input)

    def state(self) -> str:
        """Where we are: the screen, and what has the focus; a log that fills it is alone there."""
        screen = self.pilot.app.screen
        focused = screen.focused
        at = (focused.id or type(focused).__name__) if focused is not None else "nothing"
        return f"{type(screen).__name__} {'whole log' if screen.has_class('-whole-log') else at}"

    async def press(self, *keys: str) -> None:
        """All of them, one right after the other."""
        for key in keys:
            self.pressed += 1
            character = key if len(key) == 1 else {"space": " ", "tab": "\t", "enter": "\r"}.get(key)
            self.pilot.app.post_message(events.Key(key, character))
        for _hop in ("to what has the focus", "up from there"):
            await self.pilot._wait_for_screen()  # what `pause` does, without drawing
        assert not self.pilot.app._exit, f"one of {keys} ended the program in {self.state()}"

    async def go(self, way: tuple[str, ...]) -> None:
        """Back to where everybody begins, and from there along the way."""
        for _each in range(8):
            if self.state().startswith("CockpitScreen") and not isinstance(self.pilot.app.screen.focused, Input):
                break
            await self.press("escape")
            await self.pilot.pause()
        if "whole log" in self.state():
            await self.press("escape")
        await self.press("2")
        for key in way:
            await self.press(key)
            await self.pilot.pause()

    async def walk(self) -> None:
        """Breadth first."""
        await self.go(())
        self.seen[self.state()] = ()
        todo = [self.state()]
        while todo:
            state = todo.pop(0)
            todo += await self.press_everything(state, self.seen[state])

    async def press_everything(self, state: str, way: tuple[str, ...]) -> list[str]:
        """Every key; the states that were not known yet."""
        await self.go(way)
        assert self.state() == state, f"{way} leads to {self.state()}, not to {state}"
        known = state.split()[0] in self.screens
        self.screens.add(state.split()[0])
        bound, leave = self._bound(panes_only=known)
        if not known or self.typing:
            keys = every_key() if way else [*every_key(), *rare_keys()]
            if self.typing:  # letters are all alike in a line
                keys = [key for key in keys if len(key) > 1 or key in "aZ0가"]
            await self.press(*(key for key in keys if key not in bound and key not in leave))
        assert self.state() == state, f"a key that is bound to nothing leads from {state} to {self.state()}"
        found = []
        # What was typed is no command's name: entered now, it means nothing; later it might be that of leaving.
        for key in sorted(bound, key=lambda key: key != "enter"):
            await self.press(key)
            if self.state() == state:
                continue
            await self.pilot.pause()
            if (now := self.state()) not in self.seen:
                self.seen[now] = (*way, key)
                found.append(now)
            await self.go(way)
        return found

    def _bound(self, *, panes_only: bool) -> tuple[list[str], set[str]]:
        """The keys that mean something here (or in this pane alone), and those to leave: they end the program."""
        screen = self.pilot.app.screen
        bound, leave = [], {"ctrl+q"}  # heard over everything
        for key, active in screen.active_bindings.items():
            edits = self.typing and active.node is screen.focused and active.binding.id is None
            letter = self.typing and (len(key) == 1 or key in ("space", "question_mark", "slash"))
            if edits or (letter and not active.binding.priority):
                continue
            self.offered.add(active.binding.id or active.binding.action)
            if active.binding.action.endswith("quit") or (panes_only and isinstance(active.node, Screen | App)):
                leave.add(key)
            else:
                bound.append(key)
        return bound, leave


async def main(state_folder: Path, plan_folder: Path) -> None:
    hands, plan = Hands(), load(plan_folder)
    readings = Readings(swept(hands.at, DAMAGED, plan), Reach(plan, credentials=False))
    app = cockpit(state_folder, readings, hands, None, plan=plan)
    async with app.run_test(size=(120, 36), notifications=True) as pilot:
        await until(pilot, shown(pilot, "◉ observer", "INC-0042"))
        ear = Ear()
        walk = Walk(pilot)
        await walk.walk()
        await walk.go(())
        app.post_message(events.Key("q", "q"))
        await until(pilot, lambda: app._exit)
        heard = ear.close()
    said = {"states": walk.seen, "pressed": walk.pressed, "offered": sorted(walk.offered), **heard}
    sys.stdout.write(json.dumps(said))


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), Path(sys.argv[2])))
