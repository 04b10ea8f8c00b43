"""Looking at an HTTP service: a GET, and whether its status is one of those that were promised."""

from __future__ import annotations

import ssl

from sparkdr_tui.plan.model import HttpProbe
from sparkdr_tui.text import one_line
from sparkdr_tui.watch.finding import UP, Finding, Place, damaged
from sparkdr_tui.watch.wire import get

_SAID = 120
"""Characters of a wrong answer that are told."""


async def look(probe: HttpProbe, place: Place) -> Finding:
    """Whether the path answers as it should; what it says otherwise."""
    tls = ssl.create_default_context() if probe.tls else None
    host = f"[{place.host}]" if ":" in place.host else place.host
    headers = {"Host": f"{host}:{place.port}", "User-Agent": "sparkdr-tui", "Accept": "*/*"}
    answer = await get(place, probe.path, headers, limit=4096, tls=tls)
    if answer.status in probe.status:
        return UP
    said = one_line(answer.body.decode(errors="replace"), _SAID)
    return damaged(f"{probe.path} answers {answer.status}" + (f": {said}" if said else ""))
