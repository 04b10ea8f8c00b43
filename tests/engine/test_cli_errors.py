"""Whatever is wrong, people get a few plain lines on stderr and the right exit status; never a traceback."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.engine.command_line import Said, process, sparkdr
from tests.engine.plans import change, sample_plan_folder

COMMANDS = [["status"], ["run", "database", "--yes"], ["runs"], ["contacts"], ["check"], ["plan", "show"]]


def plain(said: Said, status: int = 2) -> list[str]:
    """The lines of an error, which must be one."""
    assert said.status == status, said
    assert not said.out
    lines = said.err.splitlines()
    assert lines and all(line.strip() for line in lines)
    assert "Traceback" not in said.err
    assert not any(ord(letter) < 32 for line in lines for letter in line)
    return lines


@pytest.mark.parametrize(
    ("arguments", "about"),
    [
        (["nosuch"], "nosuch"),
        (["run"], "RUNBOOK"),
        (["--lang", "fr", "status"], "fr"),
        (["status", "--nosuch"], "--nosuch"),
        (["plan", "schema", "nosuch"], "nosuch"),
        (["lab", "break"], "FAULT"),
        (["report", "--format", "pdf"], "'--format': 'pdf' is not one of"),
    ],
)
def test_wrong_usage_is_told_in_two_lines(arguments: list[str], about: str) -> None:
    first, second = plain(sparkdr(*arguments))
    assert about in first
    assert "--help" in second


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_refuses_a_plan_that_is_not_there(command: list[str], tmp_path: Path) -> None:
    lines = plain(sparkdr("--plan", tmp_path / "nowhere", *command))
    assert "no such folder" in lines[0]


def _tabs(folder: Path) -> None:
    (folder / "database.yaml").write_text("id: database\n\ttitle: x\n", encoding="utf-8")


def _empty(folder: Path) -> None:
    (folder / "plan.yaml").write_text("", encoding="utf-8")


def _huge(folder: Path) -> None:
    (folder / "plan.yaml").write_bytes(b"# " + b"x" * 5_000_000)


def _bomb(folder: Path) -> None:
    lines = ["a: &a [x, x, x, x, x, x, x, x, x, x]"]
    lines += [
        f"{name}: &{name} [{', '.join(['*' + before] * 10)}]"
        for before, name in zip("abcdefgh", "bcdefghi", strict=True)
    ]
    (folder / "scenarios.yaml").write_text("\n".join(lines), encoding="utf-8")


def _cycle(folder: Path) -> None:
    change(folder, "database.yaml", "  - id: restore\n", "  - id: restore\n    needs: [health]\n")


def _unknown_node(folder: Path) -> None:
    change(folder, "plan.yaml", "on: macmini", "on: macmimi")


def _misspelt(folder: Path) -> None:
    change(folder, "plan.yaml", "rto: 30m", "rtoo: 30m")


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (_unknown_node, ["plan.yaml:", "macmimi", "macmini"]),
        (_cycle, ["database.yaml:", "restore", "health"]),
        (_misspelt, ["plan.yaml:", "rtoo", "rto"]),
        (_tabs, ["database.yaml:2", "tab"]),
        (_empty, ["plan.yaml"]),
        (_huge, ["plan.yaml", "5.0 MB"]),
        (_bomb, ["scenarios.yaml"]),
    ],
    ids=lambda value: value.__name__ if callable(value) else "",
)
def test_a_wrong_plan_is_told_with_its_place(damage: Callable[[Path], None], words: list[str], tmp_path: Path) -> None:
    folder = sample_plan_folder(tmp_path)
    damage(folder)
    lines = plain(sparkdr("--plan", folder, "status"))
    assert any(all(word in line for word in words) for line in lines), lines


def test_all_errors_of_a_plan_are_told_at_once(tmp_path: Path) -> None:
    folder = sample_plan_folder(tmp_path)
    _unknown_node(folder)
    _misspelt(folder)
    assert len(plain(sparkdr("--plan", folder, "check"))) >= 2


def test_without_a_terminal_nothing_is_run_unasked(tmp_path: Path) -> None:
    lines = plain(sparkdr("--plan", sample_plan_folder(tmp_path), "run", "database"))
    assert "--yes" in lines[1]
    assert not (tmp_path / "state").exists()


def test_without_a_terminal_there_is_no_cockpit(tmp_path: Path) -> None:
    plan = sample_plan_folder(tmp_path)
    for command in ([], ["observe"], ["lab"]):
        assert "terminal" in plain(sparkdr("--plan", plan, *command))[0]


def test_json_of_a_run_needs_yes(tmp_path: Path) -> None:
    assert "--yes" in plain(sparkdr("--plan", sample_plan_folder(tmp_path), "run", "database", "--json"))[0]


@pytest.mark.parametrize(
    "arguments", [["--incident-at", "tomorrow"], ["--incident-at", "2999-01-01T00:00"], ["--input", "nothing"]]
)
def test_values_that_say_nothing_are_refused(arguments: list[str], tmp_path: Path) -> None:
    plain(sparkdr("--plan", sample_plan_folder(tmp_path), "run", "database", "--yes", *arguments))


def test_errors_of_a_process_are_plain_too(tmp_path: Path) -> None:
    plain(process("--plan", tmp_path / "nowhere", "status"))


def test_a_crash_is_one_line_and_a_file_without_secrets(tmp_path: Path) -> None:
    """A state folder that turns out to be a file is a mistake nobody has foreseen everywhere."""
    folder = sample_plan_folder(tmp_path)
    program = tmp_path / "crash.py"
    program.write_text(
        "import sys\n"
        "from sparkdr_tui import cli\n"
        "from sparkdr_tui.commands import contacts\n"
        "def broken(plan):\n"
        "    raise ZeroDivisionError('the password is hunter2-hunter2')\n"
        "contacts.document = broken\n"
        f"sys.argv = ['sparkdr-tui', '--plan', {str(folder)!r}, 'contacts', '--json']\n"
        "cli.main()\n",
        encoding="utf-8",
    )
    import subprocess
    import sys

    from tests.engine.command_line import environment

    done = subprocess.run(
        [sys.executable, str(program)],
        capture_output=True,
        text=True,
        env=environment({"SPARKDR_PGPASSWORD": "hunter2-hunter2"}),
        check=False,
    )
    assert done.returncode == 1
    first, second = done.stderr.splitlines()
    assert "ZeroDivisionError" in first
    (written,) = (tmp_path / "state").glob("crash-*.txt")
    assert str(written) in second
    text = written.read_text(encoding="utf-8")
    assert "in broken" in text
    assert "hunter2" not in text
    assert written.stat().st_mode & 0o077 == 0


def test_a_reader_that_has_enough_ends_the_command_quietly(tmp_path: Path) -> None:
    import subprocess
    import sys

    from tests.engine.command_line import environment

    folder = sample_plan_folder(tmp_path)
    with subprocess.Popen(
        [sys.executable, "-m", "sparkdr_tui", "--plan", str(folder), "plan", "show", "--json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment(),
    ) as reading:
        assert reading.stdout is not None and reading.stderr is not None
        reading.stdout.close()
        assert reading.stderr.read() == b""
