"""The keys as a table: for the command line, for the README, for whoever writes a config file."""

from __future__ import annotations

from typing import Any

from rich import box
from rich.table import Table

from screens import contexts, keys
from sparkdr_tui.language import _


def document() -> dict[str, Any]:
    """As programs read it."""
    where = contexts.contexts()
    return {
        "keys": [
            {
                "id": name,
                "keys": list(keys.pressed(name)),
                "default": key.key.split(","),
                "shown": keys.shown(name),
                "does": _(key.tooltip),
                "group": _(key.group),
                "screens": [screen for screen, ids in where.items() if name in ids],
            }
            for name, key in keys.KEYS.items()
        ]
    }


def table() -> Table:
    """For a terminal."""
    found = Table(_("key"), _("does"), _("id"), box=box.SIMPLE)
    for group in keys.GROUPS:
        found.add_section()
        for name in _of(group):
            found.add_row(keys.shown(name), _(keys.KEYS[name].tooltip), name)
    return found


def markdown() -> str:
    """For the README: a table for each group, dialogs left out, since they show their keys themselves."""
    parts = []
    for group in keys.GROUPS:
        rows = [name for name in _of(group) if not name.startswith(("dialog.", "search.", "resume."))]
        lines = [f"| `{_cell(keys.shown(name))}` | {_cell(_(keys.KEYS[name].tooltip))} | `{name}` |" for name in rows]
        head = _("| Key | {group} | Id |").format(group=_(group))
        parts.append("\n".join([head, "| --- | --- | --- |", *lines]))
    return "\n\n".join(parts)


def _of(group: str) -> list[str]:
    return [name for name, key in keys.KEYS.items() if key.group == group]


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
