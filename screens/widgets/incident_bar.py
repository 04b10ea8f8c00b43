"""The line at the top: which plan, which run, how much time is left. Amber when at risk, red when missed."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len

from screens.painting import Ink, Line, cut, gauge, harmless, line, spread
from screens.situation import Situation
from screens.widgets.lines import LinesPane
from screens.words import clock, minute, mode_word, outcome_word, said
from sparkdr_tui.language import _
from sparkdr_tui.plan.graph import scenarios
from sparkdr_tui.record.forecast import ClockForecast, Verdict
from sparkdr_tui.record.state import RunState

_WALL = Ink(" │ ", "edge")
_BAR = (8, 24)
"""Cells of the bar of time, at least and at most."""
_INKS = {
    Verdict.ON_PACE: "live",
    Verdict.MET: "good",
    Verdict.AT_RISK: "warn",
    Verdict.WILL_BREACH: "bad",
    Verdict.BREACHED: "bad",
    Verdict.UNKNOWN: "live",
}


class IncidentBar(LinesPane, can_focus=False):
    """One line where there is room, else two."""

    def show(self, situation: Situation) -> None:
        """Show the run and its clock, or that there is none."""
        super().show(situation)
        found = alarm(situation)
        self.set_class(found == "risk", "-risk")
        self.set_class(found == "breach", "-breach")

    def draw(self, situation: Situation, width: int) -> Sequence[Line]:
        """All of it in one line, or the run above and the clock below."""
        inner = width - 2
        if self.size.height > 1:
            rows = [what_runs(situation, inner), time_left(situation, inner)]
        else:
            shortest = time_left(situation, 0)
            what = what_runs(situation, inner - shortest.cells - 3)
            rows = [spread(what, time_left(situation, inner - what.cells - 3), inner)]
        return [line(" ", row.pieces) for row in rows]


def what_runs(situation: Situation, width: int) -> Line:
    """The plan, and the run in it. Where there is no room the plan's name gives way, then the run's title."""
    plan, run = situation.plan, situation.run
    mode = mode_word(run.opened.mode if run else "lab" if plan.lab else "incident")
    named = [Ink(plan.name, "strong"), *([Ink(f" · {mode}", "link")] if mode else [])]
    unnamed = [Ink(mode, "link")] if mode else []
    eye = [Ink("◉ " + _("observer"), "key")] if situation.observing else []
    if run is None:
        return line(_walled(named, eye), Ink(_("no run") if not situation.blind else "", "dim"))
    eye += attendance(situation, apart=bool(eye))
    level = [Ink(f" · {_('Level {level}').format(level=run.opened.level)}")] if run.opened.level else []
    what = title(situation, run)
    whole = line(Ink(run.run, "strong"), " ", what, level)
    lead = line(_walled(named, eye))
    if lead.cells + whole.cells > width:
        lead = line(_walled(unnamed, eye))
    room = max(8, width - lead.cells - (whole.cells - line(what).cells))
    return line(lead.pieces, Ink(run.run, "strong"), " ", cut(what, room), level)


def attendance(situation: Situation, *, apart: bool) -> list[Ink]:
    """Who drives the run where that is not us, or that nobody does."""
    wall = [_WALL] if apart else []
    if situation.interrupted:
        return [*wall, Ink("◌ " + _("interrupted: nobody drives it"), "warn")]
    who = situation.driver
    if situation.live and who is not None and not who.here and not situation.observing:
        return [*wall, Ink("◉ " + _("driven by {name}").format(name=who.name), "key")]
    return []


def _walled(*parts: Sequence[Ink]) -> list[Ink]:
    """The parts that are not empty, each with a wall behind it."""
    return [piece for part in parts if part for piece in (*part, _WALL)]


def title(situation: Situation, run: RunState) -> str:
    """What the run is about: its drill, its scenario, else its runbook."""
    if run.opened.drill is not None:
        return said(run.opened.title)
    titles = [said(each.title) for each in scenarios(situation.plan, run.opened.scenario)]
    return " + ".join(titles) or said(run.opened.title)


def time_left(situation: Situation, width: int) -> Line:
    """The clock that matters most, or how the run ended; without a run, what is suggested. The bar takes the rest."""
    run = situation.run
    if situation.blind:
        return _blind(situation, width)
    if run is None:
        return _suggestion(situation)
    shown = situation.forecast.urgent if situation.forecast else None
    if run.outcome is not None:
        ended = [outcome_word(run.outcome)]
        if situation.suggestions and _swept_since(situation, run):  # weighs more than how the last run ended
            return line(ended, Ink("  "), _suggestion(situation).pieces)
        return line(ended, Ink("  "), _kept(shown)) if shown and shown.left is not None else line(ended)
    if shown is None or shown.left is None:
        return line()
    if shown.restored:
        return line(_kept(shown))
    said_after = [] if situation.interrupted else [Ink(" · ", "dim"), _verdict(shown)]
    bar = width - line(_ticking(shown, 0), said_after).cells
    return line(_ticking(shown, max(_BAR[0], min(_BAR[1], bar))), said_after)


def _swept_since(situation: Situation, run: RunState) -> bool:
    """Whether the services were looked at after the run was over."""
    at = situation.topology.at
    return at is not None and run.closed_at is not None and at > run.closed_at


def _ticking(shown: ClockForecast, bar: int) -> list[Ink]:
    assert shown.left is not None and shown.rto is not None
    ink = _INKS[shown.verdict]
    what = Ink(f"{shown.service} RTO {clock(shown.rto)} ")
    share = 1 - shown.left / shown.rto if shown.rto else 1.0
    rest = _("{time} left") if shown.left >= 0 else _("{time} over")
    return [what, *gauge(share, bar, ink), Ink(f" {rest.format(time=clock(abs(shown.left)))}", ink)]


def _verdict(shown: ClockForecast) -> Ink:
    """What the forecast says of the clock."""
    ink = _INKS[shown.verdict]
    at = minute(shown.breach_at) if shown.breach_at else ""
    match shown.verdict:
        case Verdict.ON_PACE:
            return Ink(_("on pace {at}").format(at=minute(shown.p50) if shown.p50 else ""), ink)
        case Verdict.AT_RISK:
            return Ink(_("at risk at {at}").format(at=at), ink)
        case Verdict.WILL_BREACH:
            return Ink(_("will breach at {at}").format(at=at), ink)
        case Verdict.BREACHED:
            return Ink(_("breached at {at}").format(at=at), ink)
    return Ink(_("no forecast"), "dim")


def _kept(shown: ClockForecast) -> list[Ink]:
    if not shown.restored:
        return [Ink(_("{service} not restored").format(service=shown.service), "bad")]
    back = _("{service} back after {time}").format(service=shown.service, time=clock(shown.elapsed))
    met = shown.verdict is Verdict.MET
    verdict = _("RTO met") if met else _("RTO missed")
    return [Ink(f"{back} · {verdict}", "good" if met else "bad")]


def alarm(situation: Situation) -> str:
    """`breach` when an RTO is or will be missed, `risk` when it may be, else nothing."""
    verdicts = {each.verdict for each in situation.forecast.clocks} if situation.forecast and situation.live else set()
    if verdicts & {Verdict.BREACHED, Verdict.WILL_BREACH}:
        return "breach"
    return "risk" if Verdict.AT_RISK in verdicts else ""


def _blind(situation: Situation, width: int) -> Line:
    """Instead of a clock that nobody can vouch for: why, as far as there is room."""
    short = _("runs cannot be seen")
    why = f": {situation.blind}" if width > cell_len(short) + 12 else ""
    return line(Ink(cut(harmless(f"▲ {short}{why}"), max(width, cell_len(short) + 2)), "bad"))


def _suggestion(situation: Situation) -> Line:
    if not situation.suggestions:
        return line()
    first = situation.plan.scenarios.get(situation.suggestions[0].scenario)
    if first is None:
        return line()
    level = _("Level {level}").format(level=situation.level) if situation.level else ""
    return line(
        Ink(f"{level} · " if level else "", "warn"),
        Ink(_("suggested: {reason}").format(reason=said(first.title)), "warn"),
    )
