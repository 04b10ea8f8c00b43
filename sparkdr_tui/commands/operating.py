"""Open a run and drive it to its end on the command line: the one room beside the cockpit's that starts the engine."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sparkdr_tui.commands.place import console, on_a_terminal, operator
from sparkdr_tui.errors import UsageError
from sparkdr_tui.language import _
from sparkdr_tui.text import one_line

if TYPE_CHECKING:
    from sparkdr_tui.plan.runbook import Plan
    from sparkdr_tui.recover.engine import Engine

YesOption = Annotated[
    bool,
    typer.Option("--yes", help=_("Ask nothing. A step that fails aborts the run, once what does not need it is over.")),
]
JsonLinesOption = Annotated[
    bool, typer.Option("--json", help=_("JSON lines: each record of the journal, then a summary. Needs --yes."))
]
InputsOption = Annotated[
    list[str] | None,
    typer.Option("--input", metavar="NAME=VALUE", help=_("A value of the runbook's inputs; may be repeated.")),
]


def pairs(given: list[str]) -> dict[str, str]:
    """The values of `--input`; raises `UsageError` for one that is no pair."""
    found = {}
    for each in given:
        name, equals, value = each.partition("=")
        if not equals or not name:
            raise UsageError(
                _("--input {text} says nothing.").format(text=one_line(each, 60)), _("Write --input NAME=VALUE.")
            )
        found[name] = value
    return found


def somebody_or_yes(yes: bool, as_json: bool) -> None:
    """Refuse to start where there is nobody to ask and nobody said not to."""
    if yes:
        return
    if as_json:
        raise UsageError(_("--json needs --yes: there is no one to ask between lines of JSON."))
    if not on_a_terminal():
        raise UsageError(
            _("There is no terminal to ask on; nothing was run."),
            _("Use a terminal, or --yes to run every step without asking."),
        )


def conduct(plan: Plan, state_folder: Path, opening: Callable[[Engine], Path], yes: bool, as_json: bool) -> int:
    """Open the run, follow it to its end; its exit status."""
    from sparkdr_tui.commands.asking import AtTerminal
    from sparkdr_tui.commands.driving import Unattended, drive
    from sparkdr_tui.commands.telling import JsonTeller, Teller
    from sparkdr_tui.recover.engine import Engine
    from sparkdr_tui.watch.lookout import Lookout

    out = console()
    lookout = Lookout(plan)
    lookout.start()
    try:
        with Engine(plan, state_folder, operator(), lookout) as engine:
            folder = opening(engine)
            if yes:
                teller = JsonTeller() if as_json else Teller(out, folder)
                return drive(engine, folder, operator(), teller, Unattended())
            hand = AtTerminal(plan, lookout, out)
            return drive(engine, folder, operator(), Teller(out, folder, hand.make_way), hand)
    finally:
        lookout.stop()
