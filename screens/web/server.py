"""The web server of `observe --web`: one page, one socket, and for each socket the same command. Nothing else is asked.

Nothing that a browser sends is part of a command line; the command is made before the first one comes.
"""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path

import textual_serve
from aiohttp import WSCloseCode, WSMsgType, web
from jinja2 import Environment

from screens.web.guard import Guard, guard
from screens.web.session import FAREWELL, Session, size
from sparkdr_tui.errors import SparkdrError
from sparkdr_tui.language import _, current

SESSIONS = 16
"""Browsers that may watch at once: each is a process."""
_STATIC = Path(textual_serve.__file__).parent / "static"
_OURS = {"page.css": "text/css", "page.js": "text/javascript"}
_FONT = (8, 40)
_HEADERS = {
    # `unsafe-inline`: xterm.js writes its colours into style elements.
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; "
    "font-src 'self'; img-src 'self' data:; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; "
    "form-action 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "Server": "sparkdr-tui",
}


@dataclass
class Gallery:
    """Where browsers come to look."""

    command: Sequence[str]
    title: str
    guard: Guard
    sessions: set[Session] = field(default_factory=set)
    sockets: set[web.WebSocketResponse] = field(default_factory=set)

    def app(self) -> web.Application:
        """Everything that is answered."""
        app = web.Application(middlewares=[self._guarded], client_max_size=4096)
        app.add_routes(
            [
                web.get("/", self._page),
                web.get("/ws", self._watch),
                web.get("/alive", self._alive),
                *(web.get(f"/{name}", self._file) for name in _OURS),
                web.static("/static", _STATIC),
            ]
        )
        app.on_response_prepare.append(self._sign)
        return app

    @web.middleware
    async def _guarded(
        self, request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        if not self.guard.knows(request.headers.get("Host", "")):
            raise web.HTTPForbidden(text="This server is not called that.\n")
        return await handler(request)

    async def _sign(self, _request: web.Request, response: web.StreamResponse) -> None:
        response.headers.update(_HEADERS)

    async def _page(self, request: web.Request) -> web.Response:
        wanted = request.query.get("fontsize", "")
        text = (
            Environment(autoescape=True)
            .from_string(_ours("page.html"))
            .render(
                title=self.title,
                language=current(),
                font_size=max(_FONT[0], min(_FONT[1], int(wanted))) if wanted.isdecimal() and len(wanted) < 4 else 16,
                ended=_(
                    "What you see has ended or is no longer current; or too many are watching ({count} may)."
                ).format(count=SESSIONS),
                again=_("Open it again"),
            )
        )
        return web.Response(text=text, content_type="text/html")

    async def _file(self, request: web.Request) -> web.Response:
        name = request.path.rpartition("/")[2]
        return web.Response(text=_ours(name), content_type=_OURS[name])

    async def _alive(self, _request: web.Request) -> web.Response:
        return web.Response(text="yes\n")

    async def _watch(self, request: web.Request) -> web.StreamResponse:
        """A cockpit for as long as the socket is open."""
        if not self.guard.is_our_page(request.headers.get("Host", ""), request.headers.get("Origin", "")):
            raise web.HTTPForbidden(text="Only a page of this server may watch.\n")
        if len(self.sessions) >= SESSIONS:
            raise web.HTTPServiceUnavailable(text="Too many are watching.\n")
        websocket = web.WebSocketResponse(heartbeat=15, max_msg_size=1 << 16)
        session = Session(self.command, websocket)
        self.sessions.add(session)
        try:
            await websocket.prepare(request)
            self.sockets.add(websocket)
            await session.start(*_wanted(request))
            async for message in websocket:
                if message.type is WSMsgType.TEXT:
                    await session.heard(message.data)
        finally:
            self.sockets.discard(websocket)
            try:
                await session.stop()
            finally:
                self.sessions.discard(session)
        return websocket

    async def close(self) -> None:
        """Send everybody away."""
        leaving = [asyncio.create_task(each.close(code=WSCloseCode.GOING_AWAY)) for each in self.sockets]
        if leaving:
            await asyncio.wait(leaving, timeout=FAREWELL)
        await asyncio.gather(*(session.stop() for session in tuple(self.sessions)))


def _wanted(request: web.Request) -> tuple[int, int]:
    """The size that the browser asks for."""
    asked = [request.query.get(name, "") for name in ("width", "height")]
    return size(*(int(each) if each.isdecimal() and len(each) < 5 else 80 for each in asked))


def _ours(name: str) -> str:
    return files("screens.web").joinpath(name).read_text(encoding="utf-8")


# -- its life ----------------------------------------------------------------------------------------


def serve(command: Sequence[str], title: str, host: str, port: int, tell: Callable[[str], object]) -> int:
    """Serve until a signal comes; the exit status. `tell` is called with the address, once it answers."""
    return asyncio.run(_serve(Gallery(tuple(command), title, guard(host)), host, port, tell))


async def _serve(gallery: Gallery, host: str, port: int, tell: Callable[[str], object]) -> int:
    ended: asyncio.Future[signal.Signals] = asyncio.get_running_loop().create_future()
    for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(each, _end, ended, each)
    runner = web.AppRunner(gallery.app(), access_log=None, shutdown_timeout=FAREWELL)
    await runner.setup()
    try:
        try:
            await web.TCPSite(runner, host, port).start()
        except OSError as problem:
            raise SparkdrError(
                _("Nothing can be served on {host} port {port}: {why}.").format(
                    host=host, port=port, why=problem.strerror or problem
                ),
                _("Another one with `--port`; 0 takes any that is free."),
            ) from problem
        name = f"[{host}]" if ":" in host else host
        tell(f"http://{name}:{runner.addresses[0][1]}/")
        return 128 + await ended
    finally:
        await gallery.close()
        await runner.cleanup()


def _end(ended: asyncio.Future[signal.Signals], by: signal.Signals) -> None:
    if not ended.done():
        ended.set_result(by)
