"""Times as people type them into a dialog."""

from __future__ import annotations

from datetime import datetime

from sparkdr_tui.language import _
from sparkdr_tui.report.moments import moment as moment


def refuses(text: str, now: datetime) -> str:
    """Why a text is no time; empty when it is one."""
    if moment(text, now) is not None:
        return ""
    return _("Write how long ago (12m, 1h 30m) or the time of day (02:52).")
