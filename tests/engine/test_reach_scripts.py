"""What every way to a node promises about scripts: the same tests run against this machine and an SSH node."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from sparkdr_tui.errors import SparkdrError
from sparkdr_tui.reach import bash, ssh
from sparkdr_tui.reach.local import LocalShell
from sparkdr_tui.reach.shell import Process, Script, Shell
from tests.engine.ssh_node import end, eventually, lives, ssh_node


@pytest.fixture(params=["local", "ssh"])
async def shell(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Shell]:
    if request.param == "local":
        yield LocalShell()
        return
    async with ssh_node(tmp_path / "node") as node:
        reached = await ssh.connect(node.target())
        yield reached
        await reached.close()


async def said(shell: Shell, text: str, **env: str) -> tuple[int, str]:
    result = await shell.run(Script(text, env), timeout=20)
    return result.status, result.text


async def first_line(process: Process) -> tuple[str, asyncio.Task[bytes]]:
    """The first line of output; the rest is read in the background."""
    chunks = process.chunks()
    got = b""
    while b"\n" not in got:
        got += await anext(chunks)

    async def rest() -> bytes:
        return b"".join([chunk async for chunk in chunks])

    return got.decode().splitlines()[0], asyncio.create_task(rest())


async def gone(pid: int) -> None:
    await eventually(lambda: not lives(pid))


async def test_a_script_finds_its_environment_and_stdout_and_stderr_come_together(shell: Shell) -> None:
    value = 'it\'s "$HOME" `x`\nsecond line, 한국어'
    status, text = await said(shell, 'echo one; echo two >&2; echo "$VALUE"', VALUE=value)
    assert (status, text) == (0, f"one\ntwo\n{value}\n")


async def test_a_value_that_begins_with_a_tilde_means_the_nodes_home(shell: Shell) -> None:
    assert await said(shell, 'echo "$A|$B"', A="~/some where", B="a~/b") == (0, f"{Path.home()}/some where|a~/b\n")


@pytest.mark.parametrize(
    ("text", "status", "output"),
    [
        ("echo a; false; echo b", 1, "a\n"),
        ("false | true; echo b", 1, ""),
        ("f() { echo in; return 3; }; f; echo b", 3, "in\n"),
        ("trap 'echo bye' EXIT; exit 7", 7, "bye\n"),
        ("cat <<'EOF'\n$HOME it's\nEOF\necho after", 0, "$HOME it's\nafter\n"),
        ("cat; echo end of nothing", 0, "end of nothing\n"),
        ("echo $undefined; echo b", 1, "bash: line 1: undefined: unbound variable\n"),
        ("echo one\nif then", 2, "one\nbash: eval: line 2: syntax error near unexpected token `then'\n"),
        ("echo $# ${BASH_ARGV0:-x}; set -- a b; echo $#", 0, "0 bash\n2\n"),
        ("kill -KILL $$", 137, ""),
        ("kill -TERM $$", 143, ""),
        ("exit 0\n# a last line without an end", 0, ""),
        ("", 0, ""),
    ],
)
async def test_a_script_runs_as_in_bash_with_e_u_and_pipefail(
    shell: Shell, text: str, status: int, output: str
) -> None:
    found, said_ = await said(shell, text)
    assert found == status
    assert said_.replace("eval: ", "").replace(f"line 2: `{text.splitlines()[-1] if text else ''}'\n", "") in (
        output.replace("eval: ", ""),
        output.replace("eval: ", "") + "bash: ",
    )


async def test_a_script_of_a_megabyte_runs(shell: Shell) -> None:
    assert await said(shell, "echo start\n" + "# padding padding\n" * 60_000 + "echo end") == (0, "start\nend\n")


async def test_a_script_that_was_cut_off_is_not_run(shell: Shell, tmp_path: Path) -> None:
    whole = bash.stdin(Script(f"touch {tmp_path}/ran\ntouch {tmp_path}/ran2", {"A": "b"}), "abc")
    for cut in range(0, len(whole), 7):
        child = await asyncio.create_subprocess_exec(*bash.argv("abc"), stdin=-1, stdout=-1, stderr=-1)
        await child.communicate(whole[:cut])
        assert child.returncode == bash.CUT_OFF
    assert not (tmp_path / "ran").exists()


async def test_a_large_output_comes_whole_and_in_order(shell: Shell) -> None:
    process = await shell.start(Script("seq 1 400000"))
    output = b"".join([chunk async for chunk in process.chunks()])
    assert output == b"".join(b"%d\n" % number for number in range(1, 400_001))
    assert await process.wait() == 0


async def test_output_beyond_the_limit_is_dropped_and_the_script_still_ends(shell: Shell) -> None:
    result = await shell.run(Script("seq 1 200000; exit 4"), timeout=20, limit=10)
    assert (result.status, result.output) == (4, b"1\n2\n3\n4\n5\n")


async def test_a_daemon_that_holds_the_output_open_does_not_hold_up_the_script(shell: Shell) -> None:
    began = time.monotonic()
    status, text = await said(shell, "sleep 60 & echo $!")
    assert status == 0
    assert time.monotonic() - began < 30
    assert lives(int(text))
    end(int(text))


async def test_cancel_ends_everything_the_script_started(shell: Shell) -> None:
    process = await shell.start(
        Script("sleep 300 & (sleep 301 | cat) & timeout 300 sleep 302 & echo $! $(jobs -p); wait")
    )
    line, rest = await first_line(process)
    assert await process.cancel(grace=2)
    for pid in line.split():
        await gone(int(pid))
    assert await process.wait() in (130, 143)
    await rest


async def test_cancel_ends_what_does_not_want_to_end(shell: Shell) -> None:
    process = await shell.start(Script("trap '' TERM\necho $$\nwhile :; do sleep 0.1; done"))
    line, rest = await first_line(process)
    began = time.monotonic()
    assert await process.cancel(grace=0.5)
    assert time.monotonic() - began < 30
    await gone(int(line))
    assert await process.wait() == 137
    await rest


async def test_cancel_lets_a_script_clean_up_first(shell: Shell, tmp_path: Path) -> None:
    process = await shell.start(
        Script('trap "sleep 0.3; touch $F; exit 9" TERM\necho $$\nsleep 60 & wait', {"F": f"{tmp_path}/x"})
    )
    _line, rest = await first_line(process)
    assert await process.cancel(grace=5)
    assert await process.wait() == 9
    assert (tmp_path / "x").exists()
    await rest


async def test_cancel_after_the_end_finds_nothing_left(shell: Shell) -> None:
    process = await shell.start(Script("exit 3"))
    assert [chunk async for chunk in process.chunks()] == []
    assert await process.cancel()
    assert await process.wait() == 3


async def test_a_script_that_takes_too_long_is_ended(shell: Shell, tmp_path: Path) -> None:
    with pytest.raises(SparkdrError, match=r"did not end within 0\.5 s"):
        await shell.run(Script(f"echo $$ > {tmp_path}/pid; sleep 60"), timeout=0.5)
    await gone(int((tmp_path / "pid").read_text()))


async def test_a_script_nobody_waits_for_any_more_is_ended(shell: Shell, tmp_path: Path) -> None:
    task = asyncio.create_task(shell.run(Script(f"echo $$ > {tmp_path}/pid; sleep 60"), timeout=60))
    await eventually(lambda: (tmp_path / "pid").exists() and (tmp_path / "pid").read_text() != "")
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await gone(int((tmp_path / "pid").read_text()))


async def test_no_value_is_in_any_argument(shell: Shell) -> None:
    script = 'ps -A -o args=; for f in /proc/$$/cmdline /proc/$PPID/cmdline; do tr "\\0" " " <$f; done'
    value = secrets.token_hex(16)  # which no other process of this machine has in its arguments
    status, text = await said(shell, script, SECRET=value)
    assert status == 0
    assert "bash -euo pipefail" in text
    assert value not in text


async def test_a_nul_character_is_refused_before_anything_runs(shell: Shell) -> None:
    with pytest.raises(ValueError, match="NUL"):
        await shell.start(Script("echo x", {"A": "b\0c"}))


async def test_dial_tells_refused_from_listening(shell: Shell) -> None:
    server = await asyncio.start_server(lambda r, w: w.close(), "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    await shell.dial("127.0.0.1", port)
    server.close()
    await server.wait_closed()
    with pytest.raises(ConnectionRefusedError):
        await shell.dial("127.0.0.1", port)


async def test_a_forward_reaches_what_listens_on_the_node(shell: Shell) -> None:
    async def answer(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"hello")
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    host, forwarded = await shell.forward("127.0.0.1", port)
    reader, writer = await asyncio.open_connection(host, forwarded)
    assert await reader.read() == b"hello"
    writer.close()
    assert await shell.forward("127.0.0.1", port) == (host, forwarded)
    server.close()
