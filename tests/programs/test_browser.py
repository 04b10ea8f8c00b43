"""`observe --web` in a real browser: it shows, in both languages, and nobody can do anything through it."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from tests.engine.command_line import environment
from tests.programs.browser import CHROMIUM, Browser, browser
from tests.programs.needs import needs
from tests.screens.stage import DAMAGED, Hands, Story, sample_plan
from tests.screens.test_observer_keys import tree

pytestmark = needs("chromium", *CHROMIUM)
ROOT = Path(__file__).parents[2]
PNG = b"\x89PNG\r\n"


class Server:
    """`observe --web` on a free port."""

    def __init__(self, plan: Path, state: Path, lang: str) -> None:
        self.command = ["--plan", str(plan), "--state", str(state), "--lang", lang, "observe"]
        self.process = subprocess.Popen(
            [sys.executable, "-m", "sparkdr_tui", *self.command, "--web", "--port", "0"],
            stdout=subprocess.PIPE, text=True, env=environment({"TZ": "UTC"}), cwd=ROOT,
        )  # fmt: skip
        assert self.process.stdout is not None
        self.says = self.process.stdout.readline()
        self.url = next(word for word in self.says.split() if word.startswith("http://127.0.0.1:"))

    def cockpits(self) -> dict[int, str]:
        """Its processes, with their command lines."""
        said = subprocess.run(
            ["ps", "-ww", "-eo", "pid=,ppid=,args="], capture_output=True, text=True, check=True
        ).stdout
        found = (line.split(None, 2) for line in said.splitlines())
        return {
            int(pid): args for pid, parent, args in found if parent == str(self.process.pid) and "<defunct" not in args
        }

    async def until_there_are(self, count: int) -> None:
        for _look in range(400):
            if len(self.cockpits()) == count:
                return
            await asyncio.sleep(0.05)
        raise AssertionError(self.cockpits())

    def interrupt(self) -> int:
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(30)


@contextmanager
def serving(plan: Path, state: Path, lang: str = "en") -> Iterator[Server]:
    server = Server(plan, state, lang)
    try:
        yield server
    finally:
        server.process.kill()
        server.process.wait()


def awkward_plan(folder: Path) -> Path:
    """A copy of the sample plan where no shell would find it."""
    plan = folder / 'a plan\'s "$(touch pwned)" `id` 계획; #'
    shutil.copytree(ROOT / "tests" / "screens" / "sample", plan)
    return plan


async def test_a_browser_shows_the_run_in_both_languages_and_changes_nothing(tmp_path: Path) -> None:
    plan, state = awkward_plan(tmp_path), tmp_path / "state"
    story = Story(state, sample_plan(), Hands(datetime.now(UTC))).observe(DAMAGED).do("stop-clients").ask("safety-copy")
    async with browser(tmp_path) as chromium:
        with serving(plan, state) as server:
            before = tree(state), tree(plan)
            tab = await chromium.tab(server.url)
            seen = await tab.until("INC-0042", "? 2 Keep a copy of what is there", "asks")
            assert "◉ observer" in seen and "1 Topology" in seen and "PostgreSQL" in seen and "✔ 1 Stop what" in seen
            assert await tab.evaluate("document.title") == "Sparklio V4 · observer"
            assert (await tab.picture()).startswith(PNG)
            (line,) = server.cockpits().values()
            assert line.endswith(" ".join(server.command)), line

            for key in ("Enter", " ", "s", "r", "x", "m", "u", "B", "n", "a", "A", "R", "i", "o"):
                await tab.press(key)
            await tab.press("z", modifiers=2)
            assert await tab.until("INC-0042", "? 2 Keep a copy")
            assert (tree(state), tree(plan)) == before

            began = time.monotonic()
            story.start("safety-copy", "pg_dump: 테이블 저장 중").close()
            await tab.until("▶ 2 Keep a copy", "테이블 저장 중")
            assert time.monotonic() - began < 3  # about one second, on a machine that also runs other tests
            await _nothing_came_from_elsewhere(tab.events, server.url)
            await _another_page_sees_nothing(chromium, server)

            await chromium.close(tab)
            await server.until_there_are(0)
            assert server.interrupt() == 130

        with serving(plan, state, "ko") as server:
            tab = await chromium.tab(server.url)
            await tab.until("◉ 관찰자", "▶ 2 현재 데이터베이스의 사본 보관", "데이터베이스에 쓰는 서비스 중지")
            (cockpit,) = server.cockpits()
            os.kill(cockpit, signal.SIGKILL)
            await _says(chromium, tab, "-closed")
            again = await chromium.tab(server.url)
            await again.until("◉ 관찰자", "INC-0042")
            (cockpit,) = server.cockpits()
            server.process.kill()  # it takes no leave, and its cockpits end nevertheless
            for _look in range(200):
                if not _lives(cockpit):
                    break
                await asyncio.sleep(0.05)
            assert not _lives(cockpit)
    assert not _there(ROOT / "pwned", tmp_path / "pwned", state / "pwned", plan / "pwned")


async def _nothing_came_from_elsewhere(events: list[dict[str, object]], url: str) -> None:
    asked = [each["params"]["request"]["url"] for each in events if each["method"] == "Network.requestWillBeSent"]  # type: ignore[index]
    assert asked and not [each for each in asked if not each.startswith(url)], asked
    problems = [each for each in events if each["method"] == "Runtime.exceptionThrown" or "violates" in str(each)]
    assert not problems, problems


async def _another_page_sees_nothing(chromium: Browser, server: Server) -> None:
    """A page from elsewhere, in the same browser, and the same server under a name that somebody else gave it."""
    elsewhere = await chromium.tab("data:text/html,<title>elsewhere</title>")
    socket = server.url.replace("http:", "ws:") + "ws?width=80&height=24"
    tried = """new Promise(done => {
        const socket = new WebSocket("%s");
        socket.onopen = () => done("open"); socket.onerror = () => done("refused");
    })"""
    assert await elsewhere.evaluate(tried % socket) == "refused"
    port = server.url.rstrip("/").rpartition(":")[2]
    rebound = await chromium.tab(f"http://elsewhere.example:{port}/")
    for _look in range(100):
        if text := await rebound.evaluate("document.body && document.body.innerText"):
            break
        await asyncio.sleep(0.05)
    assert "not called that" in text
    assert len(server.cockpits()) == 1
    await chromium.close(elsewhere)
    await chromium.close(rebound)


async def _says(_chromium: Browser, tab: object, name: str) -> None:
    for _look in range(200):
        if await tab.evaluate(f"document.body.classList.contains('{name}')"):  # type: ignore[attr-defined]
            return
        await asyncio.sleep(0.05)
    raise AssertionError(f"the page never became {name}")


def _there(*paths: Path) -> list[Path]:
    return [path for path in paths if path.exists()]


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
