"""A step's script as a job: start, follow from an offset, result, cancel.

Today a job is attached: it lives as long as the connection it was started on, and its output is kept by whoever
follows it. Durable jobs (detached on the node, followed by offset from a file there) will keep this interface.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Protocol

from sparkdr_tui.reach.shell import Process, Script, Shell


class Job(Protocol):
    """One attempt of one step on one node."""

    def follow(self, offset: int = 0) -> AsyncIterator[bytes]:
        """The output from byte `offset` on, until the job ends; raises `ConnectionLost`."""
        ...

    async def result(self) -> int:
        """The exit status, once it has ended; raises `ConnectionLost`."""
        ...

    async def cancel(self) -> bool:
        """End everything the job started; True when nothing of it is left."""
        ...


class AttachedJob:
    """A job that ends with its connection; it can be followed once, from the beginning."""

    def __init__(self, process: Process) -> None:
        self._process = process

    def follow(self, offset: int = 0) -> AsyncIterator[bytes]:
        """The output as it comes; an attached job keeps none of it, so `offset` must be 0."""
        if offset:
            raise ValueError("an attached job can only be followed from its beginning")
        return self._process.chunks()

    async def result(self) -> int:
        """The exit status; raises `ConnectionLost`."""
        return await self._process.wait()

    async def cancel(self) -> bool:
        """End the whole process group; True when nothing of it is left."""
        return await self._process.cancel()


async def start(shell: Shell, script: Script) -> Job:
    """Start `script` as a job of this node."""
    return AttachedJob(await shell.start(script))
