"""The Korean catalogue is complete, fresh and compiled: all that the program says, with the same placeholders."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po

from screens import keys
from sparkdr_tui import language

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "sparkdr_tui" / "locale" / "ko" / "LC_MESSAGES"
MEND = "run `make words`, then translate what is empty in sparkdr.po and run it again"

Sentence = str | tuple[str, ...]


def said() -> set[Sentence]:
    """Every sentence marked in the program."""
    words = {**DEFAULT_KEYWORDS, "later": None}
    found: set[Sentence] = set()
    for package in ("sparkdr_tui", "screens"):
        for _file, _line, message, _comments, _context in extract_from_dir(ROOT / package, keywords=words):
            found.add(message if isinstance(message, str) else tuple(message))
    return found


def translated() -> Catalog:
    with (FOLDER / "sparkdr.po").open("rb") as file:
        return read_po(file, locale="ko")


def entries(catalogue: Catalog) -> Iterator[tuple[Sentence, Sentence]]:
    for message in catalogue:
        if message.id:
            yield _frozen(message.id), _frozen(message.string)


def _frozen(text: object) -> Sentence:
    return text if isinstance(text, str) else tuple(text)  # type: ignore[arg-type]


def test_everything_the_program_says_is_in_the_catalogue_and_nothing_else() -> None:
    known = {sentence for sentence, _korean in entries(translated())}
    assert said() - known == set(), MEND
    assert known - said() == set(), MEND


def test_every_sentence_is_translated() -> None:
    empty = [sentence for sentence, korean in entries(translated()) if not korean or not all(korean)]
    assert empty == [], MEND


def test_translations_have_the_placeholders_of_their_sentences() -> None:
    def names(text: Sentence) -> set[str]:
        whole = text if isinstance(text, str) else " ".join(text)
        return set(re.findall(r"\{(\w+)", whole))

    assert [sentence for sentence, korean in entries(translated()) if names(sentence) != names(korean)] == []


def test_the_compiled_catalogue_is_the_one_that_was_written() -> None:
    with (FOLDER / "sparkdr.mo").open("rb") as file:
        compiled = dict(entries(read_mo(file)))
    assert compiled == dict(entries(translated())), MEND


def test_korean_is_spoken_when_asked_for() -> None:
    language.use("ko")
    assert keys.label(next(each for each in keys.bound("step.skip") if not isinstance(each, tuple))) == "건너뛰기"


def marked() -> set[str]:
    """Every sentence handed to `_`, by the syntax tree: babel overlooks some that stand inside an f-string."""
    found: set[str] = set()
    for package in ("sparkdr_tui", "screens"):
        for path in (ROOT / package).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "_":
                    found |= {
                        arg.value for arg in node.args if isinstance(arg, ast.Constant) and isinstance(arg.value, str)
                    }
    return found


def test_no_sentence_is_hidden_from_the_catalogue() -> None:
    plain = {sentence for sentence in said() if isinstance(sentence, str)}
    assert marked() - plain == set(), "take it out of its f-string"
