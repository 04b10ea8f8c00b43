"""Who had which role, who was called and reached, and how far the matter went up."""

from __future__ import annotations

from collections.abc import Iterator

from sparkdr_tui.language import _, current
from sparkdr_tui.record.escalation import why
from sparkdr_tui.report.blocks import Block, Cell, Part, Section, table
from sparkdr_tui.report.content import Call, Content, Given
from sparkdr_tui.report.people_moments import person, result, role, stage_title
from sparkdr_tui.report.words import at


def calls(content: Content) -> Section:
    """Roles, calls, the path; nothing where nobody was called, nobody got a role and the path did not move."""
    found = (
        *_part(_("Roles"), table((_("when"), _("who"), _("role"), _("before")), _roles(content))),
        *_part(_("Calls"), table((_("when"), _("called"), _("result"), _("stage"), _("who")), _calls(content))),
        *_part(_("Escalation"), table((_("when"), _("stage"), _("why")), _path(content))),
    )
    return Section("calls", _("Calls and roles"), found)


def _part(title: str, blocks: tuple[Block, ...]) -> tuple[Block, ...]:
    return (Part(Cell(title), blocks),) if blocks else ()


def _roles(content: Content) -> Iterator[tuple[str, ...]]:
    for each in content.given:
        yield at(each.at, content.state.opened_at), _holder(content, each), role(each.event.role), each.event.before


def _holder(content: Content, each: Given) -> str:
    title = content.state.opened.contacts.get(each.event.contact or "")
    return f"{each.event.holder} ({title.within(current())})" if title else each.event.holder


def _calls(content: Content) -> Iterator[tuple[Cell | str, ...]]:
    for each in content.calls:
        when = at(each.at, content.state.opened_at)
        who = person(each.event.role, each.event.name)
        yield when, who, _result(each), stage_title(content.state, each.event.stage), each.by


def _result(each: Call) -> Cell:
    glyphs = {"reached": "✔ ", "not reached": "✖ ", "calling": ""}
    text = glyphs[each.event.result] + result(each.event.result)
    return Cell(text, "good" if each.event.result == "reached" else "plain", more=each.event.note)


def _path(content: Content) -> Iterator[tuple[str, ...]]:
    """Where it began, too, once it has moved."""
    if len(content.moves) < 2:
        return
    for move in content.moves:
        stage = content.state.opened.path[move.stage].title.within(current())
        yield at(move.at, content.state.opened_at), stage, why(move.why)
