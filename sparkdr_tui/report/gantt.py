"""The chart of a run as SVG: a row a step, what it spent its time on, the start of the incident, every RTO.

What a bar is shows by shape and pattern, not by colour alone. `layout` says where things are, `draw` draws.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

from sparkdr_tui.figures import clock, time_of_day
from sparkdr_tui.language import _, current
from sparkdr_tui.record.state import Phase
from sparkdr_tui.report.content import Content, StepLine
from sparkdr_tui.report.markup import Html, tag, together
from sparkdr_tui.report.scale import Scale, fitted
from sparkdr_tui.report.spans import Bar, Doing, Turn
from sparkdr_tui.report.words import at

WIDTH, LEFT, RIGHT = 1000.0, 268.0, 940.0
ROW, BAR, THIN = 22.0, 12.0, 8.0
TOP = 24.0
"""Height of the axis; labels of lines stand above it."""
LABEL = 15.0
ROWS = 40
"""Most rows of one picture: what fits on a printed page."""
_LEAST = 2.0
_LETTERS = 38
_STUCK = (Phase.FAILED, Phase.TIMED_OUT, Phase.CANCELLED, Phase.UNKNOWN)


@dataclass(frozen=True, slots=True)
class Box:
    """A bar on paper."""

    bar: Bar
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Rule:
    """A vertical line: the start of the incident, an RTO."""

    label: str
    at: datetime
    x: float
    rto: bool


@dataclass(frozen=True, slots=True)
class Picture:
    """Some of the steps of a run, laid out."""

    rows: tuple[StepLine, ...]
    boxes: tuple[Box, ...]
    turns: tuple[tuple[Turn, float, float], ...]
    rules: tuple[Rule, ...]
    scale: Scale
    top: float
    height: float


def layout(content: Content) -> tuple[Picture, ...]:
    """The pictures of a run: one, or several where it has many steps."""
    lines = list(content.steps.values())
    scale = _scale(content)
    rules = tuple(_rules(content, scale))
    size = max(1, ceil(len(lines) / max(1, ceil(len(lines) / ROWS))))
    return tuple(_picture(content, lines[at : at + size], scale, rules) for at in range(0, len(lines), size))


def elsewhere(content: Content) -> Iterator[str]:
    """What is too early or too late for the chart, in words."""
    scale, opened = _scale(content), content.state.opened_at
    if not scale.holds(content.state.incident_at):
        yield _("The incident began before this chart: {at}").format(at=at(content.state.incident_at, opened))
    found = {moment: f"{', '.join(names)} {at(moment, opened)}" for moment, names in _deadlines(content).items()}
    early = [said for moment, said in found.items() if moment < scale.start]
    late = [said for moment, said in found.items() if moment > scale.end]
    if early:
        yield _("RTO before this chart: {deadlines}").format(deadlines=" · ".join(early))
    if late:
        yield _("RTO after this chart: {deadlines}").format(deadlines=" · ".join(late))


def _scale(content: Content) -> Scale:
    """From the start of the incident, where that is not long before, to the end or to a deadline soon after it."""
    state = content.state
    length = max(timedelta(seconds=1), content.at - state.opened_at)
    start = state.incident_at if state.opened_at - state.incident_at <= length else state.opened_at
    start = min(start, state.opened_at)
    end = state.opened_at + length
    soon = [each for each in _deadlines(content) if end < each <= start + 1.25 * (end - start)]
    return Scale(start, max([end, *soon]), LEFT, RIGHT)


def _deadlines(content: Content) -> dict[datetime, list[str]]:
    """When an RTO is missed, and whose."""
    found: dict[datetime, list[str]] = {}
    for each in content.services:
        if each.clock.rto is not None:
            deadline = each.clock.since + timedelta(seconds=each.clock.rto)
            found.setdefault(deadline, []).append(each.clock.title.within(current()))
    return dict(sorted(found.items()))


def _rules(content: Content, scale: Scale) -> Iterator[Rule]:
    began = content.state.incident_at
    if scale.holds(began):
        yield Rule(_("incident {at}").format(at=time_of_day(began)), began, scale.x(began), rto=False)
    for deadline, names in _deadlines(content).items():
        if scale.holds(deadline):
            label = f"RTO {fitted(', '.join(names), 40)} {time_of_day(deadline)}"
            yield Rule(label, deadline, scale.x(deadline), rto=True)


def _picture(content: Content, rows: Sequence[StepLine], scale: Scale, rules: tuple[Rule, ...]) -> Picture:
    top = TOP + LABEL * len(rules)
    place = {line.step.outline.id: top + at * ROW for at, line in enumerate(rows)}
    return Picture(
        rows=tuple(rows),
        boxes=tuple(_box(bar, place[bar.step], scale) for bar in content.course.bars if bar.step in place),
        turns=tuple(
            (turn, scale.x(turn.at), place[turn.step] + ROW / 2) for turn in content.course.turns if turn.step in place
        ),
        rules=rules,
        scale=scale,
        top=top,
        height=top + len(rows) * ROW + 6,
    )


def _box(bar: Bar, top: float, scale: Scale) -> Box:
    height = THIN if bar.doing.waits else BAR
    x, right = scale.x(bar.start), scale.x(bar.end)
    return Box(bar, x, top + (ROW - height) / 2, max(_LEAST, right - x), height)


# -- drawing -------------------------------------------------------------------------------------------


def draw(content: Content) -> Html:
    """The chart with its legend."""
    pictures = layout(content)
    parts: list[Html] = [_svg(picture, at) for at, picture in enumerate(pictures)]
    return tag(
        "figure", *parts, _legend(content, pictures), *(tag("p", said, class_="dim") for said in elsewhere(content))
    )


def _svg(picture: Picture, number: int) -> Html:
    return tag(
        "svg",
        tag("title", _("Course of the run: a row for each step, time from left to right")),
        _patterns(number),
        *(_row(picture, at) for at in range(len(picture.rows))),
        *(_mark(picture, moment, label) for moment, label in picture.scale.marks()),
        *(_drawn(box, number) for box in picture.boxes),
        *(_turn(*turn) for turn in picture.turns),
        *(_rule(picture, rule, at) for at, rule in enumerate(picture.rules)),
        viewBox=f"0 0 {WIDTH:.0f} {picture.height:.0f}",
        role="img",
        class_="gantt",
    )


def _patterns(number: int) -> Html:
    """What tells the bars apart in black and white."""

    def pattern(name: str, *shapes: Html, size: float = 6) -> Html:
        return tag(
            "pattern", *shapes, id=f"{name}-{number}", width=size, height=size, patternUnits="userSpaceOnUse"
        )  # fmt: skip

    slash = tag("path", d="M-1,1 l2,-2 M0,6 l6,-6 M5,7 l2,-2", class_="ink")
    back = tag("path", d="M-1,5 l2,2 M0,0 l6,6 M5,-1 l2,2", class_="ink")
    return tag(
        "defs",
        pattern("asked", slash),
        pattern("stuck", tag("circle", cx=2, cy=2, r=1, class_="ink-dot"), size=4),
        pattern("undoing", slash, back),
        pattern("verifying", tag("path", d="M1.5,0 v6", class_="ink-on"), size=3),
    )


def _row(picture: Picture, at: int) -> Html:
    line, y = picture.rows[at], picture.top + at * ROW
    title = line.step.outline.title.within(current())
    label = fitted(f"{line.number:>2} {title}", _LETTERS)
    took = clock(line.took) if line.took is not None else ""
    return together(
        tag("rect", x=0, y=y, width=WIDTH, height=ROW, class_="band") if at % 2 else None,
        tag("text", tag("title", title), label, x=4, y=y + ROW / 2 + 4, class_="label"),
        tag("text", took, x=WIDTH - 4, y=y + ROW / 2 + 4, text_anchor="end", class_="took") if took else None,
    )


def _mark(picture: Picture, moment: datetime, label: str) -> Html:
    x = picture.scale.x(moment)
    return together(
        tag("path", d=f"M{x:.2f},{picture.top - 6:.2f} V{picture.height - 6:.2f}", class_="grid"),
        tag("text", label, x=x, y=picture.top - 10, text_anchor="middle", class_="tick"),
    )


def _drawn(box: Box, number: int) -> Html:
    doing = box.bar.doing
    said = f"{doing_word(doing)} {clock((box.bar.end - box.bar.start).total_seconds())}"
    said += " · " + _("attempt {number}").format(number=box.bar.attempt) if box.bar.attempt > 1 else ""
    place = {"x": box.x, "y": box.y, "width": box.width, "height": box.height}
    over = None
    if doing is not Doing.WORKING:
        over = tag("rect", **place, fill=f"url(#{doing.value}-{number})")
    return tag("g", tag("title", said), tag("rect", **place, class_=f"bar {doing.value}"), over)


def _turn(turn: Turn, x: float, y: float) -> Html:
    """How it came out: a cross, a triangle for what somebody marked, chevrons for what was left out."""
    if turn.phase in _STUCK and not turn.undone:
        return tag("path", d=f"M{x - 4:.2f},{y - 4:.2f} l8,8 m0,-8 l-8,8", class_="failed")
    if turn.phase is Phase.SKIPPED:
        return tag("path", d=f"M{x - 1:.2f},{y - 4:.2f} l4,4 l-4,4 m5,-8 l4,4 l-4,4", class_="skipped")
    if turn.marked:
        return tag("path", d=f"M{x:.2f},{y - 5:.2f} l5,9 h-10 z", class_="marked")
    return Html("")


def _rule(picture: Picture, rule: Rule, at: int) -> Html:
    y = LABEL * (at + 1) - 3
    end = "end" if rule.x > (LEFT + RIGHT) / 2 else "start"
    x = rule.x + (-4 if end == "end" else 4)
    kind = "rto" if rule.rto else "incident"
    return together(
        tag("path", d=f"M{rule.x:.2f},{y - 8:.2f} V{picture.height - 6:.2f}", class_=f"rule {kind}"),
        tag("text", rule.label, x=x, y=y, text_anchor=end, class_=f"rule-label {kind}"),
    )


def doing_word(doing: Doing) -> str:
    """What a bar stands for."""
    match doing:
        case Doing.ASKED:
            return _("waits for the operator's yes")
        case Doing.WORKING:
            return _("works")
        case Doing.VERIFYING:
            return _("is checked")
        case Doing.UNDOING:
            return _("is undone")
        case Doing.STUCK:
            return _("waits for a decision")


def _legend(content: Content, pictures: Sequence[Picture]) -> Html:
    """The kinds of bars and signs that there are."""
    used = {box.bar.doing for picture in pictures for box in picture.boxes}
    turns = [turn for picture in pictures for turn, _x, _y in picture.turns]
    items = [_swatch(doing_word(doing), doing) for doing in Doing if doing in used]
    if any(turn.phase in _STUCK and not turn.undone for turn in turns):
        items.append(_sign(_("did not end well"), Turn("", content.at, Phase.FAILED)))
    if any(turn.phase is Phase.SKIPPED for turn in turns):
        items.append(_sign(_("skipped"), Turn("", content.at, Phase.SKIPPED)))
    if any(turn.marked for turn in turns):
        items.append(_sign(_("marked done"), Turn("", content.at, Phase.DONE, marked=True)))
    return tag("figcaption", *items, class_="legend")


def _swatch(said: str, doing: Doing) -> Html:
    height = THIN if doing.waits else BAR
    place = {"x": 1, "y": (14 - height) / 2, "width": 24, "height": height}
    over = None if doing is Doing.WORKING else tag("rect", **place, fill=f"url(#{doing.value}-0)")
    drawn = tag("rect", **place, class_=f"bar {doing.value}")
    return tag("span", tag("svg", drawn, over, viewBox="0 0 26 14", class_="swatch"), said)


def _sign(said: str, turn: Turn) -> Html:
    return tag("span", tag("svg", _turn(turn, 8, 7), viewBox="0 0 18 14", class_="sign"), said)
