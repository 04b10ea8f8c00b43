"""The readiness check on the screen: grouped, the worst first, what to do; observers get what needs no key."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from screens.painting import Line
from screens.readiness.findings import about, finding_lines, groups
from screens.readiness.screen import ReadinessScreen
from sparkdr_tui import language
from sparkdr_tui.plan.load import load
from sparkdr_tui.plan.model import Language
from sparkdr_tui.plan.runbook import Plan
from sparkdr_tui.readiness.checking import judge
from sparkdr_tui.readiness.doors import Door
from sparkdr_tui.readiness.findings import Finding
from sparkdr_tui.readiness.needed import courses
from sparkdr_tui.readiness.seen import Seen
from sparkdr_tui.watch.topology import Topology
from tests.engine.plans import sample_plan_folder
from tests.engine.test_readiness_judging import in_order
from tests.screens.stage import Hands, Readings, Recorder, cockpit, pane_text, sample_plan, screen_text, shown, until


@pytest.fixture
def plan(tmp_path: Path) -> Plan:
    folder = sample_plan_folder(tmp_path / "plan")
    (folder / "known_hosts").write_text("")
    return load(folder)


def troubled(plan: Plan) -> Seen:
    """Everything as it should be, but for a node that nobody gets into."""
    seen = in_order(plan)
    assert seen.there is not None
    shut = (Door("127.0.0.3", None, "Desktop did not answer within 10 s.", "Look at its power.", "timeout"),)
    nodes = {**seen.there.nodes, "desktop": replace(seen.there.nodes["desktop"], problem="Desktop did not answer.")}
    return replace(seen, there=replace(seen.there, doors={**seen.there.doors, "desktop": shut}, nodes=nodes))


def text(lines: list[Line]) -> str:
    return "\n".join(line.text for line in lines)


def test_groups_with_worse_findings_come_first_and_what_is_in_order_is_folded(plan: Plan) -> None:
    found = groups(plan, judge(plan, troubled(plan), courses(plan)))
    assert found[0].id == "node:desktop"
    lines = finding_lines(found, (), 100)
    desktop = lines[1].text
    assert desktop.startswith("  ✖  failed") and "desktop" in desktop
    assert any("▸" in line.text and "in order" in line.text for line in lines)
    opened = finding_lines(found, {"backups"}, 100)
    assert len(opened) > len(lines) and any("✔  ok" in line.text and "postgres" in line.text for line in opened)


def test_what_is_under_the_cursor_says_what_to_do(plan: Plan) -> None:
    found = groups(plan, judge(plan, troubled(plan), courses(plan)))
    lines = finding_lines(found, (), 100)
    told = text(about(plan, found, lines[1].item, 60))
    assert "→ Is it switched on" in told and "Would stop a recovery" in told
    fold = next(line.item for line in lines if line.item.startswith("ok:"))
    assert text(about(plan, found, fold, 60)).count("✔") > 1


@pytest.mark.parametrize("lang", ["en", "ko"])
@pytest.mark.parametrize("width", [54, 76, 116])
def test_no_line_is_wider_than_its_pane(plan: Plan, lang: Language, width: int) -> None:
    language.use(lang)
    found = groups(plan, judge(plan, troubled(plan), courses(plan)))
    drawn = finding_lines(found, {each.id for each in found}, width)
    drawn += [line for each in drawn if each.item for line in about(plan, found, each.item, width)]
    assert [line.text for line in drawn if line.cells > width] == []


def test_findings_of_several_things_are_told_once(plan: Plan) -> None:
    alike = [Finding("warn", "verified", name, "no backup of it was ever verified", "Do.") for name in ("a", "b")]
    lines = finding_lines(groups(plan, alike), (), 100)
    assert text(lines).count("no backup of it") == 1 and "a, b" in text(lines)


# -- on the screen -----------------------------------------------------------------------------------


def run(app: Any, test: Callable[[Pilot[Any]], Any], size: tuple[int, int] = (120, 36)) -> None:
    async def driven() -> None:
        async with app.run_test(size=size) as pilot:
            await test(pilot)

    asyncio.run(driven())


def here_alone() -> Plan:
    """A plan of one node, which is this machine, and of nothing on it."""
    plan = sample_plan()
    node = plan.nodes["macmini"].model_copy(update={"ssh": None, "os": "linux"})
    return replace(plan, nodes={"macmini": node}, services={}, backup_sets={}, scenarios={}, critical_path=())


def test_a_check_starts_when_the_screen_opens_and_again_with_its_key(tmp_path: Path) -> None:
    plan, hands, state = here_alone(), Hands(), tmp_path / "state"
    app = cockpit(state, Readings(Topology()), hands, Recorder(state, plan, hands), plan=plan)

    async def test(pilot: Pilot[Any]) -> None:
        await pilot.press("K")
        await until(pilot, shown(pilot, "Readiness", "checked at 03:04", "Mac mini"))
        screen = pilot.app.screen
        assert isinstance(screen, ReadinessScreen) and screen.inspection.whole
        first, fold = screen.inspection.seen, next(each for each in screen.findings.items if each.startswith("ok:"))
        screen.findings.move_to(fold, by_hand=True)
        closed = len(screen.findings.lines)
        await pilot.press("enter")
        assert len(screen.findings.lines) > closed
        await pilot.press("space", "R")
        await until(pilot, lambda: screen.inspection.seen is not first and screen.inspection.progress is None)
        assert screen.findings.cursor == fold
        await pilot.press("escape")
        assert not isinstance(pilot.app.screen, ReadinessScreen)

    run(app, test)


def test_an_observer_gets_the_part_that_needs_no_key_and_is_told_so(tmp_path: Path) -> None:
    plan, hands = sample_plan(), Hands()
    app = cockpit(tmp_path / "state", Readings(Topology()), hands, None, plan=plan)

    async def test(pilot: Pilot[Any]) -> None:
        await pilot.press("K")
        await until(pilot, shown(pilot, "Observers hold no keys", "checked at 03:04", "Contacts"))
        screen = pilot.app.screen
        assert isinstance(screen, ReadinessScreen) and screen.inspection.seen is not None
        assert screen.inspection.seen.there is None and not screen.inspection.seen.here.credentials
        assert "not looked at: observers load no credentials" in pane_text(screen.findings)
        assert "Make" not in screen_text(pilot)

    run(app, test)
