"""`drill start`: a drill, held. A lab is broken first; on the plan's own nodes somebody has to type the plan's name."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from sparkdr_tui.commands.operating import InputsOption, JsonLinesOption, YesOption, conduct, pairs, somebody_or_yes
from sparkdr_tui.commands.place import Place, here, say
from sparkdr_tui.errors import UsageError
from sparkdr_tui.language import _, current

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sparkdr_tui.plan.drills import Drill
    from sparkdr_tui.plan.runbook import Plan

ABORTED = 4


def register(group: typer.Typer) -> None:
    """Add the command of this room."""
    group.command("start", help=_("Hold a drill: its runbook, with its lists before and after."))(start)


def start(
    context: typer.Context,
    drill: Annotated[str, typer.Argument(metavar="DRILL", help=_("Its id; “drill list” shows them."))],
    yes: YesOption = False,
    confirm: Annotated[
        str | None,
        typer.Option("--confirm", metavar="NAME", help=_("The plan's name: yes, on the plan's own nodes.")),
    ] = None,
    inputs: InputsOption = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help=_("Check everything the run needs, and change nothing."))
    ] = False,
    as_json: JsonLinesOption = False,
) -> None:
    """Open a run in mode drill and drive it to its end."""
    from sparkdr_tui.record.drills import drill_request, known_drill

    place = here(context)
    plan = place.load()
    found = known_drill(plan, drill)
    request = drill_request(plan, drill, "none" if yes else "each", pairs(inputs or []))
    state_folder = place.state_folder(plan)
    if dry_run:
        from sparkdr_tui.commands.rehearsing import rehearse_run

        raise typer.Exit(rehearse_run(plan, state_folder, request, as_json))
    somebody_or_yes(yes, as_json)
    if plan.lab:
        _say_what_breaks(plan, found)
    elif not _wanted(place, plan, drill, confirm, asking=not yes):
        raise typer.Exit(ABORTED)
    raise typer.Exit(conduct(plan, state_folder, lambda engine: engine.open(request), yes, as_json))


# -- in a lab ----------------------------------------------------------------------------------------


def _say_what_breaks(plan: Plan, drill: Drill) -> None:
    from sparkdr_tui.lab.faults import FAULTS
    from sparkdr_tui.plan.drilling import breaks

    for name in breaks(plan, drill):
        title = FAULTS[name].title.within(current()) if name in FAULTS else name
        say(_("After the list before, the lab is broken: {title} ({fault}).").format(title=title, fault=name))


# -- on the plan's own nodes -------------------------------------------------------------------------


def _wanted(place: Place, plan: Plan, drill_id: str, confirm: str | None, *, asking: bool) -> bool:
    """Whether the plan's own nodes are meant; raises `UsageError` where nobody can be asked and nobody said so."""
    if confirm is not None and confirm != plan.name:
        raise UsageError(
            _("--confirm does not repeat the plan's name, {name}; nothing was run.").format(name=plan.name)
        )
    for line in _warning(place, plan, drill_id):
        say(line)
    if confirm is not None:
        return True
    if not asking:
        raise UsageError(
            _("This would hold the drill on the plan's own nodes; nothing was run."),
            _('Repeat the plan\'s name to want that: --confirm "{name}"').format(name=plan.name),
        )
    say(_("Type “{phrase}” to go on:").format(phrase=plan.name))
    if sys.stdin.readline().strip() == plan.name:
        return True
    say(_("That is not the plan's name; nothing was run."))
    return False


def _warning(place: Place, plan: Plan, drill_id: str) -> Iterator[str]:
    """What the drill does to real nodes, and where it does no harm."""
    from sparkdr_tui.report.drill_terms import at_stake, terms

    yield from terms(plan, drill_id)
    if at_stake(plan, drill_id):
        yield "  sparkdr-tui lab start --dir LAB"
        yield f"  sparkdr-tui --plan LAB/plan --state {place.state_folder(plan)} drill start {drill_id}"
