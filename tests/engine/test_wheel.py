"""What is installed is what is here: packages, styles, words, and the built-in plan inside the engine."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    """The wheel, built without leaving anything in the checkout."""
    folder = tmp_path_factory.mktemp("dist")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    (built,) = folder.glob("*.whl")
    return zipfile.ZipFile(built)


def files(*patterns: str) -> set[str]:
    """Files of the checkout, as paths."""
    found = {path for pattern in patterns for path in ROOT.glob(pattern)}
    return {path.relative_to(ROOT).as_posix() for path in found if "__pycache__" not in path.parts and path.is_file()}


def test_every_module_is_in_it(wheel: zipfile.ZipFile) -> None:
    assert files("sparkdr_tui/**/*.py", "screens/**/*.py") <= set(wheel.namelist())


def test_what_is_no_module_is_in_it_too(wheel: zipfile.ZipFile) -> None:
    wanted = files("screens/**/*.tcss", "sparkdr_tui/locale/**/*", "sparkdr_tui/**/*.sql", "sparkdr_tui/py.typed")
    assert wanted
    assert wanted <= set(wheel.namelist())


def test_the_built_in_plan_is_inside_the_engine(wheel: zipfile.ZipFile) -> None:
    there = {name for name in wheel.namelist() if name.startswith("sparkdr_tui/runbooks/")}
    assert there == {f"sparkdr_tui/{path}" for path in files("runbooks/**/*")}
    assert not any(name.startswith("runbooks/") for name in wheel.namelist())


def test_nothing_else_is_in_it(wheel: zipfile.ZipFile) -> None:
    tops = {name.split("/")[0] for name in wheel.namelist()}
    assert tops == {"sparkdr_tui", "screens", next(name for name in tops if name.endswith(".dist-info"))}


def test_the_program_is_declared(wheel: zipfile.ZipFile) -> None:
    (name,) = (name for name in wheel.namelist() if name.endswith("entry_points.txt"))
    assert "sparkdr-tui = sparkdr_tui.cli:main" in wheel.read(name).decode()


def test_the_lock_names_no_index_and_has_a_hash_for_everything() -> None:
    text = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    pins = [block for block in text.split("\n") if block and not block.startswith((" ", "#"))]
    assert pins and all("==" in pin for pin in pins)
    assert all(pin.rstrip().endswith("\\") for pin in pins)
    assert "://" not in text and "--find-links" not in text and "--index" not in text
