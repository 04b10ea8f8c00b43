"""The command palette: every action that applies now, by name, made from the bindings; and the choice of a theme."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, cast

from rich.cells import cell_len
from textual import events, on
from textual.app import App
from textual.binding import Binding
from textual.command import CommandList, CommandPalette, DiscoveryHit, Hit, Hits, Provider
from textual.content import Content
from textual.dom import DOMNode
from textual.widget import Widget
from textual.widgets import Input

from screens import keys, theme
from screens.base import keep_focus
from screens.painting import fit
from sparkdr_tui.language import _

if TYPE_CHECKING:
    from screens.app import CockpitApp

_NOT_COMMANDS = ("app.commands", "app.interrupt")
_EVERYWHERE = ("app.language", "app.quit")
"""Offered even where letters are typed, and their keys are letters."""


@dataclass(frozen=True, slots=True)
class Entry:
    """Something that can be chosen."""

    name: str
    does: Callable[[], Any]
    key: str = ""
    english: str = ""
    """Its name in English: who has no Korean keyboard at hand finds it too."""


class _Entries(Provider):
    """Offers entries in the order in which they come, their keys in a column."""

    def entries(self) -> Iterable[Entry]:
        """All of them."""
        raise NotImplementedError

    async def discover(self) -> Hits:
        """All of them."""
        entries = list(self.entries())
        for each in entries:
            yield DiscoveryHit(_drawn(each, entries), each.does, text=each.name)

    async def search(self, query: str) -> Hits:
        """Those whose name matches."""
        search = self.matcher(query).fuzzy_search.match
        entries = list(self.entries())
        nothing = True
        for each in entries:
            score, places = search(query, each.name)
            english = search(query, each.english)[0] if each.english else 0
            if max(score, english) > 0:
                nothing = False
                yield Hit(max(score, english), _drawn(each, entries, places), each.does, text=each.name)
        if nothing:
            yield Hit(0.01, Content(_("Nothing is called that.")), lambda: None, text=query)


def _drawn(entry: Entry, among: Sequence[Entry], places: Sequence[int] = ()) -> Content:
    """The key in its column, and the name; markup is read in neither."""
    wide = max(cell_len(each.key) for each in among)
    name = Content(entry.name)
    for at in places:
        name = name.stylize("bold underline", at, at + 1)
    key = Content.styled(fit(entry.key, wide, "right"), "bold $primary")
    return Content.assemble(key, "  ", name) if wide else name


class Commands(_Entries):
    """Actions of the screen the palette was opened on: those that open screens first, then those on the run."""

    def entries(self) -> Iterable[Entry]:
        """Each with its key."""
        found: dict[str, tuple[Binding, DOMNode]] = {}
        for active in self.screen.active_bindings.values():
            if active.enabled and active.binding.id in keys.KEYS:
                found[active.binding.id] = (active.binding, active.node)
        for each in keys.bound(*_EVERYWHERE):
            assert isinstance(each, Binding)
            found.setdefault(each.id or "", (each, self.app))
        actions: dict[str, Entry] = {}
        for binding, node in sorted(found.values(), key=lambda each: _place(each[0])):
            if _is_command(binding):
                does = partial(self.app.run_action, binding.action, node)
                entry = Entry(named(binding), does, self.app.get_key_display(binding), binding.tooltip or "")
                actions.setdefault(binding.action, entry)
        yield from actions.values()
        yield Entry(_("Choose a theme"), cast("CockpitApp", self.app).action_theme, english="Choose a theme")


class Themes(_Entries):
    """Our themes first, then Textual's."""

    def entries(self) -> Iterable[Entry]:
        """Each by its name; the one in use is marked."""
        app = cast("CockpitApp", self.app)
        for name in theme.names():
            yield Entry(name, partial(app.choose_theme, name), "●" if name == app.theme else "")


def named(binding: Binding) -> str:
    """What the palette says of a binding: a screen is gone to, everything else is a verb by itself."""
    if (binding.id or "").startswith("screen."):
        return _("Go to {screen}: {about}").format(screen=keys.label(binding), about=keys.tooltip(binding))
    return keys.tooltip(binding)


def _is_command(binding: Binding) -> bool:
    return keys.group(binding) != keys.MOVING and binding.id not in _NOT_COMMANDS


def _place(binding: Binding) -> tuple[bool, int]:
    """Screens before everything else, then the order of the registry."""
    name = binding.id or ""
    return not name.startswith("screen."), list(keys.KEYS).index(name)


def palette_is_open(app: App[Any]) -> bool:
    """Whether it is open already."""
    return CommandPalette.is_open(app)


class _Palette(CommandPalette):
    """Its cursor stands still."""

    _focus_kept: Widget | None = None

    def on_mount(self) -> None:
        """Nothing blinks."""
        self.query_one(Input).cursor_blink = False

    def _action_command_list(self, action: str) -> None:
        """Pages of a list are turned once it has lines: Textual's fails between its first options and its layout."""
        if self.query_one(CommandList).scrollable_content_region:
            super()._action_command_list(action)

    @on(events.Resize)
    def _resized(self, event: events.Resize) -> None:
        """Whoever made the terminal too small for a moment finds the focus where it was."""
        self._focus_kept = keep_focus(self, event.size, self._focus_kept)


def palette() -> CommandPalette:
    """The palette, asking in the language in use."""
    return _Palette(id="--command-palette", placeholder=_("Which action?"))


def theme_palette() -> CommandPalette:
    """A palette of themes."""
    return _Palette(providers=[Themes], id="--theme-palette", placeholder=_("Which theme?"))
