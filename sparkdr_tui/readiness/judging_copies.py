"""Whether each set has a copy in its second place, young enough and whole. Pure: judges what was seen."""

from __future__ import annotations

from collections.abc import Iterator

from sparkdr_tui.backups.offsite import Second, Standing, copy_rpo, standing
from sparkdr_tui.figures import span
from sparkdr_tui.language import _
from sparkdr_tui.plan.runbook import Plan
from sparkdr_tui.readiness.findings import Finding
from sparkdr_tui.readiness.seen import Seen, There


def copies(plan: Plan, seen: Seen, there: There) -> Iterator[Finding]:
    """How the copies stand; that a set names no second place at all, the plan's own check says."""
    for name, second in there.seconds.items():
        yield _copy(plan, seen, name, second)


def _copy(plan: Plan, seen: Seen, name: str, second: Second) -> Finding:
    node = plan.backup_sets[name].on
    todo = _("Look at the run that copies it; sparkdr-tui backup list {set} shows its copies.").format(set=name)
    if not second.known:
        text = _("whether there is a copy off-site is not known: {why}")
        return Finding("unknown", "copies", name, text.format(why=second.problem.rstrip(".")), node=node)
    if second.copy is None:
        text = _("nothing that can be restored is in {place}: {why} (E24)")
        reason = text.format(place=second.where, why=second.problem or _("no copy yet"))
        return Finding("warn", "copies", name, reason, todo, node)
    rpo = copy_rpo(plan, name)
    age = span((seen.at - second.copy.taken_at).total_seconds())
    values = {"age": age, "rpo": span(rpo.total_seconds()) if rpo else "—"}
    match standing(plan, name, second, seen.at):
        case Standing.KEPT:
            return Finding("ok", "copies", name, _("copied off-site {age} ago").format(**values), node=node)
        case Standing.LATE:
            text = _("its newest copy off-site is {age} old: older than promised, {rpo}")
            return Finding("warn", "copies", name, text.format(**values), todo, node)
    if rpo is None:
        text = _("copied off-site {age} ago; nothing was promised")
        return Finding("ok", "copies", name, text.format(**values), node=node)
    return Finding("unknown", "copies", name, _("the age of its newest copy off-site is not known"), todo, node)
