"""What the backup sets and the readiness check look like: late, unverified, damaged, not seen; in both languages."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from screens.app import CockpitApp
from screens.readiness.screen import ReadinessScreen
from sparkdr_tui import language
from sparkdr_tui.errors import SparkdrError
from sparkdr_tui.plan.load import load
from sparkdr_tui.plan.model import Language
from sparkdr_tui.readiness.needed import courses
from sparkdr_tui.record import events as e
from tests.engine.plans import sample_plan_folder
from tests.screens.shelves import BAD, GOOD, Made, plan_of_sets
from tests.screens.stage import NOON, Hands, HereReach, Readings, Recorder, Story, cockpit, shown, swept, until
from tests.screens.test_backups_screen import SilentReach, opened
from tests.screens.test_readiness_screen import troubled

Compare = Callable[..., bool]
WIDE, NARROW = (120, 36), (80, 24)


def shelves(folder: Path, monkeypatch: pytest.MonkeyPatch, reach: Any) -> CockpitApp:
    """PostgreSQL as it should be, Redis late, the configuration never verified, a damaged copy of the assets."""
    plan = plan_of_sets(
        monkeypatch,
        folder,
        postgres=[Made(59 + 60 * hours, 12_400_000 - 90_000 * hours, GOOD if hours == 2 else "") for hours in range(9)],
        redis=[Made(60 * hours, 182_000, GOOD) for hours in (5, 6, 7)],
        config=[Made(60 * 24 * days + 64, 584_000) for days in range(3)],
        minio_assets=[Made(64, 9_000_000, BAD), Made(60 * 25, 9_000_000, GOOD)],
        minio_brand=[Made(64, 2_000_000, GOOD)],
        minio_workflows=[Made(64, 700_000)],
        git_log=[Made(64, 3_550, whole=False), Made(60 * 25, 3_490)],
    )
    hands, state = Hands(), folder / "state"
    return cockpit(state, Readings(swept(hands.at, plan=plan), reach), hands, Recorder(state, plan, hands), plan=plan)


async def on_postgres(pilot: Pilot[Any]) -> None:
    screen = await opened(pilot)
    screen.sets.move_to("postgres", by_hand=True)
    await pilot.pause()


async def on_the_worst(pilot: Pilot[Any]) -> None:
    screen = await opened(pilot)
    await pilot.press("g")
    await until(pilot, lambda: screen.sets.cursor == screen.sets.items[0])


@pytest.mark.parametrize(
    ("before", "size", "lang"),
    [(on_the_worst, WIDE, "en"), (on_postgres, NARROW, "ko")],
    ids=["worst-120x36-en", "set-80x24-ko"],
)
def test_backups(
    snap_compare: Compare,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    before: Callable[[Pilot[Any]], Any],
    size: tuple[int, int],
    lang: Language,
) -> None:
    language.use(lang)
    assert snap_compare(shelves(tmp_path, monkeypatch, HereReach()), terminal_size=size, run_before=before)


def test_backups_of_a_node_that_cannot_be_asked(
    snap_compare: Compare, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = shelves(tmp_path, monkeypatch, SilentReach())
    assert snap_compare(app, terminal_size=WIDE, run_before=on_postgres)


class KeylessReach:
    """What observers have: no way to a node."""

    async def shell(self, node: str) -> Any:
        raise SparkdrError(f"{node} is not reached: observers load no credentials.")


def test_backups_to_an_observer(snap_compare: Compare, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plan, hands, state = plan_of_sets(monkeypatch, tmp_path), Hands(NOON - timedelta(minutes=49)), tmp_path / "state"
    made = Story(state, plan, hands, "BAK-0030", runbook="backup-hourly", scenario=None, mode="routine")
    made.write(e.RunClosed(outcome="completed"), seconds=41).hands.move(minutes=5)
    failed = Story(state, plan, hands, "BAK-0031", runbook="redis-verify", scenario=None, mode="routine")
    failed.write(e.RunClosed(outcome="aborted"), seconds=12)
    hands.at = NOON
    app = cockpit(state, Readings(swept(hands.at, plan=plan), KeylessReach()), hands, None, plan=plan)
    assert snap_compare(app, terminal_size=WIDE, run_before=on_redis)


async def on_redis(pilot: Pilot[Any]) -> None:
    screen = await opened(pilot)
    screen.sets.move_to("redis", by_hand=True)
    await until(pilot, shown(pilot, "BAK-0030", "BAK-0031"))


@pytest.mark.parametrize(("size", "lang"), [(WIDE, "en"), (NARROW, "ko")])
def test_readiness(snap_compare: Compare, tmp_path: Path, size: tuple[int, int], lang: Language) -> None:
    language.use(lang)
    folder = sample_plan_folder(tmp_path / "plan")
    (folder / "known_hosts").write_text("")
    plan = load(folder)
    hands = Hands()
    app = cockpit(tmp_path / "state", Readings(swept(hands.at, plan=plan)), hands, None, plan=plan)
    seen = replace(troubled(plan), at=hands.at)
    app.inspection.seen, app.inspection.runs, app.inspection.began = seen, courses(plan), hands.at
    app.inspection.whole = app.inspection.credentials = True

    async def checked(pilot: Pilot[Any]) -> None:
        await until(pilot, lambda: bool(pilot.app.screen.is_mounted))
        await pilot.press("K")
        await until(pilot, lambda: isinstance(pilot.app.screen, ReadinessScreen))
        await until(pilot, shown(pilot, "Desktop"))

    assert snap_compare(app, terminal_size=size, run_before=checked)
