"""Times as people type them: `12`, `12m` or `1h 30m` ago, `02:52` today or yesterday, `2026-11-23T02:52`. Pure."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

_AGO = re.compile(r"(?:(\d{1,3})\s*h)?\s*(?:(\d{1,4})\s*m?)?")
_AT = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)")


def moment(text: str, now: datetime) -> datetime | None:
    """The time that `text` names, never in the future; None when it names none. Without a zone it is local time."""
    text = text.strip().lower()
    if found := _AT.fullmatch(text):
        at = now.astimezone().replace(hour=int(found[1]), minute=int(found[2]), second=0, microsecond=0)
        return at if at <= now else at - timedelta(days=1)
    found = _AGO.fullmatch(text)
    if text and found:
        return now - timedelta(hours=int(found[1] or 0), minutes=int(found[2] or 0))
    try:
        at = datetime.fromisoformat(text).astimezone()
    except ValueError:
        return None
    return at if at <= now else None
