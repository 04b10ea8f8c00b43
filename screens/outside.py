"""Another program in our terminal: leaves it to that program, waits, and takes it back as it was.

While it runs nothing of ours is drawn. The engine, the lookout and the feed go on in their own threads.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType
from typing import BinaryIO

from textual.app import App, SuspendNotSupported

from screens.painting import harmless
from sparkdr_tui.errors import SparkdrError
from sparkdr_tui.language import _

_CLEAR = "\x1b[H\x1b[2J"

Feed = Callable[[BinaryIO], None]
"""Writes what the program reads; on a thread of its own."""


def run_outside(
    app: App[int],
    argv: Sequence[str],
    *,
    says: str = "",
    env: Mapping[str, str] | None = None,
    feed: Feed | None = None,
    failed: int | None = None,
) -> int:
    """Run a program to its end; its exit status.

    Raises `SparkdrError` where the terminal cannot be left or the program is not to be started. `says` is said before;
    a program that ends with `failed` leaves its last words on the screen until enter is pressed.
    """
    try:
        with app.suspend(), _surviving(), _terminal_as_it_is():
            _write(f"{_CLEAR}{harmless(says)}\n\n" if says else "")
            status = _run(argv, env, feed)
            if status == failed:
                _write("\n" + _("It ended with status {status}. Enter comes back.").format(status=status))
                _wait_for_enter()
            return status
    except SuspendNotSupported as problem:
        raise SparkdrError(_("This terminal cannot be left to another program.")) from problem
    except OSError as problem:
        why = problem.strerror or str(problem)
        raise SparkdrError(_("{program} cannot be started: {why}.").format(program=argv[0], why=why)) from problem


def _run(argv: Sequence[str], env: Mapping[str, str] | None, feed: Feed | None) -> int:
    pipe = None if feed is None else subprocess.PIPE
    with subprocess.Popen(list(argv), stdin=pipe, env=env, cwd=Path.home()) as process:
        if feed is None or process.stdin is None:
            return _until_over(process)
        feeding = threading.Thread(target=_fed, args=[feed, process.stdin], name="feed-outside", daemon=True)
        feeding.start()
        status = _until_over(process)
        feeding.join()
        return status


def _until_over(process: subprocess.Popen[bytes]) -> int:
    """A program that stops (ctrl+z) would leave nobody in charge of the terminal: it goes on at once."""
    while True:
        pid, status = os.waitpid(process.pid, os.WUNTRACED)
        if not os.WIFSTOPPED(status):
            process.returncode = os.waitstatus_to_exitcode(status)
            return process.returncode
        time.sleep(0.05)
        os.kill(pid, signal.SIGCONT)


def _fed(feed: Feed, stdin: BinaryIO) -> None:
    try:
        feed(stdin)
    except BrokenPipeError:
        pass  # who reads has read enough
    except OSError as problem:
        with suppress(OSError):
            stdin.write(f"{problem.strerror or problem}\n".encode())
    with suppress(OSError):
        stdin.close()


@contextmanager
def _surviving() -> Iterator[None]:
    """What is pressed to interrupt or stop the other program is not meant for us."""

    def not_us(_signal: int, _frame: FrameType | None) -> None:
        """No `SIG_IGN`: the other program would inherit that."""

    pressed = (signal.SIGINT, signal.SIGQUIT, signal.SIGTSTP)
    before = {each: signal.signal(each, not_us) for each in pressed}
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)


@contextmanager
def _terminal_as_it_is() -> Iterator[None]:
    """A program that was killed may leave the terminal raw, or to a process group that is gone."""
    import termios  # not there on Windows, where Textual's driver cannot be suspended in this way

    try:
        terminal = sys.__stdin__.fileno() if sys.__stdin__ else 0
        before = termios.tcgetattr(terminal)
    except (OSError, ValueError, termios.error):
        yield  # no terminal: nothing to take back
        return
    try:
        yield
    finally:
        quiet = signal.signal(signal.SIGTTOU, signal.SIG_IGN)
        with suppress(OSError, termios.error):
            os.tcsetpgrp(terminal, os.getpgrp())
            termios.tcsetattr(terminal, termios.TCSADRAIN, before)
        signal.signal(signal.SIGTTOU, quiet)


def _write(text: str) -> None:
    if text and sys.__stderr__ is not None:
        with suppress(OSError):
            sys.__stderr__.write(text)
            sys.__stderr__.flush()


def _wait_for_enter() -> None:
    with suppress(OSError):
        os.read(sys.__stdin__.fileno() if sys.__stdin__ else 0, 1024)
