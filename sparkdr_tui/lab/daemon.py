"""The supervisor's process: `python -I -m sparkdr_tui.lab.daemon FOLDER READY [LIFELINE]` (file descriptors).

Says one JSON line on READY when the lab is ready or cannot be; ends when told so, or when LIFELINE closes.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import json
import logging
import os
import signal
import sys
from pathlib import Path
from typing import Any

from sparkdr_tui.errors import SparkdrError
from sparkdr_tui.lab.control import Control
from sparkdr_tui.lab.layout import Layout, card, read_inner, write_inner, write_private
from sparkdr_tui.lab.supervisor import Supervisor
from sparkdr_tui.lab.switch import Taken
from sparkdr_tui.lab.verbs import LabVerbs, NodeVerbs

log = logging.getLogger(__name__)

_LOOK = 2.0
"""Seconds between two looks whether the folder is still there."""


async def run(folder: Path, ready: int, lifeline: int | None) -> int:
    """Make the lab, keep it until it shall end, end it."""
    inventory = read_inner(Layout(folder))
    if inventory is None:
        raise SparkdrError(f"{folder} holds no lab.")
    ending = asyncio.Event()
    loop = asyncio.get_running_loop()
    for sign in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        loop.add_signal_handler(sign, ending.set)
    if lifeline is not None:
        loop.add_reader(lifeline, _cut, loop, lifeline, ending)
    supervisor = Supervisor(inventory)
    write_inner(supervisor.inventory)
    supervisor.spawn.watch()
    lab_verbs, node_verbs = LabVerbs(supervisor, ending), NodeVerbs(supervisor)
    control = Control(
        inventory.token,
        {name: node.token for name, node in inventory.nodes.items()},
        lab_verbs.table(),
        node_verbs.table(),
    )
    waiting = asyncio.create_task(ending.wait())
    guard(supervisor.layout, ending)
    try:
        beginning = asyncio.create_task(begin(supervisor, control))
        await asyncio.wait({beginning, waiting}, return_when="FIRST_COMPLETED")
        if not beginning.done():
            beginning.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await beginning
            say(ready, {"ok": False, "error": "The lab was ended before it was ready."})
            return 1
        beginning.result()
        say(ready, {"ok": True})
        await waiting
        return 0
    except (SparkdrError, OSError) as error:
        log.exception("the lab could not be started")
        message, hint = (error.message, error.hint) if isinstance(error, SparkdrError) else (str(error), "")
        say(ready, {"ok": False, "error": message, "hint": hint, "taken": isinstance(error, Taken)})
        return 1
    finally:
        supervisor.layout.card.unlink(missing_ok=True)
        await supervisor.close()
        control.close()
        log.info("ended")


def guard(layout: Layout, ending: asyncio.Event) -> None:
    """A lab whose folder was removed has nothing left to run on."""
    if layout.inner.exists():
        asyncio.get_running_loop().call_later(_LOOK, guard, layout, ending)
    else:
        log.error("the folder is gone")
        ending.set()


async def begin(supervisor: Supervisor, control: Control) -> None:
    """Everything until the lab is ready."""
    supervisor.switch.claim()
    await control.start(supervisor.inventory.door)
    await supervisor.make()
    await supervisor.open()
    await supervisor.fill()
    write_private(supervisor.layout.card, json.dumps(card(supervisor.inventory), indent=2) + "\n")
    log.info("ready")


def _cut(loop: asyncio.AbstractEventLoop, lifeline: int, ending: asyncio.Event) -> None:
    loop.remove_reader(lifeline)
    ending.set()


def say(ready: int, message: dict[str, Any]) -> None:
    """Tell whoever started this, who may be gone."""
    with contextlib.suppress(OSError), os.fdopen(ready, "w") as line:
        line.write(json.dumps(message) + "\n")


def main(arguments: list[str]) -> int:
    """The process's whole life."""
    folder, ready = Path(arguments[0]), int(arguments[1])
    lifeline = int(arguments[2]) if len(arguments) > 2 else None
    for descriptor in (ready, lifeline):
        if descriptor is not None:
            os.set_inheritable(descriptor, False)
    os.umask(0o077)
    gc.set_threshold(50_000, 20, 20)  # what is made while a lab starts stays
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    logging.getLogger("asyncssh").setLevel(logging.WARNING)
    return asyncio.run(run(folder, ready, lifeline))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
