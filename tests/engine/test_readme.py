"""What the README says is so: its pictures are ones that the tests compare, its plan is one, its commands are there."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from urllib.parse import unquote

import pytest

from sparkdr_tui.cli import run
from sparkdr_tui.plan.graph import graph
from sparkdr_tui.plan.load import load

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^ *```(\w*)\n(.*?)^ *```", README, re.MULTILINE | re.DOTALL)


def _commands() -> list[str]:
    """Every command line that the README shows, in blocks and between backquotes, without its comment."""
    shown = [line for language, block in BLOCKS if not language for line in block.splitlines()]
    shown += re.findall(r"`([^`\n]+)`", re.sub(r"^ *```.*?^ *```", "", README, flags=re.MULTILINE | re.DOTALL))
    found = [re.split(r"\s+#", line)[0].strip().removeprefix(".venv/bin/") for line in shown]
    return list(dict.fromkeys(line for line in found if line.startswith("sparkdr-tui ")))


def test_every_picture_is_one_that_the_tests_compare() -> None:
    pictures = [unquote(path) for path in re.findall(r"!\[[^\]]+\]\(([^)]+)\)", README)]
    assert len(pictures) >= 4
    missing = [path for path in pictures if "__snapshots__" not in path or not (ROOT / path).is_file()]
    assert not missing


def test_the_plan_that_it_shows_is_a_plan(tmp_path: Path) -> None:
    for language, block in BLOCKS:
        if language == "yaml" and (named := re.match(r"# (\S+\.yaml): ", block)):
            (tmp_path / named[1]).write_text(block, encoding="utf-8")
    plan = load(tmp_path)
    steps = {planned.id: planned.needs for planned in graph(plan, "database")}
    assert set(steps["tell"]) == set(steps["swap"]) == {"restore"}


@pytest.mark.parametrize("line", _commands())
def test_every_command_that_it_shows_is_there(line: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Its help is asked for beside it: that parses the whole line, and runs nothing."""
    assert run([*shlex.split(line)[1:], "--help"]) == 0, capsys.readouterr().err


def test_its_table_of_keys_is_the_registry(capsys: pytest.CaptureFixture[str]) -> None:
    shown = re.search(r"<!-- keys: (.+?) -->\n(.*)<!-- end of keys -->", README, re.DOTALL)
    assert shown is not None
    assert run(["--lang", "en", *shlex.split(shown[1])[1:]]) == 0
    assert shown[2].strip() == capsys.readouterr().out.strip()
