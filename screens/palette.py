"""The command palette: every action that applies now, by name, made from the bindings."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from textual.app import App
from textual.binding import ActiveBinding
from textual.command import CommandPalette, DiscoveryHit, Hit, Hits, Provider
from textual.content import Content

from screens import keys
from sparkdr_tui.language import _

_NOT_COMMANDS = (keys.MOVING,)


class Commands(Provider):
    """Actions of the screen the palette was opened on."""

    async def discover(self) -> Hits:
        """All of them."""
        for name, action in self._actions():
            yield DiscoveryHit(Content(name), action, text=name)

    async def search(self, query: str) -> Hits:
        """Those whose name matches."""
        matcher = self.matcher(query)
        for name, action in self._actions():
            if (score := matcher.match(name)) > 0:
                yield Hit(score, matcher.highlight(name), action, text=name)

    def _actions(self) -> list[tuple[str, Callable[[], Any]]]:
        found: dict[str, tuple[str, Callable[[], Any]]] = {}
        for active in self.screen.active_bindings.values():
            binding = active.binding
            wanted = binding.id in keys.KEYS and keys.group(binding) not in _NOT_COMMANDS
            if active.enabled and wanted and binding.action not in ("command_palette", "interrupt"):
                name = f"{keys.tooltip(binding)}  [{self.app.get_key_display(binding)}]"
                found.setdefault(binding.action, (name, partial(self._do, active)))
        return [*found.values(), (_("Theme …"), self.app.search_themes)]

    async def _do(self, active: ActiveBinding) -> None:
        await self.app.run_action(active.binding.action, active.node)


def palette_is_open(app: App[Any]) -> bool:
    """Whether it is open already."""
    return CommandPalette.is_open(app)


def palette() -> CommandPalette:
    """The palette, asking in the language in use."""
    return CommandPalette(id="--command-palette", placeholder=_("Which action?"))
