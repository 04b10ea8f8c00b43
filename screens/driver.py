"""A terminal that may go away: what is written to it then is lost, and the app still leaves in good order.

Textual's writer ends at the first write that fails; the app would wait for it forever with the run in its hands. And
whoever hears no SIGHUP (nohup, a process of nobody's) would read nothing from it, at full speed, for ever.
"""

from __future__ import annotations

import errno
import select
import sys
from collections.abc import Callable
from typing import IO, Any

from textual.driver import Driver


class _Lasting:
    """A terminal's file whose writes never fail."""

    def __init__(self, file: IO[str]) -> None:
        self._file = file

    def write(self, text: str) -> int:
        """Write, as long as there is somebody to read."""
        try:
            return self._file.write(text)
        except OSError:
            return len(text)

    def flush(self) -> None:
        """Flush, as long as there is somebody to read."""
        try:
            self._file.flush()
        except OSError:
            return

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)


def _lasting_write(write: Callable[[bytes], int]) -> Callable[[bytes], int]:
    def quietly(data: bytes) -> int:
        try:
            return write(data)
        except OSError:
            return len(data)

    return quietly


def lasting(driver_class: type[Driver]) -> type[Driver]:
    """The same driver, on a file or pipe whose writes never fail (Textual's keep it in `_file`, or in `_write`)."""

    class LastingDriver(driver_class):  # type: ignore[valid-type, misc]
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **kwargs)
            if (file := getattr(self, "_file", None)) is not None:
                self._file = _Lasting(file)
            if (write := getattr(self, "_write", None)) is not None:
                self._write = _lasting_write(write)

    return LastingDriver


def is_gone(driver: Driver | None) -> bool:
    """Whether the terminal that the driver reads from was closed (Textual's POSIX drivers keep it in `fileno`)."""
    number = getattr(driver, "fileno", None)
    if sys.platform == "win32" or not isinstance(number, int):
        return False
    if driver is not None and driver.is_web:
        return _hung_up(sys.__stdin__)
    import termios

    try:
        termios.tcgetattr(number)
    except termios.error as problem:
        return problem.args[0] in (errno.EIO, errno.ENXIO)  # anything else: it never was a terminal
    return False


def _hung_up(pipe: IO[str] | None) -> bool:
    """Whether whoever wrote into a pipe is gone: a web server that was killed takes no leave."""
    if pipe is None:
        return True
    poll = select.poll()
    poll.register(pipe.fileno(), 0)  # being hung up on is told unasked
    return any(told & (select.POLLHUP | select.POLLNVAL) for _file, told in poll.poll(0))
