"""Who may watch and who may operate is what the permissions of the state folder say, whatever the operator's umask."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from sparkdr_tui.errors import SparkdrError
from sparkdr_tui.record.journal import Journal, next_run
from sparkdr_tui.record.lock import OperatorLock
from sparkdr_tui.record.logs import LogWriter
from sparkdr_tui.record.runs import run_folders


@pytest.fixture(params=[0o022, 0o077, 0o002], ids=oct)
def umask(request: pytest.FixtureRequest) -> Iterator[None]:
    before = os.umask(request.param)
    yield
    os.umask(before)


def kept(state_folder: Path) -> dict[str, int]:
    """The permissions of everything that an operator keeps there."""
    OperatorLock.acquire(state_folder, "mina")
    _run, folder = next_run(state_folder, "incident")
    Journal.create(folder, "mina").close()
    LogWriter(folder / "logs" / "stop.1.log").close()
    found = {str(each.relative_to(state_folder)): each for each in state_folder.rglob("*")}
    return {name: stat.S_IMODE(path.stat().st_mode) for name, path in found.items()}


@pytest.mark.usefixtures("umask")
@pytest.mark.parametrize(
    ("mode", "folders", "files"),
    [
        (0o755, 0o755, 0o644),  # everybody watches
        (0o2750, 0o2750, 0o640),  # a group watches
        (0o2770, 0o2770, 0o660),  # a group operates
        (0o2775, 0o2775, 0o664),  # a group operates, everybody watches
        (0o700, 0o700, 0o600),
        (0o777, 0o775, 0o664),  # never everybody
    ],
    ids=oct,
)
def test_what_is_kept_has_the_permissions_of_the_state_folder(
    tmp_path: Path, mode: int, folders: int, files: int
) -> None:
    state = tmp_path / "state"
    state.mkdir()
    state.chmod(mode)
    modes = kept(state)
    assert {name for name, found in modes.items() if found == folders} == {
        "runs", "runs/INC-0001", "runs/INC-0001/logs",
    }  # fmt: skip
    assert {name for name, found in modes.items() if found == files} == {
        ".operator.guard", "operator.lock", "runs/INC-0001/journal.jsonl",
        "runs/INC-0001/logs/stop.1.log", "runs/INC-0001/logs/stop.1.log.times",
    }  # fmt: skip
    assert stat.S_IMODE(state.stat().st_mode) == mode


def test_a_state_folder_that_is_none_has_no_runs(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert run_folders(tmp_path / "nothing") == run_folders(tmp_path / "file") == ()


def test_runs_that_nobody_may_list_are_said(tmp_path: Path) -> None:
    loop = tmp_path / "runs"
    loop.symlink_to(loop)  # root may list everything else
    with pytest.raises(SparkdrError, match="cannot be read"):
        run_folders(tmp_path)
