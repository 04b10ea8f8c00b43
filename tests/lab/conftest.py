"""One lab for the whole session, mended between tests, and labs of their own for tests that end them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from sparkdr_tui.lab import cluster
from tests.lab.world import World


@pytest.fixture(scope="session")
def _session_lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("lab") / "lab"
    cluster.start(folder)
    yield World(folder)
    cluster.stop(folder)


@pytest.fixture
def lab(_session_lab: World) -> Iterator[World]:
    """A healthy lab; whatever the test breaks is mended after it."""
    yield _session_lab
    _session_lab.mend()


@pytest.fixture
def new_lab(tmp_path: Path) -> Iterator[Callable[[str], World]]:
    """Starts labs that belong to the test, each under a name."""
    folders: list[Path] = []

    def start(name: str = "lab") -> World:
        folders.append(tmp_path / name)
        cluster.start(tmp_path / name)
        return World(tmp_path / name)

    yield start
    for folder in folders:
        if (folder / "inner.json").exists():
            cluster.stop(folder)
