"""What a readiness check found, as lines: grouped, the worst first, what is in order folded. Pure."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from screens.painting import Ink, Line, line, paragraph, spread
from screens.widgets.columns import Column, lay_out, widest
from screens.words import said
from sparkdr_tui.language import _
from sparkdr_tui.plan.runbook import Plan
from sparkdr_tui.readiness.findings import Finding
from sparkdr_tui.readiness.levels import GRAVITY, Level
from sparkdr_tui.readiness.telling import WORST_FIRST, Entry, heading, merged

_GLYPHS: dict[Level, tuple[str, str]] = {
    "stop": ("✖", "bad"), "warn": ("▲", "warn"), "unknown": ("·", "dim"), "ok": ("✔", "good"),
}  # fmt: skip
_HERE = ("state", "secrets", "keys")
_BACKUPS = ("mount", "backups", "rpo", "verified", "copies", "schedule", "offsite")
_PRACTICE = ("drills", "runbooks")


@dataclass(frozen=True, slots=True)
class Group:
    """What is about one thing, the worst first."""

    id: str
    title: str
    entries: tuple[Entry, ...]
    counts: dict[Level, int]

    @property
    def worst(self) -> int:
        """How grave the worst of it is."""
        return max(GRAVITY.index(state_of(each)) for each in self.entries)


def state_of(entry: Entry) -> Level:
    """How grave an entry is."""
    return entry.findings[0].state


def groups(plan: Plan, found: Sequence[Finding]) -> list[Group]:
    """The findings by what they are about; groups with worse ones come first, else in the order of the plan."""
    by_group: dict[str, list[Finding]] = {name: [] for name, _title in _titles(plan)}
    for each in found:
        by_group[_group_of(plan, each)].append(each)
    made = [_group(name, title, by_group[name]) for name, title in _titles(plan) if by_group[name]]
    return sorted(made, key=lambda each: -each.worst)


def _titles(plan: Plan) -> list[tuple[str, str]]:
    nodes = [(f"node:{name}", said(node.title)) for name, node in plan.nodes.items()]
    practised = [("practice", _("Practice")), ("contacts", _("Contacts")), ("plan", _("The plan"))]
    return [("here", _("This machine")), *nodes, ("backups", _("Backups")), *practised]


def _group_of(plan: Plan, finding: Finding) -> str:
    if finding.check in _HERE:
        return "here"
    if finding.check in _BACKUPS:
        return "backups"
    if finding.node in plan.nodes:
        return f"node:{finding.node}"
    if finding.check == "host-key":
        return "here"
    return "practice" if finding.check in _PRACTICE else "contacts" if finding.check == "contacts" else "plan"


def _group(name: str, title: str, found: Sequence[Finding]) -> Group:
    entries = sorted(merged(found), key=lambda each: -GRAVITY.index(state_of(each)))
    counts = {state: sum(state_of(each) == state for each in entries) for state in WORST_FIRST}
    return Group(name, title, tuple(entries), counts)


# -- lines ---------------------------------------------------------------------------------------------


def word(state: Level) -> str:
    """How a check went, in a word."""
    return {"stop": _("failed"), "warn": _("warning"), "unknown": _("unknown"), "ok": _("ok")}[state]


def mark(state: Level) -> Ink:
    """The glyph of a level."""
    return Ink(*_GLYPHS[state])


def finding_lines(found: Sequence[Group], opened: Collection[str], width: int) -> list[Line]:
    """Group by group, a line each; what is in order only where its group is opened."""
    told: list[Line] = []
    labels = widest((each.label for group in found for each in group.entries), 24 if width >= 60 else 14)
    words_ = widest(word(state) for state in WORST_FIRST)
    for group in found:
        told.append(spread(line(Ink(group.title, "link")), _counted(group), width))
        fine = [each for each in group.entries if state_of(each) == "ok"]
        shown = [each for each in group.entries if state_of(each) != "ok"]
        told += [_entry_line(each, labels, words_, width) for each in shown]
        if fine:
            told.append(_fold(group, len(fine), opened, words_))
        if group.id in opened:
            told += [_entry_line(each, labels, words_, width) for each in fine]
        told.append(line())
    return told[:-1]


def _counted(group: Group) -> Line:
    pieces: list[Ink] = []
    for state in WORST_FIRST:
        if group.counts[state]:
            glyph, ink = _GLYPHS[state]
            pieces += [Ink("  "), Ink(f"{glyph} {group.counts[state]}", ink)]
    return line(pieces[1:])


def _fold(group: Group, count: int, opened: Collection[str], words_: int) -> Line:
    sign = "▾" if group.id in opened else "▸"
    text = _("{count} in order").format(count=count)
    pad = " " * max(0, words_ - widest([word("ok")]))
    lead = line("  ", mark("ok"), Ink(f"  {word('ok')}{pad}  ", "good"))
    return line(lead.pieces, Ink(f"{sign} {text}", "dim"), item=f"ok:{group.id}", head=True)


def _entry_line(entry: Entry, labels: int, words_: int, width: int) -> Line:
    state = state_of(entry)
    rest = max(10, width - 2 - 1 - words_ - labels - 6)
    columns = lay_out((Column("", 1, 99), Column("", words_, 1), Column("", labels, 3), Column("", rest, 4)), width - 2)
    ink = _GLYPHS[state][1]
    cells = (mark(state), Ink(word(state), ink), Ink(entry.label, "strong"), Ink(entry.reason))
    drawn = columns.row(cells)
    return line("  ", drawn.pieces, item=item_of(entry), head=True)


def item_of(entry: Entry) -> str:
    """What a click on an entry means: the same for the same finding of a later check."""
    first = entry.findings[0]
    return f"{first.check}:{first.node or ''}:{first.subject}:{entry.reason}"


def about(plan: Plan, found: Sequence[Group], item: str, width: int) -> list[Line]:
    """All of the entry under the cursor: how grave, about what, why, and what to do."""
    for group in found:
        if item == f"ok:{group.id}":
            fine = [each for each in group.entries if state_of(each) == "ok"]
            return _about_fold(group, fine, width)
        for entry in group.entries:
            if item_of(entry) == item:
                return _about_entry(plan, group, entry, width)
    return [line()]


def _about_entry(plan: Plan, group: Group, entry: Entry, width: int) -> list[Line]:
    state = state_of(entry)
    lead = line(mark(state), Ink(f" {word(state)}", _GLYPHS[state][1]), " ", Ink(entry.label, "strong"))
    where = dict.fromkeys([group.title, *(said(plan.nodes[each.node].title) for each in entry.findings if each.node)])
    told = [spread(lead, line(Ink(" · ".join(where), "dim")), width)]
    told += paragraph(entry.findings[0].reason, width)
    subjects = list(dict.fromkeys(each.subject for each in entry.findings))
    if len(subjects) > 1:
        told += paragraph(", ".join(subjects), width, "dim", 2)
    if entry.todo:
        told += paragraph(entry.todo, width, "plain", 2, Ink("→ ", "key"))
    return [*told, line(), line(Ink(heading(state), "dim"))]


def _about_fold(group: Group, fine: Sequence[Entry], width: int) -> list[Line]:
    told = [line(mark("ok"), Ink(f" {group.title}", "strong")), line()]
    for each in fine:
        told += paragraph(f"{each.label}: {each.reason}", width, "plain", 2, Ink("✔ ", "good"))
    return told
