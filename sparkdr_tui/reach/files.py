"""The files of a node: list, read and write them as bytes, here or over SFTP. Writing is whole or not at all.

What is written is for its owner alone: backups hold secrets. Paths are the node's; one that begins with `~/` starts at
its home.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import os
import stat
from collections.abc import AsyncIterator
from pathlib import Path
from typing import IO, TYPE_CHECKING, Protocol

from sparkdr_tui.errors import SparkdrError
from sparkdr_tui.language import _
from sparkdr_tui.text import one_line

if TYPE_CHECKING:
    import asyncssh

CHUNK = 256 * 1024
PART = ".part"
"""Ending of a file that is being written."""
_KEPT = 50
"""Letters of its name that it keeps meanwhile: with four bytes each there is room for the rest."""
_PRIVATE = 0o600


class Store(Protocol):
    """Where files are, on a node or in a bucket; every error is a `SparkdrError`, a missing folder gives None."""

    async def walk(self, folder: str) -> dict[str, int] | None:
        """Regular files below `folder`: path relative to it, size in bytes; None when there is no such folder."""
        ...

    async def names(self, folder: str) -> dict[str, int | None] | None:
        """What lies directly in `folder`: files with their size, folders with None; None when there is no `folder`."""
        ...

    def read(self, path: str) -> AsyncIterator[bytes]:
        """The bytes of a file."""
        ...

    async def write(self, path: str, chunks: AsyncIterator[bytes]) -> None:
        """Write a file and the folders above it; it is there under its name only once it is whole."""
        ...


class Files(Store, Protocol):
    """What can be done with a node's files."""

    async def make_folder(self, path: str) -> None:
        """Make a folder and those above it; it may be there."""
        ...

    async def rename(self, path: str, name: str) -> None:
        """Give a file or folder another path, on the same disk."""
        ...


class LocalFiles:
    """The files of this machine."""

    async def walk(self, folder: str) -> dict[str, int] | None:
        """Regular files below `folder`."""
        return await asyncio.to_thread(_walk, _here(folder))

    async def names(self, folder: str) -> dict[str, int | None] | None:
        """What lies directly in `folder`."""
        return await asyncio.to_thread(_names, _here(folder))

    async def read(self, path: str) -> AsyncIterator[bytes]:
        """The bytes of a file."""
        try:
            with await asyncio.to_thread(_here(path).open, "rb") as file:
                while chunk := await asyncio.to_thread(file.read, CHUNK):
                    yield chunk
        except OSError as problem:
            raise _problem(path, problem.strerror or str(problem)) from problem

    async def write(self, path: str, chunks: AsyncIterator[bytes]) -> None:
        """Write a file, whole or not at all."""
        whole, part = _here(path), _here(unfinished(path))
        try:
            await asyncio.to_thread(whole.parent.mkdir, parents=True, exist_ok=True)
            with await asyncio.to_thread(_open_private, part) as file:
                async for chunk in chunks:
                    await asyncio.to_thread(file.write, chunk)
            await asyncio.to_thread(part.replace, whole)
        except OSError as problem:
            await asyncio.to_thread(part.unlink, missing_ok=True)
            raise _problem(path, problem.strerror or str(problem)) from problem
        except SparkdrError:
            await asyncio.to_thread(part.unlink, missing_ok=True)
            raise

    async def make_folder(self, path: str) -> None:
        """Make a folder and those above it."""
        try:
            await asyncio.to_thread(_here(path).mkdir, parents=True, exist_ok=True)
        except OSError as problem:
            raise _problem(path, problem.strerror or str(problem)) from problem

    async def rename(self, path: str, name: str) -> None:
        """Give a file or folder another path."""
        try:
            await asyncio.to_thread(_here(path).rename, _here(name))
        except OSError as problem:
            raise _problem(path, problem.strerror or str(problem)) from problem


