"""A real browser without a window: Chromium, driven over its DevTools protocol. It talks to this machine only."""

from __future__ import annotations

import asyncio
import base64
import itertools
import os
import re
from asyncio.subprocess import DEVNULL, PIPE
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from aiohttp import ClientSession, ClientWebSocketResponse

from tests.programs.needs import program

FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
    "--disable-background-networking", "--disable-component-update", "--disable-extensions", "--disable-dev-shm-usage",
    "--no-proxy-server", "--host-resolver-rules=MAP elsewhere.example 127.0.0.1, MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
    "--remote-debugging-port=0", "--window-size=1200,700", "--hide-scrollbars", "--lang=en",
)  # fmt: skip

# Who makes an xterm keeps what it is made of in `_core`: there is no other way to what is on its screen.
CATCH = """
Object.defineProperty(Object.prototype, "_core", {
  configurable: true,
  set(core) {
    if (core && core.buffers) window.xterm = core;
    Object.defineProperty(this, "_core", { value: core, writable: true, configurable: true });
  },
});
"""
READ = """
(() => {
  const buffer = window.xterm && window.xterm.buffers.active;
  if (!buffer) return "";
  const lines = [];
  for (let row = 0; row < window.xterm.rows; row++) {
    lines.push(buffer.lines.get(row + buffer.ydisp).translateToString(true));
  }
  return lines.join("\\n");
})()
"""


CHROMIUM = ("chromium", "chromium-browser", "google-chrome")


class Tab:
    """One tab."""

    def __init__(self, socket: ClientWebSocketResponse) -> None:
        self._socket = socket
        self._numbers = itertools.count(1)
        self._answers: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self.events: list[dict[str, Any]] = []
        self._listening = asyncio.create_task(self._listen())

    async def _listen(self) -> None:
        async for message in self._socket:
            said = message.json()
            if "id" in said:
                self._answers.pop(said["id"]).set_result(said)
            else:
                self.events.append(said)

    async def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        number = next(self._numbers)
        self._answers[number] = asyncio.get_running_loop().create_future()
        await self._socket.send_json({"id": number, "method": method, "params": parameters})
        answer = await asyncio.wait_for(asyncio.shield(self._answers[number]), 60)
        assert "error" not in answer, (method, answer)
        found: dict[str, Any] = answer["result"]
        return found

    async def open(self, url: str) -> None:
        for domain in ("Page", "Runtime", "Network", "Log"):
            await self.call(f"{domain}.enable")
        await self.call("Page.addScriptToEvaluateOnNewDocument", source=CATCH)
        await self.call("Page.navigate", url=url)

    async def evaluate(self, expression: str) -> Any:
        found = await self.call("Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True)
        assert "exceptionDetails" not in found, found
        return found["result"].get("value")

    async def screen(self) -> str:
        """What stands on the terminal in the page."""
        return str(await self.evaluate(READ) or "")

    async def until(self, *texts: str, seconds: float = 60) -> str:
        """Wait until all of the texts are on the screen."""
        deadline = asyncio.get_running_loop().time() + seconds
        seen = await self.screen()
        while not all(text in seen for text in texts):
            assert asyncio.get_running_loop().time() < deadline, f"{texts} never came; the page says:\n{seen}"
            await asyncio.sleep(0.05)
            seen = await self.screen()
        return seen

    async def press(self, key: str, **more: Any) -> None:
        text = {"text": key} if len(key) == 1 else {}
        await self.call("Input.dispatchKeyEvent", type="keyDown", key=key, **text, **more)
        await self.call("Input.dispatchKeyEvent", type="keyUp", key=key, **more)

    async def picture(self) -> bytes:
        """A PNG of the page."""
        return base64.b64decode((await self.call("Page.captureScreenshot", format="png"))["data"])


class Browser:
    """A browser with nothing in it."""

    def __init__(self, session: ClientSession, home: str) -> None:
        self._session, self._home = session, home
        self._tabs: dict[Tab, str] = {}

    async def tab(self, url: str) -> Tab:
        async with self._session.put(f"{self._home}/json/new?about:blank") as answer:
            target = await answer.json()
        tab = Tab(await self._session.ws_connect(target["webSocketDebuggerUrl"], max_msg_size=0))
        self._tabs[tab] = target["id"]
        await tab.open(url)
        return tab

    async def close(self, tab: Tab) -> None:
        async with self._session.get(f"{self._home}/json/close/{self._tabs.pop(tab)}"):
            pass


@asynccontextmanager
async def browser(folder: Path) -> AsyncIterator[Browser]:
    """A browser with `folder` for all it keeps."""
    found = program(*CHROMIUM)
    assert found is not None, "no browser"
    process = await asyncio.create_subprocess_exec(
        found, *FLAGS, f"--user-data-dir={folder / 'chromium'}", "about:blank",
        stdin=DEVNULL, stdout=DEVNULL, stderr=PIPE,
        env={**os.environ, "HOME": str(folder), "DBUS_SESSION_BUS_ADDRESS": "disabled:"},
    )  # fmt: skip
    reading = None
    try:
        assert process.stderr is not None
        port = await asyncio.wait_for(_port(process.stderr), 90)
        reading = asyncio.create_task(process.stderr.read())
        async with ClientSession() as session:
            yield Browser(session, f"http://127.0.0.1:{port}")
    finally:
        process.terminate()
        try:
            await asyncio.wait_for(process.wait(), 20)
        except TimeoutError:
            process.kill()
            await process.wait()
        if reading is not None:
            await reading


async def _port(stderr: asyncio.StreamReader) -> str:
    """Where it listens: a free port, which it says."""
    while line := await stderr.readline():
        if found := re.search(rb"DevTools listening on ws://127\.0\.0\.1:(\d+)/", line):
            return found[1].decode()
    raise AssertionError("the browser ended")
