"""The supervisor's door, from outside: one JSON line there, one JSON line back.

Stand-in commands use it on every call, so it needs nothing but the standard library.
"""

from __future__ import annotations

import json
import os
import socket
from typing import Any

from sparkdr_tui.errors import SparkdrError

TIMEOUT = 60.0


class DoorError(SparkdrError):
    """The supervisor refused what was asked, or is not there."""


def ask(verb: str, **arguments: Any) -> dict[str, Any]:
    """Ask the lab this process belongs to, with the token of its node."""
    door, token = os.environ.get("SPARKDR_LAB_DOOR", ""), os.environ.get("SPARKDR_LAB_TOKEN", "")
    host, _, port = door.rpartition(":")
    if not port.isdigit():
        raise DoorError("This command belongs to a lab, and there is none around it.")
    return knock(host, int(port), {"token": token, "verb": verb, **arguments})


def knock(host: str, port: int, request: dict[str, Any], timeout: float = TIMEOUT) -> dict[str, Any]:
    """Send one request; raises `DoorError` with the supervisor's words when it is refused."""
    try:
        with socket.create_connection((host, port), timeout) as line, line.makefile("rwb") as stream:
            stream.write(json.dumps(request).encode() + b"\n")
            stream.flush()
            answer = stream.readline()
    except OSError as error:
        raise DoorError(f"The lab's supervisor does not answer at {host}:{port} ({error}).") from error
    if not answer:
        raise DoorError("The lab's supervisor went away before it answered.")
    found: dict[str, Any] = json.loads(answer)
    if not found.get("ok"):
        raise DoorError(str(found.get("error", "the lab's supervisor refused")), str(found.get("hint", "")))
    return found
