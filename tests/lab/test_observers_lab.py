"""Observing a lab with the real program: what the operator does is seen; no key and no secret is even opened."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from tests.engine.command_line import environment, process
from tests.lab.world import World
from tests.programs.pty_client import at_terminal


def test_an_observer_sees_a_run_and_opens_no_key_no_secret_and_no_file_to_write(lab: World, tmp_path: Path) -> None:
    report = tmp_path / "heard.json"
    secret = {path for folder in ("keys", "secrets") for path in (lab.plan / folder).iterdir()}
    assert lab.plan / "keys" / "operator" in secret and len(secret) > 3
    observe = [sys.executable, "-m", "tests.ear", str(report), "--plan", str(lab.plan), "observe"]
    with at_terminal(observe, environment({"PYTHONDONTWRITEBYTECODE": "1"})) as terminal:
        terminal.until("◉ observer", "no run", "Backend")
        assert process("--plan", lab.plan, "run", "redis-start", "--yes", timeout=180).status == 0
        terminal.until("LAB-", "completed")
        terminal.press("b")
        terminal.until("Observers hold no keys")
        terminal.press("q")
        assert terminal.end() == 0
    heard = json.loads(report.read_text(encoding="utf-8"))
    assert heard["changes"] == []
    opened = {Path(name) for name in heard["opened"]}
    assert lab.plan / "plan.yaml" in opened and [path for path in opened if path.name == "journal.jsonl"]
    assert not opened & secret
