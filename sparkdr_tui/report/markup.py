"""HTML in which a text can only be a text: what is no `Html` yet is escaped wherever it is put."""

from __future__ import annotations

from html import escape

from sparkdr_tui.text import sanitize

_VOID = frozenset({"meta", "br"})


class Html(str):
    """A piece of HTML, made by this room alone."""

    __slots__ = ()


Child = str | Html | None


def tag(name: str, /, *children: Child, **attributes: str | float | None) -> Html:
    """An element. In names of attributes an underscore is a hyphen; one at the end keeps it from being a keyword."""
    said = "".join(_attribute(key, value) for key, value in attributes.items() if value is not None)
    if name in _VOID:
        return Html(f"<{name}{said}>")
    return Html(f"<{name}{said}>{together(*children)}</{name}>")


def together(*children: Child) -> Html:
    """Pieces, one after the other."""
    return Html("".join(text(child) for child in children if child is not None))


def text(said: str) -> Html:
    """A text, escaped; what is HTML already stays what it is."""
    return said if isinstance(said, Html) else Html(escape(sanitize(said)))


def _attribute(key: str, value: str | float) -> str:
    said = escape(sanitize(value)) if isinstance(value, str) else f"{value:.2f}".rstrip("0").rstrip(".")
    return f' {key.rstrip("_").replace("_", "-")}="{said}"'
