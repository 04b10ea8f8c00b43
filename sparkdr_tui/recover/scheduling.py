"""Install and remove a plan's jobs on a node: crontab lines between marks, or property lists of launchd.

What is there already is left alone, what is replaced is put back when anything fails, and all is read back at the end.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sparkdr_tui.backups.schedule import crontab, launchd
from sparkdr_tui.backups.schedule.installed import HEX, Found, Kind, Standing, Survey, look
from sparkdr_tui.errors import SparkdrError
from sparkdr_tui.language import _
from sparkdr_tui.plan.runbook import Plan
from sparkdr_tui.reach.shell import Script, Shell
from sparkdr_tui.text import one_line, sanitize

PATIENCE = 60.0
"""Seconds that a change may take: on a Mac, launchd may be slow to let go of a job."""
_TRY = r"""
# As bare as cron and launchd will make it.
env -i HOME="$HOME" USER="${USER:-}" LOGNAME="${LOGNAME:-${USER:-}}" SHELL=/bin/sh PATH=/usr/bin:/bin:/usr/sbin:/sbin \
  "$PROGRAM" ${PLAN:+--plan "$PLAN"} plan show >/dev/null
printf '%s\n' "$LOGS" | while IFS= read -r log; do
  folder=${log%/*}
  if [ ! -d "$folder" ] && [ ! -d "${folder%/*}" ]; then
    echo "the log cannot be kept: there is no folder ${folder%/*}" >&2
    exit 1
  fi
  if [ ! -d "$folder" ]; then mkdir "$folder"; fi
  : >>"$log"
done
"""
_CRONTAB = (
    HEX
    + r"""
now=$(crontab -l 2>/dev/null | enc || :)
if [ "$now" != "$OLD" ]; then
  echo "somebody changed the crontab in this very moment; nothing was changed" >&2
  exit 1
fi
dec "$NEW" | crontab -
if [ "$(crontab -l 2>/dev/null | enc || :)" != "$NEW" ]; then
  echo "it reads otherwise than it was written: see crontab -l" >&2
  exit 1
fi
"""
)
_AGENTS = (
    HEX
    + r"""
library=$HOME/$FOLDER
domain=gui/$(id -u)
loaded() { launchctl print "$domain/$1" >/dev/null 2>&1; }
boot_out() {
  if ! loaded "$1"; then return 0; fi
  launchctl bootout "$domain/$1" || :
  i=0
  while loaded "$1"; do
    i=$((i + 1))
    if [ "$i" -gt 100 ]; then
      echo "launchd does not let go of $1" >&2
      return 1
    fi
    sleep 0.1
  done
}
put_back() {
  for old in "$library/.$PREFIX"*.before; do
    [ -f "$old" ] || continue
    label=${old##*/.}
    label=${label%.before}
    boot_out "$label" || :
    if [ -s "$old" ]; then
      mv "$old" "$library/$label.plist"
      launchctl bootstrap "$domain" "$library/$label.plist" || :
    else
      rm -f "$old" "$library/$label.plist" "$library/.$label.part"
    fi
  done
}
mkdir -p "$library"
trap put_back EXIT
printf '%s\n' "$AGENTS" | while read -r label content; do
  [ -n "$label" ] || continue
  : >"$library/.$label.before"
  if [ -f "$library/$label.plist" ]; then cp "$library/$label.plist" "$library/.$label.before"; fi
  boot_out "$label"
  if [ "$content" = gone ]; then
    rm -f "$library/$label.plist"
  else
    dec "$content" >"$library/.$label.part"
    mv "$library/.$label.part" "$library/$label.plist"
    launchctl bootstrap "$domain" "$library/$label.plist"
  fi
done
trap - EXIT
rm -f "$library/.$PREFIX"*.before
"""
)


@dataclass(frozen=True, slots=True)
class Change:
    """What came of it: whether anything had to be changed, and what is installed now."""

    changed: bool
    found: Found


async def install(plan: Plan, shell: Shell, seen: Survey, kind: Kind) -> Change:
    """Make the jobs of a node what the plan says, with cron or launchd and not with the other as well."""
    other: Kind = "launchd" if kind == "cron" else "cron"
    if _all_current(plan, seen, kind) and not _is_there(plan, seen.found, other):
        return Change(False, seen.found)
    _need(kind, seen.found)
    await _prepare(shell, seen)
    if kind == "cron":
        old = seen.found.crontab or b""
        await _swap_crontab(shell, seen.node, old, crontab.with_jobs(old, plan.name, seen.jobs))
    else:
        await _swap_agents(plan, shell, _changes(plan, seen))
    await _clear(plan, shell, seen.node, seen.found, other)
    after = Survey(seen.node, await look(plan, seen.node, shell), seen.ground, seen.jobs)
    if not _all_current(plan, after, kind) or _is_there(plan, after.found, other):
        raise SparkdrError(_("The schedule was written on {node}, and reads otherwise now.").format(node=seen.node))
    return Change(True, after.found)


async def remove(plan: Plan, shell: Shell, node_id: str) -> Change:
    """Take the plan's jobs away, whatever they were installed with."""
    found = await look(plan, node_id, shell)
    kinds: tuple[Kind, ...] = ("cron", "launchd")
    there = [kind for kind in kinds if _is_there(plan, found, kind)]
    if not there:
        if found.refused:
            _need("cron", found)
        return Change(False, found)
    for kind in there:
        await _clear(plan, shell, node_id, found, kind)
    after = await look(plan, node_id, shell)
    if any(_is_there(plan, after, kind) for kind in kinds):
        raise SparkdrError(_("The schedule was removed on {node}, and is still there.").format(node=node_id))
    return Change(True, after)


