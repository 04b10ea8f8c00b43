"""A terminal that may go away: what is written to it then is lost, and the app still leaves in good order.

Textual's writer ends at the first write that fails; the app would wait for it forever with the run in its hands. And
whoever hears no SIGHUP (nohup, a process of nobody's) would read nothing from it, at full speed, for ever.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import IO, Any

from textual.driver import Driver


class _Lasting:
    """A terminal's file whose writes never fail; `lost` is called at the first that would have."""

    def __init__(self, file: IO[str], lost: Callable[[], None]) -> None:
        self._file = file
        self._lost = lost
        self._gone = False

    def write(self, text: str) -> int:
        """Write, as long as there is somebody to read."""
        try:
            return self._file.write(text)
        except OSError:
            self._say_so()
            return len(text)

    def flush(self) -> None:
        """Flush, as long as there is somebody to read."""
        try:
            self._file.flush()
        except OSError:
            self._say_so()

    def _say_so(self) -> None:
        if not self._gone:
            self._gone = True
            self._lost()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)


def lasting(driver_class: type[Driver], lost: Callable[[], None]) -> type[Driver]:
    """The same driver, on a file whose writes never fail (Textual's POSIX drivers keep it in `_file`).

    `lost` is called on the app's loop once nobody reads any more.
    """

    class LastingDriver(driver_class):  # type: ignore[valid-type, misc]
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **kwargs)
            if (file := getattr(self, "_file", None)) is not None:
                self._file = _Lasting(file, self._tell)

        def _tell(self) -> None:
            with suppress(RuntimeError):  # the loop is closed: the app has left already
                self._loop.call_soon_threadsafe(lost)

    return LastingDriver
