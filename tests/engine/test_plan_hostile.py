"""Whatever a plan folder holds, loading gives a plan or errors with lines: no crash, no hang, nothing run."""

from __future__ import annotations

import tempfile
from pathlib import Path
from unicodedata import category

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sparkdr_tui.plan.load import PlanErrors, load
from sparkdr_tui.plan.reading import MAX_BYTES, Unreadable, read
from sparkdr_tui.plan.source import Source
from tests.engine.plans import DATABASE, FILES

_PIECES = [
    "{", "}", "[", "]", ":", ": ", ",", "- ", "? ", "*a", "&a ", "!", "!!str ", "!<x> ", "|\n", ">-\n", "%",
    "%YAML 1.2\n", "%TAG ! x\n", "@", "`", '"', "'", "\n", "\n  ", "\n    ", "\t", " ", "#", "---\n", "...\n", "a",
    "id: ", "on: ", "\\", "\\x41", "\\U00110000", "\\e", "\ufeff", "\x85", "\u2028", "데", "<<", "~", "null", "0x",
    "0o9", "1e9999", "true", "steps", "needs: [", "include: database", "9" * 50,
]  # fmt: skip
yamlish = st.lists(st.sampled_from(_PIECES), max_size=30).map("".join)


def _harmless(line: str) -> bool:
    return not any(category(letter) in ("Cc", "Cs") for letter in line)


def _outcome(content: bytes) -> Source | None:
    """What reading gives; errors must be single lines with a line number."""
    try:
        return read("any.yaml", content)
    except Unreadable as refused:
        assert refused.error.line >= 1
        assert _harmless(str(refused.error))
        return None


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    _outcome(content)


@given(st.text(max_size=200))
def test_any_text_is_read_or_refused(text: str) -> None:
    _outcome(text.encode("utf-8", "surrogatepass"))


@settings(max_examples=400)
@given(yamlish)
def test_anything_that_looks_like_yaml_is_read_or_refused(text: str) -> None:
    source = _outcome(text.encode())
    if source is not None:
        assert all(source.line((key,)) >= 1 for key in source.data)


@st.composite
def mutations(draw: st.DrawFn) -> tuple[str, str]:
    """A file of the plan with a few pieces of it cut out, doubled or replaced."""
    name = draw(st.sampled_from(sorted(FILES)))
    text = FILES[name]
    for _ in range(draw(st.integers(1, 3))):
        start = draw(st.integers(0, len(text)))
        end = min(len(text), start + draw(st.integers(0, 30)))
        new = draw(st.one_of(st.just(""), st.sampled_from(_PIECES), st.text(max_size=8), st.just(text[start:end] * 2)))
        text = text[:start] + new + text[end:]
    return name, text


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(mutations())
def test_a_plan_with_any_damage_is_a_plan_or_errors_with_lines(mutation: tuple[str, str]) -> None:
    name, text = mutation
    with tempfile.TemporaryDirectory() as parent:
        folder = Path(parent)
        for each, original in FILES.items():
            (folder / each).write_text(original, encoding="utf-8")
        (folder / name).write_bytes(text.encode("utf-8", "surrogatepass"))
        try:
            load(folder)
        except PlanErrors as wrong:
            assert wrong.errors
            assert all(error.line >= 1 or "are shown" in error.message for error in wrong.errors)
            assert all(_harmless(line) for line in str(wrong).splitlines())


def _refusal(text: str) -> str:
    with pytest.raises(Unreadable) as refused:
        read("bad.yaml", text.encode())
    return str(refused.value)


def test_an_alias_bomb_is_refused_before_it_grows() -> None:
    levels = "".join(f"{b}: &{b} [{', '.join([f'*{a}'] * 9)}]\n" for a, b in zip("abcdefghi", "bcdefghij", strict=True))
    complaint = _refusal("a: &a [lol, lol, lol, lol, lol, lol, lol, lol, lol]\n" + levels)
    assert complaint == "bad.yaml:5: more than 20000 values, every alias counted as what it stands for"


def test_an_alias_within_its_own_anchor_is_refused() -> None:
    assert _refusal("a: &a [*a]\n") == "bad.yaml:1: alias '*a' has no anchor before it"


@pytest.mark.parametrize(
    "text", ["[" * 9_000, "{a: " * 2_000, "- " * 4_000, "\n".join(" " * n + "a:" for n in range(999))]
)
def test_deep_nesting_is_refused_without_a_crash(text: str) -> None:
    assert "nested more than 40 levels deep" in _refusal(text)


@pytest.mark.parametrize("tag", ["!!python/object/apply:os.system", "!mine", "!!binary", "!<tag:x>"])
def test_tags_are_refused_and_nothing_is_run(tag: str) -> None:
    assert _refusal(f"id: x\na: {tag} [ls]\n").startswith("bad.yaml:2: tag '")


def test_merge_keys_are_refused_with_what_to_do() -> None:
    assert _refusal("a: 1\n<<: { b: 1 }\n").endswith("merge keys ('<<') are not part of YAML 1.2; write the keys out")


@pytest.mark.parametrize("key", ["[a]: 1", "? { a: 1 }\n: 2", "&a x: 1\n*a : 2"])
def test_keys_are_plain_texts(key: str) -> None:
    assert "a key must be a plain text" in _refusal(key)


def test_an_escape_that_is_no_character_is_refused_at_its_line() -> None:
    assert _refusal('id: x\ntitle: "\\U00110000"\n').startswith("bad.yaml:2: not valid YAML: ")


@pytest.mark.parametrize(
    "text",
    [
        "a: !" + "x" * (MAX_BYTES - 10),
        "a: " + "[\n" * (MAX_BYTES // 2 - 10),
        "a: 1\n" * (MAX_BYTES // 5),
        'a: "' + "x\n" * (MAX_BYTES // 2 - 10),
        "%A b\n" * (MAX_BYTES // 5),
    ],
    ids=["tag", "brackets", "keys", "quoted", "directives"],
)
def test_a_megabyte_of_nonsense_is_refused(text: str) -> None:
    assert _refusal(text).startswith("bad.yaml:")


def test_figures_that_no_number_holds_stay_text() -> None:
    source = read("a.yaml", f"a: {'9' * 5000}\nb: 0x1f\nc: 1e3\nd: 017\n".encode())
    assert source.data == {"a": "9" * 5000, "b": 31, "c": 1000.0, "d": 17}


def test_every_value_knows_its_line() -> None:
    source = read("database.yaml", DATABASE.encode())
    lines = DATABASE.splitlines()
    assert lines[source.line(("steps", 1, "id")) - 1] == "  - id: restore"
    assert lines[source.line(("steps", 3, "redis", "command", 0)) - 1].strip().startswith("redis:")
    assert lines[source.line(("steps", 0, "why", "not", "there")) - 1].strip().startswith("why:")
