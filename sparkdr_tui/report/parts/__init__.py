"""The parts of a report in their order, in the words of the language in use. Pure; knows no format."""

from __future__ import annotations

from sparkdr_tui.report.blocks import Section
from sparkdr_tui.report.content import Content
from sparkdr_tui.report.parts.calls import calls
from sparkdr_tui.report.parts.evidence import earlier_runs, evidence, timeline
from sparkdr_tui.report.parts.objectives import objectives
from sparkdr_tui.report.parts.people import checklists, chosen, notes, people
from sparkdr_tui.report.parts.steps import steps
from sparkdr_tui.report.parts.summary import summary
from sparkdr_tui.report.parts.trouble import exceptions, failures


def sections(content: Content) -> tuple[Section, ...]:
    """Every part that has something to say."""
    found = (
        summary(content),
        objectives(content),
        steps(content),
        exceptions(content),
        failures(content),
        people(content),
        calls(content),
        chosen(content),
        checklists(content),
        notes(content),
        timeline(content),
        earlier_runs(content),
        evidence(content),
    )
    return tuple(section for section in found if section.blocks)
