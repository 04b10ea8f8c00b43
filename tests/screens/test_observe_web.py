"""The observer's cockpit in browsers: who is answered, what is started for them, and that it ends with them."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import ClientSession, ClientWebSocketResponse, WSMsgType, WSServerHandshakeError, web

from screens.web.guard import guard
from screens.web.server import SESSIONS, Gallery
from sparkdr_tui.text import one_line
from tests.engine.command_line import process

STANDS = "echo __GANGLION__; cat >/dev/null; exit"
"""Begins like a Textual app, takes what comes and ends when nothing can come any more."""

DRAWS = """
import json, os, sys

def draw(data):
    sys.stdout.buffer.write(b"D" + len(data).to_bytes(4, "big") + data)
    sys.stdout.flush()

print("__GANGLION__", flush=True)
"""
TELLS = f"""{DRAWS}
draw(json.dumps({{"arguments": sys.argv[1:], "environment": dict(os.environ)}}).encode())
sys.stdin.read()
"""
ECHOES = f"""{DRAWS}
draw(b"!")
while data := os.read(0, 65536):
    draw(data)
"""


# -- who is answered ---------------------------------------------------------------------------------


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.1:8765", "localhost:9", "LOCALHOST", "[::1]:8765", "127.9.9.9"])
def test_on_loopback_this_machine_is_known_by_its_own_names_at_any_port(host: str) -> None:
    assert guard("127.0.0.1").knows(host)


@pytest.mark.parametrize(
    "host",
    ["", "evil.example", "evil.example:8765", "localhost.evil.example", "192.168.0.7", "127.0.0.1.evil.example",
     "localhost:8765;script-src", "localhost:8765/", "local host", "[::1", "[::1]x", "user@localhost", "0x7f.1"],
)  # fmt: skip
def test_on_loopback_no_other_name_is_known(host: str) -> None:
    assert not guard("127.0.0.1").knows(host)


def test_beyond_this_machine_addresses_and_its_own_name_are_known_but_no_name_that_others_give_it() -> None:
    everywhere = guard("0.0.0.0")
    assert everywhere.knows("192.168.0.7:8765") and everywhere.knows("[fe80::1]") and everywhere.knows("localhost")
    assert guard("wall.office").knows("wall.office:80")
    assert not everywhere.knows("evil.example") and not everywhere.knows("wall.office")


@pytest.mark.parametrize(
    "origin",
    ["", "null", "http://evil.example", "http://127.0.0.1:8766", "http://127.0.0.1", "file://", "127.0.0.1:8765",
     "ws://127.0.0.1:8765", "http://127.0.0.1:8765.evil.example", "http://"],
)  # fmt: skip
def test_a_page_of_another_place_is_not_ours(origin: str) -> None:
    assert guard("127.0.0.1").is_our_page("127.0.0.1:8765", "http://127.0.0.1:8765")
    assert not guard("127.0.0.1").is_our_page("127.0.0.1:8765", origin)


# -- the server --------------------------------------------------------------------------------------


class Visitor:
    """Somebody who comes with a browser's headers, or others."""

    def __init__(self, client: ClientSession, gallery: Gallery, home: str) -> None:
        self.client, self.gallery, self.home = client, gallery, home

    async def watch(self, query: str = "", **headers: str) -> ClientWebSocketResponse:
        said = {"Origin": self.home, **headers}
        return await self.client.ws_connect(f"{self.home}/ws{query}", headers={k: v for k, v in said.items() if v})

    async def refused(self, **headers: str) -> int:
        with pytest.raises(WSServerHandshakeError) as refusal:
            await self.watch(**headers)
        return refusal.value.status


@asynccontextmanager
async def served(*command: str) -> AsyncIterator[Visitor]:
    gallery = Gallery(command or ("/bin/sh", "-c", STANDS), "Sparklio <V4>", guard("127.0.0.1"))
    runner = web.AppRunner(gallery.app(), access_log=None, shutdown_timeout=5)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        async with ClientSession() as client:
            yield Visitor(client, gallery, f"http://127.0.0.1:{runner.addresses[0][1]}")
    finally:
        await gallery.close()
        await runner.cleanup()


