"""How keys are called: what a person may write for a key, what a terminal sends for it, how it is shown."""

from __future__ import annotations

from textual.keys import KEY_NAME_REPLACEMENTS, Keys, _character_to_key, format_key, key_to_character

_MODIFIERS = ("ctrl", "alt", "shift", "super", "hyper", "meta")
_NAMES = frozenset(str(key.value) for key in Keys)
_LONG = {short: long for long, short in KEY_NAME_REPLACEMENTS.items()}
_SAME = {"ctrl+i": "tab", "ctrl+m": "enter", "ctrl+h": "backspace", "ctrl+[": "escape", "ctrl+j": "enter"}
"""What most terminals cannot tell apart."""


def name_of(written: str) -> str | None:
    """The name of a key that was written as a person would (`?`, `Ctrl+S`, `F5`); None where there is none."""
    if len(written) == 1:
        return _character_to_key(written)
    *modifiers, last = written.split("+")
    wanted = [each.lower() for each in modifiers]
    if not last or not set(wanted) <= set(_MODIFIERS) or len(set(wanted)) != len(wanted):
        return None
    base = _base(last, plain=not wanted)
    if base is None:
        return None
    name = "+".join([*(each for each in _MODIFIERS if each in wanted), base])
    known = name in _NAMES or base in _NAMES or "alt" in wanted or "ctrl" in wanted
    return name if known or not wanted else None


def _base(last: str, *, plain: bool) -> str | None:
    if len(last) == 1:
        return _character_to_key(last if plain else last.lower())
    lowered = last.lower()
    return lowered if lowered in _NAMES or _character(lowered) is not None else None


def _character(name: str) -> str | None:
    """What the key writes."""
    return key_to_character(_LONG.get(name, name))


def same_as(name: str) -> str | None:
    """The key that most terminals send for this one."""
    return _SAME.get(name)


def is_typed(name: str) -> bool:
    """Whether it writes a character where people type."""
    character = _character(name)
    return character is not None and character.isprintable()


def shown(name: str) -> str:
    """How it is shown: `^s`, `?`, `F5`."""
    *modifiers, last = name.split("+")
    said = format_key(last)
    if last[:1] == "f" and last[1:].isdigit():
        said = last.upper()
    if modifiers == ["ctrl"]:
        return f"^{said}"
    return "+".join([*modifiers, said])
