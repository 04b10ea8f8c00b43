"""Secrets masked in a stream of bytes before it reaches the disk. Knows values, not where they come from."""

from __future__ import annotations

import base64
import json
import shlex
from collections.abc import Iterable, Iterator
from re import compile as regex
from re import escape
from urllib.parse import quote, quote_plus

MASK = "••••"
SHORTEST = 4
"""Shorter secrets are left alone: masking every `a` hides the log, not the secret. `Redactor.too_short` counts them."""
_SHORTEST_PART = 8
"""Shortest line of a secret of several lines, and shortest piece of a base64 form, that is masked on its own."""
_MASK = MASK.encode()


class Redactor:
    """Masks secrets in a stream of bytes, also across the borders of its chunks.

    Masked are a secret itself, its lines, and how it looks quoted for a URL, a shell or JSON or in base64 (on its own
    or inside something longer, as in `user:password`). Nothing is held back but what may be the beginning of a secret,
    so use it before the stream is broken into lines.
    """

    def __init__(self, secrets: Iterable[str]) -> None:
        given = {secret.strip() for secret in secrets if secret.strip()}
        self.too_short = sum(len(secret) < SHORTEST for secret in given)
        forms = {form for secret in given if len(secret) >= SHORTEST for form in _forms(secret)}
        self._forms = tuple(sorted(forms, key=lambda form: (-len(form), form)))
        self._longest = max(map(len, forms), default=0)
        self._begins = {form[0] for form in forms}
        self._pattern = regex(b"|".join(map(escape, self._forms)) or rb"(?!)")
        self._held = b""

    def feed(self, chunk: bytes) -> bytes:
        """What can be said for certain of the stream so far."""
        data = self._held + chunk
        end = self._undecided(data, 0)
        if not any(form in data for form in self._forms):
            self._held = data[end:]
            return data[:end]
        out, at = [], 0
        for match in self._pattern.finditer(data):
            if match.start() >= end:
                break
            out += [data[at : match.start()], _MASK]
            at = match.end()
            end = self._undecided(data, at)
        self._held = data[end:]
        return b"".join([*out, data[at:end]])

    def close(self) -> bytes:
        """What was held; the stream is at its end."""
        rest, self._held = self._held, b""
        return self._pattern.sub(_MASK, rest)

    def mask(self, text: str) -> str:
        """A whole text with its secrets masked."""
        return self._pattern.sub(_MASK, text.encode(errors="replace")).decode(errors="replace")

    def _undecided(self, data: bytes, start: int) -> int:
        """The first place from `start` on where a secret, or a longer one, may have begun."""
        for at in range(max(start, len(data) - self._longest + 1), len(data)):
            if data[at] not in self._begins:
                continue
            tail = data[at:]
            if any(form.startswith(tail) and len(form) > len(tail) for form in self._forms):
                return at
        return len(data)


def _forms(secret: str) -> Iterator[bytes]:
    """Every form of a secret that is masked."""
    raw = secret.encode(errors="surrogateescape")
    whole = [raw, *(line.strip() for line in raw.splitlines() if len(line.strip()) >= _SHORTEST_PART)]
    quoted = {quote(raw), quote(raw, safe=""), quote_plus(raw)}
    lowered = {_lower_hex(text) for text in quoted}
    texts = (
        quoted | lowered | {shlex.quote(secret), json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1]}
    )
    yield from whole
    yield from (text.encode(errors="surrogateescape") for text in texts)
    yield base64.b64encode(raw)
    yield base64.urlsafe_b64encode(raw)
    yield from _inside_base64(raw)


def _lower_hex(text: str) -> str:
    head, *rest = text.split("%")
    return head + "".join(f"%{part[:2].lower()}{part[2:]}" for part in rest)


def _inside_base64(raw: bytes) -> Iterator[bytes]:
    """What is the same in the base64 of anything that contains `raw`, for its three possible places."""
    for before in range(3):
        first = -(-before * 8 // 6)
        last = (before + len(raw)) * 8 // 6
        for encode in (base64.b64encode, base64.urlsafe_b64encode):
            inner = encode(bytes(before) + raw)[first:last]
            if len(inner) >= _SHORTEST_PART:
                yield inner
