"""What a step said before it failed, and what it would destroy, are read to their end."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from screens.flows import facts
from screens.widgets.steps import details
from sparkdr_tui.plan.load import builtin, load
from sparkdr_tui.record.fold import fold_all
from sparkdr_tui.record.journal import read
from sparkdr_tui.record.lines import NAME
from sparkdr_tui.record.state import RunState
from tests.screens.stage import BACKUPS, Hands, Story, sample_plan

GZIP = f"gzip: {BACKUPS}/postgres_20261123_021700.sql.gz: unexpected end of file"


def state(story: Story) -> RunState:
    found = fold_all(read(story.folder / NAME))
    assert found is not None
    return found


def failed(tmp_path: Path, *tail: str) -> RunState:
    story = Story(tmp_path, sample_plan(), Hands()).ask("restore")
    story.start("restore").close()
    return state(story.finish("restore", 9, "failed", tail=tail))


@pytest.mark.parametrize("width", [46, 72, 110])
def test_the_end_of_a_long_line_is_read_where_a_step_failed(tmp_path: Path, width: int) -> None:
    run = failed(tmp_path, "", GZIP, "가" * 60)
    found = details(run.steps["restore"], width, run, acting=True, whole=False)
    quoted = [each for each in found if "│ " in each.text]
    assert all(each.cells <= width for each in quoted)
    said = [each.text.partition("│ ")[2] for each in quoted]
    assert "".join("".join(said).split()) == (GZIP + "가" * 60).replace(" ", "") and said[0].startswith("gzip"), (
        "nothing is lost, and no line is empty"
    )


def test_a_flood_of_long_lines_leaves_room_for_what_to_try(tmp_path: Path) -> None:
    run = failed(tmp_path, *(f"{number} " + "x" * 400 for number in range(5)), "the last word")
    said = [each.text for each in details(run.steps["restore"], 60, run, acting=True, whole=False) if "│ " in each.text]
    assert len(said) == 8 and said[-1].endswith("the last word")


def test_what_is_destroyed_is_named_to_its_end(tmp_path: Path) -> None:
    fact = "In its place: sparklio_v4_restore_20261125_234338, from postgres_20261125_233956.sql.gz"
    run = state(Story(tmp_path, sample_plan(), Hands()).ask("restore", phrase="sparklio_v4", facts=(fact,)))
    found = facts(run, run.steps["restore"], 60)
    assert all(each.cells <= 60 for each in found)
    assert "".join(each.text.removeprefix("│ ") for each in found if each.text.startswith("│ ")) == fact


def test_the_plan_says_what_to_do_about_a_backup_that_is_cut_off() -> None:
    load_step = next(each for each in load(builtin()).runbooks["postgresql-load"].steps if each.id == "load")
    assert any(re.search(hint.on or "$^", GZIP) and "choose another" in hint.say.en for hint in load_step.hint)


def test_a_step_names_the_backup_that_it_would_take_and_what_that_loses(tmp_path: Path) -> None:
    run = state(Story(tmp_path, sample_plan(), Hands()).choose().ask("restore"))
    said = " ".join(each.text.strip() for each in details(run.steps["restore"], 80, run, acting=True, whole=False))
    assert "postgres_20261123_021700.sql.gz · restoring it loses 35m" in said
