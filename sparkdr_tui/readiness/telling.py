"""What a readiness check found, as people are told it: the same said once, headings, the sum of it. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sparkdr_tui.language import _, ngettext
from sparkdr_tui.readiness.findings import Finding
from sparkdr_tui.readiness.levels import GRAVITY, Level

WORST_FIRST: tuple[Level, ...] = tuple(reversed(GRAVITY))


@dataclass(frozen=True, slots=True)
class Entry:
    """What is told as one thing: what it is about, why, what to do, and the findings that it stands for."""

    label: str
    reason: str
    todo: str
    findings: tuple[Finding, ...]


def heading(state: Level) -> str:
    """What findings of a level have in common."""
    match state:
        case "stop":
            return _("Would stop a recovery")
        case "warn":
            return _("Would be better otherwise")
        case "unknown":
            return _("Not known")
    return _("In order")


def merged(found: Sequence[Finding]) -> Iterator[Entry]:
    """What is the same of several things is said once, with what to do about it."""
    alike: dict[tuple[str, str, str, str], list[Finding]] = {}
    for each in found:
        alike.setdefault((each.state, each.check, each.reason, each.todo), []).append(each)
    for (_state, check, reason, todo), group in alike.items():
        subjects = list(dict.fromkeys(each.subject for each in group))
        alone = len(subjects) == 1
        text = reason if alone else f"{reason}: {', '.join(subjects)}"
        yield Entry(subjects[0] if alone else kind(check), text, todo, tuple(group))


def entries(found: Sequence[Finding]) -> Iterator[Entry]:
    """The same as a list to read: what to do about several things of one kind in a row is said after the last."""
    rows = list(merged(found))
    for at, row in enumerate(rows):
        following = rows[at + 1] if at + 1 < len(rows) else None
        same = following is not None and _about(row) == _about(following)
        yield Entry(row.label, row.reason, "" if same else row.todo, row.findings)


def _about(entry: Entry) -> tuple[str, str]:
    return entry.findings[0].check, entry.todo


def in_order(found: Sequence[Finding]) -> Iterator[Entry]:
    """One paragraph for each thing; things of which the same is said share one."""
    told: dict[str, list[tuple[str, Finding]]] = {}
    for each in found:
        several = each.check in ("runbooks", "drills")
        label, text = (kind(each.check), f"{each.subject} {each.reason}") if several else (each.subject, each.reason)
        told.setdefault(label, []).append((text, each))
    alike: dict[str, list[str]] = {}
    for label, texts in told.items():
        alike.setdefault(" · ".join(dict.fromkeys(text for text, _each in texts)), []).append(label)
    kinds = {each.subject: each.check for each in found}
    for text, labels in alike.items():
        alone = len(labels) == 1
        behind = tuple(each for label in labels for _text, each in told[label])
        yield (
            Entry(labels[0], text, "", behind)
            if alone
            else Entry(kind(kinds[labels[0]]), f"{', '.join(labels)}: {text}", "", behind)
        )


def kind(check: str) -> str:
    """What several findings of one kind are about."""
    names = {
        "contacts": _("contacts"), "passwords": _("passwords"), "secrets": _("secrets"), "keys": _("keys"),
        "reach": _("nodes"), "host-key": _("host keys"), "tools": _("commands"), "versions": _("versions"),
        "clock": _("clocks"), "system": _("nodes"), "disk": _("disks"), "mount": _("drives"),
        "services": _("services"), "credentials": _("credentials"), "backups": _("backups"), "rpo": _("backups"),
        "verified": _("verification"), "copies": _("off-site copies"), "offsite": _("off-site copies"),
        "schedule": _("schedule"), "drills": _("drills"), "runbooks": _("runbooks"),
    }  # fmt: skip
    return names.get(check, check)


def summary(found: Sequence[Finding], *, offline: bool) -> str:
    """How much there is to do, as it is counted out entry by entry."""
    counts = {state: len([*entries([each for each in found if each.state == state])]) for state in GRAVITY}
    stops, better, unknown = counts["stop"], counts["warn"], counts["unknown"]
    said = _("Nothing here would stop a recovery")
    if stops:
        said = ngettext("{count} thing would stop a recovery", "{count} things would stop a recovery", stops)
    parts = [said.format(count=stops)]
    parts += [_("{count} would be better otherwise").format(count=better)] if better else []
    parts += [_("{count} not known").format(count=unknown)] if unknown else []
    line = "; ".join(parts) + "."
    return line + " " + _("No node was contacted.") if offline else line
