"""Whether this machine has what a recovery needs, and whether its runbooks were tried. Pure: judges what was seen."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from sparkdr_tui.figures import size, span
from sparkdr_tui.language import _, ngettext
from sparkdr_tui.plan.fingerprint import fingerprint
from sparkdr_tui.plan.runbook import Plan
from sparkdr_tui.readiness.findings import Finding
from sparkdr_tui.readiness.needed import practised
from sparkdr_tui.readiness.seen import Here
from sparkdr_tui.record.drills import Standing

LEAST, SCARCE = 50_000_000, 1_000_000_000
"""Bytes: with fewer free no run can be kept, and with fewer a long one may not be."""
STALE = timedelta(days=183)
"""A runbook that nobody has gone through for so long may no longer fit what it is about."""


def state_folder(here: Here) -> Iterator[Finding]:
    """Whether runs can be kept."""
    values = {"folder": here.state_folder, "free": size(here.free or 0)}
    elsewhere = _("Name another folder with --state or SPARKDR_STATE.")
    if not here.writable:
        yield Finding("stop", "state", "state", _("{folder} cannot be written.").format(**values), elsewhere)
    elif here.free is None:
        text = _("Runs are kept in {folder}; how much is free there is not known.")
        yield Finding("unknown", "state", "state", text.format(**values))
    elif here.free < SCARCE:
        text = _("Runs are kept in {folder}, and only {free} are free there.")
        yield Finding("stop" if here.free < LEAST else "warn", "state", "state", text.format(**values), elsewhere)
    else:
        yield Finding("ok", "state", "state", _("Runs are kept in {folder}; {free} are free.").format(**values))


def recovery(here: Here) -> Iterator[Finding]:
    """Whether a recovery was left unfinished: until it is closed no scheduled backup begins."""
    if here.recovery is not None:
        unfinished, todo = here.recovery
        text = _("{unfinished} No scheduled backup begins before it is closed.").format(unfinished=unfinished)
        yield Finding("warn", "state", "state", text, todo)


def secrets(plan: Plan, here: Here) -> Iterator[Finding]:
    """Whether the secrets are there, and nobody else's."""
    if not here.credentials:
        yield Finding("unknown", "secrets", "secrets", _("not looked at: observers load no credentials"))
        return
    for name, (problem, hint) in here.missing.items():
        # Without an address to notify nobody is told, and everything can be recovered all the same.
        yield Finding("warn" if name in {each.to for each in plan.notify} else "stop", "secrets", name, problem, hint)
    for path in here.exposed:
        text = _("others can read {path}").format(path=path)
        yield Finding("warn", "secrets", "secrets", text, _("chmod 600, and its folder 700."))
    count = len(plan.secrets) - len(here.missing)
    if count:
        text = ngettext("{count} secret is there", "{count} secrets are there", count)
        yield Finding("ok", "secrets", "secrets", text.format(count=count))


def notifications(plan: Plan, here: Here) -> Iterator[Finding]:
    """Whether those who want to know can be told."""
    if not plan.notify:
        return
    if here.apprise:
        count = len({each.to for each in plan.notify})
        text = ngettext("{count} address is notified of runs", "{count} addresses are notified of runs", count)
        yield Finding("ok", "notify", "notify", text.format(count=count))
    else:
        text = _("Apprise is not installed: nobody is notified")
        yield Finding("warn", "notify", "notify", text, 'pip install "sparkdr-tui[notify]"')


def keys(plan: Plan, here: Here) -> Iterator[Finding]:
    """Whether the keys to log in with are there."""
    for name, path in here.no_keys.items():
        text = _("Its SSH key {path} is not there.").format(path=path)
        yield Finding("stop", "keys", name, text, _("Put it there, or correct `ssh: key:` in plan.yaml."), name)


def known_hosts(plan: Plan, here: Here) -> Iterator[Finding]:
    """Whether the nodes are known by their host keys, as far as that can be said without asking them."""
    if here.known_hosts:
        text = _("cannot be read: {reason}").format(reason=here.known_hosts)
        yield Finding("stop", "host-key", "known_hosts", text)
    for name, addresses in here.strangers.items():
        some = len(addresses) < len(plan.nodes[name].address)
        text = _("known_hosts has no key of {addresses}").format(addresses=", ".join(addresses))
        todo = _("Collect the key with ssh-keyscan, compare its fingerprint on the machine itself, and keep it there.")
        yield Finding("warn" if some else "stop", "host-key", name, text, todo, name)


def runbooks(plan: Plan, here: Here, now: datetime) -> Iterator[Finding]:
    """Whether each runbook is still what passed a drill."""
    todo = _("Go through it in a drill or in the lab: sparkdr-tui run RUNBOOK --drill.")
    for name in practised(plan):
        last = here.passed.get(name)
        if last is None:
            yield Finding("warn", "runbooks", name, _("never passed a drill"), todo)
            continue
        values = {"run": last.run, "age": span((now - last.at).total_seconds())}
        if not last.content:
            text = _("passed in {run}, {age} ago; what it contained then is not recorded")
            yield Finding("unknown", "runbooks", name, text.format(**values), todo)
        elif last.content != fingerprint(plan, name):
            text = _("changed since it last passed a drill ({run}, {age} ago)")
            yield Finding("warn", "runbooks", name, text.format(**values), todo)
        elif now - last.at > STALE:
            yield Finding("warn", "runbooks", name, _("last passed a drill {age} ago ({run})").format(**values), todo)
        else:
            text = _("passed a drill {age} ago ({run}), and has not changed since")
            yield Finding("ok", "runbooks", name, text.format(**values))


def drills(here: Here) -> Iterator[Finding]:
    """Whether the drills of the calendar were held in their turn."""
    for each in here.drills:
        day = {"day": (each.turn.opens if each.standing is Standing.DONE else each.turn.closes).isoformat()}
        todo = _("sparkdr-tui drill start {drill}").format(drill=each.id)
        match each.standing:
            case Standing.OVERDUE:
                yield Finding("warn", "drills", each.id, _("was due until {day}, and was not held").format(**day), todo)
            case Standing.DUE:
                yield Finding("ok", "drills", each.id, _("due until {day}").format(**day))
            case Standing.ANNOUNCE:
                text = _("to be announced: it begins on {day}").format(day=each.turn.opens.isoformat())
                yield Finding("ok", "drills", each.id, text)
            case Standing.DONE:
                yield Finding("ok", "drills", each.id, _("held; next on {day}").format(**day))
