"""Whom the server answers: no page of another site, and no name that somebody else points at this machine."""

from __future__ import annotations

import re
import socket
from dataclasses import dataclass
from ipaddress import ip_address

_HOST = re.compile(r"(\[[0-9a-f:.]+\]|[\w.-]+)(?::\d{1,5})?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Guard:
    """What a browser may call this server. Ports are not compared: somebody may come through a tunnel (`ssh -L`)."""

    names: frozenset[str]
    everywhere: bool
    """Whether the address may be any; else only one of this machine alone."""

    def knows(self, host: str) -> bool:
        """Whether `Host:` is one of our names or addresses; a name can be pointed at us (DNS rebinding)."""
        said = _HOST.fullmatch(host.lower())
        name = said[1].strip("[]") if said else ""
        if name in self.names:
            return True
        try:
            return ip_address(name).is_loopback or self.everywhere
        except ValueError:
            return False

    def is_our_page(self, host: str, origin: str) -> bool:
        """Whether `Origin:` is a page of this server. Browsers say it with every WebSocket, and no page can lie."""
        scheme, _colon, place = origin.partition("://")
        return scheme in ("http", "https") and bool(place) and place.lower() == host.lower()


def guard(host: str) -> Guard:
    """The guard of a server that listens on `host`."""
    names = {"localhost", host.lower()}
    if is_loopback(host):
        return Guard(frozenset(names), everywhere=False)
    own = socket.gethostname().lower()
    return Guard(frozenset({*names, own, own.partition(".")[0], own.partition(".")[0] + ".local"}), everywhere=True)


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches it."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"
