"""Which hold makes a run ours: that of its own kind, an incident's or everyday work's, and nobody else's."""

from __future__ import annotations

from pathlib import Path

import pytest

from screens.wheel import Wheel
from sparkdr_tui.record.lock import NAME, ROUTINE
from tests.screens.stage import Hands, Recorder, driven_by, sample_plan


@pytest.mark.parametrize(
    ("run", "taken", "ours"),
    [
        ("INC-0001", NAME, False),
        ("INC-0001", ROUTINE, True),
        ("BAK-0001", ROUTINE, False),
        ("BAK-0001", NAME, True),
    ],
)
async def test_a_run_is_lost_to_whoever_takes_its_own_kind(tmp_path: Path, run: str, taken: str, ours: bool) -> None:
    helm = Recorder(tmp_path, sample_plan(), Hands())
    wheel = Wheel(helm, tmp_path, lab=False)
    await wheel.reopen(tmp_path / "runs" / run, take_over=False)
    assert await wheel.check_hold()
    driven_by(tmp_path, "minji", run)
    (tmp_path / NAME).rename(tmp_path / taken)
    assert await wheel.check_hold() is ours
    assert wheel.drives(tmp_path / "runs" / run) is ours
