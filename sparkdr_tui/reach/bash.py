"""The exact text that makes bash run a script: pure functions, one place for the local and the remote way.

No value ever is in an argument: the script, its environment exported first, goes in through stdin.
"""

from __future__ import annotations

import shlex

from sparkdr_tui.reach.shell import Script, posix_text

CUT_OFF = 97
"""Exit status when the script did not arrive whole, so that nothing of it was run."""

_READ = (
    'set -- "$1" "$(cat)"; '
    'case "$2" in *"#$1 end") ;; *) echo "The script did not arrive whole; nothing was run."; exit 97;; esac; '
    "exec </dev/null; "
    # The environment first, then the author's text in an eval of its own, so that bash names the lines as he counts.
    'set -- "$1" "$2" "${2%%#$1*}"; eval "$3"; eval "shift 3; ${2:${#3}+${#1}+2}"'
)
_ANNOUNCE = 'printf "%s %s\\n" "$1" "$$"; '
_LAUNCH = (
    # With job control on, the background job gets a process group of its own, which the SSH server may not give it.
    'set -m; bash -euo pipefail -c "$2" bash "$1" <&0 2>&1 & '
    # Nobody wants what bash itself says about the job ("Terminated"), but its stderr stays open to the end: there are
    # SSH servers that take the end of either stream for the end of both.
    'exec 3>&2 2>/dev/null; wait "$!"'
)


def argv(marker: str) -> list[str]:
    """The local command that runs what `stdin` gives it."""
    return ["bash", "-euo", "pipefail", "-c", _READ, "bash", marker]


def command(marker: str) -> str:
    """The remote command, for any login shell; its first line of output is `marker` and the process group's id."""
    return shlex.join(["exec", "bash", "-c", _LAUNCH, "bash", marker, _ANNOUNCE + _READ])


def stdin(script: Script, marker: str) -> bytes:
    """What the command reads: its last line proves that nothing was cut off when a connection broke."""
    text = f"{posix_text(Script('', script.env))}\n#{marker}\n{script.text}\n#{marker} end"
    if "\0" in text:
        raise ValueError("a script or a value with a NUL character cannot be run")
    return text.encode()


def ending(group: int, grace: float) -> Script:
    """A script that ends a process group and what descends from it; it exits with 0 when nothing of them is left."""
    return Script(_ENDING, {"GROUP": str(group), "TICKS": str(max(1, round(grace * 10)))})


def recoder() -> None:
    """Output is passed on as it is."""
    return


_ENDING = r"""
# Two lines: every living process of the group or descending from it, and those of them outside the group
# (`timeout` and `sudo` make groups of their own).
look() {
  if ! command -v ps >/dev/null; then
    if kill -0 -- "-$GROUP" 2>/dev/null; then echo "-$GROUP"; echo; fi
    return
  fi
  ps -A -o pid= -o ppid= -o pgid= -o stat= | awk -v group="$GROUP" -v known="$ours" '
    BEGIN { n = split(known, ids, " "); for (i = 1; i <= n; i++) ours[ids[i]] = 1 }
    $4 !~ /^Z/ {
      parent[$1] = $2; groups[$1] = $3
      if ($3 == group || ($1 in ours)) mine[$1] = 1
    }
    END {
      do {
        more = 0
        for (pid in parent) if (!(pid in mine) && (parent[pid] in mine)) { mine[pid] = 1; more = 1 }
      } while (more)
      for (pid in mine) { all = all " " pid; if (groups[pid] != group) outside = outside " " pid }
      print all; print outside
    }'
}
update() {
  { read -r ours || :; read -r outside || :; } <<< "$(look)"
}
send() {
  kill "-$1" -- "-$GROUP" 2>/dev/null || :
  for pid in $outside; do kill "-$1" -- "$pid" 2>/dev/null || :; done
}
gone_within() {
  local left=$1
  update
  while [ -n "$ours" ]; do
    [ "$left" -gt 0 ] || return 1
    left=$((left - 1))
    sleep 0.1
    update
  done
}
ours="" outside=""
update
[ -n "$ours" ] || exit 0
send TERM
gone_within "$TICKS" && exit 0
send KILL
gone_within 20 && exit 0
echo "still there: $ours"
exit 1
"""
