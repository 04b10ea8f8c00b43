"""The report as HTML and Markdown: whole, self-contained, in both languages, and no text gets out of its place."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from html.parser import HTMLParser

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from sparkdr_tui import language
from sparkdr_tui.plan.model import Language, State, Text
from sparkdr_tui.plan.paper import markdown as md
from sparkdr_tui.record import events as e
from sparkdr_tui.record.fold import fold_all
from sparkdr_tui.record.journal import Verification
from sparkdr_tui.report.content import Content, content
from sparkdr_tui.report.html import html
from sparkdr_tui.report.links import Links
from sparkdr_tui.report.markdown import markdown
from sparkdr_tui.report.parts import sections
from sparkdr_tui.report.parts.summary import headline
from sparkdr_tui.report.trend import past_run
from sparkdr_tui.text import sanitize
from tests.engine.recorded import after, journals
from tests.engine.storied import Said, done, opening, records, seen, started, steps

INTACT = Verification(True, 38, head="0" * 64)
LINKS = Links("runs/INC-0001")
READER = MarkdownIt("commonmark").enable(["table", "strikethrough"])
VOID = ("meta", "br")


@pytest.fixture(params=["en", "ko"])
def spoken(request: pytest.FixtureRequest) -> Iterator[Language]:
    language.use(request.param)
    yield request.param
    language.use("en")


def told(found: list[e.Record] | None = None, seconds: float = 5_000) -> Content:
    found = found or records()
    state = fold_all(found)
    assert state is not None
    return content(found, after(seconds), {"stop": [12.0]}, (past_run(state, after(seconds)),), INTACT)


def as_html(report: Content) -> str:
    return html(report, sections(report), LINKS)


def as_markdown(report: Content) -> str:
    return markdown(headline(report), sections(report), LINKS)


class Page(HTMLParser):
    """A page as a browser's parser has it."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.tags: Counter[str] = Counter()
        self.attributes: list[tuple[str, str, str]] = []
        self.said: list[str] = []
        self.style = ""
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags[tag] += 1
        self.attributes += [(tag, name, value or "") for name, value in attrs]
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open, f"</{tag}> closes nothing"
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] == "style":
            self.style += data
        else:
            self.said.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.said).split())


def tokens(text: str) -> list[Token]:
    return [each for token in READER.parse(text) for each in (token, *(token.children or ()))]


def shown(text: str) -> str:
    """What a reader of Markdown sees."""
    seen_by_eye = ("text", "code_inline", "fence", "softbreak")
    return " ".join(token.content if token.type in seen_by_eye else "" for token in tokens(text))


# -- whole and self-contained --------------------------------------------------------------------------


@pytest.mark.usefixtures("spoken")
def test_every_element_of_the_page_is_closed_where_it_was_opened() -> None:
    page = Page(as_html(told()))
    assert not page.open
    assert page.tags["h1"] == 1 and page.tags["svg"] >= 2 and page.tags["table"] >= 7


def test_the_page_loads_nothing_and_runs_nothing() -> None:
    whole = as_html(told())
    page = Page(whole)
    assert not {"script", "link", "img", "iframe", "object", "embed", "form", "base"} & set(page.tags)
    loading = {name for _tag, name, _value in page.attributes} & {"src", "srcset", "style", "xlink:href", "action"}
    assert not loading and not [name for _tag, name, _value in page.attributes if name.startswith("on")]
    assert {value for tag, name, value in page.attributes if name == "href"} <= {
        "runs/INC-0001/journal.jsonl", "runs/INC-0001/logs/restore.1.log", "runs/INC-0001/logs/swap.undo.1.log",
    }  # fmt: skip
    assert "http" not in page.style.lower() and "url(" not in page.style and "@import" not in page.style
    assert not re.search(r"(https?:)?//", whole.replace("<!doctype html>", ""))
    assert ("meta", "content", "default-src 'none'; style-src 'unsafe-inline'") in page.attributes


def test_the_page_says_its_language_and_prints_in_black_on_white(spoken: Language) -> None:
    page = Page(as_html(told()))
    assert ("html", "lang", spoken) in page.attributes
    assert "@page" in page.style and "@media print" in page.style and "prefers-color-scheme: dark" in page.style


def test_every_pattern_that_a_bar_is_filled_with_is_in_the_page() -> None:
    page = Page(as_html(told()))
    wanted = {value[5:-1] for _tag, name, value in page.attributes if name == "fill"}
    there = [value for tag, name, value in page.attributes if tag == "pattern" and name == "id"]
    assert wanted and wanted <= set(there) and len(there) == len(set(there))


def test_both_renderings_say_the_same_in_the_language_asked_for(spoken: Language) -> None:
    report = told()
    page, text = Page(as_html(report)).text, " ".join(shown(as_markdown(report)).split())
    for said in ("no screen here; Mina looked from home", "16:33", "f" * 64, "0" * 64, "no space left on device"):
        assert said in page and said in text
    for section in sections(report):
        assert section.title in page and section.title in text
    assert opening().title.within(spoken) in page and opening().title.within(spoken) in text


def test_markdown_tables_are_tables_with_as_many_cells_in_every_row() -> None:
    tables = [token for token in tokens(as_markdown(told())) if token.type == "table_open"]
    assert len(tables) >= 9
    width = 0
    for line in as_markdown(told()).splitlines():
        bars = len(re.findall(r"(?<!\\)\|", line))
        assert not line.startswith("|") or width in (0, bars)
        width = bars if line.startswith("|") else 0


