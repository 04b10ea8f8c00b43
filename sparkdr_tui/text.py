"""Text from outside made harmless, once, where it enters: no escapes, no control characters, no invalid UTF-8.

Knows nothing of what the text says; what it lets through is still text, never markup.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator

LONGEST_LINE = 4096
"""Characters of a line in a log; what is longer goes on in the next line."""
CONTINUED = "↵"
"""Ends a line that was broken because it was too long."""

_INVISIBLE = "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\U000e0000-\U000e007f"
"""Marks, embeddings, overrides and isolates of writing direction; byte order marks; tag characters."""
_PAYLOAD = r"[^\x00-\x1f\x7f-\x9f]{0,4096}"
_UNFINISHED = re.compile(
    r"(?:(?:\x1b\[|\x9b)[0-?]{0,64}[ -/]{0,8}"
    rf"|(?:\x1b[\]PX^_]|[\x90\x98\x9d-\x9f]){_PAYLOAD}\x1b?"
    r"|\x1b[ -/]{0,8})\Z"
)
_CONTROL = rf"\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f{_INVISIBLE}"
_ODD = re.compile(rf"[{_CONTROL}\u2028\u2029]")
_REMOVED = re.compile(
    # The class of all first characters comes first: `re` finds those fast, and alternatives of them slowly.
    rf"[{_CONTROL}](?:"
    r"(?:(?<=\x1b)\[|(?<=\x9b))[0-?]{0,64}[ -/]{0,8}[@-~]"  # CSI: colours, cursor
    rf"|(?:(?<=\x1b)[\]PX^_]|(?<=[\x90\x98\x9d-\x9f])){_PAYLOAD}(?:\x07|\x1b\\|\x9c)"  # OSC, DCS, SOS, PM, APC
    r"|(?<=\x1b)[ -/]{0,8}[0-~]"  # everything shorter, and beginnings of the above that never end
    r")?"
)
_TO_LINE_START = re.compile(r"[\x1b\x9b](?:(?<=\x1b)\[|(?<=\x9b))[01]?G")
_LINE_SEPARATOR = re.compile("[\u2028\u2029]")
_SURROGATE = re.compile("[\ud800-\udfff]")
_ENOUGH = 4 * LONGEST_LINE


def sanitize(text: str) -> str:
    """The text without escape sequences and control characters; `\\n` and `\\t` stay, `\\r` becomes `\\n`."""
    if text.isascii() and text.isprintable():
        return text
    text = _without_escapes(_SURROGATE.sub("\ufffd", text))
    return text.replace("\r\n", "\n").replace("\r", "\n")


def one_line(text: str, limit: int = 200) -> str:
    """The text, sanitised, as one line of at most `limit` characters."""
    line = " ".join(sanitize(text).split())
    return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"


class Sanitizer:
    """Sanitises a stream of bytes into whole lines of UTF-8, however it is cut into chunks.

    Of a line that is drawn over again and again (`\\r`, progress bars) the last state is kept, so a line comes out
    once it has ended.
    """

    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._held = ""

    @property
    def current(self) -> str:
        """The line that has not ended yet, as it looks now: a prompt, a progress bar."""
        return _last_state(_without_escapes(_UNFINISHED.sub("", self._held)))

    def feed(self, chunk: bytes) -> bytes:
        """The lines that `chunk` completes."""
        text = self._held + self._decoder.decode(chunk)
        end = text.rfind("\n") + 1
        lines, self._held = text[:end], text[end:]
        out = _clean_lines(lines) if lines else ""
        if len(self._held) > _ENOUGH:
            out += self._relieve()
        return out.encode()

    def close(self) -> bytes:
        """What was held, as a whole line; the stream is at its end."""
        rest = self._held + self._decoder.decode(b"", final=True)
        self._held = ""
        return _clean_lines(rest + "\n").encode() if rest else b""

    def _relieve(self) -> str:
        """Let go of the full pieces of a very long line; keep what may still be drawn over or is half an escape."""
        unfinished = _UNFINISHED.search(self._held)
        cut = unfinished.start() if unfinished else len(self._held)
        line = _without_escapes(self._held[:cut])
        shown = line.rstrip("\r")
        *pieces, rest = _pieces(shown)
        self._held = rest + ("\r" if len(line) > len(shown) else "") + self._held[cut:]
        return "".join(pieces)


def _without_escapes(text: str) -> str:
    if not _ODD.search(text):
        return text
    return _REMOVED.sub("", _TO_LINE_START.sub("\r", _LINE_SEPARATOR.sub(" ", text)))


def _clean_lines(text: str) -> str:
    """`text` is whole lines, the last one with its end."""
    text = _without_escapes(text)
    if "\r" in text:
        text = text.replace("\r\n", "\n")
    if "\r" in text or _has_long_line(text):
        return "".join(piece for line in text.split("\n")[:-1] for piece in (*_pieces(line.rstrip("\r")), "\n"))
    return text


def _has_long_line(text: str) -> bool:
    start, end = 0, len(text)
    while end - start > LONGEST_LINE:
        found = text.rfind("\n", start, start + LONGEST_LINE + 1)
        if found < 0:
            return True
        start = found + 1
    return False


def _pieces(line: str) -> Iterator[str]:
    """Full pieces of a long line, each as a line of its own, and last the rest, without an end."""
    rest = ""
    for drawn in line.split("\r"):
        rest = drawn
        while len(rest) > LONGEST_LINE:
            yield f"{rest[:LONGEST_LINE]}{CONTINUED}\n"
            rest = rest[LONGEST_LINE:]
    yield rest


def _last_state(line: str) -> str:
    return line.rstrip("\r").rpartition("\r")[2]
