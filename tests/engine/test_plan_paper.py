"""The plan on paper: nothing of it is missing, links lead somewhere, scripts are what they were, in two languages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token
from pydantic import BaseModel

from sparkdr_tui.plan.load import builtin, load
from sparkdr_tui.plan.model import Language, Text
from sparkdr_tui.plan.paper import document
from sparkdr_tui.plan.paper import markdown as md
from sparkdr_tui.plan.runbook import Plan
from tests.engine.command_line import sparkdr
from tests.engine.plans import change, sample_plan, sample_plan_folder

READER = MarkdownIt("commonmark").enable(["table", "strikethrough"])


@pytest.fixture(scope="module")
def plan() -> Plan:
    """The built-in plan."""
    return load(builtin())


def tokens(text: str) -> list[Token]:
    """The document as a reader of Markdown has it, inline parts too."""
    return [each for token in READER.parse(text) for each in (token, *(token.children or ()))]


def scripts(text: str) -> list[str]:
    return [token.content.rstrip("\n") for token in tokens(text) if token.type == "fence"]


def shown(text: str) -> str:
    """What a reader sees, without markup."""
    seen = ("text", "code_inline", "softbreak")
    return " ".join(token.content if token.type in seen else "" for token in tokens(text))


# -- the built-in plan ---------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["en", "ko"])
def test_every_link_leads_somewhere_and_every_place_is_there_once(plan: Plan, language: Language) -> None:
    found = tokens(document(plan, language))
    targets = [str(token.attrs["href"]) for token in found if token.type == "link_open"]
    html = "".join(token.content for token in found if token.type in ("html_block", "html_inline"))
    places = re.findall(r'<a id="([^"]+)">', html)
    assert len(places) == len(set(places))
    assert targets and {target.removeprefix("#") for target in targets} <= set(places)


@pytest.mark.parametrize("language", ["en", "ko"])
def test_the_contents_name_every_scenario_and_runbook(plan: Plan, language: Language) -> None:
    contents = document(plan, language).split('<a id="overview">')[0]
    for name, scenario in plan.scenarios.items():
        assert f"](#scenario-{name})" in contents and scenario.title.within(language) in contents
    for name in plan.runbooks:
        assert f"](#runbook-{name})" in contents


def written(plan: Plan) -> Iterator[str]:
    """Every script of the plan, in the variant of its node."""
    for book in plan.runbooks.values():
        for step in book.steps:
            windows = step.on is not None and plan.nodes[step.on].os == "windows"
            shown = step.confirm.show if step.confirm else None
            for shell in (shown, step.shell, *(check.shell for check in step.verify), step.undo):
                if shell is not None:
                    yield ((shell.powershell if windows else shell.posix) or "").rstrip("\n")


@pytest.mark.parametrize("language", ["en", "ko"])
def test_every_script_is_there_exactly_as_it_is(plan: Plan, language: Language) -> None:
    found = scripts(document(plan, language))
    for script in written(plan):
        assert script in found


def texts(value: object) -> Iterator[Text]:
    """Every text for people, wherever it is."""
    if isinstance(value, Text):
        yield value
    elif isinstance(value, dict):
        for each in value.values():
            yield from texts(each)
    elif isinstance(value, tuple):
        for each in value:
            yield from texts(each)
    elif isinstance(value, BaseModel):
        for name in type(value).model_fields:
            yield from texts(getattr(value, name))


def bare(said: str) -> str:
    return re.sub(r"[\s`]+", "", said)


@pytest.mark.parametrize("language", ["en", "ko"])
def test_no_text_of_the_plan_is_missing_and_none_is_in_the_other_language(plan: Plan, language: Language) -> None:
    whole = bare(shown(document(plan, language)))
    parts = (dict(plan.nodes), dict(plan.services), dict(plan.scenarios), dict(plan.backup_sets), dict(plan.drills),
             dict(plan.runbooks), plan.contacts)  # fmt: skip
    for part in parts:
        for text in texts(part):
            assert bare(text.within(language)) in whole, text


def test_a_document_speaks_one_language_in_its_headings(plan: Plan) -> None:
    def headings(language: Language) -> list[str]:
        return [line for line in document(plan, language).splitlines() if re.match("#{1,4} ", line)]

    assert not [line for line in headings("en") if re.search("[가-힣]", line)]
    assert len(headings("en")) == len(headings("ko"))


def test_every_number_that_was_promised_is_there(plan: Plan) -> None:
    whole = document(plan, "en")
    for row in ("| **PostgreSQL** | Mac mini | 5432 | 30m | 1h |", "| **Backend** | Mac mini | 8000 | 1h |"):
        assert row in whole
    assert "**PostgreSQL** → **Backend** → **Ollama** → **Frontend**" in whole
    assert "1588-6880" in whole


def test_secrets_are_named_and_never_told(plan: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SPARKLIO_DB_PASSWORD", "hunter2")
    whole = document(plan, "en")
    assert "hunter2" not in whole
    assert "environment variable `SPARKLIO_DB_PASSWORD` of the operator" in whole


# -- any plan ------------------------------------------------------------------------------------------


def test_what_is_not_in_a_plan_has_no_chapter(tmp_path: Path) -> None:
    folder = sample_plan_folder(tmp_path)
    for name in ("drills", "contacts", "scenarios"):
        (folder / f"{name}.yaml").unlink()
    whole = document(load(folder), "en")
    headings = re.findall(r"^## (.*)$", whole, re.MULTILINE)
    assert headings == ["Contents", "1. Overview", "2. Services and objectives", "3. Runbooks",
                        "4. Environment of the scripts", "5. Backup sets"]  # fmt: skip


def test_steps_have_numbers_and_say_what_they_wait_for(tmp_path: Path) -> None:
    whole = document(sample_plan(tmp_path), "en")
    part = whole[whole.index('id="runbook-database"') :]
    for line in (
        "#### 1. Stop what writes to the database",
        "can begin at once · on Mac mini · **DISRUPTS what works** · expected 5s · give up after 1m",
        "after step 2 · optional · expected 1s · give up after 30s",
        "after step 3, 4 · expected 5s · give up after 2m",
        "**Before it runs, make sure that you mean it: `$PG_DATABASE`**",
        "The answer must be `200`.",
        "- when it says `No space left`: Make room",
        "Wait until PostgreSQL is up or slow.",
    ):
        assert line in part, line


def test_a_script_with_backticks_and_fences_survives(tmp_path: Path) -> None:
    folder = sample_plan_folder(tmp_path)
    script = "cat <<'EOF'\n        ```sh\n        echo `date`\n\n\n        ````\n        EOF"
    change(folder, "backup-postgres.yaml", "shell: pg_dump", f"undo: |\n        {script}\n    shell: pg_dump")
    whole = document(load(folder), "ko")
    assert "cat <<'EOF'\n```sh\necho `date`\n\n\n````\nEOF" in scripts(whole)
    assert shown(whole).count("되돌리려면") == 2  # and what comes after it is no script


def test_a_table_survives_bars_and_markup_in_what_it_shows(tmp_path: Path) -> None:
    folder = sample_plan_folder(tmp_path)
    change(folder, "contacts.yaml", "name: Kim", 'name: "Kim | *Lee* <b>_x_</b> [a](b)"')
    assert "Kim | *Lee* <b>_x_</b> [a](b)".replace(" ", "") in shown(document(load(folder), "en")).replace(" ", "")


LINES = st.text(st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp", "Zs"), include_characters=" "), min_size=1)


@given(LINES.filter(lambda said: said.strip() and "`" not in said))
def test_any_text_stays_the_text_that_it_is(said: str) -> None:
    line = " ".join(said.split())
    found = READER.parse(md.text(said))
    assert [token.type for token in found] == ["paragraph_open", "inline", "paragraph_close"]
    children = found[1].children or []
    assert {child.type for child in children} <= {"text", "text_special"}
    assert "".join(child.content for child in children) == line


@given(st.text(min_size=1).filter(lambda script: "\r" not in script and "\x00" not in script))
def test_any_script_stays_the_script_that_it_is(script: str) -> None:
    found = READER.parse(f"before\n\n{md.fence(script)}\n\nafter")
    assert [token.type for token in found][3:-3] == ["fence"]
    assert found[3].content.rstrip("\n") == script.rstrip("\n")


@given(LINES.filter(str.strip))
def test_any_words_as_code_stay_what_they_are(said: str) -> None:
    children = READER.parse(f"x {md.code(said)} y")[1].children or []
    assert [child.content for child in children if child.type == "code_inline"] == [" ".join(said.split())]


def test_the_command_prints_it_in_the_language_that_was_asked_for(tmp_path: Path) -> None:
    folder = sample_plan_folder(tmp_path)
    korean = sparkdr("--plan", folder, "plan", "print", "--lang", "ko")
    assert korean.status == 0
    assert korean.out.startswith("# Sample 재해 복구 계획\n\n출력일 ")
    assert sparkdr("--plan", folder, "plan", "print").out.startswith("# Sample – disaster recovery plan\n")
    assert sparkdr("--plan", folder, "--lang", "ko", "plan", "print").out == korean.out


def test_it_is_the_same_every_time(tmp_path: Path) -> None:
    plan = sample_plan(tmp_path)
    day = date(2026, 11, 23)
    assert document(plan, "en", day) == document(plan, "en", day)
    assert "Printed on 2026-11-23 · plan version 1.0" in document(plan, "en", day)
