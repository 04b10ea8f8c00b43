"""What probes find is kept in English and can be said in Korean, all of it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from sparkdr_tui.watch import details, reasons

WATCH = Path(reasons.__file__).parent
HANGUL = re.compile(r"[가-힣]")
MAKERS = {"damaged", "unknown", "refused", "denied", "Finding", "Nonsense", "ConnectionResetError"}


def facts() -> Iterator[str]:
    """Every fact that is written in the code, with something in its gaps; those that only quote are left out."""
    for path in WATCH.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in MAKERS:
                for each in node.args:
                    text = _written(each)
                    if re.search(r"[a-z]{2}", text.replace("700", "")):
                        yield text


def _written(node: ast.expr) -> str:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(str(each.value) if isinstance(each, ast.Constant) else "700" for each in node.values)
    return ""


@pytest.mark.parametrize("fact", sorted(set(facts())))
def test_every_fact_that_a_probe_writes_is_said_in_korean(fact: str) -> None:
    said = details.korean(fact)
    assert HANGUL.search(said) and "{" not in said


@pytest.mark.parametrize(
    ("fact", "said"),
    [
        ("port 9000 refuses connections", "9000 포트 연결 거부"),
        ("SSH of macmini: no answer", "macmini의 SSH: 응답 없음"),
        ("hangs up: port 6379 refuses connections", "연결을 끊음: 6379 포트 연결 거부"),
        ("tables users, agents are missing", "테이블 users, agents 없음"),
        ("/health answers 503: database", "/health 응답 503: database"),
        ("does not let backup in: wrong password", "backup의 접속을 허용하지 않음: wrong password"),
        ("index users_pkey: item order invariant violated", "index users_pkey: item order invariant violated"),
    ],
)  # fmt: skip
def test_what_others_say_in_their_own_words_stays_as_it_is(fact: str, said: str) -> None:
    assert details.korean(fact) == said
