"""The mains: what has power whenever the site has, so that a power failure can be told from a dead network."""

from __future__ import annotations

import asyncio


class Mains:
    """A port that accepts while there is power, and says nothing."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._server: asyncio.Server | None = None

    async def on(self) -> None:
        """There is power."""
        if self._server is None:
            self._server = await asyncio.start_server(lambda _reader, writer: writer.close(), "127.0.0.1", self._port)

    def off(self) -> None:
        """There is none."""
        if self._server is not None:
            self._server.close()
            self._server = None
