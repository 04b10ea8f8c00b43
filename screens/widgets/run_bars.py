"""The last runs of a runbook as bars against their RTO, oldest first, drawn with blocks. Pure; reads without colour."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len

from screens.painting import Ink, Line, cut, fit, line, paragraph
from screens.words import clock, said, span
from sparkdr_tui.language import _
from sparkdr_tui.report.marks import of_outcome
from sparkdr_tui.report.trend import PastRun

_EIGHTHS = " ▏▎▍▌▋▊▉█"
_BEYOND = 3.0
"""An RTO of more than so many times the longest run is told, not drawn: it would flatten the rest."""
_INKS = {"completed": "good", "completed with exceptions": "warn", "aborted": "bad", None: "live"}


def run_bars(runs: Sequence[PastRun], this: str, width: int) -> list[Line]:
    """A line for each run, and what the signs mean; the run that this is about is marked."""
    longest = max(max((length(each) for each in runs), default=1.0), 1.0)
    near = [each.rto for each in runs if each.rto is not None and each.rto <= _BEYOND * longest]
    most = max([longest, *near])
    times = max((cell_len(clock(length(each))) for each in runs), default=0)
    found = [_row(each, each.run == this, most, times, width) for each in runs]
    far = sorted({each.rto for each in runs if each.rto is not None and each.rto not in near})
    for rto in far:
        found += paragraph(_("An RTO of {time} is above this chart.").format(time=span(rto)), width, "dim")
    if near:
        legend = (
            _("┊ RTO   ▓ beyond it   ◂ the run above")
            if any(_late(each) for each in runs)
            else _("┊ RTO   ◂ the run above")
        )
        found += [line(Ink(cut(legend, width), "dim"))]
    whose = list(dict.fromkeys(said(each.service) for each in runs if each.service is not None))
    if whose:
        text = _("Time on the clock that came closest to its RTO: {services}").format(services=", ".join(whose))
        found += paragraph(text, width, "dim")
    return found


def length(run: PastRun) -> float:
    """What is drawn of a run: its clock, else how long it took."""
    return run.elapsed if run.elapsed is not None else run.took


def _late(run: PastRun) -> bool:
    return run.rto is not None and length(run) > run.rto


def _row(run: PastRun, this: bool, most: float, times: int, width: int) -> Line:
    day = run.opened_at.astimezone().strftime("%y-%m-%d")
    mark = Ink(of_outcome(run.outcome).glyph, _INKS[run.outcome])
    lead = line(
        Ink(day, "dim"), " ", Ink(fit(run.run, 9), "strong" if this else "plain"), mark, " ",
        Ink(fit(clock(length(run)), times, "right"), "bad" if _late(run) else "plain"), " ",
    )  # fmt: skip
    room = width - lead.cells - 2
    return line(lead.pieces, bar(run, most, room), Ink(" ◂" if this else "", "key"))


def bar(run: PastRun, most: float, width: int) -> list[Ink]:
    """A bar, to an eighth of a cell, with a line where the RTO is and another pattern beyond it."""
    if width < 4:
        return []
    eighths = round(min(1.0, length(run) / most) * width * 8)
    full = "█" * (eighths // 8) + (_EIGHTHS[eighths % 8] if eighths % 8 else "")
    cells = list((full or "▏").ljust(width))
    if run.rto is None or run.rto > most:
        return [Ink("".join(cells).rstrip(), "live")]
    at = min(width - 1, int(run.rto / most * width))
    before, after = "".join(cells[:at]), "".join(cells[at + 1 :]).rstrip()
    return [Ink(before, "live"), Ink("┊", "strong"), Ink("▓" * len(after), "bad")]