def test_a_journal_that_was_changed_is_said_to_be_so_before_anything_else() -> None:
    broken = Verification(False, 4, broken_at=5, problem="The line before was changed", head="0" * 64)
    found = records()
    report = content(found, after(5000), {}, (), broken)
    for said in (Page(as_html(report)).text, shown(as_markdown(report))):
        assert said.index("The line before was changed") < said.index("Objectives")


# -- nothing gets out of its place ---------------------------------------------------------------------

HOSTILE = (
    "<script>alert(1)</script>", "</style></title><img src=x onerror=alert(1)>", "\"><svg onload=x>", "' onclick='x",
    "&lt;b&gt; &amp; &#60;", "](javascript:alert(1))", "![x](http://evil.example/x.png)", "| a | b |", "``` ~~~ `",
    "# no heading", "- no item", "1. one", "---", "<!-- -->", "<https://evil.example>", "www.evil.example",
    "\x1b]52;c;eA==\x07", "\x00\x07", "\u202eabc", "한국어 <b>굵게</b>", "a\n\n# b", "\\", "**x** _y_ ~~z~~", "http://evil.example/a_b",
)  # fmt: skip
hostile = st.one_of(st.sampled_from(HOSTILE), st.text(min_size=1, max_size=30).filter(lambda said: said.strip()))


def filled(words: list[str]) -> list[e.Record]:
    """A run in which every text from outside is one of `words`."""
    a, b, c, d = (Text(en=word, ko=word) for word in words[:4])
    outlines = tuple(
        each.model_copy(update={"title": a, "checklist": (b,) if each.checklist else ()}) for each in steps()
    )
    promised = (e.Objective(service="backend", title=a, rto=900), e.Objective(service="postgresql", title=b, rto=1))
    first = opening(
        title=b, plan=words[2], scenario=words[3], runbook=words[4], steps=outlines, nodes={"macmini": c},
        services={"postgresql": d, "backend": a}, plan_digest=words[5],
        objectives=promised,
    )  # fmt: skip
    failed = e.StepFinished(
        step="stop", attempt=1, ending="failed", exit_status=1, detail=words[0], tail=tuple(words), hints=(c, d)
    )
    found: list[Said] = [
        (1, "engine", seen("backend", State.REFUSED, words[1])),
        (2, words[2], e.InputChosen(name=words[3], value=words[4])),
        (3, "engine", started("stop").model_copy(update={"log": words[5]})),
        (9, "engine", failed),
        (10, words[0], e.OperatorChanged(operator=words[0], before=words[1])),
        (11, words[0], e.StepMarked(step="stop", reason=words[2])),
        (12, words[0], e.StepSkipped(step="check", reason=words[3])),
        (13, "engine", started("look")),
        (14, words[4], e.ItemTicked(step="look", item=0, ticked=True)),
        (15, "engine", done("look")),
        (16, words[5], e.NoteAdded(text=words[0], step="look")),
        (17, "engine", e.UndoStarted(step="look", log=words[1])),
        (18, "engine", e.UndoFinished(step="look", ok=False, detail=words[2])),
        (19, words[3], e.RunClosed(outcome="aborted", reason=words[4])),
    ]
    return records(first, found)


HARMLESS = ["plain"] * 6


@given(st.lists(hostile, min_size=6, max_size=6))
@settings(max_examples=20, suppress_health_check=[HealthCheck.too_slow], deadline=None)
def test_no_text_from_outside_gets_out_of_its_place_in_html(words: list[str]) -> None:
    page, plain = Page(as_html(told(filled(words)))), Page(as_html(told(filled(HARMLESS))))
    assert not page.open
    links = page.tags.pop("a", 0)
    assert links <= plain.tags.pop("a")
    assert set(page.tags) <= set(plain.tags)
    assert {name for _tag, name, _value in page.attributes} <= {name for _tag, name, _value in plain.attributes}
    for tag, name, value in page.attributes:
        if tag == "a" and name == "href":
            assert value.startswith("runs/INC-0001/") and ":" not in value and ".." not in value.split("/")
    assert page.style == plain.style
    for word in words:
        assert " ".join(sanitize(word).split()) in page.text


@given(st.lists(hostile, min_size=6, max_size=6))
@settings(max_examples=20, suppress_health_check=[HealthCheck.too_slow], deadline=None)
def test_no_text_from_outside_gets_out_of_its_place_in_markdown(words: list[str]) -> None:
    text = as_markdown(told(filled(words)))
    found, plain = tokens(text), tokens(as_markdown(told(filled(HARMLESS))))
    assert {each.content for each in found if each.type in ("html_inline", "html_block")} <= {"<br>"}
    kinds = ("table_open", "heading_open", "fence", "bullet_list_open", "ordered_list_open", "hr", "blockquote_open")
    for kind in kinds:
        assert sum(each.type == kind for each in found) == sum(each.type == kind for each in plain), kind
    assert not [each for each in found if each.type in ("image", "em_open", "s_open")]
    for each in found:
        if each.type == "link_open":
            target = str(each.attrs["href"])
            assert target.startswith("runs/INC-0001/") and ":" not in target


@given(hostile)
def test_a_plain_text_in_markdown_is_shown_as_it_is_and_addresses_in_it_lead_nowhere(word: str) -> None:
    text = md.plain(sanitize(word))
    assert "".join(shown(text).split()) == "".join(sanitize(word).split())
    assert not re.search(r"(?i)\b(https?|ftp):|\bwww\.", text)


@given(journals(), st.integers(-100, 10_000))
@settings(max_examples=25, deadline=None)
def test_any_journal_can_be_rendered(found: list[e.Record], seconds: int) -> None:
    report = told(found, seconds)
    assert not Page(as_html(report)).open
    assert tokens(as_markdown(report))
