"""What a node's shell language must be able to say; the modules `bash` and `powershell` are the two that can."""

from __future__ import annotations

from typing import Protocol

from sparkdr_tui.reach.shell import Script


class Recoder(Protocol):
    """Turns a node's output, however it is cut, into UTF-8."""

    def feed(self, chunk: bytes) -> bytes:
        """What of `chunk` is clear by now."""
        ...

    def close(self) -> bytes:
        """The rest."""
        ...


class Dialect(Protocol):
    """The exact text that makes a node run a script."""

    def command(self, marker: str) -> str:
        """The remote command; its first line of output is `marker` and an id for `ending`."""
        ...

    def stdin(self, script: Script, marker: str) -> bytes:
        """What the command reads."""
        ...

    def ending(self, group: int, grace: float) -> Script:
        """A script that ends what was started, and exits with 0 when nothing of it is left."""
        ...

    def recoder(self) -> Recoder | None:
        """None where output is passed on as it is."""
        ...
