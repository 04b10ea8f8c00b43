"""The files of this machine, written: whole or not at all, and in the way of no other file."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from sparkdr_tui.errors import SparkdrError
from sparkdr_tui.reach.files import LocalFiles


async def chunks(*content: bytes, fails: bool = False) -> AsyncIterator[bytes]:
    for each in content:
        yield each
    if fails:
        raise SparkdrError("cut off")


def test_an_object_whose_name_ends_like_an_unfinished_file_is_not_lost_beside_the_other(tmp_path: Path) -> None:
    """An upload that somebody left in a bucket: `film.mp4.part` beside `film.mp4`."""

    async def write() -> None:
        files = LocalFiles()
        await files.write(str(tmp_path / "film.mp4.part"), chunks(b"half"))
        await files.write(str(tmp_path / "film.mp4"), chunks(b"whole"))

    asyncio.run(write())
    assert {each.name: each.read_bytes() for each in tmp_path.iterdir()} == {
        "film.mp4": b"whole",
        "film.mp4.part": b"half",
    }


@pytest.mark.parametrize("name", ["a", "한" * 85, "🎞" * 63, "x" * 255])
def test_what_ends_in_an_error_leaves_nothing_however_long_its_name_is(tmp_path: Path, name: str) -> None:
    with pytest.raises(SparkdrError, match="cut off"):
        asyncio.run(LocalFiles().write(str(tmp_path / name), chunks(b"half", fails=True)))
    assert not list(tmp_path.iterdir())
    asyncio.run(LocalFiles().write(str(tmp_path / name), chunks(b"whole")))
    assert [each.name for each in tmp_path.iterdir()] == [name]
