"""The recipes of the README for accounts that get nothing but `observe`, under a real OpenSSH server."""

from __future__ import annotations

import getpass
import os
import re
import shlex
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.engine.command_line import environment
from tests.programs.needs import needs, program
from tests.programs.pty_client import at_terminal
from tests.screens.stage import DAMAGED, Hands, Story, sample_plan
from tests.screens.test_observer_keys import tree

pytestmark = [needs("openssh-server", "sshd"), needs("openssh-client", "ssh")]
ROOT = Path(__file__).parents[2]
PROGRAM = "/usr/local/bin/sparkdr-tui --plan /srv/sparkdr/plan --state /var/lib/sparkdr observe"


@dataclass(frozen=True)
class Account:
    """What somebody has who may log in: a key, and where to."""

    folder: Path
    port: int
    state: Path
    plan: Path

    def ssh(self, *arguments: str, command: str = "ssh") -> list[str]:
        options = {
            "UserKnownHostsFile": self.folder / "known_hosts", "StrictHostKeyChecking": "yes", "LogLevel": "ERROR",
            "IdentitiesOnly": "yes", "BatchMode": "yes", "Port": self.port, "IdentityFile": self.folder / "key",
            "ExitOnForwardFailure": "yes", "ConnectTimeout": 20,
        }  # fmt: skip
        said = [each for name, value in options.items() for each in ("-o", f"{name}={value}")]
        return [command, "-F", os.devnull, *said, *arguments]

    @property
    def host(self) -> str:
        return f"{getpass.getuser()}@127.0.0.1"

    def tries(self, *arguments: str, command: str = "ssh") -> tuple[int, str]:
        done = subprocess.run(
            self.ssh(*arguments, command=command), input="", capture_output=True, text=True, timeout=60, check=False
        )
        return done.returncode, done.stdout + done.stderr


def from_readme(pattern: str) -> str:
    """A recipe, as it stands there."""
    found = re.search(pattern, (ROOT / "README.md").read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    assert found is not None
    return found[0]


def key(path: Path) -> str:
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(path)], check=True)
    return " ".join(path.with_name(path.name + ".pub").read_text().split()[:2])


@pytest.fixture(params=["ForceCommand", "authorized_keys"])
def account(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Account]:
    """A server of our own on a free port, for us alone, with one of the recipes."""
    state, plan = tmp_path / "state", ROOT / "tests" / "screens" / "sample"
    Story(state, sample_plan(), Hands(datetime.now(UTC))).observe(DAMAGED).do("stop-clients").ask("safety-copy")
    observe = shlex.join([sys.executable, "-m", "sparkdr_tui", "--plan", str(plan), "--state", str(state), "observe"])
    ours = f"env PYTHONPATH={shlex.quote(str(ROOT))} {observe}"
    mine, host = key(tmp_path / "key"), key(tmp_path / "host")
    match = allowed = ""
    if request.param == "ForceCommand":
        match = from_readme(r"^Match User observer$.*?(?=^```)").replace(PROGRAM, ours)
        match = match.replace("User observer", f"User {getpass.getuser()}")
        allowed = mine
    else:
        allowed = from_readme(r"^restrict,pty,command=.*?$").replace(PROGRAM, ours).partition(" ssh-ed25519")[0]
        allowed += f" {mine}"
    assert ours in match + allowed
    (tmp_path / "allowed").write_text(allowed + "\n")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    (tmp_path / "known_hosts").write_text(f"[127.0.0.1]:{port} {host}\n")
    config = f"""
ListenAddress 127.0.0.1:{port}
HostKey {tmp_path / "host"}
AuthorizedKeysFile {tmp_path / "allowed"}
PidFile none
UsePAM no
StrictModes no
PasswordAuthentication no
PermitRootLogin yes
Subsystem sftp internal-sftp
{match}
"""
    (tmp_path / "config").write_text(config)
    if os.getuid() == 0:
        Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)  # where a server of root locks itself in
    sshd = program("sshd")
    assert sshd is not None
    with (tmp_path / "sshd.log").open("wb") as log:
        server = subprocess.Popen([sshd, "-D", "-e", "-f", str(tmp_path / "config")], stderr=log, env=environment())
        try:
            _until_it_listens(port, server, tmp_path / "sshd.log")
            yield Account(tmp_path, port, state, plan)
        finally:
            server.terminate()
            server.wait(20)


def _until_it_listens(port: int, server: subprocess.Popen[bytes], log: Path) -> None:
    for _try in range(200):
        assert server.poll() is None, log.read_text()
        with socket.socket() as asking:
            asking.settimeout(0.1)
            if asking.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise AssertionError(log.read_text())


def test_the_account_gets_the_cockpit_and_nothing_else(account: Account, tmp_path: Path) -> None:
    before, pwned = tree(account.state), tmp_path / "pwned"
    with at_terminal(account.ssh("-tt", account.host, f"touch {pwned}; exec sh"), environment()) as terminal:
        terminal.until("◉ observer", "INC-0042", "stop-clients says hello")
        for press in ("\x1a", "\x1c", "\x03", "o", "p", "!", ":", "\r", " ", "s", "r", "x", "m", "n", "A", "B"):
            terminal.press(press)
        terminal.press("\x1b\x1b\x1b?")  # still there, and still listening
        terminal.until("Next match")
        terminal.press("q")
        assert terminal.end() == 0
    assert account.tries("-T", "-s", account.host, "sftp") == (2, "")
    status, said = account.tries("-T", account.host, f"touch {pwned}; exec sh")
    assert (status, "needs a terminal" in said) == (2, True), said
    (tmp_path / "file").write_text("x")
    assert account.tries("-O", str(tmp_path / "file"), f"{account.host}:{pwned}", command="scp")[0] != 0
    assert not pwned.exists()
    assert tree(account.state) == before


def test_nothing_is_forwarded(account: Account, tmp_path: Path) -> None:
    with socket.socket() as inside:
        inside.bind(("127.0.0.1", 0))
        inside.listen()
        target = f"127.0.0.1:{inside.getsockname()[1]}"
        status, said = account.tries("-W", target, account.host)
        assert status != 0 and "forwarding failed" in said, said
        status, said = account.tries("-N", "-R", f"0:{target}", account.host)
        assert status != 0 and "forwarding" in said, said
        status, said = account.tries("-N", "-R", f"{tmp_path / 'there.sock'}:{target}", account.host)
        assert status != 0 and not (tmp_path / "there.sock").exists(), said
        inside.settimeout(0)
        with pytest.raises(BlockingIOError):
            inside.accept()
