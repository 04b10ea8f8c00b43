"""A backup made and verified from the cockpit's screen of backup sets: the real engine, the lab's real servers."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from textual.pilot import Pilot

from screens.app import CockpitApp
from screens.backups.screen import BackupsScreen
from sparkdr_tui.plan.load import load
from sparkdr_tui.record.runs import runs
from sparkdr_tui.recover.engine import Engine
from sparkdr_tui.watch.lookout import Lookout
from tests.lab.world import World
from tests.screens.stage import shown, until
from tests.screens.test_backups_screen import opened


def test_a_backup_is_made_and_verified_from_the_screen_and_seen_there(lab: World, tmp_path: Path) -> None:
    plan = load(lab.plan)
    lookout = Lookout(plan)
    drive = Path(plan.nodes["macmini"].env["BACKUP_DIR"])
    there = set(drive.iterdir())

    async def screen_on_redis(pilot: Pilot[Any]) -> BackupsScreen:
        screen = await opened(pilot)
        screen.sets.move_to("redis", by_hand=True)
        return screen

    async def ended(pilot: Pilot[Any], count: int) -> None:
        await until(pilot, lambda: [run.outcome for run in runs(tmp_path)] == ["completed"] * count, 60)
        app = pilot.app
        assert isinstance(app, CockpitApp)
        await until(pilot, lambda: app.situation.run is not None and not app.situation.live)

    async def test() -> None:
        with Engine(plan, tmp_path, "jiyoung", lookout) as engine:
            async with CockpitApp(plan, tmp_path, lookout, engine).run_test(size=(120, 36)) as pilot:
                screen = await screen_on_redis(pilot)
                before = screen.known.newest
                await pilot.press("r")
                await until(pilot, shown(pilot, "Make a backup now?"))
                await pilot.press("y")
                await ended(pilot, 1)
                screen = await screen_on_redis(pilot)
                await until(pilot, lambda: screen.known.newest != before and not screen.stock.looking)
                made = screen.known.newest
                assert made is not None and made.made_by == "BAK-0001" and made.restored is None
                await pilot.press("v")
                await until(pilot, shown(pilot, "Verify this backup now?", made.name))
                await pilot.press("y")
                await ended(pilot, 2)
                screen = await screen_on_redis(pilot)
                await until(pilot, lambda: bool(screen.known.newest and screen.known.newest.restored))
                await until(pilot, shown(pilot, "within RPO", "BAK-0002"))

    lookout.start()
    try:
        asyncio.run(test())
    finally:
        lookout.stop()
        for each in set(drive.iterdir()) - there:
            each.unlink()
