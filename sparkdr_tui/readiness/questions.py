"""The scripts that ask a node what it has: for bash (3.2 and later) and for PowerShell. They look, and never change.

Every line of an answer begins with `asked` and its kind; what else a node prints is none of ours.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Questions:
    """What to ask, in the language of the node: commands are named in ASKED_TOOLS, variables in ASKED_FOLDERS."""

    posix: str
    windows: str


_POSIX = r"""
for tool in $ASKED_TOOLS; do
  if found=$(command -v -- "$tool" 2>/dev/null); then
    printf 'asked tool %s %s\n' "$tool" "$found"
  else
    printf 'asked missing %s\n' "$tool"
  fi
done
for name in $ASKED_FOLDERS; do
  at=${!name}
  while [ -n "$at" ] && [ ! -e "$at" ]; do
    case "$at" in
      */*) at=${at%/*} ;;
      *) at= ;;
    esac
  done
  printf 'asked disk %s %s\n' "$name" "$(df -Pk "${at:-/}" 2>/dev/null | tail -n 1)"
done
"""

# Apple's /usr/bin/git and /usr/bin/python3 open a window instead of answering until the developer tools are there.
_POSIX_MORE = r"""
printf 'asked clock %s\n' "$(date +%s)"
limited() { "$@"; }
if command -v perl >/dev/null; then
  limited() { perl -e 'alarm shift; exec @ARGV or exit 127' 5 "$@"; }
fi
say_all() {
  kind=$1
  shift
  limited "$@" </dev/null 2>&1 | while IFS= read -r line; do printf 'asked said %s %s\n' "$kind" "$line"; done || true
}
developer_tools() {
  [ "$(uname -s)" != Darwin ] || xcode-select -p >/dev/null 2>&1
}
for tool in psql pg_dump redis-server redis-cli git tar gzip python3 node; do
  case " $ASKED_TOOLS " in *" $tool "*) ;; *) continue ;; esac
  found=$(command -v "$tool") || continue
  case "$found" in
    /usr/bin/git | /usr/bin/python3)
      if ! developer_tools; then
        printf 'asked stub %s\n' "$tool"
        continue
      fi
      ;;
  esac
  limited "$tool" --version </dev/null 2>/dev/null | while IFS= read -r line; do
    printf 'asked version %s %s\n' "$tool" "$line"
    break
  done || true
done
case " $ASKED_TOOLS " in
  *" perl "*) printf 'asked version perl %s\n' "$(perl -e 'printf "%vd", $^V')" || true ;;
esac
printf 'asked version bash %s\n' "$BASH_VERSION"
for name in $ASKED_FOLDERS; do
  at=${!name}
  [ -e "$at" ] || continue
  may=
  if [ -r "$at" ]; then may=${may}r; fi
  if [ -w "$at" ]; then may=${may}w; fi
  printf 'asked may %s %s\n' "$name" "${may:--}"
done
say_all mount mount
if command -v sw_vers >/dev/null; then say_all macos sw_vers -productVersion; fi
if command -v pmset >/dev/null; then say_all pmset pmset -g; fi
if command -v fdesetup >/dev/null; then say_all filevault fdesetup status; fi
firewall=/usr/libexec/ApplicationFirewall/socketfilterfw
[ -x "$firewall" ] || firewall=$(command -v socketfilterfw) || firewall=
if [ -n "$firewall" ]; then
  say_all firewall "$firewall" --getglobalstate
  say_all blockall "$firewall" --getblockall
fi
if [ "$(uname -s)" = Darwin ]; then say_all screen stat -f %Su /dev/console; fi
"""

_WINDOWS = r"""
foreach ($tool in ($env:ASKED_TOOLS -split ' ')) {
  if (-not $tool) { continue }
  $found = Get-Command -Name $tool -ErrorAction SilentlyContinue | Select-Object -First 1
  if ($found) { "asked tool $tool $($found.Source)" } else { "asked missing $tool" }
}
foreach ($name in ($env:ASKED_FOLDERS -split ' ')) {
  if (-not $name) { continue }
  $disk = New-Object IO.DriveInfo ([IO.Path]::GetPathRoot([Environment]::GetEnvironmentVariable($name)))
  $free = [long]($disk.AvailableFreeSpace / 1024)
  "asked disk $name - $([long]($disk.TotalSize / 1024)) 0 $free 0% $($disk.Name)"
}
"""

# The app alias of python in WindowsApps opens the Microsoft Store instead of answering; it is a file without bytes.
_WINDOWS_MORE = r"""
"asked clock $([DateTimeOffset]::UtcNow.ToUnixTimeSeconds())"
foreach ($tool in 'git', 'python', 'python3', 'ollama', 'node') {
  if (($env:ASKED_TOOLS -split ' ') -notcontains $tool) { continue }
  $found = Get-Command -Name $tool -CommandType Application -ErrorAction SilentlyContinue | Select-Object -First 1
  if (-not $found) { continue }
  if ($found.Source -like '*\WindowsApps\*' -and (Get-Item $found.Source).Length -eq 0) { "asked stub $tool"; continue }
  $said = @(cmd /c "`"$($found.Source)`" --version 2>nul <nul & exit 0") | Select-Object -First 1
  if ($said) { "asked version $tool $said" }
}
"asked said windows $([Environment]::OSVersion.Version)"
"asked version powershell $($PSVersionTable.PSVersion)"
foreach ($line in @(cmd /c 'powercfg /q SCHEME_CURRENT SUB_SLEEP STANDBYIDLE 2>nul & exit 0')) {
  if ($line -match '0x[0-9a-fA-F]{8}') { "asked said standby $($Matches[0])" }
}
"asked said ollama-host $([Environment]::GetEnvironmentVariable('OLLAMA_HOST', 'User'))"
"asked said ollama-host $([Environment]::GetEnvironmentVariable('OLLAMA_HOST', 'Machine'))"
"""

COMMANDS_AND_DISKS = Questions(_POSIX, _WINDOWS)
EVERYTHING = Questions(_POSIX + _POSIX_MORE, _WINDOWS + _WINDOWS_MORE)
