"""`ollama`: the client, which asks the server, and the entrance to `ollama serve` and to the tray application."""

from __future__ import annotations

import json
import os
import shutil
import socket
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sparkdr_tui.errors import SparkdrError
from sparkdr_tui.lab.door import ask
from sparkdr_tui.lab.standins.node import facts, inner_port
from sparkdr_tui.lab.standins.terminal import columns, err, out

VERSION = "0.5.1"
_PORT = 11434
_NO_SERVER = "could not connect to ollama app, is it running?"


class ServerError(SparkdrError):
    """What the server answered instead."""


def ollama(arguments: list[str]) -> int:
    """`ollama COMMAND …`."""
    command, rest = (arguments[0], arguments[1:]) if arguments else ("help", [])
    if command == "serve":
        from sparkdr_tui.lab.standins.ollama_server import serve

        return serve(*address())
    found = _COMMANDS.get(command)
    if found is None:
        err(f'Error: unknown command "{command}" for "ollama"')
        return 1
    try:
        return found(rest)
    except ServerError as error:
        err(f"Error: {error.message}")
    except OSError:
        err(f"Error: {_NO_SERVER}")
    return 1


def app(arguments: list[str]) -> int:
    """`ollama-app start|stop|restart|status`: what a hand does with the icon in the tray."""
    do = arguments[0] if arguments else "status"
    if do not in ("start", "stop", "restart", "status"):
        err("usage: ollama-app start|stop|restart|status")
        return 2
    known: Mapping[str, Any] = ask("units")["units"]
    if "ollama" not in known:
        _define()
    unit = ask("unit", do=do, name="ollama")
    out(f"Ollama: {unit.get('status', 'none')}")
    return 0


def address() -> tuple[str, int]:
    """Where the server is or will be: OLLAMA_HOST; its usual port stands for the one the lab gave it."""
    host, _, port = os.environ.get("OLLAMA_HOST", "").rpartition("://")[2].rstrip("/").partition(":")
    number = int(port) if port.isdigit() else _PORT
    if number == _PORT:
        number = inner_port("ollama", _PORT)
    return ("127.0.0.1" if host in ("", "0.0.0.0", "localhost") else host), number


def list_table(models: list[Mapping[str, Any]], now: datetime) -> str:
    """What `ollama list` prints."""
    rows = [("NAME", "ID", "SIZE", "MODIFIED")]
    for model in models:
        age = now - datetime.fromisoformat(str(model["modified_at"]))
        name, digest = str(model["name"]), str(model["digest"])
        rows.append((name, digest[:12], human_size(int(model["size"])), human_age(age.total_seconds())))
    return columns(rows, gap="    ")


def human_size(size: int) -> str:
    """Decimal units, as Ollama writes them."""
    for unit, factor in (("GB", 10**9), ("MB", 10**6), ("KB", 10**3)):
        if size >= factor:
            return f"{size / factor:.1f} {unit}" if size < 100 * factor else f"{size // factor} {unit}"
    return f"{size} B"


def human_age(seconds: float) -> str:
    """How long ago, in one unit."""
    for unit, factor in (("week", 604800), ("day", 86400), ("hour", 3600), ("minute", 60), ("second", 1)):
        if (count := int(seconds // factor)) >= 1:
            return f"{count} {unit}{'s' * (count > 1)} ago"
    return "Less than a second ago"


def _list(_: list[str]) -> int:
    answer = next(_request("GET", "/api/tags"))
    out(list_table(answer["models"], datetime.now(UTC)))
    return 0


def _ps(_: list[str]) -> int:
    next(_request("GET", "/api/ps"))
    out("NAME    ID    SIZE    PROCESSOR    UNTIL")
    return 0


def _pull(arguments: list[str]) -> int:
    names = [word for word in arguments if not word.startswith("-")]
    if len(names) != 1:
        err(f"Error: accepts 1 arg(s), received {len(names)}")
        return 1
    last = ""
    for answer in _request("POST", "/api/pull", {"name": names[0], "stream": True}):
        if error := answer.get("error"):
            raise ServerError(str(error))
        line = progress(answer)
        if line != last:
            out(line)
        last = line
    return 0


def progress(answer: Mapping[str, Any]) -> str:
    """A line of the progress of `ollama pull`."""
    status, total = str(answer.get("status", "")), int(answer.get("total", 0))
    if not total:
        return status
    done = int(answer.get("completed", 0))
    bar = "█" * (16 * done // total)
    return f"{status}... {100 * done // total:3d}% ▕{bar:<16}▏ {human_size(done)}/{human_size(total)}"


def _rm(arguments: list[str]) -> int:
    for name in arguments:
        answer = next(_request("DELETE", "/api/delete", {"name": name}))
        if error := answer.get("error"):
            raise ServerError(str(error))
        out(f"deleted '{name}'")
    return 0


def _version(_: list[str]) -> int:
    try:
        out(f"ollama version is {next(_request('GET', '/api/version'))['version']}")
    except OSError:
        out(f"Warning: could not connect to a running Ollama instance\nWarning: client version is {VERSION}")
    return 0


def _help(_: list[str]) -> int:
    out("Usage:\n  ollama [command]\n\nAvailable Commands:\n  serve list ps pull rm")
    return 0


_COMMANDS: Mapping[str, Callable[[list[str]], int]] = {
    "list": _list,
    "ls": _list,
    "ps": _ps,
    "pull": _pull,
    "rm": _rm,
    "--version": _version,
    "-v": _version,
    "help": _help,
    "--help": _help,
}


def _request(method: str, path: str, body: Mapping[str, Any] | None = None) -> Iterator[dict[str, Any]]:
    """Every JSON line of an answer, as it comes."""
    raw = json.dumps(body).encode() if body is not None else b""
    host, port = address()
    head = f"{method} {path} HTTP/1.1\r\nhost: {host}:{port}\r\ncontent-length: {len(raw)}\r\n\r\n"
    with socket.create_connection((host, port), 10) as line, line.makefile("rwb") as stream:
        stream.write(head.encode() + raw)
        stream.flush()
        while stream.readline().strip():
            pass  # status and headers: errors say so in their JSON
        for text in stream:
            yield json.loads(text)


def _define() -> None:
    here = facts()
    command = shutil.which("ollama") or str(Path(str(here["home"])) / "bin" / "ollama")
    host, port = address()
    ask("define", name="ollama", argv=[command, "serve"], env={"OLLAMA_HOST": f"{host}:{port}"}, port=port)
