"""Whatever an observer presses, wherever they press it: nothing is written, nothing is started, nothing is decided."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

from screens.cockpit import CockpitScreen
from screens.help import declared
from screens.operator import OperatorScreen
from tests.screens.stage import DAMAGED, Hands, Story, sample_plan

ROOT = Path(__file__).parents[2]


def tree(folder: Path) -> dict[str, tuple[int, int, bytes]]:
    """Everything in a folder: permissions, time of the last change, content."""
    return {
        str(each.relative_to(folder)): (
            each.stat().st_mode,
            each.stat().st_mtime_ns,
            each.read_bytes() if each.is_file() else b"",
        )
        for each in (folder, *folder.rglob("*"))
    }


def test_every_key_on_every_screen_of_an_observer_changes_nothing(tmp_path: Path) -> None:
    state, plan = tmp_path / "state", tmp_path / "plan"
    shutil.copytree(ROOT / "tests" / "screens" / "sample", plan)
    Story(state, sample_plan(), Hands()).observe(DAMAGED).do("stop-clients").ask("safety-copy")
    before = tree(tmp_path)
    said = subprocess.run(
        [sys.executable, "-m", "tests.screens.every_key", str(state), str(plan)],
        # Drawing is what pressing so many keys costs; nobody looks.
        env={**os.environ, "TEXTUAL_FPS": "4", "PYTHONDONTWRITEBYTECODE": "1"},
        cwd=ROOT, capture_output=True, text=True, timeout=600, check=False,
    )  # fmt: skip
    assert said.returncode == 0, said.stderr[-3000:]
    found = json.loads(said.stdout)
    assert tree(tmp_path) == before
    assert found["changes"] == []
    assert not [name for name in found["opened"] if name.startswith(str(plan))]
    assert not set(found["offered"]) & deciding(), set(found["offered"]) & deciding()
    screens = {state.split()[0] for state in found["states"]}
    assert {
        "CockpitScreen",
        "ContactsScreen",
        "HelpScreen",
        "BackupsScreen",
        "HistoryScreen",
        "ReadinessScreen",
    } <= screens
    assert any("Palette" in each for each in screens)
    assert found["pressed"] > 1500


def deciding() -> set[str]:
    """The keys that only an operator's screen binds."""
    hands = {each.id for each in declared(OperatorScreen)} - {each.id for each in declared(CockpitScreen)}
    assert {"step.confirm", "run.start", "run.abort"} <= hands
    return {str(each) for each in hands}
