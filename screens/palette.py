"""The command palette: every action that applies now, by name, made from the bindings; and the choice of a theme."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import TYPE_CHECKING, Any, cast

from textual.app import App
from textual.binding import Binding
from textual.command import CommandPalette, DiscoveryHit, Hit, Hits, Provider
from textual.content import Content
from textual.dom import DOMNode

from screens import keys
from screens.theme import THEMES
from sparkdr_tui.language import _

if TYPE_CHECKING:
    from screens.app import CockpitApp

_NOT_COMMANDS = ("app.commands", "app.interrupt")
_EVERYWHERE = ("app.language", "app.quit")
"""Offered even where letters are typed, and their keys are letters."""


class _Named(Provider):
    """Offers things by name, in the order in which they come."""

    def named(self) -> Iterable[tuple[str, Callable[[], Any]]]:
        """Names, and what each does."""
        raise NotImplementedError

    async def discover(self) -> Hits:
        """All of them."""
        for name, action in self.named():
            yield DiscoveryHit(Content(name), action, text=name)

    async def search(self, query: str) -> Hits:
        """Those whose name matches."""
        matcher = self.matcher(query)
        for name, action in self.named():
            score, places = matcher.fuzzy_search.match(matcher.query, name)
            if score > 0:
                shown = Content(name)  # the matcher would read the key in brackets as markup
                for at in places:
                    shown = shown.stylize(matcher.match_style, at, at + 1)
                yield Hit(score, shown, action, text=name)


class Commands(_Named):
    """Actions of the screen the palette was opened on: those that open screens first, then those on the run."""

    def named(self) -> Iterable[tuple[str, Callable[[], Any]]]:
        """Each with its key."""
        found: dict[str, tuple[Binding, DOMNode]] = {}
        for active in self.screen.active_bindings.values():
            if active.enabled and active.binding.id in keys.KEYS:
                found.setdefault(active.binding.action, (active.binding, active.node))
        for each in keys.bound(*_EVERYWHERE):
            assert isinstance(each, Binding)
            found.setdefault(each.action, (each, self.app))
        wanted = [each for each in found.values() if _is_command(each[0])]
        for binding, node in sorted(wanted, key=lambda each: _place(each[0])):
            name = f"{keys.tooltip(binding)}  [{self.app.get_key_display(binding)}]"
            yield name, partial(self.app.run_action, binding.action, node)
        yield _("Choose a theme"), cast("CockpitApp", self.app).action_theme


class Themes(_Named):
    """Our themes first, then Textual's."""

    def named(self) -> Iterable[tuple[str, Callable[[], Any]]]:
        """Each by its name; the one in use is marked."""
        app = cast("CockpitApp", self.app)
        ours = [theme.name for theme in THEMES]
        for name in [*ours, *sorted(name for name in app.available_themes if name not in ours)]:
            yield f"{name}  ●" if name == app.theme else name, partial(app.choose_theme, name)


def _is_command(binding: Binding) -> bool:
    return keys.group(binding) != keys.MOVING and binding.id not in _NOT_COMMANDS


def _place(binding: Binding) -> tuple[bool, int]:
    """Screens before everything else, then the order of the registry."""
    name = binding.id or ""
    return not name.startswith("screen."), list(keys.KEYS).index(name)


def palette_is_open(app: App[Any]) -> bool:
    """Whether it is open already."""
    return CommandPalette.is_open(app)


def palette() -> CommandPalette:
    """The palette, asking in the language in use."""
    return CommandPalette(id="--command-palette", placeholder=_("Which action?"))


def theme_palette() -> CommandPalette:
    """A palette of themes."""
    return CommandPalette(providers=[Themes], id="--theme-palette", placeholder=_("Which theme?"))
