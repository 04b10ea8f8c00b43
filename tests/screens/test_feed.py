"""What feeds every screen: a run is followed whatever else in its folder cannot be looked at."""

from __future__ import annotations

from pathlib import Path
from queue import SimpleQueue

from screens.feed import Fed, RunFeed
from tests.screens.stage import Hands, Story, sample_plan


def test_a_run_is_followed_where_nobody_may_look_at_the_earlier_ones(tmp_path: Path) -> None:
    story = Story(tmp_path / "other", sample_plan(), Hands()).ask("stop-clients")
    (tmp_path / "runs").symlink_to(tmp_path / "runs")
    told: SimpleQueue[Fed] = SimpleQueue()
    feed = RunFeed(tmp_path, told.put, waits_for_runs=False, lab=True)
    feed.start()
    try:
        feed.follow(story.folder)
        first = told.get(timeout=20)
        assert first.run is not None and first.run.run == "INC-0042" and first.history == {}
        story.start("stop-clients").close()
        seen: list[str] = []
        while "step.started" not in seen:
            seen += [each.event.type for each in told.get(timeout=20).new]
    finally:
        feed.stop()
