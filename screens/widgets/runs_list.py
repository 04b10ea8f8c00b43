"""The runs of a history, a line each: what it was, who drove it, how it ended, what became of its promises. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from rich.cells import cell_len

from screens.painting import Ink, Line, cut_line, fit, line
from screens.words import clock, mode_word, outcome_word, said
from sparkdr_tui.language import _, ngettext
from sparkdr_tui.record.events import Mode
from sparkdr_tui.record.past import Entry, Judged

KINDS: tuple[tuple[Mode, ...], ...] = (
    ("incident", "drill", "lab"),
    ("incident", "drill", "lab", "routine"),
    ("incident",),
    ("drill",),
    ("lab",),
    ("routine",),
)
"""What is shown, one after the other: backups are many, and not shown unless they are asked for."""
_WIDE = 96
"""From so many cells on, there is room for who and for a word on each promise."""


@dataclass(frozen=True, slots=True)
class Columns:
    """Widths of the columns; 0: no room."""

    when: int
    what: int
    who: int
    ended: int
    took: int
    kept: int
    """Of RTO and RPO each, or of the worse of both where `who` is 0."""


def columns(entries: Iterable[Entry], width: int) -> Columns:
    """What the runs are takes what the rest leaves; where that is little, who gives way."""
    if width < _WIDE:
        when, took = (12, 9) if width >= 70 else (6, 0)
        return Columns(when, max(8, width - (2 + 9 + when) - 1 - 16 - took - 1 - 13), 0, 16, took, 13)
    names = [cell_len(each.summary.operator) for each in entries if each.summary]
    who = min(24 if width > 150 else 14, max([cell_len(_("operator")), *names]))
    what = width - (2 + 9 + 12) - (2 + who) - (1 + 26) - 9 - 1 - 2 * 9
    return Columns(12, what, who, 26, 9, 9)


def heading(table: Columns) -> Line:
    """What the columns hold."""
    return line(
        Ink("  " + fit(_("run"), 9) + fit(_("when"), table.when) + fit(_("what"), table.what), "dim"),
        Ink("  " + fit(_("operator"), table.who) if table.who else "", "dim"),
        Ink(" " + fit(_("outcome"), table.ended) + fit(_("took"), table.took, "right") + " ", "dim"),
        Ink(f"{fit('RTO', table.kept)}{fit('RPO', table.kept)}" if table.who else fit("RTO · RPO", table.kept), "dim"),
    )


def row(entry: Entry, found: Judged | None, table: Columns, now: datetime) -> Line:
    """One run."""
    mark, word = ending(entry, found, brief=not table.who)
    lead: list[Ink] = [
        mark,
        Ink(" "),
        Ink(fit(entry.id, 9), "strong" if entry.live else "plain"),
        Ink(fit(when(entry.at, now, brief=table.when < 11), table.when), "dim"),
    ]
    if entry.summary is None:
        whole = line(lead, word, " ", Ink(entry.problem, "dim"), item=entry.id, head=True)
        return cut_line(whole, heading(table).cells)
    kind = mode_word(entry.kind)
    title = said(entry.summary.title)
    what = fit(f"{kind} {title}" if kind else title, table.what)
    return line(
        lead,
        Ink(what[: len(kind)], "link"),
        Ink(what[len(kind) :]),
        Ink("  " + fit(entry.summary.operator, table.who) if table.who else "", "dim"),
        " ",
        Ink(fit(word.text, table.ended), word.name),
        Ink(fit(took(entry, now), table.took, "right"), "dim"),
        " ",
        promises(found, table),
        item=entry.id,
        head=True,
    )


def when(at: datetime, now: datetime, *, brief: bool = False) -> str:
    """The day and the minute; of another year, the day. Where there is little room, the day or the month."""
    local, today = at.astimezone(), now.astimezone()
    if local.year != today.year:
        return local.strftime("%y-%m" if brief else "%Y-%m-%d")
    return local.strftime("%m-%d" if brief else "%m-%d %H:%M")


def took(entry: Entry, now: datetime) -> str:
    """From its opening to its end; of one that was left, to its last record."""
    known = entry.summary
    if known is None:
        return ""
    end = known.closed_at or (known.at if entry.interrupted else now)
    return clock(((end or now) - known.opened_at).total_seconds())


def ending(entry: Entry, found: Judged | None, *, brief: bool) -> tuple[Ink, Ink]:
    """How a run ended, as a mark and in words."""
    known = entry.summary
    if known is None or (found is not None and found.problem):
        return Ink("!", "bad"), Ink(_("journal damaged"), "bad")
    if entry.interrupted:
        return Ink("◌", "warn"), Ink(_("nobody drives it"), "warn")
    match known.outcome:
        case None:
            return Ink("▶", "live"), Ink(_("under way"), "live")
        case "completed with exceptions":
            count = found.exceptions if found else 0
            word = outcome_word(known.outcome).text
            if count:
                many = ngettext("{count} exception", "{count} exceptions", count).format(count=count)
                word = many if brief else _("completed, {exceptions}").format(exceptions=many)
            return Ink("▲", "warn"), Ink(word, "warn")
        case "aborted":
            return Ink("✖", "bad"), outcome_word(known.outcome)
    return Ink("✔", "good"), outcome_word(known.outcome)


def promises(found: Judged | None, table: Columns) -> list[Ink]:
    """What became of RTO and RPO; where there is little room, the worse of both."""
    if found is None:
        return [Ink(" " * (2 * table.kept if table.who else table.kept))]
    if table.who:
        return [piece for kept in (found.rto, found.rpo) for piece in _kept("", kept, table.kept)]
    for kept in (False, True):
        for name, each in (("RTO ", found.rto), ("RPO ", found.rpo)):
            if each is kept:
                return _kept(name, kept, table.kept)
    return _kept("", None, table.kept)


def _kept(name: str, kept: bool | None, width: int) -> list[Ink]:
    if kept is None:
        return [Ink(fit("—", width), "dim")]
    text = f"✔ {name}{_('met')}" if kept else f"✖ {name}{_('missed')}"
    return [Ink(fit(text, width), "good" if kept else "bad")]


# -- what is shown -----------------------------------------------------------------------------------


def chosen(entries: Sequence[Entry], kinds: Sequence[Mode], needle: str) -> tuple[Entry, ...]:
    """The runs of these kinds that the words are found in; what is not closed is shown whatever its kind."""
    wanted = needle.casefold().split()
    return tuple(
        each
        for each in entries
        if (each.kind in kinds or (each.live and each.kind != "routine"))
        and (not wanted or all(word in text_of(each) for word in wanted))
    )


def text_of(entry: Entry) -> str:
    """What is searched."""
    known = entry.summary
    parts = [entry.id, f"{entry.at.astimezone():%Y-%m-%d %H:%M}", entry.problem]
    if known is not None:
        parts += [
            known.title.en,
            known.title.ko,
            known.runbook,
            known.scenario or "",
            known.operator,
            known.drill or "",
        ]
        parts += [known.outcome or "", outcome_word(known.outcome).text if known.outcome else ""]
    return " ".join(parts).casefold()


def kinds_word(kinds: Sequence[Mode]) -> str:
    """What is shown, in words."""
    words: Mapping[Mode, str] = {
        "incident": _("incidents"),
        "drill": _("drills"),
        "lab": _("labs"),
        "routine": _("backups"),
    }
    return _("all") if len(kinds) == len(words) else ", ".join(words[each] for each in kinds)


def next_kinds(entries: Sequence[Entry], at: int) -> int:
    """The next choice of kinds of which there is a run."""
    there = {each.kind for each in entries}
    shown = [there & set(kinds) for kinds in KINDS]
    for step in range(1, len(KINDS)):
        found = (at + step) % len(KINDS)
        if shown[found] and (found == 0 or shown[found] != shown[at]):
            return found
    return at
