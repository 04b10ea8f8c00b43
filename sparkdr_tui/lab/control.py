"""The door of the supervisor, from inside: who knocks, what is asked, who may ask it."""

from __future__ import annotations

import asyncio
import contextlib
import hmac
import json
import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from sparkdr_tui.errors import SparkdrError

log = logging.getLogger(__name__)

Request = Mapping[str, Any]
Verb = Callable[[Request], Awaitable[dict[str, Any]]]
NodeVerb = Callable[[str, Request], Awaitable[dict[str, Any]]]
_LINE = 1 << 20


class Control:
    """Answers one line per connection. A node's token opens the verbs of nodes, the lab's token all of them."""

    def __init__(
        self, token: str, nodes: Mapping[str, str], verbs: Mapping[str, Verb], node_verbs: Mapping[str, NodeVerb]
    ) -> None:
        self._token = token
        self._nodes = dict(nodes)
        self._verbs, self._node_verbs = dict(verbs), dict(node_verbs)
        self._server: asyncio.Server | None = None

    async def start(self, port: int) -> None:
        """Open the door on 127.0.0.1."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", port, limit=_LINE)

    def close(self) -> None:
        """Take no more requests."""
        if self._server:
            self._server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            answer = await self._answer(await asyncio.wait_for(reader.readline(), 10))
            writer.write(json.dumps(answer).encode() + b"\n")
            await writer.drain()
        except (OSError, TimeoutError, ValueError) as error:
            log.info("the door: %s", error)
        finally:
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()

    async def _answer(self, line: bytes) -> dict[str, Any]:
        try:
            request = json.loads(line)
            verb, token = str(request["verb"]), str(request["token"])
        except (ValueError, KeyError, TypeError):
            return {"ok": False, "error": "not a request"}
        try:
            return {"ok": True, **await self._run(verb, token, request)}
        except SparkdrError as error:
            return {"ok": False, "error": error.message, "hint": error.hint}
        except (OSError, KeyError, TypeError, ValueError) as error:
            log.exception("%s failed", verb)
            return {"ok": False, "error": f"{verb}: {type(error).__name__}: {error}"}

    async def _run(self, verb: str, token: str, request: Request) -> dict[str, Any]:
        if hmac.compare_digest(token, self._token):
            if verb in self._verbs:
                return await self._verbs[verb](request)
            node = str(request.get("node", ""))
        else:
            node = next((name for name, each in self._nodes.items() if hmac.compare_digest(token, each)), "")
        if not node or verb not in self._node_verbs:
            raise SparkdrError(f"the door knows no {verb!r} for this token")
        return await self._node_verbs[verb](node, request)
