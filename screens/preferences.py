"""What a person's config file asks of the face: keys and theme. All of it is taken, or nothing and it is said why."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from difflib import get_close_matches

from screens import contexts, keynames, keys, theme
from sparkdr_tui.config import Config
from sparkdr_tui.errors import UsageError
from sparkdr_tui.language import _


def prefer(config: Config, asked: str | None = None) -> None:
    """Take the keys and the theme of the config from here on; `asked` is a theme named on the command line.

    Raises `UsageError` with everything that is wrong, each with its line.
    """
    names = {name: tuple(map(_named, written.split(","))) for name, written in config.keys.items()}
    wrong = [*_wrong_keys(config), *_wrong_theme(config, asked)]
    if not wrong:
        wrong = [*_clashes(config, names)]
    if wrong:
        raise UsageError("\n".join(wrong), _("“sparkdr-tui keys” lists the ids and their keys.") if config.keys else "")
    keys.use({name: ",".join(each) for name, each in names.items()})
    theme.use(asked or config.theme)


def _named(written: str) -> str:
    return keynames.name_of(written.strip()) or written


def _wrong_keys(config: Config) -> Iterator[str]:
    for name, written in config.keys.items():
        place = config.at(f"keys.{name}")
        if name not in keys.KEYS:
            near = get_close_matches(name, keys.KEYS, 1)
            meant = " " + _("Did you mean “{name}”?").format(name=near[0]) if near else ""
            yield _("{place}: there is no “{name}”.").format(place=place, name=name) + meant
            continue
        for key in written.split(","):
            if problem := _wrong_key(name, key.strip()):
                yield f"{place}: {problem}"


def _wrong_key(name: str, written: str) -> str:
    """Why a key will not do for an id."""
    known = keynames.name_of(written)
    if known is None:
        return _("no key is called “{key}”; write x, X, ?, f5, ctrl+s, space, pagedown …").format(key=written)
    if same := keynames.same_as(known):
        return _("most terminals cannot tell {key} from {same}; choose another key.").format(key=written, same=same)
    if _among_letters(name) and keynames.is_typed(known):
        said = _("“{key}” is typed as a letter where “{name}” is needed; take a key such as f5 or ctrl+s.")
        return said.format(key=written, name=name)
    return ""


def _among_letters(name: str) -> bool:
    """Whether it is pressed where people type, too."""
    key = keys.KEYS[name]
    typing = name.startswith(("dialog.", "search.", "pane.next", "pane.previous"))
    return key.priority or (typing and not any(map(keynames.is_typed, key.key.split(","))))


def _clashes(config: Config, own: Mapping[str, tuple[str, ...]]) -> Iterator[str]:
    pressed = {name: own.get(name, tuple(key.key.split(","))) for name, key in keys.KEYS.items()}
    for key, one, other in contexts.clashes(pressed):
        name, taken = (one, other) if one in own else (other, one)
        said = _("{place}: {key} is taken: “{name}” ({does}). Choose another key, or change that one too.")
        does = _(keys.KEYS[taken].tooltip)
        yield said.format(place=config.at(f"keys.{name}"), key=keynames.shown(key), name=taken, does=does)


def _wrong_theme(config: Config, asked: str | None) -> Iterator[str]:
    for name, place in ((asked, "--theme"), (config.theme, config.at("theme"))):
        if name is not None and name not in theme.names():
            near = get_close_matches(name, theme.names(), 1) or theme.names()[:1]
            says = _("{place}: there is no theme “{name}”. Did you mean “{near}”?")
            yield says.format(place=place, name=name, near=near[0])
