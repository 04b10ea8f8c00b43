"""What time it is: the wall clock, carried by a steady one. Tests hand in a time that stands still."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

Clock = Callable[[], datetime]

_FAR = timedelta(seconds=30)


def steady_clock() -> Clock:
    """A clock that does not jump when somebody sets the wall clock by a little.

    Where the wall clock is far off (the machine slept), it is believed again.
    """
    wall, steady = datetime.now(UTC), time.monotonic()

    def now() -> datetime:
        nonlocal wall, steady
        carried = wall + timedelta(seconds=time.monotonic() - steady)
        if abs(datetime.now(UTC) - carried) > _FAR:
            wall, steady = datetime.now(UTC), time.monotonic()
            return wall
        return carried

    return now