async def until(condition: Callable[[], object]) -> None:
    for _look in range(2000):
        if condition():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("waited in vain")


def processes(visitor: Visitor) -> list[int]:
    return [each.process.pid for each in visitor.gallery.sessions if each.process is not None]


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


async def test_the_page_is_complete_in_itself_and_says_what_it_may_do() -> None:
    async with served() as visitor, visitor.client.get(f"{visitor.home}/?fontsize=999&x=%22%3E%3Cscript%3E") as answer:
        text = await answer.text()
        assert "Sparklio &lt;V4&gt;" in text and "<script>" not in text and 'data-font-size="40"' in text
        assert "//" not in text.replace("</", "").partition("<body>")[0]  # no address of anybody else
        policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy and "frame-ancestors 'none'" in policy
        for name in ("page.js", "page.css", "static/js/textual.js", "static/fonts/RobotoMono-VariableFont_wght.ttf"):
            async with visitor.client.get(f"{visitor.home}/{name}") as part:
                assert part.status == 200, name
        for name in ("static/", "download/key", "static/../server.py", "nothing"):
            async with visitor.client.get(f"{visitor.home}/{name}") as part:
                assert part.status in (403, 404), name
        async with visitor.client.post(visitor.home) as part:
            assert part.status == 405


async def test_neither_another_page_nor_another_name_opens_a_socket_or_anything_else() -> None:
    async with served() as visitor:
        port = visitor.home.rpartition(":")[2]
        assert await visitor.refused(Origin="http://evil.example") == 403
        assert await visitor.refused(Origin="") == 403
        rebound = f"evil.example:{port}"
        assert await visitor.refused(Host=rebound, Origin=f"http://{rebound}") == 403
        for path in ("/", "/page.js", "/alive", "/static/js/textual.js"):
            async with visitor.client.get(visitor.home + path, headers={"Host": rebound}) as answer:
                assert answer.status == 403
        assert not visitor.gallery.sessions
        tunnel = "localhost:18765"
        socket = await visitor.watch(Host=tunnel, Origin=f"http://{tunnel}")
        await until(lambda: processes(visitor))
        await socket.close()


async def test_a_cockpit_ends_with_its_tab_and_not_with_another_ones() -> None:
    async with served() as visitor:
        one, two = await visitor.watch(), await visitor.watch()
        await until(lambda: len(processes(visitor)) == 2)
        both = set(processes(visitor))
        await one.close()
        await until(lambda: len(visitor.gallery.sessions) == 1)
        (left,) = processes(visitor)
        assert [alive(pid) for pid in both - {left}] == [False] and alive(left)
        await two.close()
        await until(lambda: not visitor.gallery.sessions)
        assert not alive(left)


async def test_a_cockpit_that_does_not_want_to_end_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("screens.web.session.FAREWELL", 0.2)
    async with served(
        "/bin/sh", "-c", "trap '' TERM HUP INT; echo __GANGLION__; while :; do sleep 60; done"
    ) as visitor:
        socket = await visitor.watch()
        await until(lambda: processes(visitor))
        (pid,) = processes(visitor)
        await socket.close()
        await until(lambda: not visitor.gallery.sessions)
        assert not alive(pid)


async def test_a_cockpit_that_dies_leaves_nobody_in_front_of_a_picture_that_stands_still() -> None:
    async with served() as visitor:
        socket = await visitor.watch()
        await until(lambda: processes(visitor))
        os.kill(processes(visitor)[0], 9)
        assert (await socket.receive(timeout=20)).type in (WSMsgType.CLOSE, WSMsgType.CLOSED)


async def test_when_the_server_ends_everybody_is_sent_away() -> None:
    async with served() as visitor:
        sockets = [await visitor.watch() for _each in range(3)]
        await until(lambda: len(processes(visitor)) == 3)
        pids = processes(visitor)
        closing = asyncio.create_task(visitor.gallery.close())
        for socket in sockets:
            assert (await socket.receive(timeout=20)).type in (WSMsgType.CLOSE, WSMsgType.CLOSED)
        await closing
        assert not [pid for pid in pids if alive(pid)]


