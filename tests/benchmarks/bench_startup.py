"""How long the program takes until it has done something small. Prints times and judges nothing."""

from __future__ import annotations

import statistics
import time

import pytest

from tests.benchmarks.bench_streams import say
from tests.engine.command_line import process


@pytest.mark.parametrize("command", ["--version", "--help", "plan show", "contacts", "runs"])
def test_startup(command: str) -> None:
    took = []
    for _ in range(5):
        started = time.perf_counter()
        assert process(*command.split()).status == 0
        took.append(time.perf_counter() - started)
    say(f"{command:12} {statistics.median(took) * 1000:6.0f} ms")
