"""Numbers as people read them: lengths of time, sizes, times of day."""

from __future__ import annotations

from datetime import datetime

from sparkdr_tui.language import _


def clock(seconds: float) -> str:
    """A running length of time: `0:41`, `17:18`, `1:02:03`; negative ones with a minus."""
    whole = int(abs(seconds))
    hours, minutes = whole // 3600, whole % 3600 // 60
    text = f"{hours}:{minutes:02}:{whole % 60:02}" if hours else f"{minutes}:{whole % 60:02}"
    return f"−{text}" if seconds <= -1 else text


def span(seconds: float) -> str:
    """A length of time at a glance: `45s`, `47m`, `2h 10m`, `3d 4h`."""
    whole = int(max(0.0, seconds))
    units = ((86400, _("{count}d")), (3600, _("{count}h")), (60, _("{count}m")), (1, _("{count}s")))
    for at, (size, text) in enumerate(units):
        if whole < size and size > 1:
            continue
        parts = [text.format(count=whole // size)]
        if size > 60 and (rest := whole % size // units[at + 1][0]):
            parts.append(units[at + 1][1].format(count=rest))
        return " ".join(parts)
    return ""


def latency(seconds: float) -> str:
    """How long an answer took: `12ms`, `1.4s`."""
    return f"{round(seconds * 1000)}ms" if seconds < 1 else f"{seconds:.1f}s"


def size(count: float) -> str:
    """Bytes at a glance: `812 B`, `12.4 MB`."""
    for unit in ("B", "KB", "MB", "GB"):
        if count < 1000:
            return f"{count:.0f} {unit}" if unit == "B" or count >= 100 else f"{count:.1f} {unit}"
        count /= 1000
    return f"{count:.1f} TB"


def date_and_time(at: datetime) -> str:
    """The local date and time."""
    return at.astimezone().strftime("%Y-%m-%d %H:%M:%S")


def zone(at: datetime) -> str:
    """The local zone that times are in: `KST (UTC+09:00)`."""
    local = at.astimezone()
    offset = local.strftime("%z")
    return f"{local.tzname()} (UTC{offset[:3]}:{offset[3:5]})"


def time_of_day(at: datetime) -> str:
    """The local time of day."""
    return at.astimezone().strftime("%H:%M:%S")
