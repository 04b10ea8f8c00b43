"""Times as people type them: `12` or `12m` ago, `02:52` today. Pure."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from sparkdr_tui.language import _

_AGO = re.compile(r"(?:(\d{1,3})\s*h)?\s*(?:(\d{1,4})\s*m?)?")
_AT = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)")


def moment(text: str, now: datetime) -> datetime | None:
    """The time that `text` names, never in the future; None when it names none."""
    text = text.strip().lower()
    if found := _AT.fullmatch(text):
        at = now.astimezone().replace(hour=int(found[1]), minute=int(found[2]), second=0, microsecond=0)
        return at if at <= now else at - timedelta(days=1)
    found = _AGO.fullmatch(text)
    if not text or not found:
        return None
    return now - timedelta(hours=int(found[1] or 0), minutes=int(found[2] or 0))


def refuses(text: str, now: datetime) -> str:
    """Why a text is no time; empty when it is one."""
    if moment(text, now) is not None:
        return ""
    return _("Write how long ago (12m, 1h 30m) or the time of day (02:52).")