async def test_there_are_never_more_than_so_many() -> None:
    async with served() as visitor:
        sockets = [await visitor.watch() for _each in range(SESSIONS)]
        assert await visitor.refused() == 503
        await sockets[0].close()
        await until(lambda: len(visitor.gallery.sessions) < SESSIONS)
        sockets.append(await visitor.watch())
        for socket in sockets:
            await socket.close()


async def test_nothing_that_a_browser_sends_becomes_part_of_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    """What it was started with, said by itself: its arguments and its environment."""
    monkeypatch.setenv("MINIO_SECRET_KEY", "hunter2")
    monkeypatch.setenv("PGPASSWORD", "hunter2")
    awkward = ["a b", "'", '"', "$(touch pwned)", "`id`", "\\", ";", "*", "$HOME"]
    query = "?width=99999999&height=-1&plan=/etc&cmd=;id&COLUMNS=$(id)"
    async with served(sys.executable, "-c", TELLS, *awkward) as visitor:
        socket = await visitor.watch(query, Cookie="x=$(id)")
        said = (await socket.receive(timeout=20)).data.decode()
        await socket.close()
    found = json.loads(said)
    assert found["arguments"] == awkward
    assert (found["environment"]["COLUMNS"], found["environment"]["ROWS"]) == ("80", "80")
    assert found["environment"]["PATH"] == os.environ["PATH"]
    assert "hunter2" not in said and "(id)" not in said


async def test_what_no_browser_says_disturbs_nobody() -> None:
    async with served(sys.executable, "-c", ECHOES) as visitor:
        socket = await visitor.watch()
        assert (await socket.receive(timeout=20)).data == b"!"
        for nonsense in (
            "",
            "{",
            "[]",
            "7",
            '["stdin"]',
            '["stdin", 7]',
            '["resize", {}]',
            '["deliver", "x"]',
            "[[]]",
            "[" * 30000,
        ):
            await socket.send_str(nonsense)
        await socket.send_bytes(b'["stdin", "x"]')
        await socket.send_json(["resize", {"width": 10**9, "height": 10**9}])
        await socket.send_json(["stdin", "x" * 9000])
        await socket.send_json(["stdin", "end"])
        heard = b""
        while b"end" not in heard:
            heard += (await socket.receive(timeout=20)).data
        assert heard.startswith(b"M") and b'"width": 400, "height": 200}' in heard
        assert heard.count(b"x") == 4096
        await socket.close()


# -- the command -------------------------------------------------------------------------------------

SAMPLE = Path(__file__).parent / "sample"


def observe(*arguments: str, **env: str) -> tuple[int, str]:
    said = process("--plan", SAMPLE, "--lang", "en", "observe", "--web", *arguments, env=env)
    return said.status, one_line(said.err, 500)


def test_beyond_this_machine_it_is_served_only_to_somebody_who_says_that_they_mean_it() -> None:
    status, said = observe("--host", "0.0.0.0", "--port", "0")
    assert status == 2
    assert "there is no password" in said and "--anybody" in said and "ssh -L" in said


async def test_a_port_that_is_taken_is_said() -> None:
    async with served() as visitor:
        port = visitor.home.rpartition(":")[2]
        status, said = await asyncio.to_thread(observe, "--port", port)
    assert status == 1
    assert f"127.0.0.1 port {port}" in said and "--port" in said


def test_without_the_extra_one_line_says_how_to_get_it(tmp_path: Path) -> None:
    said = blocked(tmp_path, ["--plan", str(SAMPLE), "observe", "--web"])
    assert said == (2, 'A browser needs the extra “web”, which is not installed.\npip install "sparkdr-tui[web]"\n')


def blocked(folder: Path, arguments: Sequence[str]) -> tuple[int, str]:
    """The program where textual-serve is not installed."""
    (folder / "sitecustomize.py").write_text("import sys\nsys.modules['textual_serve'] = None\n")
    done = process(*arguments, env={"PYTHONPATH": f"{folder}{os.pathsep}{Path(__file__).parents[2]}"})
    return done.status, done.err
