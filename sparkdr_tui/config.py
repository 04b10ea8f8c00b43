"""The config file: which keys, theme and language a person wants. Read, never written; what is wrong has its line."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sparkdr_tui.errors import UsageError
from sparkdr_tui.language import _

if TYPE_CHECKING:
    from sparkdr_tui.plan.model import Language

FIELDS = ("theme", "lang", "keys")


@dataclass(frozen=True, slots=True)
class Config:
    """What a person asks for; nothing where there is no file."""

    path: Path
    """The file, whether it is there or not."""
    theme: str | None = None
    """`theme`: the theme to begin with."""
    lang: Language | None = None
    """`lang`: `en` or `ko`; else the language of the environment."""
    keys: Mapping[str, str] = field(default_factory=dict)
    """`[keys]`: by the id of an action, the key (or, with commas, the keys) to press for it instead of its own."""
    lines: Mapping[str, int] = field(default_factory=dict)
    """By field, the line of the file that sets it."""

    def at(self, name: str) -> str:
        """Where a field is set, as `file:line`."""
        return f"{self.path}:{self.lines.get(name, 1)}"


def default_path() -> Path:
    """Where the config file is looked for when nobody names one."""
    from platformdirs import user_config_path

    return user_config_path("sparkdr-tui") / "config.toml"


def load(asked: Path | None) -> Config:
    """The config; raises `UsageError` with everything that is wrong with it, each with its line."""
    path = asked or default_path()
    try:
        text = path.read_bytes().decode()
    except (FileNotFoundError, NotADirectoryError):
        if asked is None:
            return Config(path)
        raise UsageError(_("There is no config file {path}.").format(path=path)) from None
    except OSError as problem:
        raise UsageError(f"{path}: {problem.strerror}") from None
    except UnicodeDecodeError as problem:
        number = problem.object.count(b"\n", 0, problem.start) + 1
        raise UsageError(_("{place}: this is not UTF-8.").format(place=f"{path}:{number}")) from None
    return _parsed(path, text)


def _parsed(path: Path, text: str) -> Config:
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as problem:
        said, _at, where = str(problem).partition(" (at ")
        number = found[0] if (found := re.findall(r"line (\d+)", where)) else text.count("\n") + 1
        raise UsageError(
            _("{place}: this is not TOML: {problem}").format(place=f"{path}:{number}", problem=said)
        ) from None
    bare = Config(path, lines=dict(_lines(text)))
    wrong = list(_problems(bare, document))
    if wrong:
        raise UsageError("\n".join(wrong))
    keys = dict(_flat(document.get("keys", {})))
    return Config(path, document.get("theme"), document.get("lang"), keys, bare.lines)


def _problems(bare: Config, document: Mapping[str, Any]) -> Iterator[str]:
    """What is not of the form that a config has."""
    for name, value in document.items():
        place = bare.at(name)
        if name not in FIELDS:
            known = ", ".join(FIELDS)
            yield _("{place}: “{name}” is no setting; there are {known}.").format(place=place, name=name, known=known)
        elif name == "lang" and value not in ("en", "ko"):
            yield _("{place}: “lang” is “en” or “ko”.").format(place=place)
        elif name == "theme" and not isinstance(value, str):
            yield _("{place}: “theme” is a name in quotes.").format(place=place)
        elif name == "keys" and not isinstance(value, dict):
            yield _('{place}: “keys” is a table: [keys], then lines such as "step.skip" = "f8".').format(place=place)
    keys = document.get("keys")
    for name, value in _flat(keys) if isinstance(keys, dict) else ():
        if not isinstance(value, str):
            place = bare.at(f"keys.{name}")
            yield _("{place}: the key for “{name}” is a text in quotes.").format(place=place, name=name)


def _flat(table: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, Any]]:
    """Ids have dots, which TOML reads as tables within tables where they are not in quotes."""
    for name, value in table.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{before}{name}.")
        else:
            yield f"{before}{name}", value


def _lines(text: str) -> Iterator[tuple[str, int]]:
    """By field, the line that sets it: enough of TOML to point at it."""
    table = ""
    for number, line in enumerate(text.splitlines(), 1):
        if header := re.match(r"\s*\[([^\[\]]+)\]", line):
            table = _name(header[1]) + "."
            yield table[:-1], number
        elif setting := re.match(r"\s*([^=#]+?)\s*=", line):
            yield table + _name(setting[1]), number


def _name(written: str) -> str:
    return re.sub(r"[\s\"']", "", written)
