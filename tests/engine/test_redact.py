"""No secret gets past the redactor, wherever the stream is cut."""

from __future__ import annotations

import base64
from urllib.parse import quote

from hypothesis import given
from hypothesis import strategies as st

from sparkdr_tui.recover.redact import MASK, Redactor

letters = st.text("abé/+% '\n", min_size=1, max_size=9)


def redacted(data: bytes, secrets: list[str], cuts: list[int]) -> bytes:
    redactor = Redactor(secrets)
    out, start = b"", 0
    for cut in sorted({min(cut, len(data)) for cut in cuts} | {len(data)}):
        out += redactor.feed(data[start:cut])
        start = cut
    return out + redactor.close()


@st.composite
def streams(draw: st.DrawFn) -> tuple[bytes, list[str]]:
    secrets = draw(st.lists(letters, max_size=4))
    forms = [form for s in secrets for form in (s, quote(s, safe=""), base64.b64encode(s.encode()).decode(), s[:-1])]
    parts = draw(st.lists(st.one_of(letters, st.sampled_from(forms or ["x"])), max_size=12))
    return "".join(parts).encode(), secrets


@given(streams(), st.lists(st.integers(0, 120), max_size=20))
def test_however_a_stream_is_cut_it_is_masked_like_the_whole_text(
    stream: tuple[bytes, list[str]], cuts: list[int]
) -> None:
    data, secrets = stream
    assert redacted(data, secrets, cuts).decode() == Redactor(secrets).mask(data.decode())


@given(streams())
def test_a_stream_byte_by_byte_is_masked_like_the_whole_text(stream: tuple[bytes, list[str]]) -> None:
    data, secrets = stream
    assert redacted(data, secrets, list(range(len(data)))).decode() == Redactor(secrets).mask(data.decode())


@given(streams())
def test_one_secret_is_replaced_as_a_simple_replacement_would(stream: tuple[bytes, list[str]]) -> None:
    data, _secrets = stream
    assert redacted(data, ["aabb-secret"], [3, 7]) == data.replace(b"aabb-secret", MASK.encode())


@given(streams())
def test_no_secret_long_enough_survives(stream: tuple[bytes, list[str]]) -> None:
    data, secrets = stream
    out = redacted(data, secrets, [5, 11, 29])
    assert not [secret for secret in secrets if len(secret.strip()) >= 4 and secret.encode() in out]


def test_its_forms_are_masked_too() -> None:
    secret = 'p@ss/wörd "x" it\'s'
    raw = secret.encode()
    forms = [
        secret,
        quote(secret),
        quote(secret, safe=""),
        base64.b64encode(raw).decode(),
        base64.urlsafe_b64encode(raw).decode(),
        'p@ss/w\\u00f6rd \\"x\\" it\'s',
        "'p@ss/wörd \"x\" it'\"'\"'s'",
    ]
    for form in forms:
        assert redacted(f"<{form}>".encode(), [secret], []).decode() == f"<{MASK}>", form


def test_a_password_inside_an_authorization_header_is_masked() -> None:
    for user in ("a", "ab", "abc"):
        header = base64.b64encode(f"{user}:correct horse battery:rest".encode())
        out = redacted(header, ["correct horse battery"], [7]).decode()
        assert MASK in out and base64.b64encode(b"correct horse")[4:12].decode() not in out


def test_a_secret_of_several_lines_is_masked_line_by_line() -> None:
    key = "-----BEGIN KEY-----\nMIIEpAIBAAKCAQEA\n-----END KEY-----\n"
    out = redacted(b"key: MIIEpAIBAAKCAQEA\r\n" + key.encode(), [key], []).decode()
    assert "MIIE" not in out


def test_short_secrets_are_left_alone_and_counted() -> None:
    redactor = Redactor(["abc", "", "long enough"])
    assert redactor.too_short == 1
    assert redactor.feed(b"abc ") == b"abc "


def test_nothing_is_held_back_but_the_beginning_of_a_secret() -> None:
    redactor = Redactor(["hunter2!"])
    assert redactor.feed(b"a line\nthe password is ") == b"a line\nthe password is "
    assert redactor.feed(b"hunt") == b""
    assert redactor.feed(b"ing") == b"hunting"
    assert Redactor([]).feed(b"anything") == b"anything"
