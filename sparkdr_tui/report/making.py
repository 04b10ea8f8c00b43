"""A report made of a run's folder: the one place of this room that reads files. Changes nothing."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal

from sparkdr_tui.errors import SparkdrError
from sparkdr_tui.language import _, current
from sparkdr_tui.plan.model import Language
from sparkdr_tui.record import events as e
from sparkdr_tui.record.fold import fold
from sparkdr_tui.record.forecast import forecast
from sparkdr_tui.record.history import history
from sparkdr_tui.record.journal import JournalReader, chain, verify
from sparkdr_tui.record.runs import RunSummary
from sparkdr_tui.record.update import update
from sparkdr_tui.report.content import Content, content
from sparkdr_tui.report.html import html
from sparkdr_tui.report.links import Links
from sparkdr_tui.report.markdown import markdown
from sparkdr_tui.report.parts import sections
from sparkdr_tui.report.parts.summary import headline
from sparkdr_tui.report.trend import trend, trend_among
from sparkdr_tui.report.whole import whole_document

Format = Literal["md", "html", "json", "update"]


@dataclass(frozen=True, slots=True)
class Made:
    """A report, to be rendered as often as one likes."""

    content: Content
    history: dict[str, list[float]]
    now: datetime

    def render(self, wanted: Format, links: Links) -> str:
        """The report in one format."""
        match wanted:
            case "json":
                return json.dumps(whole_document(self.content, self.history), ensure_ascii=False, indent=2) + "\n"
            case "md":
                return markdown(headline(self.content), sections(self.content), links)
            case "html":
                return html(self.content, sections(self.content), links)
            case "update":
                return self.update(current())

    def update(self, language: Language) -> str:
        """The run in a few lines, ready to paste."""
        state, now = self.content.state, self.now
        return update(state, now, forecast(state, now, self.history), language)


def make(folder: Path, state_folder: Path, now: datetime) -> Made:
    """The report of the run in `folder`, next to the earlier ones of the state folder.

    Of a damaged journal it tells what can be read, and that it is damaged. Raises `SparkdrError` where nothing can be.
    """
    found = verify(folder)
    records = _readable(folder)
    if found.ok:
        records = records[: found.records]  # what was added since is not part of what was verified
    state = fold(None, records[0])
    earlier = history(state_folder, state.opened, before=state.opened_at)
    return Made(content(records, now, earlier, trend(state_folder, state), found), earlier, now)


def look_back(folder: Path, among: Iterable[RunSummary], now: datetime) -> Content:
    """What a history shows of a run, next to those of `among` (newest first) that were before it.

    Its logs are not looked at, and of its journal what can be read is told. Raises `SparkdrError` where nothing can be.
    """
    records = _readable(folder)
    state = fold(None, records[0])
    return content(records, now, {}, trend_among(among, state), chain(folder))


def _readable(folder: Path) -> list[e.Record]:
    """The records up to the first that is none."""
    records = JournalReader(folder).poll()
    if not records or not isinstance(records[0].event, e.RunOpened):
        raise SparkdrError(
            _("There is no readable opening of a run in {folder}.").format(folder=folder),
            _("`sparkdr-tui runs verify` says what of the journal can be trusted."),
        )
    return records
