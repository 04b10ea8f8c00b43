"""`backup schedule`: print, install and remove the jobs that a plan schedules on its nodes."""

from __future__ import annotations

import sys
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sparkdr_tui.commands.place import JsonOption, Place, console, here, write_json
from sparkdr_tui.errors import UsageError
from sparkdr_tui.language import _, current

if TYPE_CHECKING:
    from sparkdr_tui.backups.schedule.installed import Found, Kind, Survey, Wishes
    from sparkdr_tui.plan.runbook import Plan
    from sparkdr_tui.reach.pool import Reach


def register(app: typer.Typer) -> None:
    """Add the command of this room to the group `backup`."""
    app.command("schedule", help=_("Print the jobs that make backups by themselves; install or remove them."))(schedule)


@dataclass(frozen=True, slots=True)
class Told:
    """A node's schedule, to be told; `done`: what was just done about it."""

    node: str
    found: Found
    kind: Kind | None
    seen: Survey | None
    done: str = ""


def schedule(
    context: typer.Context,
    install: Annotated[bool, typer.Option("--install", help=_("Write them down on the node that runs them."))] = False,
    remove: Annotated[bool, typer.Option("--remove", help=_("Take them away again."))] = False,
    cron: Annotated[bool, typer.Option("--cron", help=_("As crontab lines, also on a Mac."))] = False,
    launchd: Annotated[bool, typer.Option("--launchd", help=_("As property lists of launchd."))] = False,
    program: Annotated[
        str | None, typer.Option("--program", metavar="PATH", help=_("Where sparkdr-tui is on the node."))
    ] = None,
    plan_there: Annotated[
        str | None, typer.Option("--plan-there", metavar="DIR", help=_("Where the plan is on the node."))
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Say what would be installed, exactly, and whether it is; with --install or --remove, do it."""
    if install and remove:
        raise UsageError(_("--install and --remove are opposites."))
    if cron and launchd:
        raise UsageError(_("--cron and --launchd would run every job twice: choose one."))
    for path in (program, plan_there):
        if path is not None and not path.startswith("/"):
            raise UsageError(_("{path} is no absolute path: a job has no folder to start from.").format(path=path))
    place = here(context)
    plan = place.load()
    if not plan.schedules:
        raise UsageError(_("The plan schedules nothing."), _("Write `schedules:` into plan.yaml."))
    from sparkdr_tui.backups.schedule.jobs import nodes

    asked = _Asked("cron" if cron else "launchd" if launchd else None, program, plan_there)
    act = _install if install else _remove if remove else _look
    told = _each(plan, lambda node, reach: act(plan, place, node, reach, asked), nodes(plan))
    if as_json:
        write_json({"plan": plan.name, "nodes": [document(plan, each) for each in told]})
        return
    for each in told:
        _print(plan, each)


@dataclass(frozen=True, slots=True)
class _Asked:
    kind: Kind | None
    program: str | None
    plan: str | None


def _each(plan: Plan, act: Callable[[str, Reach], Awaitable[Told]], nodes: tuple[str, ...]) -> list[Told]:
    import asyncio

    from sparkdr_tui.reach.pool import Reach

    async def all_of_them() -> list[Told]:
        reach = Reach(plan)
        try:
            return [await act(node, reach) for node in nodes]
        finally:
            await reach.close()

    return asyncio.run(all_of_them())


# -- what is done --------------------------------------------------------------------------------------


async def _look(plan: Plan, place: Place, node: str, reach: Reach, asked: _Asked) -> Told:
    from sparkdr_tui.backups.schedule.installed import kind_of, survey

    seen = await survey(plan, node, await reach.shell(node), _wishes(plan, place, node, asked))
    return Told(node, seen.found, asked.kind or kind_of(plan.nodes[node], plan.name, seen.found), seen)


async def _install(plan: Plan, place: Place, node: str, reach: Reach, asked: _Asked) -> Told:
    from dataclasses import replace

    from sparkdr_tui.recover.scheduling import install

    told = await _look(plan, place, node, reach, asked)
    assert told.seen is not None and told.kind is not None  # looking brings both
    change = await install(plan, await reach.shell(node), told.seen, told.kind)
    done = _("Installed.") if change.changed else _("It was installed already; nothing was changed.")
    return replace(told, seen=replace(told.seen, found=change.found), found=change.found, done=done)


async def _remove(plan: Plan, place: Place, node: str, reach: Reach, asked: _Asked) -> Told:
    from sparkdr_tui.recover.scheduling import remove

    if asked != _Asked(None, None, None):
        raise UsageError(_("--remove takes everything away, whatever it was installed with."))
    change = await remove(plan, await reach.shell(node), node)
    done = _("Removed.") if change.changed else _("Nothing was installed; nothing was changed.")
    return Told(node, change.found, None, None, done)


def _wishes(plan: Plan, place: Place, node: str, asked: _Asked) -> Wishes:
    """What the command line says, and this program itself where this machine is the node."""
    from sparkdr_tui.backups.schedule.installed import Wishes
    from sparkdr_tui.reach.pool import is_here

    if not (is_here(plan.nodes[node]) or plan.lab):  # the nodes of a lab are this machine too
        return Wishes(asked.program, asked.plan)
    state = str(place.state.absolute()) if place.state else None
    return Wishes(asked.program, asked.plan, state, str(Path(sys.executable).with_name("sparkdr-tui")))


# -- as people read it ---------------------------------------------------------------------------------


def _print(plan: Plan, told: Told) -> None:
    from rich import box
    from rich.table import Table

    from sparkdr_tui.backups.schedule.jobs import when

    out = console()
    title = plan.nodes[told.node].title.within(current())
    if told.seen is None or told.kind is None:
        out.print(f"{title}: {told.done}")
        return
    out.print(f"{title} ({told.node}) · {told.kind}", style="bold")
    table = Table(_("job"), _("when"), _("runbook"), _("state"), box=box.SIMPLE, pad_edge=False)
    for name, standing in told.seen.standing(plan.name, told.kind).items():
        it = plan.schedules.get(name)
        table.add_row(name, when(it) if it else "—", it.runbook if it else "—", _state(standing.value, it is not None))
    out.print(table)
    if not told.done:
        out.print(_("With --install this is written there:"))
    for path, text in _texts(plan, told.seen, told.kind):
        out.print(f"\n{path}", style="bright_black", soft_wrap=True)
        out.file.write(text)  # to the last character: rich would make spaces of tabs
    out.print()
    for note in _notes(plan, told):
        out.print(f"▲ {note}", style="yellow", soft_wrap=True)
    for line in _always():
        out.print(f"  {line}", style="bright_black", soft_wrap=True)
    if told.done:
        out.print(told.done, style="green")


def _state(standing: str, wanted: bool) -> str:
    words = {
        "current": _("installed, up to date"),
        "missing": _("not installed"),
        "differs": _("installed, and not as it should be"),
        "unloaded": _("written, and not loaded by launchd"),
    }
    return words[standing] if wanted else _("installed, and no longer in the plan")


def _texts(plan: Plan, seen: Survey, kind: Kind) -> Iterator[tuple[str, str]]:
    """Each thing that is written on the node: where, and its text to the last character."""
    from sparkdr_tui.backups.schedule import crontab, launchd

    if kind == "cron":
        yield "crontab -l", crontab.block(plan.name, seen.jobs).decode()
        return
    for job in seen.jobs:
        path = f"{seen.found.home}/{launchd.FOLDER}/{launchd.label(plan.name, job.name)}.plist"
        yield path, launchd.property_list(plan.name, job).decode()


def _notes(plan: Plan, told: Told) -> Iterator[str]:
    """What would keep the jobs from doing their work."""
    from sparkdr_tui.backups.schedule.jobs import unseen_secrets
    from sparkdr_tui.reach.pool import known_as

    node = plan.nodes[told.node]
    if names := unseen_secrets(plan, told.node):
        yield _(
            "The jobs will not find {names}: the plan takes them from the environment (env:), and cron and launchd "
            "read no shell profile. Keep them in files (file: PATH) that only the node's user can read."
        ).format(names=", ".join(names))
    if not plan.lab and not known_as(node, told.found.host):
        yield _(
            "On {host} the jobs would reach {node} through SSH: name that host under `hostnames:` of the node, and "
            "its scripts run there directly."
        ).format(host=told.found.host, node=told.node)
    if node.os == "macos":
        yield _(
            "macOS keeps external drives from cron and launchd: give {who} Full Disk Access (System Settings, "
            "Privacy & Security). The first act of every backup is a write on the drive that is read back."
        ).format(who="/usr/sbin/cron" if told.kind == "cron" else _("the program above and its Python"))
        if told.kind == "cron":
            yield _("cron leaves out what was due while the Mac slept; launchd catches up (--launchd).")


def _always() -> Iterator[str]:
    yield _("One job at a time: a job that finds another one or an operator at work waits, and says so in its log.")
    yield _("While a recovery is unfinished no job runs: its backup could be one of the damage.")
    yield _(
        "A recovery that is driven from another machine is not seen: take the jobs away (--remove) until it is over."
    )
    yield _("cron and launchd read no shell profile: secrets of `file:` are found, those of `env:` are not.")


# -- as programs read it -------------------------------------------------------------------------------


def document(plan: Plan, told: Told) -> dict[str, Any]:
    """One node, with stable keys."""
    from sparkdr_tui.backups.schedule.jobs import unseen_secrets

    document: dict[str, Any] = {"node": told.node, "with": told.kind, "done": told.done or None}
    if told.seen is None or told.kind is None:
        return document | {"installed": False, "current": False, "jobs": {}, "texts": []}
    standing = told.seen.standing(plan.name, told.kind)
    jobs = {job.name: job for job in told.seen.jobs}
    return document | {
        "installed": any(each.value != "missing" for each in standing.values()),
        "current": all(each.value == "current" for each in standing.values()),
        "jobs": {
            name: {
                "state": each.value,
                "runbook": jobs[name].schedule.runbook if name in jobs else None,
                "command": list(jobs[name].words) if name in jobs else None,
                "log": jobs[name].log if name in jobs else None,
            }
            for name, each in standing.items()
        },
        "texts": [{"where": path, "text": text} for path, text in _texts(plan, told.seen, told.kind)],
        "unseen_secrets": list(unseen_secrets(plan, told.node)),
    }
