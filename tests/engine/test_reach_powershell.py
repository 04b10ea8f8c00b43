"""The exact text that a Windows node is sent."""

from __future__ import annotations

import base64

import pytest

from sparkdr_tui.reach import powershell
from sparkdr_tui.reach.shell import Script


def bootstrap(marker: str) -> str:
    return base64.b64decode(powershell.command(marker).split()[-1]).decode("utf-16-le")


def sent(script: Script, marker: str = "abc") -> str:
    return base64.b64decode(powershell.stdin(script, marker)).decode()


def test_the_command_is_short_enough_for_cmd_and_holds_nothing_but_the_bootstrap() -> None:
    command = powershell.command("0123456789abcdef")
    assert command.startswith(
        "powershell -NoProfile -NonInteractive -InputFormat Text -OutputFormat Text -EncodedCommand "
    )
    assert len(command) < 8_191
    assert command.isascii()
    assert not set(command) & set("\"'&|<>^%!$`\n")


def test_the_bootstrap_sets_utf8_before_it_says_anything() -> None:
    lines = bootstrap("abc").splitlines()
    assert lines[0] == "try { [Console]::OutputEncoding = [Text.UTF8Encoding]::new($false) } catch { }"
    assert lines.index("[Console]::Out.WriteLine('abc ' + $PID)") < lines.index("$ErrorActionPreference = 'Stop'")


def test_the_bootstrap_runs_nothing_that_was_cut_off() -> None:
    text = bootstrap("abc")
    assert "if (-not $sparkdr.EndsWith('#abc end')) {" in text
    assert text.index("exit 97") < text.index("[scriptblock]::Create")


def test_a_failing_native_program_and_an_error_both_end_the_script_with_a_status() -> None:
    text = bootstrap("abc")
    assert (
        "if ($statement -is [Management.Automation.Language.PipelineBaseAst] -and $LASTEXITCODE) "
        "{ exit $LASTEXITCODE }" in text
    )
    assert text.endswith("    exit 1\n}\nexit 0")


def test_the_script_goes_in_with_its_environment_first_and_its_end_marked() -> None:
    script = Script("ollama pull llama2:13b\n", {"OLLAMA_HOST": "0.0.0.0", "NAME": "it's"})
    assert sent(script) == "$env:OLLAMA_HOST = '0.0.0.0'\n$env:NAME = 'it''s'\nollama pull llama2:13b\n\n#abc end"


def test_what_is_sent_is_ascii_whatever_the_script_says() -> None:
    data = powershell.stdin(Script("Write-Output '복구'", {"이름": "값"}), "abc")
    assert data.isascii()
    assert "복구" in sent(Script("Write-Output '복구'"))


@pytest.mark.parametrize(
    ("value", "literal"),
    [
        ("plain", "'plain'"),
        ("", "''"),
        ("it's", "'it''s'"),
        ('$(Remove-Item x) `n "q"', "'$(Remove-Item x) `n \"q\"'"),
        ("two\nlines", "'two\nlines'"),
        ("curly \u2018a\u2019 \u201ab\u201b", "'curly \u2018\u2018a\u2019\u2019 \u201a\u201ab\u201b\u201b'"),
    ],
)
def test_every_single_quote_powershell_knows_is_doubled(value: str, literal: str) -> None:
    assert powershell.quoted(value) == literal


def test_a_value_that_begins_with_a_tilde_means_the_nodes_home() -> None:
    assert powershell.environment({"A": "~/AI/it's", "B": "~", "C": "a~/"}) == (
        "$env:A = $HOME + '/AI/it''s'\n$env:B = $HOME\n$env:C = 'a~/'\n"
    )


def test_a_nul_character_is_refused() -> None:
    with pytest.raises(ValueError, match="NUL"):
        powershell.stdin(Script("x", {"A": "\0"}), "abc")


def test_ending_ends_the_tree_and_looks_whether_any_of_it_is_left() -> None:
    script = powershell.ending(4711, 5.0)
    assert script.env == {"ROOT": "4711", "TICKS": "50"}
    lines = script.text.splitlines()
    taskkill = 'cmd /c "taskkill /T /F /PID $env:ROOT >nul 2>&1 & exit 0"'
    assert lines.index("$tree = @(Find-Tree ([int]$env:ROOT))") < lines.index(taskkill)
    assert script.text.index("Get-Process -Id $tree") < script.text.index("exit 0 }")
    assert lines[-1] == "exit 1"


def test_what_must_outlive_the_session_is_started_through_wmi() -> None:
    assert powershell.outliving("python main.py --listen '0.0.0.0'", "D:\\AI\\ComfyUI") == (
        "$created = Invoke-CimMethod -ClassName Win32_Process -MethodName Create -Arguments @{ "
        "CommandLine = 'python main.py --listen ''0.0.0.0'''; CurrentDirectory = 'D:\\AI\\ComfyUI' }\n"
        'if ($created.ReturnValue -ne 0) { throw "not started: $($created.ReturnValue)" }\n'
        "$created.ProcessId\n"
    )


def test_output_in_code_page_949_becomes_utf8_line_by_line_however_it_is_cut() -> None:
    output = "성공\r\n".encode("cp949") + "완료 ✔\r\n".encode() + "끝".encode("cp949")
    for cut in range(len(output)):
        recoder = powershell.recoder()
        found = recoder.feed(output[:cut]) + recoder.feed(output[cut:]) + recoder.close()
        assert found.decode() == "성공\n완료 ✔\n끝"
