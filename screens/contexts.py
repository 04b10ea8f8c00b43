"""Which keys can meet: those of a screen or dialog, of the panes that its rooms know, and of the app."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping

from textual.app import App
from textual.binding import Binding
from textual.screen import Screen
from textual.widget import Widget

from screens import keys
from screens.base import BaseScreen
from screens.dialogs.base import Dialog


def contexts() -> dict[str, frozenset[str]]:
    """By the name of each screen's class, the ids that are bound where it is shown."""
    import screens.app  # with it comes every screen

    app = declared(screens.app.CockpitApp)
    found: dict[str, frozenset[str]] = {}
    for kind in sorted((*_below(BaseScreen), *_below(Dialog)), key=lambda each: each.__name__):
        panes = {name for pane in _panes(kind) for name in declared(pane)}
        if issubclass(kind, Dialog):
            reach = {name for name in app if keys.KEYS[name].priority}  # a dialog is deaf to the app's other keys
        else:
            reach = set(app)
            panes = {name for name in panes if not name.startswith("dialog.")}
        found[kind.__name__] = frozenset({*declared(kind), *panes, *reach})
    return found


def declared(kind: type) -> dict[str, Binding]:
    """The bindings of the registry that a class and its bases declare, by id."""
    classes = [cls.__dict__.get("BINDINGS", ()) for cls in kind.__mro__ if cls is not App]
    bindings = [each for binding in classes for each in binding if isinstance(each, Binding)]
    return {each.id: each for each in bindings if each.id in keys.KEYS}


def shares(one: str, other: str) -> bool:
    """Whether two ids are made to share a key: the focus, or what may be decided, says which of them is meant."""
    return bool(set(keys.KEYS[one].key.split(",")) & set(keys.KEYS[other].key.split(",")))


def clashes(pressed: Mapping[str, tuple[str, ...]]) -> Iterator[tuple[str, str, str]]:
    """Keys that mean two things where one screen is shown: the key, and both ids, in the order of the registry."""
    order = list(keys.KEYS)
    seen: set[tuple[str, str, str]] = set()
    for ids in contexts().values():
        taken: dict[str, list[str]] = {}
        for name in sorted(ids, key=order.index):
            for key in pressed[name]:
                for other in taken.get(key, ()):
                    if not shares(name, other) and (key, other, name) not in seen:
                        seen.add((key, other, name))
                        yield key, other, name
                taken.setdefault(key, []).append(name)


def _below(kind: type) -> set[type]:
    found: set[type] = set()
    direct: list[type] = kind.__subclasses__()
    for each in direct:
        found |= {each, *_below(each)}
    return found


def _panes(kind: type) -> set[type[Widget]]:
    """The widgets that the room of a screen knows, and those that their rooms know."""
    rooms = [cls.__module__ for cls in kind.__mro__ if cls.__module__.startswith("screens.")]
    seen: set[str] = set()
    found: set[type[Widget]] = set()
    while rooms:
        room = rooms.pop()
        if room in seen:
            continue
        seen.add(room)
        for each in vars(sys.modules[room]).values():
            ours = isinstance(each, type) and each.__module__.startswith("screens.")
            if ours and issubclass(each, Widget) and not issubclass(each, Screen):
                found.add(each)
                rooms.append(each.__module__)
    return found
