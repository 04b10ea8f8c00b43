"""`ollama serve`: lists and pulls models, generates nothing."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path
from typing import Any

from sparkdr_tui.lab.standins import ollama_models, web
from sparkdr_tui.lab.standins.node import online
from sparkdr_tui.lab.standins.ollama import VERSION
from sparkdr_tui.lab.standins.terminal import err

_STEPS = 10
_PULL_SECONDS = 0.6
"""How long a download seems to take: a moment, not the twenty minutes of the real one."""


def serve(host: str, port: int) -> int:
    """Answer on `host:port` until SIGTERM."""

    def ready() -> None:
        _log(f"Listening on {host}:{port} (version {VERSION})")

    def logged(request: web.Request, answer: web.Answer) -> None:
        client = request.client.rpartition(":")[0]
        now = datetime.now().astimezone().strftime("%Y/%m/%d - %H:%M:%S")
        err(f'[GIN] {now} | {answer.status} | {client:>15} | {request.method:<8} "{request.path}"')

    where = ollama_models.folder()

    async def handle(request: web.Request) -> web.Answer:
        return await _handle(where, request)

    try:
        asyncio.run(web.serve(host, port, handle, logged, ready))
    except OSError as error:
        err(f"Error: listen tcp {host}:{port}: bind: {str(error.strerror).rpartition(': ')[2]}")
        return 1
    return 0


async def _handle(where: Path, request: web.Request) -> web.Answer:
    match request.method, request.path:
        case (("GET" | "HEAD"), "/"):
            return web.Answer(200, b"Ollama is running", "text/plain; charset=utf-8")
        case "GET", "/api/version":
            return web.json_answer({"version": VERSION})
        case (("GET" | "HEAD"), "/api/tags"):
            return web.json_answer(ollama_models.tags(where))
        case "GET", "/api/ps":
            return web.json_answer({"models": []})
        case "POST", "/api/pull":
            return web.Answer(200, _pull(where, _named(request)), "application/x-ndjson")
        case "DELETE", "/api/delete":
            return _delete(where, _named(request))
    return web.Answer(404, b"404 page not found", "text/plain")


def _delete(where: Path, name: str) -> web.Answer:
    if ollama_models.remove(where, name):
        return web.json_answer({})
    return web.json_answer({"error": f"model '{name}' not found"}, 404)


async def _pull(where: Path, name: str) -> AsyncIterator[bytes]:
    """The progress of a download, line by line."""
    yield _line(status="pulling manifest")
    model = ollama_models.REGISTRY.get(ollama_models.full_name(name))
    if not await asyncio.to_thread(online):
        path = f"https://registry.ollama.ai/v2/library/{name.replace(':', '/manifests/')}"
        error = f'pull model manifest: Get "{path}": dial tcp: lookup registry.ollama.ai: no such host'
        yield _line(error=error)
    elif model is None:
        yield _line(error="pull model manifest: file does not exist")
    else:
        for step in range(_STEPS + 1):
            done = model.size * step // _STEPS
            digest = model.digest
            yield _line(status=f"pulling {digest[:12]}", digest=f"sha256:{digest}", total=model.size, completed=done)
            await asyncio.sleep(_PULL_SECONDS / _STEPS)
        yield _line(status="verifying sha256 digest")
        yield _line(status="writing manifest")
        ollama_models.add(where, model)
        yield _line(status="success")


def _named(request: web.Request) -> str:
    try:
        found: Any = json.loads(request.body)
        return str(found.get("model") or found.get("name") or "")
    except (ValueError, AttributeError):
        return ""


def _line(**fields: Any) -> bytes:
    return json.dumps(fields).encode() + b"\n"


def _log(message: str) -> None:
    now = datetime.now().astimezone().isoformat(timespec="milliseconds")
    err(f'time={now} level=INFO source=routes.go:1259 msg="{message}"')
