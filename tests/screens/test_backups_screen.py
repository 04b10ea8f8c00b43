"""The backup sets on the screen: every key, real files listed by a real shell; observers can start nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from screens.backups.operator import OperatorBackupsScreen
from screens.backups.screen import BackupsScreen
from screens.backups.stock import shelved
from sparkdr_tui.backups.catalog import Catalog
from sparkdr_tui.backups.looking import SetLook
from sparkdr_tui.errors import SparkdrError
from sparkdr_tui.record import decisions as d
from sparkdr_tui.record.lock import OperatorLock
from tests.screens.shelves import GOOD, Made, many, plan_of_sets
from tests.screens.stage import (
    Hands,
    HereReach,
    Readings,
    Recorder,
    Story,
    cockpit,
    pane_text,
    screen_text,
    shown,
    swept,
    take_up,
    until,
)


class SilentReach:
    """No node can be asked."""

    async def shell(self, node: str) -> Any:
        raise SparkdrError(f"{node} did not answer within 10 s.", "Look at its power.")


def page(pilot: Pilot[Any]) -> BackupsScreen:
    return next(screen for screen in pilot.app.screen_stack if isinstance(screen, BackupsScreen))


async def opened(pilot: Pilot[Any]) -> BackupsScreen:
    await until(pilot, lambda: bool(pilot.app.screen.is_mounted))
    await pilot.press("b")
    await until(pilot, lambda: isinstance(pilot.app.screen, BackupsScreen))
    found = page(pilot)
    await until(pilot, lambda: found.stock.looked_at is not None and not found.stock.looking)
    return found


def run(app: Any, test: Callable[[Pilot[Any]], Any], size: tuple[int, int] = (120, 36)) -> None:
    async def driven() -> None:
        async with app.run_test(size=size, notifications=True) as pilot:
            await test(pilot)

    asyncio.run(driven())


def test_an_operator_makes_and_verifies_backups_after_being_told_what_will_happen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    two = [Made(20, verified=GOOD), Made(80)]
    plan = plan_of_sets(monkeypatch, tmp_path, postgres=two, redis=[Made(30)])
    hands, state = Hands(), tmp_path / "state"
    helm = Recorder(state, plan, hands)
    app = cockpit(state, Readings(swept(hands.at, plan=plan), HereReach()), hands, helm, plan=plan)

    async def test(pilot: Pilot[Any]) -> None:
        screen = await opened(pilot)
        assert isinstance(screen, OperatorBackupsScreen) and "within RPO" in pane_text(screen.sets)
        screen.sets.move_to("postgres", by_hand=True)
        await pilot.press("r")
        await until(pilot, shown(pilot, "Make a backup now?", "backup-postgres", "the plan expects about"))
        await pilot.press("escape")
        await pilot.press("enter")
        assert screen.focused is screen.shelf and "200  public.users" in pane_text(screen.about)
        await pilot.press("j", "v")
        await until(pilot, shown(pilot, "Verify this backup now?", "postgres_20261123_014400.sql.gz", "into scratch"))
        assert helm.requests == []
        await pilot.press("y")
        await until(pilot, lambda: bool(helm.requests) and not isinstance(pilot.app.screen, BackupsScreen))
        inputs = {"PG_BACKUP": "postgres_20261123_014400.sql.gz"}
        assert helm.requests == [d.RunRequest("postgresql-verify", "routine", "danger", inputs=inputs)]
        await until(pilot, shown(pilot, "INC-0042", "Check the backup before anything"))
        await opened(pilot)
        await pilot.press("r")
        await until(pilot, shown(pilot, "still under way"))

    run(app, test)
    assert len(helm.requests) == 1


def test_no_backup_is_made_into_a_recovery_or_beside_somebody_elses_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = plan_of_sets(monkeypatch, tmp_path, postgres=[Made(20)])
    hands, state = Hands(), tmp_path / "state"
    helm = Recorder(state, plan, hands)
    app = cockpit(state, Readings(swept(hands.at, plan=plan), HereReach()), hands, helm, plan=plan)

    async def test(pilot: Pilot[Any]) -> None:
        lock = OperatorLock.acquire(state, "minsu")
        await opened(pilot)
        await pilot.press("v")
        await until(pilot, shown(pilot, "minsu"))
        lock.release()
        Story(state, plan, hands).leave()
        await pilot.press("r")
        await until(pilot, shown(pilot, "INC-0042", "unfinished."))

    run(app, test)
    assert helm.requests == []


def test_no_backup_is_made_while_this_cockpit_recovers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plan = plan_of_sets(monkeypatch, tmp_path, postgres=[Made(20)])
    hands, state = Hands(), tmp_path / "state"
    Story(state, plan, hands)
    helm = Recorder(state, plan, hands)
    app = cockpit(state, Readings(swept(hands.at, plan=plan), HereReach()), hands, helm, plan=plan)

    async def test(pilot: Pilot[Any]) -> None:
        await take_up(pilot)
        await opened(pilot)
        await pilot.press("r")
        await until(pilot, shown(pilot, "damage.", "Finish"))

    run(app, test)
    assert helm.requests == []


def test_an_observer_has_no_key_that_makes_or_verifies_a_backup(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = plan_of_sets(monkeypatch, tmp_path, postgres=[Made(20)])
    hands = Hands()
    app = cockpit(tmp_path / "state", Readings(swept(hands.at, plan=plan), HereReach()), hands, None, plan=plan)

    async def test(pilot: Pilot[Any]) -> None:
        screen = await opened(pilot)
        assert not isinstance(screen, OperatorBackupsScreen)
        actions = {each.binding.action for each in screen.active_bindings.values()}
        assert not {"run_backup", "verify_backup"} & actions
        before = screen_text(pilot)
        await pilot.press("r", "v", "enter", "r", "v", "escape")
        assert "now?" not in screen_text(pilot) and "now?" not in before

    run(app, test)
    assert not (tmp_path / "state").exists()


def test_in_a_narrow_terminal_the_backups_take_the_place_of_the_sets_and_escape_goes_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = plan_of_sets(monkeypatch, tmp_path, postgres=[Made(20)])
    hands, state = Hands(), tmp_path / "state"
    reach = Readings(swept(hands.at, plan=plan), HereReach())
    app = cockpit(state, reach, hands, Recorder(state, plan, hands), plan=plan)

    async def test(pilot: Pilot[Any]) -> None:
        screen = await opened(pilot)
        screen.sets.move_to("postgres", by_hand=True)
        await pilot.press("enter")
        await until(pilot, shown(pilot, "postgres_20261123_024400.sql.gz", "1 in all"))
        assert "Backup sets" not in screen_text(pilot)
        await pilot.press("escape")
        await until(pilot, shown(pilot, "Backup sets"))
        reach.reach = SilentReach()
        await pilot.press("R")
        await until(pilot, shown(pilot, "✖ not seen: Mac mini", "not seen now", "macmini did not answer"))
        assert "20m / 1h" in pane_text(screen.sets)
        await pilot.press("escape")
        await until(pilot, lambda: not isinstance(pilot.app.screen, BackupsScreen))

    run(app, test, (80, 24))


def test_of_ten_thousand_backups_only_those_are_drawn_that_are_seen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = plan_of_sets(monkeypatch, tmp_path)
    hands = Hands()
    app = cockpit(tmp_path / "state", Readings(swept(hands.at, plan=plan), HereReach()), hands, None, plan=plan)
    backups = many(10_000)
    shelf = shelved(plan, SetLook("postgres", Catalog(backups)), tmp_path, hands.at)

    async def test(pilot: Pilot[Any]) -> None:
        screen = await opened(pilot)
        screen.sets.move_to("postgres", by_hand=True)
        screen.stock.learn("postgres", shelf=shelf)
        await until(pilot, shown(pilot, "10,000 in all"))
        drawn: list[str] = []
        draw = screen.shelf.row
        monkeypatch.setattr(screen.shelf, "row", lambda s, item, w: drawn.append(item) or draw(s, item, w))  # type: ignore[func-returns-value]
        await pilot.press("enter", "G")
        await until(pilot, shown(pilot, backups[-1].name))
        assert screen.shelf.cursor == backups[-1].path
        await pilot.press("k", "pageup", "g")
        await pilot.click(screen.shelf, offset=(4, 3))
        assert screen.shelf.cursor == backups[3].path
        await pilot.press("g", "pagedown")
        await until(pilot, shown(pilot, backups[screen.shelf.size.height - 1].name))
        assert len(set(drawn)) < 6 * screen.shelf.size.height

    run(app, test)
