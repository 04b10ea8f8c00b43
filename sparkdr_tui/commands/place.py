"""Where a command works: on which plan, with which state folder, for whom; and how it prints. Runs nothing."""

from __future__ import annotations

import getpass
import json
import os
import socket
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sparkdr_tui import crash
from sparkdr_tui.language import _
from sparkdr_tui.text import one_line

if TYPE_CHECKING:
    from rich.console import Console

    from sparkdr_tui.plan.runbook import Plan

JsonOption = Annotated[bool, typer.Option("--json", help=_("One JSON document with stable keys."))]


@dataclass(frozen=True, slots=True)
class Place:
    """What the global options say."""

    plan: Path | None = None
    state: Path | None = None
    config: Path | None = None
    theme: str | None = None

    def load(self) -> Plan:
        """The plan; raises `UsageError` with everything that is wrong with it."""
        from sparkdr_tui.plan.load import builtin, load
        from sparkdr_tui.reach.credentials import known_secrets

        plan = load(self.plan or builtin())
        crash.prepare(self.state_folder(plan), lambda: known_secrets(plan))
        return plan

    def state_folder(self, plan: Plan) -> Path:
        """The folder of this plan's journals: as asked for, else as the plan says, else the platform's."""
        from sparkdr_tui.record.home import state_of

        return self.state.absolute() if self.state else state_of(plan)


def here(context: typer.Context) -> Place:
    """The place that the global options named."""
    place = context.obj
    assert isinstance(place, Place)
    return place


def operator() -> str:
    """Who acts: $SPARKDR_OPERATOR, else user@host."""
    if name := os.environ.get("SPARKDR_OPERATOR", "").strip():
        return one_line(name, 60)
    try:
        user = getpass.getuser()
    except (OSError, KeyError):  # a user id without a name
        user = str(os.getuid())
    return one_line(f"{user}@{socket.gethostname().split('.')[0]}", 60)


def on_a_terminal() -> bool:
    """Whether there is a person to ask."""
    return sys.stdin is not None and sys.stdin.isatty() and sys.stdout.isatty()


# -- printing ----------------------------------------------------------------------------------------


def console() -> Console:
    """A console that reads nothing in a text as markup, number or emoji; wide where nobody looks."""
    from rich.console import Console

    found = Console(markup=False, highlight=False, emoji=False)
    if not found.is_terminal and "COLUMNS" not in os.environ:
        found.width = 160
    return found


def say(line: str) -> None:
    """One line for the person, beside the output."""
    sys.stderr.write(line + "\n")
    sys.stderr.flush()


def write_json(document: Any) -> None:
    """One document, readable."""
    sys.stdout.write(json.dumps(document, ensure_ascii=False, indent=2) + "\n")


def write_json_line(document: Any) -> None:
    """One document on one line, out at once."""
    sys.stdout.write(json.dumps(document, ensure_ascii=False) + "\n")
    sys.stdout.flush()
