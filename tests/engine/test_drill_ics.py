"""The calendar for other calendars is iCalendar to the letter (RFC 5545); its reader here forgives nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sparkdr_tui import language
from sparkdr_tui.plan.load import builtin, load
from sparkdr_tui.plan.runbook import Plan
from sparkdr_tui.record.drills import drill_statuses, turns
from sparkdr_tui.report.ics import escaped, folded, once, series
from tests.engine.command_line import sparkdr
from tests.engine.plans import sample_plan_folder

NOW = datetime(2026, 11, 25, 3, 4, 5, tzinfo=UTC)
TODAY = NOW.date()
_PROPERTY = re.compile(r'([A-Z-]+)((?:;[A-Z-]+=(?:[^";:,\x00-\x1f]*|"[^"\x00-\x1f]*"))*):(.*)', re.DOTALL)


@dataclass
class Component:
    name: str
    properties: list[tuple[str, str, str]] = field(default_factory=list)
    """Name, parameters, value."""
    inside: list[Component] = field(default_factory=list)

    def value(self, name: str) -> str:
        found = [value for each, _parameters, value in self.properties if each == name]
        assert len(found) == 1, f"{self.name} has {len(found)} {name}"
        return found[0]

    def parameters(self, name: str) -> str:
        return next(parameters for each, parameters, _value in self.properties if each == name)


def unfolded(calendar: str) -> list[str]:
    """The content lines; every line that is there ends in CRLF and has at most 75 octets."""
    raw = calendar.encode()
    assert raw.endswith(b"\r\n")
    lines = raw[:-2].split(b"\r\n")
    for each in lines:
        assert len(each) <= 75 and b"\r" not in each and b"\n" not in each
        each.decode()  # never cut inside a letter
    return calendar[:-2].replace("\r\n ", "").split("\r\n")


def read(calendar: str) -> Component:
    top = Component("")
    stack = [top]
    for line in unfolded(calendar):
        assert not re.search(r"[\x00-\x08\x0a-\x1f\x7f]", line)
        matched = _PROPERTY.fullmatch(line)
        assert matched, f"no content line: {line!r}"
        name, parameters, value = matched.groups()
        if name == "BEGIN":
            stack.append(Component(value))
            stack[-2].inside.append(stack[-1])
        elif name == "END":
            assert stack.pop().name == value
        else:
            stack[-1].properties.append((name, parameters, value))
    assert stack == [top] and [each.name for each in top.inside] == ["VCALENDAR"]
    return top.inside[0]


def text(value: str) -> str:
    """A TEXT value as it was meant; anything escaped that must not be, or the other way round, is an error."""
    assert re.fullmatch(r"(?:[^\\;,]|\\[\\;,nN])*", value), value
    said = {"\\n": "\n", "\\N": "\n"}
    return re.sub(r"\\.", lambda found: said.get(found[0], found[0][1:]), value)


def days_of(event: Component) -> tuple[date, date]:
    assert event.parameters("DTSTART") == event.parameters("DTEND") == ";VALUE=DATE"
    first, after = (datetime.strptime(event.value(name), "%Y%m%d").date() for name in ("DTSTART", "DTEND"))
    return first, after - timedelta(days=1)


def repeated(event: Component, until: date) -> Iterator[date]:
    """The days on which the event begins, by its rule."""
    first, rule = days_of(event)[0], event.value("RRULE")
    day = first
    while day <= until:
        yearly = rule == "FREQ=YEARLY" and (day.month, day.day) == (first.month, first.day)
        if yearly or (rule == "FREQ=MONTHLY;BYDAY=1MO" and day.weekday() == 0 and day.day <= 7):
            yield day
        day += timedelta(days=1)


@pytest.fixture(params=["en", "ko"])
def spoken(request: pytest.FixtureRequest) -> Iterator[str]:
    language.use(request.param)
    yield request.param
    language.use("en")


@pytest.fixture(scope="module")
def plan() -> Plan:
    return load(builtin())


# -- the letter ------------------------------------------------------------------------------------------


@given(st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "S", "Z", "Cc")), max_size=300))
def test_a_line_is_folded_between_letters_and_comes_back_as_it_was(said: str) -> None:
    line = "X:" + re.sub(r"[\r\n]", "", said)
    pieces = folded(line).encode().split(b"\r\n")
    assert all(len(piece) <= 75 and piece.decode() for piece in pieces)
    assert all(piece.startswith(b" ") for piece in pieces[1:])
    assert folded(line).replace("\r\n ", "") == line


@given(st.text(st.sampled_from("a,;\\\nN복구 :\"'"), max_size=40))
def test_an_escaped_text_means_what_it_was(said: str) -> None:
    assert text(escaped(said)) == said


def test_control_characters_never_get_into_a_value() -> None:
    assert escaped("a\x1b[31m\x00b\r\nc\x7f") == "a[31mb\\nc"


# -- the calendar ----------------------------------------------------------------------------------------


def test_every_drill_is_there_with_what_a_calendar_needs(plan: Plan, spoken: str) -> None:
    calendar = read(series(plan, NOW, TODAY))
    assert (calendar.value("VERSION"), calendar.value("METHOD")) == ("2.0", "PUBLISH")
    assert calendar.value("PRODID")
    assert [each.name for each in calendar.inside] == ["VEVENT"] * len(plan.drills)
    for event, drill in zip(calendar.inside, plan.drills.values(), strict=True):
        assert event.value("DTSTAMP") == "20261125T030405Z"
        assert drill.title.within("ko" if spoken == "ko" else "en") in text(event.value("SUMMARY"))
        described = text(event.value("DESCRIPTION"))
        assert all(item.within("ko" if spoken == "ko" else "en") in described for item in (*drill.before, *drill.after))


def test_the_rules_say_what_the_calendar_of_drills_says(plan: Plan) -> None:
    until = date(2031, 12, 31)
    for event, drill in zip(read(series(plan, NOW, TODAY)).inside, plan.drills.values(), strict=True):
        turn, _next = turns(drill, TODAY)
        assert days_of(event) == (turn.opens, turn.closes)
        expected = [turn.opens]
        while (following := turns(drill, expected[-1])[1]).opens <= until:
            expected.append(following.opens)
        assert list(repeated(event, until)) == expected


def test_there_is_an_alarm_to_announce_and_one_the_day_before(plan: Plan) -> None:
    for event, drill in zip(read(series(plan, NOW, TODAY)).inside, plan.drills.values(), strict=True):
        assert all(each.name == "VALARM" and each.value("ACTION") == "DISPLAY" for each in event.inside)
        assert all(text(each.value("DESCRIPTION")) for each in event.inside)
        from_start = [each.value("TRIGGER") for each in event.inside if not each.parameters("TRIGGER")]
        assert from_start == (["-P1D"] if drill.when.monthly else ["-P7D", "-P1D"])


def test_a_calendar_exported_again_replaces_what_was_there(plan: Plan) -> None:
    later = NOW + timedelta(days=200)
    first, second = (read(series(plan, at, at.date())) for at in (NOW, later))
    uids = [event.value("UID") for event in first.inside]
    assert uids == [event.value("UID") for event in second.inside]
    assert len(set(uids)) == len(plan.drills)


def test_the_next_drill_alone_is_an_event_of_its_own(plan: Plan, tmp_path: Path) -> None:
    status = next(each for each in drill_statuses(plan, tmp_path, NOW, UTC) if each.id == "q4-network")
    (event,) = read(once(plan, status, NOW, TODAY)).inside
    assert days_of(event) == (TODAY, date(2026, 12, 31))
    assert all(name != "RRULE" for name, _parameters, _value in event.properties)
    (fixed,) = read(once(plan, status, NOW, TODAY, date(2026, 12, 7))).inside
    assert days_of(fixed) == (date(2026, 12, 7), date(2026, 12, 7))
    assert event.value("UID") == fixed.value("UID")


# -- the command -----------------------------------------------------------------------------------------


def test_the_command_writes_the_calendar_to_a_file_or_to_whoever_reads(tmp_path: Path) -> None:
    folder = sample_plan_folder(tmp_path)
    shown = sparkdr("--plan", folder, "drill", "list", "--ics")
    assert shown.status == 0
    assert {event.value("RRULE") for event in read(shown.out).inside} == {"FREQ=YEARLY", "FREQ=MONTHLY;BYDAY=1MO"}
    file = tmp_path / "drills.ics"
    assert sparkdr("--plan", folder, "drill", "next", "--ics", file).status == 0
    assert read(file.read_bytes().decode()).inside


def test_a_calendar_that_cannot_be_written_is_told_in_a_line(tmp_path: Path) -> None:
    folder = sample_plan_folder(tmp_path)
    said = sparkdr("--plan", folder, "drill", "list", "--ics", tmp_path / "no" / "drills.ics")
    assert said.status == 2 and "drills.ics" in said.err
    assert sparkdr("--plan", folder, "drill", "list", "drills.ics").status == 2
    assert sparkdr("--plan", folder, "drill", "list", "--ics", "--json").status == 2
