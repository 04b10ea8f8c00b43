"""The exact text that makes Windows PowerShell 5.1 or later run a script: pure functions, tested on their text.

Through cmd.exe or PowerShell as the login shell alike: the command holds a short, encoded bootstrap; the script, its
environment set first, goes in through stdin as base64 of UTF-8, which no code page can harm.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping

from sparkdr_tui.reach.shell import Script

_QUOTES = re.compile("(['\u2018\u2019\u201a\u201b])")
"""All of them are single quotes to PowerShell."""

_BOOTSTRAP = r"""
try { [Console]::OutputEncoding = [Text.UTF8Encoding]::new($false) } catch { }
$OutputEncoding = [Text.UTF8Encoding]::new($false)
$ProgressPreference = 'SilentlyContinue'
[Console]::Out.WriteLine('@MARKER@ ' + $PID)
$sparkdr = [Text.Encoding]::UTF8.GetString([Convert]::FromBase64String(($input | Out-String)))
if (-not $sparkdr.EndsWith('#@MARKER@ end')) {
    [Console]::Out.WriteLine('The script did not arrive whole; nothing was run.')
    exit 97
}
$ErrorActionPreference = 'Stop'
$global:LASTEXITCODE = 0
try {
    $errors = $null
    $tree = [Management.Automation.Language.Parser]::ParseInput($sparkdr, [ref]$null, [ref]$errors)
    if ($errors) { throw $errors[0].ToString() }
    foreach ($statement in $tree.EndBlock.Statements) {
        . ([scriptblock]::Create($statement.Extent.Text))
        if ($statement -is [Management.Automation.Language.PipelineBaseAst] -and $LASTEXITCODE) { exit $LASTEXITCODE }
    }
} catch {
    [Console]::Out.WriteLine(($_ | Out-String).Trim())
    exit 1
}
exit 0
"""
# A native program that fails ends the script, as `set -e` does in bash: $ErrorActionPreference does not see it. Only
# plain statements are looked at, so that `if (…)` and `try { … }` may deal with failures themselves. stderr is not
# redirected here: under 'Stop', PowerShell 5.1 takes the first line of a redirected stderr for an error.

_ENDING = r"""
function Find-Tree($root) {
    $all = @(Get-CimInstance Win32_Process | Select-Object ProcessId, ParentProcessId)
    $found = @($root)
    do {
        $count = $found.Count
        $found += @($all | Where-Object { $found -contains $_.ParentProcessId -and $found -notcontains $_.ProcessId } |
            ForEach-Object { $_.ProcessId })
    } while ($found.Count -gt $count)
    $found
}
$tree = @(Find-Tree ([int]$env:ROOT))
cmd /c "taskkill /T /F /PID $env:ROOT >nul 2>&1 & exit 0"
for ($tick = 0; $tick -lt [int]$env:TICKS; $tick++) {
    $left = @(Get-Process -Id $tree -ErrorAction SilentlyContinue)
    if (-not $left) { exit 0 }
    Start-Sleep -Milliseconds 100
}
$left | ForEach-Object { "still there: $($_.Id) $($_.ProcessName)" }
exit 1
"""


def command(marker: str) -> str:
    """The remote command; its first line of output is `marker` and the process's id."""
    encoded = base64.b64encode(_BOOTSTRAP.replace("@MARKER@", marker).strip().encode("utf-16-le")).decode()
    return f"powershell -NoProfile -NonInteractive -InputFormat Text -OutputFormat Text -EncodedCommand {encoded}"


def stdin(script: Script, marker: str) -> bytes:
    """What the command reads: its last line proves that nothing was cut off when a connection broke."""
    text = f"{environment(script.env)}{script.text}\n#{marker} end"
    if "\0" in text:
        raise ValueError("a script or a value with a NUL character cannot be run")
    return base64.encodebytes(text.encode())


def environment(env: Mapping[str, str]) -> str:
    """The statements that set an environment; a value that begins with `~/` means the node's home."""
    return "".join(f"$env:{name} = {_value(value)}\n" for name, value in env.items())


def quoted(value: str) -> str:
    """A literal string: every kind of single quote in it is doubled."""
    return "'" + _QUOTES.sub(r"\1\1", value) + "'"


def outliving(command_line: str, folder: str) -> str:
    """The statements that start a program through WMI, so that it outlives the SSH session; they print its id."""
    return (
        "$created = Invoke-CimMethod -ClassName Win32_Process -MethodName Create -Arguments @{ "
        f"CommandLine = {quoted(command_line)}; CurrentDirectory = {quoted(folder)} }}\n"
        'if ($created.ReturnValue -ne 0) { throw "not started: $($created.ReturnValue)" }\n'
        "$created.ProcessId\n"
    )


def ending(group: int, grace: float) -> Script:
    """A script that ends a process and all its descendants; it exits with 0 when nothing of them is left."""
    return Script(_ENDING, {"ROOT": str(group), "TICKS": str(max(10, round(grace * 10)))})


def recoder() -> Recoder:
    """Output of programs that do not write UTF-8 is taken for code page 949."""
    return Recoder()


class Recoder:
    """Makes UTF-8 with `\\n` of a Windows node's output, line by line."""

    def __init__(self) -> None:
        self._held = b""

    def feed(self, chunk: bytes) -> bytes:
        """The lines that `chunk` completes."""
        lines, found, rest = (self._held + chunk).rpartition(b"\n")
        self._held = rest
        return b"".join(_recoded(line) + b"\n" for line in lines.split(b"\n")) if found else b""

    def close(self) -> bytes:
        """What was held."""
        rest, self._held = self._held, b""
        return _recoded(rest)


def _recoded(line: bytes) -> bytes:
    line = line.removesuffix(b"\r")
    try:
        line.decode()
    except UnicodeDecodeError:
        return line.decode("cp949", errors="replace").encode()
    return line


def _value(value: str) -> str:
    if value == "~" or value.startswith("~/"):
        return f"$HOME + {quoted(value[1:])}" if value[1:] else "$HOME"
    return quoted(value)
