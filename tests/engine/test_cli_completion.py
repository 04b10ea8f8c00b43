"""Shell completion: what a shell asks for, it is told, and bash really completes with it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.engine.command_line import environment, process

PROGRAM = Path(sys.executable).parent / "sparkdr-tui"


def test_bash_completes_commands_and_options() -> None:
    script = f"""
        source <({PROGRAM} --show-completion bash)
        complete -p {PROGRAM.name}
        for words in "st" "lab br" "run --dr"; do
            COMP_WORDS=({PROGRAM.name} $words); COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1))
            _sparkdr_tui_completion {PROGRAM}
            echo "$words: ${{COMPREPLY[*]}}"
        done
    """
    done = subprocess.run(
        ["bash", "-c", script], capture_output=True, text=True, env=environment(), timeout=60, check=True
    )
    defined, *found = done.stdout.splitlines()
    assert "-F _sparkdr_tui_completion" in defined
    assert found == ["st: status", "lab br: break", "run --dr: --drill --dry-run"]


def test_zsh_and_fish_are_told_what_they_ask_for() -> None:
    for shell, defines in (("zsh", "compdef _sparkdr_tui_completion sparkdr-tui"), ("fish", "complete --command")):
        assert defines in process(env={"_SPARKDR_TUI_COMPLETE": f"source_{shell}"}).out
    asked = {"_SPARKDR_TUI_COMPLETE": "complete_zsh", "_TYPER_COMPLETE_ARGS": "sparkdr-tui ob"}
    done = subprocess.run([PROGRAM], capture_output=True, text=True, env=environment(asked), timeout=60, check=True)
    assert '"observe":"The cockpit without controls' in done.stdout