# -- what is there -------------------------------------------------------------------------------------


def _is_there(plan: Plan, found: Found, kind: Kind) -> bool:
    if kind == "launchd":
        return bool(found.agents)
    return bool(crontab.cut(found.crontab or b"", plan.name).block)


def _all_current(plan: Plan, seen: Survey, kind: Kind) -> bool:
    return all(each is Standing.CURRENT for each in seen.standing(plan.name, kind).values())


def _need(kind: Kind, found: Found) -> None:
    """Refuse what the node cannot do."""
    if kind == "launchd" and not found.launchd:
        raise SparkdrError(_("There is no launchd on {host}.").format(host=found.host), _("Use --cron."))
    if kind == "cron" and found.crontab is None:
        hint = _("On a Mac, --launchd needs no such right.") if "not permitted" in found.refused else ""
        why = found.refused or _("there is no command crontab")
        raise SparkdrError(_("The crontab on {host} cannot be read: {why}").format(host=found.host, why=why), hint)


def _changes(plan: Plan, seen: Survey) -> dict[str, bytes | None]:
    """The property lists that are not as they should be, by label; None: not wanted any more."""
    wanted = {job.name: launchd.property_list(plan.name, job) for job in seen.jobs}
    return {
        launchd.label(plan.name, name): wanted.get(name)
        for name, each in seen.standing(plan.name, "launchd").items()
        if each is not Standing.CURRENT
    }


# -- changing it ---------------------------------------------------------------------------------------


async def _prepare(shell: Shell, seen: Survey) -> None:
    """See that a job could run: the program starts in a bare environment and reads the plan, the logs take a write."""
    logs = "\n".join(dict.fromkeys(job.log for job in seen.jobs))
    env = {"PROGRAM": seen.ground.program, "PLAN": seen.ground.plan or "", "LOGS": logs}
    await _run(
        shell, Script(_TRY, env), _("A job could not run on {node}; nothing was changed.").format(node=seen.node)
    )


async def _clear(plan: Plan, shell: Shell, node_id: str, found: Found, kind: Kind) -> None:
    """Take away what is installed with cron or launchd, if anything is."""
    if not _is_there(plan, found, kind):
        return
    if kind == "launchd":
        await _swap_agents(plan, shell, dict.fromkeys(found.agents))
    else:
        old = found.crontab or b""
        await _swap_crontab(shell, node_id, old, crontab.without_jobs(old, plan.name))


async def _swap_crontab(shell: Shell, node_id: str, old: bytes, new: bytes) -> None:
    env = {"OLD": old.hex(), "NEW": new.hex()}
    await _run(shell, Script(_CRONTAB, env), _("The crontab on {node} could not be changed.").format(node=node_id))


async def _swap_agents(plan: Plan, shell: Shell, changes: Mapping[str, bytes | None]) -> None:
    lines = (f"{label} {'gone' if content is None else content.hex()}" for label, content in changes.items())
    env = {"FOLDER": launchd.FOLDER, "PREFIX": launchd.prefix(plan.name), "AGENTS": "\n".join(lines)}
    await _run(shell, Script(_AGENTS, env), _("launchd did not take the jobs; what was there before is back."))


async def _run(shell: Shell, script: Script, otherwise: str) -> None:
    result = await shell.run(script, PATIENCE)
    if result.status != 0:
        said = [line for line in sanitize(result.text).splitlines() if line.strip()]
        hint = one_line(" ".join(said[-2:]), 400)
        if "Domain does not support" in result.text:
            hint += "\n" + _(
                "Nobody is logged in on the Mac's screen: its jobs need that, as brew services do. Log in first."
            )
        elif "not permitted" in result.text:
            hint += "\n" + _("On a Mac, give the SSH server Full Disk Access (System Settings, Privacy & Security).")
        raise SparkdrError(otherwise, hint)
