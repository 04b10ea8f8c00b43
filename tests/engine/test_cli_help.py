"""Help and version: there for every command, in both languages, and quick."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest

from sparkdr_tui import __version__
from tests.engine.command_line import process, sparkdr

COMMANDS = [
    "", "status", "observe", "run", "resume", "contacts", "contacts set", "check",
    "runs", "runs list", "runs show", "runs verify", "runs export", "report",
    "backup", "backup list", "backup run", "backup verify",
    "plan", "plan show", "plan schema", "plan init", "plan print",
    "lab", "lab start", "lab stop", "lab status", "lab faults", "lab break", "lab mend",
]  # fmt: skip
ENGLISH = re.compile(r"Options|Arguments|Commands|Show this message|required|default:|env var|Install completion")
"""What the library of the command line says by itself."""
HEAVY = ("textual", "screens", "asyncssh", "psycopg", "redis", "minio", "httpx", "ruamel", "cryptography")


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("language", ["en", "ko"])
def test_every_command_has_help(command: str, language: str) -> None:
    said = sparkdr("--lang", language, *command.split(), "--help")
    assert said.status == 0
    assert "Usage: sparkdr-tui" in said.out
    assert not said.err
    assert bool(ENGLISH.search(said.out)) is (language == "en")


def test_the_version_is_the_packages() -> None:
    said = process("--version")
    assert (said.status, said.out, said.err) == (0, f"sparkdr-tui {__version__}\n", "")


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["run", "--help"], ["lab", "--help"]])
def test_help_and_version_import_nothing_heavy(arguments: list[str]) -> None:
    program = (
        "import sys, sparkdr_tui.cli as cli\n"
        f"cli.run({arguments!r})\n"
        f"print(*(name for name in sys.modules if name.split('.')[0] in {HEAVY!r}), file=sys.stderr)\n"
        "print(*(name for name in sys.modules if name.startswith('sparkdr_tui.recover')), file=sys.stderr)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert not done.stderr.strip()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ("run", "인자 RUNBOOK...이(가) 없습니다."),
        ("--nope", "--nope 옵션은 없습니다."),
        ("run database --inptu x", "비슷한 옵션: --input"),
        ("statsu", "statsu 명령은 없습니다. 비슷한 명령: 'status'"),
        ("--lang de status", "--lang: “de”은(는) 'en', 'ko' 중 하나가 아닙니다."),
        ("run database --input", "옵션 --input에는 값이 필요합니다."),
        ("check x y", "남는 인자가 있습니다: x y"),
        ("--version=1", "옵션 --version은(는) 값을 받지 않습니다."),
    ],
)
def test_wrong_usage_is_said_in_korean(arguments: str, said: str) -> None:
    refused = sparkdr("--lang", "ko", *arguments.split())
    assert (refused.status, refused.out) == (2, "")
    assert said in refused.err
    assert not re.search(r"(Missing|such|Invalid|requires|Got|take)\b", refused.err)
