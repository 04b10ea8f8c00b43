"""The runs of a runbook side by side as SVG: how long each took against its RTO, and how it ended."""

from __future__ import annotations

from dataclasses import dataclass

from sparkdr_tui.figures import clock, span
from sparkdr_tui.language import _, current
from sparkdr_tui.record.events import Outcome
from sparkdr_tui.report.marks import of_outcome
from sparkdr_tui.report.markup import Html, tag, together
from sparkdr_tui.report.scale import fitted, round_up
from sparkdr_tui.report.trend import PastRun

WIDTH, HEIGHT = 1000.0, 250.0
LEFT, RIGHT, TOP, BOTTOM = 64.0, 990.0, 34.0, 196.0
_WIDEST = 64.0
_PARTS = 4
_BEYOND = 3.0
"""An RTO that is more than so many times the longest run is told, not drawn: it would flatten the rest."""


@dataclass(frozen=True, slots=True)
class Column:
    """A run on paper; `rto_y` is None where its RTO is off the chart, or nothing was promised."""

    run: PastRun
    x: float
    width: float
    y: float
    rto_y: float | None


def layout(runs: tuple[PastRun, ...]) -> tuple[tuple[Column, ...], float]:
    """Where each run stands, and the seconds at the top of the axis."""
    longest = max(max(_length(run) for run in runs), 1.0)
    near = [run.rto for run in runs if run.rto is not None and run.rto <= _BEYOND * longest]
    most = round_up(max([longest, *near]), _PARTS)
    place = (RIGHT - LEFT) / len(runs)
    width = min(_WIDEST, 0.6 * place)
    return tuple(
        Column(
            run=run,
            x=LEFT + (at + 0.5) * place,
            width=width,
            y=_y(_length(run), most),
            rto_y=_y(run.rto, most) if run.rto is not None and run.rto <= most else None,
        )
        for at, run in enumerate(runs)
    ), most


def _length(run: PastRun) -> float:
    return run.elapsed if run.elapsed is not None else run.took


def _y(seconds: float, most: float) -> float:
    return BOTTOM - (BOTTOM - TOP) * min(1.0, seconds / most)


def draw(runs: tuple[PastRun, ...]) -> Html:
    """The chart; the last run is the one that the report is about."""
    found, most = layout(runs)
    drawn = tag(
        "svg",
        tag("title", _("Earlier runs: time on the clock that came closest to its RTO")),
        *(_grid(most * part / _PARTS, most) for part in range(_PARTS + 1)),
        *(_column(each, last=each is found[-1]) for each in found),
        viewBox=f"0 0 {WIDTH:.0f} {HEIGHT:.0f}",
        role="img",
        class_="trend",
    )
    far = sorted(
        {run.rto for run, column in zip(runs, found, strict=True) if run.rto is not None and column.rto_y is None}
    )
    notes = [_("An RTO of {time} is above this chart.").format(time=span(each)) for each in far]
    return tag("figure", drawn, _legend(found), *(tag("p", each, class_="dim") for each in notes))


def _grid(seconds: float, most: float) -> Html:
    y = _y(seconds, most)
    return together(
        tag("path", d=f"M{LEFT:.0f},{y:.2f} H{RIGHT:.0f}", class_="grid"),
        tag("text", clock(seconds), x=LEFT - 8, y=y + 4, text_anchor="end", class_="tick"),
    )


def _column(each: Column, *, last: bool) -> Html:
    run, left = each.run, each.x - each.width / 2
    whose = run.service.within(current()) if run.service else ""
    said = f"{run.run} · {whose} {clock(_length(run))}" + (f" / RTO {span(run.rto)}" if run.rto is not None else "")
    date = run.opened_at.astimezone().strftime("%Y-%m-%d")
    beyond = 46
    rto = None
    if each.rto_y is not None:
        rto = tag("path", d=f"M{each.x - beyond:.2f},{each.rto_y:.2f} h{2 * beyond}", class_="rule rto")
    return tag(
        "g",
        tag("title", said),
        tag(
            "rect",
            x=left,
            y=each.y,
            width=each.width,
            height=max(1.0, BOTTOM - each.y),
            class_="bar this" if last else "bar past",
        ),
        rto,
        _shape(run.outcome, each.x, each.y - 12),
        tag("text", run.run, x=each.x, y=BOTTOM + 16, text_anchor="middle", class_="label strong" if last else "label"),
        tag("text", date, x=each.x, y=BOTTOM + 31, text_anchor="middle", class_="tick"),
        tag("text", fitted(whose, 12), x=each.x, y=BOTTOM + 46, text_anchor="middle", class_="tick"),
    )


def _shape(outcome: Outcome | None, x: float, y: float) -> Html:
    """How a run ended: a disc, a triangle, a cross, a ring."""
    match outcome:
        case "completed":
            return tag("circle", cx=x, cy=y, r=5, class_="completed")
        case "completed with exceptions":
            return tag("path", d=f"M{x:.2f},{y - 6:.2f} l6,11 h-12 z", class_="marked")
        case "aborted":
            return tag("path", d=f"M{x - 5:.2f},{y - 5:.2f} l10,10 m0,-10 l-10,10", class_="failed")
        case None:
            return tag("circle", cx=x, cy=y, r=4.5, class_="unfinished")


def _legend(found: tuple[Column, ...]) -> Html:
    outcomes = dict.fromkeys(each.run.outcome for each in found)
    items = [
        tag("span", tag("svg", _shape(each, 9, 8), viewBox="0 0 18 16", class_="sign"), of_outcome(each).word)
        for each in outcomes
    ]
    if any(each.rto_y is not None for each in found):
        line = tag("path", d="M0,8 H26", class_="rule rto")
        items.append(tag("span", tag("svg", line, viewBox="0 0 26 16", class_="swatch"), "RTO"))
    return tag("figcaption", *items, class_="legend")