class SftpFiles:
    """The files of a node over SFTP."""

    def __init__(self, client: asyncssh.SFTPClient) -> None:
        self._client = client

    async def walk(self, folder: str) -> dict[str, int] | None:
        """Regular files below `folder`."""
        import asyncssh

        found: dict[str, int] = {}
        waiting = [""]
        try:
            while waiting:
                below = waiting.pop()
                async for entry in self._client.scandir(f"{_remote(folder)}/{below}"):
                    name, mode = str(entry.filename), entry.attrs.permissions or 0
                    if name in (".", ".."):
                        continue
                    if stat.S_ISDIR(mode):
                        waiting.append(f"{below}{name}/")
                    elif stat.S_ISREG(mode):
                        found[f"{below}{name}"] = entry.attrs.size or 0
        except asyncssh.SFTPNoSuchFile:
            return None
        except (asyncssh.Error, OSError) as problem:
            raise _problem(folder, str(problem)) from problem
        return found

    async def names(self, folder: str) -> dict[str, int | None] | None:
        """What lies directly in `folder`."""
        import asyncssh

        found: dict[str, int | None] = {}
        try:
            async for entry in self._client.scandir(_remote(folder)):
                name, mode = str(entry.filename), entry.attrs.permissions or 0
                if stat.S_ISREG(mode) or (stat.S_ISDIR(mode) and name not in (".", "..")):
                    found[name] = (entry.attrs.size or 0) if stat.S_ISREG(mode) else None
        except asyncssh.SFTPNoSuchFile:
            return None
        except (asyncssh.Error, OSError) as problem:
            raise _problem(folder, str(problem)) from problem
        return found

    async def read(self, path: str) -> AsyncIterator[bytes]:
        """The bytes of a file."""
        import asyncssh

        try:
            async with self._client.open(_remote(path), "rb") as file:
                # Never beyond its end: each of asyncssh's requests side by side would fail there by itself.
                left = (await file.stat()).size or 0
                while left and (chunk := await file.read(min(left, CHUNK))):
                    left -= len(chunk)
                    yield chunk if isinstance(chunk, bytes) else chunk.encode()
        except (asyncssh.Error, OSError) as problem:
            raise _problem(path, str(problem)) from problem

    async def write(self, path: str, chunks: AsyncIterator[bytes]) -> None:
        """Write a file, whole or not at all."""
        import asyncssh

        whole, part = _remote(path), _remote(unfinished(path))
        private = asyncssh.SFTPAttrs(permissions=_PRIVATE)
        try:
            try:
                file = await self._client.open(part, "wb", private)
            except asyncssh.SFTPNoSuchFile:
                await self._client.makedirs(whole.rpartition("/")[0] or ".", exist_ok=True)
                file = await self._client.open(part, "wb", private)
            async with file:
                async for chunk in chunks:
                    await file.write(chunk)
            await self._client.posix_rename(part, whole)
        except (asyncssh.Error, OSError) as problem:
            with contextlib.suppress(asyncssh.Error, OSError):
                await self._client.remove(part)
            raise _problem(path, str(problem)) from problem
        except SparkdrError:
            with contextlib.suppress(asyncssh.Error, OSError):
                await self._client.remove(part)
            raise

    async def make_folder(self, path: str) -> None:
        """Make a folder and those above it."""
        import asyncssh

        try:
            await self._client.makedirs(_remote(path), exist_ok=True)
        except (asyncssh.Error, OSError) as problem:
            raise _problem(path, str(problem)) from problem

    async def rename(self, path: str, name: str) -> None:
        """Give a file or folder another path."""
        import asyncssh

        try:
            await self._client.posix_rename(_remote(path), _remote(name))
        except (asyncssh.Error, OSError) as problem:
            raise _problem(path, str(problem)) from problem


def unfinished(path: str) -> str:
    """The name of a file while it is written: always the same, and no name that another file or object would have."""
    folder, slash, name = path.rpartition("/")
    mark = hashlib.sha256(name.encode(errors="surrogateescape")).hexdigest()[:12]
    return f"{folder}{slash}.{name[:_KEPT]}.{mark}{PART}"


def _here(path: str) -> Path:
    return Path(path).expanduser()


def _open_private(path: Path) -> IO[bytes]:
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, _PRIVATE), "wb")


def _remote(path: str) -> str:
    """SFTP begins at the login's home."""
    return path[2:] or "." if path.startswith("~/") else path


def _walk(folder: Path) -> dict[str, int] | None:
    if not folder.is_dir():
        return None
    try:
        return {
            str(each.relative_to(folder)): each.stat().st_size
            for each in folder.rglob("*")
            if each.is_file() and not each.is_symlink()
        }
    except OSError as problem:
        raise _problem(str(folder), problem.strerror or str(problem)) from problem


def _names(folder: Path) -> dict[str, int | None] | None:
    if not folder.is_dir():
        return None
    try:
        return {
            each.name: None if each.is_dir() else each.stat().st_size
            for each in folder.iterdir()
            if not each.is_symlink() and (each.is_dir() or each.is_file())
        }
    except OSError as problem:
        raise _problem(str(folder), problem.strerror or str(problem)) from problem


def _problem(path: str, why: str) -> SparkdrError:
    return SparkdrError(_("{path}: {why}").format(path=one_line(path), why=one_line(why)))
