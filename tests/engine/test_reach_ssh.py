"""SSH as it goes wrong: keys nobody knows, servers that say nothing, connections that end in the middle."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import asyncssh
import pytest

from sparkdr_tui.reach import ssh
from sparkdr_tui.reach.shell import ConnectionLost, Script, Unreachable
from tests.engine.ssh_node import end, lives, ssh_node


async def test_an_unknown_host_key_is_refused_and_the_hint_names_ssh_keyscan(tmp_path: Path) -> None:
    async with ssh_node(tmp_path) as node:
        node.known_hosts.unlink()
        with pytest.raises(Unreachable, match="not known") as failure:
            await ssh.connect(node.target())
        assert f"ssh-keyscan -p {node.port} 127.0.0.1 >> {node.known_hosts}" in failure.value.hint
        assert "SHA256:" in failure.value.hint


async def test_an_empty_known_hosts_does_not_fall_back_to_the_users_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with ssh_node(tmp_path / "node") as node:
        monkeypatch.setenv("HOME", str(tmp_path))
        (tmp_path / ".ssh").mkdir()
        node.known_hosts.rename(tmp_path / ".ssh" / "known_hosts")
        node.known_hosts.write_text("")
        with pytest.raises(Unreachable, match="not known"):
            await ssh.connect(node.target())


@pytest.mark.parametrize("kind", ["ssh-ed25519", "ecdsa-sha2-nistp256"])
async def test_a_changed_host_key_is_refused_and_the_hint_says_how_to_forget_it(tmp_path: Path, kind: str) -> None:
    async with ssh_node(tmp_path) as node:
        asyncssh.generate_private_key(kind).write_public_key(tmp_path / "host_key.pub")
        node.known_hosts.unlink()
        node.trust()
        with pytest.raises(Unreachable, match="another host key") as failure:
            await ssh.connect(node.target())
        assert f"ssh-keygen -f {node.known_hosts} -R '[127.0.0.1]:{node.port}'" in failure.value.hint


async def test_a_key_that_the_node_does_not_know_is_not_let_in(tmp_path: Path) -> None:
    async with ssh_node(tmp_path) as node:
        other = tmp_path / "other"
        asyncssh.generate_private_key("ssh-ed25519").write_private_key(other)
        with pytest.raises(Unreachable, match="does not let woosun in") as failure:
            await ssh.connect(replace(node.target(), key=other))
        assert str(other) in failure.value.hint


async def test_a_key_with_a_passphrase_or_a_missing_one_says_so(tmp_path: Path) -> None:
    async with ssh_node(tmp_path) as node:
        locked = tmp_path / "locked"
        asyncssh.generate_private_key("ssh-ed25519").write_private_key(locked, "pkcs8-pem", passphrase="x")
        with pytest.raises(Unreachable, match="has a passphrase"):
            await ssh.connect(replace(node.target(), key=locked))
        with pytest.raises(Unreachable, match="No such file"):
            await ssh.connect(replace(node.target(), key=tmp_path / "nowhere"))


async def test_without_a_key_the_users_own_keys_are_tried(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with ssh_node(tmp_path / "node") as node:
        monkeypatch.setenv("HOME", str(tmp_path))
        monkeypatch.delenv("SSH_AUTH_SOCK", raising=False)
        (tmp_path / ".ssh").mkdir()
        (tmp_path / ".ssh" / "id_ed25519").write_bytes(node.key.read_bytes())
        shell = await ssh.connect(replace(node.target(), key=None))
        assert (await shell.run(Script("echo in"), timeout=10)).text == "in\n"
        await shell.close()


async def test_a_server_that_says_nothing_costs_no_more_than_the_deadline(tmp_path: Path) -> None:
    silent = await asyncio.start_server(lambda r, w: asyncio.sleep(60), "127.0.0.1", 0)
    port = silent.sockets[0].getsockname()[1]
    target = ssh.Target("Mac mini", ("127.0.0.1", "127.0.0.1"), port, "woosun", tmp_path / "known_hosts")
    began = time.monotonic()
    with pytest.raises(Unreachable, match="did not answer"):
        await ssh.connect(target, deadline=1.0)
    assert time.monotonic() - began < 15
    silent.close()


async def test_a_server_that_hangs_up_on_newcomers_is_asked_again(tmp_path: Path) -> None:
    async with ssh_node(tmp_path) as node:
        calls = 0

        async def moody(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            nonlocal calls
            calls += 1
            if calls > 2:
                inner_reader, inner_writer = await asyncio.open_connection("127.0.0.1", node.port)
                await asyncio.gather(pump(reader, inner_writer), pump(inner_reader, writer))
            writer.close()

        server = await asyncio.start_server(moody, "127.0.0.1", 0)
        outer = replace(node.target(), port=server.sockets[0].getsockname()[1])
        outer.known_hosts.write_text(outer.known_hosts.read_text().replace(f":{node.port}", f":{outer.port}"))
        shell = await ssh.connect(outer)
        assert (await shell.run(Script("echo in"), timeout=10)).text == "in\n"
        await shell.close()
        assert calls == 3
        calls = -100
        with pytest.raises(Unreachable, match="hung up during the login"):
            await ssh.connect(outer, deadline=1.0)
        server.close()


async def pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while chunk := await reader.read(65536):
        writer.write(chunk)
    writer.close()


async def test_addresses_are_tried_in_order(tmp_path: Path) -> None:
    async with ssh_node(tmp_path) as node:
        shell = await ssh.connect(node.target("127.0.0.9", "127.0.0.1"))
        assert (await shell.run(Script("echo in"), timeout=10)).status == 0
        await shell.close()
        with pytest.raises(Unreachable, match=r"127\.0\.0\.8.* refuses") as failure:
            await ssh.connect(node.target("127.0.0.8", "127.0.0.9"))
        assert "127.0.0.9" in failure.value.hint


async def test_a_connection_cut_while_a_script_runs_is_reported_as_lost(tmp_path: Path) -> None:
    async with ssh_node(tmp_path) as node:
        shell = await ssh.connect(node.target())
        process = await shell.start(Script("echo $$; sleep 60"))
        chunks = process.chunks()
        pid = int(await anext(chunks))
        node.cut()
        with pytest.raises(ConnectionLost):
            async for _chunk in chunks:
                pass
        with pytest.raises(ConnectionLost):
            await process.wait()
        assert not await process.cancel()
        assert lives(pid)  # it is not known from here, but the node goes on
        end(pid)
        with pytest.raises(Unreachable):
            await shell.start(Script("echo again"))


def serve_elsewhere(folder: Path) -> subprocess.Popen[bytes]:
    """A node in a process of its own, which can be stopped."""
    command = [sys.executable, "-m", "tests.engine.test_reach_ssh", str(folder)]
    return subprocess.Popen(command, stdout=subprocess.PIPE)


async def test_a_link_that_goes_dead_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ssh, "KEEPALIVE", 0.2)
    server = serve_elsewhere(tmp_path)
    try:
        assert server.stdout is not None
        port = int(await asyncio.to_thread(server.stdout.readline))
        target = ssh.Target("Mac mini", ("127.0.0.1",), port, "woosun", tmp_path / "known_hosts", tmp_path / "user_key")
        shell = await ssh.connect(target)
        process = await shell.start(Script("echo $$; sleep 600"))
        chunks = process.chunks()
        pid = int(await anext(chunks))
        server.send_signal(signal.SIGSTOP)
        with pytest.raises(ConnectionLost):
            async with asyncio.timeout(20):
                await anext(chunks)
        assert shell.closed
        end(pid)
    finally:
        server.kill()
        server.wait()


async def test_what_a_login_prints_first_is_no_part_of_the_output(tmp_path: Path) -> None:
    async with ssh_node(tmp_path) as node:
        noisy = tmp_path / "noisy"
        noisy.write_text('#!/bin/sh\necho "Welcome, abc 12"\nprintf "no newline"\necho\nexec /bin/sh "$@"\n')
        noisy.chmod(0o755)
        node.login_shell = (str(noisy), "-c")
        shell = await ssh.connect(node.target())
        assert (await shell.run(Script("echo only this"), timeout=10)).text == "only this\n"
        await shell.close()


async def test_a_name_that_is_no_text_hides_no_other(tmp_path: Path) -> None:
    folder = tmp_path / "Backup"
    folder.mkdir()
    (folder / "postgres.sql.gz").write_bytes(b"12345")
    odd = os.fsdecode(b"odd\xff.bin")
    try:
        (folder / odd).touch()
    except OSError:
        pytest.skip("this file system takes no such name")
    async with ssh_node(tmp_path) as node:
        shell = await ssh.connect(node.target())
        files = await shell.files()
        assert await files.names(str(folder)) == await files.walk(str(folder)) == {"postgres.sql.gz": 5, odd: 0}
        await shell.close()


async def test_a_node_without_bash_says_what_it_said(tmp_path: Path) -> None:
    async with ssh_node(tmp_path) as node:
        node.login_shell = ("/bin/sh", "-c", 'echo "exec: bash: not found"; exit 127')
        shell = await ssh.connect(node.target())
        with pytest.raises(Unreachable, match="exec: bash: not found"):
            await shell.start(Script("echo x"))
        await shell.close()


async def test_no_value_is_in_the_remote_command(tmp_path: Path) -> None:
    async with ssh_node(tmp_path) as node:
        shell = await ssh.connect(node.target())
        await shell.run(Script("echo secret-text", {"A": "hunter2"}), timeout=10)
        await shell.close()
        assert node.commands
        assert not any("hunter2" in command or "secret-text" in command for command in node.commands)


async def test_a_million_lines_come_in_chunks_fast(tmp_path: Path) -> None:
    async with ssh_node(tmp_path) as node:
        shell = await ssh.connect(node.target())
        process = await shell.start(Script("seq 1 1000000"))
        chunks = [len(chunk) async for chunk in process.chunks()]
        assert sum(chunks) == 6_888_896
        assert len(chunks) < 2_000
        await shell.close()


def _serve(folder: Path) -> None:
    async def forever() -> None:
        async with ssh_node(folder) as node:
            print(node.port, flush=True)  # noqa: T201 - this is how the test learns it
            await asyncio.Event().wait()

    asyncio.run(forever())


if __name__ == "__main__":
    _serve(Path(sys.argv[1]))
