"""The nodes of a plan, reached: one shell per node, opened when first asked for, and again once it is lost."""

from __future__ import annotations

import asyncio
import socket
from pathlib import Path
from typing import TYPE_CHECKING

from sparkdr_tui.errors import SparkdrError
from sparkdr_tui.language import _, current
from sparkdr_tui.plan.model import Node
from sparkdr_tui.plan.runbook import Plan
from sparkdr_tui.reach.local import LocalShell
from sparkdr_tui.reach.shell import Shell

if TYPE_CHECKING:
    from sparkdr_tui.reach.ssh import Target


class Reach:
    """Ways to the nodes of a plan, for one event loop.

    Without credentials (observers) no key is ever loaded, and nodes that need one cannot be asked for.
    """

    def __init__(self, plan: Plan, *, credentials: bool = True) -> None:
        self.plan = plan
        self.credentials = credentials
        self._opening: dict[str, asyncio.Task[Shell]] = {}

    async def shell(self, node_id: str) -> Shell:
        """The node's shell; whoever asks while it is being opened waits for the same attempt. Raises `SparkdrError`."""
        node = self.plan.nodes[node_id]
        if not self.credentials and not is_here(node):
            raise SparkdrError(
                _("{node} is not reached: observers load no credentials.").format(node=node.title.within(current()))
            )
        opening = self._opening.get(node_id)
        if opening is None or (opening.done() and not _usable(opening)):
            opening = self._opening[node_id] = asyncio.create_task(self._open(node))
            opening.add_done_callback(_look_at)
        return await asyncio.shield(opening)

    async def close(self) -> None:
        """Let go of every node."""
        opening, self._opening = list(self._opening.values()), {}
        for task in opening:
            task.cancel()
        for result in await asyncio.gather(*opening, return_exceptions=True):
            if not isinstance(result, BaseException):
                await result.close()

    async def _open(self, node: Node) -> Shell:
        if is_here(node):
            return _local(node)
        from sparkdr_tui.reach import ssh  # asyncssh costs 300 ms: only who needs it pays

        return await ssh.connect(target(self.plan, node))


def target(plan: Plan, node: Node) -> Target:
    """How to log in to a node of the plan."""
    from sparkdr_tui.reach import ssh

    assert node.ssh is not None  # a node without SSH is here
    return ssh.Target(
        name=node.title.within(current()),
        addresses=node.address,
        port=node.ssh.port,
        user=node.ssh.user,
        known_hosts=plan.folder / "known_hosts",
        key=_in_plan(plan, node.ssh.key) if node.ssh.key else None,
        windows=node.os == "windows",
    )


def is_here(node: Node) -> bool:
    """Whether the node is the machine this program runs on."""
    return known_as(node, socket.gethostname())


def known_as(node: Node, hostname: str) -> bool:
    """Whether a machine of this name is the node."""
    return node.ssh is None or _bare(hostname) in {_bare(name) for name in node.hostnames}


def _bare(hostname: str) -> str:
    return hostname.lower().removesuffix(".local")


def _in_plan(plan: Plan, path: str) -> Path:
    return plan.folder / Path(path).expanduser()


def _local(node: Node) -> Shell:
    if node.os == "windows":
        raise SparkdrError(
            _("{node} is this machine, and scripts cannot be run on Windows itself.").format(
                node=node.title.within(current())
            ),
            _("Run the program on another machine, which reaches it by SSH."),
        )
    return LocalShell()


def _usable(opening: asyncio.Task[Shell]) -> bool:
    return not opening.cancelled() and opening.exception() is None and not getattr(opening.result(), "closed", False)


def _look_at(opening: asyncio.Task[Shell]) -> None:
    """A failure that nobody waits for any more is no accident."""
    if not opening.cancelled():
        opening.exception()
