"""An operator who thinks better of it: each step that can be undone is undone, and done again, and all is well."""

from __future__ import annotations

from tests.lab.everything import difference, everything
from tests.lab.recovering import Recovery, recovering
from tests.lab.world import World

UNDOES = {
    "database.restore.clients.stop",
    "database.restore.copy.load",
    "database.restore.swap",
    "database.backend.start",
    "redis.replace",
}


def test_every_step_that_can_be_undone_is_undone_and_done_again(lab: World) -> None:
    before = everything(lab)
    lab.break_("postgres-corrupt")
    lab.break_("redis-lost")
    with recovering(lab, "database+redis", pace="each") as run:
        undone = press_through(run)
        run.completes()
    assert undone >= UNDOES
    assert not difference(before, everything(lab))


def press_through(run: Recovery) -> set[str]:
    """Confirm every step that is asked; once it is done, undo it where that can be, and do it again."""
    undone: set[str] = set()
    while step := run.waits():
        run.confirm(step)
        name = step.outline.id
        run.waits()
        if step.outline.can_undo and run.state.live:
            run.undo(run.state.steps[name])
            undone.add(name)
            run.retry()
    return undone
